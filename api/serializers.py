"""What bodies have in common."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers


class IdField(serializers.IntegerField):
    """The id of something, as large as a database keeps one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class TextField(serializers.CharField):
    """Text as it was sent: nothing is trimmed, and a number is not a text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class InstantField(serializers.DateTimeField):
    """An instant with its offset; a wall time alone names none (invariant 12)."""

    default_error_messages = {
        "naive": gettext_lazy("Give the time with its offset, as in 12:00+01:00.")
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("naive")
        return value


class WallTimeField(serializers.CharField):
    """A time as it stands on a clock, without an offset: 2026-01-23T23:59."""

    default_error_messages = {
        "wall": gettext_lazy("Give the time on the clock, without an offset: 2026-01-23T23:59.")
    }

    def to_internal_value(self, data: Any) -> Any:
        try:
            wall = datetime.fromisoformat(super().to_internal_value(data))
        except ValueError:
            self.fail("wall")
        if wall.tzinfo is not None:
            self.fail("wall")
        return wall


class StrictSerializer(serializers.Serializer[Any]):
    """A request body: a field nobody asked for is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            unknown = {name: [_("Unknown field.")] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class NoBodySerializer(StrictSerializer):
    """A move that needs nothing but its address."""
