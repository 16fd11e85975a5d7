"""A talk as a file for calendars (RFC 5545)."""

from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from peer_exchange.models import Talk


def talk_file(talk: Talk) -> HttpResponse:
    host = settings.SITE_URL.split("://")[-1].split("/")[0].split(":")[0]
    summary = _("%(one)s and %(other)s: a talk") % {"one": talk.from_city, "other": talk.to_city}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Rambla//Talks//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:talk-{talk.pk}@{host}",
        f"DTSTAMP:{_instant(talk.answered_at or talk.proposed_at)}",
        f"DTSTART:{_instant(talk.starts_at)}",
        f"DTEND:{_instant(talk.ends_at)}",
        f"SUMMARY:{_text(summary)}",
        f"DESCRIPTION:{_text(talk.about)}",
        f"LOCATION:{_text(talk.place)}",
        "STATUS:CONFIRMED",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    body = "".join(f"{_folded(line)}\r\n" for line in lines)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="talk-{talk.pk}.ics"'
    response["Cache-Control"] = "private, no-store"
    return response


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    # Whatever breaks a line would begin a property of its own.
    return "\\n".join(escaped.splitlines())


def _folded(line: str) -> str:
    """At most 75 octets a line, never within a character."""
    parts: list[str] = []
    part = ""
    for char in line:
        if len((part + char).encode()) > (75 if not parts else 74):
            parts.append(part)
            part = ""
        part += char
    return "\r\n ".join([*parts, part])
