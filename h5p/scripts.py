"""Looking at a library's scripts before they go into a bundle.

In a bundle one script that does not parse takes all others with it; on its own it would only
have hurt itself. So each is parsed first, and what cannot be bundled is named.
"""

import re
from dataclasses import dataclass
from typing import Final

from tree_sitter import Language, Node, Parser, Tree
from tree_sitter_javascript import language

from h5p.problems import Problem, problem
from h5p.words import gettext_noop as _

_JAVASCRIPT: Final = Language(language())

# The grammar takes `using = …` for a declaration (`using` is a name in jQuery UI).
_USING: Final = re.compile(rb"\busing(?=\s*=[^=>])")
_EVALUATES: Final = re.compile(r"(?<![\w.$])(?:eval\s*\(|(?:new\s+)?Function\s*\(\s*[\"'`\w])")
_WORKS: Final = re.compile(r"new\s+(?:window\.)?(?:Shared)?Worker\s*\(")

_MODULE_ONLY: Final = frozenset({"import_statement", "export_statement", "hash_bang_line"})
_LEXICAL: Final = frozenset({"lexical_declaration", "class_declaration"})


@dataclass(frozen=True)
class Script:
    """A script that may be put into a bundle.

    ``declares`` are the names it gives to every other script of the page with let, const or
    class: two scripts that declare the same cannot be joined. ``evaluates`` says that it seems to
    make code from text (needs 'unsafe-eval'), ``works`` that it seems to start workers.
    """

    text: str
    declares: frozenset[str]
    evaluates: bool
    works: bool


def read_script(data: bytes, path: str) -> Script | Problem:
    """Parse a classic script. ``path`` is for the message."""
    # As browsers do: the byte order mark goes, bytes that are no UTF-8 become U+FFFD.
    text = data.decode("utf-8-sig", "replace")
    source = text.encode()
    root = parsed(source).root_node
    if root.has_error:
        line = _first_error(root).start_point.row + 1
        return problem(
            "script",
            path,
            _(
                "The script “{path}” has a mistake in line {line}, so browsers cannot run it. "
                "Get a repaired version of the library."
            ),
            line=line,
        )
    if any(node.type in _MODULE_ONLY for node in root.children):
        return problem(
            "script",
            path,
            _(
                "The script “{path}” is a JavaScript module; H5P loads plain scripts only. Get a "
                "built version of the library."
            ),
        )
    return Script(
        text=text,
        declares=frozenset(_declared(root, source)),
        evaluates=_EVALUATES.search(text) is not None,
        works=_WORKS.search(text) is not None,
    )


def parsed(source: bytes) -> Tree:
    return Parser(_JAVASCRIPT).parse(_USING.sub(b"usinG", source))


def _first_error(node: Node) -> Node:
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            break
        node = inner
    return node


def _declared(root: Node, source: bytes) -> list[str]:
    names: list[str] = []
    for node in root.children:
        if node.type not in _LEXICAL:
            continue
        declarators = [node] if node.type == "class_declaration" else node.named_children
        for declarator in declarators:
            name = declarator.child_by_field_name("name")
            # Destructuring at the top level is rare enough to be left to the browser.
            if name is not None and name.type == "identifier":
                names.append(source[name.start_byte : name.end_byte].decode())
    return names
