"""Transfers: one city taking up another's practice."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, StrictSerializer, TextField
from api.v1.persons import CitySerializer, PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City
from lms.core.errors import PermissionDenied
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.actions import transfer_evidence, transfers
from peer_exchange.enums import Answer, TransferStatus
from peer_exchange.models import (
    CityExperience,
    FollowUp,
    Transfer,
    TransferEvent,
    TransferEvidence,
)
from peer_exchange.selectors.flows import flows_of
from peer_exchange.selectors.transfer_search import (
    QUERY_MAX,
    Side,
    TransfersWanted,
    narrowed_transfers,
)
from peer_exchange.selectors.transfers import (
    events_for,
    evidence_of,
    next_steps,
    transfer_abilities,
)


class TransferSerializer(serializers.ModelSerializer[Transfer]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    city = CitySerializer()
    source_city = CitySerializer()
    title = serializers.CharField(source="experience.title")

    class Meta:
        model = Transfer
        fields: tuple[str, ...] = (
            "id", "edition", "experience", "title", "city", "source_city", "status", "answer",
            "why", "stopped_reason", "version", "claimed_at", "moved_at", "answered_at",
        )  # fmt: skip


class TransferEventSerializer(serializers.ModelSerializer[TransferEvent]):
    by = PersonSerializer()

    class Meta:
        model = TransferEvent
        fields = ("number", "kind", "from_status", "to_status", "why", "at", "by")


class TransferEvidenceSerializer(serializers.ModelSerializer[TransferEvidence]):
    class Meta:
        model = TransferEvidence
        fields = ("id", "title", "url", "note", "added_at", "removed_at")


class FollowUpSerializer(serializers.ModelSerializer[FollowUp]):
    class Meta:
        model = FollowUp
        fields = ("months", "due_on", "due_at", "asked_at", "answer", "answered_at")


class TransferDetailSerializer(TransferSerializer):
    disputed_reason = serializers.SerializerMethodField()
    next_steps = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    follow_ups = FollowUpSerializer(many=True)
    abilities = serializers.SerializerMethodField()

    class Meta(TransferSerializer.Meta):
        fields = (
            *TransferSerializer.Meta.fields,
            "disputed_reason", "next_steps", "events", "evidence", "follow_ups", "abilities",
        )  # fmt: skip

    def get_disputed_reason(self, transfer: Transfer) -> str:
        # A disputed transfer is seen by the two cities and staff alone.
        return transfer.disputed_reason

    def get_next_steps(self, transfer: Transfer) -> list[str]:
        return [step.value for step in next_steps(transfer)]

    @extend_schema_field(TransferEventSerializer(many=True))
    def get_events(self, transfer: Transfer) -> Any:
        events = events_for(self.context["request"].user, transfer)
        return TransferEventSerializer(events, many=True).data

    @extend_schema_field(TransferEvidenceSerializer(many=True))
    def get_evidence(self, transfer: Transfer) -> Any:
        may_add = transfer_abilities(self.context["request"].user, transfer)["add_evidence"]
        pieces = evidence_of(transfer, with_removed=may_add)
        return TransferEvidenceSerializer(pieces, many=True).data

    def get_abilities(self, transfer: Transfer) -> dict[str, bool]:
        return transfer_abilities(self.context["request"].user, transfer)


class FlowSerializer(serializers.Serializer[Any]):
    """From one city to another: how many practices, and how far they are."""

    source = serializers.CharField(source="source_slug")  # type: ignore[assignment]
    city = serializers.CharField(source="city_slug")
    taken_up = serializers.IntegerField()
    underway = serializers.IntegerField()
    stopped = serializers.IntegerField()


class ClaimSerializer(StrictSerializer):
    experience = IdField()
    city = serializers.SlugField(help_text="The city that takes it up; one speaks for it.")
    why = TextField()


class TransferVersionSerializer(StrictSerializer):
    base_version = serializers.IntegerField(
        min_value=0, help_text="The version that was read; 409 when it is older."
    )


class StepSerializer(TransferVersionSerializer):
    to = serializers.ChoiceField(TransferStatus.choices)
    why = TextField()


class DisputeSerializer(TransferVersionSerializer):
    reason = TextField()


class AskAgainSerializer(TransferVersionSerializer):
    why = TextField()


class AddEvidenceSerializer(StrictSerializer):
    title = TextField()
    url = TextField(required=False)
    note = TextField(required=False)


class EvidenceIdSerializer(StrictSerializer):
    evidence = IdField()


class FollowUpAnswerSerializer(StrictSerializer):
    months = serializers.IntegerField(help_text="6 or 12.")
    answer = TextField()


class TransferFilter(django_filters.FilterSet):
    edition = django_filters.CharFilter(field_name="edition__slug")
    experience = django_filters.NumberFilter(field_name="experience", min_value=1)
    city = django_filters.CharFilter(field_name="city__slug")
    source = django_filters.CharFilter(field_name="source_city__slug")
    status = django_filters.ChoiceFilter(choices=TransferStatus.choices)
    answer = django_filters.ChoiceFilter(choices=Answer.choices)
    q = django_filters.CharFilter(
        method="by_words", max_length=QUERY_MAX, help_text="All these words, or how they begin."
    )
    side = django_filters.ChoiceFilter(
        method="by_side", choices=Side.choices, help_text="Seen from the cities one speaks for."
    )

    class Meta:
        model = Transfer
        fields: list[str] = []

    def by_words(self, queryset: Any, name: str, value: str) -> Any:
        return narrowed_transfers(queryset, TransfersWanted(q=value), self.request.user)

    def by_side(self, queryset: Any, name: str, value: str) -> Any:
        return narrowed_transfers(queryset, TransfersWanted(side=value), self.request.user)


class TransferViewSet(ResourceViewSet):
    queryset = Transfer.objects.none()
    serializer_class = TransferSerializer
    detail_serializer_class = TransferDetailSerializer
    filterset_class = TransferFilter

    def get_queryset(self) -> Any:
        return Transfer.objects.visible_to(self.by).with_words()

    @extend_schema(request=ClaimSerializer, responses={201: TransferDetailSerializer})
    def create(self, request: Request) -> Response:
        """Say that one's city is interested; 409 with `transfer` where it has said so."""
        body = self.read_body(ClaimSerializer)
        readable = CityExperience.objects.visible_to(self.by)
        experience = get_object_or_404(readable, pk=body["experience"])
        # A city that one does not speak for is none of one's business, whether it is there.
        city = City.objects.filter(slug=body["city"]).first()
        if city is None or city.pk not in standing_of(self.by).cities:
            raise PermissionDenied
        transfer = transfers.claim_transfer(
            experience=experience, city=city, why=body["why"], by=self.by, at=self.at
        )
        return self.detail_of(transfer, status.HTTP_201_CREATED)

    @extend_schema(responses=FlowSerializer(many=True))
    @action(detail=False, methods=["get"], pagination_class=None)
    def flows(self, request: Request) -> Response:
        """Who learned from whom, counted; disputed claims are left out."""
        flows = flows_of(self.filter_queryset(self.get_queryset()))
        return Response(FlowSerializer(flows, many=True).data)

    @extend_schema(request=StepSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        return self._move(transfers.move_transfer, StepSerializer)

    @extend_schema(request=TransferVersionSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str | None = None) -> Response:
        return self._move(transfers.take_back_step, TransferVersionSerializer)

    @extend_schema(request=TransferVersionSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str | None = None) -> Response:
        return self._move(transfers.confirm_transfer, TransferVersionSerializer)

    @extend_schema(request=DisputeSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, pk: str | None = None) -> Response:
        return self._move(transfers.dispute_transfer, DisputeSerializer)

    @extend_schema(request=AskAgainSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request: Request, pk: str | None = None) -> Response:
        return self._move(transfers.ask_again, AskAgainSerializer)

    @extend_schema(request=AddEvidenceSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"], url_path="add-evidence")
    def add_evidence(self, request: Request, pk: str | None = None) -> Response:
        transfer = self.get_object()
        body = self.read_body(AddEvidenceSerializer)
        transfer_evidence.add_evidence(transfer=transfer, by=self.by, at=self.at, **body)
        return self.detail_of(transfer)

    @extend_schema(request=EvidenceIdSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"], url_path="remove-evidence")
    def remove_evidence(self, request: Request, pk: str | None = None) -> Response:
        return self._change_evidence(transfer_evidence.remove_evidence)

    @extend_schema(request=EvidenceIdSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"], url_path="restore-evidence")
    def restore_evidence(self, request: Request, pk: str | None = None) -> Response:
        return self._change_evidence(transfer_evidence.restore_evidence)

    def _change_evidence(self, change: Any) -> Response:
        transfer = self.get_object()
        body = self.read_body(EvidenceIdSerializer)
        if not self.by.has_perm("peer_exchange.move_transfer", transfer):
            raise PermissionDenied
        piece = get_object_or_404(transfer.evidence, pk=body["evidence"])
        change(evidence=piece, by=self.by, at=self.at)
        return self.detail_of(transfer)

    @extend_schema(request=FollowUpAnswerSerializer, responses=TransferDetailSerializer)
    @action(detail=True, methods=["post"], url_path="answer-follow-up")
    def answer_follow_up(self, request: Request, pk: str | None = None) -> Response:
        transfer = self.get_object()
        body = self.read_body(FollowUpAnswerSerializer)
        row = get_object_or_404(transfer.follow_ups, months=body["months"])
        transfer_evidence.answer_follow_up(
            follow_up=row, answer=body["answer"], by=self.by, at=self.at
        )
        return self.detail_of(transfer)

    def _move(self, move: Any, body_serializer: type[StrictSerializer]) -> Response:
        transfer = self.get_object()
        body = self.read_body(body_serializer)
        return self.detail_of(move(transfer=transfer, by=self.by, at=self.at, **body))
