"""What the `h5p` package says, in the language of whoever reads it."""

from collections.abc import Iterable
from dataclasses import replace

from django.utils import translation

from h5p import words
from h5p.problems import Problem


def in_words(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems with their sentences in the reader's language."""
    return tuple(
        replace(problem, message=problem.said(translation.gettext)) for problem in problems
    )


def core_words(language: str) -> dict[str, str]:
    """H5P core's own words in the language of a content."""
    with translation.override(language):
        return words.core_words(translation.gettext)
