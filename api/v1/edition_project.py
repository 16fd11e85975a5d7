"""The project of an edition, for those who have not begun it and those who set it up."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, StrictSerializer, WallTimeField
from assessments.actions.deadlines import MAX_GRACE_MINUTES, MAX_UPLOAD_WINDOW
from assessments.actions.projects import make_project
from assessments.models import GuidelinesPage, GuidelinesVersion, Project, Rubric
from assessments.selectors.project import project_of
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.numbers import whole_number


class GuidelinesVersionSerializer(serializers.ModelSerializer[GuidelinesVersion]):
    content = serializers.JSONField()

    class Meta:
        model = GuidelinesVersion
        fields = ("number", "sha256", "published_at", "content")


class EditionProjectSerializer(serializers.ModelSerializer[Project]):
    guidelines = serializers.SerializerMethodField()
    newest_guidelines = serializers.SerializerMethodField()
    required_guidelines = serializers.IntegerField(
        source="required_guidelines.number", allow_null=True, default=None
    )
    effective_deadline_at = serializers.DateTimeField(
        help_text="On time until then, grace included; more time is each project's own."
    )

    class Meta:
        model = Project
        fields = (
            "deadline_at", "deadline_zone", "grace_minutes", "effective_deadline_at",
            "accepts_late", "upload_window_minutes", "reminder_hours", "required_guidelines",
            "newest_guidelines", "guidelines",
        )  # fmt: skip

    def get_guidelines(self, project: Project) -> dict[str, Any]:
        return dict(GuidelinesVersionSerializer(self.context["guidelines"]).data)

    def get_newest_guidelines(self, project: Project) -> int:
        return int(self.context["newest"].number)


class MakeProjectBody(StrictSerializer):
    guidelines_page = IdField(help_text="A published guidelines page below the course.")
    rubric = IdField(help_text="A published rubric of the edition.")
    wall = WallTimeField(help_text="On the clock of `zone`.")
    zone = serializers.CharField(max_length=64, help_text="IANA zone of the clock.")
    grace_minutes = serializers.IntegerField(min_value=0, max_value=MAX_GRACE_MINUTES)
    accepts_late = serializers.BooleanField()
    upload_window_minutes = serializers.IntegerField(
        min_value=0, max_value=MAX_UPLOAD_WINDOW, default=30
    )


class EditionProject:
    """/editions/{slug}/project/ and the move that makes it."""

    get_object: Any
    read_body: Any
    by: Any
    at: Any

    @extend_schema(
        responses=EditionProjectSerializer,
        parameters=[
            OpenApiParameter("version", int, description="Of the guidelines; the newest without.")
        ],
    )
    @action(detail=True, methods=["get"])
    def project(self, request: Request, slug: str | None = None) -> Response:
        """What is asked of participants, and by when: the guidelines, also before one begins."""
        project = get_object_or_404(
            Project.objects.select_related("required_guidelines"), edition=self.get_object()
        )
        if not self.by.has_perm("assessments.view_guidelines", project):
            raise PermissionDenied
        return self._shown(project, request.query_params.get("version"))

    @extend_schema(request=MakeProjectBody, responses={201: EditionProjectSerializer})
    @action(detail=True, methods=["post"], url_path="make-project")
    def make_project(self, request: Request, slug: str | None = None) -> Response:
        """Give the edition its project: participants can begin. Its deadline, reminders and
        the guidelines that are required are set afterwards, each by its own move."""
        edition = self.get_object()
        if not self.by.has_perm("assessments.make_project", edition):
            raise PermissionDenied
        body = self.read_body(MakeProjectBody)
        page = GuidelinesPage.objects.filter(pk=body.pop("guidelines_page")).first()
        rubric = Rubric.objects.filter(pk=body.pop("rubric"), edition=edition).first()
        if page is None or rubric is None:
            field = "rubric" if page else "guidelines_page"
            raise InvalidInput(errors={field: [_("There is no such thing in this edition.")]})
        make_project(
            edition=edition, guidelines_page=page, rubric=rubric, by=self.by, at=self.at, **body
        )
        made = project_of(edition)
        assert made is not None
        return self._shown(made, None, status=201)

    def _shown(self, project: Project, version: str | None, status: int = 200) -> Response:
        newest = project.guidelines.first()
        shown = newest
        if version is not None:
            shown = get_object_or_404(project.guidelines, number=whole_number(version) or 0)
        context = {"guidelines": shown, "newest": newest}
        return Response(EditionProjectSerializer(project, context=context).data, status=status)
