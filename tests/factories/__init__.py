"""Rows as tests need them. Deterministic: the same calls, in the same order, give the same rows."""

from collections.abc import Iterator
from typing import Any

from factory.django import DjangoModelFactory


def number_anew(first: int = 0) -> None:
    """Start every factory's count again, so that Person 3 is Person 3 whichever tests came
    before."""
    for made_by in _below(DjangoModelFactory):
        if not made_by._meta.abstract:
            made_by.reset_sequence(first, force=True)


def _below(kind: type[DjangoModelFactory[Any]]) -> Iterator[type[DjangoModelFactory[Any]]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
