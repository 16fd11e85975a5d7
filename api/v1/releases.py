"""Releases of grades: the rehearsal, the decision, its confirmation, how it goes."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, StrictSerializer
from api.v1.marking import VersionBody
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from assessments.actions.carrying_out import retry_release
from assessments.actions.releasing import confirm_release, make_release, undo_release
from assessments.models import Release, ReleaseItem
from assessments.release_notifications import grade_released_message
from assessments.selectors.anonymity import ShownAs, shown_names
from assessments.selectors.releasing import (
    Rehearsal,
    items_of,
    rehearse,
    release_abilities,
    releases_of,
)
from lms.core.numbers import whole_numbers
from lms.programme.models import Edition


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """`sha256`: of what was rehearsed; `takes_effect_at`: until then it can be undone."""

    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    made_by = PersonSerializer(read_only=True)
    confirmed_by = PersonSerializer(read_only=True, allow_null=True)
    undone_by = PersonSerializer(read_only=True, allow_null=True)
    total = serializers.IntegerField(source="size", read_only=True)
    released = serializers.IntegerField(source="shown", read_only=True)
    left_out = serializers.IntegerField(source="kept_back", read_only=True)

    class Meta:
        model = Release
        fields: tuple[str, ...] = (
            "id", "edition", "status", "sha256", "needs_confirmation", "undo_minutes", "version",
            "made_at", "made_by", "confirmed_at", "confirmed_by", "takes_effect_at",
            "finished_at", "undone_at", "undone_by", "total", "released", "left_out",
        )  # fmt: skip


class ReleaseDetailSerializer(ReleaseSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(ReleaseSerializer.Meta):
        fields = (*ReleaseSerializer.Meta.fields, "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, release: Release) -> dict[str, bool]:
        return release_abilities(release, self.context["request"].user)


class ReleaseItemSerializer(serializers.ModelSerializer[ReleaseItem]):
    """`project` is the id at /projects/; `reason`: why it was left out."""

    project = serializers.IntegerField(source="grade.submission_id", read_only=True)
    revision = serializers.IntegerField(source="revision.number", read_only=True)

    class Meta:
        model = ReleaseItem
        fields = (
            "id", "grade", "project", "grade_version", "revision", "outcome", "reason",
            "settled_at",
        )  # fmt: skip


class RehearsedGradeSerializer(serializers.Serializer[Any]):
    """`person`: as the reader may know them. `recipients`: addresses the message goes to;
    empty where names are hidden."""

    grade = serializers.IntegerField()
    project = serializers.IntegerField()
    person = serializers.CharField()
    version = serializers.IntegerField()
    percent = serializers.CharField()
    outcome = serializers.CharField()
    is_outlier = serializers.BooleanField()
    is_near_pass = serializers.BooleanField()
    recipients = serializers.ListField(child=serializers.EmailField())


class LeftOutSerializer(serializers.Serializer[Any]):
    project = serializers.IntegerField()
    person = serializers.CharField()
    why = serializers.CharField()
    sentence = serializers.CharField()
    release = serializers.IntegerField(allow_null=True)


class RehearsedMessageSerializer(serializers.Serializer[Any]):
    """The message as it would be sent to the first recipient."""

    to = serializers.EmailField()
    subject = serializers.CharField()
    body = serializers.CharField()
    html = serializers.CharField()


class RehearsalSerializer(serializers.Serializer[Any]):
    """Results in per cent. `fences`: beyond them a result is far from the others (one and a
    half times the distance of the quartiles); null where there are fewer than eight."""

    edition = serializers.CharField()
    sha256 = serializers.CharField(help_text="Sent back to release exactly this.")
    passed = serializers.IntegerField()
    released = serializers.IntegerField(help_text="Projects whose grade is out already.")
    not_handed_in = serializers.IntegerField()
    lowest = serializers.CharField(allow_null=True)
    median = serializers.CharField(allow_null=True)
    highest = serializers.CharField(allow_null=True)
    fences = serializers.ListField(child=serializers.CharField(), allow_null=True)
    ready = RehearsedGradeSerializer(many=True)
    left_out = LeftOutSerializer(many=True)
    message = RehearsedMessageSerializer(allow_null=True)


class MakeReleaseBody(StrictSerializer):
    edition = serializers.SlugField()
    sha256 = serializers.CharField(max_length=64, help_text="Of the rehearsal.")
    grades = serializers.ListField(
        child=IdField(), required=False, allow_empty=False,
        help_text="Those that were rehearsed; all that are ready without it.",
    )  # fmt: skip


class ConfirmReleaseBody(VersionBody):
    sha256 = serializers.CharField(max_length=64)


class ReleaseViewSet(ResourceViewSet):
    queryset = Release.objects.none()
    serializer_class = ReleaseSerializer
    detail_serializer_class = ReleaseDetailSerializer
    filterset_fields = ("edition__slug", "status")

    def get_queryset(self) -> QuerySet[Release]:
        return releases_of().filter(pk__in=Release.objects.visible_to(self.by))

    @extend_schema(request=MakeReleaseBody, responses={201: ReleaseDetailSerializer})
    def create(self, request: Request) -> Response:
        """Decide to release what was rehearsed; 409 where it has changed since."""
        body = self.read_body(MakeReleaseBody)
        release = make_release(
            edition=self._edition(body["edition"]),
            sha256=body["sha256"],
            only=body.get("grades"),
            by=self.by,
            at=self.at,
        )
        return self.detail_of(release, 201)

    @extend_schema(
        parameters=[
            OpenApiParameter("edition", str, description="Slug; the newest one without it."),
            OpenApiParameter("grades", str, description="Ids with commas between; all without."),
        ],
        responses=RehearsalSerializer,
    )
    @action(detail=False, methods=["get"], pagination_class=None, filter_backends=())
    def rehearsal(self, request: Request) -> Response:
        """What a release would show to whom, and what it would leave out. Changes nothing."""
        edition = self._edition(request.query_params.get("edition", ""))
        asked = request.query_params.get("grades")
        only = whole_numbers(asked) if asked else None
        return Response(RehearsalSerializer(self._said(rehearse(edition, self.by, only=only))).data)

    @extend_schema(responses=ReleaseItemSerializer(many=True))
    @action(detail=True, methods=["get"], filter_backends=())
    def items(self, request: Request, pk: str | None = None) -> Response:
        """Each grade of it, and what became of it."""
        page = self.paginate_queryset(items_of(self.get_object(), self.by)) or []
        return self.get_paginated_response(ReleaseItemSerializer(page, many=True).data)

    @extend_schema(request=ConfirmReleaseBody, responses=ReleaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str | None = None) -> Response:
        """Confirm, as somebody else than who made it, exactly what was rehearsed."""
        release = self.get_object()
        confirm_release(
            release=release, by=self.by, at=self.at, **self.read_body(ConfirmReleaseBody)
        )
        return self.detail_of(release)

    @extend_schema(request=VersionBody, responses=ReleaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """Take it back before it takes effect; nobody was told."""
        release = self.get_object()
        undo_release(release=release, by=self.by, at=self.at, **self.read_body(VersionBody))
        return self.detail_of(release)

    @extend_schema(request=VersionBody, responses=ReleaseDetailSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: str | None = None) -> Response:
        """Go on with one that stopped."""
        release = self.get_object()
        retry_release(release=release, by=self.by, at=self.at, **self.read_body(VersionBody))
        return self.detail_of(release)

    def _edition(self, slug: str) -> Edition:
        """The one named, or the newest whose marking the caller follows."""
        taught = Edition.objects.taught_by(self.by).distinct()
        if slug:
            return get_object_or_404(taught, slug=slug)
        newest = taught.order_by("-starts_on", "-pk").first()
        if newest is None:
            raise Http404
        return newest

    def _said(self, rehearsal: Rehearsal) -> dict[str, Any]:
        found = [one.submission for one in rehearsal.ready]
        found += [one.submission for one in rehearsal.left_out]
        names: dict[int, ShownAs] = shown_names(found, self.by)
        distribution = rehearsal.distribution
        outliers = {one.grade.pk for one in rehearsal.outliers}
        near = {one.grade.pk for one in rehearsal.near_pass}
        told = [
            person for person, one in rehearsal.recipients if not names[one.submission.pk].is_hidden
        ]
        fences = distribution.fences
        return {
            "edition": rehearsal.edition.slug,
            "sha256": rehearsal.sha256,
            "passed": rehearsal.passed,
            "released": rehearsal.released,
            "not_handed_in": rehearsal.not_handed_in,
            "lowest": distribution.lowest,
            "median": distribution.median,
            "highest": distribution.highest,
            "fences": [fences.low, fences.high] if fences else None,
            "ready": [
                {
                    "grade": one.grade.pk,
                    "project": one.submission.pk,
                    "person": names[one.submission.pk].person,
                    "version": one.grade.version,
                    "percent": one.revision.percent,
                    "outcome": one.revision.outcome,
                    "is_outlier": one.grade.pk in outliers,
                    "is_near_pass": one.grade.pk in near,
                    "recipients": []
                    if names[one.submission.pk].is_hidden
                    else [person.email for person in one.recipients],
                }
                for one in rehearsal.ready
            ],
            "left_out": [
                {
                    "project": one.submission.pk,
                    "person": names[one.submission.pk].person,
                    "why": one.why.value,
                    "sentence": one.why.label,
                    "release": one.release,
                }
                for one in rehearsal.left_out
            ],
            "message": _message(rehearsal.edition, told[0]) if told else None,
        }


def _message(edition: Edition, to: Any) -> dict[str, Any]:
    message = grade_released_message(edition, to=to)
    return {
        "to": to.email,
        "subject": message.subject,
        "body": message.body,
        "html": message.alternatives[0][0],
    }
