"""One POST for every move of an experience."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion, TooLarge
from lms.core.forms import show_errors
from peer_exchange.actions import (
    archive_experience,
    clear_experience,
    publish_experience,
    return_experience,
    submit_experience,
)
from peer_exchange.addresses import address_of
from peer_exchange.enums import ExperienceStatus
from peer_exchange.forms import ClearanceForm, ReasonForm
from peer_exchange.models import CityExperience
from peer_exchange.rules import may_archive, may_read, may_return
from peer_exchange.selectors import experience_abilities
from peer_exchange.views.places import experience_or_404, number_of

READ_AGAIN = gettext_lazy("The text has changed since you read it. Read it once more, then decide.")


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
        raise PermissionDenied
    posted = request.method == "POST"
    if not posted and experience.status != ExperienceStatus.CITY_CLEARANCE:
        return redirect(address_of(experience))
    typed = typed_before_sign_in(request, form=request.path)
    form = ClearanceForm(request.POST if posted else None, initial=typed.dict() if typed else None)
    reason = typed_before_sign_in(request, form=address_of(experience, "return"))
    base_version, status = _version_read(experience, typed or reason), 200
    if posted:
        status = 422
    if posted and form.is_valid():
        try:
            clear_experience(
                experience=experience,
                base_version=number_of(request.POST.get("base_version")),
                by=request.user,
                at=clock.now(),
                **form.cleaned_data,
            )
        except InvalidInput as error:
            show_errors(form, error)
        except StaleVersion as error:
            form.add_error(None, READ_AGAIN)
            base_version, status = error.extra["version"], error.status
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
            "reason_form": ReasonForm(initial=reason.dict() if reason else None),
            "base_version": base_version,
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def send_back(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    return _with_reason(
        request,
        edition_slug,
        pk,
        ability="return",
        may=may_return,
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
        may=may_archive,
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
    may: Callable[[User, CityExperience], bool],
    action: Callable[..., CityExperience],
    done: str,
    **page: Any,
) -> HttpResponse:
    """A page that asks for a reason, and the move that carries it."""
    experience = experience_or_404(request, edition_slug, pk)
    posted = request.method == "POST"
    if not may(request.user, experience):
        raise PermissionDenied
    if not posted and not experience_abilities(request.user, experience)[ability]:
        # Not in this state: the page of the experience says in which it is.
        return redirect(address_of(experience))
    data = request.POST if posted else typed_before_sign_in(request, form=request.path)
    form = ReasonForm(data, hint=page["hint"])
    base_version, status = _version_read(experience, data), 422 if posted else 200
    if posted and form.is_valid():
        try:
            action(
                experience=experience,
                base_version=base_version,
                by=request.user,
                at=clock.now(),
                **form.cleaned_data,
            )
        except (InvalidInput, TooLarge) as error:
            show_errors(form, error)
        except StaleVersion as error:
            form.add_error(None, READ_AGAIN)
            base_version, status = error.extra["version"], error.status
        else:
            messages.success(request, done)
            return redirect(_after_moving(request, experience))
    return render(
        request,
        "peer_exchange/reason.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "form": form,
            "base_version": base_version,
            **page,
        },
        status=status,
    )


@require_POST
@sign_in_required
def publish(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = experience_or_404(request, edition_slug, pk)
    publish_experience(
        experience=experience,
        base_version=number_of(request.POST.get("base_version")),
        by=request.user,
        at=clock.now(),
    )
    title = {"title": experience}
    if experience.is_under_embargo(clock.now()):
        said = _("“%(title)s” is published. Readers have it when its embargo ends.")
    else:
        said = _("“%(title)s” is published. Its authors get a message.")
    messages.success(request, said % title)
    return redirect(_after_moving(request, experience))


def _version_read(experience: CityExperience, typed: QueryDict | None) -> int:
    """The version over which a form was filled in; the one shown now for an empty form."""
    return number_of(typed.get("base_version")) if typed else experience.version


def _after_moving(request: SignedInRequest, experience: CityExperience) -> str:
    """The thing itself; or the queue, where it has left what one may see."""
    if may_read(request.user, experience):
        return address_of(experience)
    return reverse("peer_exchange:moderation", args=[experience.edition.slug])
