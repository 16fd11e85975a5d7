"""What is looked for: words, chosen facets, an order. As an address says it, as a saved
search keeps it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from lms.core.canonical import hash_of
from lms.core.errors import InvalidInput
from lms.core.numbers import whole_number
from lms.core.text import clean_text
from peer_exchange.enums import FacetKind
from peer_exchange.search_query import QUERY_MAX, Query, read_query

# In the order in which they are offered.
GROUPS = ("theme", "region", "size", "language", *FacetKind.values)
# Chosen by a link, offered in no list: a city of the map.
BY_LINK = ("city",)
MOST_VALUES = 40
VALUE_MAX = 64
NEWEST, RELEVANCE = "newest", "relevance"
SORTS = (RELEVANCE, NEWEST)


@dataclass(frozen=True)
class Wanted:
    """`is_exact`: look for the words as typed, without putting them right. `since` and
    `until`: the years between which it was done, or some of it."""

    q: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    is_exact: bool = False
    since: int | None = None
    until: int | None = None

    @property
    def query(self) -> Query:
        return read_query(self.q)

    @property
    def order(self) -> str:
        """What was asked for; else by relevance where there are words to match."""
        words = bool(self.query.groups)
        return self.sort if self.sort and words else (RELEVANCE if words else NEWEST)

    @property
    def years(self) -> dict[str, int]:
        asked = {"since": self.since, "until": self.until}
        return {name: year for name, year in asked.items() if year is not None}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or any(self.chosen.values()) or self.years)

    def without(self, group: str, value: str) -> "Wanted":
        left = tuple(v for v in self.chosen.get(group, ()) if v != value)
        return replace(self, chosen={**self.chosen, group: left})

    def without_year(self, name: str) -> "Wanted":
        years = {"since": self.since, "until": self.until, name: None}
        return replace(self, since=years["since"], until=years["until"])

    def address(self) -> str:
        """The query string that asks the same, the same each time."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [(g, value) for g in (*GROUPS, *BY_LINK) for value in self.chosen.get(g, ())]
        pairs += [(name, str(year)) for name, year in self.years.items()]
        pairs += [("sort", self.sort)] if self.sort else []
        pairs += [("exact", "1")] if self.is_exact else []
        return f"?{urlencode(pairs)}" if pairs else ""

    def as_kept(self) -> dict[str, Any]:
        """For a saved search: what is looked for, not in which order it is shown."""
        chosen = {g: sorted(values) for g, values in self.chosen.items() if values}
        kept: dict[str, Any] = {"q": self.q.strip(), "exact": self.is_exact, "chosen": chosen}
        # A search without years is kept, and known again, as before there were any.
        return {**kept, **self.years}

    @property
    def fingerprint(self) -> str:
        return hash_of(self.as_kept())


def wanted_from(data: QueryDict) -> Wanted:
    """Read an address; raises InvalidInput for what no search can be."""
    return make_wanted(
        q=data.get("q", ""),
        chosen={group: data.getlist(group) for group in (*GROUPS, *BY_LINK)},
        sort=data.get("sort", ""),
        is_exact=bool(data.get("exact")),
        since=_year(data.get("since"), "since"),
        until=_year(data.get("until"), "until"),
    )


def make_wanted(
    *,
    q: object,
    chosen: Mapping[str, Iterable[object]],
    sort: str = "",
    is_exact: bool = False,
    since: int | None = None,
    until: int | None = None,
) -> Wanted:
    words = clean_text(q, field="q").strip()
    if len(words) > QUERY_MAX:
        sentence = _("Search for at most %(limit)d characters.") % {"limit": QUERY_MAX}
        raise InvalidInput(errors={"q": [sentence]})
    return Wanted(
        q=words,
        chosen={group: _values(group, values) for group, values in chosen.items()},
        sort=sort if sort in SORTS else "",
        is_exact=is_exact,
        since=since,
        until=until,
    )


def kept_wanted(kept: Mapping[str, Any]) -> Wanted:
    chosen = {group: tuple(values) for group, values in kept["chosen"].items()}
    return Wanted(
        q=kept["q"],
        chosen=chosen,
        is_exact=kept["exact"],
        since=kept.get("since"),
        until=kept.get("until"),
    )


def _year(typed: str | None, field: str) -> int | None:
    if not typed or not typed.strip():
        return None
    year = whole_number(typed.strip(), digits=4)
    if year is None:
        raise InvalidInput(errors={field: [_("Write the year in four digits, as in 2019.")]})
    return year


def _values(group: str, values: Iterable[object]) -> tuple[str, ...]:
    if group not in (*GROUPS, *BY_LINK):
        raise InvalidInput(errors={"chosen": [_("There is nothing of this name to choose.")]})
    cleaned = [clean_text(value, field=group, max_bytes=10_000) for value in values]
    unique = tuple(dict.fromkeys(value for value in cleaned if value))
    if len(unique) > MOST_VALUES or any(len(value) > VALUE_MAX for value in unique):
        raise InvalidInput(errors={group: [_("This is more than can be chosen.")]})
    return unique
