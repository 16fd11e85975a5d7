"""Bringing people into an edition, new or known: the programme's daily work."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.actions import invite_person
from lms.accounts.models import City, Organisation, User
from lms.core import outbox
from lms.core.errors import InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_text
from lms.programme import tasks
from lms.programme.actions.enrolment import move_enrolment, offer_place
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment


@transaction.atomic
def enrol_person(
    *,
    edition: Edition,
    email: str,
    name: str,
    city: City,
    organisation: Organisation | None = None,
    is_guaranteed: bool = False,
    by: User,
    at: datetime,
) -> Enrolment:
    """Offer a place to whoever has this address, with a new account if nobody has it.

    `name` is for the new account; that of a known one is its owner's. `is_guaranteed`:
    the fee is paid or is nothing (D8, D11), so the place is open at once. The person
    gets one message: about the place, or with the link to choose a password as well.
    Raises PermissionDenied, Conflict where they have a place already, InvalidInput.
    """
    # Two coordinators with the same newcomer wait for each other here.
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    require_perm(by, "programme.coordinate_edition", edition)
    email = clean_text(email, field="email", max_bytes=1000).strip().lower()
    user = User.objects.filter(email__iexact=email).first()
    if user is not None and not user.is_active:
        raise InvalidInput(errors={"email": [_("The account of this person was closed.")]})
    is_new = user is None
    if user is None:
        user = invite_person(
            email=email,
            name=name,
            time_zone=city.time_zone,
            occasion=_("You have been offered a place in “%(edition)s”.")
            % {"edition": edition.name},
            by=by,
            at=at,
        )
    enrolment = offer_place(
        edition=edition, user=user, city=city, organisation=organisation, by=by, at=at
    )
    if is_guaranteed:
        enrolment = move_enrolment(enrolment=enrolment, to=EnrolmentStatus.GUARANTEED, by=by, at=at)
    if not is_new:
        outbox.enqueue(tasks.send_place, enrolment_id=enrolment.pk)
    return enrolment
