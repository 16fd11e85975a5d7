"""Who is told of what: from one promise to five thousand notices, in batches.

A request promises one task. It tells those whom the response is about, and promises a
batch for every 500 who follow; each batch writes its notices and promises a mail for those
who want it at once. A batch that is run twice finds its notices there (unique in the
database); a mail is sent by whoever holds the notice's row and finds it untold.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Min

from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import due_digests, wants_many
from lms.accounts.models import User
from lms.core import outbox
from peer_exchange import tasks
from peer_exchange.enums import Distance, NoticeReason
from peer_exchange.models import CityExperience, Follow, KeptAway, Notice, Response
from peer_exchange.selectors.people import people_of_edition

BATCH = 500
R = NoticeReason
KIND_OF = {
    R.MENTION: MailKind.MENTIONS,
    R.REPLY: MailKind.RESPONSES,
    R.ANSWER: MailKind.RESPONSES,
    R.OWN: MailKind.RESPONSES,
    R.FOLLOWED: MailKind.FOLLOWED,
}


@transaction.atomic
def spread_response(*, response: Response, by: None, at: datetime) -> None:
    """Tell those a response is about, and promise the batches of its followers."""
    if response.hidden_at:
        return
    direct = people_spoken_to(response)
    for reason in R:
        users = [pk for pk, why in direct.items() if why == reason]
        _notify(users, reason, response=response, at=at)
    followers = Follow.objects.filter(experience=response.experience_id)
    for first, last in _ranges(followers):
        outbox.enqueue(
            tasks.tell_response_followers, response_id=response.pk, first=first, last=last
        )


@transaction.atomic
def tell_response_followers(
    *, response: Response, first: int, last: int, by: None, at: datetime
) -> None:
    """One batch: those who follow the experience, by their ids from `first` to `last`."""
    followers = Follow.objects.filter(
        experience=response.experience_id, user__gte=first, user__lte=last
    ).values("user")
    users = people_of_edition(response.experience.edition_id).filter(pk__in=followers)
    spoken_to = {response.author_id, *people_spoken_to(response)}
    ids = users.exclude(pk__in=spoken_to).order_by("pk").values_list("pk", flat=True)
    _notify(ids, R.FOLLOWED, response=response, at=at)


@transaction.atomic
def spread_answer(*, question: Response, by: None, at: datetime) -> None:
    """Tell whoever asked that the city has answered."""
    answer = question.answer
    if answer is None or answer.author_id == question.author_id:
        return
    _notify([question.author_id], R.ANSWER, response=answer, at=at)


@transaction.atomic
def spread_publication(*, experience: CityExperience, by: None, at: datetime) -> None:
    """Promise the batches of those who follow the city. Under embargo nothing: it is promised
    again when that ends (actions.taking_over.end_embargo)."""
    if not experience.is_out(at):
        return
    for first, last in _ranges(Follow.objects.filter(city=experience.city_id)):
        outbox.enqueue(
            tasks.tell_city_followers, experience_id=experience.pk, first=first, last=last
        )


@transaction.atomic
def tell_city_followers(
    *, experience: CityExperience, first: int, last: int, by: None, at: datetime
) -> None:
    """One batch: those who follow the city. Whether they may read it is asked when they
    are told."""
    ids = (
        Follow.objects.filter(city=experience.city_id, user__gte=first, user__lte=last)
        .exclude(user__authorships__experience=experience)
        .order_by("user")
        .values_list("user", flat=True)
    )
    _notify(ids, R.FOLLOWED, experience=experience, at=at)


def people_spoken_to(response: Response) -> dict[int, NoticeReason]:
    """User id → why they are told of a response, the closest reason of each: called by
    name, answered, or of the city whose text it is. Never its author, nor who has gone."""
    experience = response.experience
    reasons: dict[int, NoticeReason] = {}
    for user in response.mentions.order_by("user").values_list("user", flat=True):
        reasons.setdefault(user, R.MENTION)
    for answered in (response.parent, response.thread):
        if answered is not None:
            reasons.setdefault(answered.author_id, R.REPLY)
    for user in experience.authorships.values_list("user", flat=True):
        reasons.setdefault(user, R.OWN)
    reasons.pop(response.author_id, None)
    here = set(
        people_of_edition(experience.edition_id).filter(pk__in=reasons).values_list("pk", flat=True)
    )
    return {user: reason for user, reason in reasons.items() if user in here}


@transaction.atomic
def promise_digests(*, by: None, at: datetime) -> int:
    """Promise a digest to each person who has notices from before their last hour of
    digests; how many. A fixed number of queries for each 500 people, and one for each
    promise."""
    waiting: dict[tuple[int, str], datetime] = {}
    for user, reason, first in (
        Notice.objects.filter(told_at__isnull=True)
        .order_by()
        .values("user", "reason")
        .annotate(first=Min("created_at"))
        .values_list("user", "reason", "first")
    ):
        mails = (user, KIND_OF[NoticeReason(reason)])
        waiting[mails] = min(first, waiting.get(mails, first))
    people = {user_id for user_id, _kind in due_digests(waiting, at)}
    return sum(outbox.enqueue_once(tasks.send_exchange_digest, user_id=pk) for pk in sorted(people))


def _ranges(follows: Any) -> Iterable[tuple[int, int]]:
    """(first, last) user id of each batch, by key: no batch counts those before it."""
    last = 0
    while True:
        ids = list(
            follows.filter(user__gt=last).order_by("user").values_list("user", flat=True)[:BATCH]
        )
        if not ids:
            return
        yield ids[0], ids[-1]
        last = ids[-1]


def _notify(
    user_ids: Iterable[int],
    reason: NoticeReason,
    *,
    response: Response | None = None,
    experience: CityExperience | None = None,
    at: datetime,
) -> None:
    """Write the notices that are not there, and promise the mails that are wanted at once."""
    kind = KIND_OF[reason]
    author = response.author_id if response else None
    keeping_away = KeptAway.objects.filter(
        other=author, distance__in=(Distance.MUTED, Distance.BLOCKED)
    )
    people = list(
        User.objects.filter(pk__in=list(user_ids), is_active=True).exclude(
            pk__in=keeping_away.values("user")
        )
    )
    if not people:
        return
    cadences = wants_many(people, kind)
    about = response.experience if response else experience
    Notice.objects.bulk_create(
        [
            Notice(user=person, experience=about, response=response, reason=reason, created_at=at)
            for person in people
            if cadences[person.pk] != MailCadence.NEVER
        ],
        ignore_conflicts=True,
        batch_size=BATCH,
    )
    at_once = [pk for pk, cadence in cadences.items() if cadence == MailCadence.AT_ONCE]
    waiting = Notice.objects.filter(
        user__in=at_once, experience=about, response=response, reason=reason, told_at=None
    )
    for notice_id in waiting.order_by("pk").values_list("pk", flat=True):
        outbox.enqueue(tasks.send_notice, notice_id=notice_id)
