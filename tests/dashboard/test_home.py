"""What each role sees first."""

from datetime import datetime

import pytest
from django.test import Client

from assessments.enums import PeerReviewStatus
from assessments.models import Appeal, PeerReview, PeerRound
from lms.core import clock
from lms.programme.enums import Role
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.marking import agreed, provisional, released, submitted
from tests.factories.peer import asked, round_now, writer
from tests.factories.programme import (
    RoleAssignmentFactory,
    city_team_member,
    coordinator,
    instructor,
    moderator,
    participant,
)
from tests.queries import MANY

pytestmark = pytest.mark.django_db


def page_of(client: Client, user) -> str:
    client.force_login(user)
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_home_opens_with_the_duty_of_each_role(client: Client, edition: Edition) -> None:
    expected = {
        instructor: f"/marking/{edition.slug}/",
        moderator: f"/exchange/{edition.slug}/moderation/",
        coordinator: f"/timetable/{edition.slug}/attendance/",
    }
    for make, url in expected.items():
        page = page_of(client, make(edition))
        assert f'href="{url}"' in page.split('class="next-step"')[1]

    member = city_team_member(edition, CityFactory.create())
    assert f'href="/exchange/{edition.slug}/#your-city"' in page_of(client, member)


def test_a_review_that_waits_is_the_next_step_of_its_reviewer(
    client: Client, edition: Edition
) -> None:
    peer_round = round_now(edition, coordinator(edition))
    own, other = writer(edition), writer(edition)
    review = asked(peer_round, other, own.owner)
    address = f"/peer-review/{edition.slug}/{review.pk}/"

    step = page_of(client, own.owner.user).split('class="next-step"')[1].split("</section>")[0]
    assert "Your review of another city’s draft is not handed in yet." in step
    assert f'href="{address}"' in step
    PeerReview.objects.filter(pk=review.pk).update(status=PeerReviewStatus.INVITED)
    assert "You are asked to read the draft of another city" in page_of(client, own.owner.user)
    assert address not in page_of(client, other.owner.user)
    PeerRound.objects.update(closes_at=clock.now())
    assert address not in page_of(client, own.owner.user)


def test_home_says_what_of_marking_waits(client: Client, edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    provisional(submitted(edition), marker)
    decided = submitted(edition)
    agreed(decided, marker)
    grade = released(submitted(edition), marker)
    Appeal.objects.create(
        edition=edition, grade=grade, revision=grade.current, reason="Look again.",
        appealed_at=clock.now(), appealed_by=grade.submission.owner.user,
    )  # fmt: skip

    for person in (marker, boss):
        page = page_of(client, person)
        assert "1 grade is agreed and not released." in page
        assert "1 project is marked, and its grade not agreed." in page
        assert "1 appeal waits for somebody to look at it." in page
    assert f'href="/marking-overview/{edition.slug}/"' in page
    assert f'href="/peer-review/{edition.slug}/rounds/"' in page
    # Nobody reads here how far the marking of their own project is.
    writes = decided.owner.user
    RoleAssignmentFactory.create(user=writes, edition=edition, role=Role.INSTRUCTOR)
    assert "is agreed and not released" not in page_of(client, writes)


def test_home_of_a_stranger_with_an_account_says_so(client: Client, edition: Edition) -> None:
    page = page_of(client, UserFactory.create())

    assert "You have no place in an edition yet" in page
    assert edition.name not in page


def test_front_page_needs_nobody_and_nothing(client: Client) -> None:
    answer = client.get("/")

    assert answer.status_code == 200
    assert "load_diploma" in answer.content.decode()


def test_home_costs_the_same_in_a_large_cohort(
    client: Client, edition: Edition, at: datetime, django_assert_max_num_queries
) -> None:
    person = participant(edition)
    client.force_login(person)
    client.get("/")
    with django_assert_max_num_queries(60) as few:
        client.get("/")
    for _ in range(MANY - 1):
        participant(edition)
    with django_assert_max_num_queries(60) as many:
        client.get("/")

    assert len(many) == len(few)
