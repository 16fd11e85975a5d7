"""From levels to a result: exact fractions inside, two decimal places outside (invariant 5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Weighed:
    """Points reached within a criterion, and what the criterion counts for."""

    points: Decimal
    max_points: Decimal
    weight: Decimal


@dataclass(frozen=True)
class Score:
    total: Decimal
    maximum: Decimal
    percent: Decimal


def score(marks: Iterable[Weighed]) -> Score:
    """Plain points, and the weighted result in per cent of all weights.

    Every criterion must be there: one that is left out changes the result.
    """
    given = list(marks)
    weights = sum((Fraction(mark.weight) for mark in given), Fraction(0))
    reached = sum(
        (
            Fraction(mark.weight) * Fraction(mark.points) / Fraction(mark.max_points)
            for mark in given
        ),
        Fraction(0),
    )
    return Score(
        total=sum((mark.points for mark in given), Decimal(0)).quantize(CENT),
        maximum=sum((mark.max_points for mark in given), Decimal(0)).quantize(CENT),
        percent=_rounded(100 * reached / weights),
    )


def _rounded(value: Fraction) -> Decimal:
    """Half a cent goes up."""
    return Decimal(floor(value * 100 + Fraction(1, 2))) * CENT
