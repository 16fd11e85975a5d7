"""Reports: asking a moderator to look at something, and what they make of it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, NoBodySerializer, StrictSerializer, TextField
from api.v1.experience_bodies import ReasonSerializer
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from peer_exchange import actions
from peer_exchange.actions.moderating import OUTCOMES
from peer_exchange.enums import ReportReason
from peer_exchange.models import CityExperience, Report
from peer_exchange.selectors.reports import report_abilities


class ReportSerializer(serializers.ModelSerializer[Report]):
    reporter = PersonSerializer()

    class Meta:
        model = Report
        fields: tuple[str, ...] = (
            "id", "experience", "response", "reporter", "reason", "words", "created_at", "status",
            "settled_words", "settled_at",
        )  # fmt: skip


class ReportDetailSerializer(ReportSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = (*ReportSerializer.Meta.fields, "abilities")

    def get_abilities(self, report: Report) -> dict[str, bool]:
        return report_abilities(self.context["request"].user, report)


class ReportBodySerializer(StrictSerializer):
    experience = IdField()
    response = IdField(required=False, allow_null=True)
    reason = serializers.ChoiceField(choices=ReportReason.choices)
    words = TextField(required=False)


class UpholdSerializer(ReasonSerializer):
    then = serializers.ChoiceField(
        choices=sorted(OUTCOMES), required=False,
        help_text="archive a published experience, or return one in moderation to its city.",
    )  # fmt: skip
    base_version = serializers.IntegerField(
        min_value=0, required=False, help_text="With `then`: the version that was read."
    )


class ReportViewSet(ResourceViewSet):
    """One's own reports; of those one moderates, all."""

    queryset = Report.objects.none()
    serializer_class = ReportSerializer
    detail_serializer_class = ReportDetailSerializer
    filterset_fields = ("status", "experience", "response", "reason")

    def get_queryset(self) -> Any:
        return (
            Report.objects.visible_to(self.by)
            .select_related("reporter", "experience__edition", "response")
            .prefetch_related("experience__authorships")
        )

    @extend_schema(request=ReportBodySerializer, responses={201: ReportDetailSerializer})
    def create(self, request: Request) -> Response:
        body = self.read_body(ReportBodySerializer)
        experience = get_object_or_404(
            CityExperience.objects.visible_to(self.by), pk=body["experience"]
        )
        made = actions.report(
            experience=experience,
            response_id=body.get("response"),
            reason=body["reason"],
            words=body.get("words", ""),
            by=self.by,
            at=self.at,
        )
        return self.detail_of(made, status.HTTP_201_CREATED)

    @extend_schema(request=UpholdSerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: str | None = None) -> Response:
        """Agree: a response is hidden; of an experience `then` says what becomes of it."""
        report = self.get_object()
        body = self.read_body(UpholdSerializer)
        return self.detail_of(actions.uphold_reports(report=report, by=self.by, at=self.at, **body))

    @extend_schema(request=ReasonSerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> Response:
        return self._settle(actions.dismiss_reports)

    @extend_schema(request=NoBodySerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> Response:
        """Undo what was decided."""
        return self._move(actions.reopen_reports)

    @extend_schema(request=NoBodySerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        return self._move(actions.withdraw_report)

    def _settle(self, move: Any) -> Response:
        report = self.get_object()
        body = self.read_body(ReasonSerializer)
        return self.detail_of(move(report=report, reason=body["reason"], by=self.by, at=self.at))

    def _move(self, move: Any) -> Response:
        report = self.get_object()
        self.read_body(NoBodySerializer)
        return self.detail_of(move(report=report, by=self.by, at=self.at))
