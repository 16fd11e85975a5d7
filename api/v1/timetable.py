"""Sessions of the programme and who was there."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer
from api.views import ResourceViewSet
from lms.core.permissions import abilities
from lms.programme.models import Edition, Enrolment
from lms.timetable.actions import record_attendance
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Attendance, Session


class SessionSerializer(serializers.ModelSerializer[Session]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)

    class Meta:
        model = Session
        fields: tuple[str, ...] = (
            "id", "edition", "key", "kind", "title", "description", "place", "led_by",
            "starts_at", "ends_at", "time_zone", "is_required", "capacity",
        )  # fmt: skip


class SessionDetailSerializer(SessionSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(SessionSerializer.Meta):
        fields = (*SessionSerializer.Meta.fields, "abilities")

    def get_abilities(self, session: Session) -> dict[str, bool]:
        return abilities(
            self.context["request"].user, session, record_attendance="timetable.record_attendance"
        )


class AttendanceSerializer(serializers.ModelSerializer[Attendance]):
    abilities = serializers.SerializerMethodField()

    class Meta:
        model = Attendance
        fields = (
            "id",
            "session",
            "enrolment",
            "status",
            "reason",
            "version",
            "recorded_at",
            "abilities",
        )

    def get_abilities(self, row: Attendance) -> dict[str, bool]:
        return abilities(
            self.context["request"].user, row.session, correct="timetable.record_attendance"
        )


class RecordAttendanceSerializer(StrictSerializer):
    enrolment = serializers.IntegerField()
    status = serializers.ChoiceField(AttendanceStatus.choices)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500, default="")
    base_version = serializers.IntegerField(
        min_value=0,
        default=0,
        help_text="The version that is corrected (409 when it is older); 0: none was recorded yet.",
    )


class SessionViewSet(ResourceViewSet):
    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    detail_serializer_class = SessionDetailSerializer
    filterset_fields = ("edition__slug", "kind", "is_required")

    def get_queryset(self) -> Any:
        return Session.objects.visible_to(self.by).select_related("edition")

    @extend_schema(request=RecordAttendanceSerializer, responses=AttendanceSerializer)
    @action(detail=True, methods=["post"])
    def attendance(self, request: Request, pk: str | None = None) -> Response:
        session = self.get_object()
        body = self.read_body(RecordAttendanceSerializer)
        enrolment = get_object_or_404(Enrolment.objects.visible_to(self.by), pk=body["enrolment"])
        row = record_attendance(
            session=session,
            enrolment=enrolment,
            status=body["status"],
            reason=body["reason"],
            base_version=body["base_version"],
            by=self.by,
            at=self.at,
        )
        if row is None:
            return Response(status=204)
        return Response(AttendanceSerializer(row, context=self.get_serializer_context()).data)


class AttendanceViewSet(ResourceViewSet):
    queryset = Attendance.objects.none()
    serializer_class = AttendanceSerializer
    filterset_fields = ("session", "enrolment", "status")

    def get_queryset(self) -> Any:
        return Attendance.objects.visible_to(self.by).select_related("session")
