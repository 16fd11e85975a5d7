"""A library's semantics: what its content may hold, field by field.

`parse` makes a typed tree of semantics.json; `walk` goes through content along that tree,
into the sub-libraries that the content uses.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from h5p.names import LibraryName, parse_api

Semantics = Sequence[Any]
"""A parsed semantics.json: a list of objects, as it was read."""

FindSemantics = Callable[[str], Semantics | None]
"""Semantics by API name (``H5P.Foo 1.2``); None for a library that is unknown or has none."""

Path = tuple[str | int, ...]
"""Where in the content: ``("questions", 0, "params", "text")``."""

DEEPEST: Final = 150
"""Fields within fields, across libraries; what lies more deeply is not followed."""


@dataclass(frozen=True)
class Field:
    """One field of semantics.json. ``raw`` is the object as it was written.

    ``fields`` are a group's members, ``item`` is what a list repeats, ``options`` are a select's
    values or the API names of the libraries that may be chosen.
    """

    name: str
    type: str
    label: str = ""
    is_optional: bool = False
    fields: tuple["Field", ...] = ()
    item: "Field | None" = None
    options: tuple[str, ...] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def is_collapsed(self) -> bool:
        """Whether the editor writes the only member's value instead of the group (H5P's habit)."""
        return (
            self.type == "group"
            and len(self.fields) == 1
            and self.raw.get("isSubContent") is not True
        )

    @property
    def is_html(self) -> bool:
        """Whether a text may carry markup."""
        return self.type == "text" and isinstance(self.raw.get("tags"), list)

    def member(self, name: str) -> "Field | None":
        """The member of a group with that name."""
        return next((field for field in self.fields if field.name == name), None)


def parse(semantics: Semantics | None) -> tuple[Field, ...]:
    """The typed tree. What is not a field is left out: nothing here trusts the file.

    Of two fields with one name the first counts, or nested repetition would grow without bound.
    """
    if not isinstance(semantics, Sequence) or isinstance(semantics, str):
        return ()
    fields: dict[str, Field] = {}
    for raw in semantics:
        parsed = _parse_field(raw)
        if parsed is not None:
            fields.setdefault(parsed.name, parsed)
    return tuple(fields.values())


def root(semantics: Semantics | None) -> Field:
    """The fields of a library as one group, which is never collapsed."""
    return Field("", "group", fields=parse(semantics), raw={"isSubContent": True})


@dataclass(frozen=True)
class Step:
    """One value of the content and the field that it fills. ``library`` owns the field."""

    field: Field
    value: Any
    path: Path
    library: str | None = None

    def into(self, field: Field, value: Any, key: str | int) -> "Step":
        """The step to a value inside this one."""
        return Step(field, value, (*self.path, key), self.library)


Steps = Iterator[Step]


def walk(
    content: Any,
    semantics: Semantics | None,
    find_semantics: FindSemantics,
    *,
    library: str | None = None,
) -> Steps:
    """Every value that a field describes, parents before children, in the order of the semantics.

    A library field is itself a step; its value's params follow, along that library's semantics.
    Values without a field are not visited. ``library`` is the API name of the main library.
    """
    walker = _Walker(find_semantics)
    return walker.descend(Step(root(semantics), content, (), library), 0)


class _Walker:
    def __init__(self, find_semantics: FindSemantics) -> None:
        self._find = find_semantics
        self._trees: dict[str, Field] = {}

    def visit(self, step: Step, depth: int) -> Steps:
        if depth < DEEPEST:
            yield step
            yield from self.descend(step, depth + 1)

    def descend(self, step: Step, depth: int) -> Steps:
        """What lies within a value."""
        for inner in self._within(step):
            yield from self.visit(inner, depth)

    def _within(self, step: Step) -> Steps:
        field, value = step.field, step.value
        if field.is_collapsed:
            yield self._only_member(step)
        elif field.type == "group" and isinstance(value, dict):
            for member in field.fields:
                if member.name in value:
                    yield step.into(member, value[member.name], member.name)
        elif field.type == "list" and field.item is not None and isinstance(value, list):
            for index, item in enumerate(value):
                yield step.into(field.item, item, index)
        elif field.type == "library":
            name = library_of(value)
            if name is not None:
                params = Step(self._tree(name), value.get("params"), (*step.path, "params"), name)
                yield from self._within(params)

    def _only_member(self, step: Step) -> Step:
        inner, value = step.field.fields[0], step.value
        # Some editors write the group nevertheless.
        if isinstance(value, dict) and set(value) == {inner.name} and inner.type != "group":
            return step.into(inner, value[inner.name], inner.name)
        return Step(inner, value, step.path, step.library)

    def _tree(self, name: str) -> Field:
        if name not in self._trees:
            self._trees[name] = root(self._find(name))
        return self._trees[name]


def library_of(value: Any) -> str | None:
    """The API name that a library field's value names; None when it names none."""
    if not isinstance(value, dict):
        return None
    name = value.get("library")
    return name if isinstance(name, str) and parse_api(name) is not None else None


def sub_libraries(
    content: Any, semantics: Semantics | None, find_semantics: FindSemantics
) -> tuple[LibraryName, ...]:
    """The libraries that the content itself uses, in the order of first use, without repeats.

    Only those that the field's options allow: sanitising removes the others.
    """
    found: dict[str, LibraryName] = {}
    for step in walk(content, semantics, find_semantics):
        if step.field.type != "library":
            continue
        api = library_of(step.value)
        if api is not None and api in step.field.options:
            name = parse_api(api)
            if name is not None:
                found.setdefault(name.api, name)
    return tuple(found.values())


def _parse_field(raw: Any) -> Field | None:
    if not isinstance(raw, Mapping):
        return None
    # What a list repeats need not have a name.
    name, kind, label = raw.get("name", ""), raw.get("type"), raw.get("label")
    if not isinstance(name, str) or not isinstance(kind, str):
        return None
    return Field(
        name=name,
        type=kind,
        label=label if isinstance(label, str) else "",
        is_optional=raw.get("optional") is True,
        fields=parse(raw.get("fields")),
        item=_parse_field(raw.get("field")),
        options=_option_values(raw.get("options")),
        raw=raw,
    )


def _option_values(options: Any) -> tuple[str, ...]:
    """The values of a select, groups of options flattened, or the names of libraries."""
    values: list[str] = []
    for option in options if isinstance(options, list) else ():
        if isinstance(option, str):
            values.append(option)
        elif isinstance(option, Mapping):
            if option.get("type") == "optgroup":
                values += _option_values(option.get("options"))
                continue
            value = option.get("value", option.get("name"))
            if isinstance(value, str | int | float):
                values.append(str(value))
    return tuple(values)
