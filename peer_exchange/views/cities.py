"""Pages of cities: what they say of themselves, what they wrote, whom they learned from."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.models import City
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.core.forms import act_on, show_errors
from lms.core.languages import language_label
from peer_exchange.actions.cities import (
    add_topic,
    hide_member,
    remove_topic,
    restore_topic,
    save_city_profile,
    show_member,
    stored_profile,
)
from peer_exchange.models import CityTopic, ShownMember
from peer_exchange.normal_text import words_of
from peer_exchange.selectors.cities import (
    cities_visible_to,
    city_abilities,
    editions_to_talk,
    experiences_of,
    profile_of,
    shown_members,
    topics_of,
    transfers_both_ways,
)
from peer_exchange.transfer_forms import ProfileForm, ShownForm, TopicForm
from peer_exchange.views.places import number_of
from peer_exchange.views.putting_back import remove_or_restore

CITIES_A_PAGE, EXPERIENCES_A_PAGE, TRANSFERS_SHOWN = 30, 12, 20


def city_or_404(request: SignedInRequest, slug: str) -> City:
    return get_object_or_404(cities_visible_to(request.user), slug=slug)


def editable_or_404(request: SignedInRequest, slug: str) -> City:
    city = city_or_404(request, slug)
    if not request.user.has_perm("peer_exchange.edit_city", city):
        raise PermissionDenied(_("The city’s own people change its page."))
    return city


@require_safe
@sign_in_required
def city_list(request: SignedInRequest) -> HttpResponse:
    page = Paginator(_cities_found(request), CITIES_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "peer_exchange/cities.html",
        {
            "page_obj": page,
            "rows": [_city_row(city) for city in page],
            "q": request.GET.get("q", "")[:100],
            "region": request.GET.get("region", ""),
            "regions": City._meta.get_field("region").choices,
        },
    )


@require_safe
@sign_in_required
def export(request: SignedInRequest) -> HttpResponse:
    """The cities of the list, as it is narrowed (CSV)."""
    heading: list[object] = [
        _("City"), _("Country"), _("Region"), _("Office"), _("Languages"), _("Inhabitants"),
        _("Website"),
    ]  # fmt: skip
    lines: list[list[object]] = [heading]
    for city in _cities_found(request):
        row = _city_row(city)
        said = row["profile"]
        lines.append(
            [
                city.name, city.country, city.get_region_display(),
                said.office_name if said else "", ", ".join(row["languages"]),
                (said.population if said else None) or "", said.website if said else "",
            ]
        )  # fmt: skip
    return csv_file("cities", lines)


def _cities_found(request: SignedInRequest) -> Any:
    """As the address asks: of a region, with these letters in name or country."""
    cities = cities_visible_to(request.user).select_related("profile").order_by("name", "pk")
    region, asked = request.GET.get("region", ""), request.GET.get("q", "")[:100]
    if region in dict(City._meta.get_field("region").choices or ()):
        cities = cities.filter(region=region)
    words = words_of(asked)
    if not asked.strip():
        return cities
    return [
        c for c in cities if all(w in " ".join(words_of(f"{c.name} {c.country}")) for w in words)
    ]


def _city_row(city: City) -> dict[str, Any]:
    profile = getattr(city, "profile", None)
    codes = profile.language_codes if profile else ()
    return {"city": city, "profile": profile, "languages": [language_label(c) for c in codes]}


@require_safe
@sign_in_required
def show_city(request: SignedInRequest, city_slug: str) -> HttpResponse:
    return city_page(request, city_or_404(request, city_slug))


def city_page(
    request: SignedInRequest,
    city: City,
    *,
    topic_form: TopicForm | None = None,
    shown_form: ShownForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user, abilities = request.user, city_abilities(request.user, city)
    profile = profile_of(city)
    learned, gave = transfers_both_ways(user, city)
    experiences = Paginator(experiences_of(user, city), EXPERIENCES_A_PAGE)
    mine = ShownMember.objects.filter(city=city, user=user).first()
    topics = topics_of(city, with_removed=abilities["edit"])
    typed = typed_before_sign_in(request, form=_address(city, "add_topic"))
    learned_rows = list(learned[: TRANSFERS_SHOWN + 1])
    gave_rows = list(gave[: TRANSFERS_SHOWN + 1])
    return render(
        request,
        "peer_exchange/city.html",
        {
            "city": city,
            "profile": profile,
            "languages": [language_label(code) for code in profile.language_codes],
            "abilities": abilities,
            "page_obj": experiences.get_page(request.GET.get("page")),
            "learned": learned_rows[:TRANSFERS_SHOWN],
            "gave": gave_rows[:TRANSFERS_SHOWN],
            "has_more": max(len(learned_rows), len(gave_rows)) > TRANSFERS_SHOWN,
            "members": shown_members(city),
            "mine": mine,
            "needs": [t for t in topics if t.kind == "need" and not t.removed_at],
            "offers": [t for t in topics if t.kind == "offer" and not t.removed_at],
            "removed": [t for t in topics if t.removed_at],
            "topic_form": topic_form or TopicForm(initial=typed.dict() if typed else None),
            "shown_form": shown_form or ShownForm(initial={"does": mine.does if mine else ""}),
            "talk_editions": editions_to_talk(request.user, city),
        },
        status=status,
    )


def _address(city: City, name: str = "city", *more: Any) -> str:
    return reverse(f"peer_exchange:{name}", args=[city.slug, *more])


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def edit_city(request: SignedInRequest, city_slug: str) -> HttpResponse:
    """What the city says of itself, saved over the version that was read."""
    city = editable_or_404(request, city_slug)
    profile = profile_of(city)
    base_version, stored, status = profile.version, None, 200
    if request.method == "POST":
        form, status = ProfileForm(request.POST), 422
        base_version = number_of(request.POST.get("base_version"))
        if form.is_valid():
            try:
                save_city_profile(
                    city=city, base_version=base_version, values=form.cleaned_data,
                    by=request.user, at=clock.now(),
                )  # fmt: skip
            except StaleVersion as error:
                base_version, status = error.extra["version"], error.status
                stored = _in_words(form, error.extra["stored"])
            except InvalidInput as error:
                show_errors(form, error)
            else:
                messages.success(request, _("Saved."))
                return redirect(_address(city))
    else:
        typed = typed_before_sign_in(request)
        if typed:
            base_version = number_of(typed.get("base_version"))
        form = ProfileForm(typed) if typed else ProfileForm(initial=stored_profile(profile))
    return render(
        request,
        "peer_exchange/city_edit.html",
        {
            "city": city,
            "form": form,
            "base_version": base_version,
            "stored": stored,
            "languages": [language_label(code) for code in profile.language_codes],
        },
        status=status,
    )


def _in_words(form: ProfileForm, stored: dict[str, Any]) -> dict[Any, str]:
    """Where the form differs from what a colleague saved meanwhile: label → what is stored."""
    typed = form.cleaned_data
    differing = {name: value for name, value in stored.items() if typed.get(name) != value}
    words = {}
    for name, value in differing.items():
        if name == "languages":
            value = ", ".join(language_label(code) for code in value)
        words[form.fields[name].label] = str(value) if value not in (None, "") else "–"
    return words


@require_POST
@sign_in_required
def be_shown(request: SignedInRequest, city_slug: str) -> HttpResponse:
    """Agree to be named on the city's page, or take that back. Each for oneself alone."""
    city = city_or_404(request, city_slug)
    if request.POST.get("take_back"):
        hide_member(city=city, by=request.user, at=clock.now())
        messages.success(request, _("Your name no longer stands on this page."))
        return redirect(_address(city) + "#people")
    form = ShownForm(request.POST)
    outcome = act_on(form, show_member, city=city, by=request.user, at=clock.now())
    if outcome.is_done:
        messages.success(request, _("Your name stands here now. You can take it back."))
        return redirect(_address(city) + "#people")
    return city_page(request, city, shown_form=form, status=outcome.status)


@require_POST
@sign_in_required
def add_city_topic(request: SignedInRequest, city_slug: str) -> HttpResponse:
    city = editable_or_404(request, city_slug)
    form = TopicForm(request.POST)
    outcome = act_on(form, add_topic, city=city, by=request.user, at=clock.now())
    if outcome.is_done:
        messages.success(request, _("Added. The suggestions follow it at once."))
        return redirect(_address(city) + "#topics")
    return city_page(request, city, topic_form=form, status=outcome.status)


@require_POST
@sign_in_required
def move_city_topic(request: SignedInRequest, city_slug: str, pk: int, move: str) -> HttpResponse:
    city = editable_or_404(request, city_slug)
    topic = get_object_or_404(CityTopic, pk=pk, city=city)
    remove_or_restore(request, move, remove=remove_topic, restore=restore_topic, topic=topic)
    return redirect(_address(city) + "#topics")
