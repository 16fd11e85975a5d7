"""Rounds of peer review: opened by coordinators, entered by writers, reviewers found."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.drafts import draft_for_change
from assessments.enums import OPEN_REVIEW, STANDING_REVIEW, STILL_WRITTEN, PeerReviewStatus
from assessments.models import (
    PeerDraft,
    PeerEntry,
    PeerReview,
    PeerRound,
    Project,
    Submission,
)
from assessments.selectors.languages import languages_in
from assessments.selectors.peer import PeerPlan, drafts_with_words, plan_round
from assessments.workflow import PEER_REVIEW_MOVES
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.canonical import hash_of
from lms.core.clock import instant_of
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_perm
from lms.core.rich_text import is_blank
from lms.core.text import clean_text
from lms.core.transitions import require_move

NUMBERS = {"minimum": (1, 10), "most": (1, 20), "answer_hours": (1, 720)}
CHOICES = ("takes_all", "matches_language", "hides_names")
REMIND_BEFORE = timedelta(hours=48)
_KEY = re.compile(r"[a-z0-9-]{1,50}")


class RoundClosed(Conflict):
    """The round is over or was called off."""

    code = "round_closed"


class NotOpenForDrafts(Conflict):
    """There is nothing to enter: no words yet, or the project is with the instructors."""

    code = "draft_cannot_enter"


class RoundBegun(Conflict):
    """Reviewers were found already: what they were told stays."""

    code = "round_begun"


@dataclass(frozen=True)
class Allocated:
    """What an allocation did. `short`: as in `PeerPlan`."""

    given: list[PeerReview]
    short: list[tuple[PeerEntry, int, str]]


@transaction.atomic
def open_round(*, project: Project, values: Mapping[str, Any], by: User, at: datetime) -> PeerRound:
    """`values`: title, opens_wall and closes_wall (naive, in the edition's zone), minimum,
    most, answer_hours, takes_all, matches_language, hides_names, questions. InvalidInput."""
    require_perm(by, "assessments.run_peer_review", project)
    peer_round = PeerRound(
        edition_id=project.edition_id,
        project=project,
        zone=project.edition.time_zone,
        created_at=at,
        created_by=by,
        seed=int(at.timestamp()) % 1_000_000,
    )
    _set(peer_round, values, at)
    peer_round.save()
    audit.record(by=by, verb="peer_round.opened", target=peer_round, at=at)
    outbox.enqueue(tasks.tell_of_peer_round, round_id=peer_round.pk, news="opened")
    return peer_round


@transaction.atomic
def change_round(
    *, peer_round: PeerRound, values: Mapping[str, Any], base_version: int, by: User, at: datetime
) -> PeerRound:
    """Once reviewers were found, only what they were not told may change: the end, later,
    and the numbers."""
    locked = _lock(peer_round, by, at)
    if locked.version != base_version:
        raise StaleVersion(version=locked.version, stored={"title": locked.title})
    before = (locked.questions, locked.hides_names, locked.closes_at)
    told = (locked.opens_at, locked.closes_at)
    _set(locked, values, at)
    if locked.reviews.exists():
        if (locked.questions, locked.hides_names) != before[:2]:
            raise RoundBegun(
                _("Reviewers were found already: questions and names stay as they were told.")
            )
        if locked.closes_at < before[2]:
            raise RoundBegun(_("Reviewers were told the end already: it can only be later."))
    locked.version += 1
    locked.save()
    audit.record(by=by, verb="peer_round.changed", target=locked, at=at, version=locked.version)
    if (locked.opens_at, locked.closes_at) != told:
        outbox.enqueue(tasks.tell_of_peer_round, round_id=locked.pk, news="moved")
    return locked


@transaction.atomic
def call_off_round(*, peer_round: PeerRound, by: User, at: datetime) -> PeerRound:
    """No review is written any more; those handed in stay readable."""
    locked = _lock(peer_round, by, at)
    locked.called_off_at, locked.called_off_by = at, by
    locked.version += 1
    locked.save(update_fields=["called_off_at", "called_off_by", "version"])
    audit.record(by=by, verb="peer_round.called_off", target=locked, at=at)
    outbox.enqueue(tasks.tell_of_peer_round, round_id=locked.pk, news="called_off")
    return locked


@transaction.atomic
def enter_round(
    *, peer_round: PeerRound, submission: Submission, by: User, at: datetime
) -> PeerEntry:
    """A writer puts the draft in: it is read as it stands when reviewers are found, and its
    writers are asked to review others. Entering twice is entering once."""
    # The round before the project, as in an allocation, which freezes drafts.
    locked = _lock(peer_round, None, at)
    submission = draft_for_change(submission, by=by)
    if submission.project_id != locked.project_id:
        raise InvalidInput(_("This round is about another project."))
    if all(is_blank(html) for html in submission.sections.values()):
        raise NotOpenForDrafts(_("Your draft is empty: write first, then let others read it."))
    entry, made = PeerEntry.objects.get_or_create(
        round=locked, submission=submission, defaults={"entered_at": at, "entered_by": by}
    )
    if made or entry.withdrawn_at is not None:
        entry.withdrawn_at = entry.withdrawn_by = None
        entry.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record(by=by, verb="peer_round.entered", target=entry, at=at)
    return entry


@transaction.atomic
def leave_round(
    *, peer_round: PeerRound, submission: Submission, by: User, at: datetime
) -> PeerEntry:
    """Take the draft out, until reviewers were found for it."""
    # The round before the project, as in an allocation, which freezes drafts.
    locked = _lock(peer_round, None, at)
    submission = draft_for_change(submission, by=by)
    entry = PeerEntry.objects.filter(round=locked, submission=submission).first()
    if entry is None:
        raise NotOpenForDrafts(_("Your draft is not in this round."))
    if PeerReview.objects.filter(draft__entry=entry, status__in=STANDING_REVIEW).exists():
        raise RoundBegun(_("Somebody reads your draft already: it stays in the round."))
    if entry.withdrawn_at is None:
        entry.withdrawn_at, entry.withdrawn_by = at, by
        entry.save(update_fields=["withdrawn_at", "withdrawn_by"])
        audit.record(by=by, verb="peer_round.left", target=entry, at=at)
    return entry


@transaction.atomic
def allocate_reviews(*, peer_round: PeerRound, by: User | None, at: datetime) -> Allocated:
    """Find reviewers for the reviews that are missing; freeze the drafts they will read.
    Asked twice, or by two at once, nothing is given twice. `by` None: the schedule."""
    # The round's row orders everybody who allocates, enters or changes it.
    locked = _lock(peer_round, by, at)
    if locked.takes_all:
        _enter_all(locked, at)
    plan = plan_round(locked)
    return _give(locked, plan, by=by, at=at)


@transaction.atomic
def replace_stragglers(*, peer_round: PeerRound, by: User | None, at: datetime) -> Allocated:
    """Take invitations nobody answered, and reviews accepted and not begun, back when their
    time is over, and find others."""
    locked = _lock(peer_round, by, at)
    late = locked.reviews.select_for_update(of=("self",)).filter(
        status__in=(PeerReviewStatus.INVITED, PeerReviewStatus.ACCEPTED), answer_until_at__lte=at
    )
    for review in late:
        require_move(PEER_REVIEW_MOVES, review.status, PeerReviewStatus.REALLOCATED)
        review.status, review.closed_at = PeerReviewStatus.REALLOCATED, at
        review.save(update_fields=["status", "closed_at"])
        audit.record(by=by, verb="peer_review.reallocated", target=review, at=at)
        outbox.enqueue(tasks.send_peer_news, review_id=review.pk, news="reallocated")
    return _give(locked, plan_round(locked), by=by, at=at)


@transaction.atomic
def mind_round(*, peer_round: PeerRound, by: None = None, at: datetime) -> None:
    """What time brings: reviewers found when a round opens, stragglers replaced, reminders
    before the end. Safe to repeat; not open or called off meanwhile, nothing happens.

    Of one round alone: two in one transaction would hold the first one's projects while
    they wait for the second, in which the same projects may be entered.
    """
    locked = PeerRound.objects.select_for_update(of=("self",)).get(pk=peer_round.pk)
    if locked.called_off_at is not None or not locked.opens_at <= at < locked.closes_at:
        return
    allocate_reviews(peer_round=locked, by=by, at=at)
    replace_stragglers(peer_round=locked, by=by, at=at)
    _remind(locked, at)


def _remind(peer_round: PeerRound, at: datetime) -> None:
    """Once for each review that is not in: before the answer is due, or before the end."""
    waiting = PeerReview.objects.select_for_update(of=("self",)).filter(
        round=peer_round, status__in=OPEN_REVIEW, reminded_at=None
    )
    for review in waiting:
        due = peer_round.closes_at
        if review.status != PeerReviewStatus.IN_PROGRESS:
            due = min(due, review.answer_until_at)
        # Half of a short time is left, or two days of a long one.
        if due - at > min(REMIND_BEFORE, (due - review.invited_at) / 2):
            continue
        review.reminded_at = at
        review.save(update_fields=["reminded_at"])
        outbox.enqueue(tasks.send_peer_news, review_id=review.pk, news="reminder")


def _enter_all(peer_round: PeerRound, at: datetime) -> None:
    """Not those that were taken out by hand."""
    known = set(peer_round.entries.values_list("submission_id", flat=True))
    for submission in drafts_with_words(peer_round.project):
        if submission.pk not in known:
            entry = PeerEntry.objects.create(round=peer_round, submission=submission, entered_at=at)
            audit.record(by=None, verb="peer_round.entered", target=entry, at=at)


def _give(peer_round: PeerRound, plan: PeerPlan, *, by: User | None, at: datetime) -> Allocated:
    made = []
    until = min(at + timedelta(hours=peer_round.answer_hours), peer_round.closes_at)
    for entry, reviewer in plan.pairs:
        draft = _freeze(peer_round, entry, at)
        if draft is None:
            continue
        review = PeerReview.objects.create(
            round=peer_round, draft=draft, reviewer=reviewer, invited_at=at, answer_until_at=until
        )
        audit.record(by=by, verb="peer_review.invited", target=review, at=at, reviewer=reviewer.pk)
        outbox.enqueue(tasks.send_peer_news, review_id=review.pk, news="invited")
        made.append(review)
    return Allocated(made, plan.short)


def _freeze(peer_round: PeerRound, entry: PeerEntry, at: datetime) -> PeerDraft | None:
    """The draft as it stands, once; all its reviewers read the same. Nothing of one that was
    handed in meanwhile."""
    found = PeerDraft.objects.filter(entry=entry).first()
    if found is not None:
        return found
    submission = Submission.objects.select_for_update(of=("self",)).get(pk=entry.submission_id)
    if submission.status not in STILL_WRITTEN:
        return None
    owner = entry.submission.owner.user_id
    return PeerDraft.objects.create(
        entry=entry,
        guidelines_id=submission.guidelines_id,
        submission_version=submission.version,
        language=languages_in(peer_round.edition, [owner])[owner].writes,
        sections=submission.sections,
        sha256=hash_of(submission.sections),
        frozen_at=at,
    )


def _lock(peer_round: PeerRound, by: User | None, at: datetime) -> PeerRound:
    locked = (
        PeerRound.objects.select_for_update(of=("self",))
        .select_related("edition", "project")
        .get(pk=peer_round.pk)
    )
    if by is not None:
        require_perm(by, "assessments.run_peer_review", locked)
    if locked.called_off_at is not None:
        raise RoundClosed(_("This round of reviews was called off."))
    if at >= locked.closes_at:
        raise RoundClosed(_("This round of reviews is over."))
    return locked


def _set(peer_round: PeerRound, values: Mapping[str, Any], at: datetime) -> None:
    errors: dict[str, list[Any]] = {}
    known = {"title", "opens_wall", "closes_wall", "questions", *NUMBERS, *CHOICES}
    for name in values:
        if name not in known:
            errors[str(name)] = [_("Unknown field.")]
    _set_title(peer_round, values, errors)
    _set_times(peer_round, values, errors, at)
    _set_numbers(peer_round, values, errors)
    for name in CHOICES:
        setattr(peer_round, name, bool(values.get(name, getattr(peer_round, name))))
    if "questions" in values or not peer_round.questions:
        peer_round.questions = _clean_questions(values.get("questions"), errors)
    if errors:
        raise InvalidInput(errors=errors)


def _set_title(
    peer_round: PeerRound, values: Mapping[str, Any], errors: dict[str, list[Any]]
) -> None:
    title = clean_text(values.get("title", peer_round.title), field="title").strip()
    if not 1 <= len(title) <= 120:
        errors["title"] = [_("Write 1 to 120 characters.")]
    peer_round.title = title


def _set_times(
    peer_round: PeerRound, values: Mapping[str, Any], errors: dict[str, list[Any]], at: datetime
) -> None:
    for name in ("opens", "closes"):
        wall = values.get(f"{name}_wall")
        if wall is not None:
            setattr(peer_round, f"{name}_at", instant_of(wall, peer_round.zone))
        elif getattr(peer_round, f"{name}_at") is None:
            errors[f"{name}_wall"] = [_("Say when.")]
            return
    if peer_round.closes_at <= max(peer_round.opens_at, at):
        errors["closes_wall"] = [_("The end comes after the beginning, and after now.")]


def _set_numbers(
    peer_round: PeerRound, values: Mapping[str, Any], errors: dict[str, list[Any]]
) -> None:
    for name, (least, most) in NUMBERS.items():
        number = values.get(name, getattr(peer_round, name))
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
            errors[name] = [
                _("Give a number from %(least)d to %(most)d.") % {"least": least, "most": most}
            ]
        else:
            setattr(peer_round, name, number)


def _clean_questions(given: Any, errors: dict[str, list[Any]]) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not 1 <= len(given) <= 20:
        errors["questions"] = [_("Ask 1 to 20 questions.")]
        return []
    clean = []
    for number, question in enumerate(given, start=1):
        if not isinstance(question, Mapping):
            errors["questions"] = [_("Describe each question.")]
            return []
        title = clean_text(question.get("title", ""), field="questions").strip()
        key = question.get("key") or f"q{number}"
        if not 1 <= len(title) <= 300 or not isinstance(key, str) or not _KEY.fullmatch(key):
            errors["questions"] = [_("Write each question in 1 to 300 characters.")]
            return []
        clean.append(
            {
                "key": key,
                "title": title,
                "help": clean_text(question.get("help", ""), field="questions").strip()[:1000],
                "required": bool(question.get("required", True)),
            }
        )
    if len({question["key"] for question in clean}) != len(clean):
        errors["questions"] = [_("A question stands here twice.")]
    return clean


def wall_of(peer_round: PeerRound, instant: datetime) -> datetime:
    """The time on the clock of the round's zone, naive."""
    return instant.astimezone(ZoneInfo(peer_round.zone)).replace(tzinfo=None)
