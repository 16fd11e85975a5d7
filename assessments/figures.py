"""Pictures of marking as shapes in a picture 400 wide (docs/design.md), each with its table."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH = 400
LINE, BAR, GAP = 18, 14, 14
LABEL_WIDTH = 52  # characters; fits the picture on a phone
PLOT_TOP, PLOT_HEIGHT = 10, 150
# The strength of the first to the last part of a bar; words below say what each is.
STRENGTHS = (1.0, 0.62, 0.38, 0.22, 0.12)
DASHES = ("", "6 3", "2 3")


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    strength: float


@dataclass(frozen=True)
class Curve:
    """A line of steps. `points` as SVG writes them; `key_y`: where its words stand."""

    points: str
    dash: str
    words: str
    key_y: float


@dataclass(frozen=True)
class Drawing:
    height: float
    labels: list[Text] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    floor: float | None = None


@dataclass(frozen=True)
class Figure:
    """A picture with its words and the table behind it. `drawing` is None while there is
    nothing to draw; `caution`: what small numbers do not say."""

    key: str
    title: str
    description: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    source: str
    drawing: Drawing | None
    caution: str = ""


@dataclass(frozen=True)
class Part:
    words: str
    count: int


def stacked(rows: Sequence[tuple[str, Sequence[Part]]], *, is_share: bool) -> Drawing:
    """A bar for each row, in parts whose numbers stand in words below it. `is_share`: each
    bar fills the width; otherwise its length says how many."""
    most = max((sum(part.count for part in parts) for _label, parts in rows), default=0) or 1
    drawing = Drawing(height=0)
    y = 0.0
    for label, parts in rows:
        total = sum(part.count for part in parts)
        y = _write(drawing.labels, label, y)
        x, scale = 0.0, WIDTH / ((total if is_share else most) or 1)
        for place, part in enumerate(parts):
            if part.count:
                strength = STRENGTHS[min(place, len(STRENGTHS) - 1)]
                # A hair of paper between two parts, so that no shade has to tell them apart.
                drawing.bars.append(Bar(x, y + 4, max(part.count * scale - 1, 1), strength))
            x += part.count * scale
        y += 4 + BAR
        y = _write(drawing.notes, " · ".join(f"{part.count} {part.words}" for part in parts), y + 1)
        y += GAP
    return _of_height(drawing, y)


def steps(series: Sequence[tuple[str, Sequence[int]]], *, first: str, last: str) -> Drawing:
    """How several counts grew over the same days; dashes tell the lines apart, and words
    below say which is which."""
    most = max((max(values, default=0) for _words, values in series), default=0) or 1
    floor = PLOT_TOP + PLOT_HEIGHT
    days = max(len(series[0][1]), 2)
    drawing = Drawing(height=0, floor=floor)
    for place, (words, values) in enumerate(series):
        points, before = [], 0
        for day, value in enumerate(values):
            x = day * WIDTH / (days - 1)
            points += [(x, before), (x, value)]
            before = value
        drawn = " ".join(f"{x:.1f},{floor - y * PLOT_HEIGHT / most:.1f}" for x, y in points)
        key = floor + 40 + place * LINE
        drawing.curves.append(Curve(drawn, DASHES[place], words, key))
    drawing.notes.append(Text(0, floor + 15, first))
    drawing.notes.append(Text(WIDTH, floor + 15, last))
    drawing.notes.append(Text(0, PLOT_TOP - 2, str(most)))
    return _of_height(drawing, floor + 40 + len(series) * LINE)


def _write(texts: list[Text], text: str, y: float) -> float:
    for line in textwrap.wrap(text, LABEL_WIDTH) or [""]:
        y += LINE
        texts.append(Text(0, y - 4, line))
    return y


def _of_height(drawing: Drawing, height: float) -> Drawing:
    return Drawing(
        height, drawing.labels, drawing.notes, drawing.bars, drawing.curves, drawing.floor
    )
