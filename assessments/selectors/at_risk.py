"""Who may miss the deadline of the final project, for those who follow them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from assessments.enums import DeadlineSubmissionStatus, ExtensionStatus, SubmissionStatus
from assessments.models import Attempt, DeadlineSubmission, Extension, Project, Submission
from assessments.selectors.cohort import Standing, standings_in
from assessments.selectors.sections import outline_of

# At risk: not handed in, and one of these (said in words on the page).
NOT_BEGUN_WITHIN = timedelta(days=14)
RESTING, RESTING_WITHIN = timedelta(days=7), timedelta(days=14)
EMPTY_WITHIN = timedelta(days=7)

# An empty draft that came with time given to somebody who had none (`giving_time`).
_BEGUN_FOR_THEM = Q(
    is_unasked=True,
    requested_at=F("submission__created_at"),
    submission__version=0,
    submission__files=None,
    submission__uploads=None,
)


class Show(TextChoices):
    AT_RISK = "at-risk", lazy("At risk")
    ALL = "all", lazy("Everybody")
    NOT_BEGUN = "not-begun", lazy("Not begun")
    WRITING = "writing", lazy("Writing")
    OPEN = "open", lazy("Not handed in")
    HANDED_IN = "handed-in", lazy("Handed in")
    LATE = "late", lazy("Handed in late")
    ASKED = "asked", lazy("Waiting for an answer about more time")


@dataclass(frozen=True)
class RiskRow:
    standing: Standing
    words: int
    done: int
    required: int
    request: Extension | None
    waits_for_deadline: bool
    late_attempt: Attempt | None
    reasons: tuple[str, ...]
    left: timedelta
    is_begun: bool

    @property
    def submission(self) -> Submission | None:
        return self.standing.submission

    @property
    def is_at_risk(self) -> bool:
        return bool(self.reasons)

    @property
    def is_late(self) -> bool:
        return self.late_attempt is not None

    @property
    def may_be_given_time(self) -> bool:
        """Nobody waits for an answer: that would be given instead."""
        if self.submission is None or self.request is not None:
            return False
        return self.is_late or not self.standing.has_handed_in

    @property
    def is_passed(self) -> bool:
        return self.left < timedelta(0)

    @property
    def state(self) -> str:
        if self.status is None:
            return _("Not begun")
        return str(SubmissionStatus(self.status).label)

    @property
    def status(self) -> str | None:
        return self.submission.status if self.submission and self.is_begun else None

    @property
    def saved_at(self) -> datetime | None:
        return self.submission.saved_at if self.submission and self.is_begun else None

    @property
    def tone(self) -> str:
        if self.is_at_risk:
            return "attention"
        return "good" if self.standing.has_handed_in else "neutral"

    def is_among(self, show: str) -> bool:
        return {
            Show.AT_RISK: self.is_at_risk,
            Show.ALL: True,
            Show.NOT_BEGUN: not self.is_begun,
            Show.WRITING: self.is_begun and not self.standing.has_handed_in,
            Show.OPEN: not self.standing.has_handed_in,
            Show.HANDED_IN: self.standing.has_handed_in,
            Show.LATE: self.late_attempt is not None,
            Show.ASKED: self.request is not None,
        }[Show(show)]


def risk_rows(project: Project, at: datetime, only: Iterable[int] | None = None) -> list[RiskRow]:
    """Everybody who takes part, those with the least time left first; the same queries
    however many they are."""
    standings = standings_in(project, only)
    submissions = {s.submission.pk: s.submission for s in standings if s.submission}
    extensions = list(
        Extension.objects.filter(submission__in=submissions)
        .filter(Q(status=ExtensionStatus.REQUESTED) | _BEGUN_FOR_THEM)
        .distinct()
    )
    requests = {
        one.submission_id: one for one in extensions if one.status == ExtensionStatus.REQUESTED
    }
    begun_for_them = {one.submission_id for one in extensions} - requests.keys()
    wishes = set(
        DeadlineSubmission.objects.filter(
            submission__in=submissions, status=DeadlineSubmissionStatus.WAITING
        ).values_list("submission_id", "attempt_number")
    )
    late = {
        attempt.submission_id: attempt
        for attempt in Attempt.objects.filter(submission__in=submissions, is_late=True)
        .prefetch_related("rulings")
        .order_by("number")
        if attempt.number == submissions[attempt.submission_id].attempt and _still_late(attempt)
    }
    rows = []
    for standing in standings:
        submission = standing.submission
        key = submission.pk if submission else 0
        is_begun = submission is not None and key not in begun_for_them
        outline = list(outline_of(submission)) if submission else []
        required = [section for section in outline if section.required]
        done = sum(not section.is_missing for section in required)
        rows.append(
            RiskRow(
                standing=standing,
                words=sum(section.words for section in outline),
                done=done,
                required=len(required),
                request=requests.get(key),
                waits_for_deadline=submission is not None and (key, submission.attempt) in wishes,
                late_attempt=late.get(key) if standing.has_handed_in else None,
                reasons=_risks(standing, len(required) - done, at, is_begun=is_begun),
                left=standing.deadline.at - at,
                is_begun=is_begun,
            )
        )
    return sorted(rows, key=lambda row: (row.standing.has_handed_in, row.left))


def _still_late(attempt: Attempt) -> bool:
    rulings = list(attempt.rulings.all())
    return not rulings or rulings[-1].is_late


def _risks(standing: Standing, empty: int, at: datetime, *, is_begun: bool) -> tuple[str, ...]:
    """Why somebody may miss the deadline; nothing once they have handed in."""
    if standing.has_handed_in:
        return ()
    left = standing.deadline.at - at
    submission = standing.submission
    if left < timedelta(0):
        return (_("The deadline has passed."),)
    if submission is None or not is_begun:
        return (_("Not begun."),) if left <= NOT_BEGUN_WITHIN else ()
    said = []
    if empty and left <= EMPTY_WITHIN:
        said.append(
            ngettext(
                "%(count)d required section is empty.", "%(count)d required sections are empty.",
                empty,
            )
            % {"count": empty}
        )  # fmt: skip
    rested = at - submission.saved_at
    if rested >= RESTING and left <= RESTING_WITHIN:
        said.append(
            ngettext(
                "Nothing saved for %(count)d day.", "Nothing saved for %(count)d days.", rested.days
            )
            % {"count": rested.days}
        )
    return tuple(said)
