"""The audit trail: one event for every change an action makes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import models

from lms.core.logging import current_request_id
from lms.core.models import AuditEvent


def record(*, by: Any, verb: str, target: models.Model, at: datetime, **details: Any) -> AuditEvent:
    """Append an event in the caller's transaction. `by` None means the system.

    `details` are JSON values; never put a mark or a text of a person in them
    that the reader of the trail may not see.
    """
    return AuditEvent.objects.create(
        at=at,
        actor=by,
        verb=verb,
        target_type=target._meta.label_lower,
        target_id=str(target.pk),
        details=details,
        request_id=current_request_id(),
    )


def record_all(
    *, by: Any, at: datetime, events: Iterable[tuple[str, models.Model, dict[str, Any]]]
) -> None:
    """Many events of one act: (verb, target, details) each. One query for a thousand."""
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=at,
                actor=by,
                verb=verb,
                target_type=target._meta.label_lower,
                target_id=str(target.pk),
                details=details,
                request_id=current_request_id(),
            )
            for verb, target, details in events
        ],
        batch_size=1000,
    )


def events_of(target: models.Model) -> models.QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(
        target_type=target._meta.label_lower, target_id=str(target.pk)
    ).select_related("actor")
