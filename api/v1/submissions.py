"""What was handed in: attempts and their receipts, never changed; and how a late one
counts, which is decided beside it."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.files import AnyKindAccepted
from api.v1.hidden_names import HiddenNamesMixin
from api.views import ResourceViewSet
from assessments.actions.lateness import MAX_REASON, rule_on_lateness
from assessments.models import (
    Attempt,
    AttemptFile,
    AttemptLeftOut,
    AttemptMember,
    LatenessRuling,
    Submission,
)
from assessments.receipt_pdf import receipt_pdf
from assessments.selectors.anonymity import code_of as code_of_project
from assessments.selectors.lateness import counting, lateness_of, may_rule_on
from assessments.selectors.project import submission_abilities
from assessments.selectors.receipts import code_of
from assessments.selectors.sections import html_of_attempt
from lms.core.downloads import as_pdf
from lms.core.rich_fields import TextFormat
from lms.core.rich_text import text_of


class AttemptFileSerializer(serializers.ModelSerializer[AttemptFile]):
    id = serializers.UUIDField(source="file_id", read_only=True)

    class Meta:
        model = AttemptFile
        fields = ("id", "name", "sha256", "size", "media_type")


class AttemptLeftOutSerializer(serializers.ModelSerializer[AttemptLeftOut]):
    """On its way when the project was handed in, and no part of it."""

    class Meta:
        model = AttemptLeftOut
        fields = ("upload", "name", "size", "offset", "note")


class LatenessRulingSerializer(serializers.ModelSerializer[LatenessRuling]):
    ruled_by = serializers.CharField(source="ruled_by.name", read_only=True)

    class Meta:
        model = LatenessRuling
        fields = (
            "is_late", "reason", "effective_deadline_at", "extension", "ruled_at", "ruled_by",
        )  # fmt: skip


class RuleOnLatenessSerializer(StrictSerializer):
    is_late = serializers.BooleanField(help_text="Whether it goes on to count as late.")
    reason = serializers.CharField(max_length=MAX_REASON)


class AttemptSerializer(HiddenNamesMixin, serializers.ModelSerializer[Attempt]):
    """A receipt. `received_at` is the server's clock. Whoever marks it anonymously is not
    told who submitted it."""

    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    guidelines_number = serializers.IntegerField(source="guidelines.number", read_only=True)
    guidelines_sha256 = serializers.CharField(source="guidelines.sha256", read_only=True)
    submitted_by = serializers.CharField(source="submitted_by.name", read_only=True)
    counts_as_late = serializers.SerializerMethodField(
        help_text="`is_late`, unless it was decided otherwise since."
    )

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = (
            "receipt", "project", "number", "received_at", "is_late", "counts_as_late",
            "deadline_at", "deadline_zone", "effective_deadline_at", "effective_reason",
            "content_sha256", "guidelines_number", "guidelines_sha256", "submitted_by",
        )  # fmt: skip

    def to_representation(self, instance: Attempt) -> Any:
        body = super().to_representation(instance)
        if self.hides(instance.submission):
            body |= {"submitted_by": code_of_project(instance.submission_id)}
            if "members" in body:
                body |= {"members": [], "code": "", "files": self._files_without_names(body)}
        return body

    def _files_without_names(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        return [
            {**file, "name": f"{number}.{file['name'].rpartition('.')[2].lower()}", "sha256": ""}
            for number, file in enumerate(body["files"], 1)
        ]

    def get_counts_as_late(self, attempt: Attempt) -> bool:
        if hasattr(attempt, "counts_as_late"):
            return bool(attempt.counts_as_late)
        return lateness_of(attempt).counts_as_late


class AttemptDetailSerializer(AttemptSerializer):
    sections = serializers.SerializerMethodField(help_text="As plain text.")
    sections_html = serializers.SerializerMethodField(help_text="As it was written.")
    files = AttemptFileSerializer(many=True, read_only=True)
    left_out = AttemptLeftOutSerializer(many=True, read_only=True)
    rulings = LatenessRulingSerializer(many=True, read_only=True)
    members = serializers.SlugRelatedField[AttemptMember](
        slug_field="name", many=True, read_only=True, help_text="As they handed it in."
    )
    code = serializers.SerializerMethodField(help_text="For POST /receipts/verify/.")
    abilities = serializers.SerializerMethodField()

    class Meta(AttemptSerializer.Meta):
        fields = (
            *AttemptSerializer.Meta.fields, "text_format", "sections", "sections_html",
            "files", "left_out", "rulings", "members", "code", "abilities",
        )  # fmt: skip

    def get_code(self, attempt: Attempt) -> str:
        return code_of(attempt)

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_sections(self, attempt: Attempt) -> dict[str, str]:
        if attempt.text_format == TextFormat.TEXT:
            return dict(attempt.sections)
        return {key: text_of(html) for key, html in attempt.sections.items()}

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_sections_html(self, attempt: Attempt) -> dict[str, str]:
        return html_of_attempt(attempt)

    def get_abilities(self, attempt: Attempt) -> dict[str, bool]:
        """The moves of its project (POST /projects/{id}/…/), while it is the attempt in hand."""
        user = self.context["request"].user
        moves = submission_abilities(user, attempt.submission, self.context["view"].at)
        is_in_hand = attempt.number == attempt.submission.attempt
        return {
            "withdraw": is_in_hand and moves["withdraw"],
            "return_for_revision": is_in_hand and moves["return_for_revision"],
            "rule_on_lateness": may_rule_on(user, attempt),
        }


class SubmissionViewSet(ResourceViewSet):
    queryset = Attempt.objects.none()
    serializer_class = AttemptSerializer
    detail_serializer_class = AttemptDetailSerializer
    lookup_field = "receipt"
    lookup_value_regex = r"[A-Z0-9-]{1,24}"
    filterset_fields = ("submission", "submission__edition__slug", "is_late")

    def get_queryset(self) -> Any:
        attempts = Attempt.objects.visible_to(self.by).select_related(
            "guidelines",
            "submission__owner",
            "submission__project",
            "submission__grade",
            "submitted_by",
        )
        if self.action == "list":
            return counting(attempts)
        return attempts.prefetch_related("rulings__ruled_by", "left_out")

    @extend_schema(request=RuleOnLatenessSerializer, responses=AttemptDetailSerializer)
    @action(detail=True, methods=["post"])
    def lateness(self, request: Request, receipt: str) -> Response:
        """Decide how a late attempt counts. For it to count as on time, the deadline that
        holds for the project now has to reach to when it was received."""
        attempt = self.get_object()
        body = self.read_body(RuleOnLatenessSerializer)
        rule_on_lateness(attempt=attempt, by=self.by, at=self.at, **body)
        context = self.get_serializer_context()
        return Response(AttemptDetailSerializer(self.get_object(), context=context).data)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyKindAccepted)
    def pdf(self, request: Request, receipt: str) -> HttpResponse:
        """The receipt on paper; not for whoever marks the project without names."""
        attempt = self.get_object()
        return as_pdf(receipt_pdf(attempt, self.by), name=f"{attempt.receipt}.pdf")
