"""What tells somebody more than they may know: tried from the outside, door by door."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import Conflict, PermissionDenied, StaleVersion
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from peer_exchange import actions, notifications
from peer_exchange.actions.talks import accept_talk
from peer_exchange.actions.transfers import claim_transfer
from peer_exchange.conversation_notifications import tell_moderators_reported
from peer_exchange.enums import ReportReason
from peer_exchange.models import CityExperience, Talk, TalkSeat, Transfer
from peer_exchange.selectors.transfers import claims_open_to
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import published, response_of, submitted, waiting
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    coordinator,
    enrol,
    instructor,
    moderator,
    participant,
)
from tests.factories.transfers import BEGUN_AT, breaks, city_of, proposed, speaker

pytestmark = pytest.mark.django_db


def test_nobody_moderates_a_text_of_a_city_they_speak_for_elsewhere(
    edition: Edition, at: datetime
) -> None:
    """Two roles in two editions: a participant of the one moderates the other."""
    experience = waiting(edition)
    of_the_city = moderator(edition)
    enrol(of_the_city, EditionFactory.create(), experience.city)

    with pytest.raises(PermissionDenied):
        actions.publish_experience(experience=experience, base_version=3, by=of_the_city, at=at)
    with pytest.raises(PermissionDenied):
        actions.return_experience(
            experience=experience, base_version=3, reason="No.", by=of_the_city, at=at
        )


def test_embargoed_text_is_not_taken_up_by_a_moderator_who_reads_it(edition: Edition) -> None:
    """Their colleagues, who may not, would read its title in the transfer."""
    at = clock.now()
    experience = published(edition, embargo_until=at + timedelta(days=30))
    reader = moderator(edition)
    city = enrol(reader, edition).city

    assert claims_open_to(reader, experience) == []
    with pytest.raises(Conflict):
        claim_transfer(experience=experience, city=city, why="Good.", by=reader, at=at)
    assert not Transfer.objects.exists()


def test_text_of_a_cohort_is_not_taken_up_for_a_city_outside_it(
    edition: Edition, at: datetime
) -> None:
    """A person of two cities in two editions carries no title from one to the other."""
    experience = published(edition, visibility="cohort")
    reader = participant(edition)
    elsewhere = enrol(reader, EditionFactory.create(programme=edition.programme)).city
    here = reader.enrolments.get(edition=edition).city

    assert claims_open_to(reader, experience) == [here]
    with pytest.raises(Conflict):
        claim_transfer(experience=experience, city=elsewhere, why="Good.", by=reader, at=at)
    CityExperience.objects.filter(pk=experience.pk).update(visibility="members")
    assert (
        claim_transfer(experience=experience, city=elsewhere, why="Good.", by=reader, at=at).city
        == elsewhere
    )


def reported(edition: Edition, author: User, by: User, at: datetime) -> Any:
    response = response_of(author, published(edition))
    return actions.report(
        experience=response.experience,
        response_id=response.pk,
        reason=ReportReason.OFFENSIVE,
        words="He insulted my mayor.",
        by=by,
        at=at,
    )


@pytest.mark.parametrize("role", [moderator, coordinator])
def test_whoever_is_reported_does_not_learn_by_whom(
    client: Client, edition: Edition, at: datetime, role: Any
) -> None:
    author, reporter = role(edition), participant(edition, name="Rosa Reporter")
    report = reported(edition, author, reporter, at)
    other = moderator(edition)
    mail.outbox.clear()
    api = APIClient()

    tell_moderators_reported(report)
    doors = ["peer_exchange:reports", "peer_exchange:reports_csv"]
    seen = {}
    for person in (author, other):
        client.force_login(person)
        api.force_authenticate(person)
        pages = [client.get(reverse(door, args=[edition.slug])) for door in doors]
        texts = [page.content.decode() for page in pages]
        texts.append(api.get(reverse("api:v1:report-list")).content.decode())
        seen[person] = [("Rosa" in text, "insulted" in text) for text in texts]

    assert seen == {author: [(False, False)] * 3, other: [(True, True)] * 3}
    assert [message.to for message in mail.outbox] == [[other.email]]


def test_conversation_on_what_instructors_may_not_read_is_not_in_their_file(
    client: Client, edition: Edition, at: datetime
) -> None:
    experience = published(edition, title="Ferries at dawn")
    response_of(participant(edition), experience, body="We saw that in our harbour.")
    archived = published(edition, title="The secret budget")
    response_of(participant(edition), archived, body="Thank you for the budget.")
    actions.archive_experience(
        experience=archived, base_version=3, reason="It was private.",
        by=archived.created_by, at=at,
    )  # fmt: skip
    hidden = response_of(participant(edition), experience, body="You are a liar.")
    actions.hide_response(
        response=hidden, reason="It calls Ana a liar.", by=moderator(edition), at=at
    )
    words = ["Ferries", "harbour", "secret", "budget", "liar"]

    def read_by(person: User) -> list[str]:
        client.force_login(person)
        address = reverse("peer_exchange:responses_csv", args=[edition.slug])
        text = client.get(address).content.decode()
        return [word for word in words if word in text]

    assert read_by(instructor(edition)) == ["Ferries", "harbour"]
    assert read_by(coordinator(edition)) == words


def test_author_who_left_is_not_told_what_becomes_of_the_text(
    edition: Edition, at: datetime
) -> None:
    experience = waiting(edition)
    gone = participant(edition, experience.city)
    experience.authorships.create(user=gone, added_at=at, added_by=gone)
    gone.enrolments.update(status=EnrolmentStatus.CANCELLED)
    mail.outbox.clear()

    actions.return_experience(
        experience=experience, base_version=3, reason="Names a citizen.",
        by=moderator(edition), at=at,
    )  # fmt: skip
    experience.refresh_from_db()
    notifications.tell_authors_returned(experience)
    notifications.tell_authors_published(experience)

    assert {address for message in mail.outbox for address in message.to} == {
        experience.created_by.email
    }


def test_city_that_one_does_not_see_is_not_followed(client: Client, edition: Edition) -> None:
    reader, stranger = participant(edition), CityFactory.create()
    client.force_login(reader)
    api = APIClient()
    api.force_authenticate(reader)

    page = client.post(reverse("following:city", args=[stranger.slug]), {"on": "1"})
    answer = api.post(reverse("api:v1:follow-list"), {"city": stranger.slug}, format="json")

    assert (page.status_code, answer.status_code) == (404, 404)
    assert not reader.follows.exists()
    with pytest.raises(PermissionDenied):
        actions.follow(city=stranger, by=reader, at=datetime(2025, 11, 19, tzinfo=UTC))


def test_judging_again_what_was_handed_in_anew_takes_reading_it_again(
    edition: Edition, at: datetime
) -> None:
    """The words are the same, another name stands under them since the page was opened."""
    experience = submitted(edition)
    writer = experience.created_by
    read = experience.version
    back = actions.return_experience(
        experience=experience, base_version=read, reason="Who wrote it?", by=writer, at=at
    )
    colleague = city_team_member(edition, experience.city)
    actions.name_author(experience=back, user=colleague, by=writer, at=at)
    again = actions.submit_experience(
        experience=back, base_version=CityExperience.objects.get(pk=back.pk).version,
        by=writer, at=at,
    )  # fmt: skip

    with pytest.raises(StaleVersion):
        actions.clear_experience(
            experience=again, base_version=read, official="A. Official", by=writer, at=at
        )


def test_new_version_whose_day_has_come_is_not_responded_to_before_it_takes_its_place(
    edition: Edition, at: datetime
) -> None:
    """The words would stay with a row that nobody opens any more."""
    experience = published(edition)
    reworking = actions.rework_experience(
        experience=experience, by=experience.created_by, at=at - timedelta(days=3)
    )
    CityExperience.objects.filter(pk=reworking.pk).update(
        status="published", submitted_at=at, submitted_by=experience.created_by,
        cleared_at=at, cleared_by=experience.created_by, cleared_by_name="A. Official",
        published_at=at - timedelta(hours=1), published_by=experience.created_by,
        embargo_until=at - timedelta(hours=1),
    )  # fmt: skip
    reworking.refresh_from_db()

    with pytest.raises(Conflict):
        actions.respond_to_experience(
            experience=reworking, body="Which year was it?", by=moderator(edition), at=at
        )


def test_talk_of_somebody_who_has_left_is_not_agreed(edition: Edition) -> None:
    breaks(edition)
    by, other = speaker(edition), speaker(edition)
    talk = proposed(edition, by, city_of(other))
    by.enrolments.update(status=EnrolmentStatus.CANCELLED)

    with pytest.raises(Conflict):
        accept_talk(talk=Talk.objects.get(pk=talk.pk), by=other, at=BEGUN_AT)
    assert not TalkSeat.objects.exists()


def test_a_moderator_does_not_silence_what_is_said_of_their_own_city(
    edition: Edition, at: datetime
) -> None:
    experience = published(edition)
    of_the_city, other = moderator(edition), moderator(edition)
    enrol(of_the_city, EditionFactory.create(), experience.city)
    critic = participant(edition)
    said = response_of(critic, experience, body="This never worked in our city.")
    report = actions.report(
        experience=experience, response_id=said.pk, reason="offensive",
        by=experience.created_by, at=at,
    )  # fmt: skip

    with pytest.raises(PermissionDenied):
        actions.hide_response(response=said, reason="Not nice.", by=of_the_city, at=at)
    with pytest.raises(PermissionDenied):
        actions.uphold_reports(report=report, reason="Not nice.", by=of_the_city, at=at)
    assert actions.hide_response(response=said, reason="Not nice.", by=other, at=at).hidden_at
