"""Comments at places in an attempt, and the bank of comments, for those who mark."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer, StrictSerializer, TextField
from api.v1.marking import VersionBody
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from assessments.actions.annotating import (
    annotate,
    change_annotation,
    delete_annotation,
    restore_annotation,
)
from assessments.actions.snippets import (
    change_snippet,
    delete_snippet,
    keep_snippet,
    restore_snippet,
    use_snippet,
)
from assessments.enums import AssessmentStatus
from assessments.models import Annotation, Assessment, Snippet
from lms.core.permissions import may_in_person
from lms.programme.models import Edition


class AnnotationSerializer(serializers.ModelSerializer[Annotation]):
    """`file`: id at /files/, null in the text; `anchor`: where (see the documentation of
    the desk); `receipt`: of the attempt."""

    receipt = serializers.CharField(source="assessment.attempt.receipt", read_only=True)
    file = serializers.UUIDField(source="file.file_id", default=None, read_only=True)
    anchor = serializers.DictField(read_only=True)

    class Meta:
        model = Annotation
        fields: tuple[str, ...] = (
            "id", "assessment", "receipt", "section", "file", "anchor", "text", "version",
            "created_at", "changed_at", "deleted_at",
        )  # fmt: skip


class AnnotationDetailSerializer(AnnotationSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(AnnotationSerializer.Meta):
        fields = (*AnnotationSerializer.Meta.fields, "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, annotation: Annotation) -> dict[str, bool]:
        user = self.context["request"].user
        assessment = annotation.assessment
        marks = assessment.status == AssessmentStatus.IN_MARKING and may_in_person(
            user, "assessments.mark_assessment", assessment
        )
        is_there = annotation.deleted_at is None
        return {
            "change": marks and is_there,
            "delete": marks and is_there,
            "restore": marks and not is_there,
        }


class AnnotationWriteBody(StrictSerializer):
    """`key`: one's own for this comment; sent twice, it is stored once."""

    assessment = serializers.IntegerField()
    receipt = serializers.CharField(max_length=40)
    key = serializers.CharField(max_length=64)
    section = serializers.CharField(max_length=50, required=False, default="", allow_blank=True)
    file = serializers.UUIDField(required=False, allow_null=True, default=None)
    anchor = serializers.JSONField()
    text = TextField(max_length=20_000)


class AnnotationVersionBody(StrictSerializer):
    receipt = serializers.CharField(max_length=40)
    base_version = serializers.IntegerField(min_value=0)


class AnnotationChangeBody(AnnotationVersionBody):
    text = TextField(max_length=20_000)


class AnnotationViewSet(ResourceViewSet):
    """Those of one's own assessments, and those of colleagues that are handed in."""

    queryset = Annotation.objects.none()
    serializer_class = AnnotationSerializer
    detail_serializer_class = AnnotationDetailSerializer
    filterset_fields = ("assessment", "assessment__submission", "section")

    def get_queryset(self) -> QuerySet[Annotation]:
        found = Annotation.objects.visible_to(self.by).select_related("file")
        if self.action == "list":
            return found.select_related("assessment__attempt").defer(
                "assessment__attempt__sections", "assessment__overall"
            )
        return found.select_related("assessment__attempt", "assessment__submission__owner")

    @extend_schema(request=AnnotationWriteBody, responses={201: AnnotationDetailSerializer})
    def create(self, request: Request) -> Response:
        """Write a comment at a place in the attempt one marks."""
        body = self.read_body(AnnotationWriteBody)
        assessment = get_object_or_404(
            Assessment.objects.visible_to(self.by), pk=body.pop("assessment")
        )
        body["file"] = str(body["file"] or "")
        written = annotate(assessment=assessment, by=self.by, at=self.at, **body)
        return self._detail(written, status=201)

    @extend_schema(request=AnnotationChangeBody, responses=AnnotationDetailSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str | None = None) -> Response:
        annotation = self.get_object()
        body = self.read_body(AnnotationChangeBody)
        return self._detail(
            change_annotation(annotation=annotation, by=self.by, at=self.at, **body)
        )

    @extend_schema(request=AnnotationVersionBody, responses=AnnotationDetailSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        """Take it away; it can be restored."""
        annotation = self.get_object()
        body = self.read_body(AnnotationVersionBody)
        return self._detail(
            delete_annotation(annotation=annotation, by=self.by, at=self.at, **body)
        )

    @extend_schema(request=AnnotationVersionBody, responses=AnnotationDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        annotation = self.get_object()
        body = self.read_body(AnnotationVersionBody)
        return self._detail(
            restore_annotation(annotation=annotation, by=self.by, at=self.at, **body)
        )

    def _detail(self, annotation: Annotation, status: int = 200) -> Response:
        stored = Annotation.objects.select_related(
            "file", "assessment__attempt", "assessment__submission__owner"
        ).get(pk=annotation.pk)
        context = self.get_serializer_context()
        return Response(AnnotationDetailSerializer(stored, context=context).data, status=status)


class SnippetSerializer(serializers.ModelSerializer[Snippet]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    owner = PersonSerializer(read_only=True)

    class Meta:
        model = Snippet
        fields: tuple[str, ...] = (
            "id", "edition", "owner", "criterion", "text", "is_shared", "uses", "version",
            "created_at", "changed_at", "deleted_at",
        )  # fmt: skip


class SnippetDetailSerializer(SnippetSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(SnippetSerializer.Meta):
        fields = (*SnippetSerializer.Meta.fields, "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, snippet: Snippet) -> dict[str, bool]:
        user = self.context["request"].user
        is_own = may_in_person(user, "assessments.change_snippet", snippet)
        is_there = snippet.deleted_at is None
        return {
            "change": is_own and is_there,
            "delete": is_own and is_there,
            "restore": is_own and not is_there,
            "use": is_there and may_in_person(user, "assessments.use_snippet", snippet),
        }


class SnippetFieldsBody(StrictSerializer):
    text = TextField(max_length=20_000)
    criterion = serializers.CharField(max_length=50, required=False, default="", allow_blank=True)
    is_shared = serializers.BooleanField(default=False)


class KeepSnippetBody(SnippetFieldsBody):
    edition = serializers.SlugField()


class ChangeSnippetBody(SnippetFieldsBody, VersionBody):
    pass


class SnippetViewSet(ResourceViewSet):
    """One's own bank of comments, and what colleagues share."""

    queryset = Snippet.objects.none()
    serializer_class = SnippetSerializer
    detail_serializer_class = SnippetDetailSerializer
    filterset_fields = ("edition__slug", "criterion", "is_shared", "owner")

    def get_queryset(self) -> QuerySet[Snippet]:
        found = Snippet.objects.visible_to(self.by).select_related("edition", "owner")
        return found.present() if self.action == "list" else found

    @extend_schema(request=KeepSnippetBody, responses={201: SnippetDetailSerializer})
    def create(self, request: Request) -> Response:
        """Keep a comment; the same words about the same criterion are kept once."""
        body = self.read_body(KeepSnippetBody)
        editions = Edition.objects.visible_to(self.by)
        edition = get_object_or_404(editions, slug=body.pop("edition"))
        snippet = keep_snippet(edition=edition, by=self.by, at=self.at, **body)
        return self._detail(snippet, status=201)

    @extend_schema(request=ChangeSnippetBody, responses=SnippetDetailSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str | None = None) -> Response:
        snippet = self.get_object()
        body = self.read_body(ChangeSnippetBody)
        return self._detail(change_snippet(snippet=snippet, by=self.by, at=self.at, **body))

    @extend_schema(request=VersionBody, responses=SnippetDetailSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        """Take it out of the bank; it can be restored."""
        snippet = self.get_object()
        body = self.read_body(VersionBody)
        return self._detail(delete_snippet(snippet=snippet, by=self.by, at=self.at, **body))

    @extend_schema(request=VersionBody, responses=SnippetDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        snippet = self.get_object()
        body = self.read_body(VersionBody)
        return self._detail(restore_snippet(snippet=snippet, by=self.by, at=self.at, **body))

    @extend_schema(request=NoBodySerializer, responses=SnippetDetailSerializer)
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str | None = None) -> Response:
        """Count that it was put into a comment."""
        snippet = self.get_object()
        self.read_body(NoBodySerializer)
        return self._detail(use_snippet(snippet=snippet, by=self.by, at=self.at))

    def _detail(self, snippet: Snippet, status: int = 200) -> Response:
        stored = Snippet.objects.select_related("edition", "owner").get(pk=snippet.pk)
        context = self.get_serializer_context()
        return Response(SnippetDetailSerializer(stored, context=context).data, status=status)
