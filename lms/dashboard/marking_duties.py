"""What of marking waits for its staff: agreeing, releasing, appeals, peer review."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.selectors.marking_work import MarkingWork, marking_work_of
from assessments.selectors.peer import round_now
from lms.accounts.models import User
from lms.dashboard.duty import Duty
from lms.programme.models import Edition


def marking_duties(user: User, edition: Edition, at: datetime, *, coordinates: bool) -> list[Duty]:
    """Of an instructor or a coordinator. What waits for nobody is left out, but for what a
    coordinator looks after."""
    work = marking_work_of(edition, user)
    found = [_release_duty(work, edition), _appeals_duty(work, edition)]
    if coordinates:
        found += [_overview_duty(work, edition), _peer_duty(edition, at)]
    return [duty for duty in found if duty is not None]


def _release_duty(work: MarkingWork, edition: Edition) -> Duty | None:
    parts = [
        (
            work.to_confirm,
            ngettext(
                "%(count)d release waits for a second person.",
                "%(count)d releases wait for a second person.",
                work.to_confirm,
            ),
        ),
        (
            work.to_release,
            ngettext(
                "%(count)d grade is agreed and not released.",
                "%(count)d grades are agreed and not released.",
                work.to_release,
            ),
        ),
        (
            work.to_agree,
            ngettext(
                "%(count)d project is marked, and its grade not agreed.",
                "%(count)d projects are marked, and their grades not agreed.",
                work.to_agree,
            ),
        ),
    ]
    return _duty(_("Releasing grades"), parts, _("See what can be released"), "releases", edition)


def _appeals_duty(work: MarkingWork, edition: Edition) -> Duty | None:
    parts = [
        (
            work.own_appeals,
            ngettext(
                "%(count)d appeal waits for your answer.",
                "%(count)d appeals wait for your answer.",
                work.own_appeals,
            ),
        ),
        (
            work.appeals,
            ngettext(
                "%(count)d appeal waits for somebody to look at it.",
                "%(count)d appeals wait for somebody to look at them.",
                work.appeals,
            ),
        ),
    ]
    return _duty(_("Appeals"), parts, _("See the appeals"), "appeals", edition)


def _overview_duty(work: MarkingWork, edition: Edition) -> Duty:
    sentence = (
        ngettext(
            "%(count)d project has not been begun. See who marks how much, and how long it takes.",
            "%(count)d projects have not been begun. See who marks how much, and how long it "
            "takes.",
            work.unmarked,
        )
        % {"count": work.unmarked}
        if work.unmarked
        else _("Who marks how much, which levels are given, and how long it takes.")
    )
    return Duty(
        _("Overview of marking"),
        sentence,
        _("See how far marking is"),
        reverse("assessments:marking_overview", args=[edition.slug]),
        0,
    )


def _peer_duty(edition: Edition, at: datetime) -> Duty:
    going = round_now(edition, at)
    return Duty(
        _("Peer review of drafts"),
        _("“%(title)s” is going on: who reads whom, and what is missing.") % {"title": going.title}
        if going
        else _("Participants read each other’s drafts before they hand in. No round is going on."),
        _("See the rounds"),
        reverse("assessments:peer_rounds", args=[edition.slug]),
        0,
    )


def _duty(
    title: str, parts: list[tuple[int, str]], label: str, name: str, edition: Edition
) -> Duty | None:
    said = [sentence % {"count": count} for count, sentence in parts if count]
    if not said:
        return None
    url = reverse(f"assessments:{name}", args=[edition.slug])
    return Duty(title, " ".join(said), label, url, sum(count for count, _sentence in parts))
