"""One POST for every move of an experience."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import InvalidInput, StaleVersion
from lms.core.forms import show_errors
from peer_exchange.actions import (
    archive_experience,
    clear_experience,
    publish_experience,
    return_experience,
    submit_experience,
)
from peer_exchange.enums import ExperienceStatus
from peer_exchange.forms import ClearanceForm, ReasonForm
from peer_exchange.models import CityExperience
from peer_exchange.selectors import experience_abilities
from peer_exchange.views.places import address_of, experience_or_404, number_of


@require_POST
@sign_in_required
def submit(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    try:
        submit_experience(
            experience=experience,
            base_version=number_of(request.POST.get("base_version")),
            by=request.user,
            at=clock.now(),
        )
    except InvalidInput as error:
        # The page of the draft says what is missing, part by part.
        messages.error(request, str(error.sentence))
        return redirect(address_of(experience))
    except StaleVersion:
        messages.warning(
            request, _("Somebody changed the text meanwhile. Read it once more, then submit it.")
        )
        return redirect(address_of(experience))
    messages.success(request, _("Submitted. Now your city clears the text."))
    return redirect(address_of(experience, "clearance"))


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def clearance(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Has your mayor's office cleared this text? Who?"""
    experience = experience_or_404(request, edition_slug, pk)
    if not request.user.has_perm("peer_exchange.clear_experience", experience):
        raise Http404
    posted = request.method == "POST"
    if not posted and experience.status != ExperienceStatus.CITY_CLEARANCE:
        return redirect(address_of(experience))
    typed = typed_before_sign_in(request)
    kept = typed.dict() if typed else None
    form = ClearanceForm(request.POST if posted else None, initial=kept)
    if posted and form.is_valid():
        try:
            clear_experience(
                experience=experience,
                base_version=_read_version(request),
                by=request.user,
                at=clock.now(),
                **form.cleaned_data,
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("Cleared. The moderators have it now."))
            return redirect(address_of(experience))
    return render(
        request,
        "peer_exchange/clearance.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "form": form,
            "reason_form": ReasonForm(initial=kept),
        },
        status=422 if posted else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def send_back(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    return _with_reason(
        request,
        edition_slug,
        pk,
        ability="return",
        action=return_experience,
        done=_("Sent back to its authors, with your reason."),
        title=_("Send the text back"),
        hint=_("The authors read this. Say what to change, so that they can submit it again."),
        button=_("Send back"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def archive(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    return _with_reason(
        request,
        edition_slug,
        pk,
        ability="archive",
        action=archive_experience,
        done=_("Archived. The responses stay with it."),
        title=_("Archive the experience"),
        hint=_(
            "It leaves the exchange for good and no longer counts for its authors’ diploma. "
            "Say why."
        ),
        button=_("Archive it"),
    )


def _with_reason(
    request: SignedInRequest,
    edition_slug: str,
    pk: int,
    *,
    ability: str,
    action: Callable[..., CityExperience],
    done: str,
    **page: Any,
) -> HttpResponse:
    """A page that asks for a reason, and the move that carries it."""
    experience = experience_or_404(request, edition_slug, pk)
    posted = request.method == "POST"
    if not posted and not experience_abilities(request.user, experience)[ability]:
        raise Http404
    data = request.POST if posted else typed_before_sign_in(request)
    form = ReasonForm(data, hint=page["hint"])
    if posted and form.is_valid():
        try:
            action(experience=experience, by=request.user, at=clock.now(), **form.cleaned_data)
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, done)
            return redirect(_after_moving(request, experience))
    return render(
        request,
        "peer_exchange/reason.html",
        {"edition": experience.edition, "experience": experience, "form": form, **page},
        status=422 if posted else 200,
    )


@require_POST
@sign_in_required
def publish(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    publish_experience(
        experience=experience,
        base_version=_read_version(request),
        by=request.user,
        at=clock.now(),
    )
    messages.success(
        request, _("“%(title)s” is published. Its authors get a message.") % {"title": experience}
    )
    return redirect(_after_moving(request, experience))


def _read_version(request: SignedInRequest) -> int | None:
    """The version the form's page showed, where it says so."""
    sent = request.POST.get("base_version")
    return None if sent is None else number_of(sent)


def _after_moving(request: SignedInRequest, experience: CityExperience) -> str:
    """The thing itself; or the queue, where it has left what one may see."""
    still_there = CityExperience.objects.visible_to(request.user).filter(pk=experience.pk)
    if still_there.exists():
        return address_of(experience)
    return reverse("peer_exchange:moderation", args=[experience.edition.slug])
