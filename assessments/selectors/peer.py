"""Peer review of drafts: whose turn it is, what came back, and who may review whom."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import OPEN_REVIEW, STANDING_REVIEW, STILL_WRITTEN, PeerReviewStatus
from assessments.models import (
    PeerDraft,
    PeerEntry,
    PeerReview,
    PeerRound,
    Project,
    Submission,
    TeamMember,
)
from assessments.selectors.languages import languages_in
from assessments.selectors.peer_matching import Matching, match
from assessments.selectors.sections import Section, sections_of
from assessments.selectors.team import has_written
from lms.accounts.models import User
from lms.core.permissions import may_in_person
from lms.core.rich_text import is_blank
from lms.programme.models import Edition, Enrolment
from lms.programme.selectors import standing_of


def rounds_of(edition: Edition) -> QuerySet[PeerRound]:
    return PeerRound.objects.filter(edition=edition).select_related("created_by", "edition")


def round_now(edition: Edition, at: datetime) -> PeerRound | None:
    """The one a participant acts in: not over and not called off, the soonest first."""
    going = rounds_of(edition).filter(called_off_at=None, closes_at__gt=at)
    return going.order_by("closes_at", "pk").first()


def entry_of(peer_round: PeerRound, submission: Submission) -> PeerEntry | None:
    return peer_round.entries.filter(submission=submission, withdrawn_at=None).first()


def is_read(entry: PeerEntry) -> bool:
    """Somebody was asked to review the draft."""
    return PeerReview.objects.standing().filter(draft__entry=entry).exists()


def reviews_to_write(edition: Edition, user: User) -> list[PeerReview]:
    """Those the reader was asked for, the nearest end first; also those that are done."""
    mine = PeerReview.objects.standing().filter(round__edition=edition, reviewer__user=user)
    return list(_in_full(mine).order_by("round__closes_at", "pk"))


def review_waiting(enrolment: Enrolment, at: datetime) -> PeerReview | None:
    """The one to be answered, begun or handed in first; nothing of rounds that are over."""
    waiting = PeerReview.objects.filter(
        reviewer=enrolment,
        status__in=OPEN_REVIEW,
        round__called_off_at=None,
        round__closes_at__gt=at,
    )
    return waiting.order_by("round__closes_at", "pk").first()


def reviews_received(submission: Submission) -> list[PeerReview]:
    """Handed in about drafts of this project, the newest first."""
    found = PeerReview.objects.filter(
        draft__entry__submission=submission, status=PeerReviewStatus.SUBMITTED
    )
    return list(_in_full(found).select_related("rated_by").order_by("-submitted_at", "-pk"))


def reviews_in(peer_round: PeerRound) -> QuerySet[PeerReview]:
    return _in_full(peer_round.reviews.all()).select_related("rated_by")


def _in_full(reviews: QuerySet[PeerReview]) -> QuerySet[PeerReview]:
    return reviews.select_related(
        "round__edition", "reviewer__user", "reviewer__city", "draft__guidelines",
        "draft__entry__submission__owner__user", "draft__entry__submission__owner__city",
    ).defer("draft__entry__submission__sections")  # fmt: skip


def sections_of_draft(draft: PeerDraft) -> tuple[Section, ...]:
    return sections_of(draft.guidelines, draft.sections)


@dataclass(frozen=True)
class Answer:
    key: str
    title: str
    help: str
    required: bool
    text: str


def answers_of(review: PeerReview, typed: dict[str, str] | None = None) -> list[Answer]:
    """The questions of the round, each with what is stored or, if given, typed."""
    texts = {**review.answers, **(typed or {})}
    return [
        Answer(
            question["key"],
            question["title"],
            question.get("help", ""),
            bool(question.get("required")),
            texts.get(question["key"], ""),
        )
        for question in review.round.questions
    ]


@dataclass(frozen=True)
class PeerPlan:
    """What would be given to whom. `pairs`: (entry, reviewer); `why`: entry id → the
    sentence that says why it does not get the minimum; `left`: reviewers with nothing."""

    entries: dict[int, PeerEntry]
    reviewers: dict[int, Enrolment]
    matching: Matching
    why: dict[int, str]

    @property
    def pairs(self) -> list[tuple[PeerEntry, Enrolment]]:
        return [(self.entries[e], self.reviewers[r]) for e, r in self.matching.pairs]

    @property
    def short(self) -> list[tuple[PeerEntry, int, str]]:
        return [
            (self.entries[entry], missing, self.why[entry])
            for entry, missing in self.matching.short.items()
        ]


def plan_round(peer_round: PeerRound) -> PeerPlan:
    """Reviewers for the reviews that are missing. The same queries for any number of
    drafts. Those whom a review was taken from for not answering get no other."""
    entries = {entry.pk: entry for entry in entries_in(peer_round)}
    teams = _teams([entry.submission_id for entry in entries.values()])
    reviewers = {one.pk: one for team in teams.values() for one in team}
    languages = languages_in(peer_round.edition, {one.user_id for one in reviewers.values()})
    have: dict[int, int] = defaultdict(int)
    load: dict[int, int] = defaultdict(int)
    met: dict[int, set[int]] = defaultdict(set)
    silent: set[int] = set()
    for about, reviewer, status in peer_round.reviews.values_list(
        "draft__entry_id", "reviewer_id", "status"
    ):
        met[about].add(reviewer)
        if status in STANDING_REVIEW:
            have[about] += 1
            load[reviewer] += 1
        if status == PeerReviewStatus.REALLOCATED:
            silent.add(reviewer)
    may: dict[int, list[int]] = {}
    apart: dict[int, list[int]] = {}
    for key, entry in entries.items():
        owner = entry.submission.owner
        written_in = languages[owner.user_id].writes if owner.user_id in languages else ""
        cities = {owner.city_id} | {one.city_id for one in teams[entry.submission_id]}
        apart[key] = [
            pk
            for pk, one in reviewers.items()
            if one.city_id not in cities and pk not in met[key] and pk not in silent
        ]
        may[key] = [
            pk
            for pk in apart[key]
            if not peer_round.matches_language
            or written_in in languages[reviewers[pk].user_id].reads
        ]
    need = {key: peer_round.minimum - have[key] for key in entries}
    matching = match(
        may=may,
        need=need,
        room={pk: peer_round.most - load[pk] for pk in reviewers},
        seed=peer_round.seed,
    )
    why = {
        entry: _why(len(may[entry]), len(apart[entry]), need[entry], peer_round)
        for entry in matching.short
    }
    return PeerPlan(entries, reviewers, matching, why)


def _why(may: int, apart: int, need: int, peer_round: PeerRound) -> str:
    if apart < need:
        return ngettext(
            "%(count)d participant of another city can still review it.",
            "%(count)d participants of other cities can still review it.",
            apart,
        ) % {"count": apart}
    if may < need:
        return ngettext(
            "%(count)d participant of another city reads its language.",
            "%(count)d participants of other cities read its language.",
            may,
        ) % {"count": may}
    return _("Those who can review it have %(most)d reviews already, the most you allow.") % {
        "most": peer_round.most
    }


def entries_in(peer_round: PeerRound) -> QuerySet[PeerEntry]:
    """Those that take part, and whose project is still being written."""
    return (
        peer_round.entries.filter(withdrawn_at=None, submission__parked_at=None)
        .select_related("submission__owner__user", "submission__owner__city", "draft")
        .order_by("pk")
    )


def where_draft_stands(submission: Submission | None) -> str:
    """What a draft is to a round: "none", "empty", "written", or "handed-in"."""
    if submission is None:
        return "none"
    if submission.status not in STILL_WRITTEN:
        return "handed-in"
    has_words = any(not is_blank(html) for html in submission.sections.values())
    return "written" if has_words else "empty"


def drafts_with_words(project: Project) -> list[Submission]:
    """Those still being written that hold something."""
    drafts = Submission.objects.in_hand().filter(project=project, status__in=STILL_WRITTEN)
    return [
        one
        for one in drafts.select_related("owner", "guidelines").order_by("pk")
        if any(not is_blank(html) for html in one.sections.values())
    ]


def _teams(submission_ids: list[int]) -> dict[int, list[Enrolment]]:
    teams: dict[int, list[Enrolment]] = defaultdict(list)
    members = TeamMember.objects.writing().filter(submission__in=submission_ids)
    for member in members.select_related("enrolment__user", "enrolment__city").order_by("pk"):
        teams[member.submission_id].append(member.enrolment)
    return teams


def round_abilities(peer_round: PeerRound, user: User, at: datetime) -> dict[str, bool]:
    runs = user.has_perm("assessments.run_peer_review", peer_round)
    is_open = peer_round.called_off_at is None and at < peer_round.closes_at
    return {
        "change": runs and is_open,
        "allocate": runs and is_open,
        "call_off": runs and is_open,
        "export": runs,
    }


def review_abilities(review: PeerReview, user: User, at: datetime) -> dict[str, bool]:
    is_mine = review.reviewer.user_id == user.pk
    is_open = review.round.called_off_at is None and at < review.round.closes_at
    status = review.status
    rates = not is_mine and may_in_person(user, "assessments.rate_peer_review", review)
    return {
        "accept": is_mine and is_open and status == PeerReviewStatus.INVITED,
        "decline": is_mine and status == PeerReviewStatus.INVITED,
        "write": is_mine
        and is_open
        and status in (PeerReviewStatus.ACCEPTED, PeerReviewStatus.IN_PROGRESS),
        "submit": is_mine
        and is_open
        and status in (PeerReviewStatus.ACCEPTED, PeerReviewStatus.IN_PROGRESS),
        "rate": rates and status == PeerReviewStatus.SUBMITTED,
    }


def shown_reviewer(review: PeerReview, reader: User) -> str:
    """Coordinators and the reviewer read the name; the writers where it is not hidden, a
    coordinator among them too."""
    if not hides_reviewer(review, reader):
        return str(review.reviewer.user)
    return _("A participant of another city")


def hides_reviewer(review: PeerReview, reader: User) -> bool:
    if not review.round.hides_names or review.reviewer.user_id == reader.pk:
        return False
    if not reader.has_perm("assessments.run_peer_review", review.round):
        return True
    # Asked of the few alone who coordinate an edition and take part in it.
    takes_part = standing_of(reader).enrolments.get(review.round.edition_id) is not None
    return takes_part and has_written(reader, review.draft.entry.submission)


def shown_writer(review: PeerReview, reader: User) -> str:
    owner = review.draft.entry.submission.owner
    if not review.round.hides_names or reader.has_perm("assessments.run_peer_review", review.round):
        return f"{owner.user}, {owner.city}"
    return _("A participant of another city")


def drafts_in(peer_round: PeerRound) -> QuerySet[PeerEntry]:
    """Those that take part, each with how many reviewers it has (`standing`) and how many of
    them have handed in (`done`)."""
    reviews = PeerReview.objects.filter(draft__entry=OuterRef("pk")).order_by()
    done = reviews.filter(status=PeerReviewStatus.SUBMITTED)
    return entries_in(peer_round).annotate(
        standing=_count_of(reviews.standing()), done=_count_of(done)
    )


def _count_of(reviews: QuerySet[PeerReview]) -> Coalesce:
    counted = reviews.values("draft__entry").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)


def states_of_reviews(peer_round: PeerRound) -> list[tuple[Any, int]]:
    """How many reviews there are in each state, under its name."""
    found = peer_round.reviews.order_by().values("status").annotate(count=Count("pk"))
    counts = dict(found.values_list("status", "count"))
    return [(label, counts.get(value, 0)) for value, label in PeerReviewStatus.choices]
