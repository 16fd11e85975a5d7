"""The conversation on an experience: responses, questions and answers."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as HttpResponse

from api.serializers import IdField, NoBodySerializer, StrictSerializer, TextField
from api.v1.experience_bodies import ReasonSerializer
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City
from peer_exchange import actions
from peer_exchange.actions.wordings import bring_wording_back, withhold_wording
from peer_exchange.enums import ResponseKind
from peer_exchange.models import CityExperience, Response
from peer_exchange.selectors.people import suggestions
from peer_exchange.selectors.threads import conversation_abilities
from peer_exchange.selectors.wordings import wordings_of


class ResponseSerializer(serializers.ModelSerializer[Response]):
    """`thread`: id of the response at the head, null for a head; `position`: of a reply in
    its thread, from 1."""

    author = PersonSerializer()
    city = serializers.SlugRelatedField[City](slug_field="slug", read_only=True)
    mentions = serializers.SerializerMethodField()
    is_hidden = serializers.SerializerMethodField()

    class Meta:
        model = Response
        fields: tuple[str, ...] = (
            "id", "experience", "author", "city", "parent", "thread", "position", "reply_count",
            "part", "kind", "body", "mentions", "answer", "answered_at", "created_at",
            "edited_at", "is_hidden",
        )  # fmt: skip

    def get_is_hidden(self, response: Response) -> bool:
        return response.hidden_at is not None

    def get_mentions(self, response: Response) -> list[int]:
        """Ids of the people whom it calls by name."""
        return [mention.user_id for mention in response.mentions.all()]


class ResponseDetailSerializer(ResponseSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(ResponseSerializer.Meta):
        fields = (*ResponseSerializer.Meta.fields, "hidden_reason", "abilities")

    def get_abilities(self, response: Response) -> dict[str, bool]:
        return conversation_abilities(self.context["request"].user, response)


class WordingSerializer(serializers.Serializer[Any]):
    """`body` is empty where a moderator took the wording away (`withheld_at`), but for its
    author and the moderators; so is their `reason`."""

    number = serializers.IntegerField(source="revision.number")
    body = serializers.CharField()
    written_at = serializers.DateTimeField(source="revision.written_at")
    withheld_at = serializers.DateTimeField(source="withheld.withheld_at", default=None)
    reason = serializers.CharField()
    abilities = serializers.DictField(child=serializers.BooleanField())


class WordingNumberSerializer(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=32_767)


class WithholdWordingSerializer(WordingNumberSerializer):
    reason = TextField()


class SuggestionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    insert = serializers.CharField(help_text="What to write after the @.")


class RespondSerializer(StrictSerializer):
    body = TextField()
    parent = IdField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The response that is answered."
    )
    part = serializers.CharField(
        required=False, allow_blank=True, max_length=20, help_text="The part it is about."
    )
    kind = serializers.ChoiceField(choices=ResponseKind.choices, required=False)
    answers = serializers.BooleanField(
        required=False, help_text="The city’s team: this reply answers the question."
    )


class BodySerializer(StrictSerializer):
    body = TextField()


class AnswerSerializer(StrictSerializer):
    answer = IdField(help_text="A reply of the question’s thread.")


class ExperienceConversation:
    """Of the viewset of experiences: what is said about one."""

    @extend_schema(methods=["GET"], responses=ResponseSerializer(many=True), filters=False)
    @extend_schema(
        methods=["POST"], request=RespondSerializer, responses={201: ResponseDetailSerializer}
    )
    @action(detail=True, methods=["get", "post"])
    def responses(self: Any, request: Request, pk: str | None = None) -> HttpResponse:
        """Heads of threads and replies, newest first; POST to respond."""
        experience = self.get_object()
        if request.method == "POST":
            body = self.read_body(RespondSerializer)
            response = actions.respond_to_experience(
                experience=experience,
                parent_id=body.pop("parent", None),
                by=self.by,
                at=self.at,
                **body,
            )
            serializer = ResponseDetailSerializer(
                _in_full(Response.objects.all()).get(pk=response.pk),
                context=self.get_serializer_context(),
            )
            return HttpResponse(serializer.data, status=status.HTTP_201_CREATED)
        rows = Response.objects.visible_to(self.by).filter(experience=experience)
        page = self.paginate_queryset(_in_full(rows))
        return self.get_paginated_response(ResponseSerializer(page, many=True).data)

    @extend_schema(responses=SuggestionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def people(self: Any, request: Request, pk: str | None = None) -> HttpResponse:
        """Up to eight people who can be called by name, by what their name has (`q`)."""
        experience: CityExperience = self.get_object()
        if not self.by.has_perm("peer_exchange.respond_to_experience", experience):
            self.permission_denied(request)
        begun = request.query_params.get("q", "")[:80]
        found = suggestions(experience.edition_id, self.by, begun)
        return HttpResponse(SuggestionSerializer(found, many=True).data)


class ResponseViewSet(ResourceViewSet):
    queryset = Response.objects.none()
    serializer_class = ResponseSerializer
    detail_serializer_class = ResponseDetailSerializer
    filterset_fields = {
        "experience": ["exact"],
        "thread": ["exact", "isnull"],
        "kind": ["exact"],
        "part": ["exact"],
        "answered_at": ["isnull"],
        "author": ["exact"],
    }

    def get_queryset(self) -> Any:
        return _in_full(Response.objects.visible_to(self.by))

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

    @extend_schema(request=AnswerSerializer, responses=ResponseDetailSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Of a question: say which reply answers it."""
        question = self.get_object()
        body = self.read_body(AnswerSerializer)
        actions.answer_question(question=question, answer_id=body["answer"], by=self.by, at=self.at)
        return self.detail_of(question)

    @extend_schema(request=NoBodySerializer, responses=ResponseDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Of a question: it is open again."""
        question = self.get_object()
        self.read_body(NoBodySerializer)
        actions.reopen_question(question=question, by=self.by, at=self.at)
        return self.detail_of(question)

    @extend_schema(responses=WordingSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Every wording it has had, the first one first."""
        return self._wordings(self.get_object())

    @extend_schema(
        request=WithholdWordingSerializer, responses=WordingSerializer(many=True), filters=False
    )
    @action(detail=True, methods=["post"], url_path="withhold-wording", pagination_class=None)
    def withhold_wording(self, request: Request, pk: str | None = None) -> HttpResponse:
        """A moderator takes one earlier wording away; readers see that there was one."""
        response = self.get_object()
        body = self.read_body(WithholdWordingSerializer)
        withhold_wording(response=response, by=self.by, at=self.at, **body)
        return self._wordings(response)

    @extend_schema(
        request=WordingNumberSerializer, responses=WordingSerializer(many=True), filters=False
    )
    @action(detail=True, methods=["post"], url_path="bring-wording-back", pagination_class=None)
    def bring_wording_back(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Undo `withhold-wording`."""
        response = self.get_object()
        body = self.read_body(WordingNumberSerializer)
        bring_wording_back(response=response, by=self.by, at=self.at, **body)
        return self._wordings(response)

    def _wordings(self, response: Response) -> HttpResponse:
        wordings = wordings_of(self.by, response)
        return HttpResponse(WordingSerializer(wordings, many=True).data)

    def _change(self, change: Any, body_serializer: type[StrictSerializer]) -> HttpResponse:
        response = self.get_object()
        change(response=response, by=self.by, at=self.at, **self.read_body(body_serializer))
        return self.detail_of(response)


def _in_full(responses: Any) -> Any:
    return responses.select_related(
        "author", "city", "thread", "experience__edition"
    ).prefetch_related("mentions", "experience__authorships")
