"""What staff keep in Django's admin: rows without a machine of their own, such as an
edition, a city, a policy. Everything else has an action that knows its rules."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import models, transaction

from lms.core import audit
from lms.core.permissions import require_perm

Row = TypeVar("Row", bound=models.Model)
# Never in the trail, whatever the row.
SECRET = frozenset({"password"})


@transaction.atomic
def store_row(*, row: Row, by: Any, at: datetime) -> Row:
    """Save a new or changed row, with the old and the new values in the audit trail.

    Django's permission to add or change such rows is asked: administrators have all of
    them. A changed policy changes no decision by itself (invariant 12): what was found
    before it stands until the evidence is looked at again. Nothing is written where
    nothing is different.
    """
    model = type(row)
    before = model._base_manager.select_for_update().filter(pk=row.pk).first() if row.pk else None
    require_perm(by, _permission("add" if before is None else "change", model))
    old, new = (_values_of(before) if before else {}), _values_of(row)
    changed = [name for name in new if before is None or old[name] != new[name]]
    if not changed:
        return row
    row.save()
    name = model._meta.model_name
    audit.record(
        by=by,
        verb=f"{name}.added" if before is None else f"{name}.changed",
        target=row,
        at=at,
        before={field: old[field] for field in changed if before is not None},
        after={field: new[field] for field in changed},
    )
    return row


@transaction.atomic
def remove_row(*, row: models.Model, by: Any, at: datetime) -> None:
    """Delete a row that nothing hangs on (invariant 13: evidence is PROTECTed)."""
    model = type(row)
    stored = model._base_manager.select_for_update().get(pk=row.pk)
    require_perm(by, _permission("delete", model))
    audit.record(
        by=by,
        verb=f"{model._meta.model_name}.removed",
        target=stored,
        at=at,
        before=_values_of(stored),
    )
    row.delete()


def _permission(verb: str, model: type[models.Model]) -> str:
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def _values_of(row: models.Model) -> dict[str, Any]:
    """The row's own fields as JSON values."""
    values = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or field.name in SECRET:
            continue
        value = field.to_python(getattr(row, field.attname))
        plain = value is None or isinstance(value, bool | int | float)
        values[field.name] = value if plain else str(value)
    return values
