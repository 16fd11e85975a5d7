"""The conversation: responses, answers, reports, what one follows, whom one keeps away."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response as HttpResponse

from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.experience_bodies import ReasonSerializer, TextField
from api.v1.persons import PersonSerializer
from api.views import ResourceViewSet
from lms.accounts.models import City, User
from peer_exchange import actions
from peer_exchange.actions.following import shares_an_edition
from peer_exchange.enums import Distance, ReportReason, ResponseKind
from peer_exchange.models import (
    CityExperience,
    Follow,
    KeptAway,
    Report,
    Response,
    ResponseRevision,
)
from peer_exchange.rules import may_settle_report
from peer_exchange.selectors.people import suggestions
from peer_exchange.selectors.threads import conversation_abilities


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


class WordingSerializer(serializers.ModelSerializer[ResponseRevision]):
    class Meta:
        model = ResponseRevision
        fields = ("number", "body", "written_at")


class SuggestionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    city = serializers.CharField()
    insert = serializers.CharField(help_text="What to write after the @.")


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
        user = self.context["request"].user
        settles, is_open = may_settle_report(user, report), report.status == "open"
        return {
            "uphold": settles and is_open,
            "dismiss": settles and is_open,
            "reopen": settles and report.status in ("upheld", "dismissed"),
            "withdraw": is_open and report.reporter_id == user.pk,
        }


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


class RespondSerializer(StrictSerializer):
    body = TextField()
    parent = serializers.IntegerField(  # type: ignore[assignment]
        min_value=1, required=False, allow_null=True, help_text="The response that is answered."
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
    answer = serializers.IntegerField(min_value=1, help_text="A reply of the question’s thread.")


class ReportBodySerializer(StrictSerializer):
    experience = serializers.IntegerField(min_value=1)
    response = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    reason = serializers.ChoiceField(choices=ReportReason.choices)
    words = TextField(required=False)


class FollowBodySerializer(StrictSerializer):
    experience = serializers.IntegerField(min_value=1, required=False)
    city = serializers.SlugField(required=False)


class KeepAwaySerializer(StrictSerializer):
    other = serializers.IntegerField(min_value=1)
    distance = serializers.ChoiceField(choices=Distance.choices)


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

    def filter_queryset(self, queryset: Any) -> Any:
        return super().filter_queryset(queryset) if self.action == "list" else queryset

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
        return self._detail()

    @extend_schema(request=NoBodySerializer, responses=ResponseDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Of a question: it is open again."""
        question = self.get_object()
        self.read_body(NoBodySerializer)
        actions.reopen_question(question=question, by=self.by, at=self.at)
        return self._detail()

    @extend_schema(responses=WordingSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Every wording it has had, the first one first."""
        revisions = self.get_object().revisions.order_by("number")
        return HttpResponse(WordingSerializer(revisions, many=True).data)

    def _change(self, change: Any, body_serializer: type[StrictSerializer]) -> HttpResponse:
        response = self.get_object()
        change(response=response, by=self.by, at=self.at, **self.read_body(body_serializer))
        return self._detail()

    def _detail(self) -> HttpResponse:
        serializer = ResponseDetailSerializer(
            self.get_object(), context=self.get_serializer_context()
        )
        return HttpResponse(serializer.data)


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
    def create(self, request: Request) -> HttpResponse:
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
        return self._detail(made, status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Agree: a response is hidden."""
        return self._settle(actions.uphold_reports)

    @extend_schema(request=ReasonSerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._settle(actions.dismiss_reports)

    @extend_schema(request=NoBodySerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str | None = None) -> HttpResponse:
        """Undo what was decided."""
        return self._move(actions.reopen_reports)

    @extend_schema(request=NoBodySerializer, responses=ReportDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> HttpResponse:
        return self._move(actions.withdraw_report)

    def _settle(self, move: Any) -> HttpResponse:
        report = self.get_object()
        body = self.read_body(ReasonSerializer)
        return self._detail(move(report=report, words=body["reason"], by=self.by, at=self.at))

    def _move(self, move: Any) -> HttpResponse:
        report = self.get_object()
        self.read_body(NoBodySerializer)
        return self._detail(move(report=report, by=self.by, at=self.at))

    def _detail(self, report: Report, code: int = status.HTTP_200_OK) -> HttpResponse:
        serializer = ReportDetailSerializer(
            self.get_queryset().get(pk=report.pk), context=self.get_serializer_context()
        )
        return HttpResponse(serializer.data, status=code)


class FollowViewSet(ResourceViewSet):
    """What one follows oneself."""

    queryset = Follow.objects.none()
    serializer_class = FollowSerializer
    detail_serializer_class = FollowDetailSerializer

    def get_queryset(self) -> Any:
        readable = CityExperience.objects.visible_to(self.by).values("pk")
        own = Follow.objects.filter(user=self.by).select_related("city")
        return own.filter(experience__isnull=True) | own.filter(experience__in=readable)

    @extend_schema(request=FollowBodySerializer, responses={201: FollowSerializer})
    def create(self, request: Request) -> HttpResponse:
        body = self.read_body(FollowBodySerializer)
        experience = city = None
        if "experience" in body:
            readable = CityExperience.objects.visible_to(self.by)
            experience = get_object_or_404(readable, pk=body["experience"])
        if "city" in body:
            city = get_object_or_404(City, slug=body["city"])
        made = actions.follow(experience=experience, city=city, by=self.by, at=self.at)
        return HttpResponse(FollowSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NoBodySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> HttpResponse:
        followed: Follow = self.get_object()
        self.read_body(NoBodySerializer)
        actions.unfollow(experience=followed.experience, city=followed.city, by=self.by, at=self.at)
        return HttpResponse(status=status.HTTP_204_NO_CONTENT)


class KeptAwayViewSet(ResourceViewSet):
    """Whom one has muted or blocked oneself."""

    queryset = KeptAway.objects.none()
    serializer_class = KeptAwaySerializer
    detail_serializer_class = KeptAwayDetailSerializer

    def get_queryset(self) -> Any:
        return KeptAway.objects.filter(user=self.by).select_related("other")

    @extend_schema(request=KeepAwaySerializer, responses={201: KeptAwaySerializer})
    def create(self, request: Request) -> HttpResponse:
        body = self.read_body(KeepAwaySerializer)
        other = User.objects.filter(pk=body["other"]).first()
        # Whether there is an account of that number is nobody's business here.
        if other is None or not shares_an_edition(self.by, other):
            raise Http404
        kept = actions.keep_away(other=other, distance=body["distance"], by=self.by, at=self.at)
        return HttpResponse(KeptAwaySerializer(kept).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NoBodySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> HttpResponse:
        kept: KeptAway = self.get_object()
        self.read_body(NoBodySerializer)
        actions.let_back(other=kept.other, by=self.by, at=self.at)
        return HttpResponse(status=status.HTTP_204_NO_CONTENT)


def _in_full(responses: Any) -> Any:
    return responses.select_related(
        "author", "city", "thread", "experience__edition"
    ).prefetch_related("mentions", "experience__authorships")
