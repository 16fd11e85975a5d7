"""Reporting something, and the moderators' queue of what was reported."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import PermissionDenied
from lms.core.forms import act_on
from peer_exchange.actions import (
    dismiss_reports,
    reopen_reports,
    report,
    uphold_reports,
    withdraw_report,
)
from peer_exchange.actions.moderating import OUTCOMES
from peer_exchange.addresses import address_of, place_of
from peer_exchange.conversation_forms import ReportForm, SettleForm
from peer_exchange.enums import ReportStatus
from peer_exchange.models import CityExperience, Report, Response
from peer_exchange.rules import is_responder_reported, may_settle_report
from peer_exchange.selectors.reports import decisions, reported_things
from peer_exchange.views.places import (
    edition_for_or_404,
    experience_or_404,
    key_in,
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
    status = 200
    if posted:
        outcome = act_on(
            form, report, experience=experience, response_id=response.pk if response else None,
            by=request.user, at=clock.now(),
        )  # fmt: skip
        if outcome.is_done:
            messages.success(request, _("Thank you. The moderators look at it."))
            return redirect(back)
        status = outcome.status
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
    then = request.POST.get("then", "")
    judged: dict[str, Any] = {"report": reported, "by": request.user, "at": clock.now()}
    if then in OUTCOMES:
        judged |= {"then": then, "base_version": number_of(request.POST.get("base_version"))}
    uphold = then == "uphold" or then in OUTCOMES
    outcome = act_on(form, uphold_reports if uphold else dismiss_reports, **judged)
    if not outcome.is_done:
        return _queue_page(request, edition_slug, wrong=(reported.pk, form), status=outcome.status)
    if then == "archive":
        messages.success(request, _("Archived. Its city is told why."))
    elif then == "return":
        messages.success(request, _("Sent back to its city, with your reason."))
    elif uphold and reported.response_id:
        messages.success(request, _("Hidden. You can undo this below."))
    else:
        messages.success(request, _("Settled. You can undo this below."))
    return redirect("peer_exchange:reports", edition_slug)


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
    edition = edition_for_or_404(request, edition_slug, "view_moderation")
    reports = (
        Report.objects.filter(experience__edition=edition)
        .select_related("reporter", "settled_by", "experience__city", "response__author")
        .prefetch_related("experience__authorships")
        .order_by("pk")
    )
    heading = [
        _("Number"), _("City"), _("Experience"), _("Response"), _("Written by"),
        _("Reported by"), _("Reason"), _("In words"), _("Reported at (UTC)"), _("State"),
        _("Decided by"), _("Decided at (UTC)"), _("Why"),
    ]  # fmt: skip
    rows = (_row(one, request.user) for one in reports)
    return csv_file(f"reports-{edition.slug}", [heading, *rows])


def _row(one: Report, reader: User) -> list[Any]:
    # Who is reported does not learn by whom.
    is_open_to_them = one.reporter_id == reader.pk or not is_responder_reported(reader, one)
    reporter, words = (str(one.reporter), one.words) if is_open_to_them else ("", "")
    return [
        one.pk, one.experience.city.name, one.experience.title, one.response_id or "",
        str(one.response.author) if one.response else "", reporter,
        one.get_reason_display(), words, minute(one.created_at),
        one.get_status_display(), str(one.settled_by or ""),
        minute(one.settled_at), one.settled_words,
    ]  # fmt: skip


def _queue_page(
    request: SignedInRequest,
    edition_slug: str,
    *,
    wrong: tuple[int, SettleForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    edition = edition_for_or_404(request, edition_slug, "view_moderation")
    after = key_in(request.GET, "after")
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
        status=status,
    )


def _report_or_404(request: SignedInRequest, edition_slug: str, pk: int) -> Report:
    reports = Report.objects.visible_to(request.user).select_related(
        "experience__edition", "experience__city", "response__author", "response__thread"
    )
    return get_object_or_404(reports, pk=pk, experience__edition__slug=edition_slug)
