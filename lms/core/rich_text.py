"""Formatted text of people: a small vocabulary of HTML, always in one canonical form.

`clean_html` is the only way in. What it returns is safe to show, is what the editor
writes as well, and cleaning it again changes nothing. Plain text never is read as HTML:
it comes in through `html_from_text`, or `html_keeping_format` where it replaces a
formatted text whose untouched paragraphs keep their form.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import nh3
from django.utils.translation import gettext as _

from lms.core.alignment import Alignment
from lms.core.errors import InvalidInput
from lms.core.html_order import is_quickly_read
from lms.core.text import count_words

# In this order marks are nested: a link outside, a line through the words inside.
_MARKS = ("strong", "em", "u", "s")
_SAME = {
    "b": "strong",
    "i": "em",
    "strike": "s",
    "del": "s",
    "h1": "h3",
    "h2": "h3",
    "h5": "h4",
    "h6": "h4",
    "ins": "u",
}
_PARAGRAPHS = frozenset({"p", "h3", "h4", "div", "address", "pre", "dt", "dd"})
_CONTAINERS = frozenset({"ul", "ol", "li", "blockquote", "table", "tr", "th", "td"})
_TAGS = {*_MARKS, *_SAME, *_PARAGRAPHS, *_CONTAINERS, "a", "br", "hr", "tbody", "thead"}
# Which box a container needs around it; elsewhere only its text counts.
_STANDS_IN = {"li": ("ul", "ol"), "tr": ("table",), "td": ("tr",), "th": ("tr",)}
_HOLDS_TEXT = frozenset({"", "li", "blockquote", "td", "th"})
_DEEPEST = 12
_WIDEST_CELL = 50

_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "title", "template", "iframe", "object", "svg", "math"},
    attributes={
        "*": set(),
        "a": {"href"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)
_TAG = re.compile("<[^>]*>")
_BLOCK = re.compile(r"<(/?)(?:p|h3|h4|ul|ol|blockquote|table)>|<hr>")
_TOKEN = re.compile(r'<(/?)([a-z0-9]+)((?:[^">]|"[^"]*")*)>|([^<]+)')
_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_ENTITY = re.compile("&(amp|lt|gt|quot|nbsp);")
_MEANT = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": "\xa0"}
_WRITTEN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\xa0": "&nbsp;"})
_IN_QUOTES = str.maketrans({"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"})
_SOURCE_LINE = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_BLANK_LINE = re.compile(r"\n{2,}")
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x20]+", re.IGNORECASE)

# A piece of a line: its words ("\n" alone: a line break), marks, and where it links to.
_Run = tuple[str, frozenset[str], str]


@dataclass
class _Line:
    """A paragraph or heading."""

    tag: str
    runs: list[_Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(run[0] for run in self.runs)


@dataclass
class _Box:
    """A list, item, quotation, table, row or cell; "" is the whole text, "hr" a rule.
    `name` is the tag that closes it: one that stands where it cannot shares the children
    of the box around it."""

    tag: str
    children: list["_Line | _Box"] = field(default_factory=list)
    attributes: str = ""
    name: str = ""


def clean_html(value: str, *, known: str = "", field: str = "text") -> str:
    """HTML from anywhere as it is stored. Takes what can be stored at all
    (`lms.core.text.clean_text`); what is not in the vocabulary leaves its text behind.
    Blocks at both ends that are `known` from what is stored are taken as they are: an
    editor sends a long text again for each word.

    Raises InvalidInput where tags are in such disorder that no editor has written it."""
    start, end = _known_ends(value, known) if known else ("", "")
    value = value[len(start) : len(value) - len(end)]
    if not is_quickly_read(value):
        refusal = _(
            "The tags of this text are in disorder, or too deep in each other. "
            "Send it as plain text."
        )
        raise InvalidInput(errors={field: [refusal]})
    return start + _settled(_read(_CLEANER.clean(value))) + end


def _settled(blocks: "list[_Line | _Box]") -> str:
    """Written so that reading it again changes nothing: near the greatest depth, boxes that
    had to be put around others on the way may leave no place for what is in them."""
    html = "".join(map(_html_of, blocks))
    for _turn in range(_DEEPEST if _depth_of(blocks) >= _DEEPEST else 0):
        before, html = html, "".join(map(_html_of, _read(html)))
        if html == before:
            break
    return html


def _depth_of(blocks: "list[_Line | _Box]") -> int:
    return max((1 + _depth_of(box.children) for box in blocks if isinstance(box, _Box)), default=0)


def html_from_text(value: str) -> str:
    """Plain text: a blank line ends a paragraph, a line end breaks the line."""
    return "".join(_paragraph_of(chunk) for chunk in _chunks_of(value))


def html_keeping_format(stored: str, value: str) -> str:
    """Plain text that was made from `stored` HTML and perhaps changed: paragraphs,
    lists and tables that read as before keep their form, the others become plain."""
    blocks = _read(stored)
    before, after = [_reading(block) for block in blocks], _chunks_of(value)
    html: list[str] = []
    for what, start, end, new_start, new_end in Alignment().opcodes(before, after):
        if what == "equal":
            html.extend(map(_html_of, blocks[start:end]))
        else:
            html.extend(map(_paragraph_of, after[new_start:new_end]))
    return "".join(html)


def text_of(html: str) -> str:
    """Canonical HTML as plain text, with signs for items, quotations and cells."""
    return "\n\n".join(_reading(block) for block in _read(html))


def words_of(html: str) -> int:
    """How many words a reader counts; numbers and signs of lists are none."""
    return count_words(bare_text_of(html))


def bare_text_of(html: str) -> str:
    """Only what was written, a line for each paragraph, item and cell."""
    return "\n".join(line.text for line in _lines_of(_read(html)))


def is_blank(html: str) -> bool:
    """Of canonical HTML, where no tag holds a “>”."""
    return not _TAG.sub("", html).replace("&nbsp;", " ").strip()


def blocks_of(html: str) -> list[str]:
    """The paragraphs, lists, tables… of canonical HTML, one by one."""
    return [_html_of(block) for block in _read(html)]


def _known_ends(value: str, known: str) -> tuple[str, str]:
    """The blocks of canonical HTML that `value` begins and ends with as well."""
    edges, depth = [0], 0
    for tag in _BLOCK.finditer(known):
        if tag[0] != "<hr>":
            depth += -1 if tag[1] else 1
        if not depth:
            edges.append(tag.end())
    first = bisect_right(edges, 0, key=lambda edge: not value.startswith(known[:edge])) - 1
    start = edges[max(first, 0)]
    rest = [edge for edge in edges if edge >= start]
    left = len(value) - start
    last = bisect_left(
        rest,
        True,
        key=lambda edge: len(known) - edge <= left and value.endswith(known[edge:]),
    )
    return known[:start], known[rest[last] :]


# --- Reading ------------------------------------------------------------------------


def _read(html: str) -> list[_Line | _Box]:
    """What nh3 or this module wrote, as boxes and lines in canonical order."""
    reader = _Reader()
    for closing, tag, attributes, text in _TOKEN.findall(html):
        if text:
            reader.text(_ENTITY.sub(lambda found: _MEANT[found[1]], text))
        elif closing:
            reader.close(_SAME.get(tag, tag))
        else:
            reader.open(_SAME.get(tag, tag), attributes)
    return reader.finish()


class _Reader:
    def __init__(self) -> None:
        self.stack = [_Box("")]
        self.line: _Line | None = None
        self.marks: list[tuple[str, str]] = []

    def text(self, text: str) -> None:
        text = _SOURCE_LINE.sub("\r", text)
        if self.line is None and not text.strip():
            return
        self._add(text)

    def open(self, tag: str, attributes: str) -> None:
        if tag in _PARAGRAPHS:
            self._end_line()
            self.line = _Line(tag if tag in ("h3", "h4") else "p")
        elif tag in _CONTAINERS:
            self._end_line()
            self._push(tag, attributes)
        elif tag == "br":
            self._add("\n")
        elif tag == "hr":
            self._end_line()
            self._place(tag="hr").append(_Box("hr"))
        elif tag == "a" or tag in _MARKS:
            self.marks.append((tag, _address_in(attributes) if tag == "a" else ""))

    def close(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self._end_line()
        elif tag in _CONTAINERS:
            self._end_line()
            if any(box.name == tag for box in self.stack):
                while self._pop() != tag:
                    pass
        elif tag == "a" or tag in _MARKS:
            for place in range(len(self.marks) - 1, -1, -1):
                if self.marks[place][0] == tag:
                    del self.marks[place]
                    break

    def finish(self) -> list[_Line | _Box]:
        self._end_line()
        while len(self.stack) > 1:
            self._pop()
        return self.stack[0].children

    def _add(self, text: str) -> None:
        if self.line is None:
            self.line = _Line("p")
        marks = frozenset(mark for mark, _to in self.marks if mark != "a")
        address = next((to for mark, to in reversed(self.marks) if mark == "a"), "")
        runs = self.line.runs
        if runs and runs[-1][1:] == (marks, address):
            text = runs.pop()[0] + text
        runs.append((text, marks, address))

    def _end_line(self) -> None:
        line, self.line = self.line, None
        if line is None:
            return
        _settle_source_lines(line)
        if line.text.strip():
            if line.tag != "p" and any(box.tag in ("ul", "ol", "li") for box in self.stack):
                line.tag = "p"
            self._place().append(line)

    def _push(self, tag: str, attributes: str) -> None:
        around = self.stack[-1]
        needed = _STANDS_IN.get(tag)
        nested_table = tag == "table" and any(box.tag == "table" for box in self.stack)
        if (needed and around.tag not in needed) or nested_table or len(self.stack) > _DEEPEST:
            # Not where it can stand: its text belongs to the box around it.
            self.stack.append(_Box(around.tag, around.children, name=tag))
            return
        attributes = _spans_in(attributes) if tag in ("td", "th") else ""
        self.stack.append(_Box(tag, attributes=attributes, name=tag))

    def _pop(self) -> str:
        box, around = self.stack.pop(), self.stack[-1]
        if box.children is around.children:
            return box.name
        if box.tag == "li" and box.children and not isinstance(box.children[0], _Line):
            box.children.insert(0, _Line("p"))
        if box.tag in ("td", "th"):
            box.children = box.children or [_Line("p")]
            around.children.append(box)
        elif box.children:
            self._place(around, box.tag).append(box)
        return box.name

    def _place(self, box: _Box | None = None, tag: str = "p") -> list[_Line | _Box]:
        """Where a line or a box with this tag goes, in or near the box."""
        box = box or self.stack[-1]
        if box.tag in _STANDS_IN.get(tag, _HOLDS_TEXT):
            return box.children
        if box.tag in ("ul", "ol"):
            # Straight in a list: it belongs to the item before.
            if not box.children:
                box.children.append(_Box("li", [_Line("p")] if tag != "p" else []))
            item = box.children[-1]
            assert isinstance(item, _Box)
            return item.children
        # Straight in a table or row: it stands before the table.
        return next(one for one in reversed(self.stack) if one.tag in _HOLDS_TEXT).children


def _settle_source_lines(line: _Line) -> None:
    """Where a line of source ended ("\\r") stands a space, and nothing at the edges."""
    runs = line.runs
    while runs and runs[0][0].startswith("\r"):
        runs[0] = (runs[0][0][1:], *runs[0][1:])
        if not runs[0][0]:
            del runs[0]
    while runs and runs[-1][0].endswith("\r"):
        runs[-1] = (runs[-1][0][:-1], *runs[-1][1:])
        if not runs[-1][0]:
            del runs[-1]
    line.runs = [(text.replace("\r", " "), *rest) for text, *rest in runs]  # type: ignore[misc]


def _address_in(attributes: str) -> str:
    given = dict(_ATTRIBUTE.findall(attributes)).get("href", "")
    address = _ENTITY.sub(lambda found: _MEANT[found[1]], given).strip()
    return address if _ADDRESS.fullmatch(address) else ""


def _spans_in(attributes: str) -> str:
    kept = ""
    for name, value in sorted(_ATTRIBUTE.findall(attributes)):
        if value.isascii() and value.isdigit() and 1 < int(value[:4]) <= _WIDEST_CELL:
            kept += f' {name}="{int(value[:4])}"'
    return kept


# --- Writing ------------------------------------------------------------------------


def _html_of(part: _Line | _Box) -> str:
    if isinstance(part, _Line):
        return f"<{part.tag}>{_inline(part.runs)}</{part.tag}>"
    if part.tag == "hr":
        return "<hr>"
    inside = "".join(map(_html_of, part.children))
    if part.tag == "table":
        inside = f"<tbody>{inside}</tbody>"
    return f"<{part.tag}{part.attributes}>{inside}</{part.tag}>"


def _inline(runs: list[_Run]) -> str:
    """Runs with their marks: neighbours that share a mark share its tag."""
    html = ""
    opened: list[str] = []
    for text, marks, address in runs:
        wanted = [f'a href="{address.translate(_IN_QUOTES)}"'] if address else []
        if marks:
            wanted += [mark for mark in _MARKS if mark in marks]
        shared = 0
        while shared < min(len(opened), len(wanted)) and opened[shared] == wanted[shared]:
            shared += 1
        html += _closing(opened[shared:]) + "".join(f"<{tag}>" for tag in wanted[shared:])
        html += text.translate(_WRITTEN).replace("\n", "<br>")
        opened = wanted
    return html + _closing(opened)


def _closing(tags: list[str]) -> str:
    return "".join(f"</{tag.split(' ', 1)[0]}>" for tag in reversed(tags))


def _reading(part: _Line | _Box) -> str:
    """A block as plain text, without a blank line in it."""
    if isinstance(part, _Line):
        return _BLANK_LINE.sub("\n", part.text).strip("\n")
    if part.tag == "hr":
        return "* * *"
    if part.tag == "tr":
        return "| " + " | ".join(map(_reading, part.children)) + " |"
    inside = [_reading(child) for child in part.children]
    if part.tag in ("td", "th"):
        return " / ".join(" ".join(one.split("\n")) for one in inside)
    if part.tag == "blockquote":
        return "\n".join(f"> {line}" for one in inside for line in one.split("\n"))
    if part.tag in ("ul", "ol"):
        signs = ["•" if part.tag == "ul" else f"{n}." for n in range(1, len(inside) + 1)]
        return "\n".join(
            f"{sign} {one.replace(chr(10), chr(10) + '  ')}"
            for sign, one in zip(signs, inside, strict=True)
        )
    return "\n".join(one for one in inside if one)


def _lines_of(parts: list[_Line | _Box]) -> list[_Line]:
    lines: list[_Line] = []
    for part in parts:
        lines.extend([part] if isinstance(part, _Line) else _lines_of(part.children))
    return lines


def _chunks_of(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    chunks = (chunk.strip("\n") for chunk in _BLANK_LINE.split(text))
    return [chunk for chunk in chunks if chunk.strip()]


def _paragraph_of(chunk: str) -> str:
    return f"<p>{chunk.translate(_WRITTEN).replace(chr(10), '<br>')}</p>"
