"""Two people in one conversation at once, on PostgreSQL."""

from datetime import UTC, datetime, timedelta

import pytest

from lms.core.errors import IllegalMove
from lms.core.models import OutboxMessage
from peer_exchange.actions import (
    change_sharing_rule,
    dismiss_reports,
    follow,
    hide_response,
    report,
    respond_to_experience,
    telling,
    uphold_reports,
)
from peer_exchange.models import Follow, Notice, Report, Response
from peer_exchange.selectors import policy_of
from peer_exchange.selectors.sharing_rule import preview_rule
from tests.factories.peer_exchange import published, response_of
from tests.factories.programme import EditionFactory, coordinator, moderator, participant
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)


def test_two_answers_at_once_have_each_their_place() -> None:
    edition = EditionFactory.create()
    head = response_of(participant(edition), published(edition))
    people = [participant(edition) for _ in range(3)]

    at_once(
        *(
            lambda person=person: respond_to_experience(
                experience=head.experience, body=f"From {person}.", parent_id=head.pk,
                by=person, at=AT,
            )
            for person in people
        )
    )  # fmt: skip

    assert sorted(Response.objects.filter(thread=head).values_list("position", flat=True)) == [
        1, 2, 3,
    ]  # fmt: skip
    head.refresh_from_db()
    assert head.reply_count == 3


def test_one_moderator_hides_while_another_dismisses() -> None:
    edition = EditionFactory.create()
    response = response_of(participant(edition), published(edition))
    made = report(
        experience=response.experience, response_id=response.pk, reason="spam",
        by=participant(edition), at=AT,
    )  # fmt: skip
    one, other = moderator(edition), moderator(edition)

    outcomes = at_once(
        lambda: uphold_reports(report=made, reason="An advert.", by=one, at=AT),
        lambda: dismiss_reports(report=made, reason="It is fine.", by=other, at=AT),
    )

    assert len([outcome for outcome in outcomes if isinstance(outcome, IllegalMove)]) == 1
    response.refresh_from_db()
    assert (Report.objects.get().status == "upheld") == (response.hidden_at is not None)


def test_nobody_answers_what_is_hidden_at_that_moment() -> None:
    edition = EditionFactory.create()
    head = response_of(participant(edition), published(edition))
    person, mod = participant(edition), moderator(edition)

    at_once(
        lambda: hide_response(response=head, reason="Rude.", by=mod, at=AT),
        lambda: respond_to_experience(
            experience=head.experience, body="But why?", parent_id=head.pk, by=person, at=AT
        ),
    )

    head.refresh_from_db()
    assert head.hidden_at is not None
    assert head.reply_count == Response.objects.filter(thread=head).count()


def test_two_clicks_follow_once_and_two_workers_tell_once() -> None:
    edition = EditionFactory.create()
    experience, person = published(edition), participant(edition)
    at_once(
        lambda: follow(experience=experience, by=person, at=AT),
        lambda: follow(experience=experience, by=person, at=AT),
    )
    assert Follow.objects.count() == 1

    response = response_of(participant(edition), experience, body="A thought.")
    notice = Notice.objects.create(
        user=person, experience=experience, response=response, reason="mention", created_at=AT
    )
    sent = at_once(
        lambda: telling.tell(notice_id=notice.pk, by=None, at=AT),
        lambda: telling.tell(notice_id=notice.pk, by=None, at=AT),
    )
    assert sorted(sent) == [False, True]


def test_two_coordinators_change_the_rule_once() -> None:
    edition = EditionFactory.create()
    rule = {**policy_of(edition.pk).rule, "min_words": 60}
    digest = preview_rule(edition, rule).digest
    bosses = [coordinator(edition), coordinator(edition)]

    outcomes = at_once(
        *(
            lambda boss=boss: change_sharing_rule(
                edition=edition, rule=rule, base_version=0, digest=digest, keeps_met=True,
                reason="More words.", by=boss, at=AT + timedelta(minutes=1),
            )
            for boss in bosses
        )
    )  # fmt: skip

    assert len([outcome for outcome in outcomes if isinstance(outcome, Exception)]) == 1
    assert policy_of(edition.pk).version == 1
    assert not OutboxMessage.objects.filter(task__contains="rule_changed").exists()
