"""One text, two normal forms: what a search looks through, what a copy is told by."""

import hashlib
import re
import unicodedata
from functools import lru_cache

from lms.core.text import WORD

# Letters of city names that Unicode does not take apart: Łódź, Tromsø, Diyarbakır.
_PLAIN = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Scripts without spaces between words: each character is found by itself, a run of them
# as a phrase.
_DENSE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003134f"
_SEARCHED = re.compile(f"[{_DENSE}]|[^\\W_{_DENSE}]+")
LONGEST_WORD = 64


def words_of(text: str) -> list[str]:
    """The words a search compares: without case, accents and punctuation, the same for
    both databases, which are handed nothing else. A word's end after 64 characters is
    not looked at."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if unicodedata.category(c)[0] != "M")
    return [word[:LONGEST_WORD] for word in _SEARCHED.findall(bare.translate(_PLAIN))]


@lru_cache(maxsize=20_000)
def words_of_one(token: str) -> tuple[str, ...]:
    """`words_of` for a word that comes again and again."""
    return tuple(words_of(token))


def fingerprint(text: str) -> str:
    """SHA-256 (hex) of the words alone: case, spacing, punctuation and invisible
    characters (zero-width, bidi controls) do not make another text."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if _is_visible(c))
    words = " ".join(WORD.findall(visible.casefold()))
    return hashlib.sha256(words.encode()).hexdigest()


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) != "Cf"
