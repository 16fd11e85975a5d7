"""Programmes, editions and roles: an administrator's work. Places are offered on a page
of the product (`programme:people`), since coordinators do that."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import clock
from lms.core.admin import ActionAdmin
from lms.programme.actions import assign_role, take_role
from lms.programme.models import Edition, Enrolment, Phase, Programme, RoleAssignment, Skill


class PhaseInline(admin.TabularInline):
    model = Phase
    extra = 0


@admin.register(Programme)
class ProgrammeAdmin(ActionAdmin):
    list_display = ("name", "host", "accreditation")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Skill)
class SkillAdmin(ActionAdmin):
    list_display = ("title", "programme", "order")
    list_filter = ("programme",)
    prepopulated_fields = {"slug": ("title",)}


@admin.register(Edition)
class EditionAdmin(ActionAdmin):
    list_display = ("name", "place", "starts_on", "ends_on", "people")
    prepopulated_fields = {"slug": ("name",)}
    inlines = (PhaseInline,)

    @admin.display(description=_("Places"))
    def people(self, edition: Edition) -> SafeString:
        address = reverse("programme:people", args=[edition.slug])
        return format_html('<a href="{}">{}</a>', address, _("Offer and see places"))


@admin.register(Enrolment)
class EnrolmentAdmin(ActionAdmin):
    """Read here; offered and moved on the edition's page of places."""

    list_display = ("user", "city", "edition", "status")
    list_filter = ("edition", "status", "city")
    search_fields = ("user__email", "user__name")
    list_select_related = ("user", "city", "edition")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RoleForm(forms.ModelForm):
    def _get_validation_exclusions(self) -> set[str]:
        """Which role goes with a city is said by the action, in words (`assign_role`)."""
        return super()._get_validation_exclusions() | {"role", "city"}  # type: ignore[misc]


@admin.register(RoleAssignment)
class RoleAssignmentAdmin(ActionAdmin):
    """Given and taken, never changed into another one: the trail says which it was."""

    form = RoleForm
    list_display = ("user", "role", "edition", "city")
    list_filter = ("edition", "role")
    autocomplete_fields = ("user", "city")
    list_select_related = ("user", "edition", "city")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: RoleAssignment, form: Any, change: bool
    ) -> None:
        assert isinstance(request.user, User)
        made = assign_role(
            edition=obj.edition,
            user=obj.user,
            role=obj.role,
            city=obj.city,
            by=request.user,
            at=clock.now(),
        )
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: RoleAssignment) -> None:
        assert isinstance(request.user, User)
        take_role(assignment=obj, by=request.user, at=clock.now())
