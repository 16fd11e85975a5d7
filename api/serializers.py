"""What bodies have in common."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers


class IdField(serializers.IntegerField):
    """The id of something, as large as a database keeps one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


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
