from datetime import datetime

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from lms.accounts import tasks
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.clock import known_zones
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_text


@transaction.atomic
def invite_person(
    *, email: str, name: str, time_zone: str, occasion: str = "", by: User, at: datetime
) -> User:
    """Make an account without a password; its owner gets a message with a link to set one.

    `occasion`: a sentence for that message (which place they have). Raises Conflict
    where the address has an account, InvalidInput.
    """
    require_perm(by, "accounts.invite_person")
    email = clean_text(email, field="email", max_bytes=1000).strip().lower()
    name = clean_text(name, field="name", max_bytes=600).strip()
    errors = {}
    try:
        validate_email(email)
    except ValidationError as error:
        errors["email"] = list(error.messages)
    if len(email) > 254:
        errors["email"] = [_("Use at most 254 characters.")]
    if not 0 < len(name) <= 150:
        errors["name"] = [_("Write their name, in at most 150 characters.")]
    if time_zone not in known_zones():
        errors["time_zone"] = [_("Choose a time zone of the list.")]
    if errors:
        raise InvalidInput(errors=errors)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, name=name, time_zone=time_zone, date_joined=at)
            # Not verified: whoever opens the link in the message shows that it is theirs.
            EmailAddress.objects.create(user=user, email=email, primary=True)
    except IntegrityError as error:
        raise Conflict(_("There is an account with this address already.")) from error
    audit.record(by=by, verb="person.invited", target=user, at=at)
    outbox.enqueue(tasks.send_invitation, user_id=user.pk, occasion=occasion)
    return user


@transaction.atomic
def set_access(
    *,
    user: User,
    is_active: bool,
    is_staff: bool,
    is_superuser: bool,
    group_ids: frozenset[int],
    by: User,
    at: datetime,
) -> User:
    """Say whether somebody may sign in, administer, and which groups of the CMS they are
    in. Nobody takes their own administration away: somebody has to be left."""
    user = User.objects.select_for_update().get(pk=user.pk)
    require_perm(by, "accounts.set_access", user)
    if user.pk == by.pk and not (is_active and is_staff and is_superuser):
        raise Conflict(_("Another administrator has to change your own access."))
    before = _access_of(user)
    user.is_active, user.is_staff, user.is_superuser = is_active, is_staff, is_superuser
    user.save(update_fields=["is_active", "is_staff", "is_superuser"])
    user.groups.set(group_ids)
    after = _access_of(user)
    if before != after:
        audit.record(
            by=by, verb="person.access_set", target=user, at=at, before=before, after=after
        )
    return user


def _access_of(user: User) -> dict[str, object]:
    return {
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "groups": sorted(user.groups.values_list("name", flat=True)),
    }
