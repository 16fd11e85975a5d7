"""What changed between two versions of a rubric, for people to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from lms.core.rich_text import html_from_text
from lms.core.word_diff import difference_of


@dataclass(frozen=True)
class TextChange:
    """One text of a criterion or level: `html` with what came and what went."""

    label: str
    html: SafeString


@dataclass(frozen=True)
class PartChange:
    """A criterion or one of its levels. `state`: new, gone, moved, changed or same."""

    title: str
    state: str
    texts: list[TextChange]
    levels: "list[PartChange]"

    @property
    def words(self) -> str:
        return {
            "new": _("New"),
            "gone": _("Gone"),
            "moved": _("Moved"),
            "changed": _("Changed"),
            "same": _("As before"),
        }[self.state]

    @property
    def tone(self) -> str:
        return {"new": "good", "gone": "bad", "same": "neutral"}.get(self.state, "info")


@dataclass(frozen=True)
class Difference:
    head: list[TextChange]
    criteria: list[PartChange]

    @property
    def is_none(self) -> bool:
        return not self.head and all(part.state == "same" for part in self.criteria)

    def as_data(self) -> dict[str, Any]:
        """For programs: what changed, with the words as HTML (`<ins>`, `<del>`)."""
        return {
            "head": [{"field": text.label, "html": str(text.html)} for text in self.head],
            "criteria": [_data_of(part) for part in self.criteria if part.state != "same"],
        }


def rubric_difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference:
    """Of two contents in their published form; criteria and levels are the same where their
    keys are."""
    labels = {"pass_percent": _("Pass mark, in per cent")}
    return Difference(_texts(before, after, labels), _parts(before["criteria"], after["criteria"]))


def _parts(before: list[Any], after: list[Any]) -> list[PartChange]:
    old = {part["key"]: part for part in before}
    order = [part["key"] for part in after if part["key"] in old]
    stayed = _unmoved([part["key"] for part in before if part["key"] in set(order)], order)
    parts = []
    for part in after:
        was = old.get(part["key"])
        texts = _texts(was or {}, part, _labels())
        levels = _parts(was["levels"] if was else [], part["levels"]) if "levels" in part else []
        changed = texts or any(level.state != "same" for level in levels)
        if was is None:
            state = "new"
        elif changed:
            state = "changed"
        else:
            state = "same" if part["key"] in stayed else "moved"
        parts.append(PartChange(part["title"], state, texts, levels))
    kept = {part["key"] for part in after}
    for part in before:
        if part["key"] not in kept:
            levels = _parts(part["levels"], []) if "levels" in part else []
            parts.append(PartChange(part["title"], "gone", _texts(part, {}, _labels()), levels))
    return parts


def _labels() -> dict[str, str]:
    return {
        "title": _("Title"),
        "weight": _("Weight, in per cent"),
        "points": _("Points"),
        "description": _("What it asks"),
        "descriptor": _("What it looks like"),
    }


def _texts(
    before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]
) -> list[TextChange]:
    changes = []
    for name, label in labels.items():
        old, new = str(before.get(name, "")), str(after.get(name, ""))
        if old != new:
            is_long = name in {"description", "descriptor"}
            changes.append(TextChange(label, _words(old, new) if is_long else _whole(old, new)))
    return changes


def _words(old: str, new: str) -> SafeString:
    return difference_of(html_from_text(old), html_from_text(new)).html


def _whole(old: str, new: str) -> SafeString:
    """Of a title or a number, the one in the place of the other."""
    gone = format_html("<del>{}</del>", old) if old else ""
    come = format_html("<ins>{}</ins>", new) if new else ""
    return format_html("<p>{}{}{}</p>", gone, " " if gone and come else "", come)


def _unmoved(before: list[str], after: list[str]) -> set[str]:
    """The longest run of parts that kept their order (few parts: 40 × 40)."""
    best: list[list[str]] = [[] for _key in range(len(after) + 1)]
    for key in before:
        row = [list(best[0])]
        for place, other in enumerate(after, start=1):
            found = best[place - 1] + [key] if key == other else None
            row.append(found or max(best[place], row[-1], key=len))
        best = row
    return set(best[-1])


def _data_of(part: PartChange) -> dict[str, Any]:
    return {
        "title": part.title,
        "state": part.state,
        "texts": [{"field": text.label, "html": str(text.html)} for text in part.texts],
        "levels": [_data_of(level) for level in part.levels if level.state != "same"],
    }
