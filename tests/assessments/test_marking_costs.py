"""Pages and lists around marking: as many questions to the database for many as for one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.appeals import make_appeal
from assessments.actions.conflicts import declare_conflict
from assessments.actions.releasing import make_release
from assessments.models import (
    Assessment,
    Grade,
    GradeRevision,
    MarkingPolicy,
    Release,
    Submission,
)
from assessments.selectors.releasing import rehearse
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.marking import MARKED_AT, agreed, project_in, released, submitted
from tests.factories.peer import asked, handed_in, round_now, writer
from tests.factories.programme import coordinator, enrol, instructor
from tests.queries import MANY

pytestmark = pytest.mark.one_database("sqlite")


def url(name: str, edition: Edition, *more: Any) -> str:
    return reverse(f"assessments:{name}", args=[edition.slug, *more])


def questions(user: User, address: str) -> int:
    """Of the second reading: the first one looks up what is then kept."""
    client = Client()
    client.force_login(user)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def cost_the_same(user: User, addresses: list[str], more: Callable[[], Any]) -> None:
    """`more` is called until there are many where there was one."""
    before = {address: questions(user, address) for address in addresses}
    for _ in range(MANY - 1):
        more()
    assert {address: questions(user, address) for address in addresses} == before


def one_like(grade: Grade) -> Grade:
    """Another project with such a grade, written directly: actions would take long."""
    submission = grade.submission
    attempt = submitted(submission.edition)
    Submission.objects.filter(pk=attempt.submission_id).update(status=submission.status)
    assessment = Assessment.objects.get(submission=submission)
    assessment.pk, assessment.submission, assessment.attempt = None, attempt.submission, attempt
    assessment.save()
    alike = Grade.objects.create(
        edition=submission.edition,
        submission=attempt.submission,
        attempt=attempt,
        created_at=grade.created_at,
    )
    revision = GradeRevision.objects.get(pk=grade.current_id)
    revision.pk, revision.grade, revision.attempt = None, alike, attempt
    revision.save()
    Grade.objects.filter(pk=alike.pk).update(
        status=grade.status,
        current=revision,
        released_at=grade.released_at,
        released_by=grade.released_by,
    )
    alike.refresh_from_db()
    return alike


def test_one_release(edition: Edition) -> None:
    grade, boss = agreed(submitted(edition), instructor(edition)), coordinator(edition)
    release = make_release(
        edition=edition, sha256=rehearse(edition, boss).sha256, by=boss, at=MARKED_AT
    )
    # Far ahead, so that looking carries nothing out.
    Release.objects.update(takes_effect_at=MARKED_AT + timedelta(days=10_000))

    def one_more() -> None:
        alike = one_like(grade)
        release.items.create(
            grade=alike, grade_version=alike.version, revision=alike.current, part=0
        )

    cost_the_same(
        boss,
        [
            url("release", edition, release.pk),
            url("release_csv", edition, release.pk),
            f"/api/v1/releases/{release.pk}/items/?page_size=30",
        ],
        one_more,
    )


def test_what_is_ready_what_is_missing_and_what_was_appealed(edition: Edition) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    ready = agreed(submitted(edition), marker)
    shown = released(submitted(edition), marker)
    submitted(edition)

    def appeal(grade: Grade) -> None:
        make_appeal(
            grade=grade, revision=1, reason="Section two.", by=grade.submission.owner.user,
            at=MARKED_AT,
        )  # fmt: skip

    def one_more() -> None:
        one_like(ready)
        appeal(one_like(shown))
        submitted(edition)

    one_like(ready)
    appeal(one_like(shown))
    cost_the_same(
        boss,
        [
            url("releases", edition),
            url("releases_csv", edition),
            url("rehearsal", edition),
            url("rehearsal_csv", edition),
            f"/api/v1/releases/rehearsal/?edition={edition.slug}",
            "/api/v1/releases/?page_size=30",
            url("appeals", edition),
            url("appeals_csv", edition),
            "/api/v1/appeals/?page_size=30",
        ],
        one_more,
    )


@pytest.mark.parametrize("hides_names", [False, True])
def test_conflicts_of_interest(edition: Edition, hides_names: bool) -> None:
    marker, boss = instructor(edition), coordinator(edition)

    def one_more() -> None:
        who: dict[str, Any] = {"edition": edition, "person": marker, "by": boss, "at": MARKED_AT}
        person = UserFactory.create()
        enrol(person, edition)
        declare_conflict(submission=submitted(edition).submission, reason="A friend.", **who)
        declare_conflict(other=person, reason="A cousin.", **who)
        declare_conflict(city=CityFactory.create(), reason="I lived there.", **who)

    MarkingPolicy.objects.create(project=project_in(edition), is_anonymous=hides_names)
    one_more()
    cost_the_same(
        marker if hides_names else boss,
        [
            url("conflicts", edition),
            url("conflicts_csv", edition),
            "/api/v1/conflicts/?page_size=30",
        ],
        one_more,
    )


def test_a_round_of_peer_review(edition: Edition) -> None:
    boss = coordinator(edition)
    peer_round = round_now(edition, boss)

    def one_more() -> None:
        handed_in(asked(peer_round, writer(edition), writer(edition).owner))

    one_more()
    cost_the_same(
        boss,
        [
            url("peer_round", edition, peer_round.pk),
            url("peer_round_csv", edition, peer_round.pk),
            "/api/v1/peer-reviews/?page_size=30",
        ],
        one_more,
    )
