"""Words put right: near to what was typed, and in a text that the reader may read."""

from django.db.models import Exists, Q
from rapidfuzz.distance import OSA

from peer_exchange.models import CityExperience, SearchWord
from peer_exchange.search_query import read_query, with_words_put_right
from peer_exchange.selectors.fulltext import having_word, matching
from peer_exchange.selectors.reading import Experiences

SHORTEST = 4
MOST_WORDS, MOST_CANDIDATES = 5, 6


def put_right(typed: str, readable: Experiences) -> str:
    """What was typed with the words that nothing readable has replaced by their nearest;
    empty where there is none. Three questions to the database, however many words."""
    query = read_query(typed)
    terms = {term.words: term for term in query.terms}
    words = list(dict.fromkeys(word for term in terms for word in term if _is_put_right(word)))
    words = words[:MOST_WORDS]
    if not words:
        return ""
    known = _which_are_found({word: matching(read_query(word)) for word in words}, readable)
    near = _nearest([word for word in words if word not in known])
    offered = {candidate: having_word(candidate) for few in near.values() for candidate in few}
    readable_words = _which_are_found(offered, readable)
    right = {
        word: next(candidate for candidate in few if candidate in readable_words)
        for word, few in near.items()
        if readable_words.intersection(few)
    }
    return with_words_put_right(typed, right) if right else ""


def _is_put_right(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


def _which_are_found(asked: dict[str, Q], readable: Experiences) -> set[str]:
    if not asked:
        return set()
    names = {f"found_{number}": word for number, word in enumerate(asked)}
    found = {name: Exists(readable.order_by().filter(asked[word])) for name, word in names.items()}
    # Any one row carries the answers.
    row = CityExperience.objects.order_by("pk").annotate(**found).values(*found).first() or {}
    return {names[name] for name, is_found in row.items() if is_found}


def _nearest(words: list[str]) -> dict[str, list[str]]:
    """For each word a few of the vocabulary, the nearest first. Only words that begin with
    the same letter or end in the same two, and are about as long, are compared."""
    if not words:
        return {}
    like = Q()
    for word in words:
        lengths = Q(length__range=(len(word) - 2, len(word) + 2))
        like |= lengths & (Q(initial=word[0]) | Q(ending=word[-2:]))
    vocabulary = list(SearchWord.objects.filter(like).values_list("word", flat=True))
    return {word: _nearest_of(word, vocabulary) for word in words}


def _nearest_of(word: str, vocabulary: list[str]) -> list[str]:
    most = 1 if len(word) <= 5 else 2
    near = [
        (distance, other[0] != word[0], other)
        for other in vocabulary
        if (distance := OSA.distance(word, other, score_cutoff=most)) <= most and other != word
    ]
    return [other for _distance, _other_initial, other in sorted(near)[:MOST_CANDIDATES]]
