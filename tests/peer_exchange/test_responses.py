"""Responding to another city, and what that is worth (D15b)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from lms.accounts.models import User
from lms.core.errors import Conflict, InvalidInput, PermissionDenied, TooLarge
from lms.programme.models import Edition
from peer_exchange.actions import (
    TooMany,
    archive_experience,
    edit_response,
    hide_response,
    publish_experience,
    respond_to_experience,
    show_response,
)
from peer_exchange.enums import Counting
from peer_exchange.models import CityExperience, Response, ResponseRevision, SharingPolicy
from peer_exchange.selectors import sharing_of
from tests.factories.accounts import AdministratorFactory, CityFactory
from tests.factories.peer_exchange import LONG_ENOUGH, draft, published, response_of, waiting
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    instructor,
    moderator,
    participant,
)

pytestmark = pytest.mark.django_db


def test_response_speaks_for_the_city_and_tells_who_listens(
    experience: CityExperience, peer: User, at: datetime, heard: list
) -> None:
    response = respond_to_experience(experience=experience, body=LONG_ENOUGH, by=peer, at=at)

    enrolment = peer.enrolments.get()
    assert (response.city, response.body) == (enrolment.city, LONG_ENOUGH)
    assert heard == [([enrolment.pk], at)]
    assert ResponseRevision.objects.get().body == LONG_ENOUGH


def test_same_words_sent_twice_are_one_response(
    experience: CityExperience, peer: User, at: datetime
) -> None:
    first = respond_to_experience(experience=experience, body=LONG_ENOUGH, by=peer, at=at)
    again = respond_to_experience(experience=experience, body=f" {LONG_ENOUGH}\n", by=peer, at=at)
    assert again == first
    with pytest.raises(IntegrityError), transaction.atomic():
        response_of(peer, experience, body=LONG_ENOUGH.upper())


def test_response_needs_words(experience: CityExperience, peer: User, at: datetime) -> None:
    for body in ("", "  \n\t", "\u202e\u200b", "…!"):
        with pytest.raises(InvalidInput):
            respond_to_experience(experience=experience, body=body, by=peer, at=at)
    for body in ("a\x00", "a\ud800"):
        with pytest.raises(InvalidInput):
            respond_to_experience(experience=experience, body=body, by=peer, at=at)
    for body in ("x " * 5_000_000, "@" * 10_000_000):
        with pytest.raises(TooLarge):
            respond_to_experience(experience=experience, body=body, by=peer, at=at)
    assert not Response.objects.exists()


def test_response_is_for_the_people_of_the_edition_and_for_published_texts(
    edition: Edition, experience: CityExperience, peer: User, at: datetime
) -> None:
    outsider = participant(EditionFactory.create(programme=edition.programme))
    with pytest.raises(PermissionDenied):
        respond_to_experience(experience=experience, body="Hello.", by=outsider, at=at)
    held_back = published(edition)
    held_back.embargo_until = at + timedelta(days=2)
    held_back.save(update_fields=["embargo_until"])
    for not_out in (held_back, draft(edition), waiting(edition)):
        for person in (peer, not_out.created_by):
            with pytest.raises(Conflict):
                respond_to_experience(experience=not_out, body="Hello.", by=person, at=at)
    assert not Response.objects.exists()
    staff = respond_to_experience(
        experience=experience, body="Well told.", by=instructor(edition), at=at
    )
    assert staff.city is None


def test_many_responses_within_an_hour_are_slowed_down(
    edition: Edition, experience: CityExperience, peer: User, at: datetime
) -> None:
    SharingPolicy.objects.create(edition=edition, max_responses_an_hour=2)
    for minute in (0, 1):
        respond_to_experience(
            experience=experience,
            body=f"Thought {minute}",
            by=peer,
            at=at + timedelta(minutes=minute),
        )
    with pytest.raises(TooMany):
        respond_to_experience(
            experience=experience, body="Thought 2", by=peer, at=at + timedelta(minutes=59)
        )
    respond_to_experience(
        experience=experience, body="Thought 2", by=peer, at=at + timedelta(minutes=60)
    )


def test_every_wording_is_kept(experience: CityExperience, peer: User, at: datetime) -> None:
    response = respond_to_experience(experience=experience, body="First.", by=peer, at=at)
    later = at + timedelta(minutes=5)
    edit_response(response=response, body="Second.", by=peer, at=later)
    edit_response(response=response, body="Second.", by=peer, at=later)

    response.refresh_from_db()
    assert (response.body, response.edited_at) == ("Second.", later)
    assert [r.body for r in response.revisions.all()] == ["First.", "Second."]
    table = ResponseRevision._meta.db_table
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET body = ''")


def test_response_is_changed_by_its_author_alone(
    edition: Edition, experience: CityExperience, peer: User, at: datetime
) -> None:
    response = response_of(peer, experience)
    for other in (participant(edition), moderator(edition), AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            edit_response(response=response, body="Other words.", by=other, at=at)


def test_editing_into_ones_own_other_response_is_refused(
    experience: CityExperience, peer: User, at: datetime
) -> None:
    response_of(peer, experience, body="One text.")
    second = response_of(peer, experience, body="Another text.")
    with pytest.raises(Conflict):
        edit_response(response=second, body="one  text", by=peer, at=at)


def test_moderator_hides_and_shows_again(
    edition: Edition, experience: CityExperience, peer: User, at: datetime, heard: list
) -> None:
    response, mod = response_of(peer, experience), moderator(edition)
    enrolment = peer.enrolments.get()
    for other in (peer, participant(edition), instructor(edition)):
        with pytest.raises(PermissionDenied):
            hide_response(response=response, reason="Off topic.", by=other, at=at)
    with pytest.raises(InvalidInput):
        hide_response(response=response, reason="", by=mod, at=at)

    hide_response(response=response, reason="Off topic.", by=mod, at=at)
    assert sharing_of(enrolment).verdicts == {response.pk: Counting.HIDDEN}
    with pytest.raises(Conflict):
        edit_response(response=response, body="Better.", by=peer, at=at)
    with pytest.raises(Conflict):
        respond_to_experience(experience=experience, body=LONG_ENOUGH, by=peer, at=at)

    show_response(response=response, by=mod, at=at)
    assert sharing_of(enrolment).response_ids == (response.pk,)
    assert heard == [([enrolment.pk], at)] * 2


def test_moderator_does_not_judge_their_own_response(
    edition: Edition, experience: CityExperience, at: datetime
) -> None:
    mod = moderator(edition)
    with pytest.raises(PermissionDenied):
        hide_response(response=response_of(mod, experience), reason="Mine.", by=mod, at=at)


def test_sharing_is_complete_with_one_experience_and_two_responses(
    edition: Edition, at: datetime, django_assert_num_queries: Any
) -> None:
    """D15b, as chosen: one published experience, two substantive responses to peers."""
    own = waiting(edition)
    person = own.created_by
    enrolment = person.enrolments.get()
    assert sharing_of(enrolment).missing == (
        f"“{own.title}” is not published yet.",
        "Respond to 2 more experiences of other cities, in at least 30 words each.",
    )

    publish_experience(base_version=3, experience=own, by=moderator(edition), at=at)
    first, second = published(edition), published(edition)
    one = respond_to_experience(experience=first, body=LONG_ENOUGH, by=person, at=at)
    respond_to_experience(experience=own, body=LONG_ENOUGH + " Thanks.", by=person, at=at)
    assert sharing_of(enrolment).missing == (
        "Respond to one more experience of another city, in at least 30 words.",
    )
    two = respond_to_experience(
        experience=second, body=LONG_ENOUGH + " And the ferries?", by=person, at=at
    )

    with django_assert_num_queries(4):
        sharing = sharing_of(enrolment)
    assert sharing.is_complete
    assert sharing.missing == ()
    assert sharing.evidence == {"experiences": [own.pk], "responses": [one.pk, two.pk]}


def test_sharing_follows_the_editions_policy(edition: Edition) -> None:
    person = participant(edition)
    enrolment = person.enrolments.get()
    response_of(person, published(edition), body="Five words are quite enough.")
    SharingPolicy.objects.create(edition=edition, min_experiences=0, min_responses=1, min_words=5)
    assert sharing_of(enrolment).is_complete


def test_archiving_ends_the_authors_evidence_but_not_the_responders(
    edition: Edition, experience: CityExperience, peer: User, at: datetime
) -> None:
    author = experience.created_by
    response = response_of(peer, experience)
    archive_experience(base_version=3, experience=experience, reason="Overtaken.", by=author, at=at)

    assert sharing_of(author.enrolments.get()).experience_ids == ()
    assert sharing_of(peer.enrolments.get()).response_ids == (response.pk,)


def test_team_member_of_two_cities_does_not_count_at_home(
    edition: Edition, experience: CityExperience, at: datetime
) -> None:
    person = participant(edition, CityFactory.create())
    person.roles.create(edition=edition, role="city_team", city=experience.city)
    response = respond_to_experience(experience=experience, body=LONG_ENOUGH, by=person, at=at)
    assert response.city == experience.city
    assert sharing_of(person.enrolments.get()).verdicts == {response.pk: Counting.OWN_CITY}


def test_what_was_said_in_another_edition_does_not_count_here(
    edition: Edition, experience: CityExperience
) -> None:
    person = participant(EditionFactory.create())
    response_of(person, experience)
    assert sharing_of(person.enrolments.get()).response_ids == ()


def test_city_team_member_without_a_place_responds_for_the_city(
    edition: Edition, experience: CityExperience, at: datetime
) -> None:
    city = CityFactory.create()
    member = city_team_member(edition, city)
    response = respond_to_experience(experience=experience, body="From us.", by=member, at=at)
    assert response.city == city
