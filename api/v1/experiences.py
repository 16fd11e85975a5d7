"""City experiences and the responses to them."""

from typing import Any, cast

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as HttpResponse

from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.conversation import ExperienceConversation
from api.v1.experience_bodies import (
    AttachSerializer,
    AuthorSerializer,
    ClearSerializer,
    DraftSerializer,
    EmbargoSerializer,
    ExperienceFileSerializer,
    FileSerializer,
    LinkSerializer,
    ReasonOnVersionSerializer,
    SavedSerializer,
    StartSerializer,
    VersionReadSerializer,
)
from api.v1.persons import CitySerializer, PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City, User
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.rich_text import text_of
from lms.programme.models import Edition
from peer_exchange import actions
from peer_exchange.enums import FacetKind, Part
from peer_exchange.filters import ExperienceFilter
from peer_exchange.models import CityExperience, ExperienceFile, Facet, Theme
from peer_exchange.selectors import (
    cities_to_write_for,
    experience_abilities,
    missing_from,
)
from peer_exchange.selectors.drafts import stored_otherwise
from peer_exchange.selectors.signed import authors_for


class ThemeSerializer(serializers.ModelSerializer[Theme]):
    class Meta:
        model = Theme
        fields = ("id", "slug", "name", "order")


class FacetSerializer(serializers.ModelSerializer[Facet]):
    class Meta:
        model = Facet
        fields = ("id", "kind", "slug", "name", "order")


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
            "language", "began_in", "ended_in", "visibility", "status", "version", "saved_at",
            "published_at",
        )  # fmt: skip

    @extend_schema_field(PersonSerializer(many=True))
    def get_authors(self, experience: CityExperience) -> Any:
        """Whom the reader is told: outside the edition, those who agreed to be shown."""
        named = cast(dict[str, Any], self.context).setdefault("authors_for", {})
        if experience.pk not in named:
            page: Any = self.parent.instance if self.parent else [experience]
            named |= authors_for(self.context["request"].user, page)
        return PersonSerializer(named[experience.pk], many=True).data

    def get_themes(self, experience: CityExperience) -> list[str]:
        return [theme.slug for theme in experience.themes.all()]

    def get_facets(self, experience: CityExperience) -> dict[str, list[str]]:
        facets = experience.facets.all()
        return {kind.value: [f.slug for f in facets if f.kind == kind] for kind in FacetKind}


class ExperienceDetailSerializer(ExperienceSerializer):
    """The parts as plain text; as they are formatted, in `html`."""

    html = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    missing = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(ExperienceSerializer.Meta):
        fields = (
            *ExperienceSerializer.Meta.fields,
            *Part.values,
            "html",
            "links",
            "contact_name",
            "contact_office",
            "contact_email",
            "files",
            "revises",
            "given_up_at",
            "cleared_by_name",
            "cleared_at",
            "embargo_until",
            "returned_reason",
            "returned_at",
            "archived_reason",
            "archived_at",
            "missing",
            "abilities",
        )

    def to_representation(self, experience: CityExperience) -> Any:
        return {
            **super().to_representation(experience),
            **{part: text_of(html) for part, html in experience.parts.items()},
        }

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_html(self, experience: CityExperience) -> dict[str, str]:
        return experience.parts

    @extend_schema_field(LinkSerializer(many=True))
    def get_links(self, experience: CityExperience) -> Any:
        return LinkSerializer(experience.evidence_links, many=True).data

    @extend_schema_field(ExperienceFileSerializer(many=True))
    def get_files(self, experience: CityExperience) -> Any:
        return ExperienceFileSerializer(experience.files.attached(), many=True).data

    def get_missing(self, experience: CityExperience) -> dict[str, str]:
        """What is still needed before the text can be submitted: field → sentence."""
        return {name: str(sentence) for name, sentence in missing_from(experience).items()}

    def get_abilities(self, experience: CityExperience) -> dict[str, bool]:
        return experience_abilities(self.context["request"].user, experience)


class ExperienceViewSet(ExperienceConversation, ResourceViewSet):
    queryset = CityExperience.objects.none()
    serializer_class = ExperienceSerializer
    detail_serializer_class = ExperienceDetailSerializer
    filterset_class = ExperienceFilter

    def get_queryset(self) -> Any:
        return CityExperience.objects.visible_to(self.by).with_words()

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
        return self.detail_of(experience, status.HTTP_201_CREATED)

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
            text_format=body["text_format"],
            set_aside=body.get("set_aside"),
            by=self.by,
            at=self.at,
        )
        values = stored_otherwise(saved, body["values"], body["text_format"])
        return HttpResponse(
            {"version": saved.version, "saved_at": saved.saved_at, "values": values}
        )

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

    @extend_schema(request=NoBodySerializer, responses={201: ExperienceDetailSerializer})
    @action(detail=True, methods=["post"])
    def rework(self, request: Request, pk: str | None = None) -> HttpResponse:
        """A draft to change the published text in; the one that is begun, however often
        asked."""
        experience = self.get_object()
        self.read_body(NoBodySerializer)
        reworking = actions.rework_experience(experience=experience, by=self.by, at=self.at)
        return self.detail_of(reworking, status.HTTP_201_CREATED)

    @extend_schema(request=VersionReadSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"], url_path="give-up")
    def give_up(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Let a new version be; the published text stays."""
        return self._move(actions.give_up_reworking, VersionReadSerializer)

    @extend_schema(request=NoBodySerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"], url_path="take-up")
    def take_up(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Undo `give-up`."""
        return self._move(actions.take_up_reworking, NoBodySerializer)

    @extend_schema(request=EmbargoSerializer, responses=ExperienceDetailSerializer)
    @action(detail=True, methods=["post"])
    def embargo(self, request: Request, pk: str | None = None) -> HttpResponse:
        """End the embargo of a cleared text sooner, later or now."""
        return self._move(actions.change_embargo, EmbargoSerializer)

    @extend_schema(
        request={"multipart/form-data": AttachSerializer},
        responses={201: ExperienceFileSerializer},
    )
    @action(detail=True, methods=["post"])
    def attach(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Attach a picture or a file to a draft (multipart)."""
        experience = self.get_object()
        body = self.read_body(AttachSerializer)
        file = actions.attach(
            experience=experience, upload=body.pop("file"), by=self.by, at=self.at, **body
        )
        return HttpResponse(ExperienceFileSerializer(file).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=FileSerializer, responses=ExperienceFileSerializer)
    @action(detail=True, methods=["post"], url_path="remove-file")
    def remove_file(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._change_file(actions.remove_attachment)

    @extend_schema(request=FileSerializer, responses=ExperienceFileSerializer)
    @action(detail=True, methods=["post"], url_path="restore-file")
    def restore_file(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._change_file(actions.restore_attachment)

    def _change_file(self, change: Any) -> HttpResponse:
        experience = self.get_object()
        body = self.read_body(FileSerializer)
        files = ExperienceFile.objects.visible_to(self.by).filter(experience=experience)
        file = get_object_or_404(files, pk=body["file"])
        changed = change(file=file, by=self.by, at=self.at)
        return HttpResponse(ExperienceFileSerializer(changed).data)

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
        return self.detail_of(experience)

    def _move(self, move: Any, body_serializer: type[StrictSerializer]) -> HttpResponse:
        experience = self.get_object()
        moved = move(
            experience=experience, by=self.by, at=self.at, **self.read_body(body_serializer)
        )
        return self.detail_of(moved)


class ThemeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """The taxonomy is the same for everybody who signs in."""

    queryset = Theme.objects.all()
    serializer_class = ThemeSerializer


class FacetViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    queryset = Facet.objects.all()
    serializer_class = FacetSerializer
    filterset_fields = ("kind",)
