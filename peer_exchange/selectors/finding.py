"""Finding experiences: by words and facets, counted as the other choices leave them.

One question to the database brings the ids that the reader may read and that have the
words; the catalogue says by what they are counted, the rest is arithmetic. Only the page
that is shown is read in full.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_

from lms.accounts.enums import Region
from lms.accounts.models import City, User
from lms.core.languages import language_label
from lms.programme.models import Edition
from peer_exchange.enums import CitySize
from peer_exchange.models import CityExperience, Facet, Theme
from peer_exchange.models.experience_queries import CityExperienceQuerySet
from peer_exchange.selectors.catalogue import CITY, LANGUAGE, TAG, Catalogue, Mark, catalogue_now
from peer_exchange.selectors.fulltext import matching, ranks
from peer_exchange.selectors.reading import Experiences
from peer_exchange.selectors.typos import put_right
from peer_exchange.wanted import BY_LINK, GROUPS, RELEVANCE, Wanted

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
    newest first. `instead_of`: what was typed, where nothing has these words and the
    nearest were looked for."""

    wanted: Wanted
    ids: list[int]
    city_of: dict[int, int] = field(default_factory=dict)
    facets: dict[str, list[Value]] = field(default_factory=dict)
    instead_of: str = ""


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
    """Newest first, without counting, and without putting words right: for what is asked
    again and again."""
    return list(_Search(wanted, readable).city_of)


def _anything_matches(wanted: Wanted, readable: Experiences) -> bool:
    if not any(wanted.chosen.values()):
        return False
    return readable.order_by().filter(matching(wanted.query)).exists()


class _Search:
    """Which texts have the words (`there`), and which one of each group (`asked`): group →
    the texts with one of the values chosen from it."""

    def __init__(self, wanted: Wanted, readable: Experiences) -> None:
        self.catalogue = catalogue_now()
        matching_words = readable.order_by().filter(matching(wanted.query))
        self.there = self.catalogue.these(matching_words.values_list("pk", flat=True))
        self.names = _Names(self.catalogue, self.there)
        self.asked = {
            group: self.catalogue.having(self.names.marks_of(group, values))
            for group, values in wanted.chosen.items()
            if values
        }

    @property
    def city_of(self) -> dict[int, int]:
        """Id of each text that was found → id of its city, newest first."""
        return self.catalogue.city_of(reduce(and_, self.asked.values(), self.there))

    def counts_of(self, group: str) -> dict[str, int]:
        """Value → how many have it, whatever was chosen from its own group."""
        others = (texts for name, texts in self.asked.items() if name != group)
        left = reduce(and_, others, self.there)
        return {
            value: (self.catalogue.having(marks) & left).bit_count()
            for value, marks in self.names.marks[group].items()
        }


def _find(wanted: Wanted, readable: Experiences) -> Found:
    search = _Search(wanted, readable)
    facets = {
        group: search.names.values(group, search.counts_of(group), wanted.chosen.get(group, ()))
        for group in GROUPS
    }
    city_of = search.city_of
    return Found(wanted, _in_order(wanted, list(city_of)), city_of, facets)


def _in_order(wanted: Wanted, newest_first: list[int]) -> list[int]:
    if wanted.order != RELEVANCE:
        return newest_first
    rank = ranks(wanted.query, newest_first[:RANKED])
    head = sorted(newest_first[:RANKED], key=lambda pk: -rank.get(pk, 0.0))
    return head + newest_first[RANKED:]


class _Names:
    """What the marks of some texts stand for: three questions, whatever is counted.

    `marks`: group → value → its marks; `labels`: group → value → what it is called, in the
    order in which they are offered.
    """

    def __init__(self, catalogue: Catalogue, texts: int) -> None:
        self.marks: dict[str, dict[str, list[Mark]]] = {
            group: defaultdict(list) for group in (*GROUPS, *BY_LINK)
        }
        self.labels: dict[str, dict[str, str]] = defaultdict(dict)
        self.labels["region"] = {value: str(label) for value, label in Region.choices}
        self.labels["size"] = {value: str(label) for value, label in CitySize.choices}
        for pk, slug, name in Theme.objects.values_list("pk", "slug", "name"):
            self._stands_for((TAG, f"t{pk}"), "theme", slug, name)
        for pk, kind, slug, name in Facet.objects.values_list("pk", "kind", "slug", "name"):
            self._stands_for((TAG, f"f{pk}"), kind, slug, name)
        named = [(language_label(code), code) for code in catalogue.marks_in(texts, LANGUAGE)]
        for name, code in sorted(named):
            self._stands_for((LANGUAGE, code), "language", code, name)
        cities = City.objects.filter(pk__in=catalogue.marks_in(texts, CITY))
        for pk, slug, name, region, population in cities.values_list(
            "pk", "slug", "name", "region", "profile__population"
        ):
            self._stands_for((CITY, pk), "city", slug, name)
            self._stands_for((CITY, pk), "region", region)
            self._stands_for((CITY, pk), "size", size_of(population))

    def _stands_for(self, mark: Mark, group: str, value: str, name: str = "") -> None:
        self.marks[group][value].append(mark)
        if name:
            self.labels[group][value] = name

    def marks_of(self, group: str, values: Iterable[str]) -> list[Mark]:
        """The marks of whatever has one of the values."""
        return [mark for value in values for mark in self.marks[group].get(value, ())]

    def values(self, group: str, counts: Mapping[str, int], chosen: Iterable[str]) -> list[Value]:
        """In their own order, those that leave nothing only where they are chosen."""
        labels = self.labels[group]
        return [
            Value(value, labels.get(value, value), counts.get(value, 0), value in chosen)
            for value in dict.fromkeys([*labels, *chosen])
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
