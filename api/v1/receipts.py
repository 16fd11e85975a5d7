"""Checking a receipt, for whoever holds it: without an account."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.serializers import StrictSerializer
from assessments.selectors.receipts import FailedReceipts, check_receipt


class CheckReceiptBody(StrictSerializer):
    receipt = serializers.CharField(max_length=24)
    code = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")
    sha256 = serializers.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of the content, or of a file that was submitted.",
    )


class CheckedReceiptSerializer(serializers.Serializer[Any]):
    receipt = serializers.CharField(source="attempt.receipt")
    stands = serializers.BooleanField()
    state = serializers.CharField(help_text="stands, withdrawn, reopened or replaced")
    matched = serializers.CharField(help_text="code, content or file")
    received_at = serializers.DateTimeField(source="attempt.received_at")
    effective_deadline_at = serializers.DateTimeField(source="attempt.effective_deadline_at")
    is_late = serializers.BooleanField(source="attempt.is_late")
    number = serializers.IntegerField(source="attempt.number")
    content_sha256 = serializers.CharField(source="attempt.content_sha256")


class CheckReceiptView(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(request=CheckReceiptBody, responses=CheckedReceiptSerializer)
    def post(self, request: Request) -> Response:
        """Whether a receipt is genuine and stands. 404 for a wrong code as for a number that
        does not exist; 429 after too many of them."""
        body = CheckReceiptBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = dict(body.validated_data)
        tries: Any = FailedReceipts()
        if not tries.allow_request(request, None):
            raise Throttled(wait=tries.wait())
        checked = check_receipt(asked.pop("receipt"), **asked)
        if checked is None:
            tries.count()
            raise NotFound
        return Response(CheckedReceiptSerializer(checked).data)
