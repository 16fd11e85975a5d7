"""What was handed in: attempts and their receipts, never changed."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.views import ResourceViewSet
from assessments.enums import TextFormat
from assessments.models import Attempt, AttemptFile, AttemptMember, Submission
from assessments.selectors.project import submission_abilities
from assessments.selectors.receipts import code_of
from assessments.selectors.sections import html_of_attempt
from lms.core.rich_text import text_of


class AttemptFileSerializer(serializers.ModelSerializer[AttemptFile]):
    id = serializers.UUIDField(source="file_id", read_only=True)

    class Meta:
        model = AttemptFile
        fields = ("id", "name", "sha256", "size", "media_type")


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """A receipt. `received_at` is the server's clock."""

    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    guidelines_number = serializers.IntegerField(source="guidelines.number", read_only=True)
    guidelines_sha256 = serializers.CharField(source="guidelines.sha256", read_only=True)
    submitted_by = serializers.CharField(source="submitted_by.name", read_only=True)

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = (
            "receipt", "project", "number", "received_at", "is_late", "deadline_at",
            "deadline_zone", "effective_deadline_at", "effective_reason", "content_sha256",
            "guidelines_number", "guidelines_sha256", "submitted_by",
        )  # fmt: skip


class AttemptDetailSerializer(AttemptSerializer):
    sections = serializers.SerializerMethodField(help_text="As plain text.")
    sections_html = serializers.SerializerMethodField(help_text="As it was written.")
    files = AttemptFileSerializer(many=True, read_only=True)
    members = serializers.SlugRelatedField[AttemptMember](
        slug_field="name", many=True, read_only=True, help_text="As they handed it in."
    )
    code = serializers.SerializerMethodField(help_text="For POST /receipts/verify/.")
    abilities = serializers.SerializerMethodField()

    class Meta(AttemptSerializer.Meta):
        fields = (
            *AttemptSerializer.Meta.fields, "text_format", "sections", "sections_html",
            "files", "members", "code", "abilities",
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
        moves = submission_abilities(self.context["request"].user, attempt.submission)
        is_in_hand = attempt.number == attempt.submission.attempt
        return {name: is_in_hand and moves[name] for name in ("withdraw", "return_for_revision")}


class SubmissionViewSet(ResourceViewSet):
    queryset = Attempt.objects.none()
    serializer_class = AttemptSerializer
    detail_serializer_class = AttemptDetailSerializer
    lookup_field = "receipt"
    lookup_value_regex = r"[A-Z0-9-]{1,24}"
    filterset_fields = ("submission", "submission__edition__slug", "is_late")

    def get_queryset(self) -> Any:
        return Attempt.objects.visible_to(self.by).select_related(
            "guidelines", "submission__owner", "submitted_by"
        )
