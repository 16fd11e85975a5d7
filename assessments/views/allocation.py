"""Coordinators allocate projects by rule; everybody says which languages they read."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.allocation import (
    NothingToAllocate,
    PreviewOutdated,
    allocate_by_rule,
    preview_allocation,
)
from assessments.actions.languages import set_languages
from assessments.models import AllocationRun, Project
from assessments.queue_forms import LanguagesForm, RuleForm
from assessments.selectors.allocation import Plan, markers_of
from assessments.selectors.languages import known_languages, languages_of_edition, profile_of
from assessments.selectors.project import project_of
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import DomainError, InvalidInput, StaleVersion
from lms.core.forms import show_errors
from lms.core.permissions import may_in_person
from lms.programme.models import Edition
from lms.programme.selectors import standing_of


@require_safe
@sign_in_required
def allocation(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The rule and, when it is asked for, what it would do. Nothing is allocated here."""
    edition, project = _coordinated(request.user, edition_slug)
    if project is None:
        return _page(request, edition, None, None)
    asked = "markers" in request.GET
    form = RuleForm(request.GET if asked else None, markers=markers_of(project))
    plan = _plan(project, form, request.user) if asked and form.is_valid() else None
    return _page(request, edition, form, plan)


@require_POST
@sign_in_required
def apply(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Exactly what the preview showed, or a new preview."""
    edition, project = _coordinated(request.user, edition_slug)
    if project is None:
        raise Http404
    form = RuleForm(request.POST, markers=markers_of(project))
    if not form.is_valid():
        return _page(request, edition, form, None, status=422)
    try:
        run = allocate_by_rule(
            project=project,
            rule=form.rule,
            digest=request.POST.get("digest", ""),
            by=request.user,
            at=clock.now(),
        )
    except (PreviewOutdated, NothingToAllocate) as error:
        plan = _plan(project, form, request.user)
        return _page(request, edition, form, plan, error=error, status=error.status)
    messages.success(
        request,
        ngettext(
            "%(count)d project is allocated. Each marker gets a letter.",
            "%(count)d projects are allocated. Each marker gets a letter.",
            len(run.allocations),
        )
        % {"count": len(run.allocations)},
    )
    return redirect("assessments:allocation", edition_slug=edition.slug)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What the preview shows, a line for each project."""
    edition, project = _coordinated(request.user, edition_slug)
    heading = [
        _("Receipt"), _("Participant"), _("City"), _("Language"), _("Marker now"),
        _("Marker then"), _("Why nobody"),
    ]  # fmt: skip
    lines: Iterator[list[Any]] = iter(())
    if project is not None:
        form = RuleForm(request.GET, markers=markers_of(project))
        if form.is_valid():
            lines = _lines(_plan(project, form, request.user))
    return csv_file(f"allocation-{edition.slug}", [heading, *lines])


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def languages(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One's own languages in the edition."""
    edition = edition_of(request.user, edition_slug)
    profile = profile_of(edition, request.user)
    held_in = languages_of_edition(edition)
    takes_part = edition.pk in standing_of(request.user).enrolments
    form = LanguagesForm(
        request.POST if request.method == "POST" else None,
        profile=profile,
        held_in=held_in,
        has_project=takes_part,
    )
    if request.method == "POST" and form.is_valid():
        try:
            set_languages(
                edition=edition,
                user=request.user,
                reads=form.cleaned_data["reads"],
                writes=form.cleaned_data.get("writes", profile.writes),
                base_version=form.cleaned_data["base_version"],
                by=request.user,
                at=clock.now(),
            )
        except (InvalidInput, StaleVersion) as error:
            show_errors(form, error)
        else:
            messages.success(request, _("Your languages are saved."))
            return redirect("assessments:languages", edition_slug=edition.slug)
    status = 422 if request.method == "POST" else 200
    names = dict(known_languages())
    context = {
        "edition": edition,
        "form": form,
        "held_in": [names.get(code, code) for code in held_in],
        "takes_part": takes_part,
    }
    return render(request, "assessments/languages.html", context, status=status)


def _coordinated(user: User, slug: str) -> tuple[Edition, Project | None]:
    """404 for whoever does not coordinate the edition in person."""
    edition = edition_of(user, slug)
    if not may_in_person(user, "assessments.coordinate_marking", edition):
        raise Http404
    return edition, project_of(edition)


def _plan(project: Project, form: RuleForm, by: User) -> Plan:
    return preview_allocation(project=project, rule=form.rule, by=by)


def _page(
    request: SignedInRequest,
    edition: Edition,
    form: RuleForm | None,
    plan: Plan | None,
    *,
    error: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    runs = AllocationRun.objects.filter(project__edition=edition).select_related("by")[:20]
    markers = {load.marker.pk: load.marker for load in plan.loads} if plan else {}
    context = {
        "edition": edition,
        "form": form,
        "plan": plan,
        "given": [(item, markers[marker]) for item, marker in plan.given] if plan else [],
        "error": error,
        "runs": runs,
        "query": request.GET.urlencode() if request.method == "GET" else "",
    }
    return render(request, "assessments/allocation.html", context, status=status)


def _lines(plan: Plan) -> Iterator[list[Any]]:
    names = {load.marker.pk: str(load.marker) for load in plan.loads}
    known = {
        user.pk: str(user)
        for user in User.objects.filter(pk__in={item.before for item, _m in plan.given})
    }
    for item, marker in plan.given:
        yield [*_project(item), known.get(item.before or 0, ""), names[marker], ""]
    for item in plan.left:
        yield [*_project(item), "", "", item.reason]


def _project(item: Any) -> list[Any]:
    owner = item.place.submission.owner
    return [item.place.attempt.receipt, str(owner.user), str(owner.city), item.language]
