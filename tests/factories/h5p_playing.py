"""Interactive contents to be played.

content = make_questions()                      → H5PContent of our own type, two questions
activity = make_interactive(lesson)             → ActivityPage that plays it
content = upload(package("function () {…}"))    → H5PContent of an uploaded package
"""

import base64
import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

from h5p.questions import from_data
from lms.accounts.models import User
from lms.programme.models import Enrolment
from modules.actions.h5p_content import create_content_from_package, create_content_from_questions
from modules.actions.h5p_results import record_statements
from modules.h5p_frames import Play, activity_iri, read_play, sign_play
from modules.h5p_statements import read_statements
from modules.models import ActivityPage, H5PContent, LessonPage
from tests.factories.accounts import AdministratorFactory
from tests.factories.modules import WORDS, make_activity, played

AT = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)
QUESTIONS: dict[str, Any] = {
    "title": "Two questions",
    "language": "en",
    "behaviour": {"retry": True, "solutions": True, "shuffle": False, "pass": 50},
    "questions": [
        {
            "id": "river",
            "kind": "single",
            "prompt": "<p>Which river flows through Paris?</p>",
            "points": 1,
            "feedback": {"right": "<p>Yes, the Seine.</p>", "wrong": "<p>Look at a map.</p>"},
            "options": [
                {"id": "seine", "text": "Seine", "correct": True},
                {"id": "rhone", "text": "Rhône", "correct": False},
            ],
        },
        {
            "id": "cities",
            "kind": "multiple",
            "prompt": "<p>Which are capitals?</p>",
            "points": 2,
            "options": [
                {"id": "paris", "text": "Paris", "correct": True},
                {"id": "lyon", "text": "Lyon", "correct": False},
                {"id": "rome", "text": "Rome", "correct": True},
            ],
        },
    ],
}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
RIGHT: dict[str, list[str]] = {"river": ["seine"], "cities": ["paris", "rome"]}


def make_questions(**changes: Any) -> H5PContent:
    question_set = from_data({**QUESTIONS, **changes}).require()
    return create_content_from_questions(
        question_set=question_set, by=AdministratorFactory.create(), at=AT
    )


def make_interactive(
    lesson: LessonPage, rule: str = "answered", h5p: H5PContent | None = None, **fields: Any
) -> ActivityPage:
    """Played to be done: without questions of the page itself."""
    body = [*WORDS, played(h5p or make_questions())]
    return make_activity(lesson, rule=rule, questions=[], **{"body": body, **fields})


def upload(package: bytes, by: User | None = None) -> H5PContent:
    """Installed and made by an administrator."""
    file = io.BytesIO(package)
    file.name = "package.h5p"
    return create_content_from_package(file=file, by=by or AdministratorFactory.create(), at=AT)


def record_answer(enrolment: Enrolment, activity: ActivityPage, play: Play, part: str) -> None:
    """A right answer to a part of an uploaded content, as its player says it."""
    iri = activity_iri(activity.pk)
    said = {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": f"{iri}?subContentId={part}"},
        "result": {"response": part, "score": {"raw": 1, "max": 1}},
    }
    record_statements(
        enrolment=enrolment, activity=activity, play=play,
        statements=read_statements(said, iri), by=enrolment.user, at=AT,
    )  # fmt: skip


def play_of(enrolment: Enrolment, activity: ActivityPage) -> Play:
    play = read_play(play_token(enrolment.user, activity), 60)
    assert play is not None
    return play


def play_token(user: User, activity: ActivityPage) -> str:
    assert activity.h5p is not None
    version_id = activity.h5p.current_id
    assert version_id is not None
    return sign_play(user, version_id, activity.pk, "http://testserver")


def package(script: str, name: str = "Test.Player", **files: bytes) -> bytes:
    """An .h5p whose one library is this script; it registers itself as H5P asks."""
    folder = f"{name}-1.0"
    namespace, _, last = name.partition(".")
    library = {
        "title": name, "machineName": name, "majorVersion": 1, "minorVersion": 0,
        "patchVersion": 0, "runnable": 1, "preloadedJs": [{"path": "script.js"}],
    }  # fmt: skip
    manifest = {
        "title": "A package", "language": "und", "mainLibrary": name, "embedTypes": ["iframe"],
        "license": "U",
        "preloadedDependencies": [{"machineName": name, "majorVersion": 1, "minorVersion": 0}],
    }  # fmt: skip
    code = (
        f"window.{namespace} = window.{namespace} || {{}};\n{namespace}.{last} = {script};\n"
        f"{namespace}.{last}.prototype = Object.create(H5P.EventDispatcher.prototype);\n"
    )
    entries = {
        "h5p.json": json.dumps(manifest).encode(),
        "content/content.json": b'{"text": "x"}',
        f"{folder}/library.json": json.dumps(library).encode(),
        f"{folder}/semantics.json": b'[{"name": "text", "type": "text", "label": "Text"}]',
        f"{folder}/script.js": code.encode(),
        **files,
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in entries.items():
            archive.writestr(path, data)
    return written.getvalue()
