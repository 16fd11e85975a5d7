"""The marking queue, and one marker's work on an attempt."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from assessments.actions.marking import (
    decline_marking,
    reopen_marking,
    save_marks,
    submit_assessment,
)
from assessments.enums import MarkerRole
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Criterion,
    Level,
    Submission,
)
from assessments.selectors.desk import desk_of
from assessments.selectors.marking import criteria_of, desk_criteria, result_of
from lms.programme.models import Edition


class LevelSerializer(serializers.ModelSerializer[Level]):
    class Meta:
        model = Level
        fields = ("key", "title", "points", "descriptor")


class CriterionSerializer(serializers.ModelSerializer[Criterion]):
    levels = LevelSerializer(many=True, read_only=True)

    class Meta:
        model = Criterion
        fields = ("key", "title", "description", "weight", "levels")


class RecordedMarkSerializer(serializers.Serializer[Any]):
    """A mark as it was handed in or decided; numbers as strings."""

    criterion = serializers.CharField()
    title = serializers.CharField()
    level = serializers.CharField()
    level_title = serializers.CharField()
    points = serializers.CharField()
    max_points = serializers.CharField()
    weight = serializers.CharField()
    comment = serializers.CharField()


class AssessmentRevisionSerializer(serializers.ModelSerializer[AssessmentRevision]):
    marks = RecordedMarkSerializer(many=True, read_only=True)

    class Meta:
        model = AssessmentRevision
        fields = ("number", "marks", "overall", "total", "maximum", "percent", "at")


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    """`project` is the id at /projects/, `receipt` that of the attempt."""

    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    receipt = serializers.CharField(source="attempt.receipt", read_only=True)
    marker = PersonSerializer(read_only=True)

    class Meta:
        model = Assessment
        fields = (
            "id", "edition", "project", "receipt", "marker", "role", "status", "version",
            "allocated_at", "started_at", "saved_at", "submitted_at",
        )  # fmt: skip


class GivenMarkSerializer(serializers.Serializer[Any]):
    criterion = serializers.CharField()
    level = serializers.CharField(allow_null=True)
    comment = serializers.CharField()


class AssessmentDetailSerializer(AssessmentSerializer):
    """`percent` is what the saved marks come to; null while one is missing."""

    criteria = serializers.SerializerMethodField()
    marks = serializers.SerializerMethodField()
    percent = serializers.SerializerMethodField()
    revisions = AssessmentRevisionSerializer(many=True, read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(AssessmentSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *AssessmentSerializer.Meta.fields,
            "overall", "criteria", "marks", "percent", "revisions", "abilities",
        )  # fmt: skip

    @extend_schema_field(CriterionSerializer(many=True))
    def get_criteria(self, assessment: Assessment) -> Any:
        criteria = list(criteria_of(assessment.attempt.rubric_id).values())
        return CriterionSerializer(criteria, many=True).data

    @extend_schema_field(GivenMarkSerializer(many=True))
    def get_marks(self, assessment: Assessment) -> list[dict[str, Any]]:
        criteria = criteria_of(assessment.attempt.rubric_id)
        given = assessment.marks
        return [{"criterion": key, **given[key]} for key in criteria if key in given]

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_percent(self, assessment: Assessment) -> str | None:
        """Of this assessment's own marks, whoever has the project in hand by now."""
        result = result_of(desk_criteria(assessment.attempt, assessment))
        return str(result.percent) if result else None

    def get_abilities(self, assessment: Assessment) -> dict[str, bool]:
        desk = desk_of(assessment.submission, self.context["request"].user)
        is_in_hand = desk.assessment is not None and desk.assessment.pk == assessment.pk
        names = {
            "start": "start", "decline": "decline", "save_marks": "mark", "submit": "mark",
            "reopen": "reopen_marks", "hand_over": "allocate",
        }  # fmt: skip
        return {name: is_in_hand and desk.can[of] for name, of in names.items()}


class MarkBody(StrictSerializer):
    """What changes for one criterion: a level (null takes it back), a comment, or both."""

    criterion = serializers.CharField(max_length=50)
    level = serializers.CharField(max_length=50, required=False, allow_null=True)
    comment = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=20_000
    )


class ReceiptBody(StrictSerializer):
    """`receipt`: of the attempt one means; that of another one is refused (wrong_attempt)."""

    receipt = serializers.CharField(max_length=40, required=False)


class MarksBody(ReceiptBody):
    base_version = serializers.IntegerField(min_value=0)
    marks = MarkBody(many=True, required=False, default=list)
    overall = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=20_000
    )

    def validate_marks(self, marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
        keys = [mark["criterion"] for mark in marks]
        if len(set(keys)) != len(keys):
            raise serializers.ValidationError(_("A criterion stands here twice."))
        return marks


class VersionBody(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)


class AssessmentVersionBody(VersionBody, ReceiptBody):
    pass


class ReasonBody(StrictSerializer):
    reason = serializers.CharField(max_length=1000)


class DeclineBody(AssessmentVersionBody, ReasonBody):
    pass


class MarkerBody(StrictSerializer):
    marker = serializers.IntegerField()
    role = serializers.ChoiceField(
        choices=[MarkerRole.FIRST, MarkerRole.SECOND], default=MarkerRole.FIRST
    )


def marks_of(body: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Criterion key → what changes, as the actions take it."""
    return {
        mark["criterion"]: {name: mark[name] for name in ("level", "comment") if name in mark}
        for mark in body
    }


class AssessmentViewSet(ResourceViewSet):
    queryset = Assessment.objects.none()
    serializer_class = AssessmentSerializer
    detail_serializer_class = AssessmentDetailSerializer
    filterset_fields = ("edition__slug", "status", "submission", "marker")

    def get_queryset(self) -> QuerySet[Assessment]:
        found = Assessment.objects.visible_to(self.by).select_related("edition", "marker")
        if self.action == "list":
            return found.select_related("attempt").defer("attempt__sections", "overall")
        return (
            found.readable_by(self.by)
            .select_related("attempt", "submission__owner__user", "submission__edition")
            .prefetch_related("revisions")
        )

    def _answer(self) -> Response:
        """The assessment as it is now."""
        serializer = AssessmentDetailSerializer(
            self.get_object(), context=self.get_serializer_context()
        )
        return Response(serializer.data)

    @extend_schema(request=MarksBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["put"])
    def marks(self, request: Request, pk: str | None = None) -> Response:
        """Save what changed since `base_version`; totals are the server's."""
        assessment = self.get_object()
        body = self.read_body(MarksBody)
        save_marks(
            assessment=assessment,
            base_version=body["base_version"],
            marks=marks_of(body["marks"]),
            overall=body.get("overall"),
            receipt=body.get("receipt"),
            by=self.by,
            at=self.at,
        )
        return self._answer()

    @extend_schema(request=AssessmentVersionBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        """Hand in the marks; every criterion has a level."""
        assessment = self.get_object()
        body = self.read_body(AssessmentVersionBody)
        submit_assessment(assessment=assessment, by=self.by, at=self.at, **body)
        return self._answer()

    @extend_schema(request=AssessmentVersionBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        assessment = self.get_object()
        body = self.read_body(AssessmentVersionBody)
        reopen_marking(assessment=assessment, by=self.by, at=self.at, **body)
        return self._answer()

    @extend_schema(request=DeclineBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str | None = None) -> Response:
        assessment = self.get_object()
        body = self.read_body(DeclineBody)
        decline_marking(assessment=assessment, by=self.by, at=self.at, **body)
        return self._answer()
