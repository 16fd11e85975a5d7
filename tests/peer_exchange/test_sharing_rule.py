"""The rule of D15b: read in words, changed with a preview, never behind anybody's back."""

from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from lms.core.errors import Conflict, InvalidInput, PermissionDenied, StaleVersion
from lms.core.models import AuditEvent, OutboxMessage
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from peer_exchange.actions import change_sharing_rule
from peer_exchange.models import SharingPin, SharingPolicy, SharingRevision
from peer_exchange.selectors import policy_of, sharing_of
from peer_exchange.selectors.sharing_rule import preview_rule
from tests.factories.peer_exchange import LONG_ENOUGH, published, response_of
from tests.factories.programme import coordinator, instructor, moderator, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def met(edition: Edition) -> User:
    """Somebody who has met the brochure's rule: an experience and two responses."""
    own = published(edition)
    response_of(own.created_by, published(edition), body=LONG_ENOUGH)
    response_of(own.created_by, published(edition), body=f"{LONG_ENOUGH} And the ferries?")
    assert sharing_of(own.created_by.enrolments.get()).is_complete
    return own.created_by


def rule_of(edition: Edition, **changes: Any) -> dict[str, Any]:
    return {**policy_of(edition.pk).rule, **changes}


def change(edition: Edition, by: User, at: datetime, **how: Any) -> SharingPolicy:
    rule = how.pop("rule", None) or rule_of(edition, min_words=200)
    values: dict[str, Any] = {
        "base_version": policy_of(edition.pk).version,
        "digest": preview_rule(edition, rule).digest,
        "keeps_met": True,
        "reason": "The board asks for more.",
        **how,
    }
    return change_sharing_rule(edition=edition, rule=rule, by=by, at=at, **values)


def test_whoever_met_the_rule_keeps_it_and_newcomers_have_the_new_one(
    edition: Edition, met: User, at: datetime, heard: list
) -> None:
    change(edition, coordinator(edition), at)

    sharing = sharing_of(met.enrolments.get())
    assert (sharing.is_complete, sharing.is_kept_rule, sharing.min_words) == (True, True, 30)
    newcomer = sharing_of(participant(edition).enrolments.get())
    assert (newcomer.min_words, newcomer.is_kept_rule) == (200, False)
    assert heard == []
    # What they meet it with is gone: the present rule says what is missing.
    met.exchange_responses.first().delete()
    assert sharing_of(met.enrolments.get()).min_words == 200


def test_without_keeping_completion_is_looked_at_anew_and_they_are_told(
    edition: Edition, met: User, at: datetime, heard: list, django_capture_on_commit_callbacks: Any
) -> None:
    enrolment = met.enrolments.get()
    change(edition, coordinator(edition), at)
    with django_capture_on_commit_callbacks(execute=True):
        change(edition, coordinator(edition), at, rule=rule_of(edition, min_words=210),
               keeps_met=False)  # fmt: skip
    assert heard == [([enrolment.pk], at)]
    assert not SharingPin.objects.exists()
    assert not sharing_of(enrolment).is_complete
    [message] = [m for m in mail.outbox if m.to == [met.email]]
    assert "The board asks for more." in message.body
    reviews = OutboxMessage.objects.filter(task="assessments.tasks.review_completion")
    assert reviews.filter(kwargs={"enrolment_id": enrolment.pk}).exists()


def test_a_milder_rule_is_told_to_completion(edition: Edition, at: datetime, heard: list) -> None:
    own = published(edition)
    response_of(own.created_by, published(edition), body="Five words are quite enough.")
    preview = preview_rule(edition, rule_of(edition, min_words=5, min_responses=1))
    assert [one.enrolment.user for one in preview.gaining] == [own.created_by]
    change(edition, coordinator(edition), at, rule=rule_of(edition, min_words=5, min_responses=1))
    assert heard == [([own.created_by.enrolments.get().pk], at)]


def test_the_preview_names_those_with_a_certificate(edition: Edition, met: User) -> None:
    place = met.enrolments.get()
    place.status = EnrolmentStatus.COMPLETED
    place.save(update_fields=["status"])
    preview = preview_rule(edition, rule_of(edition, min_words=200))
    assert [one.enrolment for one in preview.with_certificate] == [place]
    assert not SharingRevision.objects.exists()


def test_it_is_changed_as_it_was_seen_or_not_at_all(
    edition: Edition, met: User, at: datetime
) -> None:
    boss = coordinator(edition)
    seen = preview_rule(edition, rule_of(edition, min_words=200)).digest
    other = published(edition).created_by
    response_of(other, published(edition), body=f"{LONG_ENOUGH} One.")
    response_of(other, published(edition), body=f"{LONG_ENOUGH} Two.")
    with pytest.raises(StaleVersion):
        change(edition, boss, at, digest=seen)
    with pytest.raises(StaleVersion):
        change(edition, boss, at, base_version=7)
    with pytest.raises(Conflict):
        change(edition, boss, at, rule=rule_of(edition))
    with pytest.raises(InvalidInput):
        change(edition, boss, at, reason=" ")
    for wrong in ({"min_words": 0}, {"min_words": "30"}, {"min_words": True}, {"marks": 1},
                  {"counts_repeats": 1}, {"min_responses": 101}):  # fmt: skip
        with pytest.raises(InvalidInput):
            change_sharing_rule(
                edition=edition, rule=rule_of(edition, **wrong), base_version=0, digest="",
                keeps_met=True, reason="Why.", by=boss, at=at,
            )  # fmt: skip
    for person in (met, instructor(edition), moderator(edition)):
        with pytest.raises(PermissionDenied):
            change(edition, person, at)
    assert policy_of(edition.pk).min_words == 30


def test_every_change_is_kept_for_good(edition: Edition, at: datetime) -> None:
    boss = coordinator(edition)
    change(edition, boss, at)
    change(edition, boss, at, rule=rule_of(edition, counts_repeats=True))
    rows = list(SharingRevision.objects.order_by("number").values_list("number", "rule__min_words"))
    assert rows == [(1, 200), (2, 200)]
    assert AuditEvent.objects.filter(verb="sharing_rule.changed").count() == 2
    table = SharingRevision._meta.db_table
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET reason = 'x'")


def test_page_reads_previews_and_changes(
    edition: Edition, met: User, at: datetime, client: Client
) -> None:
    page = reverse("peer_exchange:sharing_rule", args=[edition.slug])
    client.force_login(met)
    read = client.get(page).content.decode()
    assert "at least 30 words" in read
    assert "Change the rule" not in read
    assert client.post(page, {"then": "preview"}).status_code == 403

    client.force_login(coordinator(edition))
    form = {"min_experiences": 1, "min_responses": 2, "min_words": 200, "one_an_experience": "on",
            "keeps_met": "on", "reason": "More words.", "base_version": 0}  # fmt: skip
    seen = client.post(page, {**form, "then": "preview"})
    assert str(met) in seen.content.decode()
    assert policy_of(edition.pk).min_words == 30
    stale = client.post(page, {**form, "then": "change", "digest": "made-up"})
    assert stale.status_code == 409
    done = client.post(page, {**form, "then": "change", "digest": seen.context["preview"].digest})
    assert done.status_code == 302
    assert policy_of(edition.pk).min_words == 200
    assert "More words." in client.get(page).content.decode()
    csv = client.get(reverse("peer_exchange:sharing_rule_csv", args=[edition.slug]))
    assert "More words." in csv.content.decode()
    client.force_login(met)
    assert "the earlier one holds" in client.get(page).content.decode()
