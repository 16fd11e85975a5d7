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
from lms.core.forms import show_errors
from lms.core.refusals import refusal_page
from peer_exchange.actions import (
    EDITABLE,
    name_author,
    remove_author,
    save_experience,
    start_experience,
    stored_values,
)
from peer_exchange.enums import ExperienceStatus
from peer_exchange.forms import DraftForm, NewExperienceForm
from peer_exchange.models import CityExperience
from peer_exchange.selectors import cities_to_write_for, colleagues_to_name
from peer_exchange.views.places import (
    address_of,
    edition_or_404,
    number_of,
    writable_or_404,
)


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def new(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = edition_or_404(request, edition_slug)
    cities = cities_to_write_for(request.user, edition)
    if not cities:
        raise PermissionDenied
    data = request.POST if request.method == "POST" else typed_before_sign_in(request)
    form = NewExperienceForm(data, cities=cities)
    if request.method == "POST" and form.is_valid():
        try:
            experience = start_experience(
                edition=edition, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            return redirect(address_of(experience, "edit"))
    return render(
        request,
        "peer_exchange/new.html",
        {"edition": edition, "form": form, "city": cities[0] if len(cities) == 1 else None},
        status=422 if request.method == "POST" else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
@never_cache
def edit(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = writable_or_404(request, edition_slug, pk)
    if request.method == "POST":
        return _save(request, experience)
    if experience.status != ExperienceStatus.DRAFT:
        return redirect(address_of(experience))
    # The buttons beside it, which name authors, are a form of their own.
    typed = typed_before_sign_in(request, form=request.path)
    form = DraftForm(typed, initial=stored_values(experience))
    base_version = number_of(typed.get("base_version")) if typed else experience.version
    return _edit_page(request, experience, form, base_version=base_version)


def _save(request: SignedInRequest, experience: CityExperience) -> HttpResponse:
    """Save the whole form, as a browser without JavaScript sends it."""
    form = DraftForm(request.POST, initial=stored_values(experience))
    base_version = number_of(request.POST.get("base_version"))
    stored: dict[str, Any] | None = None
    status = 422
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in EDITABLE}
        try:
            save_experience(
                experience=experience,
                base_version=base_version,
                values=values,
                by=request.user,
                at=clock.now(),
            )
        except (InvalidInput, TooLarge) as error:
            show_errors(form, error)
            status = error.status
        except StaleVersion as error:
            stored = _differences(form, error.extra["stored"])
            base_version = error.extra["version"]
            status = error.status
        except Conflict as error:
            # It is no draft any more: there is no form to put the words back into.
            return refusal_page(request, Conflict(error.sentence))
        if form.is_valid() and not stored:
            preview = request.POST.get("then") == "preview"
            if not preview:
                messages.success(request, _("Saved."))
            return redirect(address_of(experience, "detail" if preview else "edit"))
    return _edit_page(
        request,
        experience,
        form,
        base_version=base_version,
        stored=stored,
        status=status,
    )


def _differences(form: DraftForm, stored: dict[str, Any]) -> dict[str, Any]:
    """What is stored and was typed differently, by the words of the labels."""
    typed = form.cleaned_data
    different = {}
    for name, value in stored.items():
        mine = typed[name]
        if isinstance(value, list):
            choices = dict(form.fields[name].choices)  # type: ignore[attr-defined]
            if set(value) != set(mine):
                different[str(form[name].label)] = ", ".join(str(choices.get(v, v)) for v in value)
        elif value.strip() != mine.replace("\r\n", "\n").strip():
            different[str(form[name].label)] = value
    return different


def _edit_page(
    request: SignedInRequest,
    experience: CityExperience,
    form: DraftForm,
    *,
    base_version: int,
    stored: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    return render(
        request,
        "peer_exchange/edit.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "form": form,
            "base_version": base_version,
            "stored": stored,
            "authors": experience.authorships.all(),
            "colleagues": colleagues_to_name(experience),
        },
        status=status,
    )


@require_http_methods(["PUT"])
@sign_in_required
def autosave(request: SignedInRequest, edition_slug: str, pk: int) -> JsonResponse:
    """PUT {"base_version", "values"} → {"version", "saved_at"} (docs/design.md, Autosave)."""
    experience = writable_or_404(request, edition_slug, pk)
    sent = read_autosave(request)
    saved = save_experience(
        experience=experience,
        base_version=sent.base_version,
        values=sent.values,
        by=request.user,
        at=clock.now(),
    )
    return JsonResponse({"version": saved.version, "saved_at": saved.saved_at.isoformat()})


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
