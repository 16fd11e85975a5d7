"""Every message of the platform looks and reads alike: HTML with a plain-text twin."""

from collections.abc import Sequence
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _


class Addressee(Protocol):
    """Whoever can be written to: `accounts.User`, which core does not know."""

    email: str

    def get_short_name(self) -> str: ...


def send_message(
    *,
    to: Addressee,
    subject: str,
    paragraphs: Sequence[str],
    action_url: str = "",
    action_label: str = "",
) -> None:
    """Send one message with at most one action.

    `paragraphs` are plain text and are escaped in the HTML part; `action_url` may
    be a path of this site. Times inside are already worded for the reader.
    """
    if action_url.startswith("/"):
        action_url = settings.SITE_URL.rstrip("/") + action_url
    context = {
        "subject": subject,
        "greeting": _("Dear %(name)s,") % {"name": to.get_short_name()},
        "paragraphs": list(paragraphs),
        "action_url": action_url,
        "action_label": action_label or _("Open this page"),
        "footer": _("You receive this message because you take part in a diploma on Rambla."),
        "site_url": settings.SITE_URL,
    }
    message = EmailMultiAlternatives(
        # A line break in a subject would be a second header.
        subject=" ".join(subject.split()),
        body=render_to_string("email/message.txt", context),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("email/message.html", context), "text/html")
    message.send()
