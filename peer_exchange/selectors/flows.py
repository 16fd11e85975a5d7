"""Who learned what from whom: counted for a table, and laid out for a picture."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from peer_exchange.enums import TAKEN_UP, TransferStatus
from peer_exchange.models import Transfer

CITIES_A_SIDE = 10
ROW, TOP, LEFT, RIGHT = 34, 40, 132, 268
LONGEST_NAME = 15
UNDERWAY = tuple(s for s in TransferStatus if s not in (*TAKEN_UP, TransferStatus.STOPPED))


@dataclass(frozen=True)
class Flow:
    """From one city to another: how many practices, and how far they are."""

    source: str
    city: str
    taken_up: int
    underway: int
    stopped: int
    source_slug: str = ""
    city_slug: str = ""

    @property
    def total(self) -> int:
        return self.taken_up + self.underway + self.stopped


def flows_of(transfers: QuerySet[Transfer]) -> list[Flow]:
    """The strongest first, in one query. Disputed claims are not counted."""
    rows = (
        transfers.counted()  # type: ignore[attr-defined]
        .order_by()
        .values("source_city__name", "city__name", "source_city__slug", "city__slug")
        .annotate(
            taken_up=Count("pk", filter=Q(status__in=TAKEN_UP)),
            underway=Count("pk", filter=Q(status__in=UNDERWAY)),
            stopped=Count("pk", filter=Q(status=TransferStatus.STOPPED)),
        )
    )
    flows = [
        Flow(
            row["source_city__name"], row["city__name"], row["taken_up"], row["underway"],
            row["stopped"], row["source_city__slug"], row["city__slug"],
        )
        for row in rows
    ]  # fmt: skip
    return sorted(flows, key=lambda flow: (-flow.total, flow.source, flow.city))


@dataclass(frozen=True)
class Drawing:
    """An SVG in a viewBox 400 wide: names on both sides, curves between. `left_out`: how
    many flows stand in the table alone."""

    height: int
    names: list[dict[str, Any]] = field(default_factory=list)
    curves: list[dict[str, Any]] = field(default_factory=list)
    left_out: int = 0


def draw_flows(flows: Iterable[Flow]) -> Drawing:
    """Those that learned on the right, whom they learned from on the left; a stopped
    practice alone makes no curve."""
    drawn = [flow for flow in flows if flow.taken_up or flow.underway]
    left = _places(drawn, lambda flow: flow.source)
    right = _places(drawn, lambda flow: flow.city)
    shown = [flow for flow in drawn if flow.source in left and flow.city in right]
    left = {name: y for name, y in left.items() if any(f.source == name for f in shown)}
    right = {name: y for name, y in right.items() if any(f.city == name for f in shown)}
    left, right = _from_top(left), _from_top(right)
    middle = (LEFT + RIGHT) // 2
    curves = [
        {
            "path": f"M{LEFT} {left[f.source]}C{middle} {left[f.source]} {middle} {right[f.city]} "
            f"{RIGHT} {right[f.city]}",
            "width": min(2 + 1.5 * (f.taken_up + f.underway - 1), 9),
            "is_taken_up": f.taken_up > 0,
            "words": f"{f.source} → {f.city}: {f.taken_up + f.underway}",
        }
        for f in shown
    ]
    names = [_name(name, y, LEFT - 10, "end") for name, y in left.items()]
    names += [_name(name, y, RIGHT + 10, "start") for name, y in right.items()]
    rows = max(len(left), len(right), 1)
    return Drawing(TOP + ROW * rows, names, curves, left_out=len(drawn) - len(shown))


def _places(flows: list[Flow], name_of: Any) -> dict[str, int]:
    """The busiest names of one side, in that order."""
    weights: dict[str, int] = defaultdict(int)
    for flow in flows:
        weights[name_of(flow)] += flow.taken_up + flow.underway
    names = sorted(weights, key=lambda name: (-weights[name], name))[:CITIES_A_SIDE]
    return dict.fromkeys(names, 0)


def _from_top(names: dict[str, int]) -> dict[str, int]:
    return {name: TOP + ROW * number for number, name in enumerate(names)}


def _name(name: str, y: int, x: int, anchor: str) -> dict[str, Any]:
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…"
    return {"text": short, "x": x, "y": y, "anchor": anchor}


def describe_flows(flows: list[Flow]) -> str:
    """The picture in a sentence or two, for whoever does not see it."""
    drawn = [flow for flow in flows if flow.taken_up or flow.underway]
    if not drawn:
        return _("No city has taken up another’s practice yet.")
    cities = {flow.source for flow in drawn} | {flow.city for flow in drawn}
    total = sum(flow.taken_up + flow.underway for flow in drawn)
    said = ngettext(
        "%(cities)d cities, %(count)d practice on its way from one to another.",
        "%(cities)d cities, %(count)d practices on their way from one to another.",
        total,
    ) % {"cities": len(cities), "count": total}
    first = max(drawn, key=lambda flow: flow.taken_up + flow.underway)
    if first.taken_up + first.underway < 2:
        return said
    most = _("Most go from %(source)s to %(city)s: %(count)d.") % {
        "source": first.source, "city": first.city, "count": first.taken_up + first.underway,
    }  # fmt: skip
    return f"{said} {most}"


def flow_table(flows: Iterable[Flow]) -> list[list[object]]:
    """With its heading: the table behind the picture, and the CSV."""
    heading: list[object] = [
        _("Learned from"), _("City"), _("Taken up"), _("Under way"), _("Stopped"),
    ]  # fmt: skip
    return [heading, *([f.source, f.city, f.taken_up, f.underway, f.stopped] for f in flows)]
