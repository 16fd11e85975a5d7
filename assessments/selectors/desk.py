"""Everything that lies on the marking desk of one project."""

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.utils.translation import gettext as _

from assessments.enums import (
    TO_BE_AGREED,
    AssessmentStatus,
    GradeStatus,
    MarkerRole,
)
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    Grade,
    Presentation,
    Submission,
)
from assessments.scoring import Score
from assessments.selectors.anonymity import ShownAs, file_name_shown, shown_as
from assessments.selectors.conflicts import partial_by_declaration
from assessments.selectors.desk_abilities import desk_abilities
from assessments.selectors.lateness import Lateness, lateness_of
from assessments.selectors.marking import (
    DeskCriterion,
    conflicts_asked_once,
    desk_criteria,
    has_conflict,
    result_of,
)
from assessments.selectors.second_marking import (
    Divergence,
    divergence_of,
    handed_in_of,
    has_two_markers,
)
from assessments.selectors.sections import Section, sections_of_attempt
from assessments.selectors.team import team_of
from lms.accounts.models import User
from lms.programme.enums import Role
from lms.programme.models import Enrolment, RoleAssignment


@dataclass(frozen=True)
class Step:
    """`state`: done, here or open."""

    label: str
    note: str
    state: str

    @property
    def words(self) -> str:
        """“Marks: done”, so that no colour is needed."""
        words = {
            "done": _("%(step)s: done"),
            "here": _("%(step)s: now"),
            "open": _("%(step)s: later"),
        }
        return words[self.state] % {"step": self.label}


@dataclass(frozen=True)
class DeskFile:
    """A file of the attempt, by the name its reader may know. `size`: in bytes."""

    file_id: UUID
    name: str
    size: int
    media_type: str

    @property
    def is_picture(self) -> bool:
        """Of a kind that is a picture and nothing else; never SVG, which can hold a script."""
        return self.media_type in ("image/png", "image/jpeg")


@dataclass(frozen=True)
class EarlierAttempt:
    attempt: Attempt
    sections: tuple[Section, ...]
    marks: AssessmentRevision | None


@dataclass(frozen=True)
class Presented:
    """A member of the team; each presents for themselves (D15c)."""

    enrolment: Enrolment
    presentation: Presentation | None


@dataclass(frozen=True)
class Desk:
    """A project in an instructor's hands. `attempt` is the one in hand.

    `assessment`: the reader's own or, where they do not mark it, the first marker's.
    `others`: who else marks the attempt. `has_two`: two people mark it; `is_blind`: one of
    them has not handed in, so that nobody reads what another gave. `divergence`: how far
    the two are apart, from when both have.
    """

    submission: Submission
    shown: ShownAs
    attempt: Attempt
    lateness: Lateness
    sections: tuple[Section, ...]
    files: list[DeskFile]
    earlier: list[EarlierAttempt]
    assessment: Assessment | None
    others: list[Assessment]
    has_two: bool
    is_blind: bool
    divergence: Divergence | None
    criteria: list[DeskCriterion]
    handed_in: AssessmentRevision | None
    grade: Grade | None
    presentation: Presentation | None
    team: list[Presented]
    has_conflict: bool
    markers: list[int]
    can: dict[str, bool]

    @property
    def overall(self) -> str:
        return self.assessment.overall if self.assessment and not self.is_hidden else ""

    @property
    def is_hidden(self) -> bool:
        """The marks of `assessment` are kept from the reader."""
        return self.is_blind and not self.can["see_own_marks"]

    @property
    def base_version(self) -> int:
        return self.assessment.version if self.assessment else 0

    @property
    def asks_why(self) -> bool:
        """A decision that needs more than a word: two markers, or a colleague was asked."""
        return self.has_two or (self.grade is not None and bool(self.grade.moderation_asked_at))

    @cached_property
    def missing(self) -> int:
        return sum(not criterion.level_key for criterion in self.criteria)

    @cached_property
    def result(self) -> Score | None:
        return result_of(self.criteria)

    @cached_property
    def steps(self) -> list[Step]:
        states = ["open", "open", "open"]
        here = self._place()
        states[:here] = ["done"] * here
        if here < len(states):
            states[here] = "here"
        marks = _("A level for every criterion, then hand in.")
        if self.is_blind and self._is_in(self.assessment):
            marks = _("One of two markers has handed in; the marks of the other are missing.")
        notes = [
            marks,
            _("Marker and colleagues decide; the participant sees nothing yet."),
            _("The participant sees levels, comments and result."),
        ]
        labels = [_("Marks"), _("Agree"), _("Release")]
        return [Step(*step) for step in zip(labels, notes, states, strict=True)]

    @staticmethod
    def _is_in(assessment: Assessment | None) -> bool:
        return assessment is not None and assessment.status == AssessmentStatus.SUBMITTED

    def _place(self) -> int:
        grade = self.grade
        if self.is_blind or not self._is_in(self.assessment):
            return 3 if grade is not None and grade.is_visible_to_participant else 0
        if grade is None or grade.status in (*TO_BE_AGREED, GradeStatus.VOIDED):
            return 1
        return 3 if grade.is_visible_to_participant else 2


def desk_of(submission: Submission, user: User) -> Desk:
    with conflicts_asked_once():
        return _desk_of(submission, user)


def _desk_of(submission: Submission, user: User) -> Desk:
    attempts = list(
        submission.attempts.select_related("guidelines", "rubric", "revision_request")
        .prefetch_related("files__file")
        .order_by("-number")
    )
    attempt = next((one for one in attempts if one.number == submission.attempt), attempts[0])
    assessments = list(
        Assessment.objects.active()
        .filter(submission=submission)
        .select_related("marker")
        .prefetch_related("revisions")
    )
    held = {MarkerRole(one.role): one for one in assessments if one.attempt_id == attempt.pk}
    own = next((one for one in held.values() if one.marker_id == user.pk), None)
    assessment = own or held.get(MarkerRole.FIRST)
    has_two = has_two_markers(attempt)
    all_handed_in = handed_in_of(attempt) if has_two else None
    is_blind = has_two and all_handed_in is None
    is_hidden = is_blind and own is None
    earlier_marks = {one.attempt_id: one for one in assessments if one.role == MarkerRole.FIRST}
    grade = (
        Grade.objects.filter(submission=submission)
        .select_related("current__rubric", "current__by", "released_by", "voided_by")
        .first()
    )
    members = team_of(submission)
    given = {
        presentation.enrolment_id: presentation
        for presentation in Presentation.objects.standing()
        .filter(enrolment__in=[member.enrolment_id for member in members])
        .select_related("recorded_by")
    }
    partial = has_conflict(user, submission)
    shown = shown_as(submission, user)
    handed_in = _latest(assessment)
    if assessment is None or assessment.status != AssessmentStatus.SUBMITTED or is_hidden:
        handed_in = None
    return Desk(
        submission=submission,
        shown=shown,
        attempt=attempt,
        lateness=lateness_of(attempt),
        sections=sections_of_attempt(attempt),
        files=[
            DeskFile(
                one.file_id,
                file_name_shown(one.file) if shown.is_hidden else one.name,
                one.size,
                one.media_type,
            )
            for one in attempt.files.all()
        ],
        earlier=[
            EarlierAttempt(one, sections_of_attempt(one), _latest(earlier_marks.get(one.pk)))
            for one in attempts
            if one.number < attempt.number
        ],
        assessment=assessment,
        others=[one for one in held.values() if one is not assessment],
        has_two=has_two,
        is_blind=is_blind,
        divergence=divergence_of(all_handed_in),
        criteria=desk_criteria(attempt, None if is_hidden else assessment),
        handed_in=handed_in,
        grade=grade,
        presentation=given.get(submission.owner_id),
        team=[Presented(one.enrolment, given.get(one.enrolment_id)) for one in members],
        has_conflict=partial,
        markers=markers_for(submission),
        can=desk_abilities(
            user, submission, held, grade, has_two=has_two, is_blind=is_blind, has_conflict=partial
        )
        | ({"record_presentation": False} if shown.is_hidden else {}),
    )


def markers_for(submission: Submission) -> list[int]:
    """Instructors of the edition who have never had to do with the project's city, nor
    written on it, nor declared a conflict."""
    city = submission.owner.city_id
    instructors = set(
        RoleAssignment.objects.filter(
            edition=submission.edition_id, role=Role.INSTRUCTOR, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    partial = set(Enrolment.objects.filter(city=city).values_list("user_id", flat=True)) | set(
        Enrolment.objects.filter(organisation__city=city).values_list("user_id", flat=True)
    )
    partial |= set(RoleAssignment.objects.filter(city=city).values_list("user_id", flat=True))
    partial |= set(submission.members.values_list("enrolment__user_id", flat=True))
    partial |= partial_by_declaration(submission)
    return sorted(instructors - partial - {submission.owner.user_id})


def _latest(assessment: Assessment | None) -> AssessmentRevision | None:
    if assessment is None:
        return None
    return max(assessment.revisions.all(), key=lambda revision: revision.number, default=None)
