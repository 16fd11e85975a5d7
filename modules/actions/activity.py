"""What a participant does with an activity: answer, write, mark as done."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, PermissionDenied, StaleVersion
from lms.core.permissions import require_perm
from lms.core.text import clean_text, count_words
from lms.core.transitions import require_move
from lms.programme.models import Enrolment
from modules.enums import ActivityStatus, CompletionRule
from modules.models import ActivityAttempt, ActivityPage, ActivityProgress, Course, LessonPage
from modules.selectors.h5p import played_by
from modules.signals import activity_completed
from modules.workflow import ACTIVITY_MOVES

MAX_WRITTEN_BYTES = 100_000


class NotCompleteYet(Conflict):
    """`extra["missing"]`: what is still to do, as sentences."""

    code = "not_complete"
    sentence = _("This activity cannot be marked as done yet.")


@transaction.atomic
def answer_questions(
    *,
    enrolment: Enrolment,
    activity: ActivityPage,
    answers: Mapping[str, Sequence[str]],
    by: User,
    at: datetime,
) -> ActivityProgress:
    """Mark some or all questions; later answers replace earlier ones.

    `answers`: question key → option keys. Raises InvalidInput if one does not fit
    the questions asked now, Conflict if the activity is not open.
    """
    require_own_open(enrolment, activity, by)
    requirement = activity.requirement
    requirement.require_answers(answers)
    given = {key: sorted(chosen) for key, chosen in answers.items()}
    progress = locked_progress(enrolment, activity, at)
    begin(progress)
    progress.answers = {**progress.answers, **given}
    progress.save(update_fields=["answers", "status"])
    marks = requirement.mark(progress.answers)
    ActivityAttempt.objects.create(
        progress=progress,
        at=at,
        by=by,
        answers=given,
        right=marks.right,
        asked=marks.asked,
        page_revision_id=activity.live_revision_id,
    )
    audit.record(by=by, verb="activity.answered", target=progress, at=at, questions=sorted(given))
    return progress


@transaction.atomic
def save_written_answer(
    *,
    enrolment: Enrolment,
    activity: ActivityPage,
    text: str,
    base_version: int,
    by: User,
    at: datetime,
) -> ActivityProgress:
    """Store the written answer if nobody stored another one since `base_version`.

    Raises StaleVersion with the stored text (invariant 3). Sending again what is
    stored already is answered as saved: a retry or a second tab loses nothing.
    """
    require_own_open(enrolment, activity, by)
    if activity.rule != CompletionRule.WRITTEN:
        raise Conflict(_("This activity has no written answer."))
    text = clean_text(text, field="text", max_bytes=MAX_WRITTEN_BYTES)
    progress = locked_progress(enrolment, activity, at)
    if text == progress.text:
        return progress
    if base_version != progress.version:
        raise StaleVersion(version=progress.version, stored={"text": progress.text})
    begin(progress)
    progress.text = text
    progress.version += 1
    progress.saved_at = at
    progress.save(update_fields=["text", "version", "saved_at", "status"])
    audit.record(
        by=by,
        verb="activity.text_saved",
        target=progress,
        at=at,
        version=progress.version,
        words=count_words(text),
    )
    return progress


@transaction.atomic
def complete_activity(
    *, enrolment: Enrolment, activity: ActivityPage, by: User, at: datetime
) -> ActivityProgress:
    """Mark as done what its rule allows (NotCompleteYet otherwise). Doing it twice is
    doing it once; what is done stays done when the page changes."""
    require_own_open(enrolment, activity, by)
    progress = locked_progress(enrolment, activity, at)
    if progress.status == ActivityStatus.DONE:
        return progress
    played = played_by(enrolment.pk, activity.pk) if activity.h5p_id else None
    missing = activity.requirement.missing(progress.answers, progress.text, played)
    if missing:
        raise NotCompleteYet(" ".join(missing), missing=list(missing))
    require_move(ACTIVITY_MOVES, progress.status, ActivityStatus.DONE)
    progress.status = ActivityStatus.DONE
    progress.done_at, progress.done_revision_id = at, activity.live_revision_id
    progress.save(update_fields=["status", "done_at", "done_revision_id"])
    if activity.rule == CompletionRule.WRITTEN:
        # The text may be rewritten later; what it was done with is kept.
        ActivityAttempt.objects.create(
            progress=progress,
            at=at,
            by=by,
            text=progress.text,
            page_revision_id=activity.live_revision_id,
        )
    audit.record(
        by=by,
        verb="activity.completed",
        target=progress,
        at=at,
        activity=activity.pk,
        revision=activity.live_revision_id,
    )
    activity_completed.send(ActivityProgress, enrolment_id=enrolment.pk, at=at)
    return progress


def require_own_open(enrolment: Enrolment, activity: ActivityPage, by: User) -> None:
    """Only one's own work counts, and only on a published activity of one's edition.

    The place is locked first: it cannot be cancelled between this check and the write.
    """
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    if enrolment.user_id != by.pk:
        # Not even an administrator works through somebody else's lessons.
        raise PermissionDenied(permission="modules.record_progress")
    require_perm(by, "modules.record_progress", enrolment)
    step = activity.steplen
    is_open = (
        activity.live
        and LessonPage.objects.live().filter(path=activity.path[:-step]).exists()
        and Course.objects.filter(
            edition_id=enrolment.edition_id,
            page__path=activity.path[: -2 * step],
            page__live=True,
        ).exists()
    )
    if not is_open:
        raise Conflict(_("This activity is not open in your course."))


def locked_progress(enrolment: Enrolment, activity: ActivityPage, at: datetime) -> ActivityProgress:
    """The row of this participant and activity, made if needed, locked until the end."""
    rows = ActivityProgress.objects.filter(enrolment=enrolment, activity=activity)
    locked: ActivityProgress | None = rows.select_for_update().first()
    if locked is None:
        # Two tabs may begin at once: the unique constraint lets one of them make the
        # row, the other waits and finds it.
        ActivityProgress.objects.get_or_create(
            enrolment=enrolment, activity=activity, defaults={"begun_at": at}
        )
        locked = rows.select_for_update().get()
    return locked


def begin(progress: ActivityProgress) -> None:
    if progress.status == ActivityStatus.OPEN:
        require_move(ACTIVITY_MOVES, progress.status, ActivityStatus.BEGUN)
        progress.status = ActivityStatus.BEGUN
