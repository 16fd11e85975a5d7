"""Marks as they come in, as they are kept while marking, and as they are recorded."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assessments.models import Assessment, Criterion, CriterionMark, Level
from assessments.scoring import Weighed, score
from lms.core.errors import InvalidInput, Sentence
from lms.core.kept import Kept
from lms.core.text import clean_text

MAX_COMMENT_BYTES = 20_000
MARK_FIELDS = {"level", "comment"}


@dataclass(frozen=True)
class CleanMark:
    """A mark whose level belongs to its criterion. `comment` None: not named."""

    criterion: Criterion
    names_level: bool
    level: Level | None
    comment: str | None

    def changes(self, row: CriterionMark | None) -> bool:
        level_id = row.level_id if row else None
        comment = row.comment if row else ""
        return (self.names_level and (self.level.pk if self.level else None) != level_id) or (
            self.comment is not None and self.comment != comment
        )


_criteria: Kept[dict[str, Criterion]] = Kept(64)


def criteria_of(rubric_id: int) -> Mapping[str, Criterion]:
    """Criterion key → criterion of a rubric version, in order, with levels. A version never
    changes, so it is read once."""

    def read() -> dict[str, Criterion]:
        criteria = Criterion.objects.filter(version=rubric_id).prefetch_related("levels")
        return {criterion.key: criterion for criterion in criteria}

    return _criteria.get(rubric_id, read)


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


def put_marks(assessment: Assessment, marks: Iterable[CleanMark]) -> None:
    """Store what the marks name, and nothing else of theirs: a statement for those that
    name the same, whether or not there was a row."""
    alike: dict[tuple[str, ...], list[CriterionMark]] = defaultdict(list)
    for mark in marks:
        row = CriterionMark(assessment=assessment, criterion=mark.criterion)
        named = []
        if mark.names_level:
            row.level = mark.level
            named.append("level")
        if mark.comment is not None:
            row.comment = mark.comment
            named.append("comment")
        if named:
            alike[tuple(named)].append(row)
    for fields, rows in alike.items():
        CriterionMark.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["assessment", "criterion"],
            update_fields=fields,
        )


def stored_marks(assessment: Assessment) -> dict[str, CriterionMark]:
    """Criterion key → what is stored. One query."""
    rows = assessment.marks.select_related("criterion", "level")
    return {row.criterion.key: row for row in rows}


def record_of_marks(rubric_id: int, given: Mapping[str, CriterionMark]) -> dict[str, Any]:
    """The fields of a `MarksRecord`; InvalidInput names every criterion without a level."""
    criteria = criteria_of(rubric_id)
    chosen = {key: row.level for key, row in given.items() if row.level is not None}
    missing = [criterion for key, criterion in criteria.items() if key not in chosen]
    if missing:
        raise InvalidInput(
            _("Some criteria have no level yet."),
            errors={
                criterion.key: [
                    _("Choose a level for “%(criterion)s”.") % {"criterion": criterion.title}
                ]
                for criterion in missing
            },
        )
    comments = {key: row.comment for key, row in given.items()}
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
