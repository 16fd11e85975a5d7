"""The programme, its edition, phases, skills and week (D1–D4)."""

from datetime import date, datetime, time

from lms.core.clock import instant_of
from lms.diploma.loading.sources import read
from lms.programme.models import Edition, Phase, Programme, Skill
from lms.timetable.models import AttendancePolicy, Session


def load_programme() -> Edition:
    """Create what is missing; leave alone what staff may have changed since."""
    data = read("programme.yaml")
    programme, _ = Programme.objects.get_or_create(
        slug=data["programme"]["slug"], defaults=data["programme"]
    )
    edition, _ = Edition.objects.get_or_create(
        slug=data["edition"]["slug"], defaults={**data["edition"], "programme": programme}
    )
    for phase in data["phases"]:
        Phase.objects.get_or_create(
            edition=edition,
            kind=phase["kind"],
            defaults={**phase, "time_zone": edition.time_zone},
        )
    for order, skill in enumerate(read("skills.yaml")):
        Skill.objects.get_or_create(
            programme=programme,
            slug=skill["slug"],
            defaults={
                "title": skill["title"],
                "text": skill["text"],
                "evidence": skill["evidence"],
                "order": order,
            },
        )
    return edition


def load_timetable(edition: Edition) -> None:
    data = read("timetable.yaml")
    AttendancePolicy.objects.get_or_create(edition=edition)
    for row in data["sessions"]:
        Session.objects.get_or_create(
            edition=edition,
            key=row["key"],
            defaults={
                "kind": row["kind"],
                "title": row["title"],
                "place": row.get("place", ""),
                "led_by": row.get("led_by", ""),
                "starts_at": _instant(row["day"], row["from"], data["zone"]),
                "ends_at": _instant(row["day"], row["to"], data["zone"]),
                "time_zone": data["zone"],
                "is_required": row.get("required", True),
            },
        )


def _instant(day: date, clock_time: str, zone: str) -> datetime:
    return instant_of(datetime.combine(day, time.fromisoformat(clock_time)), zone)
