"""Cleaning content by its semantics: only what the fields describe remains.

The rules are those of H5P's reference content validator, with three differences. A number that
is none becomes the field's default rather than 0. A field's ``regexp`` is not applied: it comes
with the library and can be written so that matching never ends, and the text is escaped anyway.
Addresses are percent-encoded, not HTML-escaped, so that ``?a=1&b=2`` still works.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from h5p.active import find_code, runs_code
from h5p.markup import clean_html, lost_markup, plain_text
from h5p.numbers import clean_number
from h5p.semantics import DEEPEST, Field, FindSemantics, Path, Semantics, library_of, root
from h5p.standard import COPYRIGHT, METADATA

_GONE: Final = object()
"""What a cleaner answers when nothing of the value remains."""

_OTHER_ACTIVITY: Final = re.compile(r"(?:\.\./){1,2}(?:.*content/)?(?:\d+|editor)/(.+)")
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_SUB_CONTENT_ID: Final = re.compile(
    r"\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?", re.IGNORECASE
)
_FILE_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "file": frozenset(),
    "image": frozenset({"width", "height", "originalImage", "alt"}),
    "video": frozenset({"width", "height", "codecs", "quality", "bitrate"}),
    "audio": frozenset(),
}
# A tag or a reference that was cut through.
_UNFINISHED: Final = re.compile(r"(?:<[^<>]*|&[^&;<]*)\Z")
_LOOKS_LIKE_MARKUP: Final = re.compile(r"<[a-zA-Z/!]")
_UNSAFE_IN_ADDRESS: Final = str.maketrans(
    {'"': "%22", "'": "%27", "<": "%3C", ">": "%3E", "`": "%60", "\\": "%5C"}
)


@dataclass(frozen=True)
class Change:
    """Something that sanitising took away or put right.

    ``code``: ``active-content``, ``markup``, ``too-long``, ``too-many``, ``wrong-value``,
    ``unknown-key``, ``unknown-type``, ``unknown-library``, ``unsafe-path``. ``path`` leads to the
    value. ``message`` is a sentence for an editor.
    """

    code: str
    path: Path
    message: str


def sanitise(
    content: Any, semantics: Semantics | None, find_semantics: FindSemantics
) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """Clean content, which is not altered itself, and what changed.

    ``semantics`` are the main library's; ``find_semantics`` gives a sub-library's by API name
    (None when it is unknown: its part of the content is then dropped). Sanitising the result
    again changes nothing. Never raises for bad content.
    """
    cleaner = _Cleaner(find_semantics)
    clean = cleaner.members(content, root(semantics), (), 0)
    return clean, tuple(cleaner.changes)


def sanitise_metadata(metadata: Any) -> tuple[dict[str, Any], tuple[Change, ...]]:
    """Clean the metadata of a (sub-)activity: title, authors, licence …"""
    cleaner = _Cleaner(lambda api: None)
    return cleaner.members(metadata, METADATA, (), 0), tuple(cleaner.changes)


class _Cleaner:
    def __init__(self, find_semantics: FindSemantics) -> None:
        self.changes: list[Change] = []
        self._find = find_semantics
        self._trees: dict[str, Field | None] = {}

    def value(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        """The value of one field, clean, or `_GONE`."""
        clean = _BY_TYPE.get(field.type)
        if clean is None:
            self._note(
                "unknown-type", path, f"holds something of the kind “{field.type}”, which we "
                "do not know; it was removed"
            )  # fmt: skip
            return _GONE
        if depth > DEEPEST:
            self._note("too-many", path, "is nested too deeply; it was removed")
            return _GONE
        return clean(self, value, field, path, depth + 1)

    def members(self, value: Any, field: Field, path: Path, depth: int) -> dict[str, Any]:
        """The members of a group."""
        if not isinstance(value, dict):
            if value not in ({}, [], None):
                self._note("wrong-value", path, "is not a group of values; it was emptied")
            return {}
        clean: dict[str, Any] = {}
        for name, inner in value.items():
            member = field.member(name)
            if member is None:
                if name == "subContentId" and _is_sub_content_id(inner):
                    clean[name] = inner
                else:
                    self._note("unknown-key", (*path, name), "has no place here; it was removed")
                continue
            if field.is_optional and not member.is_optional:
                member = replace(member, is_optional=True)
            kept = self.value(inner, member, (*path, name), depth)
            if kept is not _GONE:
                clean[name] = kept
        return clean

    def text(self, value: Any, field: Field, path: Path, depth: int) -> str:
        if not isinstance(value, str):
            if _is_number(value):
                return plain_text(str(value))
            self._note("wrong-value", path, "is not a text; it was emptied")
            return ""
        clean = self._html(value, field, path) if field.is_html else self._plain(value, path)
        limit = field.raw.get("maxLength")
        if isinstance(limit, int) and not isinstance(limit, bool) and 0 <= limit < len(clean):
            self._note("too-long", path, f"is longer than {limit} characters; the rest was cut off")
            clean = self._cut(clean, field, limit)
        return clean

    def _cut(self, clean: str, field: Field, limit: int) -> str:
        """At most ``limit`` characters that are clean by themselves."""
        if not field.is_html:
            # Not through the middle of a reference.
            cut = clean[:limit]
            last = cut.rfind("&")
            return cut[:last] if last >= 0 and ";" not in cut[last:] else cut
        length = limit
        while length > 0:
            cut = clean_html(_UNFINISHED.sub("", clean[:length]), field.raw)
            if len(cut) <= limit:
                return cut
            length -= len(cut) - limit
        return ""

    def _html(self, value: str, field: Field, path: Path) -> str:
        clean = clean_html(value, field.raw)
        if clean == value:
            return clean
        code = find_code(value)
        lost = lost_markup(value, clean)
        if code:
            self._note("active-content", path, f"contained {code}; it was removed")
        elif lost:
            shown = ", ".join(lost[:5])
            self._note("markup", path, f"had markup that is not allowed there, removed: {shown}")
        return clean

    def _plain(self, value: str, path: Path) -> str:
        if _LOOKS_LIKE_MARKUP.search(value):
            self._note("markup", path, "cannot have markup; it is shown as it was written")
        return plain_text(value)

    def number(self, value: Any, field: Field, path: Path, depth: int) -> int | float:
        number = clean_number(value, field.raw)
        if isinstance(value, bool) or value not in (number, str(number)):
            self._note("wrong-value", path, f"is not a number that fits; it is now {number}")
        return number

    def boolean(self, value: Any, field: Field, path: Path, depth: int) -> bool:
        if isinstance(value, bool):
            return value
        meant = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
        if meant is None:
            meant = field.raw.get("default") is True
            self._note("wrong-value", path, f"is neither true nor false; it is now {meant}")
        return meant

    def select(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        if field.raw.get("multiple") is True:
            items = value if isinstance(value, list) else [value]
            kept = [item for item in items if self._is_option(item, field)]
            if len(kept) != len(items):
                self._note("wrong-value", path, "had choices that do not exist; they were removed")
            return [self._option(item) for item in kept]
        if isinstance(value, list):
            value = value[0] if value else None
        if not self._is_option(value, field):
            default = field.raw.get("default")
            if not self._is_option(default, field):
                default = field.options[0] if field.options else ""
            self._note("wrong-value", path, f"is not one of the choices; it is now {default}")
            value = default
        return self._option(value)

    def _is_option(self, value: Any, field: Field) -> bool:
        if not isinstance(value, str) and not _is_number(value):
            return False
        # As in the reference: an optional field may have a value that is not on offer.
        return not field.options or field.is_optional or str(value) in field.options

    def _option(self, value: Any) -> Any:
        return plain_text(value) if isinstance(value, str) else value

    def list(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        if field.item is None or not isinstance(value, list):
            if value not in ({}, None):
                self._note("wrong-value", path, "is not a list; it was removed")
            return _GONE
        limit = field.raw.get("max")
        if isinstance(limit, int) and not isinstance(limit, bool) and 0 <= limit < len(value):
            self._note("too-many", path, f"has more than {limit} items; the others were removed")
            value = value[:limit]
        cleaned = [
            self.value(item, field.item, (*path, index), depth) for index, item in enumerate(value)
        ]
        kept = [item for item in cleaned if item is not _GONE]
        return kept or _GONE

    def group(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        if field.is_collapsed:
            inner = field.fields[0]
            if field.is_optional and not inner.is_optional:
                inner = replace(inner, is_optional=True)
            # Some editors write the group nevertheless.
            if isinstance(value, dict) and set(value) == {inner.name} and inner.type != "group":
                kept = self.value(value[inner.name], inner, (*path, inner.name), depth)
                return _GONE if kept is _GONE else {inner.name: kept}
            return self.value(value, inner, path, depth)
        return self.members(value, field, path, depth)

    def library(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        api = library_of(value)
        if api is None:
            if value not in ({}, [], None):
                self._note("wrong-value", path, "names no activity; it was removed")
            return _GONE
        if api not in field.options:
            self._note("unknown-library", path, f"uses {api}, which is not allowed there; removed")
            return _GONE
        tree = self._tree(api)
        if tree is None:
            self._note("unknown-library", path, f"uses {api}, which is not installed; removed")
            return _GONE
        extra = _extra_attributes(field)
        clean: dict[str, Any] = {}
        for key, inner in value.items():
            kept = self._part_of_library(key, inner, tree, extra, (*path, key), depth)
            if kept is not _GONE:
                clean[key] = kept
        return clean

    def _part_of_library(
        self, key: str, value: Any, tree: Field, extra: frozenset[str], path: Path, depth: int
    ) -> Any:
        if key == "params":
            return self.members(value, tree, path, depth)
        if key == "metadata":
            return self.members(value, METADATA, path, depth)
        if key == "library" or (key == "subContentId" and _is_sub_content_id(value)):
            return value
        if key in extra:
            return self._anything(value)
        self._note("unknown-key", path, "has no place here; it was removed")
        return _GONE

    def file(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        """A file, picture, or one source of a recording."""
        if not isinstance(value, dict) or not isinstance(value.get("path"), str):
            if value not in ({}, [], None):
                self._note("wrong-value", path, "names no file; it was removed")
            return _GONE
        address = self._address(value["path"], (*path, "path"))
        if address is None:
            return _GONE
        allowed = _FILE_KEYS[field.type] | _extra_attributes(field) | {"mime"}
        clean: dict[str, Any] = {}
        for key, inner in value.items():
            here = (*path, key)
            kept: Any = _GONE
            if key == "path":
                kept = address
            elif key == "copyright":
                kept = self.members(inner, COPYRIGHT, here, depth)
            elif key == "originalImage" and key in allowed:
                kept = self.file(inner, field, here, depth + 1) if depth < DEEPEST else _GONE
            elif key in allowed:
                kept = self._anything(inner)
            else:
                self._note("unknown-key", here, "has no place here; it was removed")
            if kept is not _GONE:
                clean[key] = kept
        return clean

    def recording(self, value: Any, field: Field, path: Path, depth: int) -> Any:
        """A video or sound: a list of sources."""
        if not isinstance(value, list):
            if value not in ({}, None):
                self._note("wrong-value", path, "is not a list of files; it was removed")
            return _GONE
        sources = [
            self.file(item, field, (*path, index), depth) for index, item in enumerate(value)
        ]
        return [source for source in sources if source is not _GONE] or _GONE

    def _address(self, address: str, path: Path) -> str | None:
        """The path of a file of this activity, or an address in the web; None for others."""
        clean = "".join(character for character in address if character.isprintable()).strip()
        match = _OTHER_ACTIVITY.fullmatch(clean)
        if match:
            clean = match.group(1)
        clean = clean.removesuffix("#tmp")
        is_web = clean.lower().startswith(("http://", "https://", "//"))
        if (
            runs_code(clean)
            or (_SCHEME.match(clean) and not is_web)
            or (not is_web and (clean.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", clean)))
        ):
            self._note("unsafe-path", path, "is not a file of this activity; it was removed")
            return None
        return clean.translate(_UNSAFE_IN_ADDRESS)

    def _anything(self, value: Any, depth: int = 0) -> Any:
        """What no field describes (extra attributes): only escaped."""
        if depth > DEEPEST:
            return None
        if isinstance(value, str):
            return plain_text(value)
        if isinstance(value, dict):
            return {
                plain_text(str(key)): self._anything(inner, depth + 1)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._anything(inner, depth + 1) for inner in value]
        return value if isinstance(value, bool | int | float | None) else None

    def _tree(self, api: str) -> Field | None:
        if api not in self._trees:
            semantics = self._find(api)
            self._trees[api] = None if semantics is None else root(semantics)
        return self._trees[api]

    def _note(self, code: str, path: Path, what: str) -> None:
        where = ".".join(str(part) for part in path) or "The content"
        self.changes.append(Change(code, path, f"{where} {what}."))


def _extra_attributes(field: Field) -> frozenset[str]:
    extra = field.raw.get("extraAttributes")
    return (
        frozenset(name for name in extra if isinstance(name, str))
        if isinstance(extra, list)
        else frozenset()
    )


def _is_number(value: Any) -> bool:
    """Whether it is a number of a sensible size, so that it can be written as a text."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 10**15


def _is_sub_content_id(value: Any) -> bool:
    return isinstance(value, str) and _SUB_CONTENT_ID.fullmatch(value) is not None


_BY_TYPE: Final = {
    "text": _Cleaner.text,
    "number": _Cleaner.number,
    "boolean": _Cleaner.boolean,
    "select": _Cleaner.select,
    "list": _Cleaner.list,
    "group": _Cleaner.group,
    "library": _Cleaner.library,
    "file": _Cleaner.file,
    "image": _Cleaner.file,
    "video": _Cleaner.recording,
    "audio": _Cleaner.recording,
}
