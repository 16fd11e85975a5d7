"""Finding experiences: by words and facets, counted as the other choices leave them.

One question to the database brings the id and the few letters by which each readable
experience is counted; the rest is arithmetic. Only the page that is shown is read in full.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple

from lms.accounts.enums import Region
from lms.accounts.models import City, User
from lms.programme.models import Edition
from peer_exchange.enums import CitySize
from peer_exchange.models import CityExperience, Facet, Theme
from peer_exchange.models.experience_queries import CityExperienceQuerySet
from peer_exchange.selectors.cities import language_name
from peer_exchange.selectors.fulltext import matching, ranks
from peer_exchange.selectors.reading import Experiences
from peer_exchange.selectors.typos import put_right
from peer_exchange.wanted import GROUPS, RELEVANCE, Wanted

# So many are ordered by relevance, the newest of what matches; the others follow by date.
RANKED = 500
SIZES = ((250_000, CitySize.SMALL), (1_000_000, CitySize.MEDIUM), (5_000_000, CitySize.LARGE))


@dataclass(frozen=True)
class Value:
    """One thing to choose: `count` experiences are left when it is chosen, too."""

    value: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Found:
    """Ids of all that was found, in order; facets by group; `city_of`: id → of its city,
    newest first. `instead_of`: what was typed,
    where nothing has these words and the nearest were looked for."""

    wanted: Wanted
    ids: list[int]
    city_of: dict[int, int] = field(default_factory=dict)
    facets: dict[str, list[Value]] = field(default_factory=dict)
    instead_of: str = ""


class _Row(NamedTuple):
    id: int
    city: int
    tags: str | None
    language: str | None


def readable_in(user: User, edition: Edition) -> CityExperienceQuerySet:
    """What the reader may read of what is published in the edition."""
    return CityExperience.objects.visible_to(user).published().filter(edition=edition)


def find(wanted: Wanted, readable: Experiences) -> Found:
    found = _find(wanted, readable)
    if found.ids or wanted.is_exact or not wanted.query.groups:
        return found
    if _anything_matches(wanted, readable):
        # It is the facets that leave nothing, not the words.
        return found
    right = put_right(wanted.q, readable)
    if not right:
        return found
    instead = _find(replace(wanted, q=right), readable)
    return replace(instead, instead_of=wanted.q) if instead.ids else found


def ids_found(wanted: Wanted, readable: Experiences) -> list[int]:
    """Without counting, and without putting words right: for what is asked again and again."""
    return _find(wanted, readable).ids


def _anything_matches(wanted: Wanted, readable: Experiences) -> bool:
    if not any(wanted.chosen.values()):
        return False
    return readable.order_by().filter(matching(wanted.query)).exists()


def _find(wanted: Wanted, readable: Experiences) -> Found:
    found = (
        readable.filter(matching(wanted.query))
        .order_by("-published_at", "-pk")
        .values_list("pk", "city_id", "words__tags", "words__language")
    )
    rows = list(map(_Row._make, found))
    names = _Names({row.city for row in rows})
    fits, nearly = _sifted(rows, wanted.chosen, names)
    tally = _Tally(fits)
    facets = {}
    for group in GROUPS:
        counted = _Tally([*fits, *nearly[group]]) if nearly[group] else tally
        chosen = wanted.chosen.get(group, ())
        facets[group] = names.values(group, counted.of(group, names), chosen)
    city_of = {row.id: row.city for row in fits}
    return Found(wanted, _in_order(wanted, list(city_of)), city_of, facets)


def _sifted(
    rows: list[_Row], chosen: Mapping[str, tuple[str, ...]], names: "_Names"
) -> tuple[list[_Row], dict[str, list[_Row]]]:
    """Those with one value of each group that was chosen from; and, by group, those that
    only this group keeps out."""
    asked = {group: names.keys(group, values) for group, values in chosen.items() if values}
    nearly: dict[str, list[_Row]] = defaultdict(list)
    if not asked:
        return rows, nearly
    fits = []
    for row in rows:
        missed = [group for group, keys in asked.items() if keys.isdisjoint(_keys(group, row))]
        if not missed:
            fits.append(row)
        elif len(missed) == 1:
            nearly[missed[0]].append(row)
    return fits, nearly


def _keys(group: str, row: _Row) -> Iterable[Any]:
    if group in ("region", "size", "city"):
        return (row.city,)
    if group == "language":
        return (row.language,)
    return (row.tags or "").split()


class _Tally:
    """What rows are counted by, each thing once."""

    def __init__(self, rows: list[_Row]) -> None:
        self.cities = Counter([row.city for row in rows])
        self.languages = Counter([row.language for row in rows if row.language])
        self.tags = Counter(chain.from_iterable([row.tags.split() for row in rows if row.tags]))

    def of(self, group: str, names: "_Names") -> Mapping[str, int]:
        """Value → how many of the rows have it."""
        if group == "language":
            return self.languages
        if group in ("region", "size"):
            counts: Counter[str] = Counter()
            for city, number in self.cities.items():
                counts[names.of_city(group, city)] += number
            return counts
        return {value: self.tags[tag] for tag, value in names.tags[group].items()}


def _in_order(wanted: Wanted, newest_first: list[int]) -> list[int]:
    if wanted.order != RELEVANCE:
        return newest_first
    rank = ranks(wanted.query, newest_first[:RANKED])
    head = sorted(newest_first[:RANKED], key=lambda pk: -rank.get(pk, 0.0))
    return head + newest_first[RANKED:]


class _Names:
    """What tags and cities stand for: three questions, whatever is counted."""

    def __init__(self, cities: set[int]) -> None:
        self.cities = {
            pk: (slug, name, region, size_of(population))
            for pk, slug, name, region, population in City.objects.filter(
                pk__in=cities
            ).values_list("pk", "slug", "name", "region", "profile__population")
        }
        self.tags: dict[str, dict[str, str]] = defaultdict(dict)
        self.labels: dict[str, dict[str, str]] = defaultdict(dict)
        for pk, slug, name in Theme.objects.values_list("pk", "slug", "name"):
            self.tags["theme"][f"t{pk}"], self.labels["theme"][slug] = slug, name
        for pk, kind, slug, name in Facet.objects.values_list("pk", "kind", "slug", "name"):
            self.tags[kind][f"f{pk}"], self.labels[kind][slug] = slug, name
        self.labels["region"] = {value: str(label) for value, label in Region.choices}
        self.labels["size"] = {value: str(label) for value, label in CitySize.choices}

    def of_city(self, group: str, city: int) -> str:
        slug, _name, region, size = self.cities[city]
        return {"region": region, "size": size, "city": slug}[group]

    def keys(self, group: str, values: Iterable[str]) -> set[Any]:
        """What stands in a row that has one of the values."""
        if group in ("region", "size", "city"):
            return {pk for pk in self.cities if self.of_city(group, pk) in values}
        if group == "language":
            return set(values)
        return {tag for tag, slug in self.tags[group].items() if slug in values}

    def label(self, group: str, value: str) -> str:
        if group == "language":
            return language_name(value)
        if group == "city":
            names = (name for slug, name, *_rest in self.cities.values() if slug == value)
            return next(names, value)
        return self.labels[group].get(value, value)

    def values(self, group: str, counts: Mapping[str, int], chosen: Iterable[str]) -> list[Value]:
        """In their own order, those that leave nothing only where they are chosen."""
        known = list(self.labels[group]) or sorted(counts, key=lambda v: self.label(group, v))
        order = dict.fromkeys([*known, *chosen])
        return [
            Value(value, self.label(group, value), counts.get(value, 0), value in chosen)
            for value in order
            if counts.get(value) or value in chosen
        ]


def size_of(population: int | None) -> str:
    if population is None:
        return CitySize.UNKNOWN
    return next((size for below, size in SIZES if population < below), CitySize.HUGE)


def names_of_chosen(found: Found) -> list[tuple[str, str, str]]:
    """(group, value, name) of each thing that was chosen."""
    listed = [
        (group, value.value, value.name)
        for group, values in found.facets.items()
        for value in values
        if value.is_chosen
    ]
    cities = found.wanted.chosen.get("city", ())
    if not cities:
        return listed
    names = dict(City.objects.filter(slug__in=cities).values_list("slug", "name"))
    return listed + [("city", slug, names.get(slug, slug)) for slug in cities]
