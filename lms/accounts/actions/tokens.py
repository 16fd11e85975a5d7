from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.enums import TokenScope
from lms.accounts.models import PersonalToken, User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.text import clean_text

TOKENS_A_PERSON = 20
LONGEST_LIFE_DAYS = 366


@transaction.atomic
def create_token(
    *, name: str, scope: str, days: int, by: User, at: datetime
) -> tuple[PersonalToken, str]:
    """Make a token for oneself; the text is returned once and never again.

    `days`: how long it lives, 1 to 366. Raises InvalidInput, Conflict.
    """
    name = clean_text(name, field="name", max_bytes=320).strip()
    errors = {}
    if not 0 < len(name) <= 80:
        errors["name"] = [_("Say what the token is for, in at most 80 characters.")]
    if scope not in TokenScope.values:
        errors["scope"] = [_("There is no such scope.")]
    if not 1 <= days <= LONGEST_LIFE_DAYS:
        errors["days"] = [_("Choose between 1 and 366 days.")]
    if errors:
        raise InvalidInput(errors=errors)
    User.objects.select_for_update().get(pk=by.pk)
    if PersonalToken.objects.filter(user=by).count() >= TOKENS_A_PERSON:
        raise Conflict(_("You have 20 tokens. Revoke one before you make another."))
    token, text = PersonalToken.objects.create(
        user=by, expiry=timedelta(days=days), name=name, scope=scope
    )
    audit.record(by=by, verb="token.created", target=by, at=at, name=name, scope=scope)
    return token, text


@transaction.atomic
def revoke_token(*, token: PersonalToken, by: User, at: datetime) -> None:
    """Revoke one's own token; it stops working at once.

    Raises PermissionDenied for somebody else's, Conflict for one that is gone.
    """
    if token.user_id != by.pk:
        raise PermissionDenied
    name = token.name
    deleted, _rows = PersonalToken.objects.filter(pk=token.pk).delete()
    if not deleted:
        raise Conflict(_("This token is revoked already."))
    audit.record(by=by, verb="token.revoked", target=by, at=at, name=name)
