"""Conflicts of interest: said, listed, taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.conflicts import declare_conflict, take_back_conflict
from assessments.marking_forms import ReasonForm
from assessments.models import DeclaredConflict
from assessments.queue_forms import ConflictForm
from assessments.selectors.anonymity import hides_names_in, shown_names
from assessments.selectors.conflicts import conflicts_in
from assessments.views.marking import desk_page, submission_to_mark
from assessments.views.places import marked_edition
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import DomainError
from lms.core.forms import show_errors
from lms.core.permissions import may_in_person
from lms.programme.enums import TEACHING_ROLES
from lms.programme.models import Edition, Enrolment, RoleAssignment

# The page shows so many; the file to download has all.
SHOWN = 500


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def conflicts(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Those of the reader or, for coordinators, of the edition; POST declares one with a
    person or a city."""
    edition = marked_edition(request.user, edition_slug)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = _form(request, edition, typed)
    if request.method == "POST" and form.is_valid() and _declared(request, edition, form):
        return redirect("assessments:conflicts", edition_slug=edition.slug)
    return _page(request, edition, form, status=422 if request.method == "POST" else 200)


@require_POST
@sign_in_required
def take_back(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    edition = marked_edition(request.user, edition_slug)
    conflict = get_object_or_404(
        DeclaredConflict.objects.visible_to(request.user).filter(edition=edition), pk=pk
    )
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, edition, _form(request, edition, None), refused=form, status=422)
    take_back_conflict(
        conflict=conflict,
        reason=form.cleaned_data["reason"],
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("The conflict of interest is taken back."))
    return redirect("assessments:conflicts", edition_slug=edition.slug)


@require_POST
@sign_in_required
def with_project(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """“I know them”: said on the desk, of the project in front of one."""
    submission = submission_to_mark(request.user, edition_slug, pk)
    form = ReasonForm(request.POST, label=_("Why you do not judge it"))
    if not form.is_valid():
        return desk_page(request, submission, forms={"conflict_form": form})
    declare_conflict(
        edition=submission.edition,
        person=request.user,
        submission=submission,
        reason=form.cleaned_data["reason"],
        by=request.user,
        at=clock.now(),
    )
    messages.success(
        request, _("Noted. Somebody else marks and decides about this project from now on.")
    )
    return redirect("assessments:queue", edition_slug=edition_slug)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All of them, a line each; times in UTC."""
    edition = marked_edition(request.user, edition_slug)
    heading = [
        _("Who does not judge"), _("What"), _("Why"), _("Declared by"), _("Declared (UTC)"),
        _("Taken back by"), _("Taken back (UTC)"), _("Why it was taken back"),
    ]  # fmt: skip
    lines = [
        [
            str(one.person),
            what,
            one.reason,
            str(one.declared_by),
            minute(one.declared_at),
            str(one.withdrawn_by) if one.withdrawn_by else "",
            minute(one.withdrawn_at),
            one.withdrawn_reason,
        ]
        for one, what in _listed(request, edition, most=None)
    ]
    return csv_file(f"conflicts-{edition.slug}", [heading, *lines])


def _listed(
    request: SignedInRequest, edition: Edition, *, most: int | None = SHOWN
) -> list[tuple[DeclaredConflict, str]]:
    """Each with what it is about, named as the reader may know it; the newest `most`."""
    found = list(
        conflicts_in(edition, request.user).select_related(
            "submission__edition", "submission__owner__city"
        )[:most]
    )
    submissions = [one.submission for one in found if one.submission is not None]
    names = shown_names(submissions, request.user)
    return [
        (
            one,
            _("the project of %(person)s") % {"person": names[one.submission_id].person}
            if one.submission_id
            else str(one.other or one.city),
        )
        for one in found
    ]


def _form(request: SignedInRequest, edition: Edition, typed: Any) -> ConflictForm:
    coordinates = may_in_person(request.user, "assessments.coordinate_marking", edition)
    people = [request.user.pk]
    if coordinates:
        staff = RoleAssignment.objects.filter(edition=edition, role__in=TEACHING_ROLES)
        people = sorted({request.user.pk, *staff.values_list("user_id", flat=True)})
    places = Enrolment.objects.filter(edition=edition).taking_part()
    # Where names are hidden, a list of names would tell who takes part, and no more.
    return ConflictForm(
        typed,
        people=people,
        participants=list(places.values_list("user_id", flat=True)),
        cities=sorted(set(places.values_list("city_id", flat=True))),
        initial={"person": request.user.pk},
    )


def _declared(request: SignedInRequest, edition: Edition, form: ConflictForm) -> bool:
    sent = form.cleaned_data
    try:
        declare_conflict(
            edition=edition,
            person=sent.get("person") or request.user,
            other=sent["other"],
            city=sent["city"],
            reason=sent["reason"],
            by=request.user,
            at=clock.now(),
        )
    except DomainError as error:
        show_errors(form, error)
        return False
    messages.success(request, _("The conflict of interest is noted and counts from now on."))
    return True


def _page(
    request: SignedInRequest,
    edition: Edition,
    form: ConflictForm,
    *,
    refused: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "edition": edition,
        "form": form,
        "refused": refused,
        "listed": _listed(request, edition),
        "may_take_back": may_in_person(request.user, "assessments.coordinate_marking", edition),
        "are_hidden": hides_names_in(edition.pk, request.user),
    }
    return render(request, "assessments/conflicts.html", context, status=status)
