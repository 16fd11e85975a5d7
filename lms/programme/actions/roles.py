from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.programme.enums import Role
from lms.programme.models import Edition, RoleAssignment


@transaction.atomic
def assign_role(
    *, edition: Edition, user: User, role: str, city: City | None = None, by: User, at: datetime
) -> RoleAssignment:
    """Give somebody work in an edition; a city team member works for one city.

    Raises PermissionDenied, Conflict where they have it already, InvalidInput.
    """
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    require_perm(by, "programme.assign_role", edition)
    if role not in Role.values:
        raise InvalidInput(errors={"role": [_("There is no such role.")]})
    if (role == Role.CITY_TEAM) != (city is not None):
        wrong = (
            _("Choose the city whose team this is.")
            if city is None
            else _("Only a city team member works for a city.")
        )
        raise InvalidInput(errors={"city": [wrong]})
    if RoleAssignment.objects.filter(edition=edition, user=user, role=role, city=city).exists():
        raise Conflict(_("This person has this role already."))
    assignment = RoleAssignment.objects.create(edition=edition, user=user, role=role, city=city)
    audit.record(by=by, verb="role.assigned", target=assignment, at=at, **_details(assignment))
    return assignment


@transaction.atomic
def take_role(*, assignment: RoleAssignment, by: User, at: datetime) -> None:
    """Take a role away: what the person did in it stays, and they do no more of it."""
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    require_perm(by, "programme.assign_role", assignment)
    audit.record(by=by, verb="role.taken", target=assignment, at=at, **_details(assignment))
    assignment.delete()


def _details(assignment: RoleAssignment) -> dict[str, object]:
    return {
        "edition": assignment.edition_id,
        "user": assignment.user_id,
        "role": str(assignment.role),
        "city": assignment.city_id,
    }
