"""What a list of experiences can be narrowed by, in the database (API)."""

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from lms.accounts.enums import Region
from lms.core.errors import InvalidInput
from peer_exchange.enums import CitySize, ExperienceStatus, FacetKind
from peer_exchange.models import CityExperience
from peer_exchange.selectors.finding import SIZES
from peer_exchange.selectors.fulltext import matching
from peer_exchange.selectors.reading import Experiences
from peer_exchange.selectors.years import done_within
from peer_exchange.wanted import Wanted, wanted_from


def narrowed(experiences: Experiences, wanted: Wanted) -> Experiences:
    """Those that have all the words, and of each group one of the chosen values."""
    experiences = done_within(experiences, wanted).filter(matching(wanted.query))
    for group, values in wanted.chosen.items():
        if values:
            experiences = experiences.filter(_one_of(group, values))
    return experiences


def _one_of(group: str, values: tuple[str, ...]) -> Any:
    if group == "theme":
        themes = CityExperience.themes.through.objects
        return Exists(themes.filter(cityexperience=OuterRef("pk"), theme__slug__in=values))
    if group in FacetKind.values:
        facets = CityExperience.facets.through.objects.filter(facet__kind=group)
        return Exists(facets.filter(cityexperience=OuterRef("pk"), facet__slug__in=values))
    if group == "size":
        return _of_size(values)
    column = {"region": "city__region", "language": "words__language", "city": "city__slug"}[group]
    return Q(**{f"{column}__in": values})


def _of_size(values: tuple[str, ...]) -> Q:
    people = "city__profile__population"
    sizes = Q(pk__in=[])
    least = 0
    for below, size in SIZES:
        if size in values:
            sizes |= Q(**{f"{people}__gte": least, f"{people}__lt": below})
        least = below
    if CitySize.HUGE in values:
        sizes |= Q(**{f"{people}__gte": least})
    if CitySize.UNKNOWN in values:
        sizes |= Q(**{f"{people}__isnull": True})
    return sizes


class _Several(django_filters.BaseInFilter, django_filters.CharFilter):
    """Named for the description of the API; read by `ExperienceFilter` with the others."""


def _several(help_text: str) -> _Several:
    return _Several(method="leave", help_text=f"{help_text} Several: give it again (either).")


def _year(help_text: str) -> django_filters.NumberFilter:
    return django_filters.NumberFilter(method="leave", help_text=help_text)


class ExperienceFilter(django_filters.FilterSet):
    """Slugs as text; one that nothing has leaves nothing. What a region or a size can be is
    known, and something else is refused."""

    q = django_filters.CharFilter(
        method="leave", help_text='Words, "a phrase", -without, either OR other.'
    )
    theme = _several("Slug of a theme.")
    method = _several("Slug of a method.")
    scope = _several("Slug of a scope.")
    actor = _several("Slug of who took part.")
    lesson = _several("Slug of a lesson of the course.")
    region = _several("Region of the city.")
    size = _several("Size of the city.")
    language = _several("Code of the language of the text.")
    city = _several("Slug of a city.")
    since = _year("Year: some of it was done in it or later.")
    until = _year("Year: some of it was done in it or before.")
    edition = django_filters.CharFilter(field_name="edition__slug")
    status = django_filters.ChoiceFilter(choices=ExperienceStatus.choices)

    class Meta:
        model = CityExperience
        fields: list[str] = []

    def leave(self, queryset: Experiences, name: str, value: Any) -> Experiences:
        return queryset

    def filter_queryset(self, queryset: Experiences) -> Experiences:
        return narrowed(super().filter_queryset(queryset), wanted_of_api(self.data))


def wanted_of_api(data: Any) -> Wanted:
    """As an address says it. Raises InvalidInput for regions and sizes that do not exist."""
    wanted = wanted_from(data)
    for group, known in (("region", Region.values), ("size", CitySize.values)):
        if set(wanted.chosen[group]) - set(known):
            raise InvalidInput(errors={group: [_("Not one that there is.")]})
    return wanted
