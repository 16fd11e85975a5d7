from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from lms.accounts.enums import MailKind
from lms.accounts.mailing import send_chosen
from lms.core import clock
from peer_exchange.addresses import address_of
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience
from peer_exchange.selectors.people import people_of_edition


def tell_authors_published(experience: CityExperience) -> None:
    revised = experience.revises
    shown = revised if revised and experience.status == ExperienceStatus.ARCHIVED else experience
    for author in _authors_here(experience):
        send_chosen(
            to=author,
            kind=MailKind.TEXTS,
            subject=_("Published: %(title)s") % {"title": experience.title},
            paragraphs=_what_is_published(experience, in_zone=author.time_zone),
            action_url=address_of(shown),
            action_label=_("Read it in the exchange"),
        )


def _what_is_published(experience: CityExperience, *, in_zone: str) -> list[str]:
    title = {"title": experience.title}
    if experience.is_under_embargo(clock.now()) and experience.embargo_until:
        until = experience.embargo_until.astimezone(ZoneInfo(in_zone))
        when = {"when": f"{until:%d.%m.%Y %H:%M} ({in_zone})"}
        return [
            _("A moderator has published your city’s experience “%(title)s”.") % title,
            _("Its embargo stands: readers have it from %(when)s on.") % when,
        ]
    if experience.revises_id:
        return [
            _("The new version of “%(title)s” is published. Readers have it now.") % title,
            _("The version before it stays in the list of versions."),
        ]
    return [
        _("Your city’s experience “%(title)s” is now published in the exchange.") % title,
        _("The other cities can read it and respond."),
    ]


def tell_authors_returned(experience: CityExperience) -> None:
    """Say why a moderator sent the text back; nothing when it has moved on meanwhile."""
    if experience.status != ExperienceStatus.DRAFT or not experience.returned_reason:
        return
    for author in _authors_here(experience):
        send_chosen(
            to=author,
            kind=MailKind.TEXTS,
            subject=_("Please look again: %(title)s") % {"title": experience.title},
            paragraphs=[
                _("A moderator has sent “%(title)s” back to your city with this reason:")
                % {"title": experience.title},
                experience.returned_reason,
                _("Change the text and submit it again; the city then clears it once more."),
            ],
            action_url=address_of(experience),
            action_label=_("Open the text"),
        )


def tell_authors_archived(experience: CityExperience) -> None:
    """Say why the text has left the exchange; not to whoever took it out."""
    for author in _authors_here(experience):
        if author.pk == experience.archived_by_id:
            continue
        send_chosen(
            to=author,
            kind=MailKind.TEXTS,
            subject=_("Archived: %(title)s") % {"title": experience.title},
            paragraphs=[
                _("Your city’s experience “%(title)s” has left the exchange, for this reason:")
                % {"title": experience.title},
                experience.archived_reason,
                _("You and your colleagues still read it. Nothing of it is lost."),
            ],
            action_url=address_of(experience),
            action_label=_("Open the text"),
        )


def _authors_here(experience: CityExperience) -> Any:
    """Without those who have left the edition: they do not read the text any more."""
    return people_of_edition(experience.edition_id).filter(authorships__experience=experience)
