"""Until when a project is on time, and why (invariant 12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import (
    GIVEN,
    STILL_WRITTEN,
    WITH_INSTRUCTORS,
    DeadlineSubmissionStatus,
    ExtensionStatus,
    SubmissionStatus,
)
from assessments.models import (
    Attempt,
    DeadlineSubmission,
    Extension,
    LatenessRuling,
    Project,
    RevisionRequest,
    Submission,
)
from lms.core.clock import days_later

SETTLE_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class EffectiveDeadline:
    """Until when a project is on time (invariant 12), and the sentence that says why
    that differs from the official deadline ("" when it does not)."""

    at: datetime
    reason: str
    extension: Extension | None = None

    def is_passed(self, at: datetime) -> bool:
        return at > self.at


def effective_deadline_of(project: Project, submission: Submission | None) -> EffectiveDeadline:
    """The latest of what applies: the official deadline with the grace for everybody, the
    date set when the project was returned, more time that was given. Grace comes on top
    of the official deadline alone."""
    if submission is None:
        return _for_everybody(project)
    return effective_deadlines_of(project, [submission])[submission.pk]


def withdrawing_is_final(submission: Submission, at: datetime) -> bool:
    """Whether what is withdrawn now could not be handed in any more."""
    project = submission.project
    return not project.accepts_late and effective_deadline_of(project, submission).is_passed(at)


def effective_deadlines_of(
    project: Project, submissions: Iterable[Submission]
) -> dict[int, EffectiveDeadline]:
    """The same for many, in two queries: id of the submission → its deadline."""
    base = _for_everybody(project)
    deadlines = {submission.pk: base for submission in submissions}
    asked: dict[int, RevisionRequest] = {
        request.attempt.submission_id: request
        for request in RevisionRequest.objects.filter(attempt__submission__in=deadlines)
        .select_related("attempt")
        .order_by("attempt__number")
    }
    for key, request in asked.items():
        if request.until_at and request.until_at > deadlines[key].at:
            sentence = _("A new date was set when the project was returned for revision.")
            deadlines[key] = EffectiveDeadline(request.until_at, sentence)
    given = Extension.objects.filter(submission__in=deadlines, status__in=GIVEN)
    for extension in given.order_by("until_at", "id"):
        assert extension.until_at is not None, "What was given has its time."
        if extension.until_at > deadlines[extension.submission_id].at:
            deadlines[extension.submission_id] = EffectiveDeadline(
                extension.until_at, _given_until(extension), extension
            )
    return deadlines


def revision_asked_of(submission: Submission) -> RevisionRequest | None:
    """Why an attempt was last returned, by whom, until when; None if none was."""
    return (
        RevisionRequest.objects.filter(attempt__submission=submission)
        .select_related("requested_by", "attempt")
        .order_by("-attempt__number")
        .first()
    )


def request_in_hand(submission: Submission) -> Extension | None:
    """The writers' last request for more time, whatever came of it."""
    return submission.extensions.prefetch_related("decisions__decided_by").order_by("-id").first()


def late_attempt_of(submission: Submission) -> Attempt | None:
    """The attempt that is handed in, if it came late and nobody has ruled otherwise."""
    if submission.status not in WITH_INSTRUCTORS:
        return None
    attempt = submission.attempts.filter(number=submission.attempt, is_late=True).first()
    if attempt is None:
        return None
    ruling = ruling_on(attempt)
    return attempt if ruling is None or ruling.is_late else None


def ruling_on(attempt: Attempt) -> LatenessRuling | None:
    """What was decided of its lateness afterwards; the newest word counts."""
    rulings = attempt.rulings.select_related("ruled_by", "extension")
    return rulings.order_by("-id").first()


def may_ask_for_time(submission: Submission) -> bool:
    """In its present state: being written, or handed in late and not yet being marked."""
    if submission.status in STILL_WRITTEN:
        return True
    return (
        submission.status == SubmissionStatus.SUBMITTED and late_attempt_of(submission) is not None
    )


def may_be_given_time(submission: Submission) -> bool:
    """By staff: also once a late project is being marked, or is marked."""
    return submission.status in STILL_WRITTEN or late_attempt_of(submission) is not None


def day_to_count_from(deadline: EffectiveDeadline, zone: str, at: datetime) -> datetime:
    """The deadline while it lies ahead; after it, the next time the clock shows as much."""
    if not deadline.is_passed(at):
        return deadline.at
    days = (at - deadline.at).days
    return next(
        day for more in (0, 1, 2) if (day := days_later(deadline.at, days + more, zone)) >= at
    )


def waiting_wish(submission: Submission) -> DeadlineSubmission | None:
    """The wish to be handed in at the deadline, while it waits."""
    return (
        submission.deadline_submissions.filter(status=DeadlineSubmissionStatus.WAITING)
        .select_related("asked_by")
        .first()
    )


def last_wish(submission: Submission) -> DeadlineSubmission | None:
    """The last wish for the attempt in hand, whatever came of it."""
    return (
        submission.deadline_submissions.filter(attempt_number=submission.attempt)
        .select_related("asked_by")
        .order_by("-id")
        .first()
    )


def due_wishes(at: datetime) -> list[int]:
    """Ids of wishes whose effective deadline is over, the longest waiting first. A minute
    later, so that what was received just in time has been saved."""
    waiting = DeadlineSubmission.objects.filter(
        status=DeadlineSubmissionStatus.WAITING,
        # An earlier bound for all of them: nobody's deadline is before the official one.
        submission__project__deadline_at__lt=at - SETTLE_AFTER,
    ).select_related("submission__project")
    by_project: dict[int, list[DeadlineSubmission]] = {}
    for wish in waiting.order_by("id"):
        by_project.setdefault(wish.submission.project_id, []).append(wish)
    due = []
    over = at - SETTLE_AFTER
    for wishes in by_project.values():
        deadlines = effective_deadlines_of(
            wishes[0].submission.project, [wish.submission for wish in wishes]
        )
        due += [wish.pk for wish in wishes if deadlines[wish.submission_id].is_passed(over)]
    return due


def _for_everybody(project: Project) -> EffectiveDeadline:
    reason = ""
    if project.grace_minutes:
        reason = _("Official deadline plus %(grace)s of grace.") % {
            "grace": _length(project.grace_minutes)
        }
    return EffectiveDeadline(project.effective_deadline_at, reason)


def _given_until(extension: Extension) -> str:
    day = extension.requested_at.astimezone(ZoneInfo(extension.wanted_zone))
    said = {"day": date_format(day, "j F Y")}
    if extension.is_unasked:
        return _("More time was given on %(day)s.") % said
    if extension.status == ExtensionStatus.SHORTENED:
        return _("Of the time asked for on %(day)s, a part was given.") % said
    return _("The time asked for on %(day)s was given.") % said


def _length(minutes: int) -> str:
    if minutes % 60:
        return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}
    hours = minutes // 60
    return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
