"""`Idempotency-Key`: a program that got no answer asks again, and nothing happens twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from assessments.models import DeadlineSubmission, Submission
from lms.accounts.actions.answers import KEPT_FOR, forget_answers
from lms.accounts.models import KeptAnswer, MailChoice, User
from lms.core import clock
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from tests.factories.assessments import pdf_upload, start, write
from tests.factories.programme import EditionFactory
from tests.factories.teams import allow_teams, mates, team
from tests.races import at_once

SignIn = Callable[[User], APIClient]
KEY = {"Idempotency-Key": "a-key-of-mine-1"}
OTHER = {"Idempotency-Key": "a-key-of-mine-2"}


def wish(submission: Submission) -> str:
    return f"/api/v1/projects/{submission.pk}/submit-at-deadline/"


def draft(submission: Submission) -> str:
    return f"/api/v1/projects/{submission.pk}/draft/"


def test_a_repetition_is_answered_as_the_first_and_changes_nothing(
    edition: Edition, as_: SignIn
) -> None:
    submission = start(edition)
    api = as_(submission.owner.user)
    body = {"base_version": 0, "values": {"context": "Ours."}}

    first = api.put(draft(submission), body, headers=KEY)
    # The project goes on meanwhile.
    api.put(draft(submission), {"base_version": 1, "values": {"context": "Later."}})
    again = api.put(draft(submission), body, headers=KEY)

    assert (first.status_code, first.get("Idempotent-Replayed")) == (200, None)
    assert (again.status_code, again["Idempotent-Replayed"]) == (200, "true")
    assert (again.content, again["Content-Type"]) == (first.content, first["Content-Type"])
    submission.refresh_from_db()
    assert (submission.version, submission.sections["context"]) == (2, "<p>Later.</p>")


def test_a_saved_draft_whose_answer_was_lost_is_no_conflict_with_oneself(
    edition: Edition, as_: SignIn
) -> None:
    submission = start(edition)
    api = as_(submission.owner.user)
    body = {"base_version": 0, "values": {"context": "Ours."}}

    versions = [api.put(draft(submission), body, headers=KEY).data["version"] for _ in range(3)]

    assert versions == [1, 1, 1]
    assert api.put(draft(submission), body).status_code == 409


def test_an_answer_without_a_body_is_repeated_too(edition: Edition, as_: SignIn) -> None:
    allow_teams(edition)
    submission = team(edition)
    leaver = mates(submission)[1]
    api = as_(leaver.user)
    leave = f"/api/v1/projects/{submission.pk}/leave/"

    first, again = (api.post(leave, {}, headers=KEY) for _ in range(2))

    assert (first.status_code, first.content) == (204, b"")
    assert (again.status_code, again.content) == (204, b"")
    assert again["Idempotent-Replayed"] == "true"
    assert api.post(leave, {}).status_code == 404


@pytest.mark.parametrize("change", ["body", "address", "method"])
def test_another_request_under_the_same_key_is_refused(
    edition: Edition, as_: SignIn, change: str
) -> None:
    submission = write(start(edition))
    api = as_(submission.owner.user)
    mails = {"kind": "texts", "cadence": "daily"}
    assert api.post("/api/v1/me/mails/", mails, headers=KEY).status_code == 200
    others: dict[str, Callable[[], Any]] = {
        "body": lambda: api.post("/api/v1/me/mails/", {**mails, "cadence": "off"}, headers=KEY),
        "address": lambda: api.post(wish(submission), {}, headers=KEY),
        "method": lambda: api.put(
            draft(submission), {"base_version": 1, "values": {}}, headers=KEY
        ),
    }

    refused = others[change]()

    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_used")
    assert MailChoice.objects.get().cadence == "daily"
    assert not DeadlineSubmission.objects.exists()


def test_a_key_is_its_person_s_alone(edition: Edition, as_: SignIn) -> None:
    body = {"kind": "texts", "cadence": "daily"}
    people = [start(edition).owner.user for _ in range(2)]

    answers = [as_(user).post("/api/v1/me/mails/", body, headers=KEY) for user in people]

    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, None]
    assert MailChoice.objects.count() == 2
    assert KeptAnswer.objects.count() == 2


def test_a_refusal_is_not_kept(edition: Edition, as_: SignIn) -> None:
    """What stood against it may be gone: the same request is tried anew."""
    submission = start(edition)
    api = as_(submission.owner.user)
    body = {"base_version": 1, "values": {"context": "Ours."}}

    assert api.put(draft(submission), body, headers=KEY).status_code == 409
    assert not KeptAnswer.objects.exists()
    api.put(draft(submission), {"base_version": 0, "values": {"notes": "First."}})
    done = api.put(draft(submission), body, headers=KEY)

    assert (done.status_code, done.data["version"]) == (200, 2)
    assert "Idempotent-Replayed" not in done


@pytest.mark.parametrize("key", ["", "short", "x" * 81, "with a space", "ключ-ключ-ключ"])
def test_a_key_that_is_none_is_refused(edition: Edition, as_: SignIn, key: str) -> None:
    api = as_(start(edition).owner.user)
    body = {"kind": "texts", "cadence": "daily"}
    answer = api.post("/api/v1/me/mails/", body, headers={"Idempotency-Key": key})
    assert (answer.status_code, [*answer.json()["errors"]]) == (422, ["idempotency_key"])
    assert not MailChoice.objects.exists()


@pytest.mark.parametrize(
    ("method", "address"),
    [("post", "/api/v1/editions/"), ("put", "/api/v1/me/mails/"), ("post", "checklist")],
)
def test_a_key_makes_no_method_of_what_is_none(
    edition: Edition, as_: SignIn, method: str, address: str
) -> None:
    submission = start(edition)
    if address == "checklist":
        address = f"/api/v1/projects/{submission.pk}/checklist/"
    answer = getattr(as_(submission.owner.user), method)(address, {}, headers=KEY)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert not KeptAnswer.objects.exists()


def test_files_take_no_key_and_nothing_is_stored(edition: Edition, as_: SignIn) -> None:
    submission = start(edition)
    body = {"project": submission.pk, "file": pdf_upload("a.pdf")}
    api = as_(submission.owner.user)
    refused = api.post("/api/v1/files/", body, format="multipart", headers=KEY)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_not_taken")
    assert not submission.files.exists()


def test_an_answer_is_kept_for_a_day(edition: Edition, as_: SignIn) -> None:
    submission = start(edition)
    api = as_(submission.owner.user)
    body = {"base_version": 0, "values": {"context": "Ours."}}
    api.put(draft(submission), body, headers=KEY)

    now = clock.now()
    assert forget_answers(by=None, at=now + KEPT_FOR - timedelta(minutes=1)) == 0
    assert api.put(draft(submission), body, headers=KEY).status_code == 200
    assert forget_answers(by=None, at=now + KEPT_FOR + timedelta(minutes=1)) == 1
    assert api.put(draft(submission), body, headers=KEY).status_code == 409


def refuse_answers() -> None:
    """The database takes a key and then not its answer."""
    statements = {
        "sqlite": [
            (
                "CREATE TRIGGER no_answers BEFORE UPDATE ON accounts_keptanswer "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
        ],
        "postgresql": [
            (
                "CREATE FUNCTION no_answers() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$"
            ),
            (
                "CREATE TRIGGER no_answers BEFORE UPDATE ON accounts_keptanswer "
                "FOR EACH ROW EXECUTE FUNCTION no_answers()"
            ),
        ],
    }
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)


def test_what_was_changed_and_its_answer_are_kept_together_or_not_at_all(
    edition: Edition, as_: SignIn
) -> None:
    submission = start(edition)
    api = as_(submission.owner.user)
    body = {"base_version": 0, "values": {"context": "Ours."}}
    events = AuditEvent.objects.count()
    refuse_answers()

    with pytest.raises(DatabaseError, match="the disk is full"):
        api.put(draft(submission), body, headers=KEY)

    submission.refresh_from_db()
    assert (submission.version, submission.sections) == (0, {})
    assert (KeptAnswer.objects.count(), AuditEvent.objects.count()) == (0, events)


def test_a_key_costs_two_queries_and_none_nothing(edition: Edition, as_: SignIn) -> None:
    submission = write(start(edition))
    api = as_(submission.owner.user)

    def asked(version: int, headers: dict[str, str]) -> list[str]:
        body = {"base_version": version, "values": {"context": f"Text {version}."}}
        with CaptureQueriesContext(connection) as queries:
            assert api.put(draft(submission), body, headers=headers).status_code == 200
        return [
            query["sql"]
            for query in queries
            if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
        ]

    asked(1, {})  # begins a sitting
    without, with_key, again = asked(2, {}), asked(3, KEY), asked(3, KEY)

    assert not [sql for sql in without if "keptanswer" in sql]
    assert [sql.split()[0] for sql in with_key if "keptanswer" in sql] == ["INSERT", "UPDATE"]
    assert len(with_key) == len(without) + 2
    kept = [sql for sql in again if not sql.startswith("ROLLBACK")]
    assert [sql.split()[0] for sql in kept] == ["INSERT", "SELECT"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_with_one_key_one_works_and_both_are_answered() -> None:
    submission = start(EditionFactory.create())
    body = {"base_version": 0, "values": {"context": "Ours."}}

    def send() -> Any:
        api = APIClient()
        api.force_authenticate(User.objects.get(pk=submission.owner.user_id))
        return api.put(draft(submission), body, headers=KEY)

    answers = at_once(*[send] * 6)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    replayed = sorted(answer.get("Idempotent-Replayed", "") for answer in answers)
    assert replayed == ["", *["true"] * 5]
    submission.refresh_from_db()
    assert (submission.version, KeptAnswer.objects.count()) == (1, 1)
    assert AuditEvent.objects.filter(verb="project.saved").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_refused_request_does_the_work() -> None:
    """Two requests with one key of which the first to come is refused in the end."""
    submission = start(EditionFactory.create())
    body = {"base_version": 1, "values": {"context": "Ours."}}

    def send(body: dict[str, Any], headers: dict[str, str]) -> Any:
        api = APIClient()
        api.force_authenticate(User.objects.get(pk=submission.owner.user_id))
        return api.put(draft(submission), body, headers=headers)

    answers = at_once(
        lambda: send(body, KEY),
        lambda: send(body, KEY),
        lambda: send({"base_version": 0, "values": {"notes": "First."}}, OTHER),
    )

    codes = [answer.status_code for answer in answers]
    assert codes[2] == 200
    assert codes[:2] in ([409, 409], [409, 200], [200, 409], [200, 200])
    submission.refresh_from_db()
    kept = KeptAnswer.objects.filter(key=KEY["Idempotency-Key"]).count()
    assert (submission.version, kept) == ((2, 1) if 200 in codes[:2] else (1, 0))
