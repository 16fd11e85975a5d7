from django.contrib import admin

from lms.core.admin import ActionAdmin
from peer_exchange.models import Facet, SharingPolicy, Theme


@admin.register(Theme)
class ThemeAdmin(ActionAdmin):
    list_display = ("name", "slug", "order")


@admin.register(Facet)
class FacetAdmin(ActionAdmin):
    list_display = ("name", "kind", "slug", "order")
    list_filter = ("kind",)


@admin.register(SharingPolicy)
class SharingPolicyAdmin(ActionAdmin):
    """What counts for D15b. A change decides nothing anew by itself (invariant 12)."""

    list_display = ("edition", "min_experiences", "min_responses", "min_words")
