"""A line of the measurement about things that take time one by one."""

import statistics
from typing import Any


def timed_row(name: str, took_ms: list[float], *, scale: int) -> dict[str, Any]:
    """Their median and the longest of them; a request a time."""
    middle = statistics.median(took_ms)
    return {
        "name": name,
        "rps": round(1000 / middle, 2),
        "p50_ms": round(middle, 1),
        "p95_ms": round(max(took_ms), 1),
        "queries": 0,
        "ratio_to_floor": 1.0,
        "scale": scale,
    }
