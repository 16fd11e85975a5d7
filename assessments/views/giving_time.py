"""Coordinators give time that nobody asked for, and say how a late project counts."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.actions.extensions import give_extension
from assessments.actions.giving_time import give_time_to
from assessments.actions.lateness import rule_on_lateness
from assessments.deadline_forms import OTHER, GiveTimeForm, RulingForm
from assessments.models import Attempt, Extension, Project, Submission
from assessments.models.team import was_in_team
from assessments.selectors.deadlines import (
    day_to_count_from,
    effective_deadline_of,
    late_attempt_of,
    may_be_given_time,
)
from assessments.selectors.lateness import may_rule_on, ruling_basis
from assessments.selectors.project import submission_of
from assessments.selectors.team import team_of
from assessments.views.follow import followed
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors
from lms.programme.models import Edition, Enrolment


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def give_time(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """More time for one project: until when, and why."""
    at = clock.now()
    edition, _project = followed(request.user, edition_slug)
    submission = _project_to_give_to(request.user, edition, pk)
    deadline = effective_deadline_of(submission.project, submission)
    late = late_attempt_of(submission)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = GiveTimeForm(
        typed,
        project=submission.project,
        counted_from=day_to_count_from(deadline, submission.project.deadline_zone, at),
        late=late,
    )
    if request.method == "POST" and form.is_valid():
        late_counts = form.cleaned_data.get("counts_as_on_time", False)
        give = partial(give_extension, submission=submission, counts_as_on_time=late_counts)
        if _given(request.user, submission.project, form, give):
            messages.success(request, _("The time is given, and its writers are told."))
            return redirect("assessments:at_risk", edition_slug=edition_slug)
    context = {
        "edition": edition,
        "submission": submission,
        "project": submission.project,
        "members": team_of(submission),
        "deadline": deadline,
        "late": late,
        "may_give": may_be_given_time(submission),
        "waiting": submission.extensions.waiting().first(),
        "earlier": _given_before(submission),
        "form": form,
        "place": "risk",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/give_time.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def give_time_unbegun(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The same for somebody who has not begun: their draft is begun with it."""
    at = clock.now()
    edition, project = followed(request.user, edition_slug)
    people = Enrolment.objects.filter(edition=edition).taking_part().exclude(user=request.user)
    enrolment = get_object_or_404(people.select_related("user", "city"), pk=pk)
    if project is None or not request.user.has_perm("assessments.set_deadline", project):
        raise Http404
    if begun := submission_of(enrolment):
        return redirect("assessments:give_time", edition_slug=edition_slug, pk=begun.pk)
    deadline = effective_deadline_of(project, None)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = GiveTimeForm(
        typed,
        project=project,
        counted_from=day_to_count_from(deadline, project.deadline_zone, at),
        late=None,
    )
    if request.method == "POST" and form.is_valid():
        give = partial(give_time_to, enrolment=enrolment, project=project)
        if _given(request.user, project, form, give):
            messages.success(request, _("The time is given, and they are told."))
            return redirect("assessments:at_risk", edition_slug=edition_slug)
    context = {
        "edition": edition,
        "unbegun": enrolment,
        "submission": Submission(edition=edition, project=project, owner=enrolment),
        "project": project,
        "deadline": deadline,
        "may_give": True,
        "form": form,
        "place": "risk",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/give_time.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def lateness(request: SignedInRequest, edition_slug: str, receipt: str) -> HttpResponse:
    """How a late attempt counts: what was decided, and for coordinators the decision."""
    edition, _project = followed(request.user, edition_slug)
    attempt = get_object_or_404(
        Attempt.objects.filter(submission__edition=edition, is_late=True)
        .filter(~was_in_team(request.user, "submission"))
        .select_related("submission__project__edition", "submission__owner", "owner__user",
                        "owner__city"),
        receipt=receipt.upper(),
    )  # fmt: skip
    may_rule = may_rule_on(request.user, attempt)
    if request.method == "POST" and not may_rule:
        raise Http404
    basis = ruling_basis(attempt, attempt.submission)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = RulingForm(typed, reaches=basis.reaches)
    if request.method == "POST" and form.is_valid() and _ruled(request.user, attempt, form):
        messages.success(request, _("It is decided, and its writers are told."))
        return redirect("assessments:lateness", edition_slug=edition_slug, receipt=attempt.receipt)
    is_in_hand = attempt.number == attempt.submission.attempt
    context = {
        "edition": edition,
        "attempt": attempt,
        "project": attempt.submission.project,
        "members": list(attempt.members.all()),
        "basis": basis,
        "rulings": attempt.rulings.select_related("ruled_by").order_by("id"),
        "may_rule": may_rule,
        "may_give": may_rule and is_in_hand and may_be_given_time(attempt.submission),
        "waiting": attempt.submission.extensions.waiting().first(),
        "form": form,
        "place": "risk",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/lateness.html", context, status=status)


def _given(
    user: User, project: Project, form: GiveTimeForm, give: Callable[..., Extension]
) -> bool:
    sent = form.cleaned_data
    # A time typed into the field is meant on the reader's own clock.
    own_zone = timezone.get_current_timezone_name()
    try:
        give(
            until_at=sent["wanted_at"],
            until_zone=own_zone if sent["days"] == OTHER else project.deadline_zone,
            reason=sent["reason"],
            by=user,
            at=clock.now(),
        )
    except InvalidInput as error:
        errors = {
            "wanted_at" if of == "until_at" else of: said for of, said in error.errors.items()
        }
        show_errors(form, InvalidInput(error.sentence, errors=errors))
        return False
    except DomainError as error:
        form.add_error(None, str(error.sentence))
        return False
    return True


def _ruled(user: User, attempt: Attempt, form: RulingForm) -> bool:
    sent = form.cleaned_data
    try:
        rule_on_lateness(
            attempt=attempt,
            is_late=sent["counts"] == "late",
            reason=sent["reason"],
            by=user,
            at=clock.now(),
        )
    except InvalidInput as error:
        show_errors(form, error)
        return False
    return True


def _project_to_give_to(user: User, edition: Edition, pk: int) -> Submission:
    submissions = Submission.objects.in_hand().filter(edition=edition)
    submission = get_object_or_404(
        submissions.select_related(
            "owner__user", "owner__city", "project__edition", "guidelines", "edition"
        ),
        pk=pk,
    )
    if not user.has_perm("assessments.decide_extension", submission):
        raise Http404
    return submission


def _given_before(submission: Submission) -> list[Extension]:
    return list(submission.extensions.exclude(until_at=None).order_by("-id"))
