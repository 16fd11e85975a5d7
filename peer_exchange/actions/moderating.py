"""Reports, and what a moderator makes of them: hide, dismiss, undo."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.permissions import require_perm
from lms.core.text import clean_reason, clean_text, require_length
from lms.core.transitions import require_move
from peer_exchange import tasks
from peer_exchange.actions.cleaning import REASON_MAX
from peer_exchange.actions.drafts import locked
from peer_exchange.actions.moves import archive_experience, return_experience
from peer_exchange.actions.pace import require_pace
from peer_exchange.actions.questions import take_answer_away
from peer_exchange.actions.responses import locked_response, tell_enrolment
from peer_exchange.enums import ReportReason, ReportStatus
from peer_exchange.models import CityExperience, Report, Response
from peer_exchange.rules import may_hide_response, may_read, may_settle_report
from peer_exchange.workflow import REPORT_MOVES

REPORTS_AN_HOUR = 10
WORDS_MAX = 2_000
# What becomes of an experience whose reports are upheld.
OUTCOMES: dict[str, Any] = {"archive": archive_experience, "return": return_experience}
S = ReportStatus


@transaction.atomic
def hide_response(*, response: Response, reason: str, by: User, at: datetime) -> Response:
    """Hide a response from the cohort; its author and the moderators still read it. The
    reports that wait are upheld; a question that it answered is open again."""
    response = locked_response(response)
    _require_moderator(response, by=by)
    if response.hidden_at:
        raise Conflict(_("This response is hidden already."))
    response.hidden_reason = _clean(reason)
    response.hidden_at, response.hidden_by = at, by
    response.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    _count(response, -1)
    for question in Response.objects.select_for_update().filter(answer=response):
        take_answer_away(question, by=by, at=at)
    audit.record(
        by=by, verb="response.hidden", target=response, at=at, reason=response.hidden_reason
    )
    _settle(
        Report.objects.filter(response=response), S.UPHELD, response.hidden_reason, by=by, at=at
    )
    tell_enrolment(response, at=at)
    outbox.enqueue(tasks.send_response_hidden, response_id=response.pk)
    return response


@transaction.atomic
def show_response(*, response: Response, by: User, at: datetime) -> Response:
    """Undo `hide_response`: the reports that it upheld wait again; the audit trail keeps
    both."""
    response = locked_response(response)
    _require_moderator(response, by=by)
    if not response.hidden_at:
        raise Conflict(_("This response is not hidden."))
    _open_again(Report.objects.filter(response=response, settled_at=response.hidden_at), by, at)
    response.hidden_at, response.hidden_by, response.hidden_reason = None, None, ""
    response.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    _count(response, 1)
    audit.record(by=by, verb="response.shown", target=response, at=at)
    tell_enrolment(response, at=at)
    return response


@transaction.atomic
def report(
    *,
    experience: CityExperience,
    response_id: int | None = None,
    reason: str,
    words: str = "",
    by: User,
    at: datetime,
) -> Report:
    """Ask a moderator to look at a response, or at the experience itself. Only moderators
    learn who asked. A report that waits is not made twice: it is returned.

    Raises TooMany, Conflict, InvalidInput.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.report", experience)
    if not may_read(by, experience):
        raise PermissionDenied
    response = _reported(experience, response_id, by=by)
    if reason not in ReportReason.values:
        raise InvalidInput(errors={"reason": [_("Choose a reason.")]})
    words = clean_text(words, field="words").strip()
    require_length(words, at_most=WORDS_MAX, field="words")
    if reason == ReportReason.OTHER and not words:
        raise InvalidInput(errors={"words": [_("Say what is wrong.")]})
    of_the_same = Report.objects.open().filter(experience=experience, response=response)
    before = of_the_same.filter(reporter=by).first()
    if before:
        return before
    require_pace(
        Report.objects.filter(reporter=by),
        "created_at",
        most=REPORTS_AN_HOUR,
        by=by,
        at=at,
        sentence=_("You have sent many reports within an hour. The moderators have them."),
    )

    is_first = not of_the_same.exists()
    made = Report.objects.create(
        experience=experience,
        response=response,
        reporter=by,
        reason=reason,
        words=words,
        created_at=at,
    )
    audit.record(by=by, verb="report.made", target=made, at=at, reason=reason)
    if is_first:
        # Twenty reports of one text are one thing to look at.
        outbox.enqueue(tasks.send_report_waiting, report_id=made.pk)
    return made


@transaction.atomic
def dismiss_reports(*, report: Report, reason: str, by: User, at: datetime) -> Report:
    """Leave what was reported as it is, and tell whoever reported it why: all reports of it
    that wait are settled with this one."""
    report = _locked_report(report, by=by)
    require_move(REPORT_MOVES, report.status, S.DISMISSED)
    _settle(_of_the_same(report), S.DISMISSED, _clean(reason), by=by, at=at)
    report.refresh_from_db()
    return report


@transaction.atomic
def uphold_reports(
    *,
    report: Report,
    reason: str,
    then: str = "",
    base_version: int | None = None,
    by: User,
    at: datetime,
) -> Report:
    """Agree with the reports of a response and hide it, or with those of an experience:
    `then` “archive” a published one, “return” to its city one that waits for a moderator,
    each with the same reason over the version that was read, or (empty) leave it be.

    Raises StaleVersion when the text is another one meanwhile, IllegalMove.
    """
    report = _locked_report(report, by=by)
    require_move(REPORT_MOVES, report.status, S.UPHELD)
    if then and (report.response or then not in OUTCOMES):
        raise InvalidInput(errors={"then": [_("This is not what can follow.")]})
    if then:
        judged = {"experience": report.experience, "base_version": base_version or 0}
        OUTCOMES[then](**judged, reason=reason, by=by, at=at)
    if report.response and not report.response.hidden_at:
        hide_response(response=report.response, reason=reason, by=by, at=at)
    else:
        _settle(_of_the_same(report), S.UPHELD, _clean(reason), by=by, at=at)
    report.refresh_from_db()
    return report


@transaction.atomic
def reopen_reports(*, report: Report, by: User, at: datetime) -> Report:
    """Undo a decision: what it hid is shown, and the reports it settled wait again. An
    experience that it archived or sent back to its city goes its own way from there."""
    report = _locked_report(report, by=by)
    require_move(REPORT_MOVES, report.status, S.OPEN)
    settled_at = report.settled_at
    if report.status == S.UPHELD and report.response and report.response.hidden_at == settled_at:
        show_response(response=report.response, by=by, at=at)
    else:
        _open_again(_of_the_same(report).filter(settled_at=settled_at), by, at)
    report.refresh_from_db()
    return report


@transaction.atomic
def withdraw_report(*, report: Report, by: User, at: datetime) -> Report:
    """Take one's own report back while it waits."""
    locked(report.experience)
    report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if report.reporter_id != by.pk:
        raise PermissionDenied
    require_move(REPORT_MOVES, report.status, S.WITHDRAWN)
    report.status, report.settled_at, report.settled_by = S.WITHDRAWN, at, by
    report.save(update_fields=["status", "settled_at", "settled_by"])
    audit.record(by=by, verb="report.withdrawn", target=report, at=at)
    return report


def _locked_report(report: Report, *, by: User) -> Report:
    experience = locked(report.experience)
    report = Report.objects.select_for_update(of=("self",)).get(pk=report.pk)
    report.experience = experience
    if report.response:
        report.response.experience = experience
    by.forget_roles()
    if not may_settle_report(by, report):
        raise PermissionDenied(_("Another moderator decides about this report."))
    return report


def _of_the_same(report: Report) -> Any:
    return Report.objects.filter(experience=report.experience, response=report.response)


def _clean(reason: str) -> str:
    return clean_reason(reason, longest=REASON_MAX)


def _settle(reports: Any, status: str, words: str, *, by: User, at: datetime) -> None:
    settled = list(reports.open().select_for_update(of=("self",)))
    for one in settled:
        require_move(REPORT_MOVES, one.status, status)
        one.status, one.settled_words = status, words
        one.settled_at, one.settled_by = at, by
    Report.objects.bulk_update(settled, ["status", "settled_words", "settled_at", "settled_by"])
    audit.record_all(
        by=by, at=at, events=[(f"report.{status}", one, {"reason": words}) for one in settled]
    )
    if settled:
        outbox.enqueue(tasks.send_reports_settled, report_ids=[one.pk for one in settled])


def _open_again(reports: Any, by: User, at: datetime) -> None:
    again = [
        one
        for one in reports.select_for_update(of=("self",)).exclude(status=S.WITHDRAWN)
        if one.status != S.OPEN
    ]
    waiting = set(
        Report.objects.open()
        .filter(experience__in={one.experience_id for one in again})
        .values_list("experience", "response", "reporter")
    )
    # Who has reported it once more meanwhile has one that waits already.
    again = [
        one for one in again if (one.experience_id, one.response_id, one.reporter_id) not in waiting
    ]
    for one in again:
        require_move(REPORT_MOVES, one.status, S.OPEN)
        one.status, one.settled_words = S.OPEN, ""
        one.settled_at, one.settled_by = None, None
    Report.objects.bulk_update(again, ["status", "settled_words", "settled_at", "settled_by"])
    audit.record_all(by=by, at=at, events=[("report.reopened", one, {}) for one in again])


def _reported(experience: CityExperience, response_id: int | None, *, by: User) -> Response | None:
    if response_id is None:
        if any(one.user_id == by.pk for one in experience.authorships.all()):
            raise Conflict(_("This is your own text."))
        return None
    response = Response.objects.visible_to(by).filter(pk=response_id, experience=experience).first()
    if response is None:
        raise InvalidInput(errors={"response": [_("There is no such response here.")]})
    if response.author_id == by.pk:
        raise Conflict(_("This is your own text."))
    if response.hidden_at:
        raise Conflict(_("This response is hidden already."))
    return response


def _require_moderator(response: Response, *, by: User) -> None:
    by.forget_roles()
    if not may_hide_response(by, response):
        own = response.author_id == by.pk
        raise PermissionDenied(
            _("Another moderator decides about your own response.") if own else None
        )


def _count(response: Response, step: int) -> None:
    """The head of a thread counts the replies that the cohort sees."""
    if response.thread_id:
        Response.objects.filter(pk=response.thread_id).update(reply_count=F("reply_count") + step)
