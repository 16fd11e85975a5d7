"""The coordinator's pages: who has met what, waivers, presentations, reviews."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

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
from assessments.actions.presentations import withdraw_presentation
from assessments.enums import RequirementKey
from assessments.marking_forms import PresentationForm, ReasonForm, new_presentation_form
from assessments.models import Certificate, Presentation, RequirementDecision
from assessments.selectors.completion import Completion, completion_of, completion_of_many
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import InvalidInput
from lms.core.forms import show_errors
from lms.programme.models import Edition, Enrolment

RECENT = 40  # decisions on the page; its CSV has all


@require_safe
@sign_in_required
def overview(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Everybody taking part, by requirement."""
    edition = _edition(request.user, edition_slug)
    rows = _rows(edition, request.user)
    return render(
        request,
        "assessments/completion.html",
        {
            "edition": edition,
            "rows": rows,
            "keys": RequirementKey.choices,
            "complete": sum(row["completion"].is_complete for row in rows),
        },
    )


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One line a participant, one column a requirement (CSV)."""
    edition = _edition(request.user, edition_slug)
    labels = [str(label) for _key, label in RequirementKey.choices]
    heading = [_("Participant"), _("City"), *labels, _("Missing"), _("Certificate")]
    lines = [_line(row["enrolment"], row["completion"]) for row in _rows(edition, request.user)]
    return csv_file(f"completion-{edition.slug}", [heading, *lines])


def _line(enrolment: Enrolment, completion: Completion) -> list[str]:
    certificate = completion.certificate
    return [
        str(enrolment.user),
        enrolment.city.name,
        *(requirement.status_label for requirement in completion.requirements),
        " ".join(
            sentence for requirement in completion.requirements for sentence in requirement.missing
        ),
        f"{certificate.number} ({certificate.get_status_display()})" if certificate else "",
    ]


@require_safe
@sign_in_required
def person(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """One participant: requirements, decisions, presentation, certificate."""
    return person_page(request, place_in(request.user, edition_slug, pk))


@require_safe
@sign_in_required
def decisions_csv(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """All that was found or decided of one participant, the last first; times in UTC."""
    enrolment = place_in(request.user, edition_slug, pk)
    heading = [_("When (UTC)"), _("Requirement"), _("Decision"), _("Why"), _("By")]
    lines = (
        [
            minute(decision.decided_at),
            decision.get_key_display(),
            decision.get_status_display(),
            decision.reason,
            str(decision.decided_by or _("read from the evidence")),
        ]
        for decision in _decisions(enrolment)
    )
    return csv_file(f"decisions-{edition_slug}-{enrolment.pk}", [heading, *lines])


def _decisions(enrolment: Enrolment) -> QuerySet[RequirementDecision]:
    """The last first."""
    decisions = RequirementDecision.objects.filter(enrolment=enrolment)
    return decisions.select_related("decided_by").order_by("-decided_at", "-pk")


@require_POST
@sign_in_required
def waive(request: SignedInRequest, edition_slug: str, pk: int, key: str) -> HttpResponse:
    enrolment = place_in(request.user, edition_slug, pk)
    return _with_reason(
        request,
        enrolment,
        lambda reason: waive_requirement(
            enrolment=enrolment, key=key, reason=reason, by=request.user, at=clock.now()
        ),
        done=_("The requirement is waived."),
    )


@require_POST
@sign_in_required
def unwaive(request: SignedInRequest, edition_slug: str, pk: int, key: str) -> HttpResponse:
    enrolment = place_in(request.user, edition_slug, pk)
    return _with_reason(
        request,
        enrolment,
        lambda reason: end_waiver(
            enrolment=enrolment, key=key, reason=reason, by=request.user, at=clock.now()
        ),
        done=_("The waiver has ended; the evidence decides again."),
    )


@require_POST
@sign_in_required
def check_again(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Read the evidence now, for instance after a change of the policy."""
    enrolment = place_in(request.user, edition_slug, pk)
    review_completion(enrolment=enrolment, by=request.user, at=clock.now())
    messages.success(request, _("The evidence was read again."))
    return _back(enrolment)


@require_POST
@sign_in_required
def withdraw_presentation_record(
    request: SignedInRequest, edition_slug: str, pk: int
) -> HttpResponse:
    enrolment = place_in(request.user, edition_slug, pk)
    recorded = get_object_or_404(Presentation.objects.standing(), enrolment=enrolment)
    return _with_reason(
        request,
        enrolment,
        lambda reason: withdraw_presentation(
            presentation=recorded, reason=reason, by=request.user, at=clock.now()
        ),
        done=_("The record is withdrawn."),
    )


REVIEWS: dict[str, Any] = {
    "review": open_certificate_review,
    "uphold": uphold_certificate,
    "revoke": revoke_certificate,
}


@require_POST
@sign_in_required
def decide_certificate(
    request: SignedInRequest, edition_slug: str, pk: int, decision: str
) -> HttpResponse:
    """Open a review, uphold, revoke; or let a revoked place have a certificate again."""
    enrolment = place_in(request.user, edition_slug, pk)
    given: dict[str, Any] = {"by": request.user, "at": clock.now()}
    if decision == "restore":
        return _with_reason(
            request,
            enrolment,
            lambda reason: restore_eligibility(enrolment=enrolment, reason=reason, **given),
            done=_("A new certificate will be issued."),
        )
    if decision not in REVIEWS:
        raise Http404
    certificate = get_object_or_404(Certificate.objects.standing(), enrolment=enrolment)
    return _with_reason(
        request,
        enrolment,
        lambda reason: REVIEWS[decision](certificate=certificate, reason=reason, **given),
        done=_("The decision is recorded."),
    )


def _with_reason(
    request: SignedInRequest, enrolment: Enrolment, act: Any, *, done: str
) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            act(form.cleaned_data["reason"])
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, done)
            return _back(enrolment)
    return person_page(request, enrolment, refused=form)


def person_page(
    request: SignedInRequest,
    enrolment: Enrolment,
    *,
    presentation_form: PresentationForm | None = None,
    refused: ReasonForm | None = None,
) -> HttpResponse:
    """`refused`: a form with a reason that could not be accepted; it is shown on top
    and what was typed stands in every reason of the page."""
    presentation = (
        Presentation.objects.standing()
        .filter(enrolment=enrolment)
        .select_related("recorded_by")
        .first()
    )
    typed = typed_before_sign_in(request)
    user = request.user
    certificates = Certificate.objects.filter(enrolment=enrolment).order_by("-pk")
    reason = (refused.data if refused else typed or {}).get("reason", "")
    return render(
        request,
        "assessments/completion_person.html",
        {
            "edition": enrolment.edition,
            "enrolment": enrolment,
            "completion": completion_of(enrolment),
            "history": _decisions(enrolment)[:RECENT],
            "certificates": certificates,
            "was_revoked": any(c.status == "revoked" for c in certificates),
            "presentation": presentation,
            "presentation_form": presentation_form or new_presentation_form(presentation, typed),
            "refused": refused,
            "reason": reason,
            "may_waive": user.has_perm("assessments.waive_requirement", enrolment),
            "may_review": user.has_perm("assessments.review_certificate", enrolment),
            "may_record": user.has_perm("assessments.record_presentation", enrolment),
        },
        status=422 if refused or presentation_form else 200,
    )


def _rows(edition: Edition, user: User) -> list[dict[str, Any]]:
    """Everybody but the reader: nobody looks after their own completion here."""
    enrolments = list(
        Enrolment.objects.filter(edition=edition)
        .taking_part()
        .exclude(user=user)
        .select_related("user", "city")
        .order_by("city__name", "user__name", "pk")
    )
    completions = completion_of_many(edition, enrolments)
    return [
        {"enrolment": enrolment, "completion": completions[enrolment.pk]}
        for enrolment in enrolments
    ]


def _edition(user: User, slug: str) -> Edition:
    edition = edition_of(user, slug)
    if not user.has_perm("assessments.view_completion", edition):
        raise Http404
    return edition


def place_in(user: User, slug: str, pk: int) -> Enrolment:
    enrolments = (
        Enrolment.objects.filter(edition=_edition(user, slug)).taking_part().exclude(user=user)
    )
    return get_object_or_404(enrolments.select_related("edition__course", "user", "city"), pk=pk)


def _back(enrolment: Enrolment) -> HttpResponse:
    return redirect(
        "assessments:completion_person", edition_slug=enrolment.edition.slug, pk=enrolment.pk
    )
