"""The conversation through the API."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.actions import hide_response
from peer_exchange.models import CityExperience, Follow, Report, Response
from tests.factories.accounts import UserFactory
from tests.factories.peer_exchange import draft, published, response_of
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    coordinator,
    moderator,
    participant,
)
from tests.queries import MANY, queries_of

pytestmark = pytest.mark.django_db


def post(client: Client, user: User, path: str, body: Any = None) -> Any:
    client.force_login(user)
    return client.post(f"/api/v1/{path}", body or {}, content_type="application/json")


def test_question_reply_answer_and_history(
    client: Client, experience: CityExperience, peer: User, edition: Edition
) -> None:
    path = f"experiences/{experience.pk}/responses/"
    asked = post(client, peer, path, {"body": "Who paid?", "kind": "question", "part": "context"})
    assert asked.status_code == 201
    question = asked.json()
    assert (question["kind"], question["part"], question["thread"]) == ("question", "context", None)
    assert question["abilities"]["edit"]
    team = city_team_member(edition, experience.city)
    reply = post(
        client, team, path, {"body": "Dear @Ana Silva: the port.", "parent": question["id"]}
    )
    assert (reply.json()["thread"], reply.json()["mentions"]) == (question["id"], [peer.pk])
    move = f"responses/{question['id']}/answer/"
    assert post(client, peer, move, {"answer": reply.json()["id"]}).status_code == 403
    answered = post(client, team, move, {"answer": reply.json()["id"]}).json()
    assert (answered["answer"], answered["abilities"]["reopen"]) == (reply.json()["id"], True)
    assert post(client, peer, f"responses/{question['id']}/reopen/").status_code == 200
    assert (
        post(client, peer, f"responses/{question['id']}/edit/", {"body": "Who?"}).status_code == 200
    )
    wordings = client.get(f"/api/v1/responses/{question['id']}/history/").json()
    assert [w["body"] for w in wordings] == ["Who paid?", "Who?"]
    listed = client.get("/api/v1/responses/?kind=question&thread__isnull=true").json()
    assert [row["id"] for row in listed["results"]] == [question["id"]]
    names = client.get(f"/api/v1/experiences/{experience.pk}/people/?q=").json()
    assert all(set(row) == {"id", "name", "city", "insert"} for row in names)


@pytest.mark.parametrize(
    "body",
    [
        {"body": "x", "parent": "one"},
        {"body": "x", "parent": 10**30},
        {"body": "x", "kind": "shout"},
        {"body": "x", "part": "nothing"},
        {"body": "x", "author": 1},
        {"body": "x", "thread": 1},
        {"body": "x", "hidden_at": None},
        {"body": 7},
        {},
    ],
)
def test_bodies_that_are_none_are_refused(
    client: Client, experience: CityExperience, peer: User, body: dict[str, Any]
) -> None:
    answer = post(client, peer, f"experiences/{experience.pk}/responses/", body)
    assert answer.status_code == 422, answer.content
    assert not Response.objects.exists()


def test_forged_ids_find_nothing(
    client: Client, experience: CityExperience, peer: User, edition: Edition
) -> None:
    elsewhere = response_of(participant(edition), published(edition))
    outside = response_of(
        participant(edition := EditionFactory.create()), published(edition), body="Outside."
    )
    path = f"experiences/{experience.pk}/responses/"
    for parent in (elsewhere.pk, outside.pk):
        assert post(client, peer, path, {"body": "x", "parent": parent}).status_code == 422
    assert post(client, peer, f"responses/{outside.pk}/edit/", {"body": "x"}).status_code == 404
    for hidden in (draft(experience.edition), outside.experience):
        for about in ({"experience": hidden.pk, "reason": "spam"},):
            assert post(client, peer, "reports/", about).status_code == 404
        assert post(client, peer, "follows/", {"experience": hidden.pk}).status_code == 404
        assert (
            post(client, peer, f"experiences/{hidden.pk}/responses/", {"body": "x"}).status_code
            == 404
        )
    stranger = UserFactory.create()
    for other in (stranger.pk, 10**9):
        refused = post(client, peer, "kept-away/", {"other": other, "distance": "muted"})
        assert refused.status_code == 404
    assert "Outside." not in client.get("/api/v1/responses/").content.decode()


def test_reports_are_for_their_reporter_and_the_moderators(
    client: Client, experience: CityExperience, peer: User, edition: Edition
) -> None:
    response = response_of(participant(edition), experience)
    body = {"experience": experience.pk, "response": response.pk, "reason": "spam"}
    made = post(client, peer, "reports/", body)
    assert made.status_code == 201
    pk = made.json()["id"]
    assert made.json()["abilities"] == {
        "uphold": False, "dismiss": False, "reopen": False, "withdraw": True,
    }  # fmt: skip
    client.force_login(response.author)
    assert client.get(f"/api/v1/reports/{pk}/").status_code == 404
    assert post(client, peer, f"reports/{pk}/uphold/", {"reason": "x"}).status_code == 403
    mod = moderator(edition)
    assert post(client, mod, f"reports/{pk}/uphold/", {"reason": ""}).status_code == 422
    assert (
        post(client, mod, f"reports/{pk}/uphold/", {"reason": "Ad."}).json()["status"] == "upheld"
    )
    assert Response.objects.get(pk=response.pk).hidden_at
    assert post(client, mod, f"reports/{pk}/reopen/").json()["status"] == "open"
    assert post(client, mod, f"reports/{pk}/dismiss/", {"reason": "No."}).json()["status"] == (
        "dismissed"
    )
    assert post(client, peer, f"reports/{pk}/withdraw/").status_code == 409
    assert Report.objects.count() == 1


def test_following_keeping_away_and_mails(
    client: Client, experience: CityExperience, peer: User, edition: Edition
) -> None:
    made = post(client, peer, "follows/", {"city": experience.city.slug})
    assert (made.status_code, made.json()["city"]) == (201, experience.city.slug)
    assert post(client, peer, "follows/", {}).status_code == 422
    end = f"follows/{made.json()['id']}/end/"
    assert post(client, participant(edition), end).status_code == 404
    assert post(client, peer, end).status_code == 204
    assert not Follow.objects.exists()
    other = participant(edition)
    kept = post(client, peer, "kept-away/", {"other": other.pk, "distance": "blocked"})
    assert kept.json()["distance"] == "blocked"
    assert post(client, peer, f"kept-away/{kept.json()['id']}/end/").status_code == 204
    kinds = post(client, peer, "me/mails/", {"kind": "mentions", "cadence": "weekly"}).json()
    assert {"kind": "mentions", "cadence": "weekly"} in kinds
    assert post(client, peer, "me/mails/", {"kind": "x", "cadence": "weekly"}).status_code == 422


def test_rule_is_previewed_and_changed(client: Client, peer: User, edition: Edition) -> None:
    base = f"editions/{edition.slug}/sharing-rule/"
    client.force_login(peer)
    now = client.get(f"/api/v1/{base}").json()
    assert (now["rule"]["min_words"], now["abilities"]["change"]) == (30, False)
    rule = {**now["rule"], "min_words": 50}
    assert post(client, peer, f"{base}preview/", {"rule": rule}).status_code == 403
    boss = coordinator(edition)
    seen = post(client, boss, f"{base}preview/", {"rule": rule}).json()
    body = {"rule": rule, "base_version": 0, "digest": seen["digest"], "keeps_met": True,
            "reason": "More."}  # fmt: skip
    wrong = client.put(f"/api/v1/{base}", {**body, "digest": "x"}, content_type="application/json")
    assert wrong.status_code == 409
    done = client.put(f"/api/v1/{base}", body, content_type="application/json").json()
    assert (done["version"], done["rule"]["min_words"]) == (1, 50)


def test_lists_ask_the_same_number_of_questions_for_many(
    client: Client, experience: CityExperience, edition: Edition, at: datetime
) -> None:
    client.force_login(moderator(edition))
    kinds = ("responses", "reports", f"experiences/{experience.pk}/responses")
    paths = [f"/api/v1/{kind}/?page_size=100" for kind in kinds]

    def one_more(number: int) -> None:
        response = response_of(participant(edition), experience, body=f"No {number}.")
        response.mentions.create(user=participant(edition))
        Report.objects.create(
            experience=experience, response=response, reporter=participant(edition),
            reason="spam", created_at=at,
        )  # fmt: skip
        if number % 2:
            hide_response(response=response, reason="Rude.", by=moderator(edition), at=at)

    one_more(0)
    queries_of(client, *paths)
    with_one = queries_of(client, *paths)
    for number in range(1, MANY):
        one_more(number)
    assert queries_of(client, *paths) == with_one
