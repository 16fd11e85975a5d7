"""What people of a city are told of transfers and talks. Who hears it, and how often, they
choose themselves (lms.accounts.mailing)."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from lms.accounts.enums import MailKind
from lms.accounts.mailing import send_chosen
from lms.accounts.models import User
from lms.core.templatetags.moments import zone_name
from peer_exchange.enums import Answer, TalkStatus, TransferStatus
from peer_exchange.models import FollowUp, Talk, Transfer
from peer_exchange.selectors.cities import people_of_city


def tell_source_claimed(transfer: Transfer) -> None:
    if transfer.answer != Answer.WAITING or transfer.status == TransferStatus.STOPPED:
        return
    _tell(
        people_of_city(transfer.source_city),
        MailKind.TRANSFERS,
        subject=_("%(city)s takes up your practice") % {"city": transfer.city},
        paragraphs=[
            _("%(city)s says of “%(title)s”: %(status)s.")
            % {
                "city": transfer.city,
                "title": transfer.experience,
                "status": transfer.get_status_display(),
            },
            _("Is it so? Confirm it, or say what is not right."),
        ],
        url=_address(transfer),
        label=_("Read and answer"),
    )


def tell_source_moved(transfer: Transfer, status: str) -> None:
    """The source hears of results and of an end; steps between are seen on the page."""
    if transfer.status != status:
        return
    if transfer.status in (TransferStatus.ADOPTED, TransferStatus.SUSTAINED):
        tell_source_claimed(transfer)
    elif transfer.status == TransferStatus.STOPPED:
        _tell(
            people_of_city(transfer.source_city),
            MailKind.TRANSFERS,
            subject=_("%(city)s has stopped") % {"city": transfer.city},
            paragraphs=[
                _("%(city)s no longer takes up “%(title)s”. It says why:")
                % {"city": transfer.city, "title": transfer.experience},
                transfer.stopped_reason,
            ],
            url=_address(transfer),
            label=_("Open the transfer"),
        )


def tell_adopter_answered(transfer: Transfer, answer: str) -> None:
    if transfer.answer != answer:
        return
    words = {"city": transfer.source_city, "title": transfer.experience}
    if answer == Answer.CONFIRMED:
        subject = _("%(city)s confirms it") % words
        paragraphs = [_("%(city)s confirms what your city says of “%(title)s”.") % words]
    else:
        subject = _("%(city)s sees it differently") % words
        paragraphs = [
            _("%(city)s disputes what your city says of “%(title)s”, with this reason:") % words,
            transfer.disputed_reason,
            _("Talk to them, then ask again. Until then other cities do not see it."),
        ]
    _tell(
        people_of_city(transfer.city), MailKind.TRANSFERS, subject=subject, paragraphs=paragraphs,
        url=_address(transfer), label=_("Open the transfer"),
    )  # fmt: skip


def ask_how_it_goes(follow_up: FollowUp) -> None:
    transfer = follow_up.transfer
    _tell(
        people_of_city(transfer.city),
        MailKind.TRANSFERS,
        subject=_("How is it going with “%(title)s”?") % {"title": transfer.experience},
        paragraphs=[
            _("%(months)s months ago your city took up a practice of %(city)s.")
            % {"months": follow_up.months, "city": transfer.source_city},
            _("What has become of it? A few sentences help other cities; why it stopped, too."),
        ],
        url=_address(transfer) + f"#follow-up-{follow_up.months}",
        label=_("Say how it is going"),
    )


def tell_asked_to_talk(talk: Talk) -> None:
    if talk.status != TalkStatus.PROPOSED:
        return
    _tell(
        people_of_city(talk.to_city, edition_id=talk.edition_id),
        MailKind.TALKS,
        subject=_("%(city)s would like to talk to you") % {"city": talk.from_city},
        paragraphs=[_when(talk), *([talk.about] if talk.about else [])],
        url=_talks(talk),
        label=_("Answer"),
    )


def tell_talk_answered(talk: Talk, status: str) -> None:
    """Everybody of the two cities but the one who answered."""
    if talk.status != status:
        return
    subjects = {
        TalkStatus.ACCEPTED: _("Agreed: a talk with %(city)s"),
        TalkStatus.DECLINED: _("%(city)s cannot talk then"),
        TalkStatus.WITHDRAWN: _("%(city)s has withdrawn its proposal"),
        TalkStatus.CANCELLED: _("The talk with %(city)s is called off"),
    }
    for city, other in ((talk.from_city, talk.to_city), (talk.to_city, talk.from_city)):
        people = people_of_city(city, edition_id=talk.edition_id)
        _tell(
            [person for person in people if person.pk != talk.answered_by_id],
            MailKind.TALKS,
            subject=subjects[TalkStatus(status)] % {"city": other},
            paragraphs=[_when(talk), *([talk.answer] if talk.answer else [])],
            url=_talks(talk),
            label=_("See your talks"),
        )


def times_of(talk: Talk) -> list[tuple[str, str]]:
    """(zone in words, day and time) at the venue and for each of the two cities, once each."""
    zones = [talk.edition.time_zone, talk.from_city.time_zone, talk.to_city.time_zone]
    return [(zone_name(zone), in_zone(talk.starts_at, zone)) for zone in dict.fromkeys(zones)]


def in_zone(instant: datetime, zone: str) -> str:
    return date_format(instant.astimezone(ZoneInfo(zone)), "l j F Y, H:i")


def _when(talk: Talk) -> str:
    times = [f"{words} {zone}" for zone, words in times_of(talk)]
    return _("When: %(times)s.") % {"times": "; ".join(times)}


def _tell(
    people: Iterable[User],
    kind: MailKind,
    *,
    subject: str,
    paragraphs: list[str],
    url: str,
    label: str,
) -> None:
    for person in people:
        send_chosen(
            to=person, kind=kind, subject=subject, paragraphs=paragraphs, action_url=url,
            action_label=label,
        )  # fmt: skip


def _address(transfer: Transfer) -> str:
    return reverse("peer_exchange:transfer", args=[transfer.edition.slug, transfer.pk])


def _talks(talk: Talk) -> str:
    return reverse("peer_exchange:talks", args=[talk.edition.slug])
