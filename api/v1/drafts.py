"""The history of the drafts that one writes: looking back, bringing back."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.views import ResourceViewSet
from assessments.actions.history import restore_version
from assessments.models import DraftVersion
from assessments.selectors.history import texts_of
from assessments.selectors.project import submission_abilities
from lms.core.rich_text import text_of


class DraftVersionSerializer(serializers.ModelSerializer[DraftVersion]):
    project = serializers.IntegerField(source="submission_id", read_only=True)
    saved_by = serializers.CharField(source="saved_by.name", read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = DraftVersion
        fields: tuple[str, ...] = (
            "id", "project", "kind", "version", "saved_at", "saved_by", "changed", "words",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_words(self, version: DraftVersion) -> dict[str, int]:
        """Section key → how many words it had."""
        return {key: words for key, (_digest, words) in version.sections.items()}


class DraftVersionDetailSerializer(DraftVersionSerializer):
    sections = serializers.SerializerMethodField()
    sections_html = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(DraftVersionSerializer.Meta):
        fields = (
            *DraftVersionSerializer.Meta.fields, "sections", "sections_html", "abilities",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_sections(self, version: DraftVersion) -> dict[str, str]:
        return {key: text_of(html) for key, html in self.get_sections_html(version).items()}

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_sections_html(self, version: DraftVersion) -> dict[str, str]:
        return texts_of(version)

    def get_abilities(self, version: DraftVersion) -> dict[str, bool]:
        user, at = self.context["request"].user, self.context["view"].at
        moves = submission_abilities(user, version.submission, at)
        return {"restore": moves["save_draft"]}


class RestoreSerializer(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    sections = serializers.ListField(
        child=serializers.CharField(max_length=50),
        required=False,
        min_length=1,
        help_text="Keys of those to bring back; all of them without it.",
    )


class SavedDraftSerializer(serializers.Serializer[Any]):
    """A draft after a move on it."""

    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class DraftVersionViewSet(ResourceViewSet):
    queryset = DraftVersion.objects.none()
    serializer_class = DraftVersionSerializer
    detail_serializer_class = DraftVersionDetailSerializer
    filterset_fields = ("submission", "kind")

    def get_queryset(self) -> Any:
        return DraftVersion.objects.visible_to(self.by).select_related(
            "saved_by", "submission__owner", "submission__guidelines"
        )

    @extend_schema(request=RestoreSerializer, responses=SavedDraftSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Bring sections back. What they replace is kept, so that this can be undone."""
        version = self.get_object()
        body = self.read_body(RestoreSerializer)
        restored = restore_version(
            submission=version.submission, version=version, by=self.by, at=self.at, **body
        )
        return Response(SavedDraftSerializer(restored).data)
