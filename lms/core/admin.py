"""How staff screens write: through actions, like everything else."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse

from lms.core import clock
from lms.core.actions import remove_row, store_row
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors


class ActionAdmin(admin.ModelAdmin):
    """Every save and removal goes through an action, rows of inlines too; a refusal
    stands in the form, with what was typed. A model whose rules are more than its
    constraints overrides `save_model` and `delete_model` with its own actions."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        store_row(row=obj, by=request.user, at=clock.now())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        remove_row(row=obj, by=request.user, at=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        at = clock.now()
        rows = formset.save(commit=False)
        for row in formset.deleted_objects:
            remove_row(row=row, by=request.user, at=at)
        for row in rows:
            store_row(row=row, by=request.user, at=at)
        formset.save_m2m()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as refusal:
            # Rolled back; the same form once more, which now says why.
            vars(request)["refusal"] = refusal
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = vars(request).get("refusal")
        if refusal is None:
            return form
        return type(form.__name__, (_Refused, form), {"refusal": refusal})


class _Refused:
    """A form whose sending was refused by the action."""

    refusal: DomainError

    def full_clean(self) -> None:
        super().full_clean()  # type: ignore[misc]
        assert isinstance(self, BaseForm)
        if isinstance(self.refusal, InvalidInput):
            show_errors(self, self.refusal)
        else:
            self.add_error(None, str(self.refusal.sentence))
