"""Every message of the platform looks and reads alike: HTML with a plain-text twin."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from lms.core.outbox import message_in_delivery


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
    unsubscribe_url: str = "",
) -> None:
    """Send one message with at most one action (see `compose_message`).

    A task of the outbox that is run again sends the same message again, with the same
    Message-ID: whoever has received it before can tell.
    """
    message = compose_message(
        to=to,
        subject=subject,
        paragraphs=paragraphs,
        action_url=action_url,
        action_label=action_label,
        unsubscribe_url=unsubscribe_url,
    )
    message.extra_headers |= _message_id(to, str(message.subject))
    message.send()


def compose_message(
    *,
    to: Addressee,
    subject: str,
    paragraphs: Sequence[str],
    action_url: str = "",
    action_label: str = "",
    unsubscribe_url: str = "",
) -> EmailMultiAlternatives:
    """The message as it would be sent: a plain-text body and its twin in HTML.

    `paragraphs` are plain text and are escaped in the HTML part; `action_url` may
    be a path of this site. Times inside are already worded for the reader.
    `unsubscribe_url`: the whole address that stops mails of this kind, by one click in a
    mail program that knows RFC 8058, and as a link in the text.
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
        "unsubscribe_url": unsubscribe_url,
        "site_url": settings.SITE_URL,
    }
    # A line break in a subject would be a second header.
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string("email/message.txt", context),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    if unsubscribe_url:
        message.extra_headers |= {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message.attach_alternative(render_to_string("email/message.html", context), "text/html")
    return message


def _message_id(to: Addressee, subject: str) -> dict[str, str]:
    """The same for each try of one promise, and nobody can know it before. Without a
    promise Django makes one up."""
    promise = message_in_delivery()
    if promise is None:
        return {}
    said = (str(promise.pk), promise.created_at.isoformat(), to.email, subject)
    name = salted_hmac("lms.core.mail", "\n".join(said), algorithm="sha256").hexdigest()[:40]
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return {"Message-ID": f"<{name}@{domain}>"}
