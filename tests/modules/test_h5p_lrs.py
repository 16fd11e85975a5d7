"""Forwarding to a learning record store: a small one that keeps the rules of the standard."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import LazySettings

from lms.core import outbox
from lms.core.models import OutboxMessage
from lms.programme.models import Enrolment
from modules.actions.h5p_results import mark_answer, record_statements
from modules.h5p_frames import activity_iri, pseudonym
from modules.h5p_statements import read_statements
from modules.models import ActivityPage, H5PStatement, LessonPage
from tests.factories import h5p_playing as h5p

pytestmark = pytest.mark.django_db(transaction=True)
ID = "0198c1de-5f3e-7000-8000-000000000001"


class Handler(BaseHTTPRequestHandler):
    store: "Store"

    def do_POST(self) -> None:
        sent = self.read()
        if sent is None:
            return
        if any(map(self.is_refused, sent)):
            self.answer(400)
            return
        if any(each["id"] in self.store.statements for each in sent):
            self.answer(409)
            return
        self.store.statements |= {each["id"]: each for each in sent}
        self.answer(200, [each["id"] for each in sent])

    def do_PUT(self) -> None:
        sent = self.read()
        if sent is None:
            return
        (id_,) = parse_qs(urlsplit(self.path).query)["statementId"]
        if id_ != sent["id"] or self.is_refused(sent):
            self.answer(400)
            return
        same = self.store.statements.setdefault(id_, sent) == sent
        self.answer(204 if same else 409)

    def is_refused(self, sent: Any) -> bool:
        return sent["id"] == self.store.refuses

    def read(self) -> Any:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.store.asked.append(self.command)
        if self.store.is_down:
            self.answer(503)
        elif self.headers["Authorization"] != "Basic a2V5OnNlY3JldA==":
            self.answer(401)
        elif self.headers["X-Experience-API-Version"] != "1.0.3":
            self.answer(400)
        else:
            return json.loads(body)
        return None

    def answer(self, status: int, body: Any = None) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        pass


class Store:
    """The statements resource of xAPI 1.0.3: POST takes all or none, the same id with the
    same statement is a success with PUT and a conflict with POST."""

    def __init__(self) -> None:
        self.statements: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.is_down = False
        self.refuses = ""
        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("OwnHandler", (Handler,), {"store": self})
        )
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def store(settings: LazySettings) -> Iterator[Store]:
    store = Store()
    settings.H5P_LRS_URL = f"http://127.0.0.1:{store.server.server_address[1]}/xapi"
    settings.H5P_LRS_KEY, settings.H5P_LRS_SECRET = "key", "secret"
    yield store
    store.server.shutdown()
    store.server.server_close()


@pytest.fixture
def uploaded(lesson: LessonPage) -> ActivityPage:
    return h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))


def finish(enrolment: Enrolment, activity: ActivityPage, id_: str = ID) -> None:
    iri = activity_iri(activity.pk)
    said = {
        "id": id_,
        "actor": {"mbox": f"mailto:{enrolment.user.email}", "name": str(enrolment.user)},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": iri},
        "result": {"completion": True, "score": {"raw": 1, "max": 2}},
        "context": {"instructor": {"mbox": "mailto:teacher@example.org"}},
    }
    record_statements(
        enrolment=enrolment, activity=activity, play=h5p.play_of(enrolment, activity),
        statements=read_statements(said, iri), by=enrolment.user, at=h5p.AT,
    )  # fmt: skip


def test_a_statement_is_forwarded_under_a_pseudonym(
    store: Store, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    finish(enrolment, uploaded)

    sent = store.statements[ID]
    person = enrolment.user
    assert sent["actor"]["account"]["name"] == pseudonym(person.pk)
    assert sent["timestamp"] == h5p.AT.isoformat()
    assert sent["context"]["registration"] == str(H5PStatement.objects.get().registration)
    told = json.dumps(sent)
    for secret in (person.email, str(person), "teacher@example.org", str(enrolment.city)):
        assert secret not in told


def test_a_store_that_is_away_gets_it_later_and_once(
    store: Store, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    store.is_down = True
    finish(enrolment, uploaded)
    message = OutboxMessage.objects.get(task="modules.tasks.forward_h5p_statements")
    assert message.delivered_at is None
    assert "503" in message.last_error

    store.is_down = False
    assert outbox.deliver(message.pk)
    assert outbox.deliver(message.pk)

    assert list(store.statements) == [ID]
    assert store.asked == ["POST", "POST"]


def test_what_the_store_has_already_is_no_failure(
    store: Store, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    finish(enrolment, uploaded)
    (message,) = OutboxMessage.objects.filter(task="modules.tasks.forward_h5p_statements")
    # The answer of the first delivery was lost.
    OutboxMessage.objects.filter(pk=message.pk).update(delivered_at=None)

    assert outbox.deliver(message.pk)

    assert store.asked == ["POST", "POST", "PUT"]


def test_one_that_the_store_refuses_keeps_none_of_the_others_back(
    store: Store, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    iri = activity_iri(uploaded.pk)
    ids = [f"{ID[:-1]}{number}" for number in range(1, 4)]
    store.refuses = ids[1]
    said = [
        {"id": id_, "verb": {"id": "http://adlnet.gov/expapi/verbs/progressed"},
         "object": {"id": iri}} for id_ in ids
    ]  # fmt: skip
    record_statements(
        enrolment=enrolment, activity=uploaded, play=h5p.play_of(enrolment, uploaded),
        statements=read_statements(said, iri), by=enrolment.user, at=h5p.AT,
    )  # fmt: skip

    assert list(store.statements) == [ids[0], ids[2]]
    message = OutboxMessage.objects.get(task="modules.tasks.forward_h5p_statements")
    assert message.delivered_at is None
    assert ids[1] in message.last_error
    assert not outbox.deliver(message.pk)

    store.refuses = ""
    assert outbox.deliver(message.pk)
    assert sorted(store.statements) == ids


def test_marks_of_the_server_are_forwarded_and_not_the_browsers_claims(
    store: Store, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = h5p.make_interactive(lesson)
    play = h5p.play_of(enrolment, activity)
    mark_answer(
        enrolment=enrolment, activity=activity, play=play, question="river",
        response=["seine"], by=enrolment.user, at=h5p.AT,
    )  # fmt: skip
    iri = activity_iri(activity.pk)
    claim = {
        "id": ID,
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": f"{iri}?subContentId=river"},
        "result": {"score": {"raw": 1, "max": 1}},
    }
    record_statements(
        enrolment=enrolment, activity=activity, play=play,
        statements=read_statements(claim, iri), by=enrolment.user, at=h5p.AT,
    )  # fmt: skip

    (sent,) = store.statements.values()
    assert sent["id"] != ID
    assert sent["result"]["score"]["raw"] == 1


def test_without_a_store_nothing_is_queued(enrolment: Enrolment, uploaded: ActivityPage) -> None:
    finish(enrolment, uploaded)
    assert not OutboxMessage.objects.filter(task__contains="forward").exists()
