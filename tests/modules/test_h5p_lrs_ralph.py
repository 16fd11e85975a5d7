"""Forwarding to a real learning record store: Ralph, in a process of its own."""

import base64
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from lms.core import outbox
from lms.core.models import OutboxMessage
from lms.programme.models import Enrolment
from modules.actions.h5p_results import mark_answer
from modules.h5p_frames import activity_iri, pseudonym
from modules.h5p_statements import read_statements
from modules.models import ActivityPage, H5PStatement, LessonPage
from tests.factories import h5p_playing as h5p
from tests.modules.test_h5p_lrs import ID, finish

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.lrs,
    pytest.mark.xdist_group("ralph"),  # one of them for all
]
KEY, SECRET = "rambla", "secret"
START_WITHIN = 60.0  # seconds; ordinarily four


class Ralph:
    """Its statements outlast it: stopped and started, it has what it had."""

    def __init__(self, folder: Path) -> None:
        self.program = Path(os.environ["RALPH"])
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/xAPI"
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            "PATH": os.environ["PATH"],
            "RALPH_APP_DIR": str(folder),
            "RALPH_RUNSERVER_BACKEND": "fs",
            "RALPH_BACKENDS__LRS__FS__DEFAULT_DIRECTORY_PATH": str(folder / "statements"),
        }
        agent = ["-N", "Rambla", "-A", KEY, "https://rambla.example"]
        subprocess.run(
            [self.program, "auth", "-u", KEY, "-p", SECRET, "-s", "all", "-t", "", *agent, "-w"],
            env=self.environment, check=True, capture_output=True, cwd=folder,
        )  # fmt: skip

    def start(self) -> None:
        script = Path(__file__).parent / "serve_ralph.py"
        self.process = subprocess.Popen(
            [self.program.parent / "python", str(script), str(self.port)],
            env=self.environment,
            cwd=self.folder,
        )
        give_up = time.monotonic() + START_WITHIN
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/__heartbeat__")
            except OSError:
                time.sleep(0.1)
            else:
                return
        self.stop()
        raise RuntimeError("Ralph does not answer.")

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def statements(self, query: str = "") -> list[dict[str, Any]]:
        key = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        request = urllib.request.Request(
            f"{self.url}/statements{query}",
            headers={"Authorization": f"Basic {key}", "X-Experience-API-Version": "1.0.3"},
        )
        with urllib.request.urlopen(request) as answer:
            return list(json.load(answer)["statements"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ralph]:
    ralph = Ralph(tmp_path_factory.mktemp("ralph"))
    ralph.start()
    yield ralph
    ralph.stop()


@pytest.fixture
def ralph(running: Ralph, settings: LazySettings) -> Ralph:
    kept = running.folder / "statements" / "fs_lrs.jsonl"
    kept.unlink(missing_ok=True)
    if running.process is None:
        running.start()
    settings.H5P_LRS_URL = running.url
    settings.H5P_LRS_KEY, settings.H5P_LRS_SECRET = KEY, SECRET
    return running


@pytest.fixture
def uploaded(lesson: LessonPage) -> ActivityPage:
    return h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))


def message() -> OutboxMessage:
    return OutboxMessage.objects.get(task="modules.tasks.forward_h5p_statements")


def test_ralph_takes_what_we_send_under_a_pseudonym(
    ralph: Ralph, enrolment: Enrolment, lesson: LessonPage, uploaded: ActivityPage
) -> None:
    person = enrolment.user
    finish(enrolment, uploaded)
    asked = h5p.make_interactive(lesson)
    mark_answer(
        enrolment=enrolment, activity=asked, play=h5p.play_of(enrolment, asked),
        question="cities", response=["paris", "rome"], by=person, at=h5p.AT,
    )  # fmt: skip

    (kept,) = ralph.statements(f"?statementId={ID}")
    assert kept["actor"]["account"]["name"] == pseudonym(person.pk)
    assert kept["timestamp"] == h5p.AT.isoformat()
    assert kept["result"] == {"completion": True, "score": {"raw": 1, "max": 2}}
    assert kept["object"]["id"] == activity_iri(uploaded.pk)
    everything = ralph.statements()
    assert len(everything) == H5PStatement.objects.count() == 2
    told = json.dumps(everything)
    for secret in (person.email, str(person), "teacher@example.org", str(enrolment.city)):
        assert secret not in told


def test_ralph_finds_statements_by_their_pseudonym(
    ralph: Ralph, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    finish(enrolment, uploaded)
    (kept,) = ralph.statements()
    by_agent = urllib.request.quote(json.dumps(kept["actor"]), safe="")
    assert [each["id"] for each in ralph.statements(f"?agent={by_agent}")] == [ID]
    stranger = {"objectType": "Agent", "account": {**kept["actor"]["account"], "name": "other"}}
    by_stranger = urllib.request.quote(json.dumps(stranger), safe="")
    assert ralph.statements(f"?agent={by_stranger}") == []


def test_what_ralph_missed_while_it_was_down_it_gets_later_and_once(
    ralph: Ralph, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    ralph.stop()
    finish(enrolment, uploaded)
    assert message().delivered_at is None
    assert "did not answer" in message().last_error

    ralph.start()
    assert outbox.deliver(message().pk)
    # The answer was lost: the same again, then with one that it has not.
    OutboxMessage.objects.filter(pk=message().pk).update(delivered_at=None)
    assert outbox.deliver(message().pk)
    assert [each["id"] for each in ralph.statements()] == [ID]


def test_a_batch_of_which_ralph_has_a_part_is_completed(
    ralph: Ralph, enrolment: Enrolment, uploaded: ActivityPage
) -> None:
    from modules import h5p_lrs
    from modules.actions.h5p_results import record_statements

    iri = activity_iri(uploaded.pk)
    second = {
        "id": "0198c1de-5f3e-7000-8000-000000000002",
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered"}},
        "object": {
            "id": f"{iri}?subContentId=river",
            "objectType": "Activity",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
                "interactionType": "choice",
                "name": {"en-US": "A river"},
                "choices": [{"id": "0", "description": {"en-US": "Seine\n"}}],
                "correctResponsesPattern": ["0"],
                "extensions": {"http://h5p.org/x-api/h5p-local-content-id": 1},
            },
        },
        "result": {
            "response": "0", "duration": "PT4.31S", "completion": True, "success": True,
            "score": {"min": 0, "max": 1, "raw": 1, "scaled": 1},
        },
        "context": {
            "contextActivities": {
                "parent": [{"id": iri, "objectType": "Activity"}],
                "category": [
                    {"id": "http://h5p.org/libraries/H5P.MultiChoice-1.16",
                     "objectType": "Activity"}
                ],
            },
            "extensions": {"http://id.tincanapi.com/extension/ending-point": "PT3S"},
        },
    }  # fmt: skip
    finish(enrolment, uploaded)
    record_statements(
        enrolment=enrolment, activity=uploaded, play=h5p.play_of(enrolment, uploaded),
        statements=read_statements(second, iri), by=enrolment.user, at=h5p.AT,
    )  # fmt: skip
    rows = list(H5PStatement.objects.order_by("pk"))
    ralph.stop()
    kept = ralph.folder / "statements" / "fs_lrs.jsonl"
    kept.write_text(kept.read_text().splitlines()[0] + "\n")
    ralph.start()
    assert len(ralph.statements()) == 1

    h5p_lrs.send(rows)

    assert {each["id"] for each in ralph.statements()} == {ID, second["id"]}
    (whole,) = ralph.statements(f"?statementId={second['id']}")
    assert whole["result"]["duration"] == "PT4.31S"
    assert whole["object"]["definition"]["interactionType"] == "choice"
