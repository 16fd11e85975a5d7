"""Live presentations of final projects (D15c)."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.v1.marking import ReasonBody
from api.views import ResourceViewSet
from assessments.actions.presentations import (
    correct_presentation,
    record_presentation,
    withdraw_presentation,
)
from assessments.models import Presentation
from lms.core.permissions import abilities
from lms.programme.models import Enrolment


class PresentationSerializer(serializers.ModelSerializer[Presentation]):
    """`note` is for staff; its participant reads null."""

    note = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta:
        model = Presentation
        fields = (
            "id", "enrolment", "presented_on", "note", "recorded_at", "withdrawn_at",
            "withdrawn_reason", "abilities",
        )  # fmt: skip

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_note(self, presentation: Presentation) -> str | None:
        user = self.context["request"].user
        may_read = user.has_perm("assessments.record_presentation", presentation.enrolment)
        return presentation.note if may_read else None

    def get_abilities(self, presentation: Presentation) -> dict[str, bool]:
        can = abilities(
            self.context["request"].user,
            presentation.enrolment,
            correct="assessments.record_presentation",
            withdraw="assessments.record_presentation",
        )
        stands = presentation.withdrawn_at is None
        return {name: allowed and stands for name, allowed in can.items()}


class CorrectBody(StrictSerializer):
    presented_on = serializers.DateField()
    note = serializers.CharField(
        max_length=5000, required=False, allow_blank=True, default="", trim_whitespace=False
    )


class RecordBody(CorrectBody):
    enrolment = serializers.IntegerField()


class PresentationViewSet(ResourceViewSet):
    queryset = Presentation.objects.none()
    serializer_class = PresentationSerializer
    filterset_fields = ("enrolment", "enrolment__edition__slug")

    def get_queryset(self) -> QuerySet[Presentation]:
        return Presentation.objects.visible_to(self.by).select_related("enrolment")

    def _answer(self, presentation: Presentation, code: int = status.HTTP_200_OK) -> Response:
        serializer = PresentationSerializer(presentation, context=self.get_serializer_context())
        return Response(serializer.data, status=code)

    @extend_schema(request=RecordBody, responses={201: PresentationSerializer})
    @action(detail=False, methods=["post"])
    def record(self, request: Request) -> Response:
        body: dict[str, Any] = self.read_body(RecordBody)
        enrolment = get_object_or_404(
            Enrolment.objects.visible_to(self.by), pk=body.pop("enrolment")
        )
        presentation = record_presentation(enrolment=enrolment, by=self.by, at=self.at, **body)
        return self._answer(presentation, status.HTTP_201_CREATED)

    @extend_schema(request=CorrectBody, responses=PresentationSerializer)
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str | None = None) -> Response:
        presentation = self.get_object()
        body = self.read_body(CorrectBody)
        return self._answer(
            correct_presentation(presentation=presentation, by=self.by, at=self.at, **body)
        )

    @extend_schema(request=ReasonBody, responses=PresentationSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        presentation = self.get_object()
        reason = self.read_body(ReasonBody)["reason"]
        return self._answer(
            withdraw_presentation(presentation=presentation, reason=reason, by=self.by, at=self.at)
        )
