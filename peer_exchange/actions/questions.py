"""Questions to a city: its team says which reply answers one."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from peer_exchange import tasks
from peer_exchange.actions.responses import locked_response
from peer_exchange.enums import ResponseKind
from peer_exchange.models import Response
from peer_exchange.rules import may_answer, may_reopen_question


@transaction.atomic
def answer_question(*, question: Response, answer_id: int, by: User, at: datetime) -> Response:
    """Mark a reply of its thread as the answer to a question, by the city's team.

    Raises Conflict when the question has its answer, is none, or is hidden; InvalidInput
    when the reply is not one of its thread that the cohort sees.
    """
    question = locked_response(question)
    by.forget_roles()
    if not may_answer(by, question.experience):
        raise PermissionDenied(_("The city’s team says what answers a question."))
    if question.kind != ResponseKind.QUESTION or question.hidden_at:
        raise Conflict(_("This is not an open question."))
    if question.answer_id == answer_id:
        return question
    if question.answered_at:
        raise Conflict(_("This question has its answer already. Open it again first."))
    answer = Response.objects.shown().filter(pk=answer_id, thread=question).first()
    if answer is None:
        raise InvalidInput(errors={"answer": [_("Choose a reply to this question.")]})

    question.answer, question.answered_at, question.answered_by = answer, at, by
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record(by=by, verb="question.answered", target=question, at=at, answer=answer.pk)
    outbox.enqueue(tasks.spread_answer, question_id=question.pk)
    return question


@transaction.atomic
def reopen_question(*, question: Response, by: User, at: datetime) -> Response:
    """Undo `answer_question`: by the city's team, or by whoever asked and is not answered."""
    question = locked_response(question)
    by.forget_roles()
    if not may_reopen_question(by, question):
        raise PermissionDenied
    if not question.answered_at:
        raise Conflict(_("This question is open."))
    take_answer_away(question, by=by, at=at)
    return question


def take_answer_away(question: Response, *, by: User, at: datetime) -> None:
    """Of a locked question; the audit trail keeps which it was."""
    before = question.answer_id
    question.answer, question.answered_at, question.answered_by = None, None, None
    question.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record(by=by, verb="question.reopened", target=question, at=at, answer=before)
