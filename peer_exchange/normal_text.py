"""One text, two normal forms: what a search looks through, what a copy is told by."""

import hashlib
import unicodedata

from lms.core.text import WORD


def searchable(*texts: str) -> str:
    """Words without case and accents, so that both databases find “Montréal” by “montreal”."""
    decomposed = unicodedata.normalize("NFKD", " ".join(texts).casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def fingerprint(text: str) -> str:
    """SHA-256 (hex) of the words alone: case, spacing, punctuation and invisible
    characters (zero-width, bidi controls) do not make another text."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if _is_visible(c))
    words = " ".join(WORD.findall(visible.casefold()))
    return hashlib.sha256(words.encode()).hexdigest()


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) != "Cf"
