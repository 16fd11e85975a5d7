"""Making a script smaller without changing what it says."""

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Final

from rjsmin import jsmin
from tree_sitter import Node, Tree

from h5p.scripts import parsed

# Of comments that whoever passes a script on has to pass on too.
_NOTICE: Final = re.compile(rb"licen[cs]e|@preserve|copyright|\(c\)|\xc2\xa9", re.IGNORECASE)
# What a browser takes for a comment wherever it is code, or where it begins a line.
_HTML_COMMENT: Final = re.compile(rb"<!--|(?:\A|[\r\n]|\xe2\x80[\xa8\xa9]|\*/)\s*-->")
_TEXTS: Final = frozenset({"comment", "string_fragment", "regex_pattern"})
_COMMENTS: Final = frozenset({"comment", "html_comment"})


def packed(text: str) -> str:
    """The script without the comments and the space that only its authors need; the notices of
    its licence stay. As it was, where anything but that would be another."""
    source = text.encode()
    tree = parsed(source)
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
    pairs = zip_longest(_shape(parsed(smaller)), _shape(tree))
    return smaller.decode() if all(ours == theirs for ours, theirs in pairs) else text


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
