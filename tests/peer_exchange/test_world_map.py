"""Points stand where the land was drawn: the projection is that of d3 (frontend/world.mjs)."""

import re

import pytest
from django.conf import settings

from peer_exchange.world_map import HEIGHT, WIDTH, frame_around, place_of

# What d3.geoEqualEarth().scale(176).translate([480, 236]) answers.
D3 = {
    "Barcelona": (41.38, 2.17, 485.0, 95.4),
    "Buenos Aires": (-34.6, -58.38, 338.7, 355.3),
    "Nairobi": (-1.29, 36.82, 577.4, 240.6),
    "Sydney": (-33.87, 151.2, 847.3, 353.0),
    "Montréal": (45.5, -73.57, 313.7, 83.1),
}


@pytest.mark.parametrize("city", D3)
def test_a_city_stands_where_d3_puts_it(city: str) -> None:
    latitude, longitude, x, y = D3[city]
    assert place_of(latitude, longitude) == (x, y)


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90, 0), (-60, 0), (0, 180), (0, -180), (78, 180), (-55, -180)]
)
def test_every_inhabited_place_is_on_the_map(latitude: float, longitude: float) -> None:
    x, y = place_of(latitude, longitude)
    assert 0 <= x <= WIDTH
    assert 0 <= y <= HEIGHT


def test_land_and_points_share_one_projection() -> None:
    source = (settings.BASE_DIR / "frontend" / "world.mjs").read_text()
    assert "geoEqualEarth().scale(176).translate([480, 236])" in source
    assert re.search(rf"WIDTH = {WIDTH};\nconst HEIGHT = {HEIGHT};", source)


@pytest.mark.parametrize(
    "places", [[(5.0, 5.0)], [(950.0, 420.0), (940.0, 400.0)], [(0.0, 0.0), (960.0, 430.0)]]
)
def test_a_frame_holds_all_its_places_and_stays_on_the_map(
    places: list[tuple[float, float]],
) -> None:
    left, top, width, height = frame_around(places)
    assert min(left, top) >= 0
    assert left + width <= WIDTH
    assert top + height <= HEIGHT + 1
    assert all(left <= x <= left + width and top <= y <= top + height for x, y in places)
