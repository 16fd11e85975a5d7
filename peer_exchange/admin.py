from django.contrib import admin

from lms.core.admin import ActionAdmin
from peer_exchange.models import Facet, SharingPolicy, Theme
from peer_exchange.models.policy import RULE_FIELDS


@admin.register(Theme)
class ThemeAdmin(ActionAdmin):
    list_display = ("name", "slug", "order")


@admin.register(Facet)
class FacetAdmin(ActionAdmin):
    list_display = ("name", "kind", "slug", "order")
    list_filter = ("kind",)


@admin.register(SharingPolicy)
class SharingPolicyAdmin(ActionAdmin):
    """What counts for D15b. The rule is changed on its own page, where whom it affects is
    seen first; here is the pace."""

    list_display = ("edition", "min_experiences", "min_responses", "min_words")
    readonly_fields = RULE_FIELDS
