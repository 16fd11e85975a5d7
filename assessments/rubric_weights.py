"""Weights that add up to a hundred, to the cent."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal

WHOLE = Decimal(100)
CENT = Decimal("0.01")


def shared_out(given: Sequence[Decimal | None]) -> list[Decimal]:
    """Each in its proportion; those without a weight, or of 0, get what is average. At least
    a cent each: a criterion that counts nothing is none."""
    known = [weight for weight in given if weight]
    average = sum(known, Decimal(0)) / len(known) if known else Decimal(1)
    weights = [weight or average for weight in given]
    total = sum(weights, Decimal(0))
    exact = [weight * WHOLE / total for weight in weights]
    shares = [max(share.quantize(CENT, ROUND_DOWN), CENT) for share in exact]
    left = WHOLE - sum(shares, Decimal(0))
    # The rest goes by cents to those who lost most by rounding, then to the greatest.
    order = sorted(range(len(shares)), key=lambda n: (shares[n] - exact[n], -shares[n]))
    for n in order[: int(left / CENT)] if left > 0 else ():
        shares[n] += CENT
    if left < 0:
        shares[max(range(len(shares)), key=shares.__getitem__)] += left
    return shares
