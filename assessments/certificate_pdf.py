"""The certificate on paper: A4 landscape, with the routes between the edition's cities."""

import io
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import segno
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from assessments.models import Certificate
from assessments.notifications import verification_address
from lms.accounts.models import City
from lms.core.pdf import render_pdf
from lms.programme.enums import TAKING_PART

# The drawing, in tenths of a millimetre.
WIDTH, HEIGHT = 2970, 1010
SIDE, TOP, FOOT = 260, 290, 120
# Nobody lives further north or south: the map shows where cities are.
NORTH, SOUTH = 68.0, -48.0
LABEL_CHAR = 19


@dataclass(frozen=True)
class Stop:
    """A city on the drawing."""

    name: str
    x: int
    y: int
    is_own: bool
    label: bool = True

    @property
    def label_y(self) -> int:
        """Under the point: the curves rise above it."""
        return self.y + (72 if self.is_own else 52)


@dataclass(frozen=True)
class Routes:
    """`paths`: from the participant's city to every other; `weave`: between the others."""

    stops: list[Stop] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    weave: list[str] = field(default_factory=list)
    parallels: list[int] = field(default_factory=list)


def render_certificate(certificate: Certificate, *, issued_on: date, claims_all: bool) -> bytes:
    """The PDF of a certificate; its own address is in the QR code. `issued_on`: the day
    in the edition's zone; `claims_all`: every requirement was met, none waived."""
    address = verification_address(certificate)
    cities = City.objects.filter(
        enrolments__edition=certificate.edition_id, enrolments__status__in=TAKING_PART
    ).distinct()
    return render_pdf(
        "assessments/certificate_pdf.html",
        {
            "certificate": certificate,
            "dates": dates_between(certificate.starts_on, certificate.ends_on),
            "routes": routes_between(list(cities), own=certificate.enrolment.city_id),
            "width": WIDTH,
            "height": HEIGHT,
            "name_size": name_size(certificate.name),
            "address": address,
            "qr": qr_code(address),
            "is_all_met": claims_all,
            "issued_on": issued_on,
        },
    )


def name_size(name: str) -> int:
    """In points: a long name keeps to the height of a short one."""
    for longest, size in ((28, 44), (36, 36), (44, 30), (54, 25)):
        if len(name) <= longest:
            return size
    return 21


def qr_code(address: str) -> str:
    """An SVG element without colours of its own background, 0 quiet zone."""
    drawing = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgns=True, dark="#17233b", border=0, omitsize=True
    )
    return drawing.getvalue().decode()


def dates_between(start: date, end: date) -> str:
    """“17–21 November 2025”, “30 November – 4 December 2025”."""
    if start == end:
        return date_format(start, "j F Y")
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{date_format(end, 'j F Y')}"
    first = "j F" if start.year == end.year else "j F Y"
    return _("%(start)s – %(end)s") % {
        "start": date_format(start, first),
        "end": date_format(end, "j F Y"),
    }


def routes_between(cities: list[City], *, own: int) -> Routes:
    """Cities where they are on the globe, and curves between them."""
    ordered = sorted(cities, key=lambda city: (city.pk != own, city.longitude, city.pk))
    stops: list[Stop] = []
    taken: list[tuple[int, int, int, int]] = []
    for city in ordered:
        stop = _stop(city, is_own=city.pk == own)
        box = _label_box(stop)
        is_free = not any(_overlap(box, other) for other in taken)
        stops.append(stop if is_free else Stop(stop.name, stop.x, stop.y, stop.is_own, label=False))
        taken.append(box if is_free else (stop.x - 12, stop.y - 12, stop.x + 12, stop.y + 12))
    home = [stop for stop in stops if stop.is_own]
    others = sorted((stop for stop in stops if not stop.is_own), key=lambda stop: stop.x)
    return Routes(
        stops=stops,
        paths=[_curve(home[0], other) for other in others] if home else [],
        weave=[_curve(one, two) for one, two in pairwise(others)],
        parallels=[_y(latitude) for latitude in (23.4, 0.0, -23.4)],
    )


def _stop(city: City, *, is_own: bool) -> Stop:
    x = round(SIDE + (city.longitude + 180) / 360 * (WIDTH - 2 * SIDE))
    return Stop(city.name, x, _y(city.latitude), is_own)


def _y(latitude: float) -> int:
    inside = min(NORTH, max(SOUTH, latitude))
    return round(TOP + (NORTH - inside) / (NORTH - SOUTH) * (HEIGHT - TOP - FOOT))


def _curve(one: Stop, two: Stop) -> str:
    """A flat arc that bulges towards the pole, the more the further apart."""
    lift = round(abs(two.x - one.x) * 0.16) + 30
    middle_x, middle_y = (one.x + two.x) // 2, (one.y + two.y) // 2 - lift
    return f"M{one.x} {one.y}Q{middle_x} {middle_y} {two.x} {two.y}"


def _label_box(stop: Stop) -> tuple[int, int, int, int]:
    half = len(stop.name) * LABEL_CHAR // 2
    return (stop.x - half, stop.y - 14, stop.x + half, stop.label_y + 10)


def _overlap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]
