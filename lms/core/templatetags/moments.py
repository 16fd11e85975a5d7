"""Times as people read them: always with the name of their zone, in the reader's own."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

FORMATS = {"full": "j F Y, H:i", "day": "l j F Y, H:i", "short": "j M, H:i", "time": "H:i"}


@register.filter
def zone_name(zone: str) -> str:
    """“Madrid time” for Europe/Madrid; abbreviations such as CST name several zones."""
    if zone in {"UTC", "Etc/UTC", "Etc/GMT", "GMT"}:
        return "UTC"
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    return _("%(place)s time") % {"place": place}


@register.simple_tag
def moment(value: datetime | None, style: str = "full") -> SafeString | str:
    """An instant in the reader's zone: “17 November 2025, 15:00 Madrid time”.

    `style`: full, day (with the weekday), short (no year) or time.
    """
    if not value:
        return ""
    reader = timezone.get_current_timezone()
    return _time(value, reader, date_format(value.astimezone(reader), FORMATS[style]))


@register.simple_tag
def moment_both(value: datetime | None, zone: str, style: str = "full") -> SafeString | str:
    """An instant in the reader's zone and in the programme's `zone` (IANA name)."""
    if not value:
        return ""
    reader = timezone.get_current_timezone()
    own, there = value.astimezone(reader), value.astimezone(ZoneInfo(zone))
    first = moment(value, style)
    if str(reader) == zone:
        return first
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    if own.utcoffset() == there.utcoffset():
        second = _("the same in %(place)s") % {"place": place}
    else:
        shown = "time" if own.date() == there.date() else "short"
        second = _("%(time)s in %(place)s") % {
            "time": date_format(there, FORMATS[shown]),
            "place": place,
        }
    return format_html(
        '<span class="moment-both">{} <span class="moment-both__there">({})</span></span>',
        first,
        second,
    )


def _time(value: datetime, zone: object, words: str) -> SafeString:
    return format_html(
        '<time datetime="{}">{} <span class="zone">{}</span></time>',
        value.isoformat(timespec="seconds"),
        words,
        zone_name(str(zone)),
    )


@register.filter
def day(value: date | None) -> SafeString | str:
    """A date without a time: “17 November 2025”."""
    if not value:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat()[:10], date_format(value, "j F Y")
    )


@register.filter
def minutes(value: int | None) -> str:
    """A length of work: 8 → “8 minutes”, 95 → “1 h 35 min”."""
    if value is None:
        return ""
    if value < 60:
        return ngettext("%(count)d minute", "%(count)d minutes", value) % {"count": value}
    hours, rest = divmod(value, 60)
    if not rest:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
