"""Joining stylesheets: addresses resolved, imports put in place, loose ends tied.

A stylesheet in a file of its own ends where the file ends: what it left open is closed there.
In a bundle it would swallow the next library's rules, so every part is closed explicitly.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

# One token at a time, as the CSS syntax reads text; each alternative is linear.
_STRING: Final = r"\"(?:[^\"\\\n]|\\[\s\S])*\"?|'(?:[^'\\\n]|\\[\s\S])*'?"
_CLOSED_STRING: Final = _STRING.replace("?", "")
_TOKEN: Final = re.compile(
    rf"""
    (?P<comment>/\*[\s\S]*?(?:\*/|\Z))
    |(?P<import>@import\b)
    |(?P<charset>@charset\s*(?:{_STRING})\s*;?)
    |(?<![\w\-\\])(?P<url>url\(\s*(?P<address>{_STRING}|(?:[^)\"'(\\\s]|\\[\s\S])*)\s*(?:\)|\Z))
    |(?P<string>{_STRING})
    |(?P<escape>\\[\s\S]?)
    |(?P<open>[({{\[])
    |(?P<close>[)}}\]])
    |(?P<semicolon>;)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_IMPORT: Final = re.compile(
    rf"""
    \s*(?:(?P<quoted>{_STRING})|url\(\s*(?P<plain>{_STRING}|(?:[^)\"'(\\\s]|\\[\s\S])*)\s*\))
    (?P<condition>[^;{{}}]*)(?:;|\Z)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CLOSES: Final = {"(": ")", "[": "]", "{": "}"}
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(\n)|([\s\S]))")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)

# An address that never leads to a request.
NOWHERE: Final = "about:invalid"


@dataclass
class Found:
    """What joining came across: addresses elsewhere on the web, and files that are not there."""

    external: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Joiner:
    """Rewrites stylesheets whose paths begin with a library's folder.

    ``address`` gives the URL for such a path or None when there is no such file; ``read`` the
    text of one.
    """

    address: Callable[[str], str | None]
    read: Callable[[str], str | None]
    found: Found = field(default_factory=Found)

    def part(self, path: str) -> str:
        """The stylesheet at ``path``, ready to be followed by any other. "" when not there."""
        return self._part(path, set())

    def _part(self, path: str, seen: set[str]) -> str:
        # Each sheet once: sheets that import each other must end, and not double each time.
        seen.add(path)
        text = self.read(path)
        if text is None:
            self.found.missing.add(path)
            return ""
        # What CSS itself does first; offsets stay true afterwards.
        text = re.sub(r"\r\n?|\f", "\n", text.removeprefix("\ufeff")).replace("\0", "\ufffd")
        # A file may end within a string or after a backslash; a line end settles both.
        text += "\n"
        return self._rewrite(text, path, seen)

    def _rewrite(self, text: str, path: str, seen: set[str]) -> str:
        out: list[str] = []
        opened: list[str] = []
        done = 0
        # Whether the part so far ends at the end of a rule.
        closed = True
        while match := _TOKEN.search(text, done):
            between = text[done : match.start()]
            closed = closed and not between.strip()
            out.append(between)
            done = match.end()
            kind, found = match.lastgroup, match.group()
            if kind == "comment":
                out.append(found if found.endswith("*/") and len(found) > 3 else found + "*/")
                continue
            if kind == "charset":
                continue
            if kind == "import":
                sheet, done = self._import(text, match, path, seen)
                out.append(sheet)
                closed = closed or bool(sheet)
                continue
            piece, closed = self._piece(match, path, opened)
            out.append(piece)
        rest = text[done:]
        closed = closed and not rest.strip()
        out.append(rest)
        out.extend(reversed(opened))
        # An empty rule takes with it what is left over, instead of the next library's first rule.
        if not closed and opened[:1] != ["}"]:
            out.append("{}")
        out.append("\n")
        return "".join(out)

    def _piece(self, match: re.Match[str], path: str, opened: list[str]) -> tuple[str, bool]:
        """What a token becomes, and whether it ends a rule. Keeps account of what is open."""
        kind, found = match.lastgroup, match.group()
        if kind == "url":
            return f'url("{_quote(self._address(match["address"], path))}")', False
        if kind == "open":
            opened.append(_CLOSES[found])
        elif kind == "close" and opened and opened[-1] == found:
            # A stray closer stays: it spoils the next rule here as it does in its own file.
            opened.pop()
            return found, found == "}" and not opened
        elif kind == "string" and match.end() == len(match.string) and not _is_closed(found):
            return found + found[0], False
        return found, False

    def _import(
        self, text: str, match: re.Match[str], path: str, seen: set[str]
    ) -> tuple[str, int]:
        """What replaces an @import rule, and where the text goes on."""
        rule = _IMPORT.match(text, match.end())
        if rule is None:
            return "", match.end()
        end = rule.end()
        address = _unescape(rule["quoted"] or rule["plain"] or "")
        if _is_elsewhere(address):
            # Only the first rules of a page may import, and third parties would learn who reads.
            self.found.external.add(address)
            return "", end
        target = _resolve(address, path)
        if target is None:
            self.found.missing.add(address)
        if target is None or target in seen:
            return "", end
        sheet = self._part(target, seen)
        condition = rule["condition"].strip()
        return (f"@media {condition}{{{sheet}}}\n" if condition else sheet), end

    def _address(self, raw: str, path: str) -> str:
        address = _unescape(raw)
        if not address or address.startswith("#") or address[:5].lower() == "data:":
            return address
        if _is_elsewhere(address):
            if address.startswith("//") or address.split(":")[0].lower() in {"http", "https"}:
                self.found.external.add(address)
                return address
            return NOWHERE
        target = _resolve(address, path)
        url = None if target is None else self.address(target)
        if url is None:
            self.found.missing.add(target or address)
            return NOWHERE
        _, mark, fragment = address.partition("#")
        return url + mark + fragment


def _is_closed(string: str) -> bool:
    return re.fullmatch(rf"(?:{_CLOSED_STRING})", string) is not None


def _is_elsewhere(address: str) -> bool:
    return address.startswith("//") or _SCHEME.match(address) is not None


def _resolve(address: str, path: str) -> str | None:
    """The path that ``address`` means in the stylesheet at ``path``; None when it leads out."""
    plain = unquote(re.split(r"[?#]", address, maxsplit=1)[0])
    if not plain or plain.startswith("/") or "\\" in plain:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain))
    return None if target.startswith("..") else target


def _unescape(raw: str) -> str:
    if raw[:1] in {'"', "'"}:
        raw = raw[1:-1] if len(raw) > 1 and raw.endswith(raw[0]) else raw[1:]

    def plain(match: re.Match[str]) -> str:
        code, newline, character = match.groups()
        if code is None:
            return "" if newline else character
        number = int(code, 16)
        return chr(number) if 0 < number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"

    return _ESCAPE.sub(plain, raw).strip()


def _quote(address: str) -> str:
    return re.sub(r"[\"\\\n]", lambda match: f"\\{ord(match.group()):x} ", address)
