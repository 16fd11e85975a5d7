"""The marking queue, and one marker's work on an attempt."""

from typing import Any

from django.db.models import F, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPagination
from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.experiences import CitySerializer, PersonSerializer
from api.v1.submissions import LatenessRulingSerializer
from api.views import ResourceViewSet
from assessments.actions.marking import (
    allocate_marker,
    decline_marking,
    reopen_marking,
    save_marks,
    start_marking,
    submit_assessment,
)
from assessments.models import (
    Assessment,
    AssessmentRevision,
    Attempt,
    Criterion,
    Level,
    Project,
    Submission,
)
from assessments.models.team import was_in_team
from assessments.selectors.desk import desk_of, markers_for
from assessments.selectors.marking import desk_criteria, result_of
from assessments.selectors.queue import QueueFilter, QueueRow, queue_attempts, queue_rows
from lms.accounts.models import User
from lms.core.errors import InvalidInput
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
            "id", "edition", "project", "receipt", "marker", "status", "version", "allocated_at",
            "started_at", "saved_at", "submitted_at",
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
        criteria = Criterion.objects.filter(version=assessment.attempt.rubric_id)
        return CriterionSerializer(criteria.prefetch_related("levels"), many=True).data

    @extend_schema_field(GivenMarkSerializer(many=True))
    def get_marks(self, assessment: Assessment) -> list[dict[str, Any]]:
        return [
            {
                "criterion": mark.criterion.key,
                "level": mark.level.key if mark.level else None,
                "comment": mark.comment,
            }
            for mark in assessment.marks.select_related("criterion", "level")
        ]

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


class MarksBody(StrictSerializer):
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


class ReasonBody(StrictSerializer):
    reason = serializers.CharField(max_length=1000)


class DeclineBody(VersionBody, ReasonBody):
    pass


class MarkerBody(StrictSerializer):
    marker = serializers.IntegerField()


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
        return found.select_related(
            "attempt", "submission__owner__user", "submission__edition"
        ).prefetch_related("revisions")

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
            by=self.by,
            at=self.at,
        )
        return self._answer()

    @extend_schema(request=VersionBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        """Hand in the marks; every criterion has a level."""
        assessment = self.get_object()
        version = self.read_body(VersionBody)["base_version"]
        submit_assessment(assessment=assessment, base_version=version, by=self.by, at=self.at)
        return self._answer()

    @extend_schema(request=VersionBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        assessment = self.get_object()
        body = self.read_body(VersionBody)
        reopen_marking(assessment=assessment, by=self.by, at=self.at, **body)
        return self._answer()

    @extend_schema(request=DeclineBody, responses=AssessmentDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str | None = None) -> Response:
        assessment = self.get_object()
        body = self.read_body(DeclineBody)
        decline_marking(assessment=assessment, by=self.by, at=self.at, **body)
        return self._answer()


class QueueRowSerializer(serializers.Serializer[QueueRow]):
    """A submitted attempt in the queue. `state` is a sentence part for people."""

    receipt = serializers.CharField(source="attempt.receipt")
    project = serializers.IntegerField(source="attempt.submission_id")
    number = serializers.IntegerField(source="attempt.number")
    participant = PersonSerializer(source="attempt.owner.user")
    city = CitySerializer(source="attempt.owner.city")
    received_at = serializers.DateTimeField(source="attempt.received_at")
    is_late = serializers.BooleanField(source="attempt.is_late")
    counts_as_late = serializers.BooleanField(source="lateness.counts_as_late")
    effective_deadline_at = serializers.DateTimeField(source="attempt.effective_deadline_at")
    effective_reason = serializers.CharField(source="attempt.effective_reason")
    ruling = LatenessRulingSerializer(
        source="lateness.ruling", allow_null=True, help_text="Who decided how it counts, and why."
    )
    project_status = serializers.CharField(source="attempt.submission.status")
    state = serializers.CharField()
    assessment = serializers.IntegerField(source="assessment.pk", default=None)
    marker = PersonSerializer(source="assessment.marker", default=None)
    grade = serializers.IntegerField(source="grade.pk", default=None)
    has_conflict = serializers.BooleanField()


class QueueDetailSerializer(QueueRowSerializer):
    markers = serializers.ListField(child=serializers.IntegerField())
    abilities = serializers.DictField(child=serializers.BooleanField())


class QueuePagination(CursorPagination):
    ordering = ("queued_at", "queued_id")  # type: ignore[assignment]


class MarkingQueueViewSet(ResourceViewSet):
    """Attempts in hand of one edition, the longest waiting first."""

    queryset = Attempt.objects.none()
    serializer_class = QueueRowSerializer
    detail_serializer_class = QueueDetailSerializer
    pagination_class = QueuePagination
    filter_backends = ()
    lookup_field = "receipt"
    lookup_value_regex = r"[A-Z0-9-]{1,24}"

    def get_queryset(self) -> QuerySet[Attempt]:
        project = self._project()
        if project is None:
            return Attempt.objects.none().annotate(
                queued_at=F("received_at"), queued_id=F("submission_id")
            )
        shown = self.request.query_params.get("show", QueueFilter.UNMARKED)
        if shown not in QueueFilter.values:
            raise InvalidInput(errors={"show": [_("There is no such filter.")]})
        return queue_attempts(project, self.by, shown)

    def _project(self) -> Project | None:
        """Of the edition named, or of the newest one whose marking the caller sees."""
        slug = self.request.query_params.get("edition")
        projects = Project.objects.filter(edition__in=Edition.objects.visible_to(self.by))
        if slug:
            projects = projects.filter(edition__slug=slug)
        for project in projects.select_related("edition").order_by("-edition__starts_on"):
            if self.by.has_perm("assessments.view_marking", project.edition):
                return project
        if slug:
            raise Http404
        return None

    @extend_schema(
        parameters=[
            OpenApiParameter("edition", str, description="Slug; the newest one without it."),
            OpenApiParameter("show", str, enum=QueueFilter.values),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        serializer = self.get_serializer(queue_rows(page, self.by), many=True)
        return self.get_paginated_response(serializer.data)

    @extend_schema(responses=QueueDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._detail(self._attempt(kwargs["receipt"])))

    @extend_schema(request=NoBodySerializer, responses=AssessmentSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, receipt: str) -> Response:
        """Take the attempt and begin marking; it cannot be withdrawn any more."""
        attempt = self._attempt(receipt)
        self.read_body(NoBodySerializer)
        assessment = start_marking(submission=attempt.submission, by=self.by, at=self.at)
        return Response(AssessmentSerializer(assessment).data)

    @extend_schema(request=MarkerBody, responses=AssessmentSerializer)
    @action(detail=True, methods=["post"])
    def allocate(self, request: Request, receipt: str) -> Response:
        """Give the attempt to an instructor, in the place of whoever has it."""
        attempt = self._attempt(receipt)
        marker = User.objects.filter(
            pk=self.read_body(MarkerBody)["marker"], pk__in=markers_for(attempt.submission)
        ).first()
        if marker is None:
            raise InvalidInput(errors={"marker": [_("Choose one of the markers.")]})
        assessment = allocate_marker(
            submission=attempt.submission, marker=marker, by=self.by, at=self.at
        )
        return Response(AssessmentSerializer(assessment).data)

    def _attempt(self, receipt: str) -> Attempt:
        attempts = Attempt.objects.filter(
            submission__edition__in=Edition.objects.visible_to(self.by)
        ).filter(~was_in_team(self.by, "submission"))
        attempt = get_object_or_404(
            attempts.select_related(
                "submission__owner__user", "submission__edition", "owner__user", "owner__city"
            ),
            receipt=receipt,
        )
        in_hand = attempt.number == attempt.submission.attempt
        if not in_hand or not self.by.has_perm("assessments.view_marking", attempt.submission):
            raise Http404
        return attempt

    def _detail(self, attempt: Attempt) -> Any:
        [row] = queue_rows([attempt], self.by)
        desk = desk_of(attempt.submission, self.by)
        body = QueueRowSerializer(row).data
        return {**body, "markers": desk.markers, "abilities": desk.can}
