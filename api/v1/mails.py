"""Which mails one gets, and how often."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.once import AnswersOnce
from api.serializers import StrictSerializer
from lms.accounts.actions import choose_mail
from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import choices_of
from lms.accounts.models import User
from lms.core import clock


class MailChoiceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=MailKind.choices)
    cadence = serializers.ChoiceField(choices=MailCadence.choices)


class MailChoiceBody(StrictSerializer):
    kind = serializers.ChoiceField(choices=MailKind.choices)
    cadence = serializers.ChoiceField(choices=MailCadence.choices)


class MailView(AnswersOnce, APIView):
    """How often the caller gets which mails: all kinds, those not chosen as is usual."""

    @extend_schema(responses=MailChoiceSerializer(many=True))
    def get(self, request: Request) -> Response:
        return self._choices(request)

    @extend_schema(request=MailChoiceBody, responses=MailChoiceSerializer(many=True))
    def post(self, request: Request) -> Response:
        """Choose how often one kind comes."""
        body = MailChoiceBody(data=request.data)
        body.is_valid(raise_exception=True)
        user = request.user
        assert isinstance(user, User)
        choose_mail(user=user, by=user, at=clock.now(), **body.validated_data)
        return self._choices(request)

    def _choices(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)
        rows = [{"kind": kind, "cadence": how} for kind, how in choices_of(user).items()]
        return Response(MailChoiceSerializer(rows, many=True).data)
