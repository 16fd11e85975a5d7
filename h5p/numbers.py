"""Numbers of an activity, brought within what their field allows."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def clean_number(value: Any, raw: Mapping[str, Any]) -> int | float:
    """The number, within ``min`` and ``max``, on a ``step``, with so many ``decimals``.

    ``raw`` is the field as semantics.json has it. What is no number becomes the default, or 0.
    A number written as a text counts.
    """
    number = _exact(value)
    if number is None:
        number = _exact(raw.get("default")) or Decimal(0)
    least, most, step = _exact(raw.get("min")), _exact(raw.get("max")), _exact(raw.get("step"))
    number = _within(number, least, most)
    if step is not None and step > 0:
        number -= (number - (least or 0)) % step
    decimals = raw.get("decimals")
    if isinstance(decimals, int | str) and str(decimals).isdecimal() and int(decimals) <= 15:
        number = round(number, int(decimals))
    number = _within(number, least, most)
    return int(number) if number == number.to_integral_value() else float(number)


def _within(number: Decimal, least: Decimal | None, most: Decimal | None) -> Decimal:
    if least is not None and number < least:
        return least
    if most is not None and number > most:
        return most
    return number


def _exact(value: Any) -> Decimal | None:
    """The decimal that is written; None for what is no number, or none of a sensible size."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int) and abs(value) > 10**15:
        return None
    text = str(value).strip()
    if len(text) > 40:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    if not math.isfinite(number) or abs(number) > 10**15 or "_" in text:
        return None
    return Decimal(str(number))
