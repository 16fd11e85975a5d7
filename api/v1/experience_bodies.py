"""What comes in and goes out with a city experience: its draft, files, moves."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers import IdField, InstantField, StrictSerializer, TextField
from lms.core.rich_fields import TextFormat
from peer_exchange.enums import Attachment
from peer_exchange.models import ExperienceFile


class LinkSerializer(serializers.Serializer[Any]):
    url = serializers.CharField()
    title = serializers.CharField()


class ExperienceFileSerializer(serializers.ModelSerializer[ExperienceFile]):
    """`url`: of a picture, its widest size; others are in `sizes` (width → address)."""

    url = serializers.SerializerMethodField()
    sizes = serializers.SerializerMethodField()

    class Meta:
        model = ExperienceFile
        fields = (
            "id", "kind", "name", "alt", "caption", "media_type", "size", "sha256", "url",
            "sizes", "uploaded_at", "removed_at",
        )  # fmt: skip

    def get_url(self, file: ExperienceFile) -> str:
        if file.kind == Attachment.PICTURE:
            return reverse("peer_exchange:picture", args=[file.pk, file.widest["width"]])
        return reverse("peer_exchange:attachment", args=[file.pk])

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_sizes(self, file: ExperienceFile) -> dict[str, str]:
        return {
            str(size["width"]): reverse("peer_exchange:picture", args=[file.pk, size["width"]])
            for size in file.sizes
        }


class StartSerializer(StrictSerializer):
    edition = serializers.SlugField()
    city = serializers.SlugField()
    title = TextField()


class YearField(serializers.IntegerField):
    """Of a draft: also one that is half typed. Empty, as `stored` says it, is null."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=9999, required=False, allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(None if data == "" else data)


def _slugs() -> serializers.ListField:
    return serializers.ListField(child=serializers.SlugField(), required=False, max_length=50)


class DescribedSerializer(StrictSerializer):
    alt = TextField(required=False)
    caption = TextField(required=False)


class ValuesSerializer(StrictSerializer):
    title = TextField(required=False)
    summary = TextField(required=False)
    language = serializers.CharField(required=False)
    context = TextField(required=False)  # type: ignore[assignment]
    challenge = TextField(required=False)
    strategy = TextField(required=False)
    done = TextField(required=False)
    succeeded = TextField(required=False)
    failed = TextField(required=False)
    lessons = TextField(required=False)
    cost = TextField(required=False)
    links = TextField(
        required=False, help_text="One in each line: the address, then what stands there."
    )
    began_in = YearField(help_text="The year it began.")
    ended_in = YearField(help_text="The year it ended; null while it still runs.")
    contact_name = TextField(required=False)
    contact_office = TextField(required=False)
    contact_email = TextField(required=False)
    themes = _slugs()
    methods = _slugs()
    scopes = _slugs()
    actors = _slugs()
    course_lessons = _slugs()
    visibility = serializers.CharField(required=False)
    files = serializers.DictField(
        child=DescribedSerializer(),
        required=False,
        help_text="Id of a picture or file → what is said of it.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        described = attrs.pop("files", {})
        for pk, said in described.items():
            attrs |= {f"{name}:{pk}": text for name, text in said.items()}
        return attrs


class DraftSerializer(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    values = ValuesSerializer()
    text_format = serializers.ChoiceField(
        TextFormat.choices,
        default=TextFormat.TEXT,
        help_text="How the parts are written. Plain text is never read as HTML; a paragraph of "
        "it that reads as the stored one keeps its form. HTML is cleaned to headings (h3, h4), "
        "lists, quotations, tables, links and emphasis.",
    )
    set_aside = ValuesSerializer(
        required=False, help_text="Texts decided against after a 409: they go to the history."
    )


class SavedSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField()
    values = serializers.DictField(
        child=serializers.CharField(),
        help_text="Parts that are stored otherwise than they were sent.",
    )


class VersionReadSerializer(StrictSerializer):
    """A move that judges a text says which one (invariant 3)."""

    base_version = serializers.IntegerField(
        min_value=0, help_text="The version that was read; 409 when it is older."
    )


class ClearSerializer(VersionReadSerializer):
    official = TextField(help_text="Name and office of the official who cleared the text.")
    embargo_until = InstantField(
        required=False, allow_null=True, help_text="Nobody else reads it before this instant."
    )


class EmbargoSerializer(StrictSerializer):
    embargo_until = InstantField(allow_null=True, help_text="Null: readers have it now.")


class ReasonSerializer(StrictSerializer):
    reason = TextField()


class ReasonOnVersionSerializer(VersionReadSerializer):
    reason = TextField()


class AuthorSerializer(StrictSerializer):
    user = IdField(help_text="Id of a person of the city’s team.")


class AttachSerializer(StrictSerializer):
    kind = serializers.ChoiceField(Attachment.choices)
    file = serializers.FileField(allow_empty_file=True, max_length=255)
    alt = TextField(required=False, default="")
    caption = TextField(required=False, default="")


class FileSerializer(StrictSerializer):
    file = serializers.UUIDField(help_text="Id of a picture or file of the draft.")


class RestoreVersionSerializer(VersionReadSerializer):
    parts = serializers.ListField(
        child=serializers.CharField(max_length=50),
        required=False,
        min_length=1,
        help_text="Fields to bring back; all of them without it.",
    )
