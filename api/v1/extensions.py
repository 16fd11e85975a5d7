"""More time for one project: asked for by its writers, decided by coordinators."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, InstantField, NoBodySerializer, StrictSerializer, TextField
from api.views import ResourceViewSet
from assessments.actions.extensions import (
    MOST_AT_ONCE,
    decide_extensions,
    give_extension,
    grant_extension,
    refuse_extension,
    request_extension,
    shorten_extension,
    take_back_extension,
)
from assessments.actions.giving_time import give_time_to
from assessments.enums import GIVEN, ExtensionStatus
from assessments.models import Extension, ExtensionDecision, Submission
from assessments.selectors.anonymity import projects_hiding
from assessments.selectors.project import project_of
from lms.core.permissions import may_in_person, require_perm
from lms.programme.models import Edition, Enrolment

_DECISIONS = {"grant": grant_extension, "refuse": refuse_extension}


class ExtensionSerializer(serializers.ModelSerializer[Extension]):
    project = serializers.PrimaryKeyRelatedField[Submission](source="submission", read_only=True)
    requested_by = serializers.CharField(source="requested_by.name", read_only=True)

    class Meta:
        model = Extension
        fields: tuple[str, ...] = (
            "id", "project", "status", "wanted_at", "wanted_zone", "reason", "requested_at",
            "requested_by", "is_unasked", "until_at", "until_zone",
        )  # fmt: skip


class ExtensionDecisionSerializer(serializers.ModelSerializer[ExtensionDecision]):
    decided_by = serializers.CharField(source="decided_by.name", read_only=True)

    class Meta:
        model = ExtensionDecision
        fields = ("status", "until_at", "reason", "decided_at", "decided_by")


class ExtensionDetailSerializer(ExtensionSerializer):
    decisions = ExtensionDecisionSerializer(many=True, read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(ExtensionSerializer.Meta):
        fields = (*ExtensionSerializer.Meta.fields, "decisions", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, extension: Extension) -> dict[str, bool]:
        user = self.context["request"].user
        waits = extension.status == ExtensionStatus.REQUESTED
        decides = user.has_perm("assessments.decide_extension", extension.submission)
        writes = may_in_person(user, "assessments.write_submission", extension.submission)
        return {
            "take_back": waits and writes,
            "grant": waits and decides,
            "refuse": waits and decides,
            "shorten": decides and (waits or extension.status in GIVEN),
        }


class RequestExtensionSerializer(StrictSerializer):
    project = serializers.IntegerField(help_text="Id of the project.")
    wanted_at = InstantField(help_text="With its offset.")
    wanted_zone = serializers.CharField(
        max_length=64, required=False, default="",
        help_text="IANA zone the time is meant in; that of the deadline without it.",
    )  # fmt: skip
    reason = TextField()


class GrantExtensionSerializer(StrictSerializer):
    reason = TextField()
    counts_as_on_time = serializers.BooleanField(
        default=False,
        help_text="What was handed in late meanwhile, within this time, counts as on time.",
    )


class ShortenExtensionSerializer(GrantExtensionSerializer):
    until_at = InstantField(help_text="With its offset.")
    until_zone = serializers.CharField(max_length=64, required=False, default="")


class GiveExtensionSerializer(ShortenExtensionSerializer):
    project = serializers.IntegerField(
        required=False, help_text="Id of the project, as at /editions/…/at-risk/."
    )
    enrolment = serializers.IntegerField(
        required=False,
        help_text="Instead, of somebody who has not begun: an empty draft is begun for them.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("project" in attrs) == ("enrolment" in attrs):
            raise serializers.ValidationError({"project": [_("Give a project or an enrolment.")]})
        if "enrolment" in attrs and attrs.pop("counts_as_on_time"):
            raise serializers.ValidationError({"counts_as_on_time": [_("Nothing came late.")]})
        return attrs


class RefuseExtensionSerializer(StrictSerializer):
    reason = TextField()


class DecideSerializer(StrictSerializer):
    extensions = serializers.ListField(child=IdField(), min_length=1, max_length=MOST_AT_ONCE)
    decision = serializers.ChoiceField(choices=[*_DECISIONS])
    reason = TextField()


class NotDecidedSerializer(serializers.Serializer[Any]):
    extension = serializers.IntegerField()
    code = serializers.CharField()
    sentence = serializers.CharField()


class DecidedSerializer(serializers.Serializer[Any]):
    decided = ExtensionSerializer(many=True)
    refused = NotDecidedSerializer(many=True, help_text="Those that could not be decided: why.")


class ExtensionViewSet(ResourceViewSet):
    queryset = Extension.objects.none()
    serializer_class = ExtensionSerializer
    detail_serializer_class = ExtensionDetailSerializer
    filterset_fields = ("submission", "submission__edition__slug", "status")

    def get_queryset(self) -> Any:
        # Who asked for time, and for which project: not for whoever marks without names.
        rows = (
            Extension.objects.visible_to(self.by)
            .exclude(submission__project__in=projects_hiding(self.by))
            .select_related("requested_by")
        )
        if self.action == "list":
            return rows
        return rows.select_related("submission__owner", "submission__project").prefetch_related(
            "decisions__decided_by"
        )

    @extend_schema(request=RequestExtensionSerializer, responses={201: ExtensionDetailSerializer})
    def create(self, request: Request) -> Response:
        """Ask for more time for one's project; sent again while it waits, the same request."""
        body = self.read_body(RequestExtensionSerializer)
        submission = get_object_or_404(
            Submission.objects.visible_to(self.by).select_related("project"), pk=body["project"]
        )
        extension = request_extension(
            submission=submission,
            wanted_at=body["wanted_at"],
            wanted_zone=body["wanted_zone"] or submission.project.deadline_zone,
            reason=body["reason"],
            by=self.by,
            at=self.at,
        )
        return self._detail(extension, status=201)

    @extend_schema(request=GiveExtensionSerializer, responses={201: ExtensionDetailSerializer})
    @action(detail=False, methods=["post"])
    def give(self, request: Request) -> Response:
        """A coordinator gives time that nobody asked for; sent again, it is the same."""
        body = self.read_body(GiveExtensionSerializer)
        if "enrolment" in body:
            return self._give_unbegun(body)
        projects = Submission.objects.in_hand().filter(
            edition__in=Edition.objects.taught_by(self.by)
        )
        submission = get_object_or_404(projects.select_related("project"), pk=body.pop("project"))
        body["until_zone"] = body["until_zone"] or submission.project.deadline_zone
        extension = give_extension(submission=submission, by=self.by, at=self.at, **body)
        return self._detail(extension, status=201)

    def _give_unbegun(self, body: dict[str, Any]) -> Response:
        people = Enrolment.objects.filter(edition__in=Edition.objects.taught_by(self.by))
        enrolment = get_object_or_404(people.select_related("edition"), pk=body.pop("enrolment"))
        project = project_of(enrolment.edition)
        if project is None:
            raise Http404
        body["until_zone"] = body["until_zone"] or project.deadline_zone
        extension = give_time_to(
            enrolment=enrolment, project=project, by=self.by, at=self.at, **body
        )  # fmt: skip
        return self._detail(extension, status=201)

    @extend_schema(request=DecideSerializer, responses=DecidedSerializer)
    @action(detail=False, methods=["post"])
    def decide(self, request: Request) -> Response:
        """Grant or refuse several requests with one reason; one that cannot be decided holds
        up none of the others."""
        body = self.read_body(DecideSerializer)
        wanted = set(body["extensions"])
        # Projects are locked in this order, and with a key (api.once) all of them until the
        # end: two people who decide of the same ones wait for each other.
        rows = self.get_queryset().filter(pk__in=wanted).order_by("submission_id", "pk")
        found = list(rows.select_related("requested_by", "submission__project"))
        if len(found) != len(wanted):
            raise Http404
        for row in found:
            require_perm(self.by, "assessments.decide_extension", row.submission)
        decided, refused = decide_extensions(
            extensions=found,
            decide=_DECISIONS[body["decision"]],
            reason=body["reason"],
            by=self.by,
            at=self.at,
        )
        answer = {
            "decided": decided,
            "refused": [
                {"extension": row.pk, "code": why.code, "sentence": " ".join(why.sentences)}
                for row, why in refused
            ],
        }
        return Response(DecidedSerializer(answer).data)

    @extend_schema(request=NoBodySerializer, responses=ExtensionDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str | None = None) -> Response:
        extension = self.get_object()
        self.read_body(NoBodySerializer)
        return self._detail(take_back_extension(extension=extension, by=self.by, at=self.at))

    @extend_schema(request=GrantExtensionSerializer, responses=ExtensionDetailSerializer)
    @action(detail=True, methods=["post"])
    def grant(self, request: Request, pk: str | None = None) -> Response:
        """Give the time that was asked for."""
        extension = self.get_object()
        body = self.read_body(GrantExtensionSerializer)
        return self._detail(grant_extension(extension=extension, by=self.by, at=self.at, **body))

    @extend_schema(request=ShortenExtensionSerializer, responses=ExtensionDetailSerializer)
    @action(detail=True, methods=["post"])
    def shorten(self, request: Request, pk: str | None = None) -> Response:
        """Give less time than was asked for, or less than was given."""
        extension = self.get_object()
        body = self.read_body(ShortenExtensionSerializer)
        body["until_zone"] = body["until_zone"] or extension.submission.project.deadline_zone
        return self._detail(shorten_extension(extension=extension, by=self.by, at=self.at, **body))

    @extend_schema(request=RefuseExtensionSerializer, responses=ExtensionDetailSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str | None = None) -> Response:
        extension = self.get_object()
        body = self.read_body(RefuseExtensionSerializer)
        return self._detail(refuse_extension(extension=extension, by=self.by, at=self.at, **body))

    def _detail(self, extension: Extension, status: int = 200) -> Response:
        stored = Extension.objects.select_related("requested_by", "submission__owner").get(
            pk=extension.pk
        )
        context = self.get_serializer_context()
        return Response(ExtensionDetailSerializer(stored, context=context).data, status=status)
