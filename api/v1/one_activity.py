"""What every request about one activity needs: the activity, the place, the body."""

from typing import Any

from django.http import Http404
from rest_framework import viewsets

from api.once import AnswersOnce
from api.serializers import StrictSerializer
from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import PermissionDenied
from lms.programme.enums import TAKING_PART
from lms.programme.models import Enrolment
from modules.models import ActivityPage
from modules.selectors import ActivityPlace, activity_place


class OneActivity(AnswersOnce, viewsets.GenericViewSet[Any]):
    """Of activities that the caller may read; others are not found."""

    queryset = ActivityPage.objects.none()
    lookup_value_regex = "[0-9]{1,18}"

    @property
    def _by(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user

    def _read(self, serializer_class: type[StrictSerializer]) -> dict[str, Any]:
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _place(self, pk: str) -> ActivityPlace:
        place = activity_place(self._by, int(pk))
        if place is None:
            raise Http404
        return place

    def _enrolment(self, place: ActivityPlace) -> Enrolment | None:
        return Enrolment.objects.filter(
            user=self._by, edition_id=place.course.edition_id, status__in=TAKING_PART
        ).first()

    def _work_on(self, place: ActivityPlace) -> dict[str, Any]:
        """The arguments that every action on an activity takes."""
        enrolment = self._enrolment(place)
        if enrolment is None:
            raise PermissionDenied(permission="modules.record_progress")
        activity = ActivityPage.objects.live().filter(pk=place.activity.id).first()
        if activity is None:
            raise Http404
        return {"enrolment": enrolment, "activity": activity, "by": self._by, "at": clock.now()}
