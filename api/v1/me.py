"""Who the caller is, and the editions they belong to, with the deadline of their projects."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.serializers import StrictSerializer, WallTimeField
from api.v1.deadlines import EditionDeadlineMoves
from api.v1.edition_project import EditionProject
from api.v1.marking_policy import EditionMarking
from api.v1.overviews import EditionMarkingOverview
from api.v1.sharing_rule import EditionSharingRule
from api.v1.teams import EditionTeams
from api.views import ResourceViewSet
from assessments.actions.deadlines import (
    MAX_GRACE_MINUTES,
    MAX_UPLOAD_WINDOW,
    require_deadline,
    set_deadline,
)
from assessments.models import Project
from assessments.selectors.setup import deadline_change
from lms.accounts.models import User
from lms.core.errors import PermissionDenied
from lms.core.permissions import abilities
from lms.programme.models import Edition, Phase
from lms.programme.selectors import Standing, standing_of


class PlaceSerializer(serializers.Serializer[Any]):
    edition = serializers.SlugField()
    city = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())


class MeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.EmailField()
    time_zone = serializers.CharField()
    places = PlaceSerializer(many=True)


def roles_in(standing: Standing, edition_id: int) -> list[str]:
    """Names of what somebody is in an edition, participant first."""
    roles = sorted({role for of, role, _city in standing.roles if of == edition_id})
    return (["participant"] if edition_id in standing.enrolments else []) + roles


class MeView(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)
        standing = standing_of(user)
        editions = Edition.objects.in_bulk(standing.edition_ids)
        places = [
            {
                "edition": edition.slug,
                "city": str(standing.enrolments[pk].city) if pk in standing.enrolments else None,
                "roles": roles_in(standing, pk),
            }
            for pk, edition in sorted(editions.items())
        ]
        body = {
            "name": user.name,
            "email": user.email,
            "time_zone": user.time_zone,
            "places": places,
        }
        return Response(MeSerializer(body).data)


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    class Meta:
        model = Phase
        fields = ("kind", "title", "starts_on", "ends_on", "time_zone")


class EditionSerializer(serializers.ModelSerializer[Edition]):
    class Meta:
        model = Edition
        fields: tuple[str, ...] = (
            "id", "slug", "name", "number", "place", "time_zone", "starts_on", "ends_on",
        )  # fmt: skip


class EditionDetailSerializer(EditionSerializer):
    phases = PhaseSerializer(many=True)
    abilities = serializers.SerializerMethodField()

    class Meta(EditionSerializer.Meta):
        fields = (*EditionSerializer.Meta.fields, "phases", "abilities")

    def get_abilities(self, edition: Edition) -> dict[str, bool]:
        return abilities(
            self.context["request"].user,
            edition,
            coordinate="programme.coordinate_edition",
            record_attendance="timetable.record_attendance",
            make_project="assessments.make_project",
            set_deadline="assessments.set_deadline",
            require_guidelines="assessments.require_guidelines",
            follow_deadlines="assessments.follow_deadlines",
        )


class DeadlineBodySerializer(StrictSerializer):
    wall = WallTimeField()
    zone = serializers.CharField(max_length=64, help_text="IANA zone of the clock.")
    grace_minutes = serializers.IntegerField(min_value=0, max_value=MAX_GRACE_MINUTES)
    accepts_late = serializers.BooleanField()
    upload_window_minutes = serializers.IntegerField(
        min_value=0,
        max_value=MAX_UPLOAD_WINDOW,
        required=False,
        help_text="How long uploads that run when somebody submits in time may go on after the "
        "deadline; without it, it stays as it is.",
    )
    preview = serializers.BooleanField(
        default=False, help_text="Say what would change, and change nothing."
    )


class DeadlineChangeSerializer(serializers.Serializer[Any]):
    effective_at = serializers.DateTimeField(
        source="until", help_text="On time until then, grace included."
    )
    not_handed_in = serializers.IntegerField(help_text="Participants it holds for.")
    handed_in = serializers.IntegerField(help_text="Projects that keep the old one.")
    sentence = serializers.CharField()


class EditionViewSet(
    EditionDeadlineMoves,
    EditionMarking,
    EditionMarkingOverview,
    EditionProject,
    EditionSharingRule,
    EditionTeams,
    ResourceViewSet,
):
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer
    detail_serializer_class = EditionDetailSerializer
    lookup_field = "slug"

    def get_queryset(self) -> Any:
        editions = Edition.objects.visible_to(self.by)
        return editions.prefetch_related("phases") if self.action == "retrieve" else editions

    @extend_schema(request=DeadlineBodySerializer, responses=DeadlineChangeSerializer)
    @action(detail=True, methods=["post"])
    def deadline(self, request: Request, slug: str | None = None) -> Response:
        """Set when the edition's projects are due (invariant 12), or see what that means."""
        edition = self.get_object()
        body = self.read_body(DeadlineBodySerializer)
        if not self.by.has_perm("assessments.set_deadline", edition):
            raise PermissionDenied
        project = get_object_or_404(Project, edition=edition)
        is_preview = body.pop("preview")
        require_deadline(
            body["wall"], body["zone"], body["grace_minutes"], body.get("upload_window_minutes")
        )
        change = deadline_change(project, at=self.at, **body)
        if not is_preview:
            set_deadline(project=project, by=self.by, at=self.at, **body)
        return Response(DeadlineChangeSerializer(change).data)
