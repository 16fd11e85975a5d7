from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.clock import known_zones
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.text import clean_text


@transaction.atomic
def update_profile(*, user: User, name: str, time_zone: str, by: User, at: datetime) -> User:
    """Change one's own name and time zone. Raises PermissionDenied, InvalidInput."""
    if user.pk != by.pk:
        # The name stands on a certificate: not even an administrator writes another's here.
        raise PermissionDenied
    name = clean_text(name, field="name", max_bytes=600).strip()
    errors = {}
    if not 0 < len(name) <= 150:
        errors["name"] = [_("Write your name, in at most 150 characters.")]
    if time_zone not in known_zones():
        errors["time_zone"] = [_("Choose a time zone of the list.")]
    if errors:
        raise InvalidInput(errors=errors)
    user = User.objects.select_for_update().get(pk=user.pk)
    user.name, user.time_zone = name, time_zone
    user.save(update_fields=["name", "time_zone"])
    audit.record(by=by, verb="profile.updated", target=user, at=at)
    return user
