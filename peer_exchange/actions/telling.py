"""Telling people of their notices. What a mail says is read when it is written, through the
same gates as the pages: nothing hidden, muted or under embargo meanwhile is told."""

from datetime import datetime

from django.db import transaction

from lms.accounts.enums import MailKind
from lms.accounts.mailing import (
    DIGESTS,
    TOO_MUCH_AFTER,
    send_chosen,
    send_stoppable,
    told_together_before,
    wants,
)
from lms.accounts.models import User
from peer_exchange.actions.spreading import KIND_OF
from peer_exchange.conversation_notifications import digest_of, message_of
from peer_exchange.enums import NoticeReason
from peer_exchange.models import CityExperience, Notice, Response
from peer_exchange.selectors.blocking import hidden_authors

MOST_AT_ONCE = 20  # mails to one person within an hour


@transaction.atomic
def tell(*, notice_id: int, by: None, at: datetime) -> bool:
    """Send the mail of one notice to whoever wants it at once; whether it was sent now."""
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("user", "experience__edition", "experience__city")
        .filter(pk=notice_id, told_at__isnull=True)
        .first()
    )
    if notice is None:
        return False
    kind = KIND_OF[NoticeReason(notice.reason)]
    if wants(notice.user, kind) in DIGESTS:
        return False  # chosen so meanwhile: it waits for the digest
    if _is_flooded(notice.user, at):
        return False  # told in one mail with what else was too much
    still = _still_there(notice.user, [notice])
    sent = False
    if still:
        sent = send_chosen(to=notice.user, kind=kind, **message_of(still[0]))
    notice.told_at = at
    notice.save(update_fields=["told_at"])
    return sent


@transaction.atomic
def tell_in_digest(*, user: User, by: None, at: datetime) -> int:
    """Send what is due of somebody's digests, and what was too much to be told at once, one
    mail a kind; how many notices they told."""
    told = 0
    for kind in (MailKind.MENTIONS, MailKind.RESPONSES, MailKind.FOLLOWED):
        cut = told_together_before(user, wants(user, kind), at)
        if cut is None:
            continue
        reasons = [reason for reason, of in KIND_OF.items() if of == kind]
        due = list(
            Notice.objects.select_for_update(of=("self",))
            .select_related("experience__edition", "experience__city")
            .filter(
                user=user,
                reason__in=reasons,
                told_at__isnull=True,
                created_at__lt=cut,
            )
            .order_by("pk")
        )
        still = _still_there(user, due)
        if still:
            send_stoppable(to=user, kind=kind, **digest_of(kind, still))
            told += len(still)
        Notice.objects.filter(pk__in=[notice.pk for notice in due]).update(told_at=at)
    return told


def _is_flooded(user: User, at: datetime) -> bool:
    """Whether somebody has been told as much within the hour as anybody reads."""
    told = Notice.objects.filter(user=user, told_at__gt=at - TOO_MUCH_AFTER)
    return told[:MOST_AT_ONCE].count() == MOST_AT_ONCE


def _still_there(user: User, notices: list[Notice]) -> list[Notice]:
    """Those of which the person may still read what they are about, with it attached."""
    away = hidden_authors(user)
    responses = {
        response.pk: response
        for response in Response.objects.visible_to(user)
        .shown()
        .filter(pk__in=[notice.response_id for notice in notices if notice.response_id])
        .exclude(author__in=away)
        .exclude(thread__hidden_at__isnull=False)
        .select_related("author", "city", "experience__edition", "experience__city")
    }
    experiences = set(
        CityExperience.objects.visible_to(user)
        .readable()
        .filter(pk__in=[notice.experience_id for notice in notices])
        .values_list("pk", flat=True)
    )
    still = []
    for notice in notices:
        if notice.experience_id not in experiences:
            continue
        if notice.response_id:
            if notice.response_id not in responses:
                continue
            notice.response = responses[notice.response_id]
        still.append(notice)
    return still
