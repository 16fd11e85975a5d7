"""What somebody typed into the search, taken apart: plain words for both databases.

    tram night             both, also as the beginnings of longer words
    "night tram"           these words side by side
    tram OR ferry          either
    -ferry                 not this one

Anything else is space between words: no operator of a database ever gets through, and
nothing that is typed is an error.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from peer_exchange.normal_text import words_of, words_of_one

QUERY_MAX = 200  # characters
MOST_TERMS = 24
# A beginning shorter than this would be that of half the dictionary.
SHORTEST_BEGINNING = 3
_PIECE = re.compile(r'(-?)(?:["“„«]([^"“”„«»]*)["”“»]?|([^\s"“”„«»]+))')
# A word as it stands in a text, with its accents.
TOKEN = re.compile("(?:[^\\W_][\u0300-\u036f]*)+")


@dataclass(frozen=True)
class Term:
    """Words that stand side by side; the last may be the beginning of a longer one."""

    words: tuple[str, ...]
    is_beginning: bool = False


@dataclass(frozen=True)
class Query:
    """One of each group must be there, and none of `without`."""

    groups: tuple[tuple[Term, ...], ...] = ()
    without: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.groups or self.without)

    @property
    def terms(self) -> list[Term]:
        return [term for group in self.groups for term in group]


def read_query(text: str) -> Query:
    groups: list[tuple[Term, ...]] = []
    without: list[Term] = []
    either = False
    for minus, phrase, word in list(_PIECE.findall(text))[:MOST_TERMS]:
        if word == "OR" and not minus:
            either = bool(groups)
            continue
        words = tuple(words_of(phrase or word))
        if not words:
            continue
        term = Term(words, not phrase and len(words[-1]) >= SHORTEST_BEGINNING)
        if minus:
            without.append(term)
        elif either:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        either = False
    return Query(tuple(groups), tuple(without))


def with_words_put_right(text: str, right: Mapping[str, str]) -> str:
    """What was typed, with some words replaced: normal form → what it should be."""

    def put_right(match: "re.Match[str]") -> str:
        words = words_of_one(match.group())
        return right.get(words[0], match.group()) if len(words) == 1 else match.group()

    return TOKEN.sub(put_right, text)
