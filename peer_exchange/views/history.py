"""The draft's history: what was written when, what it would change, bringing it back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import StaleVersion
from peer_exchange.actions.restoring import restore_version
from peer_exchange.addresses import address_of
from peer_exchange.models import CityExperience, ExperienceVersion
from peer_exchange.selectors import experience_abilities
from peer_exchange.selectors.experience_history import compared_with_now, history_of, rows_of
from peer_exchange.views.places import experience_or_404, number_of, writable_or_404

VERSIONS_A_PAGE = 30


@require_safe
@sign_in_required
def show_history(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    experience = writable_or_404(request, edition_slug, pk)
    versions = history_of(experience, request.user)
    page = Paginator(versions, VERSIONS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "peer_exchange/history.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "page": page,
            "rows": rows_of(page),
        },
    )


@require_safe
@sign_in_required
def show_version(
    request: SignedInRequest, edition_slug: str, pk: int, version_pk: int
) -> HttpResponse:
    experience = writable_or_404(request, edition_slug, pk)
    version = get_object_or_404(history_of(experience, request.user), pk=version_pk)
    return _version_page(request, experience, version)


@require_POST
@sign_in_required
def restore(request: SignedInRequest, edition_slug: str, pk: int, version_pk: int) -> HttpResponse:
    """One field (`part`), or all of them without it."""
    experience = writable_or_404(request, edition_slug, pk)
    version = get_object_or_404(history_of(experience, request.user), pk=version_pk)
    part = request.POST.get("part")
    try:
        restored = restore_version(
            experience=experience,
            version=version,
            parts=[part] if part else None,
            base_version=number_of(request.POST.get("base_version")),
            by=request.user,
            at=clock.now(),
        )
    except StaleVersion as error:
        again = experience_or_404(request, edition_slug, pk)
        return _version_page(request, again, version, error)
    if restored.version == experience.version:
        messages.info(request, _("It stands like this already."))
    else:
        messages.success(
            request, _("It is brought back. What stood there before is in the history as well.")
        )
    return redirect(address_of(experience, "history"))


def _version_page(
    request: SignedInRequest,
    experience: CityExperience,
    version: ExperienceVersion,
    error: StaleVersion | None = None,
) -> HttpResponse:
    return render(
        request,
        "peer_exchange/history_version.html",
        {
            "edition": experience.edition,
            "experience": experience,
            "version": version,
            "compared": compared_with_now(experience, version),
            "may_restore": experience_abilities(request.user, experience)["edit"],
            "error": error,
        },
        status=error.status if error else 200,
    )
