"""How far somebody is with the three requirements (D15), and certificates (D16)."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import NoBodySerializer
from api.v1.files import AnyKindAccepted
from api.v1.marking import ReasonBody
from api.v1.persons import CitySerializer, PersonSerializer
from api.views import ResourceViewSet
from assessments.actions.certificates import (
    open_certificate_review,
    revoke_certificate,
    uphold_certificate,
)
from assessments.actions.completion import (
    end_waiver,
    restore_eligibility,
    review_completion,
    waive_requirement,
)
from assessments.enums import CertificateStatus, RequirementKey
from assessments.models import Certificate
from assessments.notifications import verification_address
from assessments.selectors.completion import Completion, completion_of, completion_of_many
from lms.core.downloads import as_attachment
from lms.core.permissions import abilities
from lms.programme.models import Edition, Enrolment


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    edition = serializers.SlugRelatedField[Edition](slug_field="slug", read_only=True)
    verification_url = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = (
            "id", "edition", "enrolment", "number", "status", "name", "city_name",
            "programme_name", "edition_name", "place", "starts_on", "ends_on", "accreditation",
            "issued_at", "sha256", "size", "revoked_reason", "verification_url",
        )  # fmt: skip

    @extend_schema_field(OpenApiTypes.URI)
    def get_verification_url(self, certificate: Certificate) -> str:
        return verification_address(certificate)


class CertificateDetailSerializer(CertificateSerializer):
    abilities = serializers.SerializerMethodField()

    class Meta(CertificateSerializer.Meta):
        fields = (*CertificateSerializer.Meta.fields, "abilities")  # type: ignore[assignment]

    def get_abilities(self, certificate: Certificate) -> dict[str, bool]:
        user = self.context["request"].user
        reviews = user.has_perm("assessments.review_certificate", certificate.enrolment)
        under_review = certificate.status == CertificateStatus.UNDER_REVIEW
        stands = certificate.status in (CertificateStatus.ISSUED, CertificateStatus.UPHELD)
        return {
            "pdf": bool(certificate.stored_as),
            "review": reviews and stands,
            "uphold": reviews and under_review,
            "revoke": reviews and under_review,
        }


class CertificateViewSet(ResourceViewSet):
    queryset = Certificate.objects.none()
    serializer_class = CertificateSerializer
    detail_serializer_class = CertificateDetailSerializer
    filterset_fields = ("edition__slug", "enrolment", "status")

    def get_queryset(self) -> QuerySet[Certificate]:
        return Certificate.objects.visible_to(self.by).select_related("edition", "enrolment")

    def _move(self, move: Callable[..., Any]) -> Response:
        certificate = self.get_object()
        reason = self.read_body(ReasonBody)["reason"]
        move(certificate=certificate, reason=reason, by=self.by, at=self.at)
        serializer = CertificateDetailSerializer(
            self.get_object(), context=self.get_serializer_context()
        )
        return Response(serializer.data)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], content_negotiation_class=AnyKindAccepted)
    def pdf(self, request: Request, pk: str | None = None) -> HttpResponseBase:
        """404 while it is not issued."""
        certificate = self.get_object()
        if not certificate.stored_as:
            raise Http404
        return as_attachment(
            certificate.stored_as,
            name=certificate.file_name,
            media_type="application/pdf",
            size=certificate.size,
        )

    @extend_schema(request=ReasonBody, responses=CertificateDetailSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str | None = None) -> Response:
        """Open a review; the certificate goes on to be valid."""
        return self._move(open_certificate_review)

    @extend_schema(request=ReasonBody, responses=CertificateDetailSerializer)
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: str | None = None) -> Response:
        return self._move(uphold_certificate)

    @extend_schema(request=ReasonBody, responses=CertificateDetailSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        return self._move(revoke_certificate)


class RequirementSerializer(serializers.Serializer[Any]):
    key = serializers.ChoiceField(RequirementKey.choices)
    label = serializers.CharField()  # type: ignore[assignment]
    status = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField())
    done = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField(help_text="Why it was waived.")


class CompletionSerializer(serializers.Serializer[Any]):
    """`id` is that of the enrolment."""

    id = serializers.IntegerField(source="enrolment.pk")
    edition = serializers.CharField(source="enrolment.edition.slug")
    participant = PersonSerializer(source="enrolment.user")
    city = CitySerializer(source="enrolment.city")
    is_complete = serializers.BooleanField(source="completion.is_complete")
    requirements = RequirementSerializer(source="completion.requirements", many=True)
    certificate = serializers.SerializerMethodField()

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_certificate(self, row: dict[str, Any]) -> int | None:
        """Of the one that counts, once it is issued."""
        certificate = row["completion"].certificate
        return certificate.pk if certificate and certificate.issued_at else None


class CompletionDetailSerializer(CompletionSerializer):
    abilities = serializers.DictField(child=serializers.BooleanField())


class WaiveBody(ReasonBody):
    requirement = serializers.ChoiceField(RequirementKey.choices)


class CompletionViewSet(ResourceViewSet):
    queryset = Enrolment.objects.none()
    serializer_class = CompletionSerializer
    detail_serializer_class = CompletionDetailSerializer
    filterset_fields = ("edition__slug", "city__slug")

    def get_queryset(self) -> QuerySet[Enrolment]:
        return (
            Enrolment.objects.visible_to(self.by)
            .taking_part()
            .select_related("edition__course", "user", "city")
        )

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        by_edition: dict[Edition, list[Enrolment]] = {}
        for enrolment in page:
            by_edition.setdefault(enrolment.edition, []).append(enrolment)
        completions: dict[int, Completion] = {}
        for edition, enrolments in by_edition.items():
            completions |= completion_of_many(edition, enrolments)
        rows = [{"enrolment": one, "completion": completions[one.pk]} for one in page]
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    @extend_schema(responses=CompletionDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self._answer(self.get_object())

    def _answer(self, enrolment: Enrolment) -> Response:
        row = {
            "enrolment": enrolment,
            "completion": completion_of(enrolment),
            "abilities": abilities(
                self.by,
                enrolment,
                waive="assessments.waive_requirement",
                end_waiver="assessments.waive_requirement",
                check="assessments.view_completion",
                restore="assessments.review_certificate",
                record_presentation="assessments.record_presentation",
            ),
        }
        serializer = CompletionDetailSerializer(row, context=self.get_serializer_context())
        return Response(serializer.data)

    @extend_schema(request=WaiveBody, responses=CompletionDetailSerializer)
    @action(detail=True, methods=["post"])
    def waive(self, request: Request, pk: str | None = None) -> Response:
        """Let a requirement count as met, with a reason."""
        enrolment = self.get_object()
        body = self.read_body(WaiveBody)
        waive_requirement(
            enrolment=enrolment,
            key=body["requirement"],
            reason=body["reason"],
            by=self.by,
            at=self.at,
        )
        return self._answer(enrolment)

    @extend_schema(request=WaiveBody, responses=CompletionDetailSerializer)
    @action(detail=True, methods=["post"], url_path="end-waiver")
    def end_waiver(self, request: Request, pk: str | None = None) -> Response:
        enrolment = self.get_object()
        body = self.read_body(WaiveBody)
        end_waiver(
            enrolment=enrolment,
            key=body["requirement"],
            reason=body["reason"],
            by=self.by,
            at=self.at,
        )
        return self._answer(enrolment)

    @extend_schema(request=NoBodySerializer, responses=CompletionDetailSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str | None = None) -> Response:
        """Read the evidence again, for instance after a change of the policy."""
        enrolment = self.get_object()
        self.read_body(NoBodySerializer)
        review_completion(enrolment=enrolment, by=self.by, at=self.at)
        return self._answer(enrolment)

    @extend_schema(request=ReasonBody, responses=CompletionDetailSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str | None = None) -> Response:
        """After a revocation: let a new certificate be issued."""
        enrolment = self.get_object()
        reason = self.read_body(ReasonBody)["reason"]
        restore_eligibility(enrolment=enrolment, reason=reason, by=self.by, at=self.at)
        return self._answer(enrolment)
