"""Handing in the final project: the one moment that must never be lost or doubled."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Literal
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
from assessments.selectors.misfits import said_of_misfits
from assessments.selectors.project import Readiness, attached_files, readiness_of
from assessments.selectors.team import writers_of
from assessments.signals import attempt_submitted
from assessments.workflow import SUBMISSION_MOVES
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.errors import Conflict, InvalidInput
from lms.core.idempotency import key_used, require_key
from lms.core.permissions import require_in_person
from lms.core.transitions import require_move

# Ids of uploads that a project may be handed in without.
Without = Collection[str] | Literal["all"]


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


class FilesChanged(Conflict):
    """Other files are attached than the sender has seen."""

    code = "files_changed"


class FilesMisfit(InvalidInput):
    """Files are attached that the guidelines do not take."""

    code = "files_misfit"


class StillArriving(Conflict):
    """A file is on its way, and the sender did not say to go without it."""

    code = "still_arriving"


@transaction.atomic
def submit_project(
    *,
    submission: Submission,
    by: User,
    at: datetime,
    base_version: int,
    idempotency_key: str,
    files: Collection[str] | None = None,
    without: Without = (),
) -> Attempt:
    """Hand in the draft as it was at `base_version`; the attempt is the receipt (D15c).

    `files`: ids of those that the sender has seen attached, if they say so; other files
    are not handed in then. `without`: uploads under way that may stay behind.
    `at` is when the request was received: at or before the effective deadline is
    on time (invariant 12). A repeated key returns the same attempt (invariant 2), and
    so does the same draft handed in by a team-mate a moment before.
    Raises KeyUsed, NotADraft, StaleVersion, FilesChanged, StillArriving, SectionsMissing,
    FilesMisfit, DeadlinePassed, GuidelinesOutdated.
    """
    # A second click, an autosave and a withdrawal all compete for this row.
    submission = lock_submission(submission.pk, "owner", "guidelines", "project__edition")
    require_in_person(by, "assessments.write_submission", submission)
    require_key(idempotency_key)
    request_sha256 = hash_of(
        {
            "submission": submission.pk,
            "base_version": base_version,
            "files": None if files is None else sorted(files),
            "without": without if without == "all" else sorted(without),
        }
    )
    earlier = Attempt.objects.filter(
        Q(owner=submission.owner_id) | Q(submission=submission), idempotency_key=idempotency_key
    ).first()
    if earlier is not None:
        if earlier.request_sha256 != request_sha256:
            raise key_used(receipt=earlier.receipt)
        return earlier
    if submission.status != SubmissionStatus.DRAFT:
        theirs = _same_of_team_mate(submission, base_version, files, without, by)
        if theirs is not None:
            return theirs
        raise NotADraft(NOT_OPEN[SubmissionStatus(submission.status)], state=submission.status)
    require_move(SUBMISSION_MOVES, submission.status, SubmissionStatus.SUBMITTED)
    require_version(submission, base_version)
    attached = attached_files(submission)
    if files is not None and {str(file.pk) for file in attached} != set(files):
        raise FilesChanged(
            _("The files have changed meanwhile. Look which are attached now."),
            files=[str(file.pk) for file in attached],
        )
    readiness = readiness_of(submission, at)
    _refuse_unready(readiness, without)

    sections = {key: submission.sections.get(key, "") for key in submission.guidelines.section_keys}
    return record_attempt(
        submission, sections=sections, files=attached,
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
        for member in writers_of(submission)
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


def may_go_without(upload: Upload, without: Without) -> bool:
    return without == "all" or str(upload.pk) in without


def _same_of_team_mate(
    submission: Submission,
    base_version: int,
    files: Collection[str] | None,
    without: Without,
    by: User,
) -> Attempt | None:
    """The attempt in hand, where a team-mate handed in this very draft: both pressed the
    button, and both have its receipt. What rested since has the version it was handed in at."""
    if submission.status not in WITH_INSTRUCTORS or submission.version != base_version:
        return None
    theirs = (
        submission.attempts.filter(number=submission.attempt, deadline_submission=None)
        .exclude(submitted_by=by)
        .first()
    )
    if theirs is None:
        return None
    if files is not None and {str(file.file_id) for file in theirs.files.all()} != set(files):
        return None
    left = Upload.objects.filter(pk__in=theirs.left_out.values("upload"))
    return theirs if all(may_go_without(upload, without) for upload in left) else None


def content_hash(sections: dict[str, str], files: list[ProjectFile]) -> str:
    """What a receipt vouches for: the texts, and each file's name and content."""
    return hash_of(
        {"sections": sections, "files": [{"name": f.name, "sha256": f.sha256} for f in files]}
    )


def _refuse_unready(readiness: Readiness, without: Without) -> None:
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
    if readiness.misfits:
        raise FilesMisfit(
            said_of_misfits(readiness.misfits),
            errors={"files": [misfit.sentence for misfit in readiness.misfits]},
        )
    arriving = [upload for upload in readiness.uploads if not may_go_without(upload, without)]
    if arriving:
        raise StillArriving(
            _("A file is on its way. Wait for it, or say that you submit without it."),
            uploads=[{"id": str(upload.pk), "name": upload.name} for upload in arriving],
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
