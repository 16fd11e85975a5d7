"""A rubric as the page shows it: every field with its name, its text and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assessments.rubric_working import field_of, sum_of_weights, texts_of, undo_label


@dataclass(frozen=True)
class Field:
    """`stored`: what is stored, where it is not what was typed on this page."""

    name: str
    text: str
    stored: str | None
    errors: list[str]

    @property
    def label(self) -> str:
        """As it stands above the field."""
        of_level = self.name.startswith("l.")
        return {
            "title": _("Level") if of_level else _("Title"),
            "weight": _("Weight"),
            "points": _("Points"),
            "description": _("What it asks"),
            "descriptor": _("What it looks like"),
        }.get(self.name.rpartition(".")[2], self.name)


@dataclass(frozen=True)
class LevelFields:
    path: str
    number: int
    title: Field
    points: Field
    descriptor: Field
    is_first: bool
    is_last: bool

    @property
    def words(self) -> str:
        return self.title.text or _("level %(number)d") % {"number": self.number}


@dataclass(frozen=True)
class CriterionFields:
    path: str
    number: int
    title: Field
    description: Field
    weight: Field
    levels: list[LevelFields]
    errors: list[str]
    is_first: bool
    is_last: bool
    is_new: bool

    @property
    def words(self) -> str:
        return self.title.text or _("criterion %(number)d") % {"number": self.number}

    @property
    def fields(self) -> list[Field]:
        """Its own and those of its levels, in order."""
        own = [self.title, self.weight, self.description]
        return own + [
            field
            for level in self.levels
            for field in (level.title, level.points, level.descriptor)
        ]


@dataclass(frozen=True)
class Builder:
    """`errors`: what is about no field of the page; `lost`: typed for a part that is gone."""

    pass_percent: Field
    criteria: list[CriterionFields]
    total: Decimal | None
    undo: str
    errors: list[str]
    lost: list[str]
    has_errors: bool

    @property
    def is_whole(self) -> bool:
        return self.total == 100


def builder_of(
    working: Mapping[str, Any],
    *,
    typed: Mapping[str, str],
    refused: Mapping[str, list[str]],
    wrong: Mapping[str, list[str]],
    shows_stored: bool,
) -> Builder:
    """`refused`: by field, of what was just sent; `wrong`: by place, of what is stored."""
    stored = texts_of(working)
    errors: dict[str, list[str]] = {name: list(said) for name, said in refused.items()}
    of_part: dict[str, list[str]] = {}
    for where, said in wrong.items():
        if where.endswith(".levels"):
            number = int(where.removeprefix("criteria[").partition("]")[0])
            of_part.setdefault(working["criteria"][number]["id"], []).extend(said)
        else:
            errors.setdefault(field_of(working, where), []).extend(said)

    def field(name: str) -> Field:
        text = typed.get(name, stored[name]).replace("\r\n", "\n")
        differs = shows_stored and text != stored[name]
        return Field(name, text, stored[name] if differs else None, errors.pop(name, []))

    criteria = []
    last = len(working["criteria"]) - 1
    for place, criterion in enumerate(working["criteria"]):
        start = f"c.{criterion['id']}"
        levels = []
        for spot, level in enumerate(criterion["levels"]):
            of_level = f"l.{criterion['id']}.{level['id']}"
            levels.append(
                LevelFields(
                    path=f"{criterion['id']}:{level['id']}",
                    number=spot + 1,
                    title=field(f"{of_level}.title"),
                    points=field(f"{of_level}.points"),
                    descriptor=field(f"{of_level}.descriptor"),
                    is_first=spot == 0,
                    is_last=spot == len(criterion["levels"]) - 1,
                )
            )
        criteria.append(
            CriterionFields(
                path=criterion["id"],
                number=place + 1,
                title=field(f"{start}.title"),
                description=field(f"{start}.description"),
                weight=field(f"{start}.weight"),
                levels=levels,
                errors=of_part.get(criterion["id"], []),
                is_first=place == 0,
                is_last=place == last,
                is_new=not criterion["key"],
            )
        )
    return Builder(
        pass_percent=field("pass_percent"),
        criteria=criteria,
        total=sum_of_weights(working),
        undo=undo_label(working),
        errors=[sentence for said in errors.values() for sentence in dict.fromkeys(said)],
        lost=[text for name, text in typed.items() if name not in stored and text.strip()],
        has_errors=bool(refused or wrong),
    )
