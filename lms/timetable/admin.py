from django.contrib import admin

from lms.timetable.models import AttendancePolicy, Session


@admin.register(Session)
class SessionAdmin(admin.ModelAdmin):
    list_display = ("title", "edition", "kind", "starts_at", "is_required")
    list_filter = ("edition", "kind")
    search_fields = ("title",)


admin.site.register(AttendancePolicy)
