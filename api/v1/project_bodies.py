"""What a request may say about a final project."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers

from api.serializers import InstantField, StrictSerializer, TextField
from lms.core.rich_fields import TextFormat


class StartProjectSerializer(StrictSerializer):
    edition = serializers.SlugField()


class ProjectDraftSerializer(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    values = serializers.DictField(child=TextField())
    text_format = serializers.ChoiceField(
        TextFormat.choices,
        default=TextFormat.TEXT,
        help_text="How the texts are written. Plain text is never read as HTML; a paragraph "
        "of it that reads as the stored one keeps its form. HTML is cleaned to headings (h3, "
        "h4), lists, quotations, tables, links and emphasis.",
    )
    set_aside = serializers.DictField(
        child=TextField(),
        required=False,
        help_text="Texts decided against after a 409: they go to the history.",
    )


class BaseVersionSerializer(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "array", "items": {"type": "string", "format": "uuid"}},
            {"type": "string", "enum": ["all"]},
        ]
    }
)
class WithoutField(serializers.ListField):
    child = serializers.UUIDField()

    def to_internal_value(self, data: Any) -> Any:
        if data == "all":
            return data
        return super().to_internal_value(data)


class SubmitSerializer(BaseVersionSerializer):
    files = serializers.ListField(
        child=serializers.UUIDField(),
        required=False,
        help_text="Those you have seen attached: 409 `files_changed` when these are others. "
        "Whatever is attached without it.",
    )
    without = WithoutField(
        required=False,
        help_text="Uploads under way that may stay behind, or `all`: 409 `still_arriving` with "
        "their `uploads` when there are more.",
    )


class WithdrawSerializer(StrictSerializer):
    attempt = serializers.IntegerField(
        min_value=1, help_text="Number of the one you mean: 409 when another is in hand."
    )


class InsertAnswerSerializer(BaseVersionSerializer):
    section = serializers.CharField(max_length=50, help_text="Key of a section of the guidelines.")
    activity_id = serializers.IntegerField(
        required=False, help_text="Whose answer; those of all that feed the section without it."
    )


class ReturnProjectSerializer(StrictSerializer):
    reason = TextField()
    base_version = serializers.IntegerField(min_value=0)
    until_at = InstantField(required=False, allow_null=True, default=None)
    until_zone = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=64,
        help_text="IANA zone the time is meant in; that of the deadline without it.",
    )


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    required=True,
    description="8 to 80 visible ASCII characters of your own; a retry with the same key "
    "answers with the same receipt.",
)


def ids_in(named: Any) -> Any:
    """As the actions know them: the ids as text, or “all”."""
    return named if named == "all" else [str(key) for key in named]
