"""Whoever has two parts in an edition decides nothing of their own, and learns no more of it
than others do (invariant 10)."""

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions.allocation import allocate_by_rule, preview_allocation
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.peer_reviews import rate_review, save_review
from assessments.models import MarkingPolicy
from assessments.selectors.allocation import Rule
from lms.accounts.models import User
from lms.core import clock
from lms.programme.enums import EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from tests.factories.marking import MARKED_AT, submitted
from tests.factories.peer import asked, handed_in, round_now, writer
from tests.factories.programme import EnrolmentFactory, coordinator, instructor
from tests.factories.teams import allow_teams, colleague, join


def also_coordinates(place: Enrolment) -> User:
    RoleAssignment.objects.create(edition=place.edition, user=place.user, role=Role.COORDINATOR)
    return User.objects.get(pk=place.user_id)


def test_a_coordinator_who_writes_a_project_allocates_the_others(edition: Edition) -> None:
    own, other = submitted(edition), submitted(edition)
    boss = also_coordinates(own.owner)
    rule = Rule(markers=(instructor(edition).pk,), match_language=False)

    plan = preview_allocation(project=own.project, rule=rule, by=boss)
    run = allocate_by_rule(
        project=own.project, rule=rule, digest=plan.digest, by=boss, at=MARKED_AT
    )

    assert [row["attempt"] for row in run.allocations] == [other.pk]


def test_a_coordinator_who_writes_a_draft_learns_not_who_reviewed_it(
    edition: Edition, client: Client
) -> None:
    peer_round = round_now(edition, coordinator(edition), hides_names=True)
    own, other = writer(edition), writer(edition)
    reviewer = EnrolmentFactory.create(edition=edition, user__name="Rosalind Reviewer")
    review = handed_in(asked(peer_round, own, reviewer))
    theirs = handed_in(asked(peer_round, other, EnrolmentFactory.create(edition=edition)))
    boss = also_coordinates(own.owner)
    client.force_login(boss)
    api = APIClient()
    api.force_authenticate(boss)

    told = [
        client.get(reverse(f"assessments:{name}", args=[edition.slug, peer_round.pk]))
        for name in ("peer_round", "peer_round_csv")
    ]
    told += [api.get(f"/api/v1/peer-reviews/{one}") for one in ("", f"{review.pk}/")]

    assert [answer.status_code for answer in told] == [200] * 4
    hidden = ("Rosalind", str(reviewer.city))
    assert [word for answer in told for word in hidden if word in answer.content.decode()] == []
    # Of the drafts of others a coordinator knows who read them.
    assert all(str(theirs.reviewer.user) in answer.content.decode() for answer in told[:3])


def test_a_coordinator_who_marks_without_names_learns_them_from_no_team(
    edition: Edition, client: Client
) -> None:
    own, boss = submitted(edition).submission, instructor(edition)
    RoleAssignment.objects.create(edition=edition, user=boss, role=Role.COORDINATOR)
    addresses = [
        reverse("assessments:teams", args=[edition.slug]),
        reverse("assessments:teams_csv", args=[edition.slug]),
        reverse("assessments:team_setup", args=[edition.slug, own.pk]),
        f"/api/v1/editions/{edition.slug}/teams/",
        f"/api/v1/projects/{own.pk}/colleagues/",
    ]

    def statuses() -> list[int]:
        client.force_login(User.objects.get(pk=boss.pk))
        return [client.get(address).status_code for address in addresses]

    assert statuses() == [200] * 5
    MarkingPolicy.objects.create(project=own.project, is_anonymous=True)
    assert statuses() == [403] * 5
    # The page says why, and who arranges the teams.
    said = client.get(addresses[0]).content.decode()
    assert "it is marked without names" in said
    assert "an administrator arranges the teams" in said
    assert str(own.owner.user) not in said
    assert addresses[0] not in client.get("/").content.decode()


def test_who_joins_a_team_neither_reviews_nor_rates_for_it(edition: Edition) -> None:
    allow_teams(edition)
    peer_round = round_now(edition, coordinator(edition))
    draft = writer(edition)
    done, begun = colleague(draft), colleague(draft)
    review = handed_in(asked(peer_round, draft, done))
    other = asked(peer_round, draft, begun)
    join(draft, done)
    join(draft, begun)

    with pytest.raises(ConflictOfInterest):
        rate_review(review=review, usefulness=5, by=done.user, at=clock.now())
    with pytest.raises(ConflictOfInterest):
        save_review(
            review=other, answers={"strong": "All."}, base_version=0, by=begun.user, at=clock.now()
        )
    assert rate_review(review=review, usefulness=2, by=begun.user, at=clock.now()).usefulness == 2


def test_who_has_left_the_edition_reads_no_draft_of_others(edition: Edition) -> None:
    reviewer = EnrolmentFactory.create(edition=edition)
    review = asked(round_now(edition, coordinator(edition)), writer(edition), reviewer)
    address = f"/api/v1/peer-reviews/{review.pk}/"
    api = APIClient()
    api.force_authenticate(reviewer.user)
    assert api.get(address).json()["draft"]["context"]

    Enrolment.objects.filter(pk=reviewer.pk).update(status=EnrolmentStatus.CANCELLED)
    api.force_authenticate(User.objects.get(pk=reviewer.user_id))

    assert api.get(address).status_code == 404
    assert api.get("/api/v1/peer-reviews/").json()["results"] == []
