"""The queue, allocation, conflicts, languages and peer review through the API."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.enums import AssessmentStatus
from assessments.models import Assessment, MarkingPolicy
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory
from tests.factories.marking import RECEIVED_AT, in_marking, project_in, submitted
from tests.factories.peer import QUESTIONS, asked, round_now, writer
from tests.factories.programme import coordinator, instructor
from tests.queries import MANY


def post(api: APIClient, name: str, body: Any = None, *args: Any) -> Any:
    return api.post(reverse(f"api:v1:{name}", args=args), body or {}, format="json")


def test_the_queue_by_filter_marker_city_and_order(edition: Edition, api: APIClient) -> None:
    marker = instructor(edition)
    lima, oslo = CityFactory.create(slug="lima"), CityFactory.create(slug="oslo")
    first = submitted(edition, oslo)
    second = submitted(edition, lima, at=RECEIVED_AT + timedelta(hours=1))
    in_marking(second, marker)
    api.force_authenticate(marker)

    def shown(**query: Any) -> list[str]:
        answer = api.get(reverse("api:v1:marking-queue-list"), query).json()
        return [row["receipt"] for row in answer["results"]]

    assert shown(show="all") == [first.receipt, second.receipt]
    assert shown(show="all", order="newest") == [second.receipt, first.receipt]
    assert shown(show="all", order="city") == [second.receipt, first.receipt]
    assert shown(show="all", city="oslo") == [first.receipt]
    assert shown(show="all", marker=marker.pk) == [second.receipt]
    assert shown(show="free") == [first.receipt]
    for wrong in ({"show": "x"}, {"order": "x"}, {"marker": "x"}):
        assert api.get(reverse("api:v1:marking-queue-list"), wrong).status_code == 422
    MarkingPolicy.objects.create(project=project_in(edition), is_anonymous=True)
    assert api.get(reverse("api:v1:marking-queue-list"), {"order": "city"}).status_code == 422
    [row] = api.get(reverse("api:v1:marking-queue-list")).json()["results"]
    assert (row["participant"], row["city"]) == (None, None)
    assert str(first.owner.user) not in str(row)


def test_a_search_finds_a_receipt_or_a_name_wherever_it_stands(
    edition: Edition, api: APIClient
) -> None:
    marker = instructor(edition)
    waiting, begun = submitted(edition), submitted(edition)
    in_marking(begun, marker)
    api.force_authenticate(marker)
    address = reverse("api:v1:marking-queue-list")

    def found(asked: str) -> list[str]:
        return [row["receipt"] for row in api.get(address, {"q": asked}).json()["results"]]

    name = str(begun.owner.user)
    assert found(begun.receipt.lower()) == [begun.receipt]
    assert found(name[1:]) == [begun.receipt]
    assert found("no such") == []
    for wrong in ({"q": "x", "show": "all"}, {"q": "x" * 101}):
        assert "q" in api.get(address, wrong).json()["errors"]
    MarkingPolicy.objects.create(project=project_in(edition), is_anonymous=True)
    assert found(name) == []
    assert found(waiting.receipt) == [waiting.receipt]


def test_next_is_kept_seen_and_given_back(edition: Edition, api: APIClient) -> None:
    attempt = submitted(edition)
    ana, ben = instructor(edition, name="Ana"), instructor(edition)
    api.force_authenticate(ana)
    taken = post(api, "marking-queue-next", {"edition": edition.slug})
    here = post(api, "marking-queue-here", None, attempt.receipt).json()
    api.force_authenticate(ben)
    none = post(api, "marking-queue-next", {"edition": edition.slug})
    beside = post(api, "marking-queue-here", None, attempt.receipt).json()
    api.force_authenticate(ana)
    left = post(api, "marking-queue-left", None, attempt.receipt)
    api.force_authenticate(ben)
    then = post(api, "marking-queue-next", {"edition": edition.slug})

    assert (taken.json()["receipt"], taken.json()["abilities"]["start"]) == (attempt.receipt, True)
    assert here["lease_until"] is not None
    assert none.status_code == left.status_code == 204
    assert (beside["sentence"], beside["lease_until"]) == ("Ana is looking at it too.", None)
    assert then.json()["receipt"] == attempt.receipt


def test_a_rule_is_previewed_and_applied(edition: Edition, api: APIClient) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    submitted(edition)
    rule = {"edition": edition.slug, "markers": [marker.pk]}
    api.force_authenticate(boss)
    plan = post(api, "allocation-preview", rule).json()
    wrong = post(api, "allocation-list", {**rule, "digest": "x"})
    done = post(api, "allocation-list", {**rule, "digest": plan["digest"]})
    again = post(api, "allocation-list", {**rule, "digest": plan["digest"]})

    assert [row["then"] for row in plan["loads"]] == [1]
    assert (wrong.status_code, wrong.json()["code"]) == (409, "preview_outdated")
    assert (done.status_code, done.json()) == (201, again.json())
    assert Assessment.objects.get().status == AssessmentStatus.ALLOCATED
    assert post(api, "allocation-preview", {**rule, "markers": [boss.pk]}).status_code == 422


def test_conflicts_and_languages(edition: Edition, api: APIClient) -> None:
    marker, boss = instructor(edition), coordinator(edition)
    attempt = submitted(edition)
    api.force_authenticate(marker)
    said = {"edition": edition.slug, "project": attempt.submission_id, "reason": "A friend."}
    declared = post(api, "conflict-list", said)
    both = post(api, "conflict-list", {**said, "other": attempt.owner.user_id})
    languages = {"edition": edition.slug, "reads": ["es", "en"], "base_version": 0}
    spoken = post(api, "language-profile-list", languages)
    stale = post(api, "language-profile-list", {**languages, "reads": ["fr"]})
    others = post(api, "language-profile-list", {**languages, "user": boss.pk})
    api.force_authenticate(boss)
    [row] = api.get(reverse("api:v1:conflict-list")).json()["results"]
    back = post(api, "conflict-take-back", {"reason": "No."}, row["id"])

    assert (declared.status_code, both.status_code) == (201, 422)
    assert row["project"] == attempt.submission_id
    assert back.json()["abilities"] == {"take_back": False}
    assert spoken.json()["reads"] == ["en", "es"]
    assert (stale.status_code, others.status_code) == (409, 403)


def test_peer_review_from_round_to_rating(edition: Edition, api: APIClient) -> None:
    boss = coordinator(edition)
    own, other = writer(edition), writer(edition)
    wall = clock.now().replace(tzinfo=None)
    api.force_authenticate(boss)
    made = post(
        api,
        "peer-round-list",
        {
            "edition": edition.slug, "title": "Drafts", "minimum": 1, "questions": QUESTIONS,
            "opens_wall": (wall - timedelta(days=1)).isoformat(),
            "closes_wall": (wall + timedelta(days=9)).isoformat(),
        },
    )  # fmt: skip
    pk = made.json()["id"]
    for draft in (own, other):
        api.force_authenticate(draft.owner.user)
        assert post(api, "peer-round-enter", None, pk).json()["is_entered"]
    api.force_authenticate(boss)
    assert post(api, "peer-round-preview", None, pk).json() == {"asked": 2, "short": []}
    assert post(api, "peer-round-find", None, pk).json() == {"asked": 2, "short": []}
    assert post(api, "peer-round-find", None, pk).json() == {"asked": 0, "short": []}
    api.force_authenticate(own.owner.user)
    [row] = api.get(reverse("api:v1:peer-review-list")).json()["results"]
    review = row["id"]
    post(api, "peer-review-accept", None, review)
    saved = api.put(
        reverse("api:v1:peer-review-answers", args=[review]),
        {"base_version": 0, "answers": {"strong": "Figures."}}, format="json",
    )  # fmt: skip
    api.force_authenticate(other.owner.user)
    hidden = api.get(reverse("api:v1:peer-review-detail", args=[review]))
    api.force_authenticate(boss)
    followed = api.get(reverse("api:v1:peer-review-detail", args=[review])).json()
    api.force_authenticate(own.owner.user)
    post(api, "peer-review-submit", {"base_version": 1}, review)
    api.force_authenticate(other.owner.user)
    rated = post(api, "peer-review-rate", {"usefulness": 4}, review).json()

    assert (made.status_code, made.json()["abilities"]["allocate"]) == (201, True)
    assert saved.json()["draft"]["context"] == "<p>Our city on context.</p>"
    assert hidden.status_code == 404
    assert (followed["answers"], followed["draft"]) == ({}, None)
    assert (rated["answers"]["strong"], rated["usefulness"], rated["draft"]) == (
        "Figures.", 4, None,
    )  # fmt: skip


def test_lists_cost_the_same_for_one_and_for_many(edition: Edition, api: APIClient) -> None:
    boss = coordinator(edition)
    peer_round = round_now(edition, boss)
    reviewer = writer(edition).owner
    page = reverse("assessments:peer_round", args=[edition.slug, peer_round.pk])

    def queries() -> list[int]:
        counts = []
        api.force_authenticate(boss)
        api.force_login(boss)
        for address in (reverse("api:v1:peer-review-list"), page):
            boss.forget_roles()
            with CaptureQueriesContext(connection) as captured:
                assert api.get(address).status_code == 200
            counts.append(len(captured))
        return counts

    asked(peer_round, writer(edition), reviewer)
    queries()
    one = queries()
    for _ in range(MANY - 1):
        asked(peer_round, writer(edition), reviewer)
    assert queries() == one
