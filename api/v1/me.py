"""Who the caller is, and the editions they belong to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.views import ResourceViewSet
from lms.accounts.models import User
from lms.core.permissions import abilities
from lms.programme.models import Edition, Phase
from lms.programme.selectors import Standing, standing_of


class PlaceSerializer(serializers.Serializer[Any]):
    edition = serializers.SlugField()
    city = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())


class MeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    email = serializers.EmailField()
    time_zone = serializers.CharField()
    places = PlaceSerializer(many=True)


def roles_in(standing: Standing, edition_id: int) -> list[str]:
    """Names of what somebody is in an edition, participant first."""
    roles = sorted({role for of, role, _city in standing.roles if of == edition_id})
    return (["participant"] if edition_id in standing.enrolments else []) + roles


class MeView(APIView):
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)
        standing = standing_of(user)
        editions = Edition.objects.in_bulk(standing.edition_ids)
        places = [
            {
                "edition": edition.slug,
                "city": str(standing.enrolments[pk].city) if pk in standing.enrolments else None,
                "roles": roles_in(standing, pk),
            }
            for pk, edition in sorted(editions.items())
        ]
        body = {
            "name": user.name,
            "email": user.email,
            "time_zone": user.time_zone,
            "places": places,
        }
        return Response(MeSerializer(body).data)


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    class Meta:
        model = Phase
        fields = ("kind", "title", "starts_on", "ends_on", "time_zone")


class EditionSerializer(serializers.ModelSerializer[Edition]):
    class Meta:
        model = Edition
        fields: tuple[str, ...] = (
            "id", "slug", "name", "number", "place", "time_zone", "starts_on", "ends_on",
        )  # fmt: skip


class EditionDetailSerializer(EditionSerializer):
    phases = PhaseSerializer(many=True)
    abilities = serializers.SerializerMethodField()

    class Meta(EditionSerializer.Meta):
        fields = (*EditionSerializer.Meta.fields, "phases", "abilities")

    def get_abilities(self, edition: Edition) -> dict[str, bool]:
        return abilities(
            self.context["request"].user,
            edition,
            coordinate="programme.coordinate_edition",
            record_attendance="timetable.record_attendance",
        )


class EditionViewSet(ResourceViewSet):
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer
    detail_serializer_class = EditionDetailSerializer
    lookup_field = "slug"

    def get_queryset(self) -> Any:
        editions = Edition.objects.visible_to(self.by)
        return editions.prefetch_related("phases") if self.action == "retrieve" else editions
