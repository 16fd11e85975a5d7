"""What shows that a practice was taken up, and how it goes after six and twelve months."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail

from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.programme.models import Edition
from peer_exchange.actions.transfer_evidence import (
    add_evidence,
    answer_follow_up,
    ask_follow_up,
    remove_evidence,
    restore_evidence,
)
from peer_exchange.actions.transfers import move_transfer
from peer_exchange.models import FollowUp
from peer_exchange.tasks import ask_transfer_follow_ups
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import published
from tests.factories.transfers import BEGUN_AT, claimed, kinds, speaker

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("zone", "at", "due"),
    [
        # 23:30 UTC on 30 August is 31 August in Auckland: half a year later is a leap day.
        ("Pacific/Auckland", datetime(2027, 8, 30, 23, 30, tzinfo=UTC), date(2028, 2, 29)),
        ("America/Montevideo", datetime(2025, 12, 1, 1, 0, tzinfo=UTC), date(2026, 5, 30)),
        ("Pacific/Kiritimati", datetime(2025, 11, 30, 10, 30, tzinfo=UTC), date(2026, 6, 1)),
    ],
)
def test_follow_ups_fall_due_on_the_citys_own_morning(
    edition: Edition, zone: str, at: datetime, due: date
) -> None:
    city = CityFactory.create(name=zone, slug="far", time_zone=zone)
    transfer = claimed(published(edition), by=speaker(edition, city), at=at)

    first, second = transfer.follow_ups.order_by("months")

    assert (first.months, second.months) == (6, 12)
    assert first.due_on == due
    local = first.due_at.astimezone(ZoneInfo(zone))
    assert (local.date(), local.hour, local.minute) == (due, 9, 0)


def test_the_adopting_city_is_asked_once_and_answers(
    edition: Edition, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    transfer = claimed(published(edition))
    row = transfer.follow_ups.get(months=6)
    for at, asked in ((row.due_at - timedelta(microseconds=1), 0), (row.due_at, 1)):
        monkeypatch.setattr("lms.core.clock.now", lambda at=at: at)
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            assert ask_transfer_follow_ups() == asked
            assert ask_transfer_follow_ups() == 0
        to = [message.to for message in mail.outbox]
        assert to == [[transfer.claimed_by.email]] * asked
    row.refresh_from_db()
    assert row.asked_at == row.due_at

    answer_follow_up(
        follow_up=row, answer="Two streets have it.", by=transfer.claimed_by, at=row.due_at
    )

    assert kinds(transfer) == ["claimed", "follow_up_asked", "follow_up_answered"]
    assert transfer.events.get(kind="follow_up_asked").by is None
    with pytest.raises(PermissionDenied):
        answer_follow_up(
            follow_up=row, answer="No.", by=transfer.experience.created_by, at=row.due_at
        )
    later = transfer.follow_ups.get(months=12)
    with pytest.raises(Conflict):
        answer_follow_up(
            follow_up=later, answer="Too early.", by=transfer.claimed_by, at=row.due_at
        )


def test_a_stopped_transfer_is_not_asked_about(edition: Edition) -> None:
    transfer = claimed(published(edition))
    move_transfer(
        transfer=transfer, base_version=transfer.version, to="stopped", why="No budget.",
        by=transfer.claimed_by, at=BEGUN_AT,
    )  # fmt: skip
    row = FollowUp.objects.first()
    assert row is not None
    assert not ask_follow_up(follow_up=row, by=None, at=row.due_at)
    assert kinds(transfer) == ["claimed", "moved"]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "https://u:p@a.example",
            "//a.example", "https://a\nb.example", "vbscript:x", "https://"],
)  # fmt: skip
def test_evidence_links_to_pages_only(edition: Edition, url: str) -> None:
    transfer = claimed(published(edition))
    with pytest.raises(InvalidInput) as refused:
        add_evidence(transfer=transfer, title="A", url=url, by=transfer.claimed_by, at=BEGUN_AT)
    assert set(refused.value.errors) == {"url"}


def test_evidence_is_added_once_taken_out_and_put_back(edition: Edition) -> None:
    transfer = claimed(published(edition))
    who = transfer.claimed_by

    def add(**fields: str) -> Any:
        return add_evidence(transfer=transfer, by=who, at=BEGUN_AT, **fields)

    piece = add(title="The council’s decision", url="https://council.example/9")
    assert add(title="The council’s decision", url="https://council.example/9") == piece
    with pytest.raises(InvalidInput):
        add(title="Nothing")
    with pytest.raises(PermissionDenied):
        remove_evidence(evidence=piece, by=transfer.experience.created_by, at=BEGUN_AT)
    removed = remove_evidence(evidence=piece, by=who, at=BEGUN_AT)
    assert removed.removed_by == who
    assert restore_evidence(evidence=piece, by=who, at=BEGUN_AT).removed_at is None
    assert kinds(transfer)[1:] == ["evidence_added", "evidence_removed", "evidence_restored"]
