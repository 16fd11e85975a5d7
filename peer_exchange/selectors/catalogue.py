"""What is published, by what it is counted: sets of texts as bits, the newest text first.

Built when the index has changed and kept in the process, so that a search counts by
arithmetic. It never says who may read a text: that is asked of `visible_to`, every time.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from itertools import compress
from operator import or_
from typing import Any

from lms.core.kept import Kept
from peer_exchange.models import CityExperience, IndexStamp

# (id, city, "t3 f12" or None, language or None), newest first.
Row = tuple[int, int, str | None, str | None]
Mark = tuple[str, Any]
TAG, CITY, LANGUAGE = "tag", "city", "language"


class Catalogue:
    """A set is an int: bit 0 is the newest text. A mark is what texts are counted by:
    ("tag", "t3") a theme, ("tag", "f12") a facet, ("city", 7), ("language", "es")."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._texts: list[tuple[int, int]] = []
        places: dict[Mark, list[int]] = defaultdict(list)
        for place, (pk, city, tags, language) in enumerate(rows):
            self._texts.append((pk, city))
            places[CITY, city].append(place)
            if language:
                places[LANGUAGE, language].append(place)
            for tag in (tags or "").split():
                places[TAG, tag].append(place)
        self._place_of = {pk: place for place, (pk, _city) in enumerate(self._texts)}
        self._having = {mark: self._bits(of) for mark, of in places.items()}

    def these(self, ids: Iterable[int]) -> int:
        """The set of these texts. One that came out since the catalogue was read is left
        out until the next reader."""
        place_of = self._place_of
        return self._bits([place_of[pk] for pk in ids if pk in place_of])

    def having(self, marks: Iterable[Mark]) -> int:
        """The set of the texts with one of the marks."""
        return reduce(or_, (self._having.get(mark, 0) for mark in marks), 0)

    def marks_in(self, texts: int, kind: str) -> list[Any]:
        """The cities, the languages or the tags that some of the texts have."""
        return [value for (of, value), bits in self._having.items() if of == kind and bits & texts]

    def city_of(self, texts: int) -> dict[int, int]:
        """Id of each of the texts → id of its city, newest first."""
        flags = f"{texts:b}"[::-1]
        return dict(compress(self._texts, map("1".__eq__, flags)))

    def _bits(self, places: list[int]) -> int:
        packed = bytearray(len(self._texts) // 8 + 1)
        for place in places:
            packed[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(packed, "little")


_kept: Kept[Catalogue] = Kept(2)


def catalogue_now() -> Catalogue:
    """One question where nothing was published since the last time; else two."""
    # Read before the texts: what comes out in between is in the texts, and changes the
    # stamp for the next reader.
    stamp = IndexStamp.objects.values_list("stamp", flat=True).first()
    return _kept.get(stamp, lambda: Catalogue(_rows()))


def _rows() -> Iterable[Row]:
    return (
        CityExperience.objects.published()
        .order_by("-published_at", "-pk")
        .values_list("pk", "city_id", "words__tags", "words__language")
        .iterator(chunk_size=2_000)
    )
