"""Rows that the queue repeats: what changes many of them at once says so, as `save` does."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models
from django.dispatch import Signal

# Many rows were written without `save`. Arguments: submission_ids.
rows_changed = Signal()
Row = TypeVar("Row", bound=models.Model)


class QueuedQuerySet(models.QuerySet[Row]):
    """`queued_by`: the column that names the submission; `queued_for`: the fields that the
    queue repeats."""

    queued_by = "submission_id"
    queued_for: frozenset[str] = frozenset()

    def update(self, **changes: Any) -> int:
        if not self.queued_for & {name.removesuffix("_id") for name in changes}:
            return super().update(**changes)
        # Read before: afterwards the condition may no longer find them.
        ids = list(self.order_by().values_list(self.queued_by, flat=True))
        done = super().update(**changes)
        rows_changed.send(self.model, submission_ids=ids)
        return done

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        made = super().bulk_create(objs, *args, **kwargs)
        if self.queued_by != "pk":
            ids = [getattr(row, self.queued_by) for row in made]
            rows_changed.send(self.model, submission_ids=ids)
        return made
