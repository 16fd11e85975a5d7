"""What of the exchange waits: questions to a city, reports to a moderator."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.dashboard.duty import Duty
from lms.programme.models import Edition
from lms.programme.selectors import Standing
from peer_exchange.selectors.reports import reports_waiting
from peer_exchange.selectors.threads import open_questions_of


def open_questions(edition_id: int, city_ids: frozenset[int]) -> int:
    return open_questions_of(edition_id, city_ids).count() if city_ids else 0


def questions_duty(edition: Edition, standing: Standing) -> Duty | None:
    waiting = open_questions(edition.pk, standing.team_cities(edition.pk))
    if not waiting:
        return None
    return Duty(
        _("Questions to your city"),
        ngettext(
            "%(count)d question of another city waits for your team.",
            "%(count)d questions of other cities wait for your team.",
            waiting,
        )
        % {"count": waiting},
        _("Read and answer"),
        reverse("peer_exchange:questions", args=[edition.slug]),
        waiting,
    )


def reports_duty(edition: Edition) -> Duty | None:
    waiting = reports_waiting(edition)
    if not waiting:
        return None
    return Duty(
        _("Reports"),
        ngettext(
            "%(count)d response or experience was reported.",
            "%(count)d responses and experiences were reported.",
            waiting,
        )
        % {"count": waiting},
        _("Open the reports"),
        reverse("peer_exchange:reports", args=[edition.slug]),
        waiting,
    )
