"""Peer review of drafts: rounds, and the reviews in them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.marking import ReasonBody, VersionBody
from api.views import ResourceViewSet
from assessments.actions.peer_reviews import (
    accept_review,
    decline_review,
    rate_review,
    save_review,
    submit_review,
)
from assessments.actions.peer_rounds import (
    allocate_reviews,
    call_off_round,
    change_round,
    enter_round,
    leave_round,
    open_round,
    replace_stragglers,
)
from assessments.enums import PeerReviewStatus
from assessments.models import PeerReview, PeerRound, Project, Submission
from assessments.selectors.peer import (
    entry_of,
    hides_reviewer,
    plan_round,
    review_abilities,
    round_abilities,
    shown_reviewer,
    shown_writer,
)
from assessments.selectors.team import member_in_hand
from lms.programme.models import Edition
from lms.programme.selectors import standing_of


class PeerQuestionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    required = serializers.BooleanField()  # type: ignore[assignment]


class PeerRoundSerializer(serializers.ModelSerializer[PeerRound]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    questions = PeerQuestionSerializer(many=True, read_only=True)

    class Meta:
        model = PeerRound
        fields = (
            "id", "edition", "title", "opens_at", "closes_at", "zone", "minimum", "most",
            "answer_hours", "takes_all", "matches_language", "hides_names", "questions", "version",
            "called_off_at",
        )  # fmt: skip


class PeerRoundDetailSerializer(PeerRoundSerializer):
    """`is_entered`: whether the caller's own draft takes part."""

    is_entered = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(PeerRoundSerializer.Meta):
        fields = (*PeerRoundSerializer.Meta.fields, "is_entered", "abilities")  # type: ignore[assignment]

    def get_is_entered(self, peer_round: PeerRound) -> bool:
        draft = own_draft(self.context["request"].user, peer_round)
        return draft is not None and entry_of(peer_round, draft) is not None

    def get_abilities(self, peer_round: PeerRound) -> dict[str, bool]:
        user = self.context["request"].user
        can = round_abilities(peer_round, user, self.context["view"].at)
        writes = own_draft(user, peer_round) is not None
        is_open = (
            peer_round.called_off_at is None and self.context["view"].at < peer_round.closes_at
        )
        return {**can, "enter": writes and is_open, "leave": writes and is_open}


class QuestionBody(StrictSerializer):
    key = serializers.SlugField(max_length=50, required=False)
    title = serializers.CharField(max_length=300)
    help = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    required = serializers.BooleanField(  # type: ignore[assignment]
        required=False, default=True
    )


class RoundBody(StrictSerializer):
    """`opens_wall`, `closes_wall`: times on the clock of the edition, without an offset."""

    title = serializers.CharField(max_length=120)
    opens_wall = serializers.CharField(max_length=30)
    closes_wall = serializers.CharField(max_length=30)
    minimum = serializers.IntegerField(min_value=1, max_value=10, required=False)
    most = serializers.IntegerField(min_value=1, max_value=20, required=False)
    answer_hours = serializers.IntegerField(min_value=1, max_value=720, required=False)
    takes_all = serializers.BooleanField(required=False)
    matches_language = serializers.BooleanField(required=False)
    hides_names = serializers.BooleanField(required=False)
    questions = QuestionBody(many=True)

    def validate_opens_wall(self, value: str) -> Any:
        return _wall(value)

    def validate_closes_wall(self, value: str) -> Any:
        return _wall(value)


class OpenRoundBody(RoundBody):
    edition = serializers.SlugField()


class ChangeRoundBody(RoundBody, VersionBody):
    pass


class AllocatedSerializer(serializers.Serializer[Any]):
    """How many reviewers were asked; `short`: the drafts that cannot have the minimum."""

    asked = serializers.IntegerField()
    short = serializers.ListField(child=serializers.DictField())


def _wall(value: str) -> Any:
    try:
        wall = datetime.fromisoformat(value)
    except ValueError as error:
        raise serializers.ValidationError(_("Give a day and a time.")) from error
    if wall.tzinfo is not None:
        raise serializers.ValidationError(_("Give the time on the clock, without an offset."))
    return wall


def own_draft(user: Any, peer_round: PeerRound) -> Submission | None:
    enrolment = standing_of(user).enrolments.get(peer_round.edition_id)
    member = member_in_hand(enrolment) if enrolment else None
    return member.submission if member else None


class PeerRoundViewSet(ResourceViewSet):
    queryset = PeerRound.objects.none()
    serializer_class = PeerRoundSerializer
    detail_serializer_class = PeerRoundDetailSerializer
    filterset_fields = ("edition__slug",)

    def get_queryset(self) -> QuerySet[PeerRound]:
        return PeerRound.objects.visible_to(self.by).select_related("edition", "project")

    @extend_schema(request=OpenRoundBody, responses={201: PeerRoundDetailSerializer})
    def create(self, request: Request) -> Response:
        """Open a round on the project of an edition."""
        body = self.read_body(OpenRoundBody)
        project = (
            Project.objects.visible_to(self.by)
            .filter(edition__slug=body.pop("edition"))
            .select_related("edition")
            .first()
        )
        if project is None:
            raise Http404
        made = open_round(project=project, values=body, by=self.by, at=self.at)
        return self.detail_of(made, 201)

    @extend_schema(request=ChangeRoundBody, responses=PeerRoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def change(self, request: Request, pk: str | None = None) -> Response:
        peer_round = self.get_object()
        body = self.read_body(ChangeRoundBody)
        version = body.pop("base_version")
        change_round(
            peer_round=peer_round, values=body, base_version=version, by=self.by, at=self.at
        )
        return self.detail_of(peer_round)

    @extend_schema(request=NoBodySerializer, responses=PeerRoundDetailSerializer)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request: Request, pk: str | None = None) -> Response:
        peer_round = self.get_object()
        self.read_body(NoBodySerializer)
        call_off_round(peer_round=peer_round, by=self.by, at=self.at)
        return self.detail_of(peer_round)

    @extend_schema(request=NoBodySerializer, responses=PeerRoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def enter(self, request: Request, pk: str | None = None) -> Response:
        """Put the caller's own draft in."""
        peer_round = self.get_object()
        self.read_body(NoBodySerializer)
        enter_round(peer_round=peer_round, submission=self._own(peer_round), by=self.by, at=self.at)
        return self.detail_of(peer_round)

    @extend_schema(request=NoBodySerializer, responses=PeerRoundDetailSerializer)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str | None = None) -> Response:
        peer_round = self.get_object()
        self.read_body(NoBodySerializer)
        leave_round(peer_round=peer_round, submission=self._own(peer_round), by=self.by, at=self.at)
        return self.detail_of(peer_round)

    @extend_schema(request=NoBodySerializer, responses=AllocatedSerializer)
    @action(detail=True, methods=["post"])
    def preview(self, request: Request, pk: str | None = None) -> Response:
        """Who would be asked now, in numbers; nothing is done."""
        peer_round = self.get_object()
        self.read_body(NoBodySerializer)
        if not self.by.has_perm("assessments.run_peer_review", peer_round):
            raise Http404
        plan = plan_round(peer_round)
        return Response(_allocated(len(plan.pairs), plan.short))

    @extend_schema(request=NoBodySerializer, responses=AllocatedSerializer)
    @action(detail=True, methods=["post"])
    def find(self, request: Request, pk: str | None = None) -> Response:
        """Replace who did not answer in time, and ask reviewers for what is missing."""
        peer_round = self.get_object()
        self.read_body(NoBodySerializer)
        replaced = replace_stragglers(peer_round=peer_round, by=self.by, at=self.at)
        found = allocate_reviews(peer_round=peer_round, by=self.by, at=self.at)
        return Response(_allocated(len(replaced.given) + len(found.given), found.short))

    def _own(self, peer_round: PeerRound) -> Submission:
        draft = own_draft(self.by, peer_round)
        if draft is None:
            raise Http404
        return draft


def _allocated(asked: int, short: list[Any]) -> dict[str, Any]:
    return {
        "asked": asked,
        "short": [
            {"project": entry.submission_id, "missing": missing, "why": why}
            for entry, missing, why in short
        ],
    }


class PeerReviewSerializer(serializers.ModelSerializer[PeerReview]):
    """Names as the caller may know them. `usefulness`: 1 to 5, by a writer of the draft."""

    round = serializers.PrimaryKeyRelatedField[PeerRound](read_only=True)
    writer = serializers.SerializerMethodField()
    reviewer = serializers.SerializerMethodField()

    class Meta:
        model = PeerReview
        fields = (
            "id", "round", "writer", "reviewer", "status", "version", "invited_at",
            "answer_until_at", "saved_at", "submitted_at", "usefulness", "usefulness_note",
        )  # fmt: skip

    def get_writer(self, review: PeerReview) -> str:
        return shown_writer(review, self.context["request"].user)

    def get_reviewer(self, review: PeerReview) -> str:
        return shown_reviewer(review, self.context["request"].user)


class PeerReviewDetailSerializer(PeerReviewSerializer):
    """`draft`: section key → HTML, for the reviewer. `answers` of a review that is not handed
    in are its reviewer's alone."""

    questions = PeerQuestionSerializer(source="round.questions", many=True)
    draft = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    abilities = serializers.SerializerMethodField()

    class Meta(PeerReviewSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *PeerReviewSerializer.Meta.fields, "questions", "draft", "answers", "reason",
            "abilities",
        )  # fmt: skip

    def _is_own(self, review: PeerReview) -> bool:
        return bool(review.reviewer.user_id == self.context["request"].user.pk)

    @extend_schema_field(serializers.DictField(child=serializers.CharField(), allow_null=True))
    def get_draft(self, review: PeerReview) -> dict[str, str] | None:
        gone = (PeerReviewStatus.DECLINED, PeerReviewStatus.REALLOCATED)
        may_read = self._is_own(review) and review.status not in gone
        return dict(review.draft.sections) if may_read else None

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_answers(self, review: PeerReview) -> dict[str, str]:
        is_in = review.status == PeerReviewStatus.SUBMITTED
        return dict(review.answers) if is_in or self._is_own(review) else {}

    def get_reason(self, review: PeerReview) -> str:
        """Why it was declined: for its reviewer and the coordinators."""
        user = self.context["request"].user
        runs = user.has_perm("assessments.run_peer_review", review.round)
        may_read = self._is_own(review) or (runs and not hides_reviewer(review, user))
        return review.reason if may_read else ""

    def get_abilities(self, review: PeerReview) -> dict[str, bool]:
        return review_abilities(review, self.context["request"].user, self.context["view"].at)


class AnswersBody(VersionBody):
    answers = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False)
    )


class RateBody(StrictSerializer):
    usefulness = serializers.IntegerField(min_value=1, max_value=5)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class PeerReviewViewSet(ResourceViewSet):
    queryset = PeerReview.objects.none()
    serializer_class = PeerReviewSerializer
    detail_serializer_class = PeerReviewDetailSerializer
    filterset_fields = ("round", "status")

    def get_queryset(self) -> QuerySet[PeerReview]:
        found = PeerReview.objects.visible_to(self.by).select_related(
            "round__edition", "reviewer__user", "draft",
            "draft__entry__submission__owner__user", "draft__entry__submission__owner__city",
        ).defer("draft__entry__submission__sections")  # fmt: skip
        return found.defer("answers", "draft__sections") if self.action == "list" else found

    def _answer(self) -> Response:
        serializer = PeerReviewDetailSerializer(
            self.get_object(), context=self.get_serializer_context()
        )
        return Response(serializer.data)

    @extend_schema(request=NoBodySerializer, responses=PeerReviewDetailSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str | None = None) -> Response:
        review = self.get_object()
        self.read_body(NoBodySerializer)
        accept_review(review=review, by=self.by, at=self.at)
        return self._answer()

    @extend_schema(request=ReasonBody, responses=PeerReviewDetailSerializer)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str | None = None) -> Response:
        review = self.get_object()
        body = self.read_body(ReasonBody)
        decline_review(review=review, by=self.by, at=self.at, **body)
        return self._answer()

    @extend_schema(request=AnswersBody, responses=PeerReviewDetailSerializer)
    @action(detail=True, methods=["put"])
    def answers(self, request: Request, pk: str | None = None) -> Response:
        """Save the answers named; the others stay."""
        review = self.get_object()
        body = self.read_body(AnswersBody)
        save_review(review=review, by=self.by, at=self.at, **body)
        return self._answer()

    @extend_schema(request=VersionBody, responses=PeerReviewDetailSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str | None = None) -> Response:
        review = self.get_object()
        body = self.read_body(VersionBody)
        submit_review(review=review, by=self.by, at=self.at, **body)
        return self._answer()

    @extend_schema(request=RateBody, responses=PeerReviewDetailSerializer)
    @action(detail=True, methods=["post"])
    def rate(self, request: Request, pk: str | None = None) -> Response:
        review = self.get_object()
        body = self.read_body(RateBody)
        rate_review(review=review, by=self.by, at=self.at, **body)
        return self._answer()
