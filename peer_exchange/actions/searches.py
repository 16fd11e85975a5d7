"""Saved searches, and the letters about what is new in them."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import digest_cut, wants
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.text import count_words
from lms.programme.models import Edition
from peer_exchange import search_notifications, tasks
from peer_exchange.actions.cleaning import clean_line
from peer_exchange.enums import DigestCadence
from peer_exchange.models import CityExperience, SavedSearch, ToldExperience
from peer_exchange.selectors import may_open_exchange
from peer_exchange.selectors.finding import ids_found, readable_in
from peer_exchange.selectors.years import done_within
from peer_exchange.wanted import Wanted, kept_wanted

MOST_SEARCHES = 50
NAME_MAX = 120
AT_ONCE = 500  # searches whose letters are promised in one go
RARER = (MailCadence.AT_ONCE, MailCadence.DAILY, MailCadence.WEEKLY, MailCadence.NEVER)


@transaction.atomic
def save_search(
    *, edition: Edition, wanted: Wanted, name: str, cadence: str, by: User, at: datetime
) -> SavedSearch:
    """Keep a search under a name; the same one again takes the new name and rhythm.

    Raises InvalidInput, Conflict when somebody has kept too many.
    """
    # Two clicks, or two tabs, must not count past the limit or make two.
    User.objects.select_for_update().get(pk=by.pk)
    by.forget_roles()
    if not may_open_exchange(by, edition):
        raise PermissionDenied
    if not wanted.is_narrowed:
        raise InvalidInput(errors={"search": [_("Look for something first, then save it.")]})
    name, cadence = _clean_name(name), _clean_cadence(cadence)
    same = SavedSearch.objects.filter(user=by, edition=edition, fingerprint=wanted.fingerprint)
    search = same.first()
    if search is None or search.removed_at:
        _require_room(by)
        search = search or SavedSearch(
            user=by, edition=edition, fingerprint=wanted.fingerprint, created_at=at
        )
        search.looked_at = at
    search.name, search.cadence, search.wanted = name, cadence, wanted.as_kept()
    search.removed_at = None
    search.digest_at = _next_letter(search, at=at)
    search.save()
    audit.record(by=by, verb="search.saved", target=search, at=at, cadence=cadence)
    return search


@transaction.atomic
def change_search(
    *, search: SavedSearch, name: str, cadence: str, by: User, at: datetime
) -> SavedSearch:
    """Another name or rhythm. What came out meanwhile without letters is not told later."""
    search = _own(search, by=by)
    if search.removed_at:
        raise Conflict(_("This search has been removed. Put it back first."))
    search.name = _clean_name(name)
    if _clean_cadence(cadence) != search.cadence:
        if search.cadence == DigestCadence.NEVER:
            search.looked_at = at
        search.cadence = cadence
        search.digest_at = _next_letter(search, at=at)
    search.save(update_fields=["name", "cadence", "looked_at", "digest_at"])
    audit.record(by=by, verb="search.changed", target=search, at=at, cadence=cadence)
    return search


@transaction.atomic
def remove_search(*, search: SavedSearch, by: User, at: datetime) -> SavedSearch:
    """Put a search away; `restore_search` brings it back. Twice is once."""
    search = _own(search, by=by)
    if search.removed_at is None:
        search.removed_at, search.digest_at = at, None
        search.save(update_fields=["removed_at", "digest_at"])
        audit.record(by=by, verb="search.removed", target=search, at=at)
    return search


@transaction.atomic
def restore_search(*, search: SavedSearch, by: User, at: datetime) -> SavedSearch:
    """Bring a search back. Raises Conflict when somebody has kept too many meanwhile."""
    User.objects.select_for_update().get(pk=by.pk)
    search = _own(search, by=by)
    if search.removed_at is None:
        return search
    _require_room(by)
    search.removed_at = None
    search.digest_at = _next_letter(search, at=at)
    search.save(update_fields=["removed_at", "digest_at"])
    audit.record(by=by, verb="search.restored", target=search, at=at)
    return search


@transaction.atomic
def promise_digests(*, by: User | None, at: datetime) -> int:
    """Promise a letter to each person one of whose searches is due. Returns how many."""
    due = SavedSearch.objects.filter(digest_at__lte=at).order_by("user")
    people = list(due.values_list("user", flat=True).distinct()[:AT_ONCE])
    return sum(outbox.enqueue_once(tasks.send_search_digest, user_id=pk) for pk in people)


@transaction.atomic
def send_search_digest(*, by: User, at: datetime) -> int:
    """Write to `by` what has come out in their due searches and they may read at this
    moment: one letter for all of them, none without news, and no experience twice.
    Returns how many experiences it names.
    """
    # A second worker waits here, and then finds nothing due.
    searches = list(
        SavedSearch.objects.select_for_update(of=("self",))
        .filter(user=by, digest_at__lte=at)
        .select_related("edition")
        .order_by("pk")
    )
    choice = wants(by, MailKind.SAVED_SEARCHES)
    news: list[tuple[SavedSearch, list[CityExperience]]] = []
    for search in searches:
        rhythm = max(choice, MailCadence(search.cadence), key=RARER.index)
        if rhythm != MailCadence.NEVER and digest_cut(by, rhythm, at) <= search.looked_at:
            # Due by its own rhythm, not by the person's for all such letters.
            search.digest_at = _next_letter(search, at=at, rhythm=rhythm)
            search.save(update_fields=["digest_at"])
            continue
        new = [] if rhythm == MailCadence.NEVER else _new_in(search, by=by, at=at)
        search.looked_at, search.digest_at = at, _next_letter(search, at=at)
        search.save(update_fields=["looked_at", "digest_at"])
        if new:
            ToldExperience.objects.bulk_create(
                [ToldExperience(search=search, experience=e, told_at=at) for e in new]
            )
            news.append((search, new))
    if news:
        audit.record(
            by=None, verb="search.digest_sent", target=by, at=at,
            experiences=sorted({e.pk for _search, new in news for e in new}),
        )  # fmt: skip
        search_notifications.tell_of_new_experiences(news, to=by)
    return len({e.pk for _search, new in news for e in new})


def _new_in(search: SavedSearch, *, by: User, at: datetime) -> list[CityExperience]:
    """What came out after the last look; under embargo nothing has, for anybody."""
    readable = (
        readable_in(by, search.edition)
        .readable()
        .filter(published_at__gt=search.looked_at, published_at__lte=at)
        .exclude(pk__in=search.told.values("experience"))
    )
    wanted = kept_wanted(search.wanted)
    ids = ids_found(wanted, done_within(readable, wanted))
    found = CityExperience.objects.filter(pk__in=ids).select_related("city", "edition")
    return list(found.order_by("-published_at", "-pk"))


def _next_letter(
    search: SavedSearch, *, at: datetime, rhythm: MailCadence | None = None
) -> datetime | None:
    rhythm = rhythm or MailCadence(search.cadence)
    if rhythm == MailCadence.NEVER:
        return None
    days = 7 if rhythm == MailCadence.WEEKLY else 1
    return digest_cut(search.user, rhythm, at + timedelta(days=days))


def _require_room(by: User) -> None:
    if SavedSearch.objects.filter(user=by).kept().count() >= MOST_SEARCHES:
        sentence = _("You keep %(most)d searches. Remove one first.") % {"most": MOST_SEARCHES}
        raise Conflict(sentence)


def _own(search: SavedSearch, *, by: User) -> SavedSearch:
    search = SavedSearch.objects.select_for_update(of=("self",)).get(pk=search.pk)
    if search.user_id != by.pk:
        raise PermissionDenied
    search.user = by
    return search


def _clean_name(name: str) -> str:
    line = clean_line(name, field="name", max_length=NAME_MAX)
    if not count_words(line):
        raise InvalidInput(errors={"name": [_("Give the search a name.")]})
    return line


def _clean_cadence(cadence: str) -> str:
    if cadence not in DigestCadence.values:
        raise InvalidInput(errors={"cadence": [_("Choose how often you want a letter.")]})
    return cadence
