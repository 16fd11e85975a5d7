"""Cities: what they say of themselves, what they look for, whom they could talk to."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPagination
from api.serializers import IdField, NoBodySerializer, StrictSerializer, TextField
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.enums import Region
from lms.accounts.models import City, User
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from peer_exchange.actions import cities as actions
from peer_exchange.enums import TopicKind
from peer_exchange.models import CityTopic, ShownMember, Theme
from peer_exchange.selectors.cities import (
    cities_visible_to,
    city_abilities,
    profile_of,
    shown_members,
    topics_of,
)
from peer_exchange.selectors.matching import matches_for


def edition_asked_for(by: User, request: Request) -> Edition:
    """The edition of `?edition=`, which has to be said; 404 for one the caller is not in."""
    slug = request.query_params.get("edition", "")
    if not slug:
        raise InvalidInput(errors={"edition": [_("Say which edition: ?edition=…")]})
    return get_object_or_404(Edition.objects.visible_to(by), slug=slug)


class CityListSerializer(serializers.ModelSerializer[City]):
    languages = serializers.SerializerMethodField()
    population = serializers.SerializerMethodField()

    class Meta:
        model = City
        fields: tuple[str, ...] = (
            "id", "slug", "name", "country", "region", "latitude", "longitude", "time_zone",
            "languages", "population",
        )  # fmt: skip

    def get_languages(self, city: City) -> list[str]:
        profile = getattr(city, "profile", None)
        return list(profile.language_codes) if profile else []

    def get_population(self, city: City) -> int | None:
        profile = getattr(city, "profile", None)
        return profile.population if profile else None


class CityTopicSerializer(serializers.ModelSerializer[CityTopic]):
    theme = serializers.SlugRelatedField[Theme](slug_field="slug", read_only=True)

    class Meta:
        model = CityTopic
        fields = ("id", "kind", "theme", "words", "removed_at")


class ShownMemberSerializer(serializers.ModelSerializer[ShownMember]):
    user = PersonSerializer()

    class Meta:
        model = ShownMember
        fields = ("user", "does")


class CityDetailSerializer(CityListSerializer):
    office_name = serializers.SerializerMethodField()
    about = serializers.SerializerMethodField()
    website = serializers.SerializerMethodField()
    version = serializers.SerializerMethodField()
    topics = serializers.SerializerMethodField()
    members = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(CityListSerializer.Meta):
        fields = (
            *CityListSerializer.Meta.fields,
            "office_name", "about", "website", "version", "topics", "members", "abilities",
        )  # fmt: skip

    def to_representation(self, city: City) -> Any:
        self.profile = profile_of(city)
        return super().to_representation(city)

    def get_office_name(self, city: City) -> str:
        return self.profile.office_name

    def get_about(self, city: City) -> str:
        return self.profile.about

    def get_website(self, city: City) -> str:
        return self.profile.website

    def get_version(self, city: City) -> int:
        return self.profile.version

    @extend_schema_field(CityTopicSerializer(many=True))
    def get_topics(self, city: City) -> Any:
        edits = city_abilities(self.context["request"].user, city)["edit"]
        return CityTopicSerializer(topics_of(city, with_removed=edits), many=True).data

    @extend_schema_field(ShownMemberSerializer(many=True))
    def get_members(self, city: City) -> Any:
        return ShownMemberSerializer(shown_members(city), many=True).data

    def get_abilities(self, city: City) -> dict[str, bool]:
        return city_abilities(self.context["request"].user, city)


class MatchSerializer(serializers.Serializer[Any]):
    """A suggestion, said in words and counted both ways."""

    city = serializers.SlugField(source="city.slug")
    reasons = serializers.ListField(child=serializers.CharField())
    gives = serializers.IntegerField(help_text="Themes they look for and the city offers.")
    receives = serializers.IntegerField(help_text="Themes the city looks for and they offer.")
    is_mutual = serializers.BooleanField()
    given_before = serializers.IntegerField()
    received_before = serializers.IntegerField()
    experience = serializers.IntegerField(source="experience.pk", default=None, allow_null=True)


# What a field may hold is decided by the action, for pages and API alike.
class ProfileValuesSerializer(StrictSerializer):
    population = serializers.IntegerField(required=False, allow_null=True)
    languages = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, max_length=100
    )
    office_name = TextField(required=False)
    about = TextField(required=False)
    website = TextField(required=False)


class SaveProfileSerializer(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    values = ProfileValuesSerializer()


class ShowMeSerializer(StrictSerializer):
    does = TextField(required=False, default="")


class AddTopicSerializer(StrictSerializer):
    kind = serializers.ChoiceField(TopicKind.choices)
    theme = serializers.SlugField()
    words = TextField(required=False, default="")


class TopicIdSerializer(StrictSerializer):
    topic = IdField()


class OtherCitySerializer(StrictSerializer):
    city = serializers.SlugField(help_text="The city that is (not) to be suggested.")


class CityFilter(django_filters.FilterSet):
    region = django_filters.ChoiceFilter(choices=Region.choices)
    country = django_filters.CharFilter(max_length=2)
    language = django_filters.CharFilter(method="by_language", max_length=8)

    class Meta:
        model = City
        fields: list[str] = []

    def by_language(self, queryset: Any, name: str, value: str) -> Any:
        # Codes of two letters with spaces between: none is a part of another.
        return queryset.filter(profile__languages__contains=value)


class CityPagination(CursorPagination):
    ordering = "slug"


class CityViewSet(ResourceViewSet):
    queryset = City.objects.none()
    serializer_class = CityListSerializer
    detail_serializer_class = CityDetailSerializer
    filterset_class = CityFilter
    pagination_class = CityPagination
    lookup_field = "slug"

    def get_queryset(self) -> Any:
        return cities_visible_to(self.by).select_related("profile")

    @extend_schema(request=SaveProfileSerializer, responses=CityDetailSerializer)
    @action(detail=True, methods=["put"])
    def profile(self, request: Request, slug: str | None = None) -> Response:
        """Save some fields over `base_version`; 409 with `version` and `stored` when stale."""
        city = self._own_city()
        body = self.read_body(SaveProfileSerializer)
        actions.save_city_profile(city=city, by=self.by, at=self.at, **body)
        return self.detail_of(city)

    @extend_schema(request=ShowMeSerializer, responses=CityDetailSerializer)
    @action(detail=True, methods=["post"], url_path="show-me")
    def show_me(self, request: Request, slug: str | None = None) -> Response:
        """Agree, for oneself, to be named on the city's page."""
        city = self.get_object()
        body = self.read_body(ShowMeSerializer)
        actions.show_member(city=city, by=self.by, at=self.at, **body)
        return self.detail_of(city)

    @extend_schema(request=NoBodySerializer, responses=CityDetailSerializer)
    @action(detail=True, methods=["post"], url_path="hide-me")
    def hide_me(self, request: Request, slug: str | None = None) -> Response:
        """Take that back; also by who has left the city's team."""
        city = self.get_object()
        self.read_body(NoBodySerializer)
        actions.hide_member(city=city, by=self.by, at=self.at)
        return self.detail_of(city)

    @extend_schema(request=AddTopicSerializer, responses=CityDetailSerializer)
    @action(detail=True, methods=["post"], url_path="add-topic")
    def add_topic(self, request: Request, slug: str | None = None) -> Response:
        city = self._own_city()
        body = self.read_body(AddTopicSerializer)
        theme = Theme.objects.filter(slug=body.pop("theme")).first()
        if theme is None:
            raise InvalidInput(errors={"theme": [_("There is no such theme.")]})
        actions.add_topic(city=city, theme=theme, by=self.by, at=self.at, **body)
        return self.detail_of(city)

    @extend_schema(request=TopicIdSerializer, responses=CityDetailSerializer)
    @action(detail=True, methods=["post"], url_path="remove-topic")
    def remove_topic(self, request: Request, slug: str | None = None) -> Response:
        return self._change_topic(actions.remove_topic)

    @extend_schema(request=TopicIdSerializer, responses=CityDetailSerializer)
    @action(detail=True, methods=["post"], url_path="restore-topic")
    def restore_topic(self, request: Request, slug: str | None = None) -> Response:
        return self._change_topic(actions.restore_topic)

    def _change_topic(self, change: Any) -> Response:
        city = self._own_city()
        body = self.read_body(TopicIdSerializer)
        topic = get_object_or_404(CityTopic, city=city, pk=body["topic"])
        change(topic=topic, by=self.by, at=self.at)
        return self.detail_of(city)

    @extend_schema(
        responses=MatchSerializer(many=True),
        parameters=[OpenApiParameter("edition", required=True)],
    )
    @action(detail=True, methods=["get"], pagination_class=None)
    def matches(self, request: Request, slug: str | None = None) -> Response:
        """Cities to talk to among those of `?edition=`, at most a dozen, best first."""
        city = self._own_city()
        edition = edition_asked_for(self.by, request)
        matches = matches_for(self.by, city, edition)
        return Response(MatchSerializer(matches, many=True).data)

    @extend_schema(request=OtherCitySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, slug: str | None = None) -> Response:
        return self._about(actions.dismiss_match)

    @extend_schema(request=OtherCitySerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request: Request, slug: str | None = None) -> Response:
        return self._about(actions.bring_match_back)

    def _about(self, change: Any) -> Response:
        city = self._own_city()
        body = self.read_body(OtherCitySerializer)
        other = get_object_or_404(cities_visible_to(self.by), slug=body["city"])
        change(city=city, other=other, by=self.by, at=self.at)
        return Response(status=204)

    def _own_city(self) -> City:
        city: City = self.get_object()
        if not self.by.has_perm("peer_exchange.edit_city", city):
            raise PermissionDenied
        return city
