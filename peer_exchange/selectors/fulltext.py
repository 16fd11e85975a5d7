"""The two databases' full text behind one door: which texts have these words, how well.

Words come from `search_query` and hold letters and digits only; they reach the database
as a parameter.
"""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from peer_exchange.fulltext_index import FTS, WORDS
from peer_exchange.search_query import Query, Term

# What a word weighs in the title, the labels (city, themes …), the summary, the text.
WEIGHTS = (8.0, 3.0, 3.0, 1.0)
_WORDS, _FTS = f"FROM {WORDS} WHERE", f"FROM {FTS} WHERE {FTS} MATCH %s"
_MATCHING = {
    "postgresql": f"SELECT experience_id {_WORDS} document @@ to_tsquery('simple', %s)",
    "sqlite": f"SELECT rowid {_FTS}",
}
_RANKED = {
    # From D to A, as PostgreSQL counts them, none above 1.
    "postgresql": (
        "SELECT experience_id, ts_rank_cd('{0.125,0.375,0.375,1}', document, "
        f"to_tsquery('simple', %s), 1) {_WORDS} "
        "experience_id = ANY(%s::bigint[]) AND document @@ to_tsquery('simple', %s)"
    ),
    # The plus: one walk through all that matches, not one search for each of the rows.
    "sqlite": (
        f"SELECT rowid, -bm25({FTS}, {', '.join(map(str, WEIGHTS))}) {_FTS} "  # noqa: S608
        "AND +rowid IN (SELECT value FROM json_each(%s))"
    ),
}


def matching(query: Query) -> Q:
    """Of an experience: all that was asked for is in it, and nothing that was not."""
    found = Q()
    if query.groups:
        found &= _has(_all_of(query.groups))
    if query.without:
        found &= ~_has(_one_of(query.without))
    return found


def having_word(word: str) -> Q:
    """Of an experience: the whole word is in it."""
    return _has(_one_of([Term((word,))]))


def ranks(query: Query, experiences: Iterable[int]) -> dict[int, float]:
    """How well each of these matches; the better, the higher."""
    ids = list(experiences)
    if not query.groups or not ids:
        return {}
    words = _all_of(query.groups)
    params: list[Any] = [words, json.dumps(ids)]
    if connection.vendor == "postgresql":
        params = [words, ids, words]
    with connection.cursor() as cursor:
        cursor.execute(_RANKED[connection.vendor], params)
        return dict(cursor.fetchall())


def _has(expression: str) -> Q:
    return Q(pk__in=RawSQL(_MATCHING[connection.vendor], [expression]))  # noqa: S611


def _all_of(groups: Iterable[Iterable[Term]]) -> str:
    every = " & " if connection.vendor == "postgresql" else " AND "
    return every.join(f"({_one_of(group)})" for group in groups)


def _one_of(terms: Iterable[Term]) -> str:
    if connection.vendor == "postgresql":
        return " | ".join(
            f"({' <-> '.join(_quoted(term.words))}{':*' if term.is_beginning else ''})"
            for term in terms
        )
    return " OR ".join(
        f'"{" ".join(term.words)}"{"*" if term.is_beginning else ""}' for term in terms
    )


def _quoted(words: Iterable[str]) -> list[str]:
    return [f"'{word}'" for word in words]
