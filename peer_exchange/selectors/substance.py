"""What makes a response substantive (D15b): one rule, without the database."""

from collections.abc import Iterable
from dataclasses import dataclass

from lms.core.text import count_words
from peer_exchange.enums import Counting
from peer_exchange.normal_text import fingerprint


@dataclass(frozen=True)
class Said:
    """One person's response, as the rule looks at it."""

    id: int
    experience_id: int
    body: str
    is_own_city: bool = False
    is_hidden: bool = False
    is_copied: bool = False


def judge(
    said: Iterable[Said],
    *,
    min_words: int,
    counts_own_city: bool = False,
    counts_repeats: bool = False,
    one_an_experience: bool = True,
) -> dict[int, Counting]:
    """Response id → whether it counts, or why not (D15b).

    `said`: all responses of one person in an edition, oldest first. A response
    counts when no moderator has hidden it, it is about another city, it has at
    least `min_words` words, the same words were not used before (by the person or by
    somebody else), and no other response to the same experience counts already. The
    edition's staff may lift the second, fourth and fifth of these.
    """
    verdicts: dict[int, Counting] = {}
    texts_seen: set[str] = set()
    experiences_answered: set[int] = set()
    for response in said:
        text = fingerprint(response.body)
        if response.is_hidden:
            verdict = Counting.HIDDEN
        elif response.is_own_city and not counts_own_city:
            verdict = Counting.OWN_CITY
        elif count_words(response.body) < min_words:
            verdict = Counting.TOO_SHORT
        elif text in texts_seen and not counts_repeats:
            verdict = Counting.REPEATED
        elif response.is_copied and not counts_repeats:
            verdict = Counting.COPIED
        elif one_an_experience and response.experience_id in experiences_answered:
            verdict = Counting.SAME_EXPERIENCE
        else:
            verdict = Counting.COUNTS
            experiences_answered.add(response.experience_id)
        texts_seen.add(text)
        verdicts[response.id] = verdict
    return verdicts
