"""What the instructors gave back on a project, once it is released."""

from dataclasses import dataclass
from typing import Any

from assessments.enums import Outcome
from assessments.models import Grade, GradeRevision
from assessments.selectors.annotations import Noted, released_annotations
from assessments.selectors.marking import released_revision


@dataclass(frozen=True)
class Feedback:
    """`revision`: the decision in force; `marks`: see `MarksRecord`."""

    grade: Grade
    revision: GradeRevision
    annotations: list[Noted]
    is_amended: bool

    @property
    def marks(self) -> list[dict[str, Any]]:
        return list(self.revision.marks)

    @property
    def is_passed(self) -> bool:
        return self.revision.outcome == Outcome.PASSED

    @property
    def file_name(self) -> str:
        return f"feedback-{self.revision.attempt.receipt}.pdf"


def feedback_of(grade: Grade) -> Feedback | None:
    """None before the release (invariant 9), for staff as well."""
    if not grade.is_visible_to_participant or grade.current_id is None:
        return None
    revision = GradeRevision.objects.select_related(
        "rubric",
        "grade",
        "attempt__owner__city",
        "attempt__guidelines",
        "attempt__project__edition__programme",
    ).get(pk=grade.current_id)
    first = released_revision(grade)
    return Feedback(
        grade,
        revision,
        released_annotations(revision),
        is_amended=first is not None and revision.number > first.number,
    )
