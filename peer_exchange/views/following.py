"""What one follows, and whom one keeps away."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.models import City, User
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import Conflict
from peer_exchange.actions import follow, keep_away, let_back, unfollow
from peer_exchange.addresses import address_of
from peer_exchange.enums import Distance
from peer_exchange.models import CityExperience, Follow
from peer_exchange.selectors.blocking import people_kept_away
from peer_exchange.selectors.cities import cities_visible_to
from peer_exchange.selectors.people import people_met
from peer_exchange.views.places import experience_or_404

LINES = 500


@require_safe
@sign_in_required
def overview(request: SignedInRequest) -> HttpResponse:
    """All that one follows and may read, and everybody one keeps away."""
    readable = CityExperience.objects.visible_to(request.user).values("pk")
    follows = Follow.objects.filter(user=request.user).select_related(
        "city", "experience__city", "experience__edition"
    )
    return render(
        request,
        "peer_exchange/following.html",
        {
            "cities": follows.filter(city__isnull=False)[:LINES],
            "experiences": follows.filter(experience__in=readable)[:LINES],
            "kept_away": people_kept_away(request.user)[:LINES],
        },
    )


@require_POST
@sign_in_required
def follow_experience(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """`on`: 1 to follow, 0 to stop."""
    experience = experience_or_404(request, edition_slug, pk)
    _follow(request, experience=experience)
    return redirect(_back(request) or address_of(experience))


@require_POST
@sign_in_required
def follow_city(request: SignedInRequest, slug: str) -> HttpResponse:
    # One that is followed already can be let go wherever its people are now.
    seen = cities_visible_to(request.user).values("pk")
    followed = Follow.objects.filter(user=request.user, city__isnull=False).values("city")
    mine = City.objects.filter(Q(pk__in=seen) | Q(pk__in=followed))
    city = get_object_or_404(mine, slug=slug)
    _follow(request, city=city)
    return redirect(_back(request) or "following:overview")


@require_POST
@sign_in_required
def distance(request: SignedInRequest, pk: int) -> HttpResponse:
    """Mute or block somebody (`distance`), or let them back."""
    # Whether there is another account of that number is nobody's business here.
    is_known = Q(pk__in=people_met(request.user)) | Q(kept_away_by__user=request.user)
    other = get_object_or_404(User.objects.filter(is_known).distinct(), pk=pk)
    wanted = request.POST.get("distance", "")
    if wanted not in Distance.values:
        let_back(other=other, by=request.user, at=clock.now())
        messages.success(request, _("You read and hear of this person again."))
    else:
        try:
            keep_away(other=other, distance=wanted, by=request.user, at=clock.now())
        except Conflict as error:
            messages.error(request, str(error.sentence))
        else:
            messages.success(
                request,
                _("Blocked. They cannot answer or mention you, and are not told.")
                if wanted == Distance.BLOCKED
                else _("Muted. What they write is folded for you; they are not told."),
            )
    return redirect(_back(request) or "following:overview")


def _follow(
    request: SignedInRequest,
    *,
    experience: CityExperience | None = None,
    city: City | None = None,
) -> None:
    at = clock.now()
    if request.POST.get("on") == "0":
        unfollow(experience=experience, city=city, by=request.user, at=at)
        messages.success(request, _("You no longer follow this."))
        return
    try:
        follow(experience=experience, city=city, by=request.user, at=at)
    except Conflict as error:
        messages.error(request, str(error.sentence))
        return
    messages.success(request, _("You follow this now. How often you are told is your choice."))


def _back(request: SignedInRequest) -> str:
    """The page the button stood on, where it says so and is one of ours."""
    page = request.POST.get("next", "")
    is_ours = page.startswith("/") and url_has_allowed_host_and_scheme(
        page, {request.get_host()}, require_https=request.is_secure()
    )
    return page if is_ours else ""
