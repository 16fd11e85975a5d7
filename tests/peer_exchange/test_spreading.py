"""Who is told of what, once, and of nothing that is hidden meanwhile."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lms.accounts.actions import choose_mail
from lms.accounts.models import User
from lms.core import outbox
from lms.core.errors import Conflict, PermissionDenied
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from peer_exchange import tasks
from peer_exchange.actions import (
    answer_question,
    follow,
    hide_response,
    keep_away,
    respond_to_experience,
    spreading,
    telling,
    unfollow,
)
from peer_exchange.actions.taking_over import end_embargo
from peer_exchange.models import CityExperience, Follow, Notice, Response
from tests.factories.accounts import UserFactory
from tests.factories.peer_exchange import draft, published, waiting
from tests.factories.programme import EditionFactory, enrol, moderator, participant

pytestmark = pytest.mark.django_db
Run = Callable[[], None]


@pytest.fixture
def run() -> Run:
    """Deliver what waits in the outbox, and what that promises."""

    def everything() -> None:
        while waiting_now := OutboxMessage.objects.filter(delivered_at=None, attempts=0):
            for message in list(waiting_now):
                outbox.deliver(message.pk)
        assert not OutboxMessage.objects.exclude(last_error="").exists()

    return everything


def say(experience: CityExperience, by: User, body: str, at: datetime, **how: Any) -> Response:
    return respond_to_experience(experience=experience, body=body, by=by, at=at, **how)


def told() -> dict[str, str]:
    return {message.to[0]: message.subject for message in mail.outbox}


def test_those_it_is_about_are_told_each_for_the_closest_reason(
    experience: CityExperience, edition: Edition, at: datetime, run: Run
) -> None:
    author = experience.created_by
    ana = participant(edition, name="Ana Silva")
    head = say(experience, ana, "A question of mine.", at, kind="question")
    run()
    assert set(told()) == {author.email}
    mail.outbox.clear()

    follow(experience=experience, by=ana, at=at)
    answer = say(experience, author, "Dear @Ana Silva, two million.", at, parent_id=head.pk)
    run()
    [message] = mail.outbox
    assert message.to == [ana.email]
    assert f"/responses/{answer.pk}/reply/" in message.body
    assert "two million" in message.body
    reasons = set(Notice.objects.filter(response=answer).values_list("user", "reason"))
    assert reasons == {(ana.pk, "mention")}
    mail.outbox.clear()
    answer_question(question=head, answer_id=answer.pk, by=author, at=at)
    run()
    assert set(told()) == {ana.email}


def test_request_writes_one_row_however_many_follow_and_a_batch_run_twice_tells_once(
    experience: CityExperience, edition: Edition, at: datetime, run: Run, monkeypatch: Any
) -> None:
    monkeypatch.setattr(spreading, "BATCH", 10)
    followers = [participant(edition) for _ in range(25)]
    for person in followers:
        choose_mail(user=person, kind="followed", cadence="at_once", by=person, at=at)
        follow(experience=experience, by=person, at=at)
    outside = UserFactory.create()
    Follow.objects.create(user=outside, experience=experience, created_at=at)
    writer = participant(edition)

    with CaptureQueriesContext(connection) as many:
        response = say(experience, writer, "To all of you.", at)
    assert OutboxMessage.objects.filter(task__contains="peer_exchange").count() == 1
    Follow.objects.exclude(user=followers[0]).delete()
    with CaptureQueriesContext(connection) as few:
        say(experience, writer, "To one of you.", at)
    assert len(many) == len(few)
    for person in [*followers[1:], outside]:
        Follow.objects.create(user=person, experience=experience, created_at=at)
    OutboxMessage.objects.exclude(kwargs={"response_id": response.pk}).delete()

    run()
    batches = OutboxMessage.objects.filter(task="peer_exchange.tasks.tell_response_followers")
    assert batches.count() == 3
    expected = {person.email for person in followers}
    assert {m.to[0] for m in mail.outbox} - {experience.created_by.email} == expected
    sent = len(mail.outbox)
    for batch in list(batches):
        tasks.tell_response_followers.run(**batch.kwargs)
    tasks.spread_response.run(response_id=response.pk)
    for notice in Notice.objects.filter(response=response):
        tasks.send_notice.run(notice_id=notice.pk)
    run()
    assert len(mail.outbox) == sent == 26


def test_batch_of_hundreds_asks_few_questions(
    experience: CityExperience, edition: Edition, at: datetime
) -> None:
    response = say(experience, participant(edition), "To all of you.", at)
    people = User.objects.bulk_create(
        [User(email=f"f{n}@rambla.example", name=f"F {n}", password="!") for n in range(300)]
    )
    for person in people:
        enrol(person, edition, experience.city)
    Follow.objects.bulk_create(
        [Follow(user=person, experience=experience, created_at=at) for person in people]
    )
    with CaptureQueriesContext(connection) as captured:
        spreading.tell_response_followers(
            response=response, first=people[0].pk, last=people[-1].pk, by=None, at=at
        )
    # Followers get a digest if they choose nothing: no mail is promised.
    assert Notice.objects.filter(reason="followed").count() == 300
    assert len(captured) < 20


def test_hidden_meanwhile_is_told_to_nobody_at_once_or_in_a_digest(
    experience: CityExperience, edition: Edition, at: datetime, run: Run
) -> None:
    follower = participant(edition)
    follow(experience=experience, by=follower, at=at)
    secret = say(experience, participant(edition), "Secretword.", at)
    fine = say(experience, participant(edition), "A fine word.", at)
    tasks.spread_response.run(response_id=secret.pk)
    run()
    mail.outbox.clear()
    Notice.objects.update(told_at=None)
    hide_response(response=secret, reason="Private.", by=moderator(edition), at=at)
    OutboxMessage.objects.all().delete()

    for notice in Notice.objects.filter(response=secret):
        telling.tell(notice_id=notice.pk, by=None, at=at)
    later = at + timedelta(days=1)
    Notice.objects.filter(user=follower).update(created_at=at)
    assert telling.tell_in_digest(user=follower, by=None, at=later) == 1
    [digest] = mail.outbox
    assert "Secretword" not in digest.body
    assert "A fine word." in digest.body
    assert f"/responses/{fine.pk}/reply/" in digest.body
    assert digest.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert telling.tell_in_digest(user=follower, by=None, at=later) == 0
    assert len(mail.outbox) == 1


def test_digests_are_promised_to_whom_one_is_due(
    experience: CityExperience, edition: Edition, at: datetime, run: Run
) -> None:
    daily, weekly, never = (participant(edition) for _ in range(3))
    for person, cadence in ((daily, "daily"), (weekly, "weekly"), (never, "never")):
        choose_mail(user=person, kind="followed", cadence=cadence, by=person, at=at)
        follow(experience=experience, by=person, at=at)
    say(experience, participant(edition), "News.", at)
    run()
    OutboxMessage.objects.all().delete()
    Notice.objects.update(created_at=at)  # Wednesday
    assert not Notice.objects.filter(user=never).exists()

    assert spreading.promise_digests(by=None, at=at + timedelta(hours=2)) == 0
    assert spreading.promise_digests(by=None, at=at + timedelta(days=1)) == 1
    assert OutboxMessage.objects.get().kwargs == {"user_id": daily.pk}
    assert spreading.promise_digests(by=None, at=at + timedelta(days=1)) == 0
    assert spreading.promise_digests(by=None, at=at + timedelta(days=6)) == 1
    assert OutboxMessage.objects.filter(kwargs={"user_id": weekly.pk}).exists()


def test_city_followers_hear_of_a_publication_when_the_embargo_has_ended(
    edition: Edition, at: datetime, run: Run, monkeypatch: Any
) -> None:
    person, outside = participant(edition), participant(EditionFactory.create())
    experience = published(edition)
    for one in (person, outside):
        choose_mail(user=one, kind="followed", cadence="at_once", by=one, at=at)
        follow(city=experience.city, by=one, at=at)
    experience.embargo_until = at + timedelta(days=3)
    experience.save(update_fields=["embargo_until"])

    spreading.spread_publication(experience=experience, by=None, at=at)
    assert not Notice.objects.exists()
    assert not OutboxMessage.objects.exists()
    end_embargo(experience=experience, by=None, at=experience.embargo_until)
    spreading.spread_publication(experience=experience, by=None, at=experience.embargo_until)
    # Still under embargo by the clock of the mail: nothing is told.
    monkeypatch.setattr("lms.core.clock.now", lambda: at)
    run()
    assert mail.outbox == []
    Notice.objects.update(told_at=None)
    monkeypatch.setattr("lms.core.clock.now", lambda: at + timedelta(days=4))
    for notice in Notice.objects.all():
        telling.tell(notice_id=notice.pk, by=None, at=at + timedelta(days=4))
    assert set(told()) == {person.email}


def test_whoever_keeps_the_writer_away_is_not_told(
    experience: CityExperience, edition: Edition, at: datetime, run: Run
) -> None:
    writer, quiet = participant(edition), participant(edition, name="Quiet One")
    follow(experience=experience, by=quiet, at=at)
    keep_away(other=writer, distance="muted", by=quiet, at=at)
    say(experience, writer, "Dear @Quiet One!", at)
    run()
    assert quiet.email not in told()
    assert not Notice.objects.filter(user=quiet).exists()


def test_following_is_for_what_one_reads_and_undone(
    experience: CityExperience, edition: Edition, at: datetime
) -> None:
    person = participant(edition)
    first = follow(experience=experience, by=person, at=at)
    assert follow(experience=experience, by=person, at=at) == first
    unfollow(experience=experience, by=person, at=at)
    unfollow(experience=experience, by=person, at=at)
    assert not Follow.objects.exists()
    with pytest.raises(PermissionDenied):
        follow(experience=draft(edition), by=person, at=at)
    with pytest.raises(Conflict):
        follow(experience=waiting(edition), by=moderator(edition), at=at)


def test_somebody_of_no_edition_of_ones_own_is_not_kept_away(
    edition: Edition, at: datetime
) -> None:
    person = participant(edition)
    with pytest.raises(PermissionDenied):
        keep_away(other=UserFactory.create(), distance="muted", by=person, at=at)
    with pytest.raises(Conflict):
        keep_away(other=person, distance="muted", by=person, at=at)
