"""The chaos check in small: what it proves, and that it would see what is wrong."""

import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from assessments.models import Attempt, Submission
from lms.core import outbox
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from scripts.chaos.journal import FinishedUpload, Journal, Save
from scripts.chaos.mailbox import Letters, read_letters
from scripts.chaos.processes import Kill, Stack
from scripts.chaos.proof import prove
from scripts.chaos.run import run
from tests.factories.assessments import handed_in, project_in
from tests.factories.programme import EditionFactory, EnrolmentFactory
from tests.template_database import url_of


def told_the_truth(attempt: Attempt) -> tuple[Journal, Letters]:
    email = attempt.submitted_by.email
    texts = {section: ["", text] for section, text in attempt.sections.items()}
    journal = Journal(
        submission=attempt.submission_id,
        email=email,
        texts=texts,
        saves=[Save(section, 1) for section in texts],
        asked=True,
        receipts=[attempt.receipt, attempt.receipt],
    )
    letters = Letters()
    letters.receipts[attempt.receipt]["<one@rambla.example>"] = email
    return journal, letters


@pytest.mark.django_db
def test_the_proof_sees_each_thing_lost_or_doubled(edition: Edition) -> None:
    attempt = handed_in(edition)
    project = attempt.project

    journal, letters = told_the_truth(attempt)
    assert prove(project, [journal], letters).line == "4 acknowledged, 0 lost, 0 duplicated"

    journal, letters = told_the_truth(attempt)
    journal.texts["context"].append("<p>The last words.</p>")
    journal.saves.append(Save("context", 2))
    assert prove(project, [journal], letters).lost == [f"{journal.email}: text 2 of context"]

    # Stored again by now, but not what was handed in.
    Submission.objects.update(sections={**attempt.sections, "context": "<p>The last words.</p>"})
    handed_in_without = f"{journal.email}: text 2 of context as handed in"
    assert prove(project, [journal], letters).lost == [handed_in_without]
    Submission.objects.update(sections=attempt.sections)

    journal, letters = told_the_truth(attempt)
    journal.receipts.append("RB-2025-99999X")
    journal.uploads.append(FinishedUpload("0" * 32, "plan.pdf", "0" * 64))
    letters.receipts.clear()
    verdict = prove(project, [journal], letters)
    assert (len(verdict.lost), len(verdict.doubled), verdict.holds) == (3, 0, False)

    journal, letters = told_the_truth(attempt)
    letters.receipts[attempt.receipt]["<two@rambla.example>"] = journal.email
    letters.receipts["RB-2025-99999X"]["<three@rambla.example>"] = journal.email
    journal.asked = False
    journal.texts["context"] = [""]
    journal.saves.clear()
    verdict = prove(project, [journal], letters)
    assert len(verdict.doubled) == 5, verdict.doubled
    assert not verdict.holds


@pytest.fixture
def stack(tmp_path: Path, settings: Any) -> Iterator[Stack]:
    """gunicorn alone: its tasks run in the request, what a kill leaves of them waits."""
    mailbox = tmp_path / "mail"
    mailbox.mkdir()
    settings.EMAIL_BACKEND = "scripts.chaos.mailbox.MailboxBackend"
    settings.EMAIL_FILE_PATH = str(mailbox)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "scripts.chaos.settings",
        "RAMBLA_ENV": "test",
        "DATABASE_URL": url_of(str(connection.settings_dict["NAME"])),
        "REDIS_URL": "",
        "CHAOS_MAILBOX": str(mailbox),
        "EVIDENCE_ROOT": settings.STORAGES["evidence"]["OPTIONS"]["location"],
        "UPLOADS_ROOT": settings.UPLOADS_ROOT,
    }
    with Stack(free_port(), tmp_path, environment, workers=2, celery=False) as stack:
        yield stack


def free_port() -> int:
    """Below those given to connections going out: one of these could meet itself."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def deliver_what_is_left() -> None:
    for message in OutboxMessage.objects.filter(delivered_at=None):
        outbox.deliver(message.pk)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_or_doubled_while_workers_are_killed(stack: Stack, tmp_path: Path) -> None:
    edition = EditionFactory.create()
    places = [EnrolmentFactory.create(edition=edition) for _ in range(6)]

    outcome = run(
        project_in(edition),
        places,
        stack,
        tmp_path / "mail",
        seed=random.randrange(1_000_000),
        seconds=2.5,
        drain=deliver_what_is_left,
        kinds=[Kill.WEB_WORKER],
    )

    assert outcome.unfinished == []
    assert outcome.kills[Kill.WEB_WORKER]
    assert outcome.verdict.lost == outcome.verdict.doubled == []
    assert Attempt.objects.count() == len(read_letters(tmp_path / "mail").receipts) == 6
