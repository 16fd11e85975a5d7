"""The teams of an edition, for its coordinators."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from assessments.actions.teams import add_member, remove_member
from assessments.marking_forms import ReasonForm
from assessments.models import Submission
from assessments.selectors.team import (
    colleagues_of,
    invitations_out,
    is_team,
    members_before,
    team_of,
    team_rules_of,
    teams_of,
)
from assessments.team_forms import AddMemberForm
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.forms import show_errors
from lms.programme.models import Edition


class NamesHidden(PermissionDenied):
    """They coordinate and mark: a list of teams beside the desk, which names a project by
    the same number, would tell whose project they mark."""

    code = "names_hidden"
    sentence = gettext_lazy(
        "You mark in this edition, and it is marked without names: who writes which project "
        "stays hidden from you. Another coordinator or an administrator arranges the teams."
    )


@require_safe
@sign_in_required
def teams(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Who writes which project."""
    edition = _coordinated(request.user, edition_slug)
    projects = list(teams_of(edition, request.user))
    return render(
        request,
        "assessments/teams.html",
        {
            "edition": edition,
            "projects": projects,
            "teams": sum(is_team(project) for project in projects),
        },
    )


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = _coordinated(request.user, edition_slug)
    heading = [
        _("City"), _("Owner"), _("Member"), _("Since (UTC)"), _("Until (UTC)"), _("Reason"),
        _("State"),
    ]  # fmt: skip
    lines = [
        [
            project.owner.city.name,
            str(project.owner.user),
            str(member.enrolment.user),
            minute(member.joined_at),
            minute(member.left_at),
            member.reason,
            project.get_status_display(),
        ]
        for project in teams_of(edition, request.user)
        for member in project.members.all()
    ]
    return csv_file(f"teams-{edition.slug}", [heading, *lines])


@require_safe
@sign_in_required
def team(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    return _page(request, _project(request.user, edition_slug, pk))


@require_POST
@sign_in_required
def add(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = _project(request.user, edition_slug, pk)
    form = AddMemberForm(request.POST, colleagues=colleagues_of(submission))
    if form.is_valid():
        try:
            member = add_member(
                submission=submission, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except (InvalidInput, Conflict) as error:
            show_errors(form, error)
        else:
            messages.success(
                request,
                _("%(person)s is in the team.") % {"person": member.enrolment.user},
            )
            return redirect("assessments:team_setup", edition_slug=edition_slug, pk=pk)
    return _page(request, submission, add_form=form)


@require_POST
@sign_in_required
def remove(request: SignedInRequest, edition_slug: str, pk: int, member: int) -> HttpResponse:
    submission = _project(request.user, edition_slug, pk)
    found = get_object_or_404(submission.members.present(), pk=member)
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            remove_member(
                member=found, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
            )
        except (InvalidInput, Conflict) as error:
            show_errors(form, error)
        else:
            messages.success(
                request,
                _("%(person)s is no longer in the team.") % {"person": found.enrolment.user},
            )
            return redirect("assessments:team_setup", edition_slug=edition_slug, pk=pk)
    return _page(request, submission, refused=form)


def _coordinated(user: User, slug: str) -> Edition:
    edition = edition_of(user, slug)
    if user.has_perm("assessments.view_teams", edition):
        return edition
    if user.has_perm("assessments.coordinate_marking", edition):
        raise NamesHidden
    raise Http404


def _project(user: User, slug: str, pk: int) -> Submission:
    projects = teams_of(_coordinated(user, slug), user)
    return get_object_or_404(projects.select_related("guidelines", "edition"), pk=pk)


def _page(
    request: SignedInRequest,
    submission: Submission,
    *,
    add_form: AddMemberForm | None = None,
    refused: ReasonForm | None = None,
) -> HttpResponse:
    rules = team_rules_of(submission.guidelines)
    present = team_of(submission)
    return render(
        request,
        "assessments/team_setup.html",
        {
            "edition": submission.edition,
            "submission": submission,
            "team": present,
            "before": members_before(submission),
            "invitations": invitations_out(submission, clock.now()),
            "rules": rules,
            "has_room": len(present) < rules.max_members,
            "add_form": add_form or AddMemberForm(colleagues=colleagues_of(submission)),
            "refused": refused,
        },
        status=422 if add_form or refused else 200,
    )
