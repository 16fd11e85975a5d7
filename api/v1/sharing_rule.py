"""What counts as sharing (D15b), and whom a change affects."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import StrictSerializer, TextField
from lms.core.errors import PermissionDenied
from peer_exchange.actions.sharing_rule import change_sharing_rule, clean_rule
from peer_exchange.models.policy import LIMITS
from peer_exchange.selectors import policy_of
from peer_exchange.selectors.sharing_rule import preview_rule, rule_in_words


def _number(name: str) -> serializers.IntegerField:
    least, most = LIMITS[name]
    return serializers.IntegerField(min_value=least, max_value=most)


class RuleSerializer(StrictSerializer):
    min_experiences = _number("min_experiences")
    min_responses = _number("min_responses")
    min_words = _number("min_words")
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
