"""Finding experiences: ranked search with facets, the map, saved searches."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPagination
from api.serializers import NoBodySerializer, StrictSerializer, TextField
from api.v1.experiences import ExperienceSerializer
from api.v1.persons import CitySerializer
from api.views import ResourceViewSet
from lms.accounts.models import City
from lms.core.numbers import whole_number
from lms.programme.models import Edition
from peer_exchange.actions.searches import (
    change_search,
    remove_search,
    restore_search,
    save_search,
)
from peer_exchange.filters import ExperienceFilter, narrowed, wanted_of_api
from peer_exchange.highlight import Marker
from peer_exchange.models import CityExperience, SavedSearch
from peer_exchange.search_notifications import results_of
from peer_exchange.selectors.finding import Found, Value, find
from peer_exchange.selectors.world import Spot, spots_of
from peer_exchange.selectors.years import done_within
from peer_exchange.wanted import BY_LINK, GROUPS, SORTS, make_wanted


class HighlightSerializer(serializers.Serializer[Any]):
    """HTML with `<mark>`; everything else in it is escaped. `part` and `excerpt` where the
    words stand in neither title nor summary."""

    title = serializers.CharField()
    summary = serializers.CharField()
    part = serializers.CharField(allow_blank=True)
    excerpt = serializers.CharField(allow_blank=True)


class FoundExperienceSerializer(ExperienceSerializer):
    highlight = serializers.SerializerMethodField()

    class Meta(ExperienceSerializer.Meta):
        fields = (*ExperienceSerializer.Meta.fields, "highlight")

    @extend_schema_field(HighlightSerializer)
    def get_highlight(self, experience: CityExperience) -> Any:
        hit = self.context["marker"].hit(experience.plain_texts)
        return HighlightSerializer(hit).data


class ValueSerializer(serializers.Serializer[Value]):
    value = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    is_chosen = serializers.BooleanField()


def _many(serializer: Any, rows: list[Any]) -> Any:
    return serializer(rows, many=True).data


class FoundPagination(CursorPagination):
    """Through a list of ids in an order that no column holds: a cursor names the last id
    of its page, and is good as long as that one is found."""

    def page_of(self, ids: list[int], request: Request) -> list[int]:
        self.base_url = request.build_absolute_uri()
        size = self.get_page_size(request) or 1
        cursor = self.decode_cursor(request)
        self.start = 0
        if cursor is not None and cursor.position is not None:
            at = whole_number(cursor.position, digits=15)
            if at not in ids:
                raise exceptions.NotFound(self.invalid_cursor_message)
            place = ids.index(at)
            self.start = max(0, place - size) if cursor.reverse else place + 1
        self.ids, self.shown = ids, ids[self.start : self.start + size]
        return self.shown

    def get_next_link(self) -> str | None:
        if not self.shown or self.start + len(self.shown) >= len(self.ids):
            return None
        return str(self.encode_cursor(self._cursor(self.shown[-1])))

    def get_previous_link(self) -> str | None:
        if not self.shown or not self.start:
            return None
        return str(self.encode_cursor(self._cursor(self.shown[0], reverse=True)))

    def _cursor(self, at: int, *, reverse: bool = False) -> Any:
        position: Any = str(at)
        return Cursor(0, reverse, position)

    def answer(self, found: Found, rows: Any) -> Response:
        return Response(
            {
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "total": len(found.ids),
                "q": found.wanted.q,
                "instead_of": found.instead_of,
                "facets": {
                    group: _many(ValueSerializer, values) for group, values in found.facets.items()
                },
                "results": rows,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described: dict[str, Any] = super().get_paginated_response_schema(schema)
        text, value = {"type": "string"}, {"type": "integer"}
        one = {
            "type": "object",
            "properties": {
                "value": text, "name": text, "count": value, "is_chosen": {"type": "boolean"},
            },
        }  # fmt: skip
        described["properties"] |= {
            "total": value,
            "q": text,
            "instead_of": text,
            "facets": {
                "type": "object",
                "additionalProperties": {"type": "array", "items": one},
            },
        }
        return described


class SearchViewSet(viewsets.GenericViewSet[CityExperience]):
    """What is published, best match first (`sort=newest` for by date), with facets: each
    counted as the choices from the others leave it. `instead_of`: what was typed, where no
    text that one may read has it and the nearest words (`q`) were looked for; `exact=1`
    keeps to what was typed."""

    queryset = CityExperience.objects.none()
    serializer_class = FoundExperienceSerializer
    pagination_class = FoundPagination
    filterset_class = ExperienceFilter

    @extend_schema(
        parameters=[
            OpenApiParameter("sort", enum=SORTS, description="relevance, where there are words."),
            OpenApiParameter("exact", bool, description="Do not put mistyped words right."),
        ]
    )
    def list(self, request: Request) -> Response:
        wanted = wanted_of_api(request.query_params)
        readable = CityExperience.objects.visible_to(request.user).published()
        if edition := request.query_params.get("edition"):
            readable = readable.filter(edition__slug=edition)
        found = find(wanted, done_within(readable, wanted))
        paginator = self.paginator
        assert isinstance(paginator, FoundPagination)
        ids = paginator.page_of(found.ids, request)
        rows = CityExperience.objects.with_words().in_bulk(ids)
        context = {**self.get_serializer_context(), "marker": Marker(found.wanted.query)}
        shown = FoundExperienceSerializer(
            [rows[pk] for pk in ids if pk in rows], many=True, context=context
        )
        return paginator.answer(found, shown.data)


class NamedExperienceSerializer(serializers.ModelSerializer[CityExperience]):
    class Meta:
        model = CityExperience
        fields = ("id", "title")


class SpotSerializer(serializers.Serializer[Spot]):
    """A city, how much of it the caller may read, the newest three."""

    city = CitySerializer()
    latitude = serializers.FloatField(source="city.latitude")
    longitude = serializers.FloatField(source="city.longitude")
    count = serializers.IntegerField()
    newest = NamedExperienceSerializer(many=True)


class MapViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The cities with published experiences that one may read, narrowed as the search is."""

    # What is asked about; the rows are cities.
    queryset = CityExperience.objects.none()
    serializer_class = SpotSerializer
    filterset_class = ExperienceFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = narrowed(
            CityExperience.objects.visible_to(request.user).published(),
            wanted_of_api(request.query_params),
        )
        if edition := request.query_params.get("edition"):
            found = found.filter(edition__slug=edition)
        page = self.paginate_queryset(City.objects.filter(pk__in=found.order_by().values("city")))
        rows = found.filter(city__in=page or ()).order_by("-published_at", "-pk")
        spots = {spot.city.pk: spot for spot in spots_of(dict(rows.values_list("pk", "city_id")))}
        shown = [spots[city.pk] for city in page or () if city.pk in spots]
        return self.get_paginated_response(_many(SpotSerializer, shown))


class SavedSearchSerializer(serializers.ModelSerializer[SavedSearch]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    is_removed = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()

    class Meta:
        model = SavedSearch
        fields: tuple[str, ...] = (
            "id", "edition", "name", "wanted", "cadence", "created_at", "looked_at", "digest_at",
            "is_removed", "page",
        )  # fmt: skip

    def get_is_removed(self, search: SavedSearch) -> bool:
        return search.removed_at is not None

    def get_page(self, search: SavedSearch) -> str:
        """Where people see its results."""
        return str(self.context["request"].build_absolute_uri(results_of(search)))


class SavedSearchDetailSerializer(SavedSearchSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(SavedSearchSerializer.Meta):
        fields = (*SavedSearchSerializer.Meta.fields, "abilities")

    def get_abilities(self, search: SavedSearch) -> dict[str, bool]:
        is_kept = search.removed_at is None
        return {"change": is_kept, "remove": is_kept, "restore": not is_kept}


class ChosenSerializer(StrictSerializer):
    """Values by group: slugs, codes, regions, sizes."""

    theme = serializers.ListField(child=TextField(), required=False)
    region = serializers.ListField(child=TextField(), required=False)
    size = serializers.ListField(child=TextField(), required=False)
    language = serializers.ListField(child=TextField(), required=False)
    method = serializers.ListField(child=TextField(), required=False)
    scope = serializers.ListField(child=TextField(), required=False)
    actor = serializers.ListField(child=TextField(), required=False)
    lesson = serializers.ListField(child=TextField(), required=False)
    city = serializers.ListField(child=TextField(), required=False)


class SaveSearchSerializer(StrictSerializer):
    edition = serializers.SlugField()
    name = TextField()
    cadence = serializers.CharField(help_text="daily, weekly or never")
    q = TextField(required=False)
    exact = serializers.BooleanField(required=False)
    since = serializers.IntegerField(
        min_value=0, max_value=9999, required=False, help_text="Some of it was done then or later."
    )
    until = serializers.IntegerField(
        min_value=0, max_value=9999, required=False, help_text="Some of it was done then or before."
    )
    chosen = ChosenSerializer(required=False)


class ChangeSearchSerializer(StrictSerializer):
    name = TextField()
    cadence = serializers.CharField(help_text="daily, weekly or never")


class SavedSearchViewSet(ResourceViewSet):
    """One's own; nobody else's are there for anybody."""

    queryset = SavedSearch.objects.none()
    serializer_class = SavedSearchSerializer
    detail_serializer_class = SavedSearchDetailSerializer

    def get_queryset(self) -> QuerySet[SavedSearch]:
        mine = SavedSearch.objects.visible_to(self.by).select_related("edition")
        return mine.kept() if self.action == "list" else mine

    @extend_schema(
        request=SaveSearchSerializer,
        responses={201: SavedSearchDetailSerializer},
        description="The same search again takes the new name and rhythm.",
    )
    def create(self, request: Request) -> Response:
        body = self.read_body(SaveSearchSerializer)
        edition = get_object_or_404(Edition.objects.visible_to(self.by), slug=body["edition"])
        chosen = body.get("chosen", {})
        wanted = make_wanted(
            q=body.get("q", ""),
            chosen={group: chosen.get(group, ()) for group in (*GROUPS, *BY_LINK)},
            is_exact=body.get("exact", False),
            since=body.get("since"),
            until=body.get("until"),
        )
        search = save_search(
            edition=edition,
            wanted=wanted,
            name=body["name"],
            cadence=body["cadence"],
            by=self.by,
            at=self.at,
        )
        return self.detail_of(search, status.HTTP_201_CREATED)

    @extend_schema(request=ChangeSearchSerializer, responses=SavedSearchDetailSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str | None = None) -> Response:
        search = self.get_object()
        body = self.read_body(ChangeSearchSerializer)
        return self.detail_of(change_search(search=search, by=self.by, at=self.at, **body))

    @extend_schema(request=NoBodySerializer, responses=SavedSearchDetailSerializer)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str | None = None) -> Response:
        """Put it away; `restore` brings it back."""
        search = self.get_object()
        self.read_body(NoBodySerializer)
        return self.detail_of(remove_search(search=search, by=self.by, at=self.at))

    @extend_schema(request=NoBodySerializer, responses=SavedSearchDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        search = self.get_object()
        self.read_body(NoBodySerializer)
        return self.detail_of(restore_search(search=search, by=self.by, at=self.at))
