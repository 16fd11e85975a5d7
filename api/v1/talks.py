"""One-to-one talks of two cities in the breaks of the timetable."""

from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import InstantField, NoBodySerializer, StrictSerializer, TextField
from api.v1.cities import edition_asked_for
from api.v1.persons import CitySerializer, PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City
from lms.core.errors import PermissionDenied
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.actions import talks as actions
from peer_exchange.enums import TalkStatus
from peer_exchange.models import Talk
from peer_exchange.selectors.breaks import breaks_of
from peer_exchange.selectors.cities import cities_visible_to
from peer_exchange.selectors.talks import talk_abilities


class TalkSerializer(serializers.ModelSerializer[Talk]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    from_city = CitySerializer()
    to_city = CitySerializer()
    proposed_by = PersonSerializer()
    accepted_by = PersonSerializer()

    class Meta:
        model = Talk
        fields: tuple[str, ...] = (
            "id", "edition", "from_city", "to_city", "starts_at", "ends_at", "about", "place",
            "status", "answer", "proposed_by", "accepted_by", "replaces",
        )  # fmt: skip


class TalkDetailSerializer(TalkSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(TalkSerializer.Meta):
        fields = (*TalkSerializer.Meta.fields, "abilities")

    def get_abilities(self, talk: Talk) -> dict[str, bool]:
        view = self.context["view"]
        return talk_abilities(self.context["request"].user, talk, view.at)


class BreakSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    after = serializers.CharField(help_text="The session that ends then.")
    before = serializers.CharField(help_text="The session that follows.")


class ProposeTalkSerializer(StrictSerializer):
    edition = serializers.SlugField()
    from_city = serializers.SlugField()
    to_city = serializers.SlugField()
    starts_at = InstantField(help_text="The beginning of one of the breaks.")
    about = TextField(required=False, default="")
    place = TextField(required=False, default="")


class TalkReasonSerializer(StrictSerializer):
    reason = TextField(required=False, default="")


class AnotherTimeSerializer(TalkReasonSerializer):
    starts_at = InstantField()


class TalkFilter(django_filters.FilterSet):
    edition = django_filters.CharFilter(field_name="edition__slug")
    status = django_filters.ChoiceFilter(choices=TalkStatus.choices)

    class Meta:
        model = Talk
        fields: list[str] = []


class TalkViewSet(ResourceViewSet):
    queryset = Talk.objects.none()
    serializer_class = TalkSerializer
    detail_serializer_class = TalkDetailSerializer
    filterset_class = TalkFilter

    def get_queryset(self) -> Any:
        return Talk.objects.visible_to(self.by).with_words()

    @extend_schema(request=ProposeTalkSerializer, responses={201: TalkDetailSerializer})
    def create(self, request: Request) -> Response:
        body = self.read_body(ProposeTalkSerializer)
        edition = get_object_or_404(Edition.objects.visible_to(self.by), slug=body.pop("edition"))
        own = City.objects.filter(
            slug=body.pop("from_city"), pk__in=standing_of(self.by).team_cities(edition.pk)
        ).first()
        if own is None:
            raise PermissionDenied
        other = get_object_or_404(cities_visible_to(self.by), slug=body.pop("to_city"))
        talk = actions.propose_talk(
            edition=edition, from_city=own, to_city=other, by=self.by, at=self.at, **body
        )
        return self.detail_of(talk, status.HTTP_201_CREATED)

    @extend_schema(
        responses=BreakSerializer(many=True),
        parameters=[OpenApiParameter("edition", required=True)],
    )
    @action(detail=False, methods=["get"], pagination_class=None)
    def breaks(self, request: Request) -> Response:
        """Breaks to come in the timetable of `?edition=`."""
        edition = edition_asked_for(self.by, request)
        return Response(BreakSerializer(breaks_of(edition, self.at), many=True).data)

    @extend_schema(request=NoBodySerializer, responses=TalkDetailSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str | None = None) -> Response:
        return self._move(actions.accept_talk, NoBodySerializer)

    @extend_schema(request=TalkReasonSerializer, responses=TalkDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str | None = None) -> Response:
        return self._move(actions.decline_talk, TalkReasonSerializer)

    @extend_schema(request=AnotherTimeSerializer, responses=TalkDetailSerializer)
    @action(detail=True, methods=["post"])
    def another(self, request: Request, pk: str | None = None) -> Response:
        """Answer with another time; the new proposal comes back."""
        return self._move(actions.propose_another_time, AnotherTimeSerializer)

    @extend_schema(request=NoBodySerializer, responses=TalkDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        return self._move(actions.withdraw_talk, NoBodySerializer)

    @extend_schema(request=TalkReasonSerializer, responses=TalkDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        return self._move(actions.cancel_talk, TalkReasonSerializer)

    def _move(self, move: Any, body_serializer: type[StrictSerializer]) -> Response:
        talk = self.get_object()
        body = self.read_body(body_serializer)
        return self.detail_of(move(talk=talk, by=self.by, at=self.at, **body))
