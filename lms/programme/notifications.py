"""Messages about places in an edition."""

from django.utils.translation import gettext as _

from lms.core.mail import send_message
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment


def place(enrolment: Enrolment) -> None:
    """To somebody with an account: where they have a place now."""
    named = {"edition": enrolment.edition.name}
    is_open = enrolment.status in TAKING_PART
    send_message(
        to=enrolment.user,
        subject=_("Your place in “%(edition)s”") % named,
        paragraphs=[
            _("You have a place in “%(edition)s”. It is open: sign in to begin.") % named
            if is_open
            else _("You have been offered a place in “%(edition)s”.") % named
        ],
        action_url="/",
        action_label=_("Open Rambla"),
    )
