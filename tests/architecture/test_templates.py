"""Templates: no inline code (the content policy forbids it), every word translated."""

import re
from collections.abc import Callable
from pathlib import Path

from django.template.loader import get_template

from tests.architecture.repository import files, named

# style.html shows the pieces of the look to developers, in development only;
# paper_fonts.html is a part of a style sheet.
TEMPLATES = [
    path
    for path in files(".html", under="templates")
    if path.name not in {"style.html", "paper_fonts.html"}
]
# Mails and paper have no content policy, and carry their own style.
PAGES = [
    path for path in TEMPLATES if "email" not in path.parts and not path.name.endswith("_pdf.html")
]

# A comment in {# #} ends on its line: over several, its words stand on the page.
COMMENTS = re.compile(r"{#[^\n]*?#}|{%\s*comment.*?endcomment\s*%}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"{%\s*blocktrans\w*.*?endblocktrans\w*\s*%}", re.DOTALL)
NO_WORDS = re.compile(
    r"<(style|script|code|path|symbol)\b.*?</\1>"
    r"|{%\s*block (?:main|body)_class\s*%}.*?{%\s*endblock.*?%}",
    re.DOTALL,
)
SPOKEN_ATTRIBUTES = re.compile(
    r"\s(?:alt|aria-label|aria-description|title|placeholder|data-confirm)=\"([^\"]*)\""
)
HANDED_OVER = re.compile(r"\b(?:title|text|lead|label|eyebrow|action)=\"([^\"]*)\"")
TAGS = re.compile(r"{%.*?%}|{{.*?}}|<[^>]*>|&\w+;|&#\d+;", re.DOTALL)
VARIABLES = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")
NAMES = {"Rambla"}


def test_every_template_compiles() -> None:
    for path in TEMPLATES:
        get_template(named(path).removeprefix("templates/"))


def test_no_page_has_anything_inline() -> None:
    assert offenders(PAGES, inline_code) == {}


def test_every_word_is_translated() -> None:
    assert offenders(TEMPLATES, untranslated) == {}


def test_every_form_that_posts_has_its_token() -> None:
    assert offenders(PAGES, forms_without_token) == {}


def offenders(paths: list[Path], find: Callable[[str], list[str]]) -> dict[str, list[str]]:
    found = {named(path): find(COMMENTS.sub("", path.read_text())) for path in paths}
    return {name: lines for name, lines in found.items() if lines}


def inline_code(text: str) -> list[str]:
    return re.findall(
        r"<script(?![^>]*\b(?:src=|type=\"application/(?:ld\+)?json\"))[^>]*>"
        r"|<style\b|\sstyle=|\son[a-z]+=\"|javascript:",
        text,
    )


def untranslated(text: str) -> list[str]:
    text = NO_WORDS.sub("", TRANSLATED.sub("", text))
    spoken = SPOKEN_ATTRIBUTES.findall(VARIABLES.sub("", text))
    for tag in re.findall(r"{%\s*(?:include|with)\b.*?%}", text, re.DOTALL):
        spoken += HANDED_OVER.findall(re.sub(r'_\("[^"]*"\)', "_()", tag))
    bare = [*TAGS.sub(" ", text).split("\n"), *spoken]
    return [line.strip() for line in bare if set(WORD.findall(line)) - NAMES]


def forms_without_token(text: str) -> list[str]:
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL | re.IGNORECASE)
    return [form[:80] for form in forms if "csrf_token" not in form]
