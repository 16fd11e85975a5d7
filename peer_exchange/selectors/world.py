"""The cities of an exchange and their experiences, for the map and the list beside it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from lms.accounts.enums import Region
from lms.accounts.models import City
from peer_exchange.models import CityExperience
from peer_exchange.world_map import place_of

NAMED_A_CITY = 3
# More than these makes the mark of a city larger.
STEPS = (1, 4, 19)


@dataclass(frozen=True)
class Spot:
    """A city with what it has published that the reader may read; `newest`: some of it."""

    city: City
    count: int
    newest: tuple[CityExperience, ...]
    x: float
    y: float

    @property
    def size(self) -> int:
        """1 to 4."""
        return 1 + sum(self.count > step for step in STEPS)

    @property
    def more(self) -> int:
        return self.count - len(self.newest)


def spots_of(city_of: Mapping[int, int]) -> list[Spot]:
    """`city_of`: id of an experience → of its city, newest first. By region, then by name:
    the order in which they are read. Two questions."""
    counts = Counter(city_of.values())
    first: dict[int, list[int]] = defaultdict(list)
    for experience, city in city_of.items():
        if len(first[city]) < NAMED_A_CITY:
            first[city].append(experience)
    named = CityExperience.objects.only("pk", "title").in_bulk(
        [pk for few in first.values() for pk in few]
    )
    regions = list(Region)
    cities = sorted(
        City.objects.filter(pk__in=counts), key=lambda c: (regions.index(Region(c.region)), c.name)
    )
    return [
        Spot(
            city,
            counts[city.pk],
            tuple(named[pk] for pk in first[city.pk] if pk in named),
            *place_of(city.latitude, city.longitude),
        )
        for city in cities
    ]
