from django.contrib import admin

from lms.core.admin import ActionAdmin
from lms.timetable.models import AttendancePolicy, Session


@admin.register(Session)
class SessionAdmin(ActionAdmin):
    list_display = ("title", "edition", "kind", "starts_at", "is_required")
    list_filter = ("edition", "kind")
    search_fields = ("title",)


@admin.register(AttendancePolicy)
class AttendancePolicyAdmin(ActionAdmin):
    """What counts for D15a. A change decides nothing anew by itself (invariant 12)."""

    list_display = ("edition", "excused_counts", "partial_counts")
