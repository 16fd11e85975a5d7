from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import City, Organisation, User
from lms.core import audit
from lms.core.errors import Conflict, IllegalMove
from lms.core.permissions import require_perm
from lms.core.transitions import require_move
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment
from lms.programme.workflow import ENROLMENT_MOVES


@transaction.atomic
def offer_place(
    *,
    edition: Edition,
    user: User,
    city: City,
    organisation: Organisation | None = None,
    by: User | None,
    at: datetime,
) -> Enrolment:
    """Offer somebody a place for their city. `by` None: the system (a command)."""
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    if by is not None:
        require_perm(by, "programme.coordinate_edition", edition)
    if Enrolment.objects.filter(edition=edition, user=user).exists():
        raise Conflict(_("This person already has a place in this edition."))
    enrolment = Enrolment.objects.create(
        edition=edition, user=user, city=city, organisation=organisation, created_at=at
    )
    audit.record(by=by, verb="enrolment.offered", target=enrolment, at=at)
    return enrolment


@transaction.atomic
def move_enrolment(
    *, enrolment: Enrolment, to: str, by: User | None, at: datetime, reason: str = ""
) -> Enrolment:
    """Move a place along its machine (D8, D11). Raises IllegalMove or PermissionDenied."""
    enrolment = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if by is not None:
        require_perm(by, "programme.coordinate_edition", enrolment)
    require_move(ENROLMENT_MOVES, enrolment.status, to)
    if by is not None and to == EnrolmentStatus.COMPLETED:
        raise IllegalMove(_("A place is completed by its certificate (D16)."))
    before, enrolment.status = enrolment.status, EnrolmentStatus(to)
    enrolment.save(update_fields=["status"])
    audit.record(
        by=by,
        verb="enrolment.moved",
        target=enrolment,
        at=at,
        before=before,
        after=to,
        reason=reason,
    )
    return enrolment
