from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assessments.actions.deadlines import MAX_GRACE_MINUTES, set_deadline
from assessments.models import CompletionPolicy, Project
from lms.core import clock
from lms.core.clock import validate_zone


class DeadlineForm(forms.ModelForm):
    """A deadline as it stands on the clock of its zone, whatever the zone of the reader."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}))
    deadline_zone = forms.CharField(label=_("Time zone"), validators=[validate_zone])
    grace_minutes = forms.IntegerField(min_value=0, max_value=MAX_GRACE_MINUTES)

    class Meta:
        model = Project
        fields = ("deadline_zone", "grace_minutes", "accepts_late")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wall = self.instance.deadline_wall.replace(tzinfo=None)
        self.initial.update({"on": wall.date(), "time": wall.time()})


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    form = DeadlineForm
    fields = ("edition", "on", "time", "deadline_zone", "grace_minutes", "accepts_late")
    readonly_fields = ("edition",)
    list_display = ("edition", "deadline_at", "deadline_zone", "grace_minutes", "accepts_late")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Project, form: Any, change: bool) -> None:
        sent = form.cleaned_data
        set_deadline(
            project=obj,
            wall=datetime.combine(sent["on"], sent["time"]),
            zone=sent["deadline_zone"],
            grace_minutes=sent["grace_minutes"],
            accepts_late=sent["accepts_late"],
            by=request.user,
            at=clock.now(),
        )


admin.site.register(CompletionPolicy)
