"""Rubrics: the working copy, what publishing would do, versions and what changed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer
from api.v1.rubric_bodies import (
    BeginRubricBody,
    PublishBody,
    RubricChangeSerializer,
    RubricContentBody,
    RubricDetailSerializer,
    RubricDifferenceSerializer,
    RubricFileBody,
    RubricSerializer,
    RubricVersionDetailSerializer,
    RubricVersionSerializer,
    TakeUpBody,
    TitleBody,
)
from api.views import ResourceViewSet
from assessments.actions.rubric_drafts import publish_rubric_draft, replace_rubric_draft
from assessments.actions.rubrics import (
    begin_rubric,
    bring_back_rubric,
    choose_rubric,
    delete_rubric,
    rename_rubric,
)
from assessments.models import Rubric, RubricVersion
from assessments.rubric_content import content_of
from assessments.rubric_files import read_rubric, to_csv, to_json
from assessments.rubric_working import content_in
from assessments.selectors.marking import rubric_in_force
from assessments.selectors.project import project_of
from assessments.selectors.rubric_change import rubric_change
from assessments.selectors.rubric_difference import rubric_difference
from assessments.selectors.rubrics import checked, working_copy_of
from lms.core.errors import InvalidInput
from lms.core.numbers import whole_number
from lms.programme.models import Edition


class RubricViewSet(ResourceViewSet):
    """Rubrics of the editions one teaches in."""

    queryset = Rubric.objects.none()
    serializer_class = RubricSerializer
    detail_serializer_class = RubricDetailSerializer
    filterset_fields = {"edition__slug": ["exact"], "deleted_at": ["isnull"]}

    def get_queryset(self) -> QuerySet[Rubric]:
        return Rubric.objects.visible_to(self.by).select_related("edition")

    @extend_schema(request=BeginRubricBody, responses={201: RubricDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin a rubric: empty, or with what another one says."""
        body = self.read_body(BeginRubricBody)
        edition = get_object_or_404(Edition.objects.taught_by(self.by), slug=body["edition"])
        copy_of = None
        if body["copy_of"] is not None:
            copy_of = get_object_or_404(Rubric.objects.visible_to(self.by), pk=body["copy_of"])
        rubric = begin_rubric(
            edition=edition, title=body["title"], copy_of=copy_of, by=self.by, at=self.at
        )
        return self._detail(rubric, status=201)

    @extend_schema(request=RubricContentBody, responses=RubricDetailSerializer)
    @action(detail=True, methods=["put"])
    def draft(self, request: Request, pk: str | None = None) -> Response:
        """Write the working copy; what stood there can be brought back on the page."""
        rubric = self.get_object()
        body = self.read_body(RubricContentBody)
        replace_rubric_draft(rubric=rubric, by=self.by, at=self.at, **body)
        return self._detail(rubric)

    @extend_schema(request=RubricFileBody, responses=RubricDetailSerializer)
    @action(detail=True, methods=["post"], url_path="import")
    def import_file(self, request: Request, pk: str | None = None) -> Response:
        """The same from a file as it is exported; refused row by row, and then unchanged."""
        rubric = self.get_object()
        body = self.read_body(RubricFileBody)
        content = read_rubric(body["text"].encode(), name=f"rubric.{body['format']}")
        replace_rubric_draft(
            rubric=rubric, base_version=body["base_version"], content=content, by=self.by,
            at=self.at,
        )  # fmt: skip
        return self._detail(rubric)

    @extend_schema(request=TakeUpBody, responses=RubricDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> Response:
        """An earlier version in the place of the working copy."""
        rubric = self.get_object()
        body = self.read_body(TakeUpBody)
        versions = rubric.versions.prefetch_related("criteria__levels")
        content = content_of(get_object_or_404(versions, number=body["number"]))
        replace_rubric_draft(
            rubric=rubric, base_version=body["base_version"], content=content, by=self.by,
            at=self.at,
        )  # fmt: skip
        return self._detail(rubric)

    @extend_schema(
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, "application/json"): OpenApiTypes.OBJECT,
        },
        parameters=[
            OpenApiParameter("as", str, enum=["csv", "json"], description="csv without it."),
            OpenApiParameter("version", int, description="The working copy without it."),
        ],
    )
    @action(detail=True, methods=["get"])
    def export(self, request: Request, pk: str | None = None) -> HttpResponse:
        rubric = self.get_object()
        number = whole_number(request.query_params.get("version"))
        if number is None:
            content = content_in(working_copy_of(rubric).content)
        else:
            versions = rubric.versions.prefetch_related("criteria__levels")
            content = content_of(get_object_or_404(versions, number=number))
        if request.query_params.get("as") == "json":
            text = to_json(content, title=rubric.title)
            return HttpResponse(text, content_type="application/json")
        return HttpResponse(to_csv(content), content_type="text/csv; charset=utf-8")

    @extend_schema(responses=RubricChangeSerializer)
    @action(detail=True, methods=["get"])
    def preview(self, request: Request, pk: str | None = None) -> Response:
        """What publishing the working copy would mean for marks that are given."""
        rubric = self.get_object()
        read = checked(working_copy_of(rubric))
        if read.content is None:
            raise InvalidInput(_("The rubric is not complete yet."), errors=read.wrong)
        version = rubric_in_force(rubric.pk)
        before = content_of(version) if version else None
        change = rubric_change(rubric, read.content, before, reader=self.by)
        names = [str(name) for name in RubricChangeSerializer().fields]
        body: dict[str, Any] = {
            name: getattr(change, name) for name in names if hasattr(change, name)
        }
        body |= {
            "sha256": read.sha256,
            "is_same": version is not None and version.sha256 == read.sha256,
            "results": change.results[:100],
        }
        return Response(RubricChangeSerializer(body).data)  # type: ignore[arg-type]

    @extend_schema(request=PublishBody, responses=RubricVersionDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> Response:
        """Publish exactly what was previewed; 409 when it changed meanwhile."""
        rubric = self.get_object()
        body = self.read_body(PublishBody)
        version = publish_rubric_draft(rubric=rubric, by=self.by, at=self.at, **body)
        context = self.get_serializer_context()
        return Response(RubricVersionDetailSerializer(version, context=context).data)

    @extend_schema(request=TitleBody, responses=RubricDetailSerializer)
    @action(detail=True, methods=["post"])
    def rename(self, request: Request, pk: str | None = None) -> Response:
        rubric = self.get_object()
        body = self.read_body(TitleBody)
        return self._detail(rename_rubric(rubric=rubric, by=self.by, at=self.at, **body))

    @extend_schema(request=NoBodySerializer, responses=RubricDetailSerializer)
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, pk: str | None = None) -> Response:
        """Mark the edition's projects on it; as long as none was handed in."""
        rubric = self.get_object()
        self.read_body(NoBodySerializer)
        project = project_of(rubric.edition)
        if project is None:
            raise InvalidInput(errors={"rubric": [_("This edition has no project yet.")]})
        choose_rubric(project=project, rubric=rubric, by=self.by, at=self.at)
        return self._detail(rubric)

    @extend_schema(request=NoBodySerializer, responses=RubricDetailSerializer)
    @action(detail=True, methods=["post"], url_path="delete")
    def remove(self, request: Request, pk: str | None = None) -> Response:
        """Take an unused rubric out of the lists; 409 when it is in use."""
        rubric = self.get_object()
        self.read_body(NoBodySerializer)
        return self._detail(delete_rubric(rubric=rubric, by=self.by, at=self.at))

    @extend_schema(request=NoBodySerializer, responses=RubricDetailSerializer)
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request: Request, pk: str | None = None) -> Response:
        rubric = self.get_object()
        self.read_body(NoBodySerializer)
        return self._detail(bring_back_rubric(rubric=rubric, by=self.by, at=self.at))

    def _detail(self, rubric: Rubric, status: int = 200) -> Response:
        stored = Rubric.objects.select_related("edition").get(pk=rubric.pk)
        context = self.get_serializer_context()
        return Response(RubricDetailSerializer(stored, context=context).data, status=status)


class RubricVersionViewSet(ResourceViewSet):
    """What was published, newest first."""

    queryset = RubricVersion.objects.none()
    serializer_class = RubricVersionSerializer
    detail_serializer_class = RubricVersionDetailSerializer
    filterset_fields = ("rubric", "rubric__edition__slug", "number", "sha256")

    def get_queryset(self) -> QuerySet[RubricVersion]:
        found = RubricVersion.objects.visible_to(self.by).select_related("created_by")
        if self.action == "list":
            return found
        return found.select_related("rubric").prefetch_related("criteria__levels")

    @extend_schema(
        responses=RubricDifferenceSerializer,
        parameters=[
            OpenApiParameter("since", int, description="A number; the version before without it.")
        ],
    )
    @action(detail=True, methods=["get"])
    def difference(self, request: Request, pk: str | None = None) -> Response:
        """What changed, with `<ins>` and `<del>` around the words that did."""
        version = self.get_object()
        since = whole_number(request.query_params.get("since"))
        before: dict[str, Any] = {"pass_percent": "", "criteria": []}
        if since is not None or version.number > 1:
            versions = version.rubric.versions.prefetch_related("criteria__levels")
            number = version.number - 1 if since is None else since
            before = content_of(get_object_or_404(versions, number=number))
        return Response(rubric_difference(before, content_of(version)).as_data())
