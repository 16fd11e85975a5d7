"""Projects are set up on a page of the product (`assessments:setup`), since coordinators
do that; here stands what only administrators set."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from assessments.models import CompletionPolicy, Project
from lms.core.admin import ActionAdmin


@admin.register(Project)
class ProjectAdmin(ActionAdmin):
    list_display = ("edition", "deadline_at", "deadline_zone", "accepts_late", "setup")
    list_select_related = ("edition",)

    @admin.display(description=_("Set up"))
    def setup(self, project: Project) -> SafeString:
        address = reverse("assessments:setup", args=[project.edition.slug])
        return format_html('<a href="{}">{}</a>', address, _("Deadline and rubric"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(CompletionPolicy)
class CompletionPolicyAdmin(ActionAdmin):
    """What counts for D15. A change decides nothing anew by itself (invariant 12)."""

    list_display = ("edition", "activity_percent", "requires_attendance", "requires_sharing")
