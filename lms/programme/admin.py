"""Editions, places and roles: an administrator's work."""

from django.contrib import admin

from lms.programme.models import Edition, Enrolment, Phase, Programme, RoleAssignment, Skill


class PhaseInline(admin.TabularInline):
    model = Phase
    extra = 0


@admin.register(Edition)
class EditionAdmin(admin.ModelAdmin):
    list_display = ("name", "place", "starts_on", "ends_on")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (PhaseInline,)


@admin.register(Enrolment)
class EnrolmentAdmin(admin.ModelAdmin):
    """Read here; changed through actions, which check the move and keep a record."""

    list_display = ("user", "city", "edition", "status")
    list_filter = ("edition", "status", "city")
    search_fields = ("user__email", "user__name")
    readonly_fields = ("edition", "user", "city", "organisation", "status", "created_at")

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(admin.ModelAdmin):
    list_display = ("user", "role", "edition", "city")
    list_filter = ("edition", "role")
    autocomplete_fields = ("user",)


admin.site.register([Programme, Skill])
