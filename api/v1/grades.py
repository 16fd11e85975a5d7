"""Grades: a participant's own once released, those of an edition for its staff."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.files import AnyKindAccepted
from api.v1.marking import MarksBody, RecordedMarkSerializer, VersionBody, marks_of
from api.views import ResourceViewSet
from assessments.actions.grades import (
    agree_grade,
    amend_grade,
    confirm_marks,
    moderate_grade,
    prepare_release,
    reopen_grade,
)
from assessments.actions.releasing import release_grade
from assessments.actions.voiding import void_grade
from assessments.feedback_pdf import feedback_pdf
from assessments.models import Grade, Submission
from assessments.selectors.appeals import can_appeal
from assessments.selectors.desk import desk_of
from assessments.selectors.feedback import feedback_of
from assessments.selectors.grade_history import history_of, since_release
from assessments.selectors.team import writes_with
from lms.core.downloads import as_pdf
from lms.programme.models import Edition

OF_DECISION = ("revision", "rubric", "total", "maximum", "percent", "outcome")


class GradeSerializer(serializers.ModelSerializer[Grade]):
    """The decision in force. Before it is agreed `percent`, `outcome` … are null; also after
    it was reopened for a second marker, until both have handed in."""

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

    def to_representation(self, instance: Grade) -> Any:
        body = super().to_representation(instance)
        if getattr(instance, "is_kept_back", False):
            body |= dict.fromkeys(OF_DECISION)
        return body


class GradeDetailSerializer(GradeSerializer):
    marks = RecordedMarkSerializer(source="current.marks", many=True, default=list, read_only=True)
    overall = serializers.CharField(source="current.overall", default="", read_only=True)
    reason = serializers.CharField(source="current.reason", default="", read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(GradeSerializer.Meta):
        fields = (*GradeSerializer.Meta.fields, "marks", "overall", "reason", "abilities")  # type: ignore[assignment]

    def to_representation(self, instance: Grade) -> Any:
        """What staff told each other on the way to the grade is not for its participant;
        the reason of an amendment is."""
        body = super().to_representation(instance)
        revision, user = instance.current, self.context["request"].user
        if not user.has_perm("assessments.view_marking", instance):
            body["moderation_asked_at"] = None
            released_at = instance.released_at
            if revision is None or released_at is None or revision.at <= released_at:
                body["reason"] = ""
        if getattr(instance, "is_kept_back", False):
            body |= {"marks": [], "overall": "", "reason": ""}
        return body

    def get_abilities(self, grade: Grade) -> dict[str, bool]:
        can = desk_of(grade.submission, self.context["request"].user).can
        return {
            "agree": can["agree"],
            "moderate": can["moderate"],
            "reopen": can["reopen_grade"],
            "confirm": can["confirm_marks"],
            "prepare_release": can["prepare_release"],
            "release": can["release"],
            "amend": can["amend"],
            "void": can["void"],
            "appeal": can_appeal(grade, self.context["request"].user),
            "feedback": grade.is_visible_to_participant,
        }


class GradeChangeSerializer(serializers.Serializer[Any]):
    """`before`, `after`: titles of levels; `comment`: HTML with what came and went."""

    title = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    comment = serializers.CharField(allow_null=True)


class GradeEntrySerializer(serializers.Serializer[Any]):
    verb = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    what = serializers.CharField()
    why = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()
    changes = GradeChangeSerializer(many=True)


class GradeHistorySerializer(serializers.Serializer[Any]):
    """The oldest first."""

    entries = GradeEntrySerializer(many=True)


class AgreeBody(MarksBody):
    """`marks`, `overall`: what is decided in another way than it was marked; where two
    markers differ, a level for each criterion they differ on."""

    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    comments_of = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        required=False,
        max_length=10,
        help_text="Assessments whose comments in the text go with the grade; all without it.",
    )


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
        found = (
            Grade.objects.visible_to(self.by)
            .saying_what_is_kept_back()
            .select_related("edition", "current__rubric", "attempt")
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
        """Decide to release this grade, by the rules of the edition: with its confirmation and
        its time to undo it (see /releases/)."""
        return self._move(release_grade, VersionBody)

    @extend_schema(request=AmendBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, pk: str | None = None) -> Response:
        """Change a released grade by a new revision; the participant is told."""
        return self._move(amend_grade, AmendBody)

    @extend_schema(request=ReopenBody, responses=GradeDetailSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str | None = None) -> Response:
        """No grade for this project; those who wrote it are told, with the reason."""
        return self._move(void_grade, ReopenBody)

    @extend_schema(responses=GradeHistorySerializer)
    @action(detail=True, methods=["get"])
    def history(self, request: Request, pk: str | None = None) -> Response:
        """Who did what, when, from what to what and why: all of it for the staff of the
        edition, what happened since the release for those who wrote the project."""
        grade = self.get_object()
        writes = writes_with(self.by, grade.submission)
        entries = since_release(grade) if writes else history_of(grade, self.by)
        return Response(GradeHistorySerializer({"entries": entries}).data)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyKindAccepted)
    def feedback(self, request: Request, pk: str | None = None) -> HttpResponseBase:
        """The feedback as a PDF; 404 before the release, for staff as well."""
        feedback = feedback_of(self.get_object())
        if feedback is None:
            raise Http404
        return as_pdf(feedback_pdf(feedback), name=feedback.file_name)
