"""The marking queue: its lists, taking the next one, and who is at which desk."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import CursorPagination
from api.serializers import NoBodySerializer, StrictSerializer
from api.v1.marking import AssessmentSerializer, MarkerBody
from api.v1.persons import CitySerializer, PersonSerializer
from api.v1.submissions import LatenessRulingSerializer
from api.views import ResourceViewSet
from assessments.actions.leases import be_at_desk, leave_desk, take_next
from assessments.actions.marking import allocate_marker, start_marking
from assessments.actions.second_marking import ask_second_marking
from assessments.enums import MarkerRole
from assessments.models import Attempt, Project, QueuePlace
from assessments.models.team import was_in_team
from assessments.selectors.anonymity import ShownAs, hides_names, shown_names
from assessments.selectors.desk import desk_of, markers_for
from assessments.selectors.marking import attempt_in_hand
from assessments.selectors.presence import BEAT, company_on, live_lease
from assessments.selectors.queue import (
    QueueFilter,
    QueueOrder,
    QueueRow,
    Wanted,
    in_full,
    order_of,
    places_found,
    queue_places,
    queue_rows,
)
from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.core.numbers import whole_number
from lms.programme.models import Edition


class QueueRowSerializer(serializers.Serializer[QueueRow]):
    """A submitted attempt in the queue. `state` is a sentence part for people. Where the
    edition marks anonymously, `participant` and `city` are null for those who mark, and
    `name` is the code of the project."""

    receipt = serializers.CharField(source="attempt.receipt")
    project = serializers.IntegerField(source="attempt.submission_id")
    number = serializers.IntegerField(source="attempt.number")
    name = serializers.SerializerMethodField()
    participant = serializers.SerializerMethodField()
    city = serializers.SerializerMethodField()
    received_at = serializers.DateTimeField(source="attempt.received_at")
    is_late = serializers.BooleanField(source="attempt.is_late")
    counts_as_late = serializers.BooleanField(source="lateness.counts_as_late")
    effective_deadline_at = serializers.DateTimeField(source="attempt.effective_deadline_at")
    effective_reason = serializers.CharField(source="attempt.effective_reason")
    ruling = LatenessRulingSerializer(
        source="lateness.ruling", allow_null=True, help_text="Who decided how it counts, and why."
    )
    project_status = serializers.CharField(source="attempt.submission.status")
    state = serializers.CharField()
    assessment = serializers.IntegerField(source="assessment.pk", default=None)
    marker = PersonSerializer(source="assessment.marker", default=None)
    grade = serializers.IntegerField(source="grade.pk", default=None)
    has_conflict = serializers.BooleanField()

    def _shown(self, row: QueueRow) -> ShownAs:
        shown: dict[int, ShownAs] = self.context["shown"]
        return shown[row.attempt.submission_id]

    def get_name(self, row: QueueRow) -> str:
        return self._shown(row).person

    @extend_schema_field(PersonSerializer(allow_null=True))
    def get_participant(self, row: QueueRow) -> Any:
        hidden = self._shown(row).is_hidden
        return None if hidden else PersonSerializer(row.attempt.owner.user).data

    @extend_schema_field(CitySerializer(allow_null=True))
    def get_city(self, row: QueueRow) -> Any:
        hidden = self._shown(row).is_hidden
        return None if hidden else CitySerializer(row.attempt.owner.city).data


class QueueDetailSerializer(QueueRowSerializer):
    markers = serializers.ListField(child=serializers.IntegerField())
    abilities = serializers.DictField(child=serializers.BooleanField())


class PresenceSerializer(serializers.Serializer[Any]):
    """`sentence` says who else is there, for people. `lease_until`: until when the attempt
    is kept for the caller; null where it is not. Ask again in `again_in` seconds."""

    sentence = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()
    lease_until = serializers.DateTimeField(allow_null=True)
    again_in = serializers.IntegerField()


class NextBody(StrictSerializer):
    """`other_than`: the id of a project that is not wanted, for instance the one at hand."""

    edition = serializers.SlugField(required=False)
    other_than = serializers.IntegerField(required=False, min_value=1)


class QueuePagination(CursorPagination):
    """In the order that the address asks for."""

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        return tuple(order_of(request.query_params.get("order", QueueOrder.OLDEST)))


LONGEST_SEARCH = 100  # characters

_SLUG = OpenApiParameter("edition", str, description="Slug; the newest one without it.")


class MarkingQueueViewSet(ResourceViewSet):
    """Attempts in hand of one edition, the longest waiting first."""

    queryset = QueuePlace.objects.none()
    serializer_class = QueueRowSerializer
    detail_serializer_class = QueueDetailSerializer
    pagination_class = QueuePagination
    filter_backends = ()
    lookup_field = "receipt"
    lookup_value_regex = r"[A-Z0-9-]{1,24}"

    def get_queryset(self) -> QuerySet[QueuePlace]:
        project = self._project(self.request.query_params.get("edition"))
        wanted = self._wanted(project)
        if project is None:
            return QueuePlace.objects.none()
        asked = self.request.query_params.get("q", "").strip()
        if asked:
            by_name = not hides_names(project, self.by)
            return in_full(places_found(project, asked, by_name=by_name))
        return in_full(queue_places(project, self.by, wanted, self.at))

    def _wanted(self, project: Project | None) -> Wanted:
        asked = self.request.query_params
        shown = asked.get("show", QueueFilter.UNMARKED)
        order = asked.get("order", QueueOrder.OLDEST)
        marker, city = asked.get("marker"), asked.get("city", "")
        errors = {}
        if shown not in QueueFilter.values:
            errors["show"] = [_("There is no such filter.")]
        if order not in QueueOrder.values:
            errors["order"] = [_("There is no such order.")]
        if marker and whole_number(marker, digits=18) is None:
            errors["marker"] = [_("Name a marker by their number.")]
        if asked.get("q", "").strip() and not asked.keys().isdisjoint({"show", "marker", "city"}):
            errors["q"] = [_("A search looks through all of them: leave the filters out.")]
        if len(asked.get("q", "")) > LONGEST_SEARCH:
            errors["q"] = [_("Search for fewer words.")]
        asks_city = bool(city) or order == QueueOrder.CITY
        if asks_city and project is not None and hides_names(project, self.by):
            errors["city"] = [_("Cities are hidden while this edition is marked.")]
        if errors:
            raise InvalidInput(errors=errors)
        return Wanted(shown, order, whole_number(marker, digits=18), city)

    def _project(self, slug: str | None) -> Project | None:
        """Of the edition named, or of the newest one whose marking the caller sees."""
        projects = Project.objects.filter(edition__in=Edition.objects.visible_to(self.by))
        if slug:
            projects = projects.filter(edition__slug=slug)
        for project in projects.select_related("edition").order_by("-edition__starts_on"):
            if self.by.has_perm("assessments.view_marking", project.edition):
                return project
        if slug:
            raise Http404
        return None

    @extend_schema(
        parameters=[
            _SLUG,
            OpenApiParameter("show", str, enum=QueueFilter.values),
            OpenApiParameter("order", str, enum=QueueOrder.values),
            OpenApiParameter("marker", int, description="Who holds it."),
            OpenApiParameter("city", str, description="Slug of the city it was written for."),
            OpenApiParameter(
                "q",
                str,
                description="How a receipt begins or, where names are not hidden from the "
                "caller, a part of a writer’s name. Without `show`, `marker` and `city`.",
            ),
        ]
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        attempts = [place.attempt for place in page]
        context = self._context(attempts)
        rows: Any = queue_rows(attempts, self.by)
        serializer = QueueRowSerializer(rows, many=True, context=context)
        return self.get_paginated_response(serializer.data)

    @extend_schema(responses=QueueDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self._detail(self._attempt(kwargs["receipt"])))

    @extend_schema(
        request=NextBody,
        responses={
            200: QueueDetailSerializer,
            204: OpenApiResponse(description="No project is waiting for the caller."),
        },
    )
    @action(detail=False, methods=["post"])
    def next(self, request: Request) -> Response:
        """The project that waits longest for the caller, kept for them for a few minutes
        (`here` keeps it longer, `left` gives it back). Whoever begins first has it."""
        body = self.read_body(NextBody)
        project = self._project(body.get("edition"))
        found = None
        if project is not None:
            found = take_next(
                project=project, other_than=body.get("other_than", 0), by=self.by, at=self.at
            )
        attempt = attempt_in_hand(found) if found else None
        if attempt is None:
            return Response(status=204)
        return Response(self._detail(self._attempt(attempt.receipt)))

    @extend_schema(request=NoBodySerializer, responses=PresenceSerializer)
    @action(detail=True, methods=["post"])
    def here(self, request: Request, receipt: str) -> Response:
        """The desk is open: be seen at it, keep what one has taken, see who else is there."""
        attempt = self._attempt(receipt)
        self.read_body(NoBodySerializer)
        submission = attempt.submission
        be_at_desk(submission=submission, attempt=attempt, by=self.by, at=self.at)
        found = company_on([submission.pk], self.by, attempt.project, self.at)
        company = found.get(submission.pk)
        lease = live_lease(attempt.pk, self.at)
        is_own = lease is not None and lease.holder_id == self.by.pk
        body = {
            "sentence": company.sentence if company else "",
            "count": company.count if company else 0,
            "lease_until": lease.expires_at if lease is not None and is_own else None,
            "again_in": int(BEAT.total_seconds()),
        }
        return Response(PresenceSerializer(body).data)

    @extend_schema(request=NoBodySerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def left(self, request: Request, receipt: str) -> Response:
        """The desk is closed; what was taken and not begun is free again."""
        attempt = self._attempt(receipt)
        self.read_body(NoBodySerializer)
        leave_desk(submission=attempt.submission, by=self.by, at=self.at)
        return Response(status=204)

    @extend_schema(request=NoBodySerializer, responses=AssessmentSerializer)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, receipt: str) -> Response:
        """Take the attempt and begin marking; it cannot be withdrawn any more."""
        attempt = self._attempt(receipt)
        self.read_body(NoBodySerializer)
        assessment = start_marking(
            submission=attempt.submission, receipt=receipt, by=self.by, at=self.at
        )
        return Response(AssessmentSerializer(assessment).data)

    @extend_schema(request=MarkerBody, responses=AssessmentSerializer)
    @action(detail=True, methods=["post"])
    def allocate(self, request: Request, receipt: str) -> Response:
        """Give the attempt to an instructor, in the place of whoever has it: as its first
        marker or, where two people mark it, as its second."""
        attempt = self._attempt(receipt)
        body = self.read_body(MarkerBody)
        marker = User.objects.filter(
            pk=body["marker"], pk__in=markers_for(attempt.submission)
        ).first()
        if marker is None:
            raise InvalidInput(errors={"marker": [_("Choose one of the markers.")]})
        assessment = allocate_marker(
            submission=attempt.submission,
            marker=marker,
            role=MarkerRole(body["role"]),
            by=self.by,
            at=self.at,
        )
        return Response(AssessmentSerializer(assessment).data)

    @extend_schema(request=NoBodySerializer, responses=QueueDetailSerializer)
    @action(detail=True, methods=["post"], url_path="second-marker")
    def second_marker(self, request: Request, receipt: str) -> Response:
        """Have a second person mark it, without seeing the first marks."""
        attempt = self._attempt(receipt)
        self.read_body(NoBodySerializer)
        ask_second_marking(submission=attempt.submission, by=self.by, at=self.at)
        return Response(self._detail(self._attempt(receipt)))

    def _attempt(self, receipt: str) -> Attempt:
        attempts = Attempt.objects.filter(
            submission__edition__in=Edition.objects.visible_to(self.by)
        ).filter(~was_in_team(self.by, "submission"))
        attempt = get_object_or_404(
            attempts.select_related(
                "submission__owner__user", "submission__owner__city", "submission__edition",
                "owner__user", "owner__city", "project",
            ),
            receipt=receipt,
        )  # fmt: skip
        in_hand = attempt.number == attempt.submission.attempt
        if not in_hand or not self.by.has_perm("assessments.view_marking", attempt.submission):
            raise Http404
        return attempt

    def _detail(self, attempt: Attempt) -> Any:
        [row] = queue_rows([attempt], self.by)
        desk = desk_of(attempt.submission, self.by)
        body = QueueRowSerializer(row, context=self._context([attempt])).data
        return {**body, "markers": desk.markers, "abilities": desk.can}

    def _context(self, attempts: Sequence[Attempt]) -> dict[str, Any]:
        submissions = [attempt.submission for attempt in attempts]
        return {**self.get_serializer_context(), "shown": shown_names(submissions, self.by)}
