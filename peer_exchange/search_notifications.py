from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.enums import MailKind
from lms.accounts.mailing import send_stoppable
from lms.accounts.models import User
from peer_exchange.models import CityExperience, SavedSearch
from peer_exchange.wanted import kept_wanted

NAMED_A_SEARCH = 8


def tell_of_new_experiences(
    news: Iterable[tuple[SavedSearch, Sequence[CityExperience]]], *, to: User
) -> None:
    """One letter for all searches of a person that have something new."""
    news = list(news)
    count = len({experience.pk for _search, new in news for experience in new})
    paragraphs = [line for search, new in news for line in _lines(search, new)]
    paragraphs.append(_("You choose how often we write to you on the page of your saved searches."))
    search = news[0][0]
    only_one = len(news) == 1
    send_stoppable(
        to=to,
        kind=MailKind.SAVED_SEARCHES,
        subject=ngettext(
            "%(count)d new experience in your saved searches",
            "%(count)d new experiences in your saved searches",
            count,
        )
        % {"count": count},
        paragraphs=paragraphs,
        action_url=results_of(search)
        if only_one
        else reverse("peer_exchange:searches", args=[search.edition.slug]),
        action_label=_("Read them in the exchange") if only_one else _("Your saved searches"),
    )


def results_of(search: SavedSearch) -> str:
    """Where the search is asked again, the newest first."""
    page = reverse("peer_exchange:list", args=[search.edition.slug])
    query = kept_wanted(search.wanted).address()
    return f"{page}{query}{'&' if query else '?'}sort=newest#published"


def _lines(search: SavedSearch, new: Sequence[CityExperience]) -> list[str]:
    lines = [_("“%(search)s”:") % {"search": search.name}]
    lines += [
        _("%(city)s: %(title)s") % {"city": experience.city, "title": experience.title}
        for experience in new[:NAMED_A_SEARCH]
    ]
    more = len(new) - NAMED_A_SEARCH
    if more > 0:
        lines.append(ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more})
    return lines
