"""Results as a picture: each a dot where there are few of them, counted in tens otherwise."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from statistics import median, quantiles

# Fewer results are no shape: each is shown as it is.
SHAPE_FROM = 20
# Fewer results have no quartiles that mean anything.
QUARTILES_FROM = 8
# The drawing: 400 units wide (docs/design.md).
LEFT, RIGHT, RADIUS, STEP = 20, 380, 5, 12
BARS_HEIGHT = 120


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    percent: Decimal


@dataclass(frozen=True)
class Bar:
    """`low` to below `high` per cent; the last one with 100."""

    low: int
    high: int
    count: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + self.width / 2


@dataclass(frozen=True)
class Fences:
    """Beyond these a result is far from the others: one and a half times the distance of
    the quartiles outside of them (Tukey's rule)."""

    low: Decimal
    high: Decimal

    def hold(self, percent: Decimal) -> bool:
        return self.low <= percent <= self.high


@dataclass(frozen=True)
class Distribution:
    """Of results in per cent. `pass_percent`: where one number is that of all."""

    results: Sequence[Decimal]
    pass_percent: Decimal | None = None

    @property
    def count(self) -> int:
        return len(self.results)

    @property
    def is_dots(self) -> bool:
        return self.count < SHAPE_FROM

    @cached_property
    def median(self) -> Decimal | None:
        return round(Decimal(median(self.results)), 2) if self.results else None

    @cached_property
    def lowest(self) -> Decimal | None:
        return min(self.results, default=None)

    @cached_property
    def highest(self) -> Decimal | None:
        return max(self.results, default=None)

    @cached_property
    def fences(self) -> Fences | None:
        """None where there are too few results to call one of them far from the others."""
        if self.count < QUARTILES_FROM:
            return None
        lower, _middle, upper = quantiles(self.results, n=4, method="inclusive")
        reach = (upper - lower) * Decimal("1.5")
        return Fences(round(lower - reach, 2), round(upper + reach, 2))

    @cached_property
    def dots(self) -> list[Dot]:
        """Those that would cover each other stand one above the other."""
        if not self.is_dots:
            return []
        stacks: dict[int, int] = defaultdict(int)
        found = []
        for percent in sorted(self.results):
            column = round(_x(percent) / STEP)
            found.append(Dot(_x(percent), self.floor - 9 - stacks[column] * STEP, percent))
            stacks[column] += 1
        return found

    @cached_property
    def bars(self) -> list[Bar]:
        if self.is_dots:
            return []
        counts = [0] * 10
        for percent in self.results:
            counts[min(int(percent // 10), 9)] += 1
        most = max(counts)
        width = (RIGHT - LEFT) / 10
        return [
            Bar(
                low=number * 10,
                high=number * 10 + 10,
                count=count,
                x=LEFT + number * width + 1,
                y=self.floor - BARS_HEIGHT * count / most,
                width=width - 2,
                height=BARS_HEIGHT * count / most,
            )
            for number, count in enumerate(counts)
        ]

    @cached_property
    def floor(self) -> int:
        """Where the axis lies."""
        if not self.is_dots:
            return BARS_HEIGHT + 20
        stacks: dict[int, int] = defaultdict(int)
        for percent in self.results:
            stacks[round(_x(percent) / STEP)] += 1
        return 24 + STEP * max(stacks.values(), default=1)

    @property
    def height(self) -> int:
        return self.floor + 24

    @property
    def label_y(self) -> int:
        return self.floor + 18

    @property
    def pass_x(self) -> float | None:
        return None if self.pass_percent is None else _x(self.pass_percent)

    @property
    def ticks(self) -> list[tuple[int, float]]:
        return [(percent, _x(Decimal(percent))) for percent in (0, 25, 50, 75, 100)]


def _x(percent: Decimal) -> float:
    return round(LEFT + float(percent) * (RIGHT - LEFT) / 100, 1)
