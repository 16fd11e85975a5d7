"""From addresses to what stands there; nothing for those who may not see it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core.errors import PermissionDenied
from lms.core.numbers import whole_number
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from peer_exchange.models import CityExperience, Response
from peer_exchange.selectors import experience_in_full, may_open_exchange


def edition_or_404(request: SignedInRequest, slug: str) -> Edition:
    edition = get_object_or_404(Edition, slug=slug)
    if not may_open_exchange(request.user, edition):
        raise Http404
    return edition


def edition_for_or_404(request: SignedInRequest, slug: str, perm: str) -> Edition:
    """An edition in whose exchange somebody may do `perm`; for others the page is not there."""
    edition = edition_or_404(request, slug)
    if not request.user.has_perm(f"peer_exchange.{perm}", edition):
        raise Http404
    return edition


def own_cities_in(request: SignedInRequest, edition: Edition) -> frozenset[int]:
    """Ids of the cities somebody speaks for; raises PermissionDenied where there are none."""
    cities = standing_of(request.user).team_cities(edition.pk)
    if not cities:
        raise PermissionDenied
    return cities


def readable_or_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of an experience: open to everybody where the experience is; else behind the
    sign-in, whether or not there is such an experience."""
    guarded = sign_in_required(view)

    @wraps(view)
    def opened(request: HttpRequest, edition_slug: str, pk: int, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated or experience_in_full(request.user, edition_slug, pk):
            return view(request, edition_slug=edition_slug, pk=pk, **kwargs)
        return guarded(request, edition_slug=edition_slug, pk=pk, **kwargs)

    return opened


def experience_or_404(request: HttpRequest, edition_slug: str, pk: int) -> CityExperience:
    experience = experience_in_full(request.user, edition_slug, pk)
    if experience is None:
        raise Http404
    return experience


def response_or_404(request: SignedInRequest, edition_slug: str, pk: int) -> Response:
    responses = (
        Response.objects.visible_to(request.user)
        .select_related("author", "city", "thread", "experience__city", "experience__edition")
        .prefetch_related("mentions__user", "experience__authorships")
    )
    return get_object_or_404(responses, pk=pk, experience__edition__slug=edition_slug)


def writable_or_404(request: SignedInRequest, edition_slug: str, pk: int) -> CityExperience:
    """An experience one writes; PermissionDenied for who may only read it."""
    experience = experience_or_404(request, edition_slug, pk)
    if not request.user.has_perm("peer_exchange.write_experience", experience):
        raise PermissionDenied
    return experience


def key_in(asked: QueryDict, name: str) -> int:
    """The id or place from which a page of a list goes on; 0, the beginning, for anything
    else."""
    return whole_number(asked.get(name), digits=15) or 0


def number_of(text: str | None) -> int:
    """A version or an id as a form sends it; −1, which nothing has, for anything else."""
    number = whole_number(text, digits=15)
    return -1 if number is None else number
