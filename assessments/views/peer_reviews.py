"""A participant's peer reviews: the draft that enters, those to write, those received."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.peer_reviews import (
    accept_review,
    decline_review,
    rate_review,
    save_review,
    submit_review,
)
from assessments.actions.peer_rounds import NotOpenForDrafts, enter_round, leave_round
from assessments.forms import base_version_in
from assessments.marking_forms import ReasonForm
from assessments.models import PeerReview
from assessments.peer_forms import RatingForm
from assessments.selectors.peer import (
    answers_of,
    entry_of,
    is_read,
    review_abilities,
    reviews_received,
    reviews_to_write,
    round_now,
    sections_of_draft,
    shown_reviewer,
    shown_writer,
    where_draft_stands,
)
from assessments.views.places import Place, place_of
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.errors import DomainError, InvalidInput, StaleVersion, TooLarge

NOT_AN_ANSWER = {"csrfmiddlewaretoken", "base_version", "move"}


@require_safe
@sign_in_required
def own(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What the reader has entered, is asked to read, and got back."""
    return _own_page(request, place_of(request.user, edition_slug))


@require_POST
@sign_in_required
def enter(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    place = place_of(request.user, edition_slug)
    at = clock.now()
    going = round_now(place.edition, at)
    if going is None or place.submission is None:
        raise Http404
    try:
        enter_round(peer_round=going, submission=place.submission, by=request.user, at=at)
    except NotOpenForDrafts as error:
        messages.error(request, str(error.sentence))
    else:
        messages.success(
            request, _("Your draft is in. You will be asked to read drafts of others, too.")
        )
    return redirect("assessments:peer_reviews", edition_slug=edition_slug)


@require_POST
@sign_in_required
def leave(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    place = place_of(request.user, edition_slug)
    at = clock.now()
    going = round_now(place.edition, at)
    if going is None or place.submission is None:
        raise Http404
    leave_round(peer_round=going, submission=place.submission, by=request.user, at=at)
    messages.success(request, _("Your draft is out of the round."))
    return redirect("assessments:peer_reviews", edition_slug=edition_slug)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def review(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The draft and the questions side by side; POST saves or hands in."""
    found = _own_review(request, edition_slug, pk)
    if request.method != "POST":
        return _page(request, found, typed=typed_before_sign_in(request))
    is_final = request.POST.get("move") == "submit"
    try:
        (submit_review if is_final else save_review)(
            review=found,
            answers=_answers_in(request.POST),
            base_version=base_version_in(request.POST),
            by=request.user,
            at=clock.now(),
        )
    except (StaleVersion, InvalidInput, TooLarge) as error:
        return _page(request, found, typed=request.POST, error=error)
    if is_final:
        messages.success(request, _("Your review is handed in. The writers read it now."))
        return redirect("assessments:peer_reviews", edition_slug=edition_slug)
    messages.success(request, _("Your review is saved."))
    return redirect("assessments:peer_review", edition_slug=edition_slug, pk=pk)


@require_http_methods(["PUT"])
@sign_in_required
def answers(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Autosave (docs/design.md)."""
    found = _own_review(request, edition_slug, pk)
    sent = read_autosave(request)
    saved = save_review(
        review=found,
        answers=sent.values,
        base_version=sent.base_version,
        by=request.user,
        at=clock.now(),
    )
    saved_at = saved.saved_at or clock.now()
    return JsonResponse({"version": saved.version, "saved_at": saved_at.isoformat()})


@require_POST
@sign_in_required
def accept(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    found = _own_review(request, edition_slug, pk)
    accept_review(review=found, by=request.user, at=clock.now())
    messages.success(request, _("Thank you. You can begin now; everything saves by itself."))
    return redirect("assessments:peer_review", edition_slug=edition_slug, pk=pk)


@require_POST
@sign_in_required
def decline(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    found = _own_review(request, edition_slug, pk)
    form = _decline_form(request.POST)
    if not form.is_valid():
        return _page(request, found, decline_form=form)
    decline_review(
        review=found, reason=form.cleaned_data["reason"], by=request.user, at=clock.now()
    )
    messages.success(request, _("Declined. Somebody else is asked."))
    return redirect("assessments:peer_reviews", edition_slug=edition_slug)


@require_POST
@sign_in_required
def rate(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """A writer of the draft says how useful the review was."""
    place = place_of(request.user, edition_slug)
    received = PeerReview.objects.received_by(request.user).filter(round__edition=place.edition)
    found = get_object_or_404(received, pk=pk)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _own_page(request, place, refused={found.pk: form})
    rate_review(
        review=found,
        usefulness=form.cleaned_data["usefulness"],
        note=form.cleaned_data["note"],
        by=request.user,
        at=clock.now(),
    )
    messages.success(request, _("Thank you. The reviewer is told."))
    return redirect(reverse("assessments:peer_reviews", args=[edition_slug]) + f"#review-{pk}")


def _own_review(request: SignedInRequest, edition_slug: str, pk: int) -> PeerReview:
    """One that the reader was asked for, and that was not given to another."""
    place = place_of(request.user, edition_slug)
    mine = PeerReview.objects.standing().of_reviewer(request.user)
    return get_object_or_404(
        mine.filter(round__edition=place.edition).select_related(
            "round__edition", "draft__guidelines", "reviewer",
            "draft__entry__submission__owner__user", "draft__entry__submission__owner__city",
        ),
        pk=pk,
    )  # fmt: skip


def _answers_in(posted: QueryDict) -> dict[str, Any]:
    return {name: posted[name] for name in posted if name not in NOT_AN_ANSWER}


def _decline_form(posted: QueryDict | None = None) -> ReasonForm:
    return ReasonForm(posted, label=_("Why you cannot review it"))


def _page(
    request: SignedInRequest,
    found: PeerReview,
    *,
    typed: QueryDict | None = None,
    error: DomainError | None = None,
    decline_form: ReasonForm | None = None,
) -> HttpResponse:
    given = {
        key: str(typed.get(key)) for key in found.round.question_keys if typed and key in typed
    }
    if error is not None:
        found.refresh_from_db(fields=["answers", "version", "status"])
    is_stale = isinstance(error, StaleVersion)
    refused = error.errors if isinstance(error, InvalidInput) else {}
    context = {
        "edition": found.round.edition,
        "review": found,
        "sections": sections_of_draft(found.draft),
        "answers": [
            {
                "answer": answer,
                "errors": refused.get(answer.key, []),
                "stored": found.answers.get(answer.key, "")
                if is_stale and found.answers.get(answer.key, "") != answer.text
                else None,
            }
            for answer in answers_of(found, given)
        ],
        "writer": shown_writer(found, request.user),
        "can": review_abilities(found, request.user, clock.now()),
        "decline_form": decline_form or _decline_form(),
        "error": error,
    }
    status = error.status if error else 422 if decline_form else 200
    return render(request, "assessments/peer_review.html", context, status=status)


def _own_page(
    request: SignedInRequest, place: Place, *, refused: dict[int, RatingForm] | None = None
) -> HttpResponse:
    at = clock.now()
    going = round_now(place.edition, at)
    entry = entry_of(going, place.submission) if going and place.submission else None
    received = reviews_received(place.submission) if place.submission else []
    context = {
        "edition": place.edition,
        "round": going,
        "submission": place.submission,
        "entry": entry,
        "is_begun": going is not None and going.opens_at <= at,
        "stands": where_draft_stands(place.submission),
        "may_leave": entry is not None and not is_read(entry),
        "mine": [
            {"review": one, "writer": shown_writer(one, request.user)}
            for one in reviews_to_write(place.edition, request.user)
        ],
        "received": [
            {
                "review": one,
                "reviewer": shown_reviewer(one, request.user),
                "answers": answers_of(one),
                "form": (refused or {}).get(one.pk)
                or RatingForm(
                    initial={"usefulness": one.usefulness, "note": one.usefulness_note},
                    auto_id=f"id_{one.pk}_%s",
                ),
                "is_refused": bool(refused) and one.pk in (refused or {}),
            }
            for one in received
        ],
    }
    return render(request, "assessments/peer_reviews.html", context, status=422 if refused else 200)
