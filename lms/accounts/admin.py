from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from lms.accounts.actions import invite_person, set_access
from lms.accounts.models import City, Organisation, User
from lms.core import clock
from lms.core.admin import ActionAdmin


class InvitationForm(forms.ModelForm):
    """No password is set here: the person gets a message with a link to choose one."""

    class Meta:
        model = User
        fields = ("email", "name", "time_zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["email"].help_text = _(
            "A message goes there at once, with a link to choose a password."
        )


@admin.register(User)
class PersonAdmin(ActionAdmin, UserAdmin):
    ordering = ("email",)
    list_display = ("email", "name", "time_zone", "is_staff", "is_active")
    search_fields = ("email", "name")
    # A name stands on a certificate, and a time zone is a habit: both are their owner's.
    readonly_fields = ("email", "name", "time_zone")
    add_form = InvitationForm
    form = forms.ModelForm
    fieldsets = (
        (None, {"fields": ("email", "name", "time_zone")}),
        (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "time_zone")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        sent, at = form.cleaned_data, clock.now()
        assert isinstance(request.user, User)
        if not change:
            made = invite_person(
                email=sent["email"],
                name=sent["name"],
                time_zone=sent["time_zone"],
                by=request.user,
                at=at,
            )
            obj.pk = made.pk
            return
        set_access(
            user=obj,
            is_active=sent["is_active"],
            is_staff=sent["is_staff"],
            is_superuser=sent["is_superuser"],
            group_ids=frozenset(sent["groups"].values_list("pk", flat=True)),
            by=request.user,
            at=at,
        )

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Groups are part of `set_access`."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What somebody did stays theirs; an account that is over is made inactive."""
        return False

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A password is its owner's own: nobody else sets one."""
        raise Http404


@admin.register(City)
class CityAdmin(ActionAdmin):
    list_display = ("name", "country", "region", "time_zone")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Organisation)
class OrganisationAdmin(ActionAdmin):
    list_display = ("name", "kind", "city", "is_network_member")
    search_fields = ("name",)
