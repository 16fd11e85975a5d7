"""The conversation on an experience, in pages that stay small however much is said.

Heads of threads come newest first, by key; of each the first replies, which their
`position` finds without looking at the others; all of a thread on a page of its own. Every
count is bounded. The number of queries is the same for one response and for thousands.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from lms.accounts.models import User
from lms.core import clock
from lms.programme.selectors import standing_of
from peer_exchange.enums import Part, ResponseKind
from peer_exchange.models import CityExperience, Follow, Report, Response
from peer_exchange.rules import may_answer
from peer_exchange.selectors.blocking import blockers_of, hidden_authors
from peer_exchange.selectors.reading import response_abilities

HEADS_A_PAGE = 15
REPLIES_BELOW = 3
REPLIES_A_PAGE = 40
COUNTED = 1000


@dataclass
class Place:
    """Where a response stands. `response` is None where a moderator has hidden it from this
    reader: the thread goes on below, and nothing of it is told."""

    pk: int
    response: Response | None
    is_own: bool = False
    is_kept_away: bool = False
    verdict: Any = None
    abilities: dict[str, bool] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    answers_whom: str = ""
    is_the_answer: bool = False
    replies: list["Place"] = field(default_factory=list)
    more: int = 0


@dataclass(frozen=True)
class Conversation:
    """A page of the conversation. `before`: where the earlier ones begin, if there are."""

    places: list[Place]
    before: int | None
    total: int
    is_more_than_counted: bool
    by_part: dict[str, int]
    open_questions: int


def heads_of(experience: CityExperience, user: User) -> QuerySet[Response]:
    """Heads of threads that stand on a reader's page: what they may read, and in place of
    what is hidden from them a gap, where others have answered it."""
    heads = Response.objects.filter(experience=experience, thread__isnull=True)
    if not _is_there(experience, user):
        return heads.none()
    if _looks_after(experience, user):
        return heads
    return heads.filter(Q(hidden_at__isnull=True) | Q(author=user) | Q(reply_count__gt=0))


def conversation_on(
    experience: CityExperience,
    user: User,
    *,
    before: int | None = None,
    part: str = "",
    kind: str = "",
    verdicts: dict[int, Any] | None = None,
) -> Conversation:
    """One page of the conversation, newest thread first. `before`: older than this one."""
    heads = heads_of(experience, user)
    counted = list(
        heads.filter(hidden_at__isnull=True)
        .order_by()
        .values_list("part", "kind", "answered_at")[: COUNTED + 1]
    )
    chosen = heads
    if part in Part.values:
        chosen = chosen.filter(part=part)
    if kind in ResponseKind.values:
        chosen = chosen.filter(kind=kind)
    elif kind == "open":
        chosen = chosen.filter(kind=ResponseKind.QUESTION, answered_at__isnull=True)
    if before:
        chosen = chosen.filter(pk__lt=before)
    page = list(with_people(chosen).order_by("-pk")[: HEADS_A_PAGE + 1])
    shown = page[:HEADS_A_PAGE]
    # With its answer, wherever in its thread it stands.
    answers = [head.answer_id for head in shown if head.answer_id]
    below = list(
        with_people(Response.objects.filter(thread__in=[head.pk for head in shown]))
        .filter(Q(position__lte=REPLIES_BELOW) | Q(pk__in=answers))
        .order_by("thread", "position")
    )
    places = _places([*shown, *below], experience, user, verdicts or {})
    replies: dict[int, list[Place]] = defaultdict(list)
    for reply in below:
        if reply.pk in places:
            replies[reply.head_id].append(places[reply.pk])
    threads = []
    for head in shown:
        place = places.get(head.pk) or Place(head.pk, None)
        place.replies = replies[head.pk]
        seen = sum(one.response.hidden_at is None for one in place.replies if one.response)
        place.more = max(0, head.reply_count - seen)
        for answer in place.replies:
            answer.is_the_answer = head.answer_id == answer.pk
        threads.append(place)
    return Conversation(
        places=threads,
        before=shown[-1].pk if len(page) > HEADS_A_PAGE else None,
        total=min(len(counted), COUNTED),
        is_more_than_counted=len(counted) > COUNTED,
        by_part=dict(Counter(row[0] for row in counted[:COUNTED] if row[0])),
        open_questions=sum(
            row[1] == ResponseKind.QUESTION and row[2] is None for row in counted[:COUNTED]
        ),
    )


def thread_of(
    head: Response, user: User, *, after: int = 0, verdicts: dict[int, Any] | None = None
) -> tuple[Place, int | None]:
    """A whole thread, a page of replies at a time; with the position after which the next
    page begins."""
    experience = head.experience
    rows = list(
        with_people(Response.objects.filter(thread=head, position__gt=after)).order_by("position")[
            : REPLIES_A_PAGE + 1
        ]
    )
    shown = rows[:REPLIES_A_PAGE]
    places = _places([head, *shown], experience, user, verdicts or {})
    place = places.get(head.pk) or Place(head.pk, None)
    place.replies = [places[reply.pk] for reply in shown if reply.pk in places]
    for reply in place.replies:
        reply.is_the_answer = head.answer_id == reply.pk
    return place, shown[-1].position if len(rows) > REPLIES_A_PAGE else None


def with_people(responses: QuerySet[Response]) -> QuerySet[Response]:
    return responses.select_related(
        "author", "city", "experience__edition", "parent__author"
    ).prefetch_related("mentions__user")


def conversation_abilities(user: User, response: Response) -> dict[str, bool]:
    """Beside those of `response_abilities`; of one response, for its page and the API."""
    experience = response.experience
    return _all_abilities(
        response,
        user,
        responds=user.has_perm("peer_exchange.respond_to_experience", experience),
        answers=may_answer(user, experience),
        head=response.thread or response,
        blockers=blockers_of(user, [response.author_id]),
        reported=Report.objects.open().filter(response=response, reporter=user).exists(),
        is_out=experience.is_out(clock.now()),
    )


def open_questions_of(edition_id: int, city_ids: Iterable[int]) -> QuerySet[Response]:
    """Questions that wait for a city, the longest waiting first."""
    return (
        Response.objects.shown()
        .filter(
            kind=ResponseKind.QUESTION,
            answered_at__isnull=True,
            experience__in=CityExperience.objects.readable()
            .filter(edition=edition_id, city__in=city_ids)
            .values("pk"),
        )
        .select_related("author", "city", "experience__edition", "experience__city")
        .order_by("pk")
    )


def follows_experience(user: User, experience: CityExperience) -> bool:
    return Follow.objects.filter(user=user, experience=experience).exists()


def follows_city(user: User, city_id: int) -> bool:
    return Follow.objects.filter(user=user, city=city_id).exists()


def _places(
    rows: list[Response], experience: CityExperience, user: User, verdicts: dict[int, Any]
) -> dict[int, Place]:
    """Id → place, of those that may be read."""
    looks_after = _looks_after(experience, user)
    away = hidden_authors(user)
    blockers = blockers_of(user, {row.author_id for row in rows}) if rows else set()
    reported = set(
        Report.objects.open()
        .filter(response__in=[row.pk for row in rows], reporter=user)
        .values_list("response", flat=True)
    )
    responds = user.has_perm("peer_exchange.respond_to_experience", experience)
    answers = may_answer(user, experience)
    is_out = experience.is_out(clock.now())
    heads = {row.pk: row for row in rows if row.thread_id is None}
    places = {}
    for row in rows:
        if row.hidden_at and not (looks_after or row.author_id == user.pk):
            continue
        row.experience = experience
        whom = row.parent
        is_deeper = whom is not None and row.parent_id != row.thread_id
        places[row.pk] = Place(
            pk=row.pk,
            response=row,
            is_own=row.author_id == user.pk,
            is_kept_away=row.author_id in away,
            verdict=verdicts.get(row.pk),
            abilities=_all_abilities(
                row,
                user,
                responds=responds,
                answers=answers,
                head=heads.get(row.head_id, row),
                blockers=blockers,
                reported=row.pk in reported,
                is_out=is_out,
            ),
            names=[mention.user.name for mention in row.mentions.all()],
            answers_whom=str(whom.author) if whom and is_deeper and not whom.hidden_at else "",
        )
    return places


def _all_abilities(
    row: Response,
    user: User,
    *,
    responds: bool,
    answers: bool,
    head: Response,
    blockers: set[int],
    reported: bool,
    is_out: bool,
) -> dict[str, bool]:
    shown = row.hidden_at is None
    can_reply = responds and shown and head.hidden_at is None and row.author_id not in blockers
    waits = head.is_open_question and head.hidden_at is None
    return {
        **response_abilities(user, row),
        "reply": can_reply and is_out,
        "answer": answers and waits and shown and row.thread_id is not None,
        "reopen": row.answered_at is not None and (answers or row.author_id == user.pk),
        "report": responds and shown and row.author_id != user.pk and not reported,
        "keep_away": responds and row.author_id != user.pk,
    }


def _is_there(experience: CityExperience, user: User) -> bool:
    return user.is_superuser or experience.edition_id in standing_of(user).edition_ids


def _looks_after(experience: CityExperience, user: User) -> bool:
    return user.is_superuser or user.has_perm("peer_exchange.view_moderation", experience.edition)
