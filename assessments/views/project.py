"""The participant's page of the final project: guidelines, writing, what came of it."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from assessments.actions.drafts import start_project
from assessments.enums import SubmissionStatus
from assessments.models import Submission
from assessments.selectors.annotations import released_annotations
from assessments.selectors.appeals import appeal_place_of
from assessments.selectors.deadlines import (
    may_ask_for_time,
    request_in_hand,
    ruling_on,
    withdrawing_is_final,
)
from assessments.selectors.grade_history import since_release
from assessments.selectors.marking import rubric_in_force, visible_grade, voided_grade
from assessments.selectors.project import (
    effective_deadline_of,
    latest_attempt,
    project_of,
    revision_asked_of,
    submission_abilities,
)
from assessments.selectors.sections import sections_of_attempt
from assessments.selectors.team import (
    attempts_before_leaving,
    drafts_set_aside,
    invitations_to,
    team_of,
)
from assessments.views.places import Place, edition_of, place_in, place_of
from assessments.views.writing import writing_page
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.numbers import whole_number
from lms.programme.models import Edition
from lms.programme.selectors import standing_of


@require_safe
@sign_in_required
def show_project(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One page for the whole life of a project; what it shows follows its state."""
    edition = edition_of(request.user, edition_slug)
    if edition.pk not in standing_of(request.user).enrolments:
        # Staff read the guidelines; projects they reach through the marking queue.
        return redirect("assessments:guidelines", edition_slug=edition.slug)
    place = place_in(request.user, edition)
    if place.submission is None:
        return render(request, "assessments/project_start.html", _before_start(place))
    if place.submission.status != SubmissionStatus.DRAFT:
        context = _handed_in(request, place.submission)
        return render(request, "assessments/project_handed_in.html", context)
    return writing_page(request, place.submission, typed_before_sign_in(request))


@require_safe
@sign_in_required
def show_guidelines(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The published guidelines, for everybody of the edition. A participant who has
    begun reads the version their project is pinned to, and hears of a newer one."""
    edition = get_object_or_404(Edition, slug=edition_slug)
    project = project_of(edition)
    if project is None:
        edition_of(request.user, edition_slug)
    elif not request.user.has_perm("assessments.view_guidelines", project):
        raise Http404
    enrolment = standing_of(request.user).enrolments.get(edition.pk)
    submission = place_in(request.user, edition).submission if enrolment else None
    newest = project.guidelines.first() if project else None
    shown = newest
    wanted = request.GET.get("version")
    if wanted and project:
        shown = get_object_or_404(project.guidelines, number=whole_number(wanted) or 0)
    elif submission:
        shown = submission.guidelines
    return render(
        request,
        "assessments/guidelines.html",
        {
            "edition": edition,
            "project": project,
            "guidelines": shown,
            "newest": newest,
            "submission": submission,
            "is_participant": enrolment is not None,
            "deadline": effective_deadline_of(project, submission) if project else None,
            "rubric": rubric_in_force(project.rubric_id) if project else None,
        },
    )


@require_POST
@sign_in_required
def start(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    place = place_of(request.user, edition_slug)
    if place.project is None:
        raise Http404
    start_project(project=place.project, enrolment=place.enrolment, by=request.user, at=clock.now())
    return redirect("assessments:project", edition_slug=edition_slug)


def _before_start(place: Place) -> dict[str, Any]:
    newest = place.project.guidelines.first() if place.project else None
    return {
        "edition": place.edition,
        "project": place.project,
        "guidelines": newest,
        "deadline": effective_deadline_of(place.project, None) if place.project else None,
        "invitations": invitations_to(place.enrolment, clock.now()),
        "drafts_aside": drafts_set_aside(place.enrolment),
        "handed_in_before": attempts_before_leaving(place.enrolment),
    }


def _handed_in(request: SignedInRequest, submission: Submission) -> dict[str, Any]:
    attempt = latest_attempt(submission)
    assert attempt is not None, "What left the draft state has an attempt."
    at = clock.now()
    deadline = effective_deadline_of(submission.project, submission)
    return {
        "edition": submission.edition,
        "submission": submission,
        "attempt": attempt,
        "sections": sections_of_attempt(attempt),
        "files": attempt.files.all(),
        "revision": revision_asked_of(submission),
        "late": deadline.is_passed(at),
        "abilities": submission_abilities(request.user, submission, at),
        "withdrawing_is_final": withdrawing_is_final(submission, at),
        **_released(request, submission, at),
        "ruling": ruling_on(attempt),
        "extension": request_in_hand(submission),
        "may_ask": may_ask_for_time(submission),
        "team": team_of(submission),
        "earlier": submission.attempts.filter(number__lt=attempt.number).order_by("-number"),
    }


def _released(request: SignedInRequest, submission: Submission, at: datetime) -> dict[str, Any]:
    """The grade and all that came of it; nothing of it before the release (invariant 9)."""
    grade = visible_grade(submission)
    if grade is None:
        return {"grade": None, "voided": voided_grade(submission)}
    return {
        "grade": grade,
        "annotations": released_annotations(grade.revision),
        "since": since_release(grade.grade),
        "appeal_place": appeal_place_of(grade.grade, request.user, at),
    }
