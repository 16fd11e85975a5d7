from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.errors import Conflict, InvalidInput, PermissionDenied, StaleVersion, TooLarge
from lms.core.forms import act_on, show_errors
from lms.core.refusals import refusal_page
from peer_exchange.actions import (
    name_author,
    remove_author,
    save_experience,
    start_experience,
    stored_values,
)
from peer_exchange.addresses import address_of
from peer_exchange.enums import ExperienceStatus
from peer_exchange.forms import DraftForm, NewExperienceForm
from peer_exchange.models import CityExperience
from peer_exchange.selectors import cities_to_write_for, colleagues_to_name
from peer_exchange.selectors.drafts import stored_otherwise
from peer_exchange.views.draft_fields import (
    attachments_context,
    differences,
    format_of,
    part_fields,
)
from peer_exchange.views.places import edition_or_404, experience_or_404, number_of, writable_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def new(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    cities = cities_to_write_for(request.user, edition)
    if not cities:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = NewExperienceForm(data, cities=cities)
    status = 200
    if request.method == "POST":
        outcome = act_on(form, start_experience, edition=edition, by=request.user, at=clock.now())
        if outcome.is_done:
            return redirect(address_of(outcome.result, "edit"))
        status = outcome.status
    return render(
        request,
        "peer_exchange/new.html",
        {"edition": edition, "form": form, "city": cities[0] if len(cities) == 1 else None},
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
@never_cache
def edit(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = writable_or_404(request, edition_slug, pk)
    if request.method == "POST":
        refused = save_form(request, experience)
        if refused is not None:
            return refused
        preview = request.POST.get("then") == "preview"
        if not preview:
            messages.success(request, _("Saved."))
        return redirect(address_of(experience, "detail" if preview else "edit"))
    if experience.status != ExperienceStatus.DRAFT or experience.given_up_at:
        return redirect(address_of(experience))
    # The buttons beside it, which name authors, are a form of their own.
    typed = typed_before_sign_in(request, form=request.path)
    form = DraftForm(typed, initial=stored_values(experience), experience=experience)
    base_version = number_of(typed.get("base_version")) if typed else experience.version
    return edit_page(request, experience, form, base_version=base_version)


def save_form(request: SignedInRequest, experience: CityExperience) -> HttpResponse | None:
    """Save the whole form, as a browser without JavaScript sends it. None when all is
    well; otherwise the page that says why not and still has the words."""
    form = DraftForm(request.POST, initial=stored_values(experience), experience=experience)
    base_version = number_of(request.POST.get("base_version"))
    stored: dict[str, Any] | None = None
    status = 422
    if form.is_valid():
        try:
            save_experience(
                experience=experience,
                base_version=base_version,
                values=sent_values(request, form),
                text_format=format_of(request.POST),
                keeps_before=True,
                by=request.user,
                at=clock.now(),
            )
        except (InvalidInput, TooLarge) as error:
            show_errors(form, error)
            status = error.status
        except StaleVersion as error:
            experience = experience_or_404(request, experience.edition.slug, experience.pk)
            stored = error.extra["stored"]
            base_version = error.extra["version"]
            status = error.status
        except Conflict as error:
            # It is no draft any more: there is no form to put the words back into.
            return refusal_page(request, Conflict(error.sentence))
        else:
            return None
    return edit_page(
        request, experience, form, base_version=base_version, stored=stored, status=status
    )


def sent_values(request: SignedInRequest, form: DraftForm) -> dict[str, Any]:
    """What the form said: of boxes that nobody ticked a browser sends nothing."""
    return {
        name: value
        for name, value in form.cleaned_data.items()
        if isinstance(value, list) or name in request.POST
    }


def edit_page(
    request: SignedInRequest,
    experience: CityExperience,
    form: DraftForm,
    *,
    base_version: int,
    stored: dict[str, Any] | None = None,
    attach_error: tuple[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`stored`: what was saved meanwhile. `attach_error`: (picture or file, why not)."""
    return render(
        request,
        "peer_exchange/edit.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "form": form,
            "parts": part_fields(experience, form, is_stale=stored is not None),
            "base_version": base_version,
            "is_stale": stored is not None,
            "stored": differences(form, stored) if stored is not None else None,
            "authors": experience.authorships.all(),
            "colleagues": colleagues_to_name(experience),
            **attachments_context(experience, form, attach_error),
        },
        status=status,
    )


@require_http_methods(["PUT"])
@sign_in_required
def autosave(request: SignedInRequest, edition_slug: str, pk: int) -> JsonResponse:
    """PUT {"base_version", "values", "text_format", "set_aside"} → {"version", "saved_at",
    "values"}: those that are stored otherwise than they were sent (docs/design.md)."""
    experience = writable_or_404(request, edition_slug, pk)
    sent = read_autosave(request, extra=("text_format", "set_aside"))
    set_aside = sent.extra.get("set_aside", {})
    if not isinstance(set_aside, dict):
        raise InvalidInput(errors={"set_aside": [_("Send a JSON object.")]})
    text_format = format_of(sent.extra)
    saved = save_experience(
        experience=experience,
        base_version=sent.base_version,
        values=sent.values,
        text_format=text_format,
        set_aside=set_aside,
        by=request.user,
        at=clock.now(),
    )
    answer = {
        "version": saved.version,
        "saved_at": saved.saved_at.isoformat(),
        "values": stored_otherwise(saved, sent.values, text_format),
    }
    return JsonResponse(answer)


@require_POST
@sign_in_required
def authors(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Name (`user`) or take off (`remove`) an author of the draft."""
    experience = writable_or_404(request, edition_slug, pk)
    at = clock.now()
    if "remove" in request.POST:
        authored = User.objects.filter(authorships__experience=experience)
        user = get_object_or_404(authored, pk=number_of(request.POST["remove"]))
        try:
            remove_author(experience=experience, user=user, by=request.user, at=at)
        except Conflict as error:
            messages.error(request, str(error.sentence))
    else:
        colleagues = colleagues_to_name(experience)
        user = get_object_or_404(colleagues, pk=number_of(request.POST.get("user")))
        name_author(experience=experience, user=user, by=request.user, at=at)
    return redirect(address_of(experience, "edit") + "#authors")
