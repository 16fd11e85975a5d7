"""Reporting something, and the moderators' queue of what was reported."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import PermissionDenied
from lms.core.forms import show_errors
from peer_exchange.actions import (
    dismiss_reports,
    reopen_reports,
    report,
    uphold_reports,
    withdraw_report,
)
from peer_exchange.conversation_forms import ReportForm, SettleForm
from peer_exchange.enums import ReportStatus
from peer_exchange.models import CityExperience, Report, Response
from peer_exchange.refusals import SHOWN_IN_THE_FORM
from peer_exchange.rules import may_settle_report
from peer_exchange.selectors.reports import decisions, reported_things
from peer_exchange.views.conversation import place_of
from peer_exchange.views.places import (
    address_of,
    edition_or_404,
    experience_or_404,
    number_of,
    response_or_404,
)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def report_response(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    return _report(request, response.experience, response)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def report_experience(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    return _report(request, experience_or_404(request, edition_slug, pk), None)


def _report(
    request: SignedInRequest, experience: CityExperience, response: Response | None
) -> HttpResponse:
    if not request.user.has_perm("peer_exchange.report", experience):
        raise PermissionDenied
    posted = request.method == "POST"
    form = ReportForm(request.POST if posted else typed_before_sign_in(request))
    back = place_of(response) if response else address_of(experience)
    status = 422 if posted else 200
    if posted and form.is_valid():
        try:
            report(
                experience=experience,
                response_id=response.pk if response else None,
                by=request.user,
                at=clock.now(),
                **form.cleaned_data,
            )
        except SHOWN_IN_THE_FORM as error:
            show_errors(form, error)
            status = error.status
        else:
            messages.success(request, _("Thank you. The moderators look at it."))
            return redirect(back)
    own = Report.objects.open().filter(
        experience=experience, response=response, reporter=request.user
    )
    return render(
        request,
        "peer_exchange/report.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "response": response,
            "form": form,
            "back": back,
            "own_report": own.first(),
        },
        status=status,
    )


@require_safe
@sign_in_required
def queue(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    return _queue_page(request, edition_slug)


@require_POST
@sign_in_required
def settle(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Hide what was reported or dismiss the reports of it (`then`), with one reason."""
    reported = _report_or_404(request, edition_slug, pk)
    if not may_settle_report(request.user, reported):
        raise PermissionDenied
    form = SettleForm(request.POST, prefix=str(reported.pk))
    uphold = request.POST.get("then") == "uphold"
    if form.is_valid():
        move = uphold_reports if uphold else dismiss_reports
        try:
            move(
                report=reported,
                words=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except SHOWN_IN_THE_FORM as error:
            show_errors(form, error)
        else:
            if uphold and reported.response_id:
                messages.success(request, _("Hidden. You can undo this below."))
            else:
                messages.success(request, _("Settled. You can undo this below."))
            return redirect("peer_exchange:reports", edition_slug)
    return _queue_page(request, edition_slug, wrong=(reported.pk, form))


@require_POST
@sign_in_required
def reopen(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Undo a decision."""
    reported = _report_or_404(request, edition_slug, pk)
    reopen_reports(report=reported, by=request.user, at=clock.now())
    messages.success(request, _("Undone. It waits again."))
    return redirect("peer_exchange:reports", edition_slug)


@require_POST
@sign_in_required
def withdraw(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    reported = _report_or_404(request, edition_slug, pk)
    withdraw_report(report=reported, by=request.user, at=clock.now())
    messages.success(request, _("Your report is taken back."))
    if reported.response:
        return redirect(place_of(reported.response))
    return redirect(address_of(reported.experience))


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All reports of the edition (CSV), for its moderators and coordinators."""
    edition = edition_or_404(request, edition_slug)
    if not request.user.has_perm("peer_exchange.view_moderation", edition):
        raise Http404
    reports = (
        Report.objects.filter(experience__edition=edition)
        .select_related("reporter", "settled_by", "experience__city", "response__author")
        .order_by("pk")
    )
    heading = [
        _("Number"), _("City"), _("Experience"), _("Response"), _("Written by"),
        _("Reported by"), _("Reason"), _("In words"), _("Reported at (UTC)"), _("State"),
        _("Decided by"), _("Decided at (UTC)"), _("Why"),
    ]  # fmt: skip
    return csv_file(f"reports-{edition.slug}", [heading, *(_row(one) for one in reports)])


def _row(one: Report) -> list[Any]:
    settled = one.settled_at
    return [
        one.pk, one.experience.city.name, one.experience.title, one.response_id or "",
        str(one.response.author) if one.response else "", str(one.reporter),
        one.get_reason_display(), one.words, one.created_at.strftime("%Y-%m-%d %H:%M"),
        one.get_status_display(), str(one.settled_by or ""),
        settled.strftime("%Y-%m-%d %H:%M") if settled else "", one.settled_words,
    ]  # fmt: skip


def _queue_page(
    request: SignedInRequest, edition_slug: str, *, wrong: tuple[int, SettleForm] | None = None
) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    if not request.user.has_perm("peer_exchange.view_moderation", edition):
        raise Http404
    after = max(number_of(request.GET.get("after")), 0)
    things, next_after = reported_things(edition, request.user, after=after)
    forms = dict([wrong] if wrong else [])
    return render(
        request,
        "peer_exchange/reports.html",
        {
            "edition": edition,
            "things": [
                {
                    "thing": thing,
                    "form": forms.get(thing.report.pk) or SettleForm(prefix=str(thing.report.pk)),
                }
                for thing in things
            ],
            "next_after": next_after,
            "decisions": decisions(edition, request.user),
            "upheld": ReportStatus.UPHELD,
            "moderation_url": reverse("peer_exchange:moderation", args=[edition.slug]),
        },
        status=422 if wrong else 200,
    )


def _report_or_404(request: SignedInRequest, edition_slug: str, pk: int) -> Report:
    reports = Report.objects.visible_to(request.user).select_related(
        "experience__edition", "experience__city", "response__author", "response__thread"
    )
    return get_object_or_404(reports, pk=pk, experience__edition__slug=edition_slug)
