"""Deadlines of projects: moves of /projects/{id}/ and of /editions/{slug}/ about time."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.drafts import SavedDraftSerializer
from assessments.actions.at_deadline import (
    ask_for_deadline_submission,
    call_off_deadline_submission,
)
from assessments.actions.deadlines import MAX_REMINDER_HOURS, set_reminders
from assessments.actions.guidelines import require_guidelines
from assessments.actions.taking_along import take_along
from assessments.models import DeadlineSubmission, Project
from assessments.selectors.at_risk import Show, risk_rows
from assessments.selectors.guidelines import GuidelinesChanges, changes_between, outdated_by
from assessments.selectors.misfits import Misfit, misfits_in
from assessments.selectors.project import newer_guidelines
from assessments.selectors.sections import sections_set_aside
from assessments.selectors.team import reads_draft
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.permissions import may_in_person


class DeadlineSubmissionSerializer(serializers.ModelSerializer[DeadlineSubmission]):
    """The wish that the last complete draft be handed in at the deadline."""

    asked_by = serializers.CharField(source="asked_by.name", read_only=True)
    receipt = serializers.CharField(source="attempt.receipt", read_only=True, default=None)

    class Meta:
        model = DeadlineSubmission
        fields = (
            "attempt_number", "status", "asked_at", "asked_by", "settled_at", "receipt",
            "draft_version", "draft_saved_at", "note",
        )  # fmt: skip


class SectionChangeSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=[("added", "Added"), ("removed", "Removed"), ("changed", "Changed")]
    )
    key = serializers.CharField()
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())
    help = serializers.CharField(
        allow_null=True, help_text="HTML with <ins> and <del>; the text itself where it is new."
    )
    written = serializers.IntegerField(help_text="Words that the draft has there.")


class TextChangeSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(source="label")
    html = serializers.CharField()


class DeadlineMovedSerializer(serializers.Serializer[Any]):
    before = serializers.DateTimeField()
    after = serializers.DateTimeField()
    zone = serializers.CharField()


class GuidelinesChangesSerializer(serializers.Serializer[Any]):
    before = serializers.IntegerField(source="before.number")
    after = serializers.IntegerField(source="after.number")
    sections = SectionChangeSerializer(many=True)
    texts = TextChangeSerializer(many=True)
    limits = serializers.ListField(child=serializers.CharField())
    deadline = DeadlineMovedSerializer(allow_null=True)
    holds_anyway = serializers.ListField(child=serializers.CharField())
    required_version = serializers.IntegerField(
        allow_null=True,
        help_text="The version that staff require; the draft has to move before it is submitted.",
    )
    misfits = serializers.ListField(
        child=serializers.CharField(), help_text="Attached files that the newest do not take."
    )


class SetAsideSerializer(serializers.Serializer[Any]):
    """A text of a section that the draft's guidelines no longer have."""

    key = serializers.CharField()
    title = serializers.CharField(help_text="When it was last in the guidelines.")
    text = serializers.CharField()
    html = serializers.CharField()
    words = serializers.IntegerField()


class TakeAlongSerializer(StrictSerializer):
    key = serializers.CharField(max_length=50, help_text="A section that is set aside.")
    into = serializers.CharField(max_length=50, help_text="A section of the guidelines.")
    base_version = serializers.IntegerField(min_value=0)


class DeadlineMoves:
    """Moves of /projects/{id}/ that are about time and guidelines."""

    get_object: Any
    read_body: Any
    by: Any
    at: Any

    @extend_schema(request=NoBodySerializer, responses=DeadlineSubmissionSerializer)
    @action(detail=True, methods=["post"], url_path="submit-at-deadline")
    def submit_at_deadline(self, request: Request, pk: str | None = None) -> Response:
        """Have the last complete draft handed in at the effective deadline."""
        submission = self.get_object()
        self.read_body(NoBodySerializer)
        wish = ask_for_deadline_submission(submission=submission, by=self.by, at=self.at)
        return Response(DeadlineSubmissionSerializer(wish).data)

    @extend_schema(request=NoBodySerializer, responses=DeadlineSubmissionSerializer)
    @action(detail=True, methods=["post"], url_path="do-not-submit-at-deadline")
    def do_not_submit_at_deadline(self, request: Request, pk: str | None = None) -> Response:
        submission = self.get_object()
        self.read_body(NoBodySerializer)
        wish = call_off_deadline_submission(submission=submission, by=self.by, at=self.at)
        return Response(DeadlineSubmissionSerializer(wish).data)

    @extend_schema(responses={200: GuidelinesChangesSerializer, 204: None})
    @action(detail=True, methods=["get"], url_path="guidelines-changes")
    def guidelines_changes(self, request: Request, pk: str | None = None) -> Response:
        """What the newest guidelines change for the draft; nothing where it follows them.
        `written` is told to its writers alone."""
        submission = self.get_object()
        newer = newer_guidelines(submission)
        if newer is None:
            return Response(status=204)
        writes = may_in_person(self.by, "assessments.write_submission", submission)
        changes = changes_between(
            submission.guidelines, newer, submission.sections if writes else None
        )
        required = outdated_by(submission)
        misfits = misfits_in(submission, newer) if writes else ()
        body = GuidelinesChangesSerializer(
            _Shown(changes, required.number if required else None, misfits)
        )
        return Response(body.data)

    @extend_schema(responses=SetAsideSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="set-aside", pagination_class=None)
    def set_aside(self, request: Request, pk: str | None = None) -> Response:
        """Texts that newer guidelines have no section for, for those who write the draft:
        outside what is handed in, until `take-along` puts them into a section."""
        submission = self.get_object()
        if not reads_draft(self.by, submission):
            raise PermissionDenied
        return Response(SetAsideSerializer(sections_set_aside(submission), many=True).data)

    @extend_schema(request=TakeAlongSerializer, responses=SavedDraftSerializer)
    @action(detail=True, methods=["post"], url_path="take-along")
    def take_along(self, request: Request, pk: str | None = None) -> Response:
        """Put a text that was set aside under what stands in a section."""
        submission = self.get_object()
        body = self.read_body(TakeAlongSerializer)
        saved = take_along(submission=submission, by=self.by, at=self.at, **body)
        return Response(SavedDraftSerializer(saved).data)


class _Shown:
    """The changes with the version that is required and the files that do not fit."""

    def __init__(
        self,
        changes: GuidelinesChanges,
        required_version: int | None,
        misfits: Iterable[Misfit],
    ) -> None:
        self.changes, self.required_version = changes, required_version
        self.misfits = [misfit.sentence for misfit in misfits]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.changes, name)


class RemindersSerializer(StrictSerializer):
    hours = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=MAX_REMINDER_HOURS),
        allow_empty=True,
        help_text="Hours before each person's effective deadline; at most 6.",
    )


class RequireGuidelinesSerializer(StrictSerializer):
    number = serializers.IntegerField(min_value=0, help_text="0 takes the requirement back.")
    reason = serializers.CharField(max_length=1000)


class ProjectSettingsSerializer(serializers.Serializer[Project]):
    reminder_hours = serializers.ListField(child=serializers.IntegerField())
    required_guidelines = serializers.IntegerField(
        source="required_guidelines.number", allow_null=True, default=None
    )


class RiskSerializer(serializers.Serializer[Any]):
    enrolment = serializers.IntegerField(source="standing.enrolment.pk")
    name = serializers.CharField(source="standing.enrolment.user.name")
    city = serializers.CharField(source="standing.enrolment.city.name")
    project = serializers.IntegerField(source="submission.pk", allow_null=True, default=None)
    status = serializers.CharField(
        allow_null=True,
        help_text="Null: not begun, perhaps with an empty draft that came with given time.",
    )
    required_written = serializers.IntegerField(source="done")
    required_sections = serializers.IntegerField(source="required")
    words = serializers.IntegerField()
    saved_at = serializers.DateTimeField(allow_null=True)
    effective_deadline_at = serializers.DateTimeField(source="standing.deadline.at")
    effective_reason = serializers.CharField(source="standing.deadline.reason")
    asked_for_time_until = serializers.DateTimeField(
        source="request.wanted_at", allow_null=True, default=None
    )
    waits_for_deadline = serializers.BooleanField()
    has_handed_in = serializers.BooleanField(source="standing.has_handed_in")
    is_late = serializers.BooleanField(help_text="Handed in late, and nobody has ruled otherwise.")
    is_at_risk = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())


class EditionDeadlineMoves:
    """Moves of /editions/{slug}/ about the deadline of its projects."""

    get_object: Any
    read_body: Any
    by: Any
    at: Any

    @extend_schema(request=RemindersSerializer, responses=ProjectSettingsSerializer)
    @action(detail=True, methods=["post"])
    def reminders(self, request: Request, slug: str | None = None) -> Response:
        """Set how many hours before the deadline people are reminded."""
        project = self._project("assessments.set_deadline")
        body = self.read_body(RemindersSerializer)
        project = set_reminders(project=project, by=self.by, at=self.at, **body)
        return Response(ProjectSettingsSerializer(project).data)

    @extend_schema(request=RequireGuidelinesSerializer, responses=ProjectSettingsSerializer)
    @action(detail=True, methods=["post"], url_path="require-guidelines")
    def require_guidelines(self, request: Request, slug: str | None = None) -> Response:
        """From now on projects are handed in on this version of the guidelines or a later."""
        project = self._project("assessments.require_guidelines")
        body = self.read_body(RequireGuidelinesSerializer)
        project = require_guidelines(project=project, by=self.by, at=self.at, **body)
        return Response(ProjectSettingsSerializer(project).data)

    @extend_schema(
        responses=RiskSerializer(many=True),
        parameters=[
            OpenApiParameter(
                "show", str, enum=Show.values, description="Everybody without it; `open`: all "
                "who have not handed in."
            )
        ],
    )  # fmt: skip
    @action(detail=True, methods=["get"], url_path="at-risk", pagination_class=None)
    def at_risk(self, request: Request, slug: str | None = None) -> Response:
        """Everybody who takes part, those with the least time left first: who has handed in,
        and how far the others are. What they write is not told."""
        rows = risk_rows(self._project("assessments.follow_deadlines"), self.at)
        shown = request.query_params.get("show", Show.ALL)
        if shown not in Show.values:
            raise InvalidInput(errors={"show": [_("There is no such filter.")]})
        rows = [row for row in rows if row.is_among(shown)]
        return Response(RiskSerializer(rows, many=True).data)

    def _project(self, permission: str) -> Project:
        edition = self.get_object()
        if not self.by.has_perm(permission, edition):
            raise PermissionDenied
        return get_object_or_404(Project, edition=edition)
