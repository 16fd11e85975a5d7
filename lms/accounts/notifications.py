"""Messages about an account."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import User
from lms.core.mail import send_message


def invitation(user: User, occasion: str = "") -> None:
    """To somebody new: the link with which they choose their password. The same kind of
    link as for a forgotten one: it works once, and for a few days."""
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    forgotten = settings.SITE_URL.rstrip("/") + reverse("account_reset_password")
    valid = ngettext(
        "The link works once and for %(days)d day. Later, ask for a new one here: %(address)s",
        "The link works once and for %(days)d days. Later, ask for a new one here: %(address)s",
        days,
    ) % {"days": days, "address": forgotten}
    greeting = occasion or _("An account on Rambla was made for you.")
    send_message(
        to=user,
        subject=_("Welcome to Rambla: choose your password"),
        paragraphs=[
            greeting,
            _("You sign in with this address: %(email)s. Choose a password first.")
            % {"email": user.email},
            valid,
        ],
        action_url=reverse(
            "account_reset_password_from_key",
            args=[user_pk_to_url_str(user), default_token_generator.make_token(user)],
        ),
        action_label=_("Choose your password"),
    )
