"""The overview of marking: the tables behind its pictures."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assessments.figures import Figure
from assessments.selectors.marking_overview import marking_overview


class FigureSerializer(serializers.Serializer[Figure]):
    """A table with its words; `caution`: what small numbers do not say."""

    key = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    source = serializers.CharField()  # type: ignore[assignment]
    caution = serializers.CharField()


class EditionMarkingOverview:
    """Mixed into the viewset of editions."""

    by: Any
    at: Any
    get_object: Any

    @extend_schema(responses=FigureSerializer(many=True))
    @action(detail=True, methods=["get"], url_path="marking-overview", pagination_class=None)
    def marking_overview(self, request: Request, slug: str | None = None) -> Response:
        """How far marking has come; for coordinators."""
        edition = self.get_object()
        if not self.by.has_perm("assessments.view_marking_overview", edition):
            raise Http404
        figures = marking_overview(edition, self.by, self.at)
        return Response(FigureSerializer(figures, many=True).data)  # type: ignore[arg-type]
