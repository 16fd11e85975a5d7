"""Filters that tell nothing of what the caller cannot see."""

from typing import Any

from django import forms
from django.db.models import ForeignKey, OneToOneField, UUIDField
from django_filters.filters import Filter, UUIDFilter
from django_filters.rest_framework import DjangoFilterBackend
from django_filters.rest_framework import FilterSet as RestFilterSet


class IdFilter(Filter):
    """By the id of something else. Whether there is such a thing is not asked: one that
    nobody has and one that the caller may not know of both find nothing."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=2**63 - 1, **kwargs)


class FilterSet(RestFilterSet):
    """What `filterset_fields` become, and what a filter set of our own begins from.

    django-filter would look a foreign key up among all rows and refuse (422) what is not
    there: so the answer would tell whether an id exists.
    """

    FILTER_DEFAULTS = {
        **RestFilterSet.FILTER_DEFAULTS,
        ForeignKey: {"filter_class": IdFilter},
        OneToOneField: {"filter_class": IdFilter},
    }

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        found = super().filter_for_lookup(field, lookup_type)
        if found[0] is IdFilter and isinstance(field.target_field, UUIDField):
            return UUIDFilter, {}
        return found


class FilterBackend(DjangoFilterBackend):
    filterset_base = FilterSet
