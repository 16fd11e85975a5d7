"""The participant's way to the certificate, the certificate, and its public check."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assessments.certificate_pdf import dates_between
from assessments.enums import CertificateStatus, RequirementKey
from assessments.models import Certificate
from assessments.models.completion import CODE_LENGTH
from assessments.notifications import verification_address
from assessments.selectors.completion import Completion, Requirement, completion_of
from assessments.views.places import edition_of
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.downloads import as_attachment
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from modules.selectors import CourseProgress, course_progress


@dataclass(frozen=True)
class Way:
    """A requirement on the participant's page, with the link to its next step."""

    requirement: Requirement
    url: str
    label: str


@require_safe
@sign_in_required
def own_certificate(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What is missing; or the certificate and the joy of it."""
    edition = edition_of(request.user, edition_slug)
    enrolment = standing_of(request.user).enrolments.get(edition.pk)
    if enrolment is None:
        raise Http404
    progress = course_progress(enrolment)
    completion = completion_of(enrolment, progress=progress)
    certificate = completion.certificate
    issued = certificate if certificate and certificate.issued_at else None
    revoked = None
    if certificate is None:
        revoked = Certificate.objects.filter(
            enrolment=enrolment, status=CertificateStatus.REVOKED
        ).last()
    ways = _ways(edition, completion, progress)
    return render(
        request,
        "assessments/certificate.html",
        {
            "edition": edition,
            "completion": completion,
            "ways": ways,
            "next_way": next((way for way in ways if way.requirement.missing), None),
            "certificate": issued,
            "is_being_issued": certificate is not None and issued is None,
            "revoked": revoked,
            "address": verification_address(issued) if issued else "",
        },
    )


@require_safe
@sign_in_required
def download(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """The PDF as it was stored; the participant's own, and for staff."""
    certificates = Certificate.objects.visible_to(request.user).exclude(stored_as="")
    certificate = get_object_or_404(certificates, pk=pk)
    return as_attachment(
        certificate.stored_as,
        name=certificate.file_name,
        media_type="application/pdf",
        size=certificate.size,
    )


@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Public: whether a certificate is genuine and counts. It answers for revoked
    ones too (invariant 14), and tells no more than what is printed."""
    wanted = code.upper().replace("-", "").replace(" ", "")
    certificate = None
    if len(wanted) == CODE_LENGTH and wanted.isascii():
        certificate = (
            Certificate.objects.filter(code=wanted)
            .exclude(status=CertificateStatus.ELIGIBLE)
            .first()
        )
    response = render(
        request,
        "assessments/verify.html",
        {
            "certificate": certificate,
            "dates": dates_between(certificate.starts_on, certificate.ends_on)
            if certificate
            else "",
            "code": code,
        },
        status=200 if certificate else 404,
    )
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _ways(edition: Edition, completion: Completion, progress: CourseProgress) -> list[Way]:
    slug = edition.slug
    week = (reverse("timetable:timetable", args=[slug]), _("See the week"))
    activity = progress.next_activity
    is_passed = "grade_revision" in completion.requirement(RequirementKey.PROJECT).evidence
    steps: dict[str, tuple[str, str]] = {
        RequirementKey.PARTICIPATION: (activity.url, _("Continue the lessons"))
        if activity
        else week,
        RequirementKey.SHARING: (
            reverse("peer_exchange:list", args=[slug]),
            _("Go to the city experiences"),
        ),
        # What is left after a passed project is the live presentation.
        RequirementKey.PROJECT: week
        if is_passed
        else (reverse("assessments:project", args=[slug]), _("Go to your project")),
    }
    return [Way(requirement, *steps[requirement.key]) for requirement in completion.requirements]
