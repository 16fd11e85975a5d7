"""Where the words of a search stand in a text, as safe HTML with `<mark>`."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from peer_exchange.normal_text import words_of_one
from peer_exchange.search_query import TOKEN, Query

EXCERPT = 260  # characters
BEFORE = 60
# Further into one text nobody looks for the best place to show.
FARTHEST = 40_000


NOTHING = SafeString("")


@dataclass(frozen=True)
class Hit:
    """What a list shows of a text that was found. `excerpt` is of the part `part`, where
    the words stand in neither title nor summary."""

    title: SafeString
    summary: SafeString
    part: str = ""
    excerpt: SafeString = NOTHING


class Marker:
    """Finds the words of one query in texts."""

    def __init__(self, query: Query) -> None:
        self._words = {word for term in query.terms for word in term.words}
        self._beginnings = tuple(term.words[-1] for term in query.terms if term.is_beginning)

    def hit(self, texts: Mapping[str, str]) -> Hit:
        """`texts`: field → plain text, title and summary among them."""
        title, summary = texts.get("title", ""), texts.get("summary", "")
        hit = Hit(self.marked(title), self.marked(summary))
        if self._places(title) or self._places(summary):
            return hit
        for part, text in texts.items():
            if places := self._places(text[:FARTHEST]):
                excerpt = self._excerpt(text, places)
                return Hit(hit.title, hit.summary, part, excerpt)
        return hit

    def marked(self, text: str) -> SafeString:
        return _with_marks(text, self._places(text), 0, len(text))

    def _places(self, text: str) -> list[tuple[int, int, str]]:
        return [
            (match.start(), match.end(), word)
            for match in TOKEN.finditer(text)
            for word in words_of_one(match.group()[:200])[:1]
            if self._is_meant(match.group())
        ]

    def _is_meant(self, token: str) -> bool:
        return any(
            word in self._words or word.startswith(self._beginnings)
            for word in words_of_one(token[:200])
        )

    def _excerpt(self, text: str, places: list[tuple[int, int, str]]) -> SafeString:
        """The stretch in which most of the words stand, cut between words."""

        def variety(at: int) -> int:
            first = places[at][0]
            near = (word for start, end, word in places[at:] if end - first < EXCERPT - BEFORE)
            return len(set(near))

        best = max(range(min(len(places), 50)), key=variety)
        start = max(0, places[best][0] - BEFORE)
        if start:
            start = text.find(" ", start, places[best][0]) + 1 or places[best][0]
        end = min(len(text), start + EXCERPT)
        if end < len(text):
            end = max(text.rfind(" ", start, end), places[best][1])
        words = _with_marks(text, places, start, end)
        before, after = "… " if start else "", " …" if end < len(text) else ""
        return mark_safe(f"{before}{words}{after}")  # noqa: S308  # escaped below


def _with_marks(text: str, places: list[tuple[int, int, str]], start: int, end: int) -> SafeString:
    pieces, at = [], start
    for first, last, _word in places:
        if first < at or last > end:
            continue
        pieces += [escape(text[at:first]), "<mark>", escape(text[first:last]), "</mark>"]
        at = last
    pieces.append(escape(text[at:end]))
    return mark_safe("".join(pieces))  # noqa: S308  # each piece is escaped
