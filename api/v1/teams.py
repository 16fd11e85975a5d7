"""Teams: moves on a project, and the invitations to one."""

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer, StrictSerializer
from api.views import ResourceViewSet
from assessments.actions import (
    accept_invitation,
    add_member,
    decline_invitation,
    invite_member,
    leave_team,
    remove_member,
    take_up_draft,
    withdraw_invitation,
)
from assessments.models import Submission, TeamInvitation, TeamMember
from assessments.selectors.anonymity import projects_hiding
from assessments.selectors.team import colleagues_of, team_of, teams_of
from lms.core.errors import PermissionDenied
from lms.core.numbers import whole_number
from lms.core.permissions import abilities, may_in_person
from lms.programme.models import Edition, Enrolment


class TeamMemberSerializer(serializers.ModelSerializer[TeamMember]):
    enrolment = serializers.IntegerField(source="enrolment_id", read_only=True)
    name = serializers.CharField(source="enrolment.user.name", read_only=True)

    class Meta:
        model = TeamMember
        fields: tuple[str, ...] = ("id", "enrolment", "name", "joined_at")


class TeamInvitationSerializer(serializers.ModelSerializer[TeamInvitation]):
    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    enrolment = serializers.IntegerField(source="enrolment_id", read_only=True)
    name = serializers.CharField(source="enrolment.user.name", read_only=True)
    invited_by = serializers.CharField(source="invited_by.name", read_only=True)

    class Meta:
        model = TeamInvitation
        fields: tuple[str, ...] = (
            "id", "project", "enrolment", "name", "status", "invited_by", "invited_at",
            "expires_at", "closed_at",
        )  # fmt: skip


class TeamInvitationDetailSerializer(TeamInvitationSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(TeamInvitationSerializer.Meta):
        fields = (*TeamInvitationSerializer.Meta.fields, "abilities")

    def get_abilities(self, invitation: TeamInvitation) -> dict[str, bool]:
        user = self.context["request"].user
        may = abilities(
            user,
            invitation,
            accept="assessments.answer_invitation",
            decline="assessments.answer_invitation",
            withdraw="assessments.manage_invitation",
        )
        is_open = invitation.closed_at is None
        return {name: is_open and allowed for name, allowed in may.items()}


class InviteBody(StrictSerializer):
    enrolment = serializers.IntegerField(help_text="Place of a participant of the same city.")


class AddMemberBody(InviteBody):
    reason = serializers.CharField(max_length=1000)


class RemoveMemberBody(StrictSerializer):
    member = serializers.IntegerField(help_text="Id of the member, from the project's `team`.")
    reason = serializers.CharField(max_length=1000)


class LeaveBody(StrictSerializer):
    reason = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")


class ColleagueSerializer(serializers.Serializer[Any]):
    enrolment = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="user.name")


class FormerMemberSerializer(TeamMemberSerializer):
    class Meta(TeamMemberSerializer.Meta):
        fields = (*TeamMemberSerializer.Meta.fields, "left_at", "reason")


class TeamSerializer(serializers.Serializer[Any]):
    """A project and who writes it; what they write is not told."""

    project = serializers.IntegerField(source="pk")
    owner = serializers.CharField(source="owner.user.name")
    city = serializers.CharField(source="owner.city.name")
    status = serializers.CharField()
    members = serializers.SerializerMethodField()
    former_members = serializers.SerializerMethodField()

    @extend_schema_field(FormerMemberSerializer(many=True))
    def get_former_members(self, project: Submission) -> Any:
        gone = [member for member in project.members.all() if member.left_at is not None]
        return FormerMemberSerializer(gone, many=True).data

    @extend_schema_field(TeamMemberSerializer(many=True))
    def get_members(self, project: Submission) -> Any:
        present = [member for member in project.members.all() if member.left_at is None]
        return TeamMemberSerializer(present, many=True).data


class EditionTeams:
    """/editions/{slug}/teams/."""

    get_object: Any
    by: Any

    @extend_schema(responses=TeamSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def teams(self, request: Request, slug: str | None = None) -> Response:
        """Who writes which project, for coordinators; also what nobody has handed in yet."""
        edition = self.get_object()
        if not self.by.has_perm("assessments.view_teams", edition):
            raise PermissionDenied
        return Response(TeamSerializer(teams_of(edition, self.by), many=True).data)


class TeamMoves:
    """Moves of /projects/{id}/ that are about who writes it."""

    get_object: Any
    read_body: Any
    by: Any
    at: Any
    get_serializer_context: Any

    @extend_schema(responses=ColleagueSerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def colleagues(self, request: Request, pk: str | None = None) -> Response:
        """Participants of the same city who are not in the team: whom to invite or add."""
        submission = self._to_arrange(pk)
        if not (
            may_in_person(self.by, "assessments.write_submission", submission)
            or self.by.has_perm("assessments.arrange_team", submission)
        ):
            raise PermissionDenied
        return Response(ColleagueSerializer(colleagues_of(submission), many=True).data)

    @extend_schema(request=InviteBody, responses={201: TeamInvitationSerializer})
    @action(detail=True, methods=["post"])
    def invite(self, request: Request, pk: str | None = None) -> Response:
        """Ask a participant of the same city; asked again, the same invitation."""
        submission = self.get_object()
        invitation = invite_member(
            submission=submission,
            enrolment=self._place(submission, self.read_body(InviteBody)["enrolment"]),
            by=self.by,
            at=self.at,
        )
        return Response(TeamInvitationSerializer(invitation).data, status=201)

    @extend_schema(request=LeaveBody, responses={204: None})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str | None = None) -> Response:
        """Leave the team; what was handed in together stays readable."""
        submission = self.get_object()
        leave_team(submission=submission, by=self.by, at=self.at, **self.read_body(LeaveBody))
        return Response(status=204)

    @extend_schema(request=RemoveMemberBody, responses=TeamMemberSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="remove-member")
    def remove_member(self, request: Request, pk: str | None = None) -> Response:
        submission = self._to_arrange(pk)
        body = self.read_body(RemoveMemberBody)
        member = get_object_or_404(submission.members.present(), pk=body["member"])
        remove_member(member=member, reason=body["reason"], by=self.by, at=self.at)
        return self._team(submission)

    @extend_schema(request=AddMemberBody, responses=TeamMemberSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="add-member")
    def add_member(self, request: Request, pk: str | None = None) -> Response:
        """For coordinators, in any state of the project."""
        submission = self._to_arrange(pk)
        body = self.read_body(AddMemberBody)
        add_member(
            submission=submission,
            enrolment=self._place(submission, body["enrolment"]),
            reason=body["reason"],
            by=self.by,
            at=self.at,
        )
        return self._team(submission)

    @extend_schema(request=NoBodySerializer, responses=TeamMemberSerializer(many=True))
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """Write on in one's own draft that was set aside for a team."""
        submission = self.get_object()
        self.read_body(NoBodySerializer)
        return self._team(take_up_draft(submission=submission, by=self.by, at=self.at))

    def _to_arrange(self, pk: str | None) -> Submission:
        """A project one sees, or one of an edition one works for, handed in or not."""
        taught = Q(parked_at=None, edition__in=Edition.objects.taught_by(self.by))
        seen = Q(pk__in=Submission.objects.visible_to(self.by).values("pk"))
        projects = Submission.objects.filter(seen | taught)
        return get_object_or_404(
            projects.select_related("project", "guidelines", "owner__user"), pk=whole_number(pk)
        )

    def _place(self, submission: Submission, pk: int) -> Enrolment:
        """Whom the guidelines let join is for the action to say; others are not there."""
        places = Enrolment.objects.filter(
            edition=submission.edition_id, city=submission.owner.city_id
        )
        return get_object_or_404(places.select_related("user"), pk=pk)

    def _team(self, submission: Submission) -> Response:
        return Response(TeamMemberSerializer(team_of(submission), many=True).data)


class TeamInvitationViewSet(ResourceViewSet):
    queryset = TeamInvitation.objects.none()
    serializer_class = TeamInvitationSerializer
    detail_serializer_class = TeamInvitationDetailSerializer
    filterset_fields = ("submission", "status")

    def get_queryset(self) -> QuerySet[TeamInvitation]:
        return (
            TeamInvitation.objects.visible_to(self.by)
            .exclude(submission__project__in=projects_hiding(self.by))
            .select_related("enrolment__user", "invited_by", "submission__owner")
        )

    @extend_schema(request=NoBodySerializer, responses=TeamInvitationDetailSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str | None = None) -> Response:
        """Join the team; a draft of one's own is set aside, whole."""
        return self._move(accept_invitation)

    @extend_schema(request=NoBodySerializer, responses=TeamInvitationDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str | None = None) -> Response:
        return self._move(decline_invitation)

    @extend_schema(request=NoBodySerializer, responses=TeamInvitationDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        return self._move(withdraw_invitation)

    def _move(self, move: Any) -> Response:
        invitation = self.get_object()
        self.read_body(NoBodySerializer)
        move(invitation=invitation, by=self.by, at=self.at)
        context = self.get_serializer_context()
        return Response(TeamInvitationDetailSerializer(self.get_object(), context=context).data)
