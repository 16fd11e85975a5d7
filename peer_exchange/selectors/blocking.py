"""Who keeps whom away."""

from collections.abc import Iterable
from typing import Any

from peer_exchange.enums import Distance
from peer_exchange.models import KeptAway


def hidden_authors(user: Any) -> set[int]:
    """Ids of the people whose words somebody does not want to read: muted or blocked.
    One query; none for a visitor who is not signed in."""
    if not user.is_authenticated:
        return set()
    return set(KeptAway.objects.filter(user=user).values_list("other", flat=True))


def blockers_of(user: Any, among: Iterable[int] | None = None) -> set[int]:
    """Ids of the people (`among` these) who have blocked somebody: they are not reached."""
    rows = KeptAway.objects.filter(other=user, distance=Distance.BLOCKED)
    if among is not None:
        rows = rows.filter(user__in=list(among))
    return set(rows.values_list("user", flat=True))


def people_kept_away(user: Any) -> Any:
    return KeptAway.objects.filter(user=user).select_related("other")
