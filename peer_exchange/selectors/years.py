"""Experiences by when it was done."""

from typing import Any

from django.db.models import Q

from peer_exchange.wanted import Wanted


def done_within(experiences: Any, wanted: Wanted) -> Any:
    """Those of which some was done between the years that were asked for; what still runs
    is done in every year since it began. Without years all of them."""
    if wanted.years:
        experiences = experiences.filter(began_in__isnull=False)
    if wanted.since is not None:
        still = Q(ended_in__isnull=True) | Q(ended_in__gte=wanted.since)
        experiences = experiences.filter(still)
    if wanted.until is not None:
        experiences = experiences.filter(began_in__lte=wanted.until)
    return experiences
