"""Grades: a participant's own once released, those of an edition for its staff."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.marking import MarksBody, RecordedMarkSerializer, VersionBody, marks_of
from api.views import ResourceViewSet
from assessments.actions.grades import (
    agree_grade,
    amend_grade,
    confirm_marks,
    moderate_grade,
    prepare_release,
    release_grade,
    reopen_grade,
)
from assessments.enums import GradeStatus
from assessments.models import Grade, Submission
from assessments.selectors.desk import desk_of
from lms.programme.models import Edition


class GradeSerializer(serializers.ModelSerializer[Grade]):
    """The decision in force. Before it is agreed `percent`, `outcome` … are null."""

    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    receipt = serializers.CharField(source="attempt.receipt", read_only=True)
    revision = serializers.IntegerField(source="current.number", default=None, read_only=True)
    rubric = serializers.IntegerField(source="current.rubric.number", default=None, read_only=True)
    total = serializers.CharField(source="current.total", default=None, read_only=True)
    maximum = serializers.CharField(source="current.maximum", default=None, read_only=True)
    percent = serializers.CharField(source="current.percent", default=None, read_only=True)
    outcome = serializers.CharField(source="current.outcome", default=None, read_only=True)

    class Meta:
        model = Grade
        fields = (
            "id", "edition", "project", "receipt", "status", "needs_regrade",
            "moderation_asked_at", "version", "released_at", "revision", "rubric", "total",
            "maximum", "percent", "outcome",
        )  # fmt: skip


class GradeDetailSerializer(GradeSerializer):
    marks = RecordedMarkSerializer(source="current.marks", many=True, default=list, read_only=True)
    overall = serializers.CharField(source="current.overall", default="", read_only=True)
    reason = serializers.CharField(source="current.reason", default="", read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(GradeSerializer.Meta):
        fields = (*GradeSerializer.Meta.fields, "marks", "overall", "reason", "abilities")  # type: ignore[assignment]

    def get_abilities(self, grade: Grade) -> dict[str, bool]:
        can = desk_of(grade.submission, self.context["request"].user).can
        is_ready = grade.status == GradeStatus.READY_FOR_RELEASE
        return {
            "agree": can["agree"],
            "moderate": can["moderate"],
            "reopen": can["reopen_grade"],
            "confirm": can["confirm_marks"],
            "prepare_release": can["prepare_release"],
            "release": can["release"] and is_ready,
            "amend": can["amend"],
        }


class AgreeBody(VersionBody):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class ReopenBody(VersionBody):
    reason = serializers.CharField(max_length=1000)


class AmendBody(MarksBody):
    reason = serializers.CharField(max_length=1000)


class GradeViewSet(ResourceViewSet):
    queryset = Grade.objects.none()
    serializer_class = GradeSerializer
    detail_serializer_class = GradeDetailSerializer
    filterset_fields = ("edition__slug", "status", "submission", "needs_regrade")

    def get_queryset(self) -> QuerySet[Grade]:
        found = Grade.objects.visible_to(self.by).select_related(
            "edition", "current__rubric", "attempt"
        )
        if self.action == "list":
            return found.defer("attempt__sections", "current__marks", "current__overall")
        return found.select_related("submission__owner__user", "submission__edition")

    def _move(
        self, move: Callable[..., Any], body: type[StrictSerializer], **fields: Any
    ) -> Response:
        grade = self.get_object()
        given = self.read_body(body)
        if "marks" in given:
            given["marks"] = marks_of(given["marks"])
        move(grade=grade, by=self.by, at=self.at, **given, **fields)
        serializer = GradeDetailSerializer(self.get_object(), context=self.get_serializer_context())
        return Response(serializer.data)

    @extend_schema(request=AgreeBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def agree(self, request: Request, pk: str | None = None) -> Response:
        """The marks handed in last become the grade; the participant sees nothing yet."""
        return self._move(agree_grade, AgreeBody)

    @extend_schema(request=VersionBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def moderate(self, request: Request, pk: str | None = None) -> Response:
        """Ask for a second pair of eyes."""
        return self._move(moderate_grade, VersionBody)

    @extend_schema(request=ReopenBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        return self._move(reopen_grade, ReopenBody)

    @extend_schema(request=ReopenBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str | None = None) -> Response:
        """Leave the marks standing after a newer rubric was published."""
        return self._move(confirm_marks, ReopenBody)

    @extend_schema(request=VersionBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"], url_path="prepare-release")
    def prepare_release(self, request: Request, pk: str | None = None) -> Response:
        return self._move(prepare_release, VersionBody)

    @extend_schema(request=VersionBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Show the grade to its participant."""
        return self._move(release_grade, VersionBody)

    @extend_schema(request=AmendBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, pk: str | None = None) -> Response:
        """Change a released grade by a new revision; the participant is told."""
        return self._move(amend_grade, AmendBody)
