"""The picture that stands beside a shared address elsewhere: the city, the title, the route."""

from functools import cache, lru_cache
from io import BytesIO

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from PIL import Image, ImageDraw, ImageFont

from lms.core.pdf import SUBSETS

SIZE = (1200, 630)
MARGIN = 80
PAPER, INK, BLUE, ACCENT, SOFT = "#fbf7f0", "#17233b", "#1d4a8a", "#ab4022", "#505b71"
LINES_MOST = 3
# A title of which more is missing in our letters is better left out: who shows the card
# shows the title beside it.
MISSING_MOST = 0.1


def draw_card(*, city: str, title: str, programme: str) -> bytes:
    """PNG, 1200 × 630."""
    card = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(card)
    _route(draw)
    _write(draw, (MARGIN, MARGIN), city, face="inter-600", size=34, fill=ACCENT)
    top = 135
    for line in _lines(title):
        _write(draw, (MARGIN, top), line, face="source-serif-4-400", size=64, fill=INK)
        top += 78
    foot = SIZE[1] - MARGIN - 26
    _write(draw, (MARGIN, foot), programme, face="inter-400", size=26, fill=SOFT)
    written = BytesIO()
    card.save(written, "PNG", optimize=True)
    return written.getvalue()


def _route(draw: ImageDraw.ImageDraw) -> None:
    """The thin line that links points, as over each page of the programme."""
    points = [(-20, 510), (180, 420), (420, 470), (700, 420), (960, 470), (1220, 380)]
    draw.line(_smooth(points), fill=BLUE, width=3, joint="curve")
    for x, y in points[1:-1]:
        draw.ellipse((x - 8, y - 8, x + 8, y + 8), fill=BLUE)
    x, y = points[3]
    draw.ellipse((x - 11, y - 11, x + 11, y + 11), fill=ACCENT)


def _smooth(points: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """A curve through the points (Catmull-Rom)."""
    ends = [points[0], *points, points[-1]]
    curve: list[tuple[float, float]] = []
    for p0, p1, p2, p3 in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for step in range(24):
            t = step / 24
            curve.append(
                tuple(  # type: ignore[arg-type]
                    0.5
                    * (
                        2 * b
                        + (c - a) * t
                        + (2 * a - 5 * b + 4 * c - d) * t**2
                        + (3 * b - a - 3 * c + d) * t**3
                    )
                    for a, b, c, d in zip(p0, p1, p2, p3, strict=True)
                )
            )
    return [*curve, points[-1]]


def _lines(title: str) -> list[str]:
    """The title in lines that fit; "…" where it is longer than the card."""
    letters = [char for char in title if not char.isspace()]
    missing = sum(1 for char in letters if _face_of(char, "source-serif-4-400") is None)
    if not letters or missing > MISSING_MOST * len(letters):
        return []
    widest = SIZE[0] - 2 * MARGIN
    lines: list[str] = []
    line = ""
    for word in title.split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, "source-serif-4-400", 64) > widest:
            lines.append(line)
            line = word
        else:
            line = longer
    lines.append(line)
    if len(lines) > LINES_MOST:
        lines = [*lines[: LINES_MOST - 1], f"{lines[LINES_MOST - 1]} …"]
    return lines


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], text: str, *, face: str, size: int, fill: str
) -> None:
    x: float = at[0]
    for run, subset in _runs(text, face):
        font = _font(face, subset, size)
        draw.text((x, at[1]), run, font=font, fill=fill, anchor="la")
        x += font.getlength(run)


def _width(text: str, face: str, size: int) -> float:
    return sum(_font(face, subset, size).getlength(run) for run, subset in _runs(text, face))


def _runs(text: str, face: str) -> list[tuple[str, str]]:
    """The text in runs of one font each, without what none of them has."""
    runs: list[tuple[str, str]] = []
    for char in text:
        subset = _face_of(char, face)
        if subset is None:
            continue
        if runs and runs[-1][1] == subset:
            runs[-1] = (runs[-1][0] + char, runs[-1][1])
        else:
            runs.append((char, subset))
    return runs


@lru_cache(maxsize=4096)
def _face_of(char: str, face: str) -> str | None:
    return next((one for one in SUBSETS if _has(_font(face, one, 20), char)), None)


def _has(font: ImageFont.FreeTypeFont, char: str) -> bool:
    """What a font lacks it draws as the box that it draws for no letter at all."""
    if char.isspace():
        return char == " "
    drawn, box = font.getmask(char), font.getmask("\uffff")
    return bool(drawn.size[0]) and (drawn.size, bytes(drawn)) != (box.size, bytes(box))


@cache
def _font(face: str, subset: str, size: int) -> ImageFont.FreeTypeFont:
    # Our letters need no shaping, and what shapes others gives up on some texts.
    return ImageFont.truetype(
        BytesIO(_file(face, subset)), size, layout_engine=ImageFont.Layout.BASIC
    )


@cache
def _file(face: str, subset: str) -> bytes:
    name = f"fonts/paper/{face}-{subset}.ttf"
    path = finders.find(name)
    if path is not None:
        with open(path, "rb") as file:
            return file.read()
    with staticfiles_storage.open(name) as stored:
        content: bytes = stored.read()
        return content
