"""Finding transfers: by words, by how far they are, by whose they are."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.programme.selectors import standing_of
from peer_exchange.enums import BETWEEN_THE_TWO, Answer, TransferEventKind, TransferStatus
from peer_exchange.models import TransferEvent
from peer_exchange.normal_text import words_of
from peer_exchange.selectors.transfers import Transfers

QUERY_MAX = 200
# Between the two cities; no words of anybody; what was taken out again.
NOT_LOOKED_THROUGH = (
    *BETWEEN_THE_TWO, TransferEventKind.FOLLOW_UP_ASKED, TransferEventKind.EVIDENCE_REMOVED,
)  # fmt: skip


class Side(TextChoices):
    """Seen from the reader's own cities."""

    OURS = "ours", _("Your city takes up")
    THEIRS = "theirs", _("Others take up from your city")
    EITHER = "either", _("Your city’s, both ways")


@dataclass(frozen=True)
class TransfersWanted:
    """What the reader asked for; what no list can be narrowed by is left out."""

    q: str = ""
    status: str = ""
    answer: str = ""
    side: str = ""
    city: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.address)

    @property
    def address(self) -> str:
        """The query string that asks the same; empty where nothing was asked."""
        asked = {name: value for name, value in vars(self).items() if value}
        return f"?{urlencode(asked)}" if asked else ""


def transfers_wanted(data: Mapping[str, Any]) -> TransfersWanted:
    def one_of(name: str, known: list[str]) -> str:
        return data.get(name, "") if data.get(name, "") in known else ""

    return TransfersWanted(
        q=data.get("q", "").strip()[:QUERY_MAX],
        status=one_of("status", TransferStatus.values),
        answer=one_of("answer", Answer.values),
        side=one_of("side", Side.values),
        city=data.get("city", ""),
    )


def narrowed_transfers(transfers: Transfers, wanted: TransfersWanted, user: User) -> Transfers:
    """`transfers`: what the reader may see."""
    if wanted.status:
        transfers = transfers.filter(status=wanted.status)
    if wanted.answer:
        transfers = transfers.filter(answer=wanted.answer)
    if wanted.city:
        transfers = transfers.filter(Q(city__slug=wanted.city) | Q(source_city__slug=wanted.city))
    if wanted.side:
        cities = standing_of(user).cities
        ours, theirs = Q(city__in=cities), Q(source_city__in=cities)
        transfers = transfers.filter(
            {Side.OURS: ours, Side.THEIRS: theirs, Side.EITHER: ours | theirs}[Side(wanted.side)]
        )
    words = words_of(wanted.q)
    return transfers.filter(pk__in=_with_words(transfers, words)) if words else transfers


def _with_words(transfers: Transfers, words: list[str]) -> list[int]:
    """Ids of those that have each of the words, or one that begins so, in what every reader
    of a transfer reads: the experience's title, the cities, why it was begun, moved on and
    stopped. What the two cities settle between them is looked through for nobody."""
    texts: dict[int, list[str]] = defaultdict(list)
    for pk, *said in transfers.order_by().values_list(
        "pk", "experience__title", "city__name", "source_city__name", "why", "stopped_reason"
    ):
        texts[pk].extend(said)
    events = TransferEvent.objects.filter(transfer__in=transfers.order_by().values("pk"))
    told = events.exclude(kind__in=NOT_LOOKED_THROUGH).exclude(why="").order_by()
    for pk, why in told.values_list("transfer", "why"):
        texts[pk].append(why)
    return [pk for pk, said in texts.items() if _has_all(words, " ".join(said))]


def _has_all(words: list[str], text: str) -> bool:
    # Each word after a space: what is looked for is found where a word begins with it.
    run_on = " " + " ".join(words_of(text))
    return all(f" {word}" in run_on for word in words)
