from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from lms.core import clock
from lms.core.mail import send_message
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience


def tell_authors_published(experience: CityExperience) -> None:
    revised = experience.revises
    shown = revised if revised and experience.status == ExperienceStatus.ARCHIVED else experience
    for author in experience.authors.filter(is_active=True):
        send_message(
            to=author,
            subject=_("Published: %(title)s") % {"title": experience.title},
            paragraphs=_what_is_published(experience, in_zone=author.time_zone),
            action_url=_address(shown),
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
    for author in experience.authors.filter(is_active=True):
        send_message(
            to=author,
            subject=_("Please look again: %(title)s") % {"title": experience.title},
            paragraphs=[
                _("A moderator has sent “%(title)s” back to your city with this reason:")
                % {"title": experience.title},
                experience.returned_reason,
                _("Change the text and submit it again; the city then clears it once more."),
            ],
            action_url=_address(experience),
            action_label=_("Open the text"),
        )


def _address(experience: CityExperience) -> str:
    return reverse("peer_exchange:detail", args=[experience.edition.slug, experience.pk])
