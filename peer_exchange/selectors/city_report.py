"""One page for a mayor: what the city learned from whom, and who learned from it."""

from dataclasses import dataclass
from typing import Any

from lms.accounts.models import City, User
from peer_exchange.enums import TAKEN_UP, Answer, TransferStatus
from peer_exchange.models import Transfer
from peer_exchange.selectors.cities import profile_of, transfers_both_ways
from peer_exchange.selectors.flows import Drawing, Flow, describe_flows, draw_flows, flows_of

# So many fit on one page; the others are counted.
ROWS = 4


@dataclass(frozen=True)
class Side:
    """One direction: the transfers shown, and how many there are of each kind."""

    rows: list[Transfer]
    total: int
    taken_up: int
    confirmed: int
    stopped: int

    @property
    def more(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class CityReport:
    city: City
    profile: Any
    learned: Side
    gave: Side
    flows: list[Flow]
    drawing: Drawing
    description: str


def report_of(user: User, city: City) -> CityReport:
    """In a constant number of queries. Disputed claims are left out."""
    incoming, outgoing = transfers_both_ways(user, city)
    learned, gave = _side(incoming.counted()), _side(outgoing.counted())  # type: ignore[attr-defined]
    flows = flows_of(incoming | outgoing)
    return CityReport(
        city, profile_of(city), learned, gave, flows, draw_flows(flows), describe_flows(flows)
    )


def _side(transfers: Any) -> Side:
    """The furthest first: results before intentions, what was stopped last."""
    order = {status: n for n, status in enumerate(TransferStatus.values)}
    far_first = sorted(
        transfers,
        key=lambda t: (t.status == TransferStatus.STOPPED, -order[t.status], -t.pk),
    )
    return Side(
        rows=far_first[:ROWS],
        total=len(far_first),
        taken_up=sum(t.status in TAKEN_UP for t in far_first),
        confirmed=sum(t.answer == Answer.CONFIRMED for t in far_first),
        stopped=sum(t.status == TransferStatus.STOPPED for t in far_first),
    )
