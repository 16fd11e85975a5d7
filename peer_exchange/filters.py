"""What a list of experiences can be narrowed by, in the API and on the page."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from lms.accounts.enums import Region
from peer_exchange.enums import ExperienceStatus, FacetKind
from peer_exchange.models import CityExperience
from peer_exchange.normal_text import searchable
from peer_exchange.selectors import counts_by_region, facets_with_counts, themes_with_counts

SEARCH_MAX = 200
Experiences = QuerySet[CityExperience]


class _BySearchAndTags(django_filters.FilterSet):
    def search(self, queryset: Experiences, name: str, value: str) -> Experiences:
        """Every word, in title, summary, text or the city's name; case and accents aside."""
        for word in searchable(value).split():
            queryset = queryset.filter(search_text__contains=word)
        return queryset

    def by_facet(self, queryset: Experiences, name: str, value: str) -> Experiences:
        return queryset.filter(facets__kind=name, facets__slug=value)


class ExperienceFilter(_BySearchAndTags):
    """Of the API: slugs as text; one that nothing has leaves nothing."""

    q = django_filters.CharFilter(method="search", max_length=SEARCH_MAX)
    theme = django_filters.CharFilter(field_name="themes__slug")
    method = django_filters.CharFilter(method="by_facet")
    scope = django_filters.CharFilter(method="by_facet")
    actor = django_filters.CharFilter(method="by_facet")
    region = django_filters.ChoiceFilter(field_name="city__region", choices=Region.choices)
    edition = django_filters.CharFilter(field_name="edition__slug")
    city = django_filters.CharFilter(field_name="city__slug")
    status = django_filters.ChoiceFilter(choices=ExperienceStatus.choices)

    class Meta:
        model = CityExperience
        fields: list[str] = []


def _choice(label: Any, all_label: Any, **kwargs: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(label=label, empty_label=all_label, **kwargs)


class CountedExperienceFilter(_BySearchAndTags):
    """Of the page: choices that say how many experiences each would leave, “Health (3)”."""

    q = django_filters.CharFilter(
        method="search",
        label=_("Search"),
        max_length=SEARCH_MAX,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    theme = _choice(_("Theme"), _("All themes"), field_name="themes__slug")
    method = _choice(_("Method"), _("All methods"), method="by_facet")
    scope = _choice(_("Scope"), _("All scopes"), method="by_facet")
    actor = _choice(_("Actors"), _("All actors"), method="by_facet")
    region = _choice(_("Region"), _("All regions"), field_name="city__region")

    class Meta:
        model = CityExperience
        fields: list[str] = []

    def __init__(self, data: Any, *, queryset: Experiences) -> None:
        """`queryset`: all that the reader may read; the counts are of these."""
        super().__init__(data, queryset=queryset)
        facets = list(facets_with_counts(queryset))
        regions = counts_by_region(queryset)
        self._offer("theme", [(t.slug, t.name, t.count) for t in themes_with_counts(queryset)])
        for kind in FacetKind:
            self._offer(kind, [(f.slug, f.name, f.count) for f in facets if f.kind == kind])
        self._offer("region", [(v, label, regions.get(v, 0)) for v, label in Region.choices])

    def _offer(self, name: str, counted: list[tuple[str, Any, int]]) -> None:
        self.form.fields[name].choices = [
            (value, f"{label} ({count})") for value, label, count in counted
        ]
