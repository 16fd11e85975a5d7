"""What lies on the table when a grade is agreed on: what each marker gave."""

from collections.abc import Iterable
from dataclasses import dataclass

from assessments.models import AssessmentRevision, Criterion
from assessments.selectors.marking import DeskCriterion
from lms.accounts.models import User


@dataclass(frozen=True)
class GivenMark:
    """What one marker gave for a criterion."""

    marker: User
    level_title: str
    comment: str


def criteria_to_agree(
    handed_in: list[AssessmentRevision],
) -> tuple[list[DeskCriterion], dict[str, list[GivenMark]]]:
    """The criteria with the level all markers chose (none where they differ) and their
    comments one below the other; criterion key → what each of them gave. Two queries."""
    given = [{mark["criterion"]: mark for mark in one.marks} for one in handed_in]
    rows, by_marker = [], {}
    version = Criterion.objects.filter(version=handed_in[0].rubric_id)
    for criterion in version.prefetch_related("levels"):
        marks = [theirs[criterion.key] for theirs in given]
        levels = {mark["level"] for mark in marks}
        by_key = {level.key: level for level in criterion.levels.all()}
        rows.append(
            DeskCriterion(
                criterion,
                by_key[levels.pop()] if len(levels) == 1 else None,
                together(mark["comment"] for mark in marks),
            )
        )
        by_marker[criterion.key] = [
            GivenMark(one.assessment.marker, mark["level_title"], mark["comment"])
            for one, mark in zip(handed_in, marks, strict=True)
        ]
    return rows, by_marker


def together(texts: Iterable[str]) -> str:
    """Texts of several markers one below the other, each once."""
    return "\n\n".join(dict.fromkeys(text.strip() for text in texts if text.strip()))
