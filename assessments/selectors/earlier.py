"""An attempt that was returned, beside the one in hand."""

from dataclasses import dataclass

from assessments.enums import AssessmentStatus
from assessments.models import AssessmentRevision, Attempt, Submission
from assessments.selectors.annotations import Noted, recorded
from assessments.selectors.marking import assessment_of, attempt_in_hand, own_assessment_of
from assessments.selectors.second_marking import is_blind
from assessments.selectors.sections import Section, sections_of_attempt
from lms.accounts.models import User
from lms.core.word_diff import Difference, difference_of


@dataclass(frozen=True)
class ChangedSection:
    """A section of the attempt in hand, with what was changed in it since."""

    section: Section
    difference: Difference


@dataclass(frozen=True)
class ComparedAttempt:
    """`gone`: sections of the earlier attempt that its successor's guidelines lack."""

    attempt: Attempt
    now: Attempt
    sections: list[ChangedSection]
    gone: list[Section]
    marks: AssessmentRevision | None
    annotations: list[Noted]

    @property
    def is_same(self) -> bool:
        return not self.gone and all(one.difference.is_none for one in self.sections)


def compared_with_attempt_in_hand(
    submission: Submission, earlier: Attempt, user: User
) -> ComparedAttempt:
    now = attempt_in_hand(submission)
    assert now is not None  # an earlier one has a later one
    before = {one.key: one for one in sections_of_attempt(earlier)}
    after = sections_of_attempt(now)
    keys = {one.key for one in after}
    marks = _marks_of(earlier, user)
    return ComparedAttempt(
        attempt=earlier,
        now=now,
        sections=[
            ChangedSection(
                one, difference_of(before[one.key].stored if one.key in before else "", one.stored)
            )
            for one in after
        ],
        gone=[one for key, one in before.items() if key not in keys and not one.is_blank],
        marks=marks,
        annotations=recorded(earlier, marks.annotations) if marks else [],
    )


def _marks_of(attempt: Attempt, user: User) -> AssessmentRevision | None:
    """What was handed in for it: by the reader, or by its first marker."""
    if is_blind(attempt):
        return None
    assessment = own_assessment_of(attempt, user) or assessment_of(attempt)
    if assessment is None or assessment.status != AssessmentStatus.SUBMITTED:
        return None
    return assessment.revisions.order_by("number").last()
