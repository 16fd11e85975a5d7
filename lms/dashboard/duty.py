"""A piece of a colleague's work, as the dashboard shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Duty:
    """How much waits, said as a sentence, and where."""

    title: str
    sentence: str
    label: str
    url: str
    waiting: int
