"""Reviewing the draft of another participant: answering the invitation, writing, rating."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.peer_rounds import RoundClosed
from assessments.enums import PeerReviewStatus
from assessments.models import PeerReview
from assessments.workflow import PEER_REVIEW_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person
from lms.core.text import clean_reason, clean_text, count_words
from lms.core.transitions import require_move

MAX_ANSWER_BYTES = 20_000


class NotInReview(Conflict):
    """The review rests: it is handed in, declined, or somebody else has it now."""

    code = "not_in_review"


@transaction.atomic
def accept_review(*, review: PeerReview, by: User, at: datetime) -> PeerReview:
    """Promise to read the draft. Saying so twice is saying so once."""
    locked = _lock(review, by)
    if locked.status == PeerReviewStatus.ACCEPTED:
        return locked
    _require_open(locked, at)
    _move(locked, PeerReviewStatus.ACCEPTED)
    locked.answered_at = at
    # From now on the same time to begin as there was to answer.
    locked.answer_until_at = min(
        locked.round.closes_at, at + (locked.answer_until_at - locked.invited_at)
    )
    locked.save(update_fields=["status", "answered_at", "answer_until_at"])
    audit.record(by=by, verb="peer_review.accepted", target=locked, at=at)
    return locked


@transaction.atomic
def decline_review(*, review: PeerReview, reason: str, by: User, at: datetime) -> PeerReview:
    """Say no, with a reason that coordinators read; somebody else is found."""
    locked = _lock(review, by)
    reason = clean_reason(reason)
    _move(locked, PeerReviewStatus.DECLINED)
    locked.answered_at = locked.closed_at = at
    locked.reason = reason
    locked.save(update_fields=["status", "answered_at", "closed_at", "reason"])
    audit.record(by=by, verb="peer_review.declined", target=locked, at=at, reason=reason)
    # In a transaction of its own: it locks the round, and finds this one declined.
    outbox.enqueue(tasks.find_reviewers, round_id=locked.round_id)
    return locked


@transaction.atomic
def save_review(
    *, review: PeerReview, answers: Mapping[str, Any], base_version: int, by: User, at: datetime
) -> PeerReview:
    """Store the answers in `answers` (question key → text); others stay. A request that
    changes nothing succeeds on any version. Raises StaleVersion with what is stored."""
    locked = _lock(review, by)
    _require_writing(locked, at)
    _store(locked, answers, base_version, by=by, at=at)
    return locked


@transaction.atomic
def submit_review(
    *,
    review: PeerReview,
    base_version: int,
    answers: Mapping[str, Any] | None = None,
    by: User,
    at: datetime,
) -> PeerReview:
    """Hand it in; from now on the writers read it and nothing of it changes. `answers`: what
    a form still carries. Raises InvalidInput naming each question without an answer."""
    locked = _lock(review, by)
    if locked.status == PeerReviewStatus.SUBMITTED and not answers:
        return locked
    _require_writing(locked, at)
    if answers:
        _store(locked, answers, base_version, by=by, at=at)
    else:
        _require_version(locked, base_version, locked.round.question_keys)
    missing = {
        question["key"]: [_("Write an answer.")]
        for question in locked.round.questions
        if question["required"] and not count_words(locked.answers.get(question["key"], ""))
    }
    if missing:
        raise InvalidInput(_("Some questions have no answer yet."), errors=missing)
    if locked.status == PeerReviewStatus.ACCEPTED:
        _move(locked, PeerReviewStatus.IN_PROGRESS)
    _move(locked, PeerReviewStatus.SUBMITTED)
    locked.submitted_at = at
    locked.save(update_fields=["status", "submitted_at"])
    audit.record(by=by, verb="peer_review.submitted", target=locked, at=at)
    members = locked.draft.entry.submission.members.writing()
    for user_id in members.values_list("enrolment__user_id", flat=True):
        outbox.enqueue(tasks.send_peer_news, review_id=locked.pk, news="received", user_id=user_id)
    return locked


@transaction.atomic
def rate_review(
    *, review: PeerReview, usefulness: int, note: str = "", by: User, at: datetime
) -> PeerReview:
    """A writer of the draft says how useful it was, 1 to 5; it can be said anew."""
    locked = _locked(review)
    require_in_person(by, "assessments.rate_peer_review", locked)
    if locked.reviewer.user_id == by.pk:
        raise ConflictOfInterest(_("You wrote this review: another of the team rates it."))
    if locked.status != PeerReviewStatus.SUBMITTED:
        raise NotInReview(_("This review is not handed in."))
    if isinstance(usefulness, bool) or not isinstance(usefulness, int) or not 1 <= usefulness <= 5:
        raise InvalidInput(errors={"usefulness": [_("Give a number from 1 to 5.")]})
    text = clean_text(note, field="note").strip()
    if len(text) > 1000:
        raise InvalidInput(errors={"note": [_("Use at most 1000 characters.")]})
    if (locked.usefulness, locked.usefulness_note, locked.rated_by_id) == (
        usefulness, text, by.pk,
    ):  # fmt: skip
        return locked
    is_first = locked.rated_at is None
    locked.usefulness, locked.usefulness_note = usefulness, text
    locked.rated_at, locked.rated_by = at, by
    locked.save(update_fields=["usefulness", "usefulness_note", "rated_at", "rated_by"])
    audit.record(by=by, verb="peer_review.rated", target=locked, at=at, usefulness=usefulness)
    if is_first:
        outbox.enqueue(tasks.send_peer_news, review_id=locked.pk, news="rated")
    return locked


def _locked(review: PeerReview) -> PeerReview:
    return (
        PeerReview.objects.select_for_update(of=("self",))
        .select_related("round__edition", "reviewer", "draft__entry__submission")
        .get(pk=review.pk)
    )


def _lock(review: PeerReview, by: User) -> PeerReview:
    locked = _locked(review)
    require_in_person(by, "assessments.write_peer_review", locked)
    return locked


def _require_open(review: PeerReview, at: datetime) -> None:
    # They joined those who write it after they were asked.
    if review.draft.entry.submission.members.filter(enrolment=review.reviewer).exists():
        raise ConflictOfInterest(_("This is your own project."))
    if review.round.called_off_at is not None:
        raise RoundClosed(_("This round of reviews was called off."))
    if at >= review.round.closes_at:
        raise RoundClosed(_("This round of reviews is over. What you wrote is kept."))


def _require_writing(review: PeerReview, at: datetime) -> None:
    if review.status == PeerReviewStatus.INVITED:
        raise NotInReview(_("Accept the invitation first."), state=review.status)
    if review.status not in (PeerReviewStatus.ACCEPTED, PeerReviewStatus.IN_PROGRESS):
        raise NotInReview(
            _("This review is handed in and does not change any more.")
            if review.status == PeerReviewStatus.SUBMITTED
            else _("Somebody else has this review now."),
            state=review.status,
        )
    _require_open(review, at)


def _store(
    review: PeerReview, answers: Mapping[str, Any], base_version: int, *, by: User, at: datetime
) -> None:
    keys = review.round.question_keys
    if unknown := [str(key) for key in answers if key not in keys]:
        raise InvalidInput(errors={key: [_("Unknown field.")] for key in unknown})
    clean = {
        key: clean_text(value, field=key, max_bytes=MAX_ANSWER_BYTES)
        for key, value in answers.items()
    }
    changed = {key: text for key, text in clean.items() if review.answers.get(key, "") != text}
    if not changed:
        return
    _require_version(review, base_version, tuple(clean))
    is_begun = review.status == PeerReviewStatus.ACCEPTED
    if is_begun:
        _move(review, PeerReviewStatus.IN_PROGRESS)
    review.answers = {**review.answers, **changed}
    review.version += 1
    review.saved_at = at
    review.save(update_fields=["status", "answers", "version", "saved_at"])
    if is_begun:
        audit.record(by=by, verb="peer_review.begun", target=review, at=at)


def _require_version(review: PeerReview, base_version: int, keys: tuple[str, ...]) -> None:
    if review.version != base_version:
        raise StaleVersion(
            version=review.version, stored={key: review.answers.get(key, "") for key in keys}
        )


def _move(review: PeerReview, to: PeerReviewStatus) -> None:
    """Not saved yet."""
    require_move(PEER_REVIEW_MOVES, review.status, to)
    review.status = to
