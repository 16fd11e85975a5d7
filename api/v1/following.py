"""What one follows, and whom one keeps away."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import IdField, NoBodySerializer, StrictSerializer
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City
from peer_exchange import actions
from peer_exchange.enums import Distance
from peer_exchange.models import CityExperience, Follow, KeptAway
from peer_exchange.selectors.cities import cities_visible_to
from peer_exchange.selectors.people import people_met


class FollowSerializer(serializers.ModelSerializer[Follow]):
    city = serializers.SlugRelatedField[City](slug_field="slug", read_only=True)

    class Meta:
        model = Follow
        fields: tuple[str, ...] = ("id", "experience", "city", "created_at")


class KeptAwaySerializer(serializers.ModelSerializer[KeptAway]):
    other = PersonSerializer()

    class Meta:
        model = KeptAway
        fields: tuple[str, ...] = ("id", "other", "distance", "created_at")


class OwnChoiceMixin(serializers.Serializer[Any]):
    """Only one's own is shown, and one ends it whenever one likes."""

    abilities = serializers.SerializerMethodField()

    def get_abilities(self, _choice: Any) -> dict[str, bool]:
        return {"end": True}


class FollowDetailSerializer(OwnChoiceMixin, FollowSerializer):
    class Meta(FollowSerializer.Meta):
        fields = (*FollowSerializer.Meta.fields, "abilities")


class KeptAwayDetailSerializer(OwnChoiceMixin, KeptAwaySerializer):
    class Meta(KeptAwaySerializer.Meta):
        fields = (*KeptAwaySerializer.Meta.fields, "abilities")


class FollowBodySerializer(StrictSerializer):
    experience = IdField(required=False)
    city = serializers.SlugField(required=False)


class KeepAwaySerializer(StrictSerializer):
    other = IdField()
    distance = serializers.ChoiceField(choices=Distance.choices)


class FollowViewSet(ResourceViewSet):
    """What one follows oneself."""

    queryset = Follow.objects.none()
    serializer_class = FollowSerializer
    detail_serializer_class = FollowDetailSerializer

    def get_queryset(self) -> Any:
        readable = CityExperience.objects.visible_to(self.by).values("pk")
        own = Follow.objects.filter(user=self.by).select_related("city")
        return own.filter(experience__isnull=True) | own.filter(experience__in=readable)

    @extend_schema(request=FollowBodySerializer, responses={201: FollowDetailSerializer})
    def create(self, request: Request) -> Response:
        body = self.read_body(FollowBodySerializer)
        experience = city = None
        if "experience" in body:
            readable = CityExperience.objects.visible_to(self.by)
            experience = get_object_or_404(readable, pk=body["experience"])
        if "city" in body:
            city = get_object_or_404(cities_visible_to(self.by), slug=body["city"])
        made = actions.follow(experience=experience, city=city, by=self.by, at=self.at)
        return self.detail_of(made, status.HTTP_201_CREATED)

    @extend_schema(request=NoBodySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        followed: Follow = self.get_object()
        self.read_body(NoBodySerializer)
        actions.unfollow(experience=followed.experience, city=followed.city, by=self.by, at=self.at)
        return Response(status=status.HTTP_204_NO_CONTENT)


class KeptAwayViewSet(ResourceViewSet):
    """Whom one has muted or blocked oneself."""

    queryset = KeptAway.objects.none()
    serializer_class = KeptAwaySerializer
    detail_serializer_class = KeptAwayDetailSerializer

    def get_queryset(self) -> Any:
        return KeptAway.objects.filter(user=self.by).select_related("other")

    @extend_schema(request=KeepAwaySerializer, responses={201: KeptAwayDetailSerializer})
    def create(self, request: Request) -> Response:
        body = self.read_body(KeepAwaySerializer)
        # Whether there is another account of that number is nobody's business here.
        other = get_object_or_404(people_met(self.by), pk=body["other"])
        kept = actions.keep_away(other=other, distance=body["distance"], by=self.by, at=self.at)
        return self.detail_of(kept, status.HTTP_201_CREATED)

    @extend_schema(request=NoBodySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        kept: KeptAway = self.get_object()
        self.read_body(NoBodySerializer)
        actions.let_back(other=kept.other, by=self.by, at=self.at)
        return Response(status=status.HTTP_204_NO_CONTENT)
