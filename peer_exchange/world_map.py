"""Where a city stands on the map: the projection that drew the land (frontend/world.mjs).

Equal Earth (Šavrič, Patterson, Jenny 2018): areas keep their size, so that no part of the
world looks larger than it is.
"""

from math import asin, cos, radians, sin, sqrt

WIDTH, HEIGHT = 960, 430
SCALE, MIDDLE_X, MIDDLE_Y = 176.0, 480.0, 236.0
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = sqrt(3) / 2


def place_of(latitude: float, longitude: float) -> tuple[float, float]:
    """x and y on the map, 960 by 430."""
    angle = asin(_M * sin(radians(latitude)))
    square = angle * angle
    sixth = square**3
    x = (
        radians(longitude)
        * cos(angle)
        / (_M * (_A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)))
    )
    y = angle * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
    return round(MIDDLE_X + SCALE * x, 1), round(MIDDLE_Y - SCALE * y, 1)


def frame_around(places: list[tuple[float, float]]) -> tuple[int, int, int, int]:
    """The part of the map with all of these: x, y, width, height, in its proportions."""
    least = 240
    xs, ys = [x for x, _y in places], [y for _x, y in places]
    width = max(least, max(xs) - min(xs) + 80, (max(ys) - min(ys) + 60) * WIDTH / HEIGHT)
    width = min(width, WIDTH)
    height = width * HEIGHT / WIDTH
    x = min(max(0, (min(xs) + max(xs) - width) / 2), WIDTH - width)
    y = min(max(0, (min(ys) + max(ys) - height) / 2), HEIGHT - height)
    return round(x), round(y), round(width), round(height)
