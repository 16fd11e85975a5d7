"""What players send, through the API: claims, marks, states, and who may send them."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from lms.programme.models import Edition, Enrolment
from modules.h5p_projection import MOST_PARTS
from modules.models import ActivityPage, ActivityProgress, H5PResult, H5PState, H5PStatement
from tests.factories import h5p_playing as h5p
from tests.factories.accounts import UserFactory
from tests.factories.modules import lesson_of, make_course
from tests.factories.programme import instructor, participant

VERBS = "http://adlnet.gov/expapi/verbs"


@pytest.fixture
def enrolment(edition: Edition) -> Enrolment:
    return participant(edition).enrolments.get()


@pytest.fixture
def lesson(edition: Edition) -> Any:
    return lesson_of(make_course(edition))


@pytest.fixture
def own(lesson: Any) -> ActivityPage:
    """An activity with our own questions, done at 100 per cent."""
    return h5p.make_interactive(lesson, rule="score", threshold=100)


@pytest.fixture
def uploaded(lesson: Any) -> ActivityPage:
    """An activity with an uploaded package, done when played to its end."""
    return h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))


class Player:
    """A browser of somebody who has an activity open."""

    def __init__(self, enrolment: Enrolment, activity: ActivityPage) -> None:
        self.api = APIClient()
        self.api.force_authenticate(enrolment.user)
        self.enrolment, self.activity = enrolment, activity
        self.url = f"/api/v1/activities/{activity.pk}/"
        self.play = h5p.play_token(enrolment.user, activity)
        self.iri = self.api.get(f"{self.url}state/").json()["activity"]

    def say(self, verb: str, part: str = "", **result: Any) -> dict[str, Any]:
        """A statement."""
        about = f"{self.iri}?subContentId={part}" if part else self.iri
        context = {"contextActivities": {"parent": [{"id": self.iri}]}} if part else {}
        return {
            "id": str(uuid4()),
            "actor": {"mbox": "mailto:somebody.else@example.org"},
            "verb": {"id": f"{VERBS}/{verb}"},
            "object": {"id": about, "objectType": "Activity"},
            "result": result,
            "context": context,
        }

    def send(self, statements: Any) -> Any:
        return self.api.post(f"{self.url}statements/?play={self.play}", statements, format="json")

    def mark(self, question: str, response: Any, **more: Any) -> Any:
        body = {"play": self.play, "question": question, "response": response, **more}
        return self.api.post(f"{self.url}mark/", body, format="json")

    def result(self) -> H5PResult:
        return H5PResult.objects.get(enrolment=self.enrolment, activity=self.activity)

    def status(self) -> str:
        rows = ActivityProgress.objects.filter(enrolment=self.enrolment, activity=self.activity)
        return rows.values_list("status", flat=True).first() or "open"


def score(raw: float, most: float) -> dict[str, Any]:
    return {"score": {"raw": raw, "max": most, "min": 0, "scaled": raw / most}}


def test_completed_with_a_score_finishes_the_activity(
    enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    player = Player(enrolment, uploaded)
    answer = player.send(player.say("completed", **score(3, 4), completion=True))

    assert answer.status_code == 200, answer.json()
    assert answer.json()["status"] == "done"
    assert answer.json()["percent"] == 75
    row = H5PStatement.objects.get()
    assert "actor" not in row.statement
    assert row.scaled == player.result().best_scaled


def test_ten_bare_completed_statements_finish_nothing(
    enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    player = Player(enrolment, uploaded)
    answer = player.send([player.say("completed") for _ in range(10)])

    assert answer.json()["status"] == "begun"
    assert answer.json()["is_answered"] is False


def test_the_same_statement_twice_is_one_row(enrolment: Enrolment, uploaded: ActivityPage) -> None:
    player = Player(enrolment, uploaded)
    said = player.say("completed", **score(1, 1))

    first, second = player.send(said), player.send([said, said])

    assert first.json()["ids"] == [said["id"]]
    assert second.status_code == 200
    assert H5PStatement.objects.count() == 1
    assert player.result().attempts == 1
    changed = player.send({**said, "result": score(0, 1)})
    assert changed.status_code == 409


def test_a_failed_retry_never_lowers_the_best(enrolment: Enrolment, uploaded: ActivityPage) -> None:
    player = Player(enrolment, uploaded)
    player.send(player.say("completed", **score(4, 4)))
    player.send(player.say("completed", **score(0, 4)))

    result = player.result()
    assert (result.best_scaled, result.last_scaled, result.attempts) == (1, 0, 2)
    assert player.status() == "done"


def test_a_part_never_becomes_the_score_of_the_whole(
    enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    player = Player(enrolment, uploaded)
    player.send(player.say("completed", **score(1, 4)))
    player.send(player.say("answered", part="q1", **score(1, 1), response="0", completion=True))
    player.send(player.say("completed", part="q2", **score(1, 1), completion=True))

    # As other players name their parts, without saying whose they are.
    for beside in ("#q3", "/q3"):
        said = player.say("answered", **score(1, 1), response="0", completion=True)
        player.send({**said, "object": {"id": player.iri + beside}, "context": {}})

    result = player.result()
    assert (result.percent, result.attempts) == (25, 1)
    assert {"q1", "q2"} < set(result.answered)
    assert "main" not in result.answered


def test_a_player_cannot_make_up_parts_without_end(
    enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    player = Player(enrolment, uploaded)
    for batch in range(4):
        parts = [f"{batch}-{at}" for at in range(100)]
        player.send([player.say("answered", part=part, **score(1, 1)) for part in parts])
    player.send(player.say("answered", part="0-0", **score(0, 1)))

    answered = player.result().answered
    assert len(answered) == MOST_PARTS
    assert answered["0-0"]["raw"] == "0.0000"


def spoilt(path: str, value: Any, statement: dict[str, Any]) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    inner = spoilt(rest, value, statement.get(first) or {}) if rest else value
    return {**statement, first: inner}


MALFORMED: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("no object", lambda s: "text", "statement"),
    ("no verb", lambda s: {**s, "verb": None}, "statement.verb"),
    ("verb no address", lambda s: {**s, "verb": {"id": "x"}}, "statement.verb.id"),
    ("id", lambda s: {**s, "id": "1"}, "statement.id"),
    (
        "object of others",
        lambda s: {**s, "object": {"id": "http://x.org/1"}},
        "statement.object.id",
    ),
    ("a result that is a list", lambda s: {**s, "result": [1]}, "statement.result"),
    (
        "raw that is text",
        lambda s: {**s, "result": {"score": {"raw": "1"}}},
        "statement.result.score.raw",
    ),
    (
        "more than all",
        lambda s: {**s, "result": {"score": {"raw": 5, "max": 4}}},
        "statement.result.score.raw",
    ),
    (
        "a share over one",
        lambda s: {**s, "result": {"score": {"scaled": 1.5}}},
        "statement.result.score.scaled",
    ),
    (
        "too large",
        lambda s: {**s, "result": {"score": {"raw": 1e300}}},
        "statement.result.score.raw",
    ),
    (
        "a whole number beyond all",
        lambda s: {**s, "result": {"score": {"raw": 10**4000}}},
        "statement.result.score.raw",
    ),
    (
        "NUL in disguise",
        lambda s: {**s, "object": {"id": f"{s['object']['id']}?subContentId=a%00b"}},
        "statement.object.id",
    ),
    ("success", lambda s: {**s, "result": {"success": "yes"}}, "statement.result.success"),
    ("duration", lambda s: {**s, "result": {"duration": "5 min"}}, "statement.result.duration"),
    ("context", lambda s: {**s, "context": "x"}, "statement.context"),
    ("NUL", lambda s: {**s, "result": {"response": "a\0b"}}, "statement.result.response"),
    # What is falsy is not nothing.
    *(
        (f"{name} that is {value!r}", partial(spoilt, name, value), f"statement.{name}")
        for name in (
            "result",
            "result.score",
            "result.extensions",
            "context",
            "context.extensions",
            "context.contextActivities",
            "object.definition",
            "object.definition.extensions",
            "object.definition.name",
            "verb.display",
        )
        for value in (0, "", [], False)
    ),
    *(
        (f"{name} that is {value!r}", partial(spoilt, name, value), f"statement.{name}{at}")
        for name, value, at in (
            ("verb.id", f"{VERBS}/voided", ""),
            ("verb.display", {"en": 5}, ".en"),
            ("object.objectType", "StatementRef", ""),
            ("object.definition.description", {"en": ["x"]}, ".en"),
            ("object.definition.type", 5, ""),
            ("object.definition.choices", {"id": "1"}, ""),
            ("object.definition.correctResponsesPattern", "1", ""),
            ("result.score.min", "0", ""),
            ("context.language", 5, ""),
            ("context.platform", {}, ""),
            ("context.contextActivities.parent", 5, ""),
            ("context.contextActivities.parent", [{"id": 5}], "[0].id"),
            ("context.contextActivities.category", {"id": "no address"}, ".id"),
        )
    ),
    ("an empty list", lambda s: [], "statements"),
    ("one of two", lambda s: [s, {**s, "id": str(uuid4()), "verb": 1}], "statements[1].verb"),
]


@pytest.mark.parametrize(("name", "spoil", "where"), MALFORMED, ids=[m[0] for m in MALFORMED])
def test_a_malformed_statement_is_400_that_says_where(
    name: str,
    spoil: Callable[[dict[str, Any]], Any],
    where: str,
    enrolment: Enrolment,
    uploaded: ActivityPage,
) -> None:
    player = Player(enrolment, uploaded)
    answer = player.send(spoil(player.say("completed", **score(1, 1))))

    assert answer.status_code == 400, answer.json()
    assert answer.json()["code"] == "malformed_statement"
    assert list(answer.json()["errors"]) == [where]
    assert H5PStatement.objects.count() == 0


@pytest.mark.parametrize(
    "name", ["id", "result", "context", "object.definition", "object.objectType", "verb.display"]
)
def test_null_stands_for_nothing(name: str, enrolment: Enrolment, uploaded: ActivityPage) -> None:
    player = Player(enrolment, uploaded)
    assert player.send(spoilt(name, None, player.say("progressed"))).status_code == 200


@pytest.mark.parametrize("body", ['{"a": NaN}', "[" * 5000 + "]" * 5000, "{", '{"id": "\\ud800"}'])
def test_unreadable_json_is_400(body: str, enrolment: Enrolment, uploaded: ActivityPage) -> None:
    player = Player(enrolment, uploaded)
    answer = player.api.post(
        f"{player.url}statements/?play={player.play}", body, content_type="application/json"
    )
    assert answer.status_code == 400


def test_only_ones_own_place_and_player_count(
    edition: Edition, enrolment: Enrolment, uploaded: ActivityPage, own: ActivityPage
) -> None:
    player = Player(enrolment, uploaded)
    said = player.say("completed", **score(1, 1))
    path = f"{player.url}statements/?play={player.play}"

    stranger = APIClient()
    assert stranger.post(path, said, format="json").status_code == 401
    stranger.force_authenticate(UserFactory.create())
    assert stranger.post(path, said, format="json").status_code == 404
    staff = APIClient()
    staff.force_authenticate(instructor(edition))
    assert staff.post(path, said, format="json").status_code in {403, 422}
    neighbour = APIClient()
    neighbour.force_authenticate(participant(edition))
    assert neighbour.post(path, said, format="json").status_code == 422
    # The player of another activity, and none of ours.
    other = f"{player.url}statements/?play={h5p.play_token(enrolment.user, own)}"
    assert player.api.post(other, said, format="json").status_code == 422
    assert player.api.post(f"{player.url}statements/", said, format="json").status_code == 422
    assert H5PStatement.objects.count() == 0


def test_answers_to_own_questions_are_marked_by_the_server(
    enrolment: Enrolment, own: ActivityPage
) -> None:
    player = Player(enrolment, own)
    wrong = player.mark("river", ["rhone"]).json()
    assert (wrong["result"]["score"], wrong["result"]["max"]) == (0, 1)
    assert wrong["result"]["solution"] is None
    player.mark("cities", h5p.RIGHT["cities"])
    assert player.status() == "begun"

    done = player.mark("river", ["seine"]).json()

    assert done["result"]["correct"] is True
    assert done["standing"] == {
        "ids": [], "percent": 100, "is_answered": True, "status": "done",
    }  # fmt: skip
    assert list(H5PStatement.objects.values_list("is_marked_here", "raw", "response")) == [
        (True, 0, "rhone"), (True, 2, "paris[,]rome"), (True, 1, "seine"),
    ]  # fmt: skip
    player.mark("river", ["rhone"])
    assert player.result().percent == 100


def test_claims_about_own_questions_are_kept_and_not_counted(
    enrolment: Enrolment, own: ActivityPage
) -> None:
    player = Player(enrolment, own)
    player.send(player.say("answered", part="river", **score(1, 1), completion=True))
    answer = player.send(player.say("completed", **score(3, 3), completion=True))

    assert answer.json()["percent"] is None
    assert answer.json()["status"] == "begun"
    assert H5PStatement.objects.count() == 2
    assert player.result().answered == {}


@pytest.mark.parametrize(
    ("question", "response"),
    [("river", ["thames"]), ("river", ["seine", "rhone"]), ("river", []), ("nile", ["a"]),
     ("river", {"a": 1}), ("river", None)],
)  # fmt: skip
def test_what_is_no_answer_is_refused(
    question: str, response: Any, enrolment: Enrolment, own: ActivityPage
) -> None:
    assert Player(enrolment, own).mark(question, response).status_code == 422
    assert H5PStatement.objects.count() == 0


def test_the_same_answer_sent_again_is_one_answer(enrolment: Enrolment, own: ActivityPage) -> None:
    player, sent = Player(enrolment, own), str(uuid4())
    first = player.mark("river", ["seine"], id=sent).json()
    assert player.mark("river", ["seine"], id=sent).json() == first
    assert H5PStatement.objects.count() == 1


def test_without_a_second_try_the_first_answer_stands(enrolment: Enrolment, lesson: Any) -> None:
    content = h5p.make_questions(behaviour={"retry": False, "solutions": True})
    player = Player(enrolment, h5p.make_interactive(lesson, h5p=content))
    first = player.mark("river", ["rhone"]).json()["result"]
    assert first["solution"] == ["seine"]

    assert player.mark("river", ["seine"]).json()["result"]["correct"] is False
    assert H5PStatement.objects.count() == 1


def test_no_answer_is_marked_without_being_kept(enrolment: Enrolment, lesson: Any) -> None:
    content = h5p.make_questions(behaviour={"retry": False, "solutions": True})
    player = Player(enrolment, h5p.make_interactive(lesson, h5p=content))
    claim, kept = player.say("attempted"), str(uuid4())
    player.send(claim)
    player.mark("cities", ["paris"], id=kept)

    # Ids that are known already, of a claim and of another question.
    for known in (claim["id"], kept):
        asked = player.mark("river", ["rhone"], id=known)
        assert (asked.status_code, asked.json()["code"]) == (409, "conflict")
        assert "seine" not in asked.content.decode()
    # The same answer sent again says the same, whatever is sent with it.
    again = player.mark("cities", ["paris", "rome"], id=kept).json()["result"]
    assert (again["score"], again["parts"]) == (1, {"paris": True})


def test_staff_try_questions_and_leave_nothing(edition: Edition, own: ActivityPage) -> None:
    staff = instructor(edition)
    api = APIClient()
    api.force_authenticate(staff)
    body = {"play": h5p.play_token(staff, own), "question": "river", "response": ["seine"]}
    answer = api.post(f"/api/v1/activities/{own.pk}/mark/", body, format="json")

    assert answer.json()["result"]["correct"] is True
    assert answer.json()["standing"] is None
    assert H5PStatement.objects.count() == H5PResult.objects.count() == 0


def test_state_is_stored_in_parts_and_comes_back(
    enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    player = Player(enrolment, uploaded)

    def save(data: Any) -> int:
        body = {"play": player.play, "data": data}
        return int(player.api.put(f"{player.url}state/", body, format="json").status_code)

    assert save({"0": {"state": '{"a":1}'}, "part": {"state": "2"}}) == 200
    assert save({"0": {"state": None}, "part": {"bookmark": "3"}}) == 200
    stored = player.api.get(f"{player.url}state/").json()["data"]
    assert stored == {"part": {"state": "2", "bookmark": "3"}}
    assert save({"0": {"state": "x" * 400_000}}) == 413
    assert save({"": {"state": "x"}}) == 422
    assert save({"0": "x"}) == 422
    assert save({"0": {"state": "a\0b"}}) == 422
    neighbour = Player(participant(enrolment.edition).enrolments.get(), uploaded)
    assert neighbour.api.get(f"{neighbour.url}state/").json()["data"] == {}
    assert H5PState.objects.count() == 1


def test_an_activity_without_interactive_content_has_none_of_this(
    enrolment: Enrolment, lesson: Any
) -> None:
    from tests.factories.modules import make_activity

    activity = make_activity(lesson)
    api = APIClient()
    api.force_authenticate(enrolment.user)
    assert api.get(f"/api/v1/activities/{activity.pk}/state/").status_code == 404
    assert api.get(f"/api/v1/activities/{activity.pk}/").json()["interactive"] is False


def test_a_reader_never_gets_the_key(enrolment: Enrolment, own: ActivityPage) -> None:
    player = Player(enrolment, own)
    frame = player.api.get(player.api.get(f"{player.url}state/").json()["frame"])
    told = frame.content.decode() + json.dumps(player.api.get(player.url).json())

    assert frame.status_code == 200
    assert '"correct": true' not in told.replace('\\"', '"')
    assert "Yes, the Seine" not in told
