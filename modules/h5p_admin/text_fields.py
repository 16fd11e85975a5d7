"""What of an uploaded content a form can offer: its fields by the semantics of its libraries.

Texts, numbers, yes and no, choices, lists and groups, also inside the activities that it is
made of. What no general form can do (pictures, sounds, films, places on a picture, another
kind of activity) is listed as such, so that nobody looks for it in vain.
"""

import html
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _

from h5p.semantics import DEEPEST, Field, Path, Semantics, library_of, root
from modules.h5p_admin.text_inputs import MAKERS, fresh_value, option_like, written_like

SEPARATOR: Final = "--"
_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
MOST_FIELDS: Final = 600
MOST_NEW_ROWS: Final = 20
_KINDS: Final = {
    "image": "picture",
    "video": "film",
    "audio": "sound",
    "file": "file",
    "library": "kind of activity",
}


@dataclass
class Leaf:
    """A value that one form field holds."""

    name: str
    path: Path
    field: Field
    value: Any
    label: str
    form_field: forms.Field
    keeps_markup: bool = False

    def is_changed(self, cleaned: Any) -> bool:
        """Whether somebody typed here. What an editor makes of a value that nobody touched
        (another wrapper, another spelling of a character) is none of it."""
        return bool(self.stored(cleaned) != self.stored(self._untouched()))

    def _untouched(self) -> Any:
        initial, widget = self.form_field.initial, self.form_field.widget
        if self.field.type != "text":
            return initial
        sent = {self.name: widget.format_value(initial)}
        return self.form_field.to_python(widget.value_from_datadict(sent, {}, self.name))

    def stored(self, cleaned: Any) -> Any:
        """What goes into the content."""
        if self.field.type == "text":
            text = str(cleaned or "").replace("\r\n", "\n")
            if not self.field.is_html:
                return html.escape(text, quote=True)
            return text if self.keeps_markup else written_like(str(self.value), text)
        if self.field.type == "number":
            if cleaned is None:
                return self.value
            return int(cleaned) if float(cleaned).is_integer() else float(cleaned)
        if self.field.type == "boolean":
            return bool(cleaned)
        return option_like(cleaned, self.value)


@dataclass
class Rows:
    """A list. `stored` of its rows are in the content, those after it are new."""

    name: str
    path: Path
    stored: int
    shown: int
    can_add: bool
    can_remove: bool
    entity: str


@dataclass
class Branch:
    """A group, a row of a list, or an activity inside: a heading and what is below it."""

    label: str
    children: "list[Leaf | Branch]" = field(default_factory=list)
    rows: Rows | None = None
    remove: str = ""  # name of the box that removes this row
    is_new: bool = False

    @property
    def is_empty(self) -> bool:
        return self.rows is None and all(
            isinstance(child, Branch) and child.is_empty for child in self.children
        )


@dataclass
class Tree:
    """`content`: with the new rows in it. `uncovered`: (words for it, where) of what a form
    cannot do. `left_out`: how many fields there were beyond what one page holds."""

    root: Branch
    content: dict[str, Any]
    leaves: dict[str, Leaf] = field(default_factory=dict)
    lists: list[Rows] = field(default_factory=list)
    uncovered: list[tuple[str, str]] = field(default_factory=list)
    left_out: int = 0


FindLibrary = Callable[[str], tuple[str, Semantics] | None]
"""Title and semantics of a library by its API name."""


def build_tree(
    content: Mapping[str, Any],
    semantics: Semantics | None,
    find: FindLibrary,
    *,
    interface: bool,
    counts: Mapping[str, int] | None = None,
) -> Tree:
    """`interface`: the words around the activity (“Check”, “Retry”) instead of its own.

    `counts`: name of a list → how many rows are to be shown.
    """
    tree = Tree(Branch(""), deepcopy(dict(content)))
    _Builder(tree, find, counts or {}, interface).group(
        root(semantics), tree.content, (), tree.root, (), 0, False
    )
    return tree


class _Builder:
    def __init__(
        self, tree: Tree, find: FindLibrary, counts: Mapping[str, int], interface: bool
    ) -> None:
        self.tree, self.find, self.counts, self.interface = tree, find, counts, interface

    def group(
        self,
        group: Field,
        value: Any,
        path: Path,
        into: Branch,
        trail: tuple[str, ...],
        depth: int,
        is_common: bool,
    ) -> None:
        if not isinstance(value, dict):
            return
        for member in group.fields:
            if not _NAME.fullmatch(member.name) or member.raw.get("widget") == "none":
                continue
            inner = value.get(member.name)
            common = is_common or member.raw.get("common") is True
            if inner is None and member.type == "text" and not member.is_optional:
                # As long as nobody writes one, the library has its own.
                inner = ""
            if inner is not None:
                self.value(member, inner, (*path, member.name), into, trail, depth, common)

    def value(
        self,
        field: Field,
        value: Any,
        path: Path,
        into: Branch,
        trail: tuple[str, ...],
        depth: int,
        is_common: bool,
    ) -> None:
        if depth > min(DEEPEST, 60):
            return
        label = _label(field)
        here = (*trail, label)
        if field.is_collapsed:
            inner = field.fields[0]
            if isinstance(value, dict) and set(value) == {inner.name}:
                self.group(field, value, path, into, trail, depth + 1, is_common)
            else:
                self.value(inner, value, path, into, trail, depth + 1, is_common)
        elif field.type == "group":
            self.add(
                into,
                Branch(label),
                lambda branch: self.group(field, value, path, branch, here, depth + 1, is_common),
            )
        elif field.type == "list":
            self.list(field, value, path, into, here, depth, is_common)
        elif field.type == "library":
            self.library(value, path, into, here, depth, is_common)
        elif field.type in MAKERS:
            self.leaf(field, value, path, into, label, is_common)
        elif not self.interface and value not in ({}, [], ""):
            self.tree.uncovered.append((_kind(field.type), " › ".join(here)))

    def add(self, into: Branch, branch: Branch, fill: Callable[[Branch], None]) -> None:
        fill(branch)
        if not branch.is_empty:
            into.children.append(branch)

    def list(
        self,
        field: Field,
        value: Any,
        path: Path,
        into: Branch,
        trail: tuple[str, ...],
        depth: int,
        is_common: bool,
    ) -> None:
        item = field.item
        if item is None or not isinstance(value, list):
            return
        name = SEPARATOR.join(map(str, path))
        stored = len(value)
        fresh = None if self.interface or is_common else fresh_value(item)
        most = field.raw.get("max")
        room = min(MOST_NEW_ROWS, (most - stored) if isinstance(most, int) else MOST_NEW_ROWS)
        wanted = min(max(self.counts.get(name, stored), stored), stored + max(room, 0))
        if fresh is not None:
            value.extend(deepcopy(fresh) for _number in range(wanted - stored))
        entity = str(field.raw.get("entity") or _label(item) or _("item"))
        branch = Branch(trail[-1])
        if is_common is self.interface and not self.interface:
            least = field.raw.get("min")
            branch.rows = Rows(
                name,
                path,
                stored,
                len(value),
                can_add=fresh is not None and len(value) < stored + room,
                can_remove=len(value) > (least if isinstance(least, int) else 0),
                entity=entity,
            )
        for number, row in enumerate(value):
            words = f"{entity[:1].upper()}{entity[1:]} {number + 1}"
            below = Branch(words, is_new=number >= stored)
            if branch.rows is not None and branch.rows.can_remove:
                below.remove = f"remove:{name}{SEPARATOR}{number}"
            self.value(item, row, (*path, number), below, (*trail, words), depth + 1, is_common)
            below = _unwrapped(below)
            if not below.is_empty:
                branch.children.append(below)
        if branch.rows is not None and not branch.children and not branch.rows.can_add:
            branch.rows = None
        if not branch.is_empty:
            if branch.rows is not None:
                self.tree.lists.append(branch.rows)
            into.children.append(branch)

    def library(
        self,
        value: Any,
        path: Path,
        into: Branch,
        trail: tuple[str, ...],
        depth: int,
        is_common: bool,
    ) -> None:
        api = library_of(value)
        found = self.find(api) if api else None
        if api is None or found is None:
            return
        title, semantics = found
        self.add(
            into,
            Branch(f"{trail[-1]}: {title}" if trail[-1] else title),
            lambda branch: self.group(
                root(semantics),
                value.get("params"),
                (*path, "params"),
                branch,
                (*trail[:-1], branch.label),
                depth + 1,
                is_common,
            ),
        )

    def leaf(
        self, field: Field, value: Any, path: Path, into: Branch, label: str, is_common: bool
    ) -> None:
        if is_common is not self.interface:
            return
        if len(self.tree.leaves) >= MOST_FIELDS:
            self.tree.left_out += 1
            return
        form_field, keeps_markup = MAKERS[field.type](field, value)
        if form_field is None:
            return
        form_field.label = label
        description = field.raw.get("description")
        if isinstance(description, str) and "<" not in description:
            form_field.help_text = description
        name = f"value{SEPARATOR}{SEPARATOR.join(map(str, path))}"
        leaf = Leaf(name, path, field, value, label, form_field, keeps_markup)
        self.tree.leaves[name] = leaf
        into.children.append(leaf)


def _unwrapped(row: Branch) -> Branch:
    """A row whose only content is a group of the same meaning needs one heading, not two."""
    if len(row.children) == 1 and isinstance(row.children[0], Branch):
        only = row.children[0]
        if only.rows is None:
            label = f"{row.label}: {only.label}" if ":" in only.label else row.label
            return Branch(label, only.children, None, row.remove, row.is_new)
    return row


def _label(field: Field) -> str:
    label = html.unescape(field.label) or str(field.raw.get("entity") or "") or field.name
    return label[:1].upper() + label[1:]


def _kind(kind: str) -> str:
    words = {
        "picture": _("Picture"), "film": _("Film"), "sound": _("Sound"), "file": _("File"),
    }  # fmt: skip
    return words.get(_KINDS.get(kind, ""), kind)
