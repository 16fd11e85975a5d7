"""Where the parts of a chart stand.

Widths are percentages of the picture and heights are pixels, so that the drawing
fills any column while its letters keep their size (an SVG without viewBox).
"""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

LINE = 20
BAR = 14
GAP = 18
AXIS = 22
LABEL_WIDTH = 44  # characters; fits a phone of 360 px
# The part of the width that bars may take: the figure stands behind the bar.
BARS_SHARE = 84


@dataclass(frozen=True)
class Line:
    y: int
    text: str


@dataclass(frozen=True)
class ChartRow:
    """`x` and `width` are SVG percentages (“12.50%”); `y` is the top of the bar."""

    label: tuple[Line, ...]
    words: tuple[Line, ...]
    y: int
    x: str
    width: str
    end: str
    value: str
    rank: int


@dataclass(frozen=True)
class Tick:
    x: str
    label: str
    anchor: str


@dataclass(frozen=True)
class Chart:
    rows: tuple[ChartRow, ...]
    ticks: tuple[Tick, ...]
    height: int
    plot_height: int


def figure_of(value: float, unit: str) -> str:
    """“69%”, “12 days”, “3.5”."""
    number = f"{value:g}"
    return f"{number}{unit}" if unit in {"", "%"} else f"{number} {unit}"


def bars(rows: Iterable[tuple[str, float]], unit: str) -> Chart:
    """Bars for exact figures: (label, value)."""
    given = list(rows)
    top = 100.0 if unit == "%" else max((value for _label, value in given), default=0) or 1
    drawn, y = [], 0
    for number, (label, value) in enumerate(given, start=1):
        lines, y = _lines(label, y)
        width = _percent(value / top * BARS_SHARE)
        drawn.append(
            ChartRow(
                label=lines,
                words=(),
                y=y + 4,
                x="0%",
                width=width,
                end=width,
                value=figure_of(value, unit),
                rank=number,
            )
        )
        y += 4 + BAR + GAP
    return Chart(rows=tuple(drawn), ticks=(), height=y, plot_height=y - GAP)


def bands(rows: Iterable[tuple[str, float, float, str]]) -> Chart:
    """Ranges for the words of a source: (label, low, high, words), in per cent (S3)."""
    drawn, y = [], 0
    for number, (label, low, high, words) in enumerate(rows, start=1):
        lines, y = _lines(label, y)
        said, y = _lines(f"“{words}”", y)
        drawn.append(
            ChartRow(
                label=lines,
                words=said,
                y=y + 4,
                x=_percent(low),
                width=_percent(high - low),
                end=_percent(high),
                value=f"{low:g}–{high:g}%",
                rank=number,
            )
        )
        y += 4 + BAR + GAP
    ticks = (
        Tick("0%", "0%", "start"),
        Tick("50%", "50%", "middle"),
        Tick("100%", "100%", "end"),
    )
    return Chart(rows=tuple(drawn), ticks=ticks, height=y + AXIS, plot_height=y - GAP + 6)


def ranking(labels: Iterable[str]) -> Chart:
    """An order without sizes: every place is drawn alike."""
    drawn, y = [], 4
    for number, label in enumerate(labels, start=1):
        top = y
        lines, y = _lines(label, y)
        drawn.append(
            ChartRow(
                label=lines,
                words=(),
                y=top + LINE // 2 + 1,
                x="0%",
                width="0%",
                end="0%",
                value=str(number),
                rank=number,
            )
        )
        y += GAP
    return Chart(rows=tuple(drawn), ticks=(), height=y, plot_height=drawn[-1].y if drawn else 0)


def _lines(text: str, top: int) -> tuple[tuple[Line, ...], int]:
    """The text in lines from `top` on, and where the next thing begins."""
    wrapped = textwrap.wrap(text, LABEL_WIDTH) or [""]
    lines = tuple(Line(y=top + LINE * (n + 1) - 5, text=line) for n, line in enumerate(wrapped))
    return lines, top + LINE * len(wrapped)


def _percent(value: float) -> str:
    return f"{value:.2f}%"
