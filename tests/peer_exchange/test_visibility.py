"""Who reads what."""

import pytest

from lms.accounts.models import User
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from peer_exchange.models import CityExperience, Response
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.peer_exchange import WRITTEN_AT, draft, published, response_of, waiting
from tests.factories.programme import (
    EditionFactory,
    ProgrammeFactory,
    city_team_member,
    coordinator,
    enrol,
    instructor,
    moderator,
    participant,
)

pytestmark = pytest.mark.django_db


def readers_of(experience: CityExperience, people: dict[str, User]) -> set[str]:
    return {
        name
        for name, user in people.items()
        if CityExperience.objects.visible_to(user).filter(pk=experience.pk).exists()
    }


@pytest.fixture
def people(edition: Edition) -> dict[str, User]:
    other_programme = EditionFactory.create(programme=ProgrammeFactory.create(slug="other"))
    invited = UserFactory.create()
    enrol(invited, edition, status=EnrolmentStatus.OFFERED)
    return {
        "peer": participant(edition),
        "other_team": city_team_member(edition, CityFactory.create()),
        "instructor": instructor(edition),
        "coordinator": coordinator(edition),
        "moderator": moderator(edition),
        "sister_edition": participant(EditionFactory.create(programme=edition.programme)),
        "other_programme": participant(other_programme),
        "invited": invited,
        "outsider": UserFactory.create(),
    }


def test_draft_is_read_by_its_city_alone(edition: Edition, people: dict[str, User]) -> None:
    experience = draft(edition)
    own = {
        "author": experience.created_by,
        "team": city_team_member(edition, experience.city),
        "colleague": participant(edition, experience.city),
        "same_city_elsewhere": participant(EditionFactory.create(), experience.city),
    }
    assert readers_of(experience, {**people, **own}) == {"author", "team", "colleague"}


def test_text_in_moderation_is_read_by_moderators_and_coordinators_too(
    edition: Edition, people: dict[str, User]
) -> None:
    assert readers_of(waiting(edition), people) == {"moderator", "coordinator"}


def test_published_text_reaches_as_far_as_its_visibility(
    edition: Edition, people: dict[str, User]
) -> None:
    cohort = {"peer", "other_team", "instructor", "coordinator", "moderator"}
    members = cohort | {"sister_edition"}

    assert readers_of(published(edition, visibility="cohort"), people) == cohort
    assert readers_of(published(edition, visibility="members"), people) == members
    assert readers_of(published(edition, visibility="public"), people) == set(people)


def test_author_who_left_the_edition_reads_no_draft(edition: Edition) -> None:
    experience = draft(edition)
    author = experience.created_by
    author.enrolments.update(status=EnrolmentStatus.CANCELLED)
    author.forget_roles()
    assert readers_of(experience, {"author": author}) == set()


def test_responses_stay_in_the_cohort_and_hidden_ones_with_their_author(
    edition: Edition, people: dict[str, User]
) -> None:
    experience = published(edition, visibility="public")
    said = response_of(people["peer"], experience)
    hidden = response_of(
        people["other_team"],
        experience,
        body="Rude words.",
        hidden_at=WRITTEN_AT,
        hidden_by=people["moderator"],
        hidden_reason="Rude.",
    )

    def readers(response: Response) -> set[str]:
        return {
            name
            for name, user in people.items()
            if Response.objects.visible_to(user).filter(pk=response.pk).exists()
        }

    cohort = {"peer", "other_team", "instructor", "coordinator", "moderator"}
    assert readers(said) == cohort
    assert readers(hidden) == {"other_team", "coordinator", "moderator"}
