from django.urls import reverse
from django.utils.translation import gettext as _

from lms.core.mail import send_message
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience


def tell_authors_published(experience: CityExperience) -> None:
    for author in experience.authors.filter(is_active=True):
        send_message(
            to=author,
            subject=_("Published: %(title)s") % {"title": experience.title},
            paragraphs=[
                _("Your city’s experience “%(title)s” is now published in the exchange.")
                % {"title": experience.title},
                _("The other cities can read it and respond."),
            ],
            action_url=_address(experience),
            action_label=_("Read it in the exchange"),
        )


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
