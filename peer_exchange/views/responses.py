from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import InvalidInput
from lms.core.forms import show_errors
from peer_exchange.actions import (
    edit_response,
    hide_response,
    respond_to_experience,
    show_response,
)
from peer_exchange.forms import ReasonForm, ResponseForm
from peer_exchange.models import Response
from peer_exchange.selectors import experience_abilities, policy_of, response_abilities
from peer_exchange.views.places import (
    address_of,
    experience_or_404,
    response_or_404,
)
from peer_exchange.views.reading import responses_section


@require_POST
@sign_in_required
def respond(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Answer with the list of responses alone (htmx), or lead back to the page."""
    experience = experience_or_404(request, edition_slug, pk)
    form = ResponseForm(request.POST, goal=policy_of(experience.edition_id).min_words)
    written: Response | None = None
    if form.is_valid():
        try:
            written = respond_to_experience(
                experience=experience, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except InvalidInput as error:
            show_errors(form, error)
    if written and not request.htmx:
        return redirect(address_of(experience) + f"#response-{written.pk}")
    context = responses_section(
        request,
        experience,
        experience_abilities(request.user, experience),
        form=None if written else form,
    )
    if request.htmx:
        # htmx leaves the page as it is on an error status; the errors are in the fragment.
        return render(request, "peer_exchange/_responses.html", {**context, "written": written})
    return render(request, "peer_exchange/respond.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def edit(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    if response.author_id != request.user.pk:
        raise Http404
    posted = request.method == "POST"
    typed = request.POST if posted else typed_before_sign_in(request)
    form = ResponseForm(
        typed,
        goal=policy_of(response.experience.edition_id).min_words,
        initial={"body": response.body},
    )
    if posted and form.is_valid():
        try:
            edit_response(response=response, by=request.user, at=clock.now(), **form.cleaned_data)
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("Your response is changed."))
            return redirect(_place_of(response))
    return _form_page(request, "peer_exchange/response_edit.html", response, form, posted=posted)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def hide(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    posted = request.method == "POST"
    if not posted and not response_abilities(request.user, response)["hide"]:
        raise Http404
    form = ReasonForm(
        request.POST if posted else typed_before_sign_in(request),
        hint=_("The author reads this. The response no longer counts for their diploma."),
    )
    if posted and form.is_valid():
        try:
            hide_response(response=response, by=request.user, at=clock.now(), **form.cleaned_data)
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("Hidden. Only its author and the moderators see it."))
            return redirect(_place_of(response))
    return _form_page(request, "peer_exchange/response_hide.html", response, form, posted=posted)


@require_POST
@sign_in_required
def show(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    response = response_or_404(request, edition_slug, pk)
    show_response(response=response, by=request.user, at=clock.now())
    messages.success(request, _("Shown to the cohort again."))
    return redirect(_place_of(response))


def _form_page(
    request: SignedInRequest, template: str, response: Response, form: Form, *, posted: bool
) -> HttpResponse:
    context = {
        "edition": response.experience.edition,
        "experience": response.experience,
        "response": response,
        "form": form,
    }
    return render(request, template, context, status=422 if posted else 200)


def _place_of(response: Response) -> str:
    return address_of(response.experience) + f"#response-{response.pk}"
