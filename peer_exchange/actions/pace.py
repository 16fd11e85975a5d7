"""No more within an hour than one person means: what others are told of is not a flood."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core.errors import DomainError

AN_HOUR = timedelta(hours=1)


class TooMany(DomainError):
    """More within an hour than one person may send."""

    code = "too_many"
    status = 429
    sentence = _("You have sent many responses within an hour. Please continue a little later.")


def require_pace(
    rows: Any, column: str, *, most: int, by: User, at: datetime, sentence: Any = None
) -> None:
    """Raise TooMany when `most` of the person's `rows` are of the last hour, by `column`.

    Their own row is held, so that what they send to many places at once is counted one
    after the other. Held after what is written to: one order for all locks.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if rows.filter(**{f"{column}__gt": at - AN_HOUR}).count() >= most:
        raise TooMany(sentence)
