"""City experiences and the responses to them."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as HttpResponse

from api.serializers import NoBodySerializer, StrictSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City, User
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from peer_exchange import actions
from peer_exchange.enums import FacetKind, Part
from peer_exchange.filters import ExperienceFilter
from peer_exchange.models import CityExperience, Facet, Response, Theme
from peer_exchange.selectors import (
    cities_to_write_for,
    experience_abilities,
    missing_from,
    response_abilities,
)


class ThemeSerializer(serializers.ModelSerializer[Theme]):
    class Meta:
        model = Theme
        fields = ("id", "slug", "name", "order")


class FacetSerializer(serializers.ModelSerializer[Facet]):
    class Meta:
        model = Facet
        fields = ("id", "kind", "slug", "name", "order")


class PersonSerializer(serializers.ModelSerializer[User]):
    """A person as the cohort knows them: never their address."""

    class Meta:
        model = User
        fields = ("id", "name")


class CitySerializer(serializers.ModelSerializer[City]):
    class Meta:
        model = City
        fields = ("slug", "name", "country", "region")


class ExperienceSerializer(serializers.ModelSerializer[CityExperience]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    city = CitySerializer()
    authors = serializers.SerializerMethodField()
    themes = serializers.SerializerMethodField()
    facets = serializers.SerializerMethodField()

    class Meta:
        model = CityExperience
        fields: tuple[str, ...] = (
            "id", "edition", "city", "authors", "title", "summary", "themes", "facets",
            "visibility", "status", "version", "saved_at", "published_at",
        )  # fmt: skip

    @extend_schema_field(PersonSerializer(many=True))
    def get_authors(self, experience: CityExperience) -> Any:
        people = [authorship.user for authorship in experience.authorships.all()]
        return PersonSerializer(people, many=True).data

    def get_themes(self, experience: CityExperience) -> list[str]:
        return [theme.slug for theme in experience.themes.all()]

    def get_facets(self, experience: CityExperience) -> dict[str, list[str]]:
        facets = experience.facets.all()
        return {kind.value: [f.slug for f in facets if f.kind == kind] for kind in FacetKind}


class ExperienceDetailSerializer(ExperienceSerializer):
    missing = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(ExperienceSerializer.Meta):
        fields = (
            *ExperienceSerializer.Meta.fields,
            *Part.values,
            "cleared_by_name",
            "cleared_at",
            "returned_reason",
            "returned_at",
            "archived_reason",
            "archived_at",
            "missing",
            "abilities",
        )

    def get_missing(self, experience: CityExperience) -> dict[str, str]:
        """What is still needed before the text can be submitted: field → sentence."""
        return {name: str(sentence) for name, sentence in missing_from(experience).items()}

    def get_abilities(self, experience: CityExperience) -> dict[str, bool]:
        return experience_abilities(self.context["request"].user, experience)


class ResponseSerializer(serializers.ModelSerializer[Response]):
    author = PersonSerializer()
    city = serializers.SlugRelatedField[City](slug_field="slug", read_only=True)
    is_hidden = serializers.SerializerMethodField()

    class Meta:
        model = Response
        fields: tuple[str, ...] = (
            "id", "experience", "author", "city", "body", "created_at", "edited_at", "is_hidden",
        )  # fmt: skip

    def get_is_hidden(self, response: Response) -> bool:
        return response.hidden_at is not None


class ResponseDetailSerializer(ResponseSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(ResponseSerializer.Meta):
        fields = (*ResponseSerializer.Meta.fields, "hidden_reason", "abilities")

    def get_abilities(self, response: Response) -> dict[str, bool]:
        return response_abilities(self.context["request"].user, response)


# --- Bodies. What a text may hold is decided by the actions, for pages and API alike. ---


class TextField(serializers.CharField):
    """Text as it was sent; a number is not text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StartSerializer(StrictSerializer):
    edition = serializers.SlugField()
    city = serializers.SlugField()
    title = TextField()


class ValuesSerializer(StrictSerializer):
    title = TextField(required=False)
    summary = TextField(required=False)
    context = TextField(required=False)  # type: ignore[assignment]
    challenge = TextField(required=False)
    strategy = TextField(required=False)
    succeeded = TextField(required=False)
    failed = TextField(required=False)
    lessons = TextField(required=False)
    themes = serializers.ListField(child=serializers.SlugField(), required=False, max_length=50)
    methods = serializers.ListField(child=serializers.SlugField(), required=False, max_length=50)
    scopes = serializers.ListField(child=serializers.SlugField(), required=False, max_length=50)
    actors = serializers.ListField(child=serializers.SlugField(), required=False, max_length=50)
    visibility = serializers.CharField(required=False)


class DraftSerializer(StrictSerializer):
    base_version = serializers.IntegerField(min_value=0)
    values = ValuesSerializer()


class SavedSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    saved_at = serializers.DateTimeField()


class VersionReadSerializer(StrictSerializer):
    """A move that judges a text says which one (invariant 3)."""

    base_version = serializers.IntegerField(
        min_value=0, help_text="The version that was read; 409 when it is older."
    )


class ClearSerializer(VersionReadSerializer):
    official = TextField(help_text="Name and office of the official who cleared the text.")


class ReasonSerializer(StrictSerializer):
    reason = TextField()


class ReasonOnVersionSerializer(VersionReadSerializer):
    reason = TextField()


class AuthorSerializer(StrictSerializer):
    user = serializers.IntegerField(min_value=1, help_text="Id of a person of the city’s team.")


class BodySerializer(StrictSerializer):
    body = TextField()


class ExperienceViewSet(ResourceViewSet):
    queryset = CityExperience.objects.none()
    serializer_class = ExperienceSerializer
    detail_serializer_class = ExperienceDetailSerializer
    filterset_class = ExperienceFilter

    def get_queryset(self) -> Any:
        return CityExperience.objects.visible_to(self.by).with_words()

    def filter_queryset(self, queryset: Any) -> Any:
        # Filters narrow the list; a single experience is found whatever the query says.
        return super().filter_queryset(queryset) if self.action == "list" else queryset

    @extend_schema(request=StartSerializer, responses={201: ExperienceDetailSerializer})
    def create(self, request: Request) -> HttpResponse:
        body = self.read_body(StartSerializer)
        edition = get_object_or_404(Edition.objects.visible_to(self.by), slug=body["edition"])
        city = get_object_or_404(City, slug=body["city"])
        if city not in cities_to_write_for(self.by, edition):
            raise PermissionDenied
        experience = actions.start_experience(
            edition=edition, city=city, title=body["title"], by=self.by, at=self.at
        )
        return self._detail(experience, status.HTTP_201_CREATED)

    @extend_schema(request=DraftSerializer, responses=SavedSerializer)
    @action(detail=True, methods=["put"])
    def draft(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Save some fields over `base_version`; 409 with `version` and `stored` when stale."""
        experience = self.get_object()
        body = self.read_body(DraftSerializer)
        saved = actions.save_experience(
            experience=experience,
            base_version=body["base_version"],
            values=body["values"],
            by=self.by,
            at=self.at,
        )
        return HttpResponse(SavedSerializer(saved).data)

    @extend_schema(request=VersionReadSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._move(actions.submit_experience, VersionReadSerializer)

    @extend_schema(request=ClearSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"])
    def clear(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._move(actions.clear_experience, ClearSerializer)

    @extend_schema(
        request=ReasonOnVersionSerializer,
        responses={200: ExperienceDetailSerializer, 204: None},
        description="204 when the text, a draft again, is no longer visible to the moderator.",
    )
    @action(detail=True, methods=["post"], url_path="return")
    def send_back(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._move(actions.return_experience, ReasonOnVersionSerializer)

    @extend_schema(request=VersionReadSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._move(actions.publish_experience, VersionReadSerializer)

    @extend_schema(request=ReasonOnVersionSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._move(actions.archive_experience, ReasonOnVersionSerializer)

    @extend_schema(request=AuthorSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"], url_path="name-author")
    def name_author(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Name a colleague as an author of the draft."""
        return self._sign(actions.name_author)

    @extend_schema(
        request=AuthorSerializer,
        responses={200: ExperienceDetailSerializer, 204: None},
        description="204 when one has taken one's own name off a text that one does not see now.",
    )
    @action(detail=True, methods=["post"], url_path="remove-author")
    def remove_author(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Take a name off the draft; the last one stays."""
        return self._sign(actions.remove_author)

    def _sign(self, change: Any) -> HttpResponse:
        experience = self.get_object()
        body = self.read_body(AuthorSerializer)
        if not self.by.has_perm("peer_exchange.write_experience", experience):
            raise PermissionDenied
        # Whether there is an account of that number is nobody's business here.
        people = User.objects.filter(is_active=True) | User.objects.filter(
            authorships__experience=experience
        )
        user = people.filter(pk=body["user"]).distinct().first()
        if user is None:
            raise InvalidInput(errors={"user": [_("An author is somebody of the city’s team.")]})
        change(experience=experience, user=user, by=self.by, at=self.at)
        return self._detail(experience)

    def _move(self, move: Any, body_serializer: type[StrictSerializer]) -> HttpResponse:
        experience = self.get_object()
        moved = move(
            experience=experience, by=self.by, at=self.at, **self.read_body(body_serializer)
        )
        return self._detail(moved)

    def _detail(self, experience: CityExperience, code: int = status.HTTP_200_OK) -> HttpResponse:
        shown = self.get_queryset().filter(pk=experience.pk).first()
        if shown is None:
            return HttpResponse(status=status.HTTP_204_NO_CONTENT)
        serializer = ExperienceDetailSerializer(shown, context=self.get_serializer_context())
        return HttpResponse(serializer.data, status=code)

    @extend_schema(methods=["GET"], responses=ResponseSerializer(many=True), filters=False)
    @extend_schema(
        methods=["POST"], request=BodySerializer, responses={201: ResponseDetailSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def responses(self, request: Request, pk: str | None = None) -> HttpResponse:
        experience = self.get_object()
        if request.method == "POST":
            response = actions.respond_to_experience(
                experience=experience, by=self.by, at=self.at, **self.read_body(BodySerializer)
            )
            serializer = ResponseDetailSerializer(response, context=self.get_serializer_context())
            return HttpResponse(serializer.data, status=status.HTTP_201_CREATED)
        rows = Response.objects.visible_to(self.by).filter(experience=experience)
        page = self.paginate_queryset(rows.select_related("author", "city"))
        return self.get_paginated_response(ResponseSerializer(page, many=True).data)


class ResponseViewSet(ResourceViewSet):
    queryset = Response.objects.none()
    serializer_class = ResponseSerializer
    detail_serializer_class = ResponseDetailSerializer
    filterset_fields = ("experience",)

    def get_queryset(self) -> Any:
        return Response.objects.visible_to(self.by).select_related("author", "city", "experience")

    @extend_schema(request=BodySerializer, responses=ResponseDetailSerializer)
    @action(detail=True, methods=["post"])
    def edit(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._change(actions.edit_response, BodySerializer)

    @extend_schema(request=ReasonSerializer, responses=ResponseDetailSerializer)
    @action(detail=True, methods=["post"])
    def hide(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._change(actions.hide_response, ReasonSerializer)

    @extend_schema(request=NoBodySerializer, responses=ResponseDetailSerializer)
    @action(detail=True, methods=["post"])
    def show(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._change(actions.show_response, NoBodySerializer)

    def _change(self, change: Any, body_serializer: type[StrictSerializer]) -> HttpResponse:
        response = self.get_object()
        change(response=response, by=self.by, at=self.at, **self.read_body(body_serializer))
        serializer = ResponseDetailSerializer(
            self.get_object(), context=self.get_serializer_context()
        )
        return HttpResponse(serializer.data)


class ThemeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The taxonomy is the same for everybody who signs in."""

    queryset = Theme.objects.all()
    serializer_class = ThemeSerializer


class FacetViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    queryset = Facet.objects.all()
    serializer_class = FacetSerializer
    filterset_fields = ("kind",)
