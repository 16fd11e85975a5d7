"""What a release would show to whom, and what it would leave out: read, never written."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, F, Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from assessments.enums import (
    AGREED_GRADE,
    VISIBLE_TO_PARTICIPANT,
    AssessmentStatus,
    GradeStatus,
    Outcome,
    ReleaseItemOutcome,
    ReleaseStatus,
    SubmissionStatus,
)
from assessments.models import (
    Assessment,
    Grade,
    GradeRevision,
    Release,
    ReleaseItem,
    Submission,
    TeamMember,
)
from assessments.models.team import was_in_team
from assessments.selectors.distribution import Distribution
from assessments.selectors.marking import without_conflict
from lms.accounts.models import User
from lms.core.canonical import hash_of
from lms.programme.enums import TAKING_PART
from lms.programme.models import Edition

# So near to the pass mark, in points of the percentage, a result is looked at once more.
NEAR_PASS = Decimal(2)


class Missing(TextChoices):
    """Why a project that was handed in is not among those to be released."""

    NOT_BEGUN = "not_begun", _("Nobody has begun to mark it.")
    IN_MARKING = "in_marking", _("The marks are not handed in.")
    TO_AGREE = "to_agree", _("Marked, but not agreed.")
    IN_MODERATION = "in_moderation", _("A colleague was asked to look: in moderation.")
    NEEDS_REGRADE = "needs_regrade", _("A newer attempt or another rubric came after the marks.")
    RETURNED = "returned", _("Returned for revision.")
    WITHDRAWN = "withdrawn", _("Withdrawn by those who submitted it.")
    CONFLICT = "conflict", _("You have a conflict of interest: a colleague releases it.")
    IN_RELEASE = "in_release", _("Waits in another release.")
    VOIDED = "voided", _("The grade was voided.")


@dataclass(frozen=True)
class Ready:
    """A grade that would be released, and who would be told."""

    submission: Submission
    grade: Grade
    revision: GradeRevision
    recipients: tuple[User, ...]

    @property
    def is_passed(self) -> bool:
        return self.revision.outcome == Outcome.PASSED

    @property
    def margin(self) -> Decimal:
        return self.revision.percent - self.revision.rubric.pass_percent

    def content(self) -> list[Any]:
        return [
            self.grade.pk,
            self.grade.version,
            self.revision.pk,
            str(self.revision.percent),
            self.revision.outcome,
            sorted(person.pk for person in self.recipients),
        ]


@dataclass(frozen=True)
class LeftOut:
    submission: Submission
    why: Missing
    # Where it waits in another release.
    release: int | None = None


@dataclass(frozen=True)
class Rehearsal:
    """`sha256` is the hash of the grades, their versions and results, and of who is told."""

    edition: Edition
    ready: list[Ready]
    left_out: list[LeftOut] = field(default_factory=list)
    released: int = 0
    not_handed_in: int = 0

    @cached_property
    def sha256(self) -> str:
        return sha256_of(self.edition, self.ready)

    @cached_property
    def distribution(self) -> Distribution:
        passes = {one.revision.rubric.pass_percent for one in self.ready}
        return Distribution(
            [one.revision.percent for one in self.ready],
            passes.pop() if len(passes) == 1 else None,
        )

    @cached_property
    def outliers(self) -> list[Ready]:
        fences = self.distribution.fences
        if fences is None:
            return []
        return [one for one in self.ready if not fences.hold(one.revision.percent)]

    @cached_property
    def near_pass(self) -> list[Ready]:
        return [one for one in self.ready if abs(one.margin) <= NEAR_PASS]

    @cached_property
    def passed(self) -> int:
        return sum(one.is_passed for one in self.ready)

    @cached_property
    def recipients(self) -> list[tuple[User, Ready]]:
        return [(person, one) for one in self.ready for person in one.recipients]

    @cached_property
    def counted(self) -> list[tuple[Missing, int]]:
        """How many are missing for each reason, in the order of the reasons."""
        counts: dict[Missing, int] = defaultdict(int)
        for one in self.left_out:
            counts[one.why] += 1
        return [(why, counts[why]) for why in Missing if counts[why]]


def sha256_of(edition: Edition, ready: Iterable[Ready]) -> str:
    grades = sorted(one.content() for one in ready)
    return hash_of({"edition": edition.pk, "grades": grades})


def rehearse(edition: Edition, user: User, *, only: Collection[int] | None = None) -> Rehearsal:
    """What a release by `user` would do now. `only`: these grades. Nine queries at most,
    whatever the number of projects. Nothing of projects `user` has had a hand in."""
    rows = Submission.objects.in_hand().filter(edition=edition, submitted_at__isnull=False)
    rows = rows.filter(~was_in_team(user))
    if only is not None:
        rows = rows.filter(grade__in=list(only))
    submissions = list(
        rows.select_related(
            "owner__user", "owner__city", "edition", "grade__current__rubric", "grade__attempt"
        )
        .defer(
            "sections", "grade__current__marks", "grade__current__overall",
            "grade__attempt__sections",
        )
        .order_by("pk")
    )  # fmt: skip
    ids = [submission.pk for submission in submissions]
    teams = _teams(ids)
    partial = conflicts_of(user, ids)
    releases = dict(
        ReleaseItem.objects.waiting()
        .filter(grade__edition=edition)
        .values_list("grade__submission_id", "release_id")
    )
    states = _marking_states(edition)
    ready: list[Ready] = []
    left_out: list[LeftOut] = []
    released = 0
    for submission in submissions:
        team = teams[submission.pk]
        grade = getattr(submission, "grade", None)
        if grade is not None and grade.status in VISIBLE_TO_PARTICIPANT:
            released += 1
            continue
        why = _why_not(
            submission,
            grade,
            states.get(submission.pk, set()),
            has_conflict=submission.pk in partial,
            is_in_release=submission.pk in releases,
        )
        if why is not None:
            left_out.append(LeftOut(submission, why, releases.get(submission.pk)))
        elif grade is not None and grade.current is not None:
            ready.append(Ready(submission, grade, grade.current, told(team)))
    return Rehearsal(
        edition, ready, left_out, released, _not_handed_in(edition, user) if only is None else 0
    )


def _not_handed_in(edition: Edition, user: User) -> int:
    drafts = Submission.objects.in_hand().filter(edition=edition, submitted_at=None)
    return drafts.filter(~was_in_team(user)).count()


def told(team: Iterable[TeamMember]) -> tuple[User, ...]:
    """Those of a team who get a notice: who write now and hold their place."""
    return tuple(
        member.enrolment.user
        for member in team
        if member.left_at is None and member.enrolment.status in TAKING_PART
    )


def rehearsed(release: Release, user: User) -> Rehearsal:
    """The same picture of a release that was made: its grades with the decisions it was
    made for. Nothing of projects `user` has had a hand in."""
    items = list(items_of(release, user))
    teams = _teams([item.grade.submission_id for item in items])
    return Rehearsal(
        release.edition,
        [
            Ready(
                item.grade.submission,
                item.grade,
                item.revision,
                told(teams[item.grade.submission_id]),
            )
            for item in items
        ],
    )


def items_of(release: Release, user: User) -> QuerySet[ReleaseItem]:
    """Its grades, without those of projects `user` has had a hand in (invariant 9)."""
    return (
        release.items.filter(~was_in_team(user, "grade__submission"))
        .select_related(
            "grade__submission__owner__user", "grade__submission__owner__city",
            "grade__submission__edition", "revision__rubric",
        )
        .defer("grade__submission__sections", "revision__marks", "revision__overall")
    )  # fmt: skip


def content_now(release: Release) -> str:
    """The hash of a release's grades as they are now: another one once anything changed."""
    items = list(
        release.items.waiting().select_related("grade__current").defer("grade__current__marks")
    )
    teams = _teams([item.grade.submission_id for item in items])
    ready = [
        Ready(
            Submission(pk=item.grade.submission_id),
            item.grade,
            item.grade.current,
            told(teams[item.grade.submission_id]),
        )
        for item in items
        if item.grade.current is not None
        and item.grade.status in AGREED_GRADE
        and not item.grade.needs_regrade
    ]
    return sha256_of(release.edition, ready)


def conflicts_of(user: User, submission_ids: Collection[int]) -> set[int]:
    """Those of the submissions that `user` wrote on, is of the city of, or has declared a
    conflict with (invariant 10)."""
    partial = Submission.objects.filter(pk__in=list(submission_ids)).exclude(without_conflict(user))
    return set(partial.values_list("pk", flat=True))


@dataclass(frozen=True)
class Progress:
    """How far a release is."""

    total: int
    released: int
    left_out: int

    @property
    def settled(self) -> int:
        return self.released + self.left_out


def progress_of(release: Release) -> Progress:
    counts = release.items.aggregate(
        total=Count("pk"),
        released=Count("pk", filter=Q(outcome=ReleaseItemOutcome.RELEASED)),
        left_out=Count("pk", filter=Q(outcome=ReleaseItemOutcome.LEFT_OUT)),
    )
    return Progress(**counts)


def releases_of(edition: Edition | None = None) -> QuerySet[Release]:
    """Of an edition, or all; with how many grades each has, and what became of them."""
    rows = Release.objects.all() if edition is None else Release.objects.filter(edition=edition)
    return rows.select_related("edition", "made_by", "confirmed_by", "undone_by").annotate(
        size=Count("items"),
        shown=Count("items", filter=Q(items__outcome=ReleaseItemOutcome.RELEASED)),
        kept_back=Count("items", filter=Q(items__outcome=ReleaseItemOutcome.LEFT_OUT)),
    )


def waiting_release_of(grade: Grade | None) -> Release | None:
    """The release that a grade waits in."""
    if grade is None:
        return None
    item = ReleaseItem.objects.waiting().filter(grade=grade).select_related("release").first()
    return item.release if item else None


def release_abilities(release: Release, user: User) -> dict[str, bool]:
    """What the reader may do with it in its present state."""
    may = user.has_perm("assessments.release_grades", release.edition)
    waits = release.status == ReleaseStatus.AWAITING_CONFIRMATION
    return {
        "confirm": may
        and waits
        and release.made_by_id != user.pk
        and not conflicts_of(user, release.items.values_list("grade__submission_id", flat=True)),
        "undo": may and (waits or release.status == ReleaseStatus.SCHEDULED),
        "retry": may
        and release.status == ReleaseStatus.FAILED
        and release.items.waiting().exists(),
    }


def _teams(ids: Collection[int]) -> dict[int, list[TeamMember]]:
    """Everybody who writes a project or did, the longest in it first. One query."""
    teams: dict[int, list[TeamMember]] = defaultdict(list)
    members = TeamMember.objects.filter(submission__in=list(ids)).select_related("enrolment__user")
    for member in members.order_by("joined_at", "pk"):
        teams[member.submission_id].append(member)
    return teams


def _marking_states(edition: Edition) -> dict[int, set[str]]:
    """Submission → the states of the marks of its attempt in hand; those of an attempt that
    was returned while it was being marked stay as they were. One query."""
    states: dict[int, set[str]] = defaultdict(set)
    rows = Assessment.objects.active().filter(
        edition=edition, attempt__number=F("submission__attempt")
    )
    for submission, state in rows.values_list("submission_id", "status"):
        states[submission].add(state)
    return states


def _why_not(
    submission: Submission,
    grade: Grade | None,
    marking: set[str],
    *,
    has_conflict: bool,
    is_in_release: bool,
) -> Missing | None:
    """None where its grade would be released."""
    if submission.status == SubmissionStatus.WITHDRAWN:
        return Missing.WITHDRAWN
    if submission.status in (SubmissionStatus.RETURNED_FOR_REVISION, SubmissionStatus.DRAFT):
        return Missing.RETURNED
    if is_in_release:
        return Missing.IN_RELEASE
    if grade is not None and grade.status == GradeStatus.VOIDED:
        return Missing.VOIDED
    if submission.status == SubmissionStatus.SUBMITTED or not marking:
        return Missing.NOT_BEGUN
    if grade is None or marking != {AssessmentStatus.SUBMITTED}:
        return Missing.IN_MARKING
    if grade.needs_regrade or grade.attempt.number != submission.attempt:
        return Missing.NEEDS_REGRADE
    if grade.status == GradeStatus.IN_MODERATION:
        return Missing.IN_MODERATION
    if grade.status not in AGREED_GRADE:
        return Missing.TO_AGREE
    return Missing.CONFLICT if has_conflict else None
