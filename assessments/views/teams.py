"""Writing the project together: the team, invitations, leaving."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.invitations import (
    accept_invitation,
    decline_invitation,
    invite_member,
    withdraw_invitation,
)
from assessments.actions.teams import leave_team, remove_member, take_up_draft
from assessments.enums import InvitationStatus
from assessments.marking_forms import ReasonForm
from assessments.models import Submission, TeamInvitation
from assessments.selectors.project import outline_of
from assessments.selectors.team import (
    colleagues_of,
    drafts_set_aside,
    invitations_out,
    member_in_hand,
    members_before,
    team_abilities,
    team_of,
    team_rules_of,
)
from assessments.team_forms import InviteForm
from assessments.views.places import edition_of, own_submission, place_of, require_meant
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors
from lms.core.permissions import require_in_person


@require_safe
@sign_in_required
def show_team(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Who writes the project, who is asked to, and one's own draft from before."""
    return _team_page(request, own_submission(request.user, edition_slug))


@require_POST
@sign_in_required
def invite(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_in_person(request.user, "assessments.manage_team", submission)
    form = InviteForm(request.POST, colleagues=colleagues_of(submission))
    if not form.is_valid():
        return _team_page(request, submission, invite_form=form, status=422)
    invitation = invite_member(
        submission=submission,
        enrolment=form.cleaned_data["enrolment"],
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("%(person)s is invited.") % {"person": invitation.enrolment.user})
    return redirect("assessments:team", edition_slug=edition_slug)


@require_POST
@sign_in_required
def uninvite(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    invitation = get_object_or_404(submission.invitations, pk=pk)
    withdraw_invitation(invitation=invitation, by=request.user, at=clock.now())
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("assessments:team", edition_slug=edition_slug)


@require_POST
@sign_in_required
def leave(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    leave_team(
        submission=submission,
        by=request.user,
        at=clock.now(),
        reason=request.POST.get("reason", ""),
    )
    messages.success(
        request, _("You have left the team. What you handed in together stays readable for you.")
    )
    return redirect("assessments:project", edition_slug=edition_slug)


@require_POST
@sign_in_required
def remove(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = own_submission(request.user, edition_slug)
    require_in_person(request.user, "assessments.manage_team", submission)
    member = get_object_or_404(submission.members.present(), pk=pk)
    form = ReasonForm(request.POST)
    try:
        if form.is_valid():
            remove_member(
                member=member, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
            )
            messages.success(
                request,
                _("%(person)s is no longer in the team.") % {"person": member.enrolment.user},
            )
            return redirect("assessments:team", edition_slug=edition_slug)
    except InvalidInput as error:
        show_errors(form, error)
    return _team_page(request, submission, refused=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def invitation(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """What an invitation means for whoever got it, above all for a draft of their own; and
    the answer."""
    edition = edition_of(request.user, edition_slug)
    found = get_object_or_404(
        TeamInvitation.objects.filter(
            enrolment__user=request.user, submission__edition=edition
        ).select_related(
            "enrolment__user", "invited_by", "submission__owner__user",
            "submission__owner__city", "submission__guidelines", "submission__edition",
        ),
        pk=pk,
    )  # fmt: skip
    refused: DomainError | None = None
    if request.method == "POST":
        try:
            return _answer(request, found)
        except DomainError as error:
            if error.status not in (409, 422):
                raise
            refused = error
    own = member_in_hand(found.enrolment)
    return render(
        request,
        "assessments/invitation.html",
        {
            "edition": edition,
            "invitation": found,
            "team": team_of(found.submission),
            "own": own.submission if own and own.submission_id != found.submission_id else None,
            "own_team": team_of(own.submission) if own else [],
            "is_open": found.status == InvitationStatus.INVITED and found.expires_at >= clock.now(),
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


@require_POST
@sign_in_required
def take_up(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Go on with one's own draft after leaving a team."""
    place = place_of(request.user, edition_slug)
    own = Submission.objects.filter(owner=place.enrolment)
    take_up_draft(
        submission=get_object_or_404(own, pk=pk), by=request.user, at=clock.now()
    )  # fmt: skip
    messages.success(request, _("Your own draft is in your hands again, as you left it."))
    return redirect("assessments:project", edition_slug=edition_slug)


def _answer(request: SignedInRequest, found: TeamInvitation) -> HttpResponse:
    slug = found.submission.edition.slug
    if request.POST.get("answer") == "accept":
        accept_invitation(invitation=found, by=request.user, at=clock.now())
        messages.success(request, _("You are in the team. This is the project you write now."))
        return redirect("assessments:project", edition_slug=slug)
    decline_invitation(invitation=found, by=request.user, at=clock.now())
    messages.success(request, _("The invitation is declined. Nothing changes for you."))
    return redirect("assessments:project", edition_slug=slug)


def _team_page(
    request: SignedInRequest,
    submission: Submission,
    *,
    invite_form: InviteForm | None = None,
    refused: ReasonForm | None = None,
    status: int = 200,
) -> HttpResponse:
    enrolment = place_of(request.user, submission.edition.slug).enrolment
    colleagues = colleagues_of(submission)
    return render(
        request,
        "assessments/team.html",
        {
            "edition": submission.edition,
            "submission": submission,
            "team": team_of(submission),
            "before": members_before(submission),
            "invitations": invitations_out(submission, clock.now()),
            "rules": team_rules_of(submission.guidelines),
            "abilities": team_abilities(request.user, submission),
            "has_colleagues": colleagues.exists(),
            "invite_form": invite_form or InviteForm(colleagues=colleagues),
            "set_aside": [(draft, outline_of(draft)) for draft in drafts_set_aside(enrolment)],
            "own_place": enrolment,
            "refused": refused,
        },
        status=status,
    )
