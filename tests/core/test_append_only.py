"""Tables that only grow (invariant 16), on SQLite and PostgreSQL alike."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations import CreateModel
from django.db.migrations.state import ProjectState

from lms.core import audit
from lms.core.append_only import AppendOnly
from lms.core.models import AuditEvent
from lms.programme.models import Edition


@pytest.mark.django_db
def test_an_audit_event_can_neither_be_changed_nor_deleted(edition: Edition, at: datetime) -> None:
    event = audit.record(by=None, verb="edition.opened", target=edition, at=at)

    for attempt in (
        lambda: AuditEvent.objects.update(verb="nothing.happened"),
        lambda: AuditEvent.objects.all().delete(),
        lambda: AuditEvent.objects.filter(pk=event.pk).update(verb=event.verb),
        lambda: _run('DELETE FROM "core_auditevent"'),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            attempt()

    event.refresh_from_db()
    assert event.verb == "edition.opened"


@pytest.mark.postgres
@pytest.mark.django_db
def test_an_audit_trail_cannot_be_emptied_at_once(edition: Edition, at: datetime) -> None:
    """TRUNCATE deletes no single row, so that no trigger for rows would notice."""
    audit.record(by=None, verb="edition.opened", target=edition, at=at)
    # Checks that wait for the end of the transaction would refuse it before we do.
    _run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        _run('TRUNCATE "core_auditevent" CASCADE')

    assert AuditEvent.objects.filter(verb="edition.opened").exists()


@pytest.fixture
def receipt(transactional_db: None) -> Iterator[Any]:
    """A table made for the test: `note` may change, everything else not."""
    operations = (
        CreateModel(
            name="Receipt",
            fields=[
                ("id", models.BigAutoField(primary_key=True)),
                ("number", models.CharField(max_length=10, null=True)),
                ("note", models.CharField(max_length=10, null=True)),
            ],
        ),
        AppendOnly("Receipt", may_change=("note",)),
    )
    state = ProjectState()
    for operation in operations:
        before, state = state, state.clone()
        operation.state_forwards("paper", state)
        with connection.schema_editor() as editor:
            operation.database_forwards("paper", editor, before, state)
    yield state.apps.get_model("paper", "Receipt")
    with connection.schema_editor() as editor:
        operations[1].database_backwards("paper", editor, state, state)
        operations[0].database_backwards("paper", editor, state, ProjectState())


def test_only_the_columns_that_may_change_do(receipt: Any) -> None:
    row = receipt.objects.create(number=None, note=None)

    receipt.objects.update(note="seen")
    # From nothing to something is a change too.
    with pytest.raises(IntegrityError, match="append-only"):
        receipt.objects.update(number="R-1")
    with pytest.raises(IntegrityError, match="append-only"):
        receipt.objects.update(number="R-1", note="both")
    with pytest.raises(IntegrityError, match="append-only"):
        receipt.objects.all().delete()

    row.refresh_from_db()
    assert (row.number, row.note) == (None, "seen")


def test_the_operation_can_be_undone(receipt: Any) -> None:
    receipt.objects.create(number="R-1")
    operation = AppendOnly("Receipt")
    state = ProjectState.from_apps(receipt._meta.apps)

    with connection.schema_editor() as editor:
        operation.database_backwards("paper", editor, state, state)

    assert receipt.objects.update(number="R-2") == 1


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
