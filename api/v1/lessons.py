"""Lessons and their activities: to read, to answer, to write, to finish."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPagination
from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.h5p import InteractiveActions
from api.views import ResourceViewSet
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment
from modules.actions import answer_questions, complete_activity, save_written_answer
from modules.enums import ActivityKind, ActivityStatus, CompletionRule, QuestionKind
from modules.models import ActivityPage, ActivityProgress, Course, LessonPage
from modules.models.content import ActivityContent
from modules.selectors import (
    ActivityPlace,
    OwnWork,
    content_for,
    lesson_progress,
    outline_of,
    own_work,
)


class LessonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    edition = serializers.SlugField()
    number = serializers.IntegerField()
    slug = serializers.SlugField()
    title = serializers.CharField()
    summary = serializers.CharField()
    minutes = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Activities the caller has done.")
    total = serializers.IntegerField()


class ActivityInLessonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(ActivityKind.choices)
    slug = serializers.SlugField()
    title = serializers.CharField()
    summary = serializers.CharField()
    minutes = serializers.IntegerField()
    feeds = serializers.CharField(help_text="Key of the project section it feeds, or empty.")
    state = serializers.ChoiceField(ActivityStatus.choices)


class LessonDetailSerializer(LessonSerializer):
    aims = serializers.ListField(child=serializers.CharField())
    skills = serializers.ListField(child=serializers.CharField())
    activities = ActivityInLessonSerializer(many=True)
    abilities = serializers.DictField(child=serializers.BooleanField())


class OptionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    text = serializers.CharField()
    is_chosen = serializers.BooleanField()
    is_right = serializers.BooleanField(
        allow_null=True, help_text="Only of options that the caller has chosen."
    )
    feedback = serializers.CharField()


class QuestionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    prompt = serializers.CharField()
    options = OptionSerializer(many=True)
    is_answered = serializers.BooleanField()
    is_right = serializers.BooleanField(allow_null=True)
    explanation = serializers.CharField(help_text="Empty before answering.")


class OwnStateSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(ActivityStatus.choices)
    right = serializers.IntegerField()
    asked = serializers.IntegerField()
    text = serializers.CharField()
    version = serializers.IntegerField(help_text="Send it as base_version with the text.")
    saved_at = serializers.DateTimeField(allow_null=True)
    done_at = serializers.DateTimeField(allow_null=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="What is still to do, as sentences."
    )


class LessonOfActivitySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()


class ActivitySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    edition = serializers.SlugField()
    lesson = LessonOfActivitySerializer()
    kind = serializers.ChoiceField(ActivityKind.choices)
    slug = serializers.SlugField()
    title = serializers.CharField()
    summary = serializers.CharField()
    minutes = serializers.IntegerField()
    rule = serializers.ChoiceField(CompletionRule.choices)
    threshold = serializers.IntegerField(help_text="Per cent; 0 where the rule has none.")
    min_words = serializers.IntegerField(help_text="0 where the rule has none.")
    feeds = serializers.CharField()
    body = serializers.CharField(help_text="HTML.")
    prompt = serializers.CharField(help_text="HTML.")
    questions = QuestionSerializer(many=True)
    interactive = serializers.BooleanField(
        help_text="Whether an interactive content is played here: see `state`."
    )
    mine = OwnStateSerializer(allow_null=True, help_text="Null for staff: nothing is recorded.")
    abilities = serializers.DictField(child=serializers.BooleanField())


class AnswersSerializer(StrictSerializer):
    answers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=60), max_length=20),
        help_text="Question key → option keys.",
    )


class WrittenAnswerSerializer(StrictSerializer):
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    base_version = serializers.IntegerField(min_value=0)


class LessonPagination(CursorPagination):
    """In the order of the course."""

    ordering = "path"


class LessonViewSet(ResourceViewSet):
    """Published lessons of the editions the caller belongs to."""

    queryset = LessonPage.objects.none()
    serializer_class = LessonSerializer
    detail_serializer_class = LessonDetailSerializer
    pagination_class = LessonPagination
    filter_backends = ()

    def get_queryset(self) -> Any:
        lessons = LessonPage.objects.visible_to(self.by).order_by("path")
        edition = self.request.query_params.get("edition")
        if edition is None:
            return lessons
        course = Course.objects.filter(edition__slug=edition).values_list("page__path", flat=True)
        path = course.first()
        return lessons.filter(path__startswith=path) if path else lessons.none()

    @extend_schema(parameters=[OpenApiParameter("edition", str, description="Slug.")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset().defer_streamfields())
        bodies = self._bodies()
        shown = [bodies[lesson.pk] for lesson in page or [] if lesson.pk in bodies]
        return self.get_paginated_response(LessonSerializer(shown, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        body = self._bodies().get(self.get_object().pk)
        if body is None:
            raise Http404
        return Response(LessonDetailSerializer(body).data)

    def _bodies(self) -> dict[int, dict[str, Any]]:
        """Lesson id → what is shown of it: three queries for any number of lessons."""
        mine = ActivityProgress.objects.filter(
            enrolment__user=self.by, enrolment__status__in=TAKING_PART
        )
        states = dict(mine.values_list("activity_id", "status"))
        taking_part = set(
            Enrolment.objects.filter(user=self.by, status__in=TAKING_PART).values_list(
                "edition_id", flat=True
            )
        )
        bodies = {}
        for course in Course.objects.visible_to(self.by).select_related("edition"):
            for lesson in outline_of(course).lessons:
                progress = lesson_progress(lesson, states)
                bodies[lesson.id] = {
                    name: getattr(progress, name)
                    for name in (
                        "id", "number", "slug", "title", "summary", "minutes", "done", "total",
                        "activities",
                    )
                } | {
                    "edition": course.edition.slug,
                    "aims": lesson.aims,
                    "skills": lesson.skills,
                    "abilities": {"record_progress": course.edition_id in taking_part},
                }  # fmt: skip
        return bodies


class ActivityViewSet(InteractiveActions):
    """One activity: its content, its questions without the answers, one's own work."""

    queryset = ActivityPage.objects.none()
    serializer_class = ActivitySerializer
    lookup_value_regex = "[0-9]{1,18}"

    @extend_schema(responses=ActivitySerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        return self._shown(self._place(pk))

    @extend_schema(request=AnswersSerializer, responses=ActivitySerializer)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, pk: str) -> Response:
        """Mark answers, some or all; later ones replace earlier ones."""
        place = self._place(pk)
        body = self._read(AnswersSerializer)
        answer_questions(**self._work_on(place), answers=body["answers"])
        return self._shown(place)

    @extend_schema(request=WrittenAnswerSerializer, responses=ActivitySerializer)
    @action(detail=True, methods=["put", "post"])
    def text(self, request: Request, pk: str) -> Response:
        """Save the written answer; 409 with the stored text if `base_version` is old."""
        place = self._place(pk)
        body = self._read(WrittenAnswerSerializer)
        save_written_answer(**self._work_on(place), **body)
        return self._shown(place)

    @extend_schema(request=NoBodySerializer, responses=ActivitySerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: str) -> Response:
        """Mark as done; 409 `not_complete` says what is missing."""
        place = self._place(pk)
        self._read(NoBodySerializer)
        complete_activity(**self._work_on(place))
        return self._shown(place)

    def _shown(self, place: ActivityPlace) -> Response:
        content = content_for(place.course, place.activity.id)
        if content is None:
            raise Http404
        enrolment = self._enrolment(place)
        work = own_work(enrolment, content.id, content.requirement.plays) if enrolment else None
        return Response(ActivitySerializer(_activity_body(place, content, work)).data)


def _activity_body(
    place: ActivityPlace, content: ActivityContent, work: OwnWork | None
) -> dict[str, Any]:
    asked = content.requirement
    works = work is not None
    body = {
        name: getattr(place.activity, name)
        for name in ("id", "kind", "slug", "title", "summary", "minutes", "feeds")
    }
    return body | {
        "edition": place.course.edition.slug,
        "lesson": place.lesson,
        "rule": asked.rule,
        "threshold": asked.threshold,
        "min_words": asked.min_words,
        "body": content.body,
        "prompt": content.prompt,
        "questions": asked.states(work.answers if work else {}),
        "interactive": asked.plays,
        "mine": _own_state(content, work) if work else None,
        "abilities": {
            "answer": works and bool(asked.questions),
            "write": works and asked.rule == CompletionRule.WRITTEN,
            "complete": works,
        },
    }


def _own_state(content: ActivityContent, work: OwnWork) -> dict[str, Any]:
    marks = content.requirement.mark(work.answers)
    return {
        "state": work.states.get(content.id, ActivityStatus.OPEN),
        "right": marks.right,
        "asked": marks.asked,
        "text": work.text,
        "version": work.version,
        "saved_at": work.saved_at,
        "done_at": work.done_at,
        "missing": content.requirement.missing(work.answers, work.text, work.played),
    }
