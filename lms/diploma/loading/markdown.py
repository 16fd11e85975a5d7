"""Markdown of the content files as the rich text that the CMS stores."""

import re
from collections.abc import Mapping

import nh3
from markdown_it import MarkdownIt

# A link to a term that does not exist is printed as its words.
TERM_LINK = re.compile(r"\[([^\]]+)\]\(term:([a-z0-9-]+)\)")
TAGS_OF_THE_CMS = {"em": "i", "strong": "b"}
ALLOWED_TAGS = {"p", "h3", "b", "i", "ul", "ol", "li", "a", "br"}
_parser = MarkdownIt("commonmark", {"html": False})


def rich_text(source: str, terms: Mapping[str, int]) -> str:
    """Wagtail's database format. `terms`: slug → id of the term's page."""
    known = TERM_LINK.sub(lambda m: m[0] if m[2] in terms else m[1], source.strip())
    tokens = _parser.parse(known)
    for token in [inner for outer in tokens for inner in (outer, *(outer.children or ()))]:
        token.tag = TAGS_OF_THE_CMS.get(token.tag, token.tag)
        href = str(token.attrs.get("href", ""))
        if href.startswith("term:"):
            page_id = terms[href.removeprefix("term:")]
            token.attrs = {"linktype": "page", "id": str(page_id)}
    html = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=ALLOWED_TAGS,
        attributes={"a": {"href", "linktype", "id"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    ).strip()
