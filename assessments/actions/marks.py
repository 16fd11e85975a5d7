"""Marks as they come in, as they are kept while marking, and as they are recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Criterion, Level
from assessments.scoring import Weighed, score
from assessments.selectors.marking import NO_MARK, criteria_of
from lms.core.errors import InvalidInput, Sentence, StaleVersion
from lms.core.text import clean_text

MAX_COMMENT_BYTES = 20_000
MARK_FIELDS = {"level", "comment"}
# Criterion key → {"level": level key or None, "comment": text}: see `Assessment.marks`.
Marks = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class CleanMark:
    """A mark whose level belongs to its criterion. `comment` None: not named."""

    criterion: Criterion
    names_level: bool
    level: Level | None
    comment: str | None


def clean_marks(rubric_id: int, marks: Mapping[str, Any]) -> dict[str, CleanMark]:
    """The marks as rows of the pinned rubric, or InvalidInput (invariant 6).

    Refused: a criterion or level the rubric version does not have, any field but
    level and comment – points and totals are the server's.
    """
    criteria = criteria_of(rubric_id)
    errors: dict[str, list[Sentence]] = {}
    clean: dict[str, CleanMark] = {}
    for key, mark in marks.items():
        criterion = criteria.get(key) if isinstance(key, str) else None
        if criterion is None:
            errors[str(key)] = [_("The rubric has no such criterion.")]
        elif not isinstance(mark, Mapping):
            errors[key] = [_("Send a level and a comment.")]
        elif unknown := [str(name) for name in mark if name not in MARK_FIELDS]:
            errors.update({f"{key}.{name}": [_("Unknown field.")] for name in unknown})
        else:
            levels = {level.key: level for level in criterion.levels.all()}
            chosen = mark.get("level")
            if chosen is not None and (not isinstance(chosen, str) or chosen not in levels):
                errors[key] = [_("Choose one of the levels of this criterion.")]
                continue
            clean[key] = CleanMark(
                criterion=criterion,
                names_level="level" in mark,
                level=levels[chosen] if chosen is not None else None,
                comment=clean_text(
                    mark["comment"], field=f"{key}.comment", max_bytes=MAX_COMMENT_BYTES
                )
                if "comment" in mark
                else None,
            )
    if errors:
        raise InvalidInput(errors=errors)
    return clean


def with_marks(stored: Marks, marks: Iterable[CleanMark]) -> dict[str, dict[str, Any]]:
    """What is stored, with what the marks name in its place."""
    after = {key: {**NO_MARK, **mark} for key, mark in stored.items()}
    for mark in marks:
        given = after.setdefault(mark.criterion.key, dict(NO_MARK))
        if mark.names_level:
            given["level"] = mark.level.key if mark.level else None
        if mark.comment is not None:
            given["comment"] = mark.comment
    return after


def stale_marks(version: int, stored: Marks, named: Iterable[str], **more: str) -> StaleVersion:
    """What is stored of the criteria that were named (invariant 3)."""
    marks = {key: stored.get(key, NO_MARK) for key in named}
    return StaleVersion(version=version, stored={"marks": marks, **more})


def require_levels(rubric_id: int, given: Marks) -> None:
    """Raise InvalidInput naming every criterion without a level (invariant 6)."""
    errors: dict[str, list[Sentence]] = {
        key: [_("Choose a level for “%(criterion)s”.") % {"criterion": criterion.title}]
        for key, criterion in criteria_of(rubric_id).items()
        if not given.get(key, NO_MARK)["level"]
    }
    if errors:
        raise InvalidInput(_("Some criteria have no level yet."), errors=errors)


def record_of_marks(rubric_id: int, given: Marks) -> dict[str, Any]:
    """The fields of a `MarksRecord`; InvalidInput names every criterion without a level."""
    require_levels(rubric_id, given)
    criteria = criteria_of(rubric_id)
    chosen = {key: one.level_of(given[key]["level"]) for key, one in criteria.items()}
    comments = {key: mark["comment"] for key, mark in given.items()}
    return record(rubric_id, criteria, chosen, comments)


def record(
    rubric_id: int,
    criteria: Mapping[str, Criterion],
    chosen: Mapping[str, Level],
    comments: Mapping[str, str],
) -> dict[str, Any]:
    """Marks for every criterion, with total and result computed here (invariant 5)."""
    marks, weighed = [], []
    for key, criterion in criteria.items():
        level = chosen[key]
        best = max(one.points for one in criterion.levels.all())
        weighed.append(Weighed(level.points, best, criterion.weight))
        marks.append(
            {
                "criterion": key,
                "title": criterion.title,
                "level": level.key,
                "level_title": level.title,
                "points": str(level.points),
                "max_points": str(best),
                "weight": str(criterion.weight),
                "comment": comments.get(key, ""),
            }
        )
    result = score(weighed)
    return {
        "rubric_id": rubric_id,
        "marks": marks,
        "total": result.total,
        "maximum": result.maximum,
        "percent": result.percent,
    }
