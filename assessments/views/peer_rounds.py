"""Coordinators open rounds of peer review and follow them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.peer_rounds import (
    allocate_reviews,
    call_off_round,
    change_round,
    open_round,
    replace_stragglers,
)
from assessments.forms import base_version_in
from assessments.models import PeerRound
from assessments.peer_forms import PeerRoundForm, form_of
from assessments.selectors.peer import (
    drafts_in,
    hides_reviewer,
    plan_round,
    reviews_in,
    round_abilities,
    rounds_of,
    shown_reviewer,
    states_of_reviews,
)
from assessments.selectors.project import project_of
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file, minute
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors
from lms.programme.models import Edition

DRAFTS_A_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def rounds(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All rounds of the edition; POST opens one."""
    edition = _run_by(request.user, edition_slug)
    project = project_of(edition)
    typed = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = PeerRoundForm(typed)
    if request.method == "POST" and project is None:
        raise Http404
    if request.method == "POST" and form.is_valid() and project is not None:
        try:
            made = open_round(
                project=project, values=form.values(), by=request.user, at=clock.now()
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("The round is open. Writers can enter their drafts."))
            return redirect("assessments:peer_round", edition_slug=edition.slug, pk=made.pk)
    context = {"edition": edition, "project": project, "form": form, "rounds": rounds_of(edition)}
    status = 422 if request.method == "POST" else 200
    return render(request, "assessments/peer_rounds.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def one_round(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Its drafts and reviews, what is missing and why; POST changes it."""
    peer_round = _round(request.user, edition_slug, pk)
    form = PeerRoundForm(
        request.POST if request.method == "POST" else None, initial=form_of(peer_round)
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_round(
                peer_round=peer_round,
                values=form.values(),
                base_version=base_version_in(request.POST),
                by=request.user,
                at=clock.now(),
            )
        except DomainError as error:
            show_errors(form, error)
        else:
            messages.success(request, _("The round is changed."))
            return redirect("assessments:peer_round", edition_slug=edition_slug, pk=pk)
    return _page(request, peer_round, form, status=422 if request.method == "POST" else 200)


@require_POST
@sign_in_required
def find(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Replace who did not answer in time, and find reviewers for what is missing."""
    peer_round = _round(request.user, edition_slug, pk)
    at = clock.now()
    replaced = replace_stragglers(peer_round=peer_round, by=request.user, at=at)
    found = allocate_reviews(peer_round=peer_round, by=request.user, at=at)
    count = len(replaced.given) + len(found.given)
    messages.success(
        request,
        ngettext("%(count)d reviewer is asked.", "%(count)d reviewers are asked.", count)
        % {"count": count},
    )
    return redirect("assessments:peer_round", edition_slug=edition_slug, pk=pk)


@require_POST
@sign_in_required
def call_off(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    peer_round = _round(request.user, edition_slug, pk)
    call_off_round(peer_round=peer_round, by=request.user, at=clock.now())
    messages.success(request, _("The round is called off. Reviews handed in stay readable."))
    return redirect("assessments:peer_round", edition_slug=edition_slug, pk=pk)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """A line for each review; times in UTC."""
    peer_round = _round(request.user, edition_slug, pk)
    heading = [
        _("Draft of"), _("City"), _("Reviewer"), _("City of the reviewer"), _("State"),
        _("Asked (UTC)"), _("Answer by (UTC)"), _("Handed in (UTC)"), _("Why declined"),
        _("Useful, of 5"), _("Word to the reviewer"),
        *[question["title"] for question in peer_round.questions],
    ]  # fmt: skip
    lines = []
    for review in reviews_in(peer_round):
        owner = review.draft.entry.submission.owner
        is_in = review.submitted_at is not None
        is_hidden = hides_reviewer(review, request.user)
        lines.append(
            [
                str(owner.user),
                str(owner.city),
                shown_reviewer(review, request.user),
                "" if is_hidden else str(review.reviewer.city),
                review.get_status_display(),
                minute(review.invited_at),
                minute(review.answer_until_at),
                minute(review.submitted_at),
                "" if is_hidden else review.reason,
                review.usefulness or "",
                review.usefulness_note,
                # What is still being written is the reviewer's own.
                *[review.answers.get(key, "") if is_in else "" for key in peer_round.question_keys],
            ]
        )
    return csv_file(f"peer-reviews-{edition_slug}-{pk}", [heading, *lines])


def _run_by(user: User, slug: str) -> Edition:
    edition = edition_of(user, slug)
    if not user.has_perm("assessments.run_peer_review", edition):
        raise Http404
    return edition


def _round(user: User, slug: str, pk: int) -> PeerRound:
    edition = _run_by(user, slug)
    return get_object_or_404(rounds_of(edition).select_related("project"), pk=pk)


def _page(
    request: SignedInRequest, peer_round: PeerRound, form: PeerRoundForm, *, status: int
) -> HttpResponse:
    at = clock.now()
    can = round_abilities(peer_round, request.user, at)
    page = Paginator(drafts_in(peer_round), DRAFTS_A_PAGE).get_page(request.GET.get("page"))
    drafts = list(page.object_list)
    reviews = reviews_in(peer_round).filter(draft__entry__in=drafts)
    context: dict[str, Any] = {
        "edition": peer_round.edition,
        "round": peer_round,
        "form": form,
        "reviews": [
            {
                "review": review,
                "reviewer": shown_reviewer(review, request.user),
                "is_hidden": hides_reviewer(review, request.user),
            }
            for review in reviews
        ],
        "page_obj": page,
        "drafts": drafts,
        "states": states_of_reviews(peer_round),
        "plan": plan_round(peer_round) if can["allocate"] else None,
        "can": can,
        "is_open": can["change"],
    }
    return render(request, "assessments/peer_round.html", context, status=status)
