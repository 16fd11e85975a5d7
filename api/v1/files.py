"""Files attached to projects. Content is only ever sent as an attachment."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.pagination import CursorPagination
from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.hidden_names import HiddenNamesMixin
from api.views import ResourceViewSet
from assessments.actions import attach_file, remove_file, restore_file
from assessments.downloads import send_project_file
from assessments.models import ProjectFile, Submission
from assessments.selectors.anonymity import file_name_shown
from assessments.selectors.project import submission_abilities
from lms.core.permissions import require_in_person


class NewestFirst(CursorPagination):
    ordering = "-uploaded_at"


class AnyKindAccepted(DefaultContentNegotiation):
    """A file is sent as what it is, whatever kind the caller would rather have."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class FileSerializer(HiddenNamesMixin, serializers.ModelSerializer[ProjectFile]):
    """`name`: a number for whoever marks the project anonymously."""

    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    content = serializers.SerializerMethodField()

    class Meta:
        model = ProjectFile
        fields: tuple[str, ...] = (
            "id", "project", "name", "size", "media_type", "sha256", "uploaded_at", "removed_at",
            "content",
        )  # fmt: skip

    def to_representation(self, instance: ProjectFile) -> Any:
        body = super().to_representation(instance)
        if self.hides(instance.submission):
            body |= {"name": file_name_shown(instance), "sha256": ""}
        return body

    @extend_schema_field(OpenApiTypes.URI)
    def get_content(self, file: ProjectFile) -> str:
        return reverse("api:v1:file-content", args=[file.pk], request=self.context["request"])


class FileDetailSerializer(FileSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(FileSerializer.Meta):
        fields = (*FileSerializer.Meta.fields, "abilities")

    def get_abilities(self, file: ProjectFile) -> dict[str, bool]:
        user, at = self.context["request"].user, self.context["view"].at
        may = submission_abilities(user, file.submission, at)["attach_file"]
        is_removed = file.removed_at is not None
        return {"remove": may and not is_removed, "restore": may and is_removed}


class NamedProjectSerializer(serializers.Serializer[Any]):
    project = serializers.IntegerField()


class UploadSerializer(StrictSerializer):
    project = serializers.IntegerField(help_text="Id of the project.")
    file = serializers.FileField(allow_empty_file=True)


class FileViewSet(ResourceViewSet):
    queryset = ProjectFile.objects.none()
    serializer_class = FileSerializer
    detail_serializer_class = FileDetailSerializer
    pagination_class = NewestFirst
    lookup_value_regex = r"[0-9a-f-]{36}"
    filterset_fields = ("submission",)

    def get_queryset(self) -> Any:
        return ProjectFile.objects.visible_to(self.by).select_related(
            "submission__owner", "submission__grade"
        )

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: FileDetailSerializer}
    )
    def create(self, request: Request) -> Response:
        """Attach a file to a draft: 413 over the limit, 422 with the reason when refused."""
        submission = self._project_named()
        body = self.read_body(UploadSerializer)
        file = attach_file(submission=submission, upload=body["file"], by=self.by, at=self.at)
        return self._detail(file, status=201)

    @extend_schema(request=NoBodySerializer, responses=FileDetailSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        file = self.get_object()
        self.read_body(NoBodySerializer)
        remove_file(file=file, by=self.by, at=self.at)
        return self._detail(self.get_object())

    @extend_schema(request=NoBodySerializer, responses=FileDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        file = self.get_object()
        self.read_body(NoBodySerializer)
        restore_file(file=file, by=self.by, at=self.at)
        return self._detail(self.get_object())

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, content_negotiation_class=AnyKindAccepted)
    def content(self, request: Request, pk: str | None = None) -> HttpResponseBase:
        """The file itself; without names for a marker of an edition that hides them."""
        return send_project_file(self.get_object(), self.by)

    def _project_named(self) -> Submission:
        """The project of an upload, and the right to attach to it, before the file is looked at."""
        rows = Submission.objects.visible_to(self.by).select_related("owner", "guidelines")
        submission = get_object_or_404(rows, pk=self.read_body(NamedProjectSerializer)["project"])
        require_in_person(self.by, "assessments.write_submission", submission)
        return submission

    def _detail(self, file: ProjectFile, status: int = 200) -> Response:
        context = self.get_serializer_context()
        return Response(FileDetailSerializer(file, context=context).data, status=status)
