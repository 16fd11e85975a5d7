"""What a text was before: versions that readers had, and the draft's own history."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.experience_bodies import RestoreVersionSerializer
from api.views import ResourceViewSet
from lms.core.rich_text import text_of
from peer_exchange.actions import restore_version
from peer_exchange.enums import Part
from peer_exchange.models import ExperienceRevision, ExperienceVersion
from peer_exchange.models.experience import CONTACT_FIELDS
from peer_exchange.selectors import experience_abilities
from peer_exchange.selectors.experience_history import texts_of_version
from peer_exchange.selectors.revisions import language_of, revisions_for, texts_of_revision


class ExperienceRevisionSerializer(serializers.ModelSerializer[ExperienceRevision]):
    title = serializers.SerializerMethodField()
    language = serializers.SerializerMethodField()
    began_in = serializers.SerializerMethodField()
    ended_in = serializers.SerializerMethodField()

    class Meta:
        model = ExperienceRevision
        fields: tuple[str, ...] = (
            "id", "experience", "number", "title", "language", "began_in", "ended_in",
            "visibility", "cleared_by_name", "published_at", "sha256",
        )  # fmt: skip

    def get_title(self, revision: ExperienceRevision) -> str:
        return str(revision.content.get("title", ""))

    def get_language(self, revision: ExperienceRevision) -> str:
        return language_of(revision)

    def get_began_in(self, revision: ExperienceRevision) -> int | None:
        began: int | None = revision.content.get("began_in")
        return began

    def get_ended_in(self, revision: ExperienceRevision) -> int | None:
        ended: int | None = revision.content.get("ended_in")
        return ended


class ExperienceRevisionDetailSerializer(ExperienceRevisionSerializer):
    texts = serializers.SerializerMethodField()
    html = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(ExperienceRevisionSerializer.Meta):
        fields = (*ExperienceRevisionSerializer.Meta.fields, "texts", "html", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_texts(self, revision: ExperienceRevision) -> dict[str, str]:
        texts = texts_of_revision(revision)
        return {
            name: text_of(text) if name in Part.values else text
            for name, text in texts.items()
            if name not in CONTACT_FIELDS
        }

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_html(self, revision: ExperienceRevision) -> dict[str, str]:
        texts = texts_of_revision(revision)
        return {part: texts[part] for part in Part.values}

    def get_abilities(self, revision: ExperienceRevision) -> dict[str, bool]:
        """A version that was published never changes."""
        return {}


class ExperienceRevisionViewSet(ResourceViewSet):
    queryset = ExperienceRevision.objects.none()
    serializer_class = ExperienceRevisionSerializer
    detail_serializer_class = ExperienceRevisionDetailSerializer
    filterset_fields = ("experience", "number")

    def get_queryset(self) -> Any:
        return revisions_for(self.by).order_by()


class VersionSerializer(serializers.ModelSerializer[ExperienceVersion]):
    saved_by = serializers.CharField(source="saved_by.name", read_only=True)
    words = serializers.SerializerMethodField()

    class Meta:
        model = ExperienceVersion
        fields: tuple[str, ...] = (
            "id", "experience", "kind", "version", "saved_at", "saved_by", "changed", "words",
        )  # fmt: skip

    @extend_schema_field(serializers.DictField(child=serializers.IntegerField()))
    def get_words(self, version: ExperienceVersion) -> dict[str, int]:
        """Field → how many words it had."""
        return {key: words for key, (_digest, words) in version.sections.items()}


class VersionDetailSerializer(VersionSerializer):
    texts = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "texts", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_texts(self, version: ExperienceVersion) -> dict[str, str]:
        """Field → text as it was kept; the parts as HTML."""
        return texts_of_version(version)

    def get_abilities(self, version: ExperienceVersion) -> dict[str, bool]:
        user = self.context["request"].user
        return {"restore": experience_abilities(user, version.experience)["edit"]}


class RestoredSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class ExperienceVersionViewSet(ResourceViewSet):
    """The history of the drafts one writes."""

    queryset = ExperienceVersion.objects.none()
    serializer_class = VersionSerializer
    detail_serializer_class = VersionDetailSerializer
    filterset_fields = ("experience", "kind")

    def get_queryset(self) -> Any:
        return ExperienceVersion.objects.visible_to(self.by).select_related(
            "saved_by", "experience__edition", "experience__city"
        )

    @extend_schema(request=RestoreVersionSerializer, responses=RestoredSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """Bring texts back. What they replace is kept, so that this can be undone."""
        version = self.get_object()
        body = self.read_body(RestoreVersionSerializer)
        restored = restore_version(
            experience=version.experience, version=version, by=self.by, at=self.at, **body
        )
        return Response(RestoredSerializer(restored).data)
