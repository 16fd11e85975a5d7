"""What was handed in: attempts and their receipts, never changed."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.views import ResourceViewSet
from assessments.models import Attempt, AttemptFile, Submission
from assessments.selectors.project import submission_abilities


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

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = (
            "receipt", "project", "number", "received_at", "is_late", "deadline_at",
            "deadline_zone", "effective_deadline_at", "effective_reason", "content_sha256",
            "guidelines_number", "guidelines_sha256",
        )  # fmt: skip


class AttemptDetailSerializer(AttemptSerializer):
    sections = serializers.SerializerMethodField()
    files = AttemptFileSerializer(many=True, read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(AttemptSerializer.Meta):
        fields = (*AttemptSerializer.Meta.fields, "sections", "files", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_sections(self, attempt: Attempt) -> dict[str, str]:
        return dict(attempt.sections)

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
        return Attempt.objects.visible_to(self.by).select_related("guidelines", "submission__owner")
