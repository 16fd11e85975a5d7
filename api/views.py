"""What resources have in common: read-only viewsets and one POST per move."""

from datetime import datetime
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import mixins, status, viewsets
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from api.once import AnswersOnce
from lms.accounts.models import User
from lms.core import clock
from lms.core.problems import problem, problem_answer


class ResourceViewSet(
    AnswersOnce, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]
):
    """List and detail; `visible_to` of the model decides what exists for the caller."""

    detail_serializer_class: type[Serializer[Any]] | None = None

    def get_serializer_class(self) -> type[Any]:
        if self.action == "retrieve" and self.detail_serializer_class:
            return self.detail_serializer_class
        return super().get_serializer_class()

    def filter_queryset(self, queryset: Any) -> Any:
        # Filters narrow lists; a single thing is found whatever the query says.
        return queryset if self.detail else super().filter_queryset(queryset)

    def detail_of(self, thing: Model, code: int = status.HTTP_200_OK) -> Response:
        """What is stored of a thing now, after a move on it; 204 where that has taken it out
        of the caller's sight."""
        stored = self.get_queryset().filter(pk=thing.pk).first()
        if stored is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        assert self.detail_serializer_class is not None
        serializer = self.detail_serializer_class(stored, context=self.get_serializer_context())
        return Response(serializer.data, status=code)

    @cached_property
    def at(self) -> datetime:
        """The instant of the request, handed to every action it calls."""
        return clock.now()

    @property
    def by(self) -> User:
        user = self.request.user
        assert isinstance(user, User)
        return user

    def read_body(self, serializer_class: type[Serializer[Any]]) -> dict[str, Any]:
        """The validated body, or ValidationError (422)."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


@csrf_exempt
def not_found(request: HttpRequest, path: str = "") -> HttpResponse:
    """Unknown addresses below /api/ answer JSON too."""
    return problem_answer(problem(404, "not_found", _("There is no such address in this API.")))
