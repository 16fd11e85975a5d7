"""What counts as sharing (D15b), whom a change affects, one's mails."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.serializers import StrictSerializer
from api.v1.experience_bodies import TextField
from lms.accounts.actions import choose_mail
from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import choices_of
from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import PermissionDenied
from peer_exchange.actions.sharing_rule import change_sharing_rule, clean_rule
from peer_exchange.selectors import policy_of
from peer_exchange.selectors.sharing_rule import preview_rule, rule_in_words


class RuleSerializer(StrictSerializer):
    min_experiences = serializers.IntegerField(min_value=0, max_value=20)
    min_responses = serializers.IntegerField(min_value=0, max_value=100)
    min_words = serializers.IntegerField(min_value=1, max_value=500)
    counts_own_city = serializers.BooleanField()
    counts_repeats = serializers.BooleanField()
    one_an_experience = serializers.BooleanField()


class SharingRuleSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    rule = RuleSerializer()
    in_words = serializers.ListField(child=serializers.CharField())
    abilities = serializers.DictField(child=serializers.BooleanField())


class AffectedSerializer(serializers.Serializer[Any]):
    enrolment = serializers.IntegerField(source="enrolment.pk")
    name = serializers.CharField(source="enrolment.user.name")
    loses = serializers.BooleanField()
    gains = serializers.BooleanField()
    has_certificate = serializers.BooleanField()


class RulePreviewSerializer(serializers.Serializer[Any]):
    digest = serializers.CharField()
    affected = AffectedSerializer(many=True)


class SharingRuleBodySerializer(StrictSerializer):
    rule = RuleSerializer()


class ChangeRuleSerializer(SharingRuleBodySerializer):
    base_version = serializers.IntegerField(min_value=0)
    digest = serializers.CharField(max_length=100, help_text="Of the preview that was seen.")
    keeps_met = serializers.BooleanField(
        help_text="Whoever has met the present rule is held to that one."
    )
    reason = TextField()


class EditionSharingRule:
    """Of the viewset of editions."""

    @extend_schema(methods=["GET"], responses=SharingRuleSerializer)
    @extend_schema(methods=["PUT"], request=ChangeRuleSerializer, responses=SharingRuleSerializer)
    @action(detail=True, methods=["get", "put"], url_path="sharing-rule")
    def sharing_rule(self: Any, request: Request, slug: str | None = None) -> Response:
        """What counts; PUT changes it as it was previewed, 409 when it affects others now."""
        edition = self.get_object()
        if request.method == "PUT":
            body = self.read_body(ChangeRuleSerializer)
            change_sharing_rule(edition=edition, by=self.by, at=self.at, **body)
        policy = policy_of(edition.pk)
        may = self.by.has_perm("peer_exchange.change_sharing_rule", edition)
        said = {
            "version": policy.version,
            "rule": policy.rule,
            "in_words": rule_in_words(policy.rule),
            "abilities": {"change": may, "preview": may},
        }
        return Response(SharingRuleSerializer(said).data)

    @extend_schema(request=SharingRuleBodySerializer, responses=RulePreviewSerializer)
    @action(detail=True, methods=["post"], url_path="sharing-rule/preview")
    def preview_sharing_rule(self: Any, request: Request, slug: str | None = None) -> Response:
        """Whom another rule would affect; nothing is changed."""
        edition = self.get_object()
        if not self.by.has_perm("peer_exchange.change_sharing_rule", edition):
            raise PermissionDenied
        rule = clean_rule(self.read_body(SharingRuleBodySerializer)["rule"])
        return Response(RulePreviewSerializer(preview_rule(edition, rule)).data)


class MailChoiceSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=MailKind.choices)
    cadence = serializers.ChoiceField(choices=MailCadence.choices)


class MailChoiceBody(StrictSerializer):
    kind = serializers.ChoiceField(choices=MailKind.choices)
    cadence = serializers.ChoiceField(choices=MailCadence.choices)


class MailView(APIView):
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
