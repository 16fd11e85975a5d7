from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import PermissionDenied
from lms.core.forms import act_on
from peer_exchange.actions import (
    edit_response,
    hide_response,
    respond_to_experience,
    show_response,
)
from peer_exchange.addresses import address_of, place_of
from peer_exchange.forms import ReasonForm, ResponseForm
from peer_exchange.models import Response
from peer_exchange.rules import may_answer, may_edit_response, may_hide_response
from peer_exchange.selectors import experience_abilities, experience_in_full, policy_of
from peer_exchange.views.conversation import conversation_section, respond_form
from peer_exchange.views.places import experience_or_404, response_or_404


@require_POST
@sign_in_required
def respond(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Answer with the conversation alone (htmx), or lead back to the page."""
    experience = experience_or_404(request, edition_slug, pk)
    is_own_city = may_answer(request.user, experience) and not request.user.is_superuser
    form = respond_form(
        experience,
        policy_of(experience.edition_id).min_words,
        request.POST,
        is_own_city=is_own_city,
    )
    outcome = act_on(
        form, respond_to_experience, experience=experience, by=request.user, at=clock.now()
    )
    written: Response | None = outcome.result
    if outcome.refusal:
        now = experience_in_full(request.user, edition_slug, pk)
        if now is None or not experience_abilities(request.user, now)["respond"]:
            # There is no form any more to go back to.
            raise outcome.refusal
    if written and not request.htmx:
        # The newest come first, right below the word that it is published.
        return redirect(f"{address_of(experience)}?written={written.pk}#responses")
    context = conversation_section(
        request,
        experience,
        experience_abilities(request.user, experience),
        form=None if written else form,
    )
    if request.htmx:
        # htmx leaves the page as it is on an error status; the errors are in the fragment.
        return render(request, "peer_exchange/_responses.html", {**context, "written": written})
    return render(request, "peer_exchange/respond.html", context, status=outcome.status)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def edit(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    if not may_edit_response(request.user, response):
        raise PermissionDenied
    posted = request.method == "POST"
    status = 200
    typed = request.POST if posted else typed_before_sign_in(request)
    form = ResponseForm(
        typed,
        goal=policy_of(response.experience.edition_id).min_words,
        initial={"body": response.body},
    )
    if posted:
        outcome = act_on(form, edit_response, response=response, by=request.user, at=clock.now())
        if outcome.is_done:
            messages.success(request, _("Your response is changed."))
            return redirect(place_of(response))
        status = outcome.status
    return _form_page(request, "peer_exchange/response_edit.html", response, form, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def hide(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    posted = request.method == "POST"
    if not may_hide_response(request.user, response):
        raise PermissionDenied
    if not posted and response.hidden_at:
        return redirect(place_of(response))
    status = 200
    form = ReasonForm(
        request.POST if posted else typed_before_sign_in(request),
        hint=_("The author reads this. The response no longer counts for their diploma."),
    )
    if posted:
        outcome = act_on(form, hide_response, response=response, by=request.user, at=clock.now())
        if outcome.is_done:
            messages.success(request, _("Hidden. Only its author and the moderators see it."))
            return redirect(place_of(response))
        status = outcome.status
    return _form_page(request, "peer_exchange/response_hide.html", response, form, status=status)


@require_POST
@sign_in_required
def show(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    show_response(response=response, by=request.user, at=clock.now())
    messages.success(request, _("Shown to the cohort again."))
    return redirect(place_of(response))


def _form_page(
    request: SignedInRequest, template: str, response: Response, form: Form, *, status: int
) -> HttpResponse:
    context = {
        "edition": response.experience.edition,
        "experience": response.experience,
        "response": response,
        "form": form,
    }
    return render(request, template, context, status=status)
