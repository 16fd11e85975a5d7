"""Appeals: a participant's own, and those of an edition for its staff."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.marking import MarksBody, VersionBody, marks_of
from api.views import ResourceViewSet
from assessments.actions.appeals import (
    assign_appeal,
    decide_appeal,
    make_appeal,
    save_appeal_marks,
)
from assessments.enums import AppealStatus
from assessments.models import Appeal, Grade
from assessments.selectors.appeals import appeal_abilities, appeal_markers_for
from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.programme.models import Edition


class AppealSerializer(serializers.ModelSerializer[Appeal]):
    """`revision`: the number of the decision that is appealed; `decided_as`: of the one that
    came of it, where the grade was amended."""

    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    project = serializers.IntegerField(source="grade.submission_id", read_only=True)
    revision = serializers.IntegerField(source="revision.number", read_only=True)
    appealed_by = serializers.CharField(source="appealed_by.name", read_only=True)
    decided_as = serializers.IntegerField(source="decided_as.number", default=None, read_only=True)

    class Meta:
        model = Appeal
        fields: tuple[str, ...] = (
            "id", "edition", "grade", "project", "revision", "status", "reason", "appealed_at",
            "appealed_by", "assigned_at", "decided_at", "decision", "decided_as", "version",
        )  # fmt: skip


class AppealDetailSerializer(AppealSerializer):
    """`marker`, `assessment` and `markers` (who might look at it) are for staff: null and
    empty for those who wrote the project."""

    marker = serializers.SerializerMethodField()
    assessment = serializers.SerializerMethodField()
    assessment_version = serializers.SerializerMethodField()
    markers = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(AppealSerializer.Meta):
        fields = (
            *AppealSerializer.Meta.fields, "marker", "assessment", "assessment_version", "markers",
            "abilities",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_marker(self, appeal: Appeal) -> str | None:
        if appeal.assessment is None or not self._is_staff(appeal):
            return None
        return str(appeal.assessment.marker)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_assessment(self, appeal: Appeal) -> int | None:
        return appeal.assessment_id if self._is_staff(appeal) else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_assessment_version(self, appeal: Appeal) -> int | None:
        if appeal.assessment is None or not self._is_staff(appeal):
            return None
        return appeal.assessment.version

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_markers(self, appeal: Appeal) -> list[int]:
        may = self._is_staff(appeal) and self.get_abilities(appeal)["assign"]
        return appeal_markers_for(appeal.grade) if may else []

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, appeal: Appeal) -> dict[str, bool]:
        return appeal_abilities(appeal, self.context["request"].user)

    def _is_staff(self, appeal: Appeal) -> bool:
        user: User = self.context["request"].user
        writes = appeal.grade.submission.members.filter(enrolment__user=user).exists()
        return not writes and user.has_perm("assessments.view_appeals", appeal)


class MakeAppealBody(StrictSerializer):
    grade = serializers.IntegerField(help_text="Id of the grade, at /grades/.")
    revision = serializers.IntegerField(help_text="Number of the decision that is appealed.")
    reason = serializers.CharField(max_length=5000)


class AssignAppealBody(VersionBody):
    marker = serializers.IntegerField(help_text="Id of an instructor, one of `markers`.")


class DecideAppealBody(MarksBody):
    """`base_version` is that of the assessment."""

    reason = serializers.CharField(max_length=1000)


class AppealViewSet(ResourceViewSet):
    queryset = Appeal.objects.none()
    serializer_class = AppealSerializer
    detail_serializer_class = AppealDetailSerializer
    filterset_fields = ("edition__slug", "status", "grade")

    def get_queryset(self) -> QuerySet[Appeal]:
        found = Appeal.objects.visible_to(self.by).select_related(
            "edition", "grade", "revision", "decided_as", "appealed_by"
        )
        if self.action == "list":
            return found.defer(
                "revision__marks", "revision__overall", "decided_as__marks", "decided_as__overall"
            )
        return found.select_related("assessment__marker", "grade__submission__owner")

    @extend_schema(request=MakeAppealBody, responses={201: AppealDetailSerializer})
    def create(self, request: Request) -> Response:
        """Ask that one's released grade be looked at again, with the reason."""
        body = self.read_body(MakeAppealBody)
        grades = Grade.objects.visible_to(self.by)
        grade = get_object_or_404(grades, pk=body.pop("grade"))
        appeal = make_appeal(grade=grade, by=self.by, at=self.at, **body)
        return self.detail_of(appeal, 201)

    @extend_schema(request=AssignAppealBody, responses=AppealDetailSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str | None = None) -> Response:
        """Give it to an instructor who had no part in the grade; or take it oneself."""
        appeal = self.get_object()
        body = self.read_body(AssignAppealBody)
        marker = User.objects.filter(pk=body.pop("marker")).first()
        if marker is None:
            raise InvalidInput(errors={"marker": [_("Choose one of the markers.")]})
        assign_appeal(appeal=appeal, marker=marker, by=self.by, at=self.at, **body)
        return self.detail_of(appeal)

    @extend_schema(request=MarksBody, responses=AppealDetailSerializer)
    @action(detail=True, methods=["put"])
    def marks(self, request: Request, pk: str | None = None) -> Response:
        """Save what its marker has changed since `base_version` of the assessment."""
        appeal = self.get_object()
        body = self.read_body(MarksBody)
        body["marks"] = marks_of(body["marks"])
        save_appeal_marks(appeal=appeal, by=self.by, at=self.at, **body)
        return self.detail_of(appeal)

    @extend_schema(request=DecideAppealBody, responses=AppealDetailSerializer)
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: str | None = None) -> Response:
        """The grade stands; those who wrote the project are told why."""
        return self._decide(AppealStatus.UPHELD)

    @extend_schema(request=DecideAppealBody, responses=AppealDetailSerializer)
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, pk: str | None = None) -> Response:
        """Amend the grade by a new revision that rests on the marks of the appeal."""
        return self._decide(AppealStatus.AMENDED)

    def _decide(self, decision: AppealStatus) -> Response:
        appeal = self.get_object()
        body: dict[str, Any] = self.read_body(DecideAppealBody)
        body["marks"] = marks_of(body["marks"])
        decide_appeal(appeal=appeal, decision=decision, by=self.by, at=self.at, **body)
        return self.detail_of(appeal)
