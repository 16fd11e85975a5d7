"""More time for one project: asked for by its writers, or given without being asked;
decided by coordinators.

Each request is about one project and waits for nobody else's. Every step is a row of
`ExtensionDecision`; an attempt that was handed in late keeps its receipt, and counts as
on time only where a coordinator says so (`LatenessRuling`).
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.lateness import MAX_REASON, record_ruling
from assessments.actions.locking import lock_submission
from assessments.actions.team_notices import tell_team
from assessments.enums import ExtensionStatus
from assessments.models import Extension, ExtensionDecision, Submission
from assessments.selectors.deadlines import (
    effective_deadline_of,
    late_attempt_of,
    may_ask_for_time,
    may_be_given_time,
)
from assessments.workflow import EXTENSION_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.clock import validate_zone
from lms.core.errors import Conflict, DomainError, InvalidInput
from lms.core.permissions import require_in_person, require_perm
from lms.core.text import clean_reason
from lms.core.transitions import require_move

LONGEST = timedelta(days=366)
MOST_AT_ONCE = 200


class AlreadyAsked(Conflict):
    """A request of the same project waits for an answer."""

    code = "already_asked"


class NothingToExtend(Conflict):
    """The project was handed in on time, or is being marked."""

    code = "nothing_to_extend"


@transaction.atomic
def request_extension(
    *,
    submission: Submission,
    wanted_at: datetime,
    wanted_zone: str,
    reason: str,
    by: User,
    at: datetime,
) -> Extension:
    """Ask for time until `wanted_at`, an instant that was meant in `wanted_zone`.

    Sent again while it waits, with the same words, it is the same request. Raises
    AlreadyAsked, NothingToExtend, InvalidInput.
    """
    submission = _locked(submission)
    require_in_person(by, "assessments.write_submission", submission)
    reason = clean_reason(reason, longest=MAX_REASON)
    _require_moment(wanted_at, wanted_zone, "wanted_at", at)
    waiting = submission.extensions.waiting().first()
    if waiting is not None:
        if (waiting.wanted_at, waiting.reason) == (wanted_at, reason):
            return waiting
        raise AlreadyAsked(
            _("Your request of this project still waits for an answer."), extension=waiting.pk
        )
    if not may_ask_for_time(submission):
        raise NothingToExtend(_("This project is handed in: it needs no more time."))
    if wanted_at <= effective_deadline_of(submission.project, submission).at:
        raise InvalidInput(
            errors={"wanted_at": [_("You have until then already. Choose a later time.")]}
        )
    if wanted_at <= at:
        raise InvalidInput(errors={"wanted_at": [_("Choose a time that lies ahead.")]})
    extension = _made(submission, wanted_at, wanted_zone, reason=reason, by=by, at=at)
    _note(extension, by=by, at=at)
    outbox.enqueue(tasks.send_extension_requested, extension_id=extension.pk)
    return extension


@transaction.atomic
def take_back_extension(*, extension: Extension, by: User, at: datetime) -> Extension:
    """A writer no longer needs the time that was asked for."""
    extension, submission = _locked_pair(extension)
    require_in_person(by, "assessments.write_submission", submission)
    _move(extension, ExtensionStatus.TAKEN_BACK)
    _note(extension, by=by, at=at)
    return extension


@transaction.atomic
def grant_extension(
    *,
    extension: Extension,
    reason: str,
    by: User,
    at: datetime,
    counts_as_on_time: bool = False,
) -> Extension:
    """Give the time that was asked for. `counts_as_on_time`: an attempt that came late
    meanwhile, and within this time, counts as on time (a `LatenessRuling`)."""
    return _give(
        extension, ExtensionStatus.GRANTED, extension.wanted_at, extension.wanted_zone,
        reason=reason, by=by, at=at, counts_as_on_time=counts_as_on_time,
    )  # fmt: skip


@transaction.atomic
def shorten_extension(
    *,
    extension: Extension,
    until_at: datetime,
    until_zone: str,
    reason: str,
    by: User,
    at: datetime,
    counts_as_on_time: bool = False,
) -> Extension:
    """Give less time than was asked for, or less than was given: never so that it has
    passed already."""
    return _give(
        extension, ExtensionStatus.SHORTENED, until_at, until_zone,
        reason=reason, by=by, at=at, counts_as_on_time=counts_as_on_time,
    )  # fmt: skip


@transaction.atomic
def refuse_extension(*, extension: Extension, reason: str, by: User, at: datetime) -> Extension:
    extension, submission = _locked_pair(extension)
    require_perm(by, "assessments.decide_extension", submission)
    reason = clean_reason(reason, longest=MAX_REASON)
    _move(extension, ExtensionStatus.REFUSED)
    _note(extension, by=by, at=at, reason=reason)
    _tell(extension, submission)
    return extension


@transaction.atomic
def give_extension(
    *,
    submission: Submission,
    until_at: datetime,
    until_zone: str,
    reason: str,
    by: User,
    at: datetime,
    counts_as_on_time: bool = False,
) -> Extension:
    """Give a project time that nobody asked for, to the machine and the record of what is
    asked for. Given again with the same words, it is the same.

    Raises AlreadyAsked where a request waits: that one is answered; NothingToExtend,
    InvalidInput.
    """
    submission = _locked(submission)
    require_perm(by, "assessments.decide_extension", submission)
    reason = clean_reason(reason, longest=MAX_REASON)
    _require_moment(until_at, until_zone, "until_at", at)
    again = submission.extensions.filter(
        is_unasked=True, until_at=until_at, reason=reason, attempt=submission.attempt
    ).last()
    if again is not None and not (counts_as_on_time and late_attempt_of(submission)):
        return again
    waiting = submission.extensions.waiting().first()
    if waiting is not None:
        raise AlreadyAsked(
            _("They have asked for more time themselves: answer that request."),
            extension=waiting.pk,
        )
    if not may_be_given_time(submission):
        raise NothingToExtend(_("This project was handed in on time: it needs no more time."))
    if until_at <= effective_deadline_of(submission.project, submission).at:
        raise InvalidInput(
            errors={"until_at": [_("They have until then already. Choose a later time.")]}
        )
    extension = _made(
        submission, until_at, until_zone, reason=reason, by=by, at=at, is_unasked=True
    )
    return _give(
        extension, ExtensionStatus.GRANTED, until_at, until_zone,
        reason=reason, by=by, at=at, counts_as_on_time=counts_as_on_time,
    )  # fmt: skip


def decide_extensions(
    *,
    extensions: Iterable[Extension],
    decide: Callable[..., Extension],
    reason: str,
    by: User,
    at: datetime,
) -> tuple[list[Extension], list[tuple[Extension, DomainError]]]:
    """Grant or refuse several with one reason, each for itself: one that cannot be decided
    holds up none of the others. Returns (decided, refused with why)."""
    decided: list[Extension] = []
    refused: list[tuple[Extension, DomainError]] = []
    for extension in list(extensions)[:MOST_AT_ONCE]:
        try:
            decided.append(decide(extension=extension, reason=reason, by=by, at=at))
        except InvalidInput as error:
            if "reason" in error.errors:
                raise
            refused.append((extension, error))
        except DomainError as error:
            refused.append((extension, error))
    return decided, refused


def _give(
    extension: Extension,
    status: ExtensionStatus,
    until_at: datetime,
    until_zone: str,
    *,
    reason: str,
    by: User,
    at: datetime,
    counts_as_on_time: bool,
) -> Extension:
    extension, submission = _locked_pair(extension)
    require_perm(by, "assessments.decide_extension", submission)
    require_move(EXTENSION_MOVES, extension.status, status)
    reason = clean_reason(reason, longest=MAX_REASON)
    _require_moment(until_at, until_zone, "until_at", at)
    limit = extension.until_at or extension.wanted_at
    if status == ExtensionStatus.SHORTENED and until_at >= limit:
        raise InvalidInput(errors={"until_at": [_("That is not shorter. Choose an earlier time.")]})
    if until_at <= submission.project.effective_deadline_at:
        raise InvalidInput(
            errors={"until_at": [_("Everybody has until then. Choose a later time.")]}
        )
    late = late_attempt_of(submission)
    saves_an_attempt = counts_as_on_time and late is not None and late.received_at <= until_at
    if until_at <= at and not saves_an_attempt:
        raise InvalidInput(
            errors={"until_at": [_("That time has passed. Choose a time that lies ahead.")]}
        )
    _move(
        extension, status, until_at=until_at, until_wall=_wall(until_at, until_zone),
        until_zone=until_zone,
    )  # fmt: skip
    _note(extension, by=by, at=at, reason=reason)
    if counts_as_on_time and late is not None:
        record_ruling(submission, late, is_late=False, reason=reason, by=by, at=at)
    _tell(extension, submission)
    return extension


def _require_moment(instant: datetime, zone: str, field: str, at: datetime) -> None:
    errors: dict[str, list[str]] = {}
    try:
        validate_zone(zone)
    except ValidationError as error:
        errors[f"{field.removesuffix('_at')}_zone"] = list(error.messages)
    if instant.tzinfo is None:
        errors[field] = [_("Give the time with its offset, as in 12:00+01:00.")]
    elif instant > at + LONGEST:
        errors[field] = [_("Choose a time within a year.")]
    if errors:
        raise InvalidInput(errors=errors)


def _wall(instant: datetime, zone: str) -> datetime:
    """As it is stored (invariant 12): the time on the clock, as if it were UTC."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)


def _made(
    submission: Submission,
    until_at: datetime,
    zone: str,
    *,
    reason: str,
    by: User,
    at: datetime,
    is_unasked: bool = False,
) -> Extension:
    return Extension.objects.create(
        submission=submission,
        attempt=submission.attempt,
        wanted_at=until_at,
        wanted_wall=_wall(until_at, zone),
        wanted_zone=zone,
        reason=reason,
        requested_at=at,
        requested_by=by,
        is_unasked=is_unasked,
    )


def _locked(submission: Submission) -> Submission:
    """Handing in, withdrawing and deciding about time all compete for this row."""
    return lock_submission(submission.pk, "owner", "project__edition")


def _locked_pair(extension: Extension) -> tuple[Extension, Submission]:
    submission = _locked(extension.submission)
    # A copy: what the caller holds may be shown again when this is refused.
    return Extension.objects.get(pk=extension.pk), submission


def _move(extension: Extension, to: ExtensionStatus, **given: Any) -> None:
    require_move(EXTENSION_MOVES, extension.status, to)
    extension.status = to
    for name, value in given.items():
        setattr(extension, name, value)
    extension.save(update_fields=["status", *given])


def _note(extension: Extension, *, by: User, at: datetime, reason: str = "") -> None:
    ExtensionDecision.objects.create(
        extension=extension,
        status=extension.status,
        until_at=extension.until_at,
        reason=reason,
        decided_at=at,
        decided_by=by,
    )
    audit.record(
        by=by, verb=f"extension.{extension.status}", target=extension, at=at,
        submission=extension.submission_id,
        until_at=extension.until_at.isoformat() if extension.until_at else None,
    )  # fmt: skip


def _tell(extension: Extension, submission: Submission) -> None:
    decision = extension.decisions.latest("id")
    tell_team(tasks.send_extension_decided, submission, decision_id=decision.pk)
