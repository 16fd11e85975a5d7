"""What stands between a draft and its submission, before anything is sent."""

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.actions.drafts import require_draft
from assessments.selectors.project import readiness_of
from assessments.selectors.sections import outline_of
from assessments.selectors.uploads import hands_itself_in_by, intent_in_force
from lms.core.permissions import require_in_person


class NamedSectionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()


class MisfitSerializer(serializers.Serializer[Any]):
    file = serializers.UUIDField(
        source="file.pk", allow_null=True, default=None, help_text="Null: there are too many."
    )
    sentence = serializers.CharField()


class ArrivingSerializer(serializers.Serializer[Model]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    offset = serializers.IntegerField()


class ChecklistSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(help_text="Of the draft: `base_version` of `submit`.")
    is_ready = serializers.BooleanField(
        help_text="Nothing stands against it but uploads, which may be left out (`without`)."
    )
    missing = NamedSectionSerializer(many=True, help_text="Required, and empty.")
    short = NamedSectionSerializer(many=True, help_text="Not half as long as recommended.")
    misfits = MisfitSerializer(many=True, help_text="Files the guidelines do not take.")
    uploads = ArrivingSerializer(many=True, help_text="Still on their way.")
    required_guidelines = serializers.IntegerField(
        allow_null=True, help_text="Version to adopt first; null where none is required."
    )
    deadline_at = serializers.DateTimeField(help_text="Official.")
    deadline_zone = serializers.CharField()
    effective_deadline_at = serializers.DateTimeField()
    effective_reason = serializers.CharField()
    is_late = serializers.BooleanField(help_text="Submitted now, it would be late.")
    is_closed = serializers.BooleanField(help_text="Late, and late projects are not accepted.")
    intent_until_at = serializers.DateTimeField(
        allow_null=True, help_text="Until when uploads under way count as on time (`intent`)."
    )
    hands_itself_in_by = serializers.DateTimeField(
        allow_null=True, help_text="After the deadline: it waits for files until then."
    )


class Checklist:
    """/projects/{id}/checklist/."""

    get_object: Any
    by: Any
    at: Any

    @extend_schema(responses=ChecklistSerializer)
    @action(detail=True, methods=["get"])
    def checklist(self, request: Request, pk: str | None = None) -> Response:
        """What `submit` would say now, for those who write the draft. 409 `not_a_draft` when
        it is none."""
        submission = self.get_object()
        require_in_person(self.by, "assessments.write_submission", submission)
        require_draft(submission)
        found, intent = readiness_of(submission, self.at), intent_in_force(submission, self.at)
        against = (found.missing, found.misfits, found.outdated_by, found.is_closed)
        body = {
            "version": submission.version,
            "is_ready": not any(against),
            "missing": found.missing,
            "short": [section for section in outline_of(submission) if section.is_short],
            "misfits": found.misfits,
            "uploads": found.uploads,
            "required_guidelines": found.outdated_by.number if found.outdated_by else None,
            "deadline_at": submission.project.deadline_at,
            "deadline_zone": submission.project.deadline_zone,
            "effective_deadline_at": found.deadline.at,
            "effective_reason": found.deadline.reason,
            "is_late": found.is_late,
            "is_closed": found.is_closed,
            "intent_until_at": intent.until_at if intent else None,
            "hands_itself_in_by": hands_itself_in_by(submission, self.at),
        }
        return Response(ChecklistSerializer(body).data)
