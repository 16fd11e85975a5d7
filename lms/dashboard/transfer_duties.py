"""What transfers and talks ask of people who speak for a city."""

from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import User
from lms.dashboard.duty import Duty
from lms.programme.models import Edition
from peer_exchange.models import FollowUp, Transfer
from peer_exchange.selectors.transfers import (
    follow_ups_waiting,
    talks_waiting,
    waiting_for_word,
)

LOOKED_AT = 50


def transfer_duties(user: User, edition: Edition, at: datetime) -> list[Duty]:
    """Claims that wait for the city's word, follow-ups that are due, talks that are
    proposed: those of this edition that wait, and nothing where nothing does."""
    here = Q(edition=edition) | Q(experience__edition=edition)
    claims = waiting_for_word(user).filter(here).select_related("city", "edition")
    asked = follow_ups_waiting(user, at).filter(transfer__edition=edition)
    found = [
        _claims_duty(list(claims.order_by("pk")[:LOOKED_AT])),
        _follow_ups_duty(list(asked.select_related("transfer__edition")[:LOOKED_AT])),
        _talks_duty(edition, talks_waiting(user, edition, at).count()),
    ]
    return [duty for duty in found if duty]


def _claims_duty(claims: list[Transfer]) -> Duty | None:
    if not claims:
        return None
    first = claims[0]
    return Duty(
        _("Claims about your city’s practice"),
        ngettext(
            "%(city)s says that it takes up your practice. Is it so?",
            "%(city)s and others say that they take up your practice: %(count)d wait for you.",
            len(claims),
        )
        % {"city": first.city, "count": len(claims)},
        _("Read and answer"),
        reverse("peer_exchange:transfer", args=[first.edition.slug, first.pk])
        if len(claims) == 1
        else reverse("peer_exchange:transfers", args=[first.edition.slug]),
        len(claims),
    )


def _follow_ups_duty(rows: list[FollowUp]) -> Duty | None:
    if not rows:
        return None
    first = rows[0]
    address = reverse(
        "peer_exchange:transfer", args=[first.transfer.edition.slug, first.transfer_id]
    )
    return Duty(
        _("How is it going?"),
        ngettext(
            "Your city took up a practice %(months)d months ago. What has become of it?",
            "%(count)d follow-ups on practices that your city took up wait for an answer.",
            len(rows),
        )
        % {"months": first.months, "count": len(rows)},
        _("Say how it is going"),
        f"{address}#follow-up-{first.months}",
        len(rows),
    )


def _talks_duty(edition: Edition, waiting: int) -> Duty | None:
    if not waiting:
        return None
    return Duty(
        _("Talks"),
        ngettext(
            "A city would like to talk to yours.",
            "%(count)d proposals for a talk wait for your city’s answer.",
            waiting,
        )
        % {"count": waiting},
        _("Answer"),
        reverse("peer_exchange:talks", args=[edition.slug]),
        waiting,
    )
