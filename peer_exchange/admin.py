from django.contrib import admin

from peer_exchange.models import Facet, SharingPolicy, Theme


@admin.register(Theme)
class ThemeAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "order")


@admin.register(Facet)
class FacetAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "slug", "order")
    list_filter = ("kind",)


@admin.register(SharingPolicy)
class SharingPolicyAdmin(admin.ModelAdmin):
    list_display = ("edition", "min_experiences", "min_responses", "min_words")
