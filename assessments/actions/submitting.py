"""Handing in the final project: the one moment that must never be lost or doubled."""

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments import tasks
from assessments.actions.drafts import NOT_OPEN, NotADraft, require_version
from assessments.actions.keeping import keep_version
from assessments.actions.locking import lock_submission
from assessments.actions.receipt_numbers import new_receipt_number
from assessments.actions.team_notices import tell_team
from assessments.enums import WITH_INSTRUCTORS, DraftVersionKind, SubmissionStatus
from assessments.models import (
    Attempt,
    AttemptFile,
    AttemptLeftOut,
    AttemptMember,
    ProjectFile,
    RubricVersion,
    Submission,
    Upload,
)
from assessments.selectors.deadlines import EffectiveDeadline
from assessments.selectors.marking import rubric_in_force
from assessments.selectors.project import Readiness, attached_files, readiness_of
from assessments.selectors.team import team_of
from assessments.signals import attempt_submitted
from assessments.workflow import SUBMISSION_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_in_person
from lms.core.transitions import require_move

_KEY = re.compile(r"[\x21-\x7e]{8,80}")


class SectionsMissing(InvalidInput):
    """Required sections are empty."""

    code = "sections_missing"


class GuidelinesOutdated(Conflict):
    """Staff require a newer version of the guidelines."""

    code = "guidelines_outdated"


class DeadlinePassed(Conflict):
    """The deadline is over and late projects are not accepted."""

    code = "deadline_passed"


class NotOpenYet(Conflict):
    """There is no rubric that a project could be marked on."""

    code = "not_open_yet"


class KeyUsed(Conflict):
    """The idempotency key belongs to another request."""

    code = "idempotency_key_used"


@transaction.atomic
def submit_project(
    *, submission: Submission, by: User, at: datetime, base_version: int, idempotency_key: str
) -> Attempt:
    """Hand in the draft as it was at `base_version`; the attempt is the receipt (D15c).

    `at` is when the request was received: at or before the effective deadline is
    on time (invariant 12). A repeated key returns the same attempt (invariant 2), and
    so does the same draft handed in by a team-mate a moment before.
    Raises KeyUsed, NotADraft, StaleVersion, SectionsMissing, DeadlinePassed.
    """
    # A second click, an autosave and a withdrawal all compete for this row.
    submission = lock_submission(submission.pk, "owner", "guidelines", "project__edition")
    require_in_person(by, "assessments.write_submission", submission)
    if not _KEY.fullmatch(idempotency_key):
        raise InvalidInput(
            errors={"idempotency_key": [_("Send 8 to 80 visible ASCII characters.")]}
        )
    request_sha256 = hash_of({"submission": submission.pk, "base_version": base_version})
    earlier = Attempt.objects.filter(
        Q(owner=submission.owner_id) | Q(submission=submission), idempotency_key=idempotency_key
    ).first()
    if earlier is not None:
        if earlier.request_sha256 != request_sha256:
            raise KeyUsed(_("This key was used for another request."), receipt=earlier.receipt)
        return earlier
    if submission.status != SubmissionStatus.DRAFT:
        theirs = _same_of_team_mate(submission, request_sha256, by)
        if theirs is not None:
            return theirs
        raise NotADraft(NOT_OPEN[SubmissionStatus(submission.status)], state=submission.status)
    require_move(SUBMISSION_MOVES, submission.status, SubmissionStatus.SUBMITTED)
    require_version(submission, base_version)
    readiness = readiness_of(submission, at)
    _refuse_unready(readiness)

    sections = {key: submission.sections.get(key, "") for key in submission.guidelines.section_keys}
    return record_attempt(
        submission, sections=sections, files=attached_files(submission),
        left_out=readiness.uploads, deadline=readiness.deadline, by=by, at=at,
        idempotency_key=idempotency_key, request_sha256=request_sha256,
    )  # fmt: skip


def record_attempt(
    submission: Submission,
    *,
    sections: dict[str, str],
    files: list[ProjectFile],
    left_out: Iterable[Upload],
    deadline: EffectiveDeadline,
    by: User,
    at: datetime,
    idempotency_key: str,
    request_sha256: str,
) -> Attempt:
    """Make these texts and files of a locked draft the attempt in hand. `at`: when it
    counts as received. `left_out`: uploads that have not arrived; the receipt names them."""
    keep_version(submission, kind=DraftVersionKind.SUBMIT, by=by, at=at, instead=sections)
    attempt = _with_receipt_number(
        Attempt(
            submission=submission,
            project=submission.project,
            owner=submission.owner,
            number=submission.attempt,
            idempotency_key=idempotency_key,
            request_sha256=request_sha256,
            received_at=at,
            submitted_by=by,
            sections=sections,
            content_sha256=content_hash(sections, files),
            guidelines=submission.guidelines,
            rubric=_rubric_of(submission),
            deadline_at=submission.project.deadline_at,
            deadline_zone=submission.project.deadline_zone,
            effective_deadline_at=deadline.at,
            effective_reason=deadline.reason,
            is_late=deadline.is_passed(at),
        )
    )
    AttemptFile.objects.bulk_create(
        AttemptFile(
            attempt=attempt,
            file=file,
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
        )
        for file in files
    )
    AttemptLeftOut.objects.bulk_create(
        AttemptLeftOut(
            attempt=attempt,
            upload=upload,
            name=upload.name,
            size=upload.size,
            offset=upload.offset,
            note=upload.refused_because,
        )
        for upload in left_out
    )
    AttemptMember.objects.bulk_create(
        AttemptMember(
            attempt=attempt,
            enrolment=member.enrolment,
            name=str(member.enrolment.user),
            city_name=member.enrolment.city.name,
        )
        for member in team_of(submission)
    )
    submission.status = SubmissionStatus.SUBMITTED
    submission.submitted_at = at
    submission.save(update_fields=["status", "submitted_at"])
    audit.record(
        by=by, verb="project.submitted", target=submission, at=at, attempt=attempt.number,
        receipt=attempt.receipt, content_sha256=attempt.content_sha256, is_late=attempt.is_late,
    )  # fmt: skip
    tell_team(tasks.send_receipt, submission, attempt_id=attempt.pk)
    attempt_submitted.send(Attempt, submission_id=submission.pk, attempt_id=attempt.pk, at=at)
    return attempt


def _same_of_team_mate(submission: Submission, request_sha256: str, by: User) -> Attempt | None:
    """The attempt in hand, where a team-mate handed in this very draft: both pressed the
    button, and both have its receipt."""
    if submission.status not in WITH_INSTRUCTORS:
        return None
    return (
        Attempt.objects.filter(
            submission=submission, number=submission.attempt, request_sha256=request_sha256
        )
        .exclude(submitted_by=by)
        .first()
    )


def content_hash(sections: dict[str, str], files: list[ProjectFile]) -> str:
    """What a receipt vouches for: the texts, and each file's name and content."""
    return hash_of(
        {"sections": sections, "files": [{"name": f.name, "sha256": f.sha256} for f in files]}
    )


def _refuse_unready(readiness: Readiness) -> None:
    if readiness.is_closed:
        raise DeadlinePassed(
            _("The deadline has passed, and late projects are not accepted."),
            effective_deadline_at=readiness.deadline.at.isoformat(),
        )
    if readiness.outdated_by:
        raise GuidelinesOutdated(
            _("Move the project to version %(number)d of the guidelines first.")
            % {"number": readiness.outdated_by.number},
            number=readiness.outdated_by.number,
        )
    if readiness.missing:
        count = len(readiness.missing)
        raise SectionsMissing(
            ngettext(
                "%(count)d section is still empty.", "%(count)d sections are still empty.", count
            )
            % {"count": count},
            errors={section.key: [_("Write this section first.")] for section in readiness.missing},
        )


def _rubric_of(submission: Submission) -> RubricVersion:
    version = rubric_in_force(submission.project.rubric_id)
    if version is None:
        raise NotOpenYet(_("The rubric is not published yet; projects cannot be submitted."))
    return version


def _with_receipt_number(attempt: Attempt) -> Attempt:
    """Save under a number nobody has; the unique constraint decides."""
    zone = ZoneInfo(attempt.project.edition.time_zone)
    while True:
        attempt.receipt = new_receipt_number(attempt.received_at.astimezone(zone).year)
        try:
            with transaction.atomic():
                attempt.save(force_insert=True)
        except IntegrityError:
            if not Attempt.objects.filter(receipt=attempt.receipt).exists():
                raise
        else:
            return attempt
