"""Marking without a connection: the sheet, and what became of each row brought back."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.views import ResourceViewSet
from assessments.actions.marking_packs import take_back_pack
from assessments.marking_sheets import sheet_csv
from assessments.models import PackReturn
from assessments.selectors.marking_packs import pack_of
from lms.core.permissions import may_in_person
from lms.programme.models import Edition


class PackReturnSerializer(serializers.ModelSerializer[PackReturn]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    applied = serializers.IntegerField(read_only=True)
    unchanged = serializers.IntegerField(read_only=True)
    refused = serializers.IntegerField(read_only=True)

    class Meta:
        model = PackReturn
        fields: tuple[str, ...] = (
            "id", "edition", "name", "sha256", "at", "applied", "unchanged", "refused",
        )  # fmt: skip


class PackRowSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="As a spreadsheet numbers it.")
    project = serializers.CharField()
    criterion = serializers.CharField()
    outcome = serializers.CharField(help_text="applied, unchanged or refused")
    reason = serializers.CharField()
    sent_level = serializers.CharField()
    sent_comment = serializers.CharField()
    stored_level = serializers.CharField()
    stored_comment = serializers.CharField()


class PackReturnDetailSerializer(PackReturnSerializer):
    rows = PackRowSerializer(many=True, read_only=True)
    abilities = serializers.SerializerMethodField()

    class Meta(PackReturnSerializer.Meta):
        fields = (*PackReturnSerializer.Meta.fields, "rows", "abilities")

    @extend_schema_field(serializers.DictField(child=serializers.BooleanField()))
    def get_abilities(self, back: PackReturn) -> dict[str, bool]:
        user = self.context["request"].user
        return {"return": may_in_person(user, "assessments.mark_in_edition", back.edition)}


class SheetBody(StrictSerializer):
    edition = serializers.SlugField()
    name = serializers.CharField(max_length=255, default="marks.csv")
    text = serializers.CharField(
        trim_whitespace=False, max_length=2_000_000, required=False, help_text="The sheet as CSV."
    )
    file = serializers.FileField(
        allow_empty_file=True, max_length=255, required=False,
        help_text="Instead of `text`, as multipart/form-data: the sheet as CSV or XLSX.",
    )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("text" in attrs) == ("file" in attrs):
            raise serializers.ValidationError({"text": [_("Send either a text or a file.")]})
        return attrs


class PackReturnViewSet(ResourceViewSet):
    """Sheets that the caller has brought back."""

    queryset = PackReturn.objects.none()
    serializer_class = PackReturnSerializer
    detail_serializer_class = PackReturnDetailSerializer
    filterset_fields = ("edition__slug", "sha256")
    # Each row is stored by itself; the same sheet brought again changes nothing.
    keyless = frozenset({"create"})

    def get_queryset(self) -> QuerySet[PackReturn]:
        return PackReturn.objects.visible_to(self.by).select_related("edition")

    @extend_schema(
        request={"application/json": SheetBody, "multipart/form-data": SheetBody},
        responses={201: PackReturnDetailSerializer},
    )
    def create(self, request: Request) -> Response:
        """Bring a sheet back: each row is stored, or refused with what is stored."""
        body = self.read_body(SheetBody)
        edition = self._edition(body["edition"])
        if "file" in body:
            name, data = body["file"].name, body["file"].read()
        else:
            name, data = body["name"], body["text"].encode()
            name = name if name.lower().endswith(".csv") else f"{name}.csv"
        back = take_back_pack(edition=edition, data=data, name=name, by=self.by, at=self.at)
        context = self.get_serializer_context()
        return Response(PackReturnDetailSerializer(back, context=context).data, status=201)

    @extend_schema(
        responses={(200, "text/csv"): OpenApiTypes.STR},
        parameters=[OpenApiParameter("edition", str, description="Slug; the newest without it.")],
    )
    @action(detail=False, methods=["get"], pagination_class=None, filterset_fields=())
    def sheet(self, request: Request) -> HttpResponse:
        """The sheet to fill in, for the projects that the caller marks or was given to mark."""
        edition = self._edition(request.query_params.get("edition", ""))
        rows = [row for one in pack_of(edition, self.by) for row in one.rows]
        return HttpResponse(sheet_csv(rows), content_type="text/csv; charset=utf-8")

    def _edition(self, slug: str) -> Edition:
        """The edition named, or the newest that the caller marks in."""
        editions = Edition.objects.visible_to(self.by).order_by("-starts_on")
        for edition in editions.filter(slug=slug) if slug else editions:
            if may_in_person(self.by, "assessments.mark_in_edition", edition):
                return edition
        raise Http404
