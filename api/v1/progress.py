"""How far somebody is with the lessons: one's own, and those one teaches or coordinates."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.v1.lessons import ActivityInLessonSerializer
from api.views import ResourceViewSet
from lms.core.permissions import abilities
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment
from modules.models import Course
from modules.selectors import CourseOutline, outline_of, progress_through, states_of


class LessonCountSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer[Any]):
    """`id` is the enrolment's."""

    id = serializers.IntegerField()
    edition = serializers.SlugField()
    participant = serializers.CharField()
    city = serializers.CharField()
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.IntegerField(help_text="Rounded down.")
    is_complete = serializers.BooleanField()
    last_done_at = serializers.DateTimeField(allow_null=True)
    lessons = LessonCountSerializer(many=True)


class LessonProgressSerializer(LessonCountSerializer):
    activities = ActivityInLessonSerializer(many=True)


class ProgressDetailSerializer(ProgressSerializer):
    lessons = LessonProgressSerializer(many=True)
    abilities = serializers.DictField(child=serializers.BooleanField())


class ProgressViewSet(ResourceViewSet):
    queryset = Enrolment.objects.none()
    serializer_class = ProgressSerializer
    detail_serializer_class = ProgressDetailSerializer
    filter_backends = ()

    def get_queryset(self) -> Any:
        enrolments = Enrolment.objects.visible_to(self.by).filter(status__in=TAKING_PART)
        edition = self.request.query_params.get("edition")
        if edition is not None:
            enrolments = enrolments.filter(edition__slug=edition)
        return enrolments.select_related("edition", "user", "city")

    @extend_schema(parameters=[OpenApiParameter("edition", str, description="Slug.")])
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        bodies = _bodies(page)
        return self.get_paginated_response(ProgressSerializer(bodies, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        enrolment = self.get_object()
        (body,) = _bodies([enrolment])
        body["abilities"] = {
            # An administrator too records nothing in somebody else's name.
            "record_progress": enrolment.user_id == self.by.pk,
            **abilities(self.by, enrolment, follow_progress="modules.follow_progress"),
        }
        return Response(ProgressDetailSerializer(body).data)


def _bodies(enrolments: list[Enrolment]) -> list[dict[str, Any]]:
    """Three queries for any number of enrolments, when the outlines are cached."""
    states, last_done = states_of(enrolments)
    courses = Course.objects.filter(edition__in={e.edition_id for e in enrolments})
    outlines = {course.edition_id: outline_of(course) for course in courses}
    bodies = []
    for enrolment in enrolments:
        outline = outlines.get(enrolment.edition_id, CourseOutline())
        progress = progress_through(outline, states[enrolment.pk])
        bodies.append(
            {
                "id": enrolment.pk,
                "edition": enrolment.edition.slug,
                "participant": str(enrolment.user),
                "city": str(enrolment.city),
                "done": progress.done,
                "total": progress.total,
                "percent": progress.percent,
                "is_complete": progress.is_complete,
                "last_done_at": last_done.get(enrolment.pk),
                "lessons": progress.lessons,
            }
        )
    return bodies
