"""Mails that people have a say in: how often they come, and how to stop them.

    send_chosen(to=user, kind=MailKind.TRANSFERS, subject=…, paragraphs=[…], action_url=…)

sends at once to whoever wants it at once. Of the kinds in `KEPT_FOR_DIGEST` a line waits
for the digest of the others; an app that makes digests of its own asks `wants` and
`digest_cut`, and sends them with `send_stoppable`.
"""

import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from lms.accounts.enums import KEPT_FOR_DIGEST, USUAL_CADENCE, MailCadence, MailKind
from lms.accounts.models import DigestLine, MailChoice, User
from lms.core import clock
from lms.core.mail import send_message

DIGEST_HOUR = time(7)
# What is not told at once, because too much was, is told together so much later.
TOO_MUCH_AFTER = timedelta(hours=1)
DIGESTS = (MailCadence.DAILY, MailCadence.WEEKLY)
PEOPLE_AT_ONCE = 500
_signer = signing.Signer(salt="lms.accounts.mail-choice")


def wants(user: User, kind: MailKind) -> MailCadence:
    """How often somebody wants mails of a kind; never where the account is closed."""
    return wants_many([user], kind)[user.pk]


def wants_many(users: Iterable[User], kind: MailKind) -> dict[int, MailCadence]:
    """User id → cadence, in one query."""
    people = {user.pk: user for user in users}
    chosen = dict(
        MailChoice.objects.filter(user__in=people, kind=kind).values_list("user", "cadence")
    )
    return {
        pk: MailCadence(chosen.get(pk, USUAL_CADENCE[kind]))
        if user.is_active
        else MailCadence.NEVER
        for pk, user in people.items()
    }


def choices_of(user: User) -> dict[MailKind, MailCadence]:
    """Every kind → how often, in the order of the page."""
    chosen = dict(MailChoice.objects.filter(user=user).values_list("kind", "cadence"))
    return {kind: MailCadence(chosen.get(kind, USUAL_CADENCE[kind])) for kind in MailKind}


def send_chosen(
    *, to: User, kind: MailKind, subject: str, action_url: str = "", **message: Any
) -> bool:
    """Send one message (as `send_stoppable` takes it) to whoever wants it at once; whether
    it was sent.

    Of the kinds in `KEPT_FOR_DIGEST` the subject (never the text) waits for the digest of
    those who want one: write it so that it says enough and gives nothing away.
    """
    cadence = wants(to, kind)
    if cadence == MailCadence.AT_ONCE:
        send_stoppable(to=to, kind=kind, subject=subject, action_url=action_url, **message)
        return True
    if kind in KEPT_FOR_DIGEST and cadence in DIGESTS:
        line = " ".join(subject.split())[:500]
        DigestLine.objects.create(
            user=to, kind=kind, line=line, url=action_url, created_at=clock.now()
        )
    return False


def send_stoppable(
    *,
    to: User,
    kind: MailKind,
    subject: str,
    paragraphs: Sequence[str],
    action_url: str = "",
    action_label: str = "",
) -> None:
    """Send a message or a digest with the link that stops its kind. Whether it is wanted,
    and due, the caller has asked."""
    send_message(
        to=to,
        subject=subject,
        paragraphs=paragraphs,
        action_url=action_url,
        action_label=action_label,
        unsubscribe_url=unsubscribe_url(to, kind),
    )


def digest_cut(user: User, cadence: MailCadence, now: datetime) -> datetime:
    """The last instant at which a digest was due: seven in the morning of the person's own
    zone, on Mondays for a weekly one. What happened before it and was not told is due now,
    so that a digest missed while the platform was down is sent later, and once."""
    zone = zoneinfo.ZoneInfo(user.time_zone)
    local = now.astimezone(zone)
    day = local.date() if local.time() >= DIGEST_HOUR else local.date() - timedelta(days=1)
    if cadence == MailCadence.WEEKLY:
        day -= timedelta(days=day.weekday())
    return datetime.combine(day, DIGEST_HOUR, tzinfo=zone).astimezone(UTC)


def told_together_before(user: User, cadence: MailCadence, now: datetime) -> datetime | None:
    """What has waited since before this instant goes into one mail: a digest, or what was
    too much to be told at once. None where nothing is wanted."""
    if cadence in DIGESTS:
        return digest_cut(user, cadence, now)
    return now - TOO_MUCH_AFTER if cadence == MailCadence.AT_ONCE else None


def due_digests(waiting: Mapping[tuple[int, str], datetime], at: datetime) -> list[tuple[int, str]]:
    """Of what waits for digests (user id and kind → since when) that which is due. A fixed
    number of queries for each 500 people."""
    since: dict[int, dict[str, datetime]] = defaultdict(dict)
    for (user_id, kind), first in waiting.items():
        since[user_id][kind] = first
    ids, due = sorted(since), []
    for start in range(0, len(ids), PEOPLE_AT_ONCE):
        people = list(User.objects.filter(pk__in=ids[start : start + PEOPLE_AT_ONCE]))
        kinds = {kind for person in people for kind in since[person.pk]}
        cadences = {kind: wants_many(people, MailKind(kind)) for kind in sorted(kinds)}
        due += [
            (person.pk, kind)
            for person in people
            for kind, first in since[person.pk].items()
            if (cut := told_together_before(person, cadences[kind][person.pk], at)) and first < cut
        ]
    return due


def unsubscribe_url(user: User, kind: MailKind) -> str:
    """The address that stops mails of a kind, without signing in (RFC 8058)."""
    token = _signer.sign(f"{user.pk}:{kind}")
    return settings.SITE_URL.rstrip("/") + reverse("mail:stop", args=[token])


def read_token(token: str) -> tuple[User, MailKind] | None:
    """Whose mails of which kind a link is about; None where we did not write it. It works
    as often as it is used, and does not grow old: the mail may be years in a drawer."""
    try:
        user_id, _colon, kind = _signer.unsign(token).partition(":")
        user = User.objects.filter(pk=int(user_id)).first()
        return (user, MailKind(kind)) if user else None
    except (signing.BadSignature, ValueError):
        return None
