"""Looking at a library's scripts before they go into a bundle.

In a bundle one script that does not parse takes all others with it; on its own it would only
have hurt itself. So each is parsed first, and what cannot be bundled is named.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from rjsmin import jsmin
from tree_sitter import Language, Node, Parser, Tree
from tree_sitter_javascript import language

from h5p.problems import Problem, problem
from h5p.words import gettext_noop as _

_JAVASCRIPT: Final = Language(language())

# The grammar takes `using = …` for a declaration (`using` is a name in jQuery UI).
_USING: Final = re.compile(rb"\busing(?=\s*=[^=>])")
_EVALUATES: Final = re.compile(r"(?<![\w.$])(?:eval\s*\(|(?:new\s+)?Function\s*\(\s*[\"'`\w])")
_WORKS: Final = re.compile(r"new\s+(?:window\.)?(?:Shared)?Worker\s*\(")

# Of comments that whoever passes a script on has to pass on too.
_NOTICE: Final = re.compile(rb"licen[cs]e|@preserve|copyright|\(c\)|\xc2\xa9", re.IGNORECASE)
# What a browser takes for a comment wherever it is code, or where it begins a line.
_HTML_COMMENT: Final = re.compile(rb"<!--|(?:\A|[\r\n]|\xe2\x80[\xa8\xa9]|\*/)\s*-->")
_TEXTS: Final = frozenset({"comment", "string_fragment", "regex_pattern"})
_COMMENTS: Final = frozenset({"comment", "html_comment"})

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
    root = _parsed(source).root_node
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


def packed(text: str) -> str:
    """The script without the comments and the space that only its authors need; the notices of
    its licence stay. As it was, where anything but that would be another."""
    source = text.encode()
    tree = _parsed(source)
    if any(_is_code(tree, found.end() - 1) for found in _HTML_COMMENT.finditer(source)):
        return text
    comments: list[Node] = []
    for _depth, node in _nodes(tree):
        if node.type == "comment":
            comments.append(node)
            if _is_read(node):
                return text
        elif node.type == "number" and (node.text or b"").endswith(b"."):
            return text  # What follows may be taken for a part of it.
    smaller = jsmin(_with_marks(source, comments), keep_bang_comments=True)
    pairs = zip_longest(_shape(_parsed(smaller)), _shape(tree))
    return smaller.decode() if all(ours == theirs for ours, theirs in pairs) else text


def _parsed(source: bytes) -> Tree:
    return Parser(_JAVASCRIPT).parse(_USING.sub(b"usinG", source))


def _nodes(tree: Tree) -> Iterator[tuple[int, Node]]:
    """(depth, node), in the order in which they stand."""
    cursor, depth = tree.walk(), 0
    while True:
        if cursor.node is not None:
            yield depth, cursor.node
        if cursor.goto_first_child():
            depth += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            depth -= 1


def _is_code(tree: Tree, byte: int) -> bool:
    node = tree.root_node.descendant_for_byte_range(byte, byte + 1)
    return node is None or node.type not in _TEXTS


def _is_read(comment: Node) -> bool:
    """What stands in a function without anything else may be a text for toString()."""
    body = comment.parent
    return (
        _is_tall(comment)
        and body is not None
        and body.type == "statement_block"
        and body.parent is not None
        and ("function" in body.parent.type or body.parent.type == "method_definition")
        and all(child.type == "comment" for child in body.named_children)
    )


def _with_marks(source: bytes, comments: list[Node]) -> bytes:
    """The script with each notice as a comment that jsmin leaves there: /*! … */. Of other
    comments over several lines the end of a line remains, which may end a statement."""
    marked = bytearray(source)
    notices = {node.start_byte for node in _notices(comments)}
    for node in reversed(comments):
        start, end = node.start_byte, node.end_byte
        if marked.startswith(b"/*!", start):
            continue
        if start not in notices:
            if _is_tall(node):
                marked[start:end] = b"\n"
        elif _is_line(node):
            marked[start:end] = b"/*!" + marked[start + 2 : end] + b"*/"
        else:
            marked[start + 2 : start + 2] = b"!"
    return bytes(marked)


def _notices(comments: Iterable[Node]) -> Iterator[Node]:
    """Those of a licence. Lines that stand below each other are one notice."""
    together: list[Node] = []
    for node in comments:
        if together and not (_is_line(node) and _is_below(node, together[-1])):
            yield from _if_notice(together)
            together = []
        together.append(node)
    yield from _if_notice(together)


def _if_notice(together: list[Node]) -> list[Node]:
    return together if any(_NOTICE.search(node.text or b"") for node in together) else []


def _is_tall(comment: Node) -> bool:
    return re.search(rb"[\r\n]|\xe2\x80[\xa8\xa9]", comment.text or b"") is not None


def _is_line(comment: Node) -> bool:
    return (comment.text or b"").startswith(b"//")


def _is_below(node: Node, other: Node) -> bool:
    (row, column), (above, same) = node.start_point, other.start_point
    return _is_line(other) and (row, column) == (above + 1, same)


def _shape(tree: Tree) -> Iterator[tuple[int, str, bytes | None]]:
    """All that a script says: two with the same do the same."""
    for depth, node in _nodes(tree):
        if node.type not in _COMMENTS:
            yield depth, node.type, None if node.child_count else node.text


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
