"""How the projects of an edition are marked, two markers compared, and calibration."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.marking import GivenMarkSerializer, MarkBody, VersionBody, marks_of
from api.views import ResourceViewSet
from assessments.actions.calibration import (
    close_calibration,
    open_calibration,
    save_calibration,
    submit_calibration,
)
from assessments.actions.marking_policy import POLICY_FIELDS, set_marking_policy
from assessments.enums import SecondMarkingRule
from assessments.models import CalibrationMarks, CalibrationRound, MarkingPolicy, Project
from assessments.selectors.calibration import comparison_of, comparison_rows, may_compare
from assessments.selectors.compared import compared_projects
from assessments.selectors.policy import policy_of
from lms.core.errors import PermissionDenied
from lms.core.permissions import may_in_person
from lms.programme.models import Edition


class MarkingPolicySerializer(serializers.ModelSerializer[MarkingPolicy]):
    class Meta:
        model = MarkingPolicy
        fields = (*POLICY_FIELDS, "version")


class MarkingPolicyBody(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    second_marking = serializers.ChoiceField(choices=SecondMarkingRule.choices, required=False)
    sample_percent = serializers.IntegerField(min_value=1, max_value=100, required=False)
    divergence_percent = serializers.IntegerField(min_value=1, max_value=100, required=False)
    is_anonymous = serializers.BooleanField(required=False)
    confirm_release = serializers.BooleanField(required=False)
    undo_minutes = serializers.IntegerField(min_value=0, max_value=120, required=False)
    appeal_days = serializers.IntegerField(min_value=0, max_value=90, required=False)


class ComparedCriterionSerializer(serializers.Serializer[Any]):
    criterion = serializers.CharField(source="key")
    title = serializers.CharField()
    first = serializers.CharField(source="first.level")
    second = serializers.CharField(source="second.level")


class ComparedProjectSerializer(serializers.Serializer[Any]):
    """A project that two people have marked; numbers as strings. `points` apart, of the
    percentage, without a sign."""

    project = serializers.IntegerField(source="submission_id")
    receipt = serializers.CharField()
    first_percent = serializers.CharField(source="divergence.first.percent")
    second_percent = serializers.CharField(source="divergence.second.percent")
    points = serializers.CharField(source="divergence.points")
    crosses_pass = serializers.BooleanField(source="divergence.crosses_pass")
    criteria = ComparedCriterionSerializer(source="divergence.criteria", many=True)


class EditionMarking:
    """Moves of /editions/{slug}/ about how its projects are marked."""

    get_object: Any
    read_body: Any
    by: Any
    at: Any

    @extend_schema(methods=["get"], responses=MarkingPolicySerializer)
    @extend_schema(methods=["put"], request=MarkingPolicyBody, responses=MarkingPolicySerializer)
    @action(detail=True, methods=["get", "put"], url_path="marking-policy")
    def marking_policy(self, request: Request, slug: str | None = None) -> Response:
        """How projects are marked. PUT changes what it names, for those whose marking has
        not begun."""
        project = self._marked("assessments.view_marking")
        if request.method == "PUT":
            body = self.read_body(MarkingPolicyBody)
            set_marking_policy(
                project=project,
                base_version=body.pop("base_version"),
                changes=body,
                by=self.by,
                at=self.at,
            )
        return Response(MarkingPolicySerializer(policy_of(project)).data)

    @extend_schema(responses=ComparedProjectSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="two-markers", pagination_class=None)
    def two_markers(self, request: Request, slug: str | None = None) -> Response:
        """Projects that two people have marked, the furthest apart first."""
        compared = compared_projects(self._marked("assessments.view_marking"), self.by)
        return Response(ComparedProjectSerializer(compared.rows, many=True).data)

    def _marked(self, permission: str) -> Project:
        edition = self.get_object()
        if not self.by.has_perm(permission, edition):
            raise PermissionDenied
        return get_object_or_404(Project, edition=edition)


class CalibrationSerializer(serializers.ModelSerializer[CalibrationRound]):
    edition = serializers.SlugRelatedField[Edition](
        source="project.edition", slug_field="slug", read_only=True
    )
    rubric_version = serializers.IntegerField(source="rubric.number", read_only=True)

    class Meta:
        model = CalibrationRound
        fields: tuple[str, ...] = (
            "id", "edition", "title", "is_required", "rubric_version", "version", "opened_at",
            "closed_at",
        )  # fmt: skip


class OwnCalibrationSerializer(serializers.Serializer[Any]):
    """What the caller gives the sample."""

    version = serializers.IntegerField()
    marks = GivenMarkSerializer(many=True)
    submitted_at = serializers.DateTimeField(allow_null=True)


class CalibrationDetailSerializer(CalibrationSerializer):
    """`own`: the caller's marks. `compared`: one row for each marker and criterion, once the
    caller has handed in or the round is closed; null before."""

    own = serializers.SerializerMethodField()
    compared = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(CalibrationSerializer.Meta):
        fields = (*CalibrationSerializer.Meta.fields, "text", "own", "compared", "abilities")

    def _own(self, calibration: CalibrationRound) -> CalibrationMarks | None:
        return calibration.marks.filter(marker=self.context["request"].user).first()

    @extend_schema_field(OwnCalibrationSerializer)
    def get_own(self, calibration: CalibrationRound) -> Any:
        own = self._own(calibration)
        if own is None:
            return {"version": 0, "marks": [], "submitted_at": None}
        return {
            "version": own.version,
            "marks": [{"criterion": key, **mark} for key, mark in own.marks.items()],
            "submitted_at": own.submitted_at,
        }

    def get_compared(self, calibration: CalibrationRound) -> list[list[str]] | None:
        user = self.context["request"].user
        coordinates = user.has_perm("assessments.calibrate", calibration.project)
        if not may_compare(calibration, user, coordinates=coordinates):
            return None
        rows = comparison_rows(comparison_of(calibration))
        return [[str(cell) for cell in row] for row in rows]

    def get_abilities(self, calibration: CalibrationRound) -> dict[str, bool]:
        user = self.context["request"].user
        own = self._own(calibration)
        is_open = calibration.closed_at is None
        marks = may_in_person(user, "assessments.mark_in_edition", calibration.project)
        return {
            "mark": marks and is_open and (own is None or own.submitted_at is None),
            "close": is_open and user.has_perm("assessments.calibrate", calibration.project),
        }


class OpenCalibrationBody(StrictSerializer):
    edition = serializers.CharField(help_text="Slug.")
    title = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=200_000, help_text="Plain text or HTML.")
    is_required = serializers.BooleanField(default=True)


class CalibrationMarksBody(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    marks = MarkBody(many=True, required=False, default=list)


class CalibrationViewSet(ResourceViewSet):
    """Rounds in which every marker marks the same sample."""

    queryset = CalibrationRound.objects.none()
    serializer_class = CalibrationSerializer
    detail_serializer_class = CalibrationDetailSerializer
    filterset_fields = ("project__edition__slug",)

    def get_queryset(self) -> QuerySet[CalibrationRound]:
        return (
            CalibrationRound.objects.filter(project__edition__in=Edition.objects.taught_by(self.by))
            .select_related("project__edition", "rubric")
            .order_by("pk")
        )

    @extend_schema(request=OpenCalibrationBody, responses={201: CalibrationDetailSerializer})
    def create(self, request: Request) -> Response:
        """Open a round on a sample; one at a time."""
        body = self.read_body(OpenCalibrationBody)
        editions = Edition.objects.visible_to(self.by)
        edition = get_object_or_404(editions, slug=body.pop("edition"))
        if not self.by.has_perm("assessments.calibrate", edition):
            raise PermissionDenied
        project = get_object_or_404(Project, edition=edition)
        calibration = open_calibration(project=project, by=self.by, at=self.at, **body)
        return self.detail_of(calibration, 201)

    @extend_schema(request=CalibrationMarksBody, responses=CalibrationDetailSerializer)
    @action(detail=True, methods=["put"])
    def marks(self, request: Request, pk: str | None = None) -> Response:
        """Save what changed since `base_version`."""
        return self._mark(save_calibration)

    @extend_schema(request=CalibrationMarksBody, responses=CalibrationDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        """Hand in one's marks for the sample; every criterion has a level."""
        return self._mark(submit_calibration)

    @extend_schema(request=VersionBody, responses=CalibrationDetailSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """End the round: everybody sees what everybody gave."""
        calibration = self.get_object()
        body = self.read_body(VersionBody)
        close_calibration(calibration=calibration, by=self.by, at=self.at, **body)
        return self.detail_of(calibration)

    def _mark(self, move: Any) -> Response:
        calibration = self.get_object()
        body = self.read_body(CalibrationMarksBody)
        move(
            calibration=calibration,
            base_version=body["base_version"],
            marks=marks_of(body["marks"]),
            by=self.by,
            at=self.at,
        )
        return self.detail_of(calibration)
