"""Interactive content for tests.

author = make_editor(course)                    → somebody who writes lessons
content = make_questions(by=author, at=at)      → a content of two questions, version 1
content = make_uploaded(by=administrator, at=at, title="Tides")   → out of a small package
"""

import io
import json
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group

from h5p.questions import QuestionSet, from_data
from lms.accounts.models import User
from lms.diploma.loading.editors import set_up_groups
from modules.actions.h5p_content import create_content_from_package, create_content_from_questions
from modules.models import CoursePage, H5PContent
from tests.factories.accounts import UserFactory
from tests.h5p import making

SINGLE: dict[str, Any] = {
    "id": "paris",
    "kind": "single",
    "prompt": "<p>Which river runs through Paris?</p>",
    "options": [
        {"id": "seine", "text": "Seine", "correct": True},
        {"id": "rhone", "text": "Rhône"},
    ],
}
ORDER: dict[str, Any] = {
    "id": "north",
    "kind": "order",
    "prompt": "From north to south",
    "items": ["Oslo", "Berlin", "Rome"],
}


def question_set(title: str = "Rivers", *questions: dict[str, Any]) -> QuestionSet:
    return from_data({"title": title, "questions": list(questions or (SINGLE, ORDER))}).require()


def make_editor(*pages: CoursePage) -> User:
    set_up_groups(*pages)
    editor: User = UserFactory.create()
    editor.groups.add(Group.objects.get(name="Editors"))
    return editor


def make_questions(
    *, by: User | None, at: datetime, title: str = "Rivers", **options: Any
) -> H5PContent:
    questions = options.get("questions", ())
    return create_content_from_questions(question_set=question_set(title, *questions), by=by, at=at)


def package(title: str = "Tides", *, content: Any = None, **files: bytes) -> io.BytesIO:
    """A small sound package with two libraries; `files` replace those of the same name."""
    made = making.sound_files()
    made["h5p.json"] = making.as_json(making.h5p_json(title=title))
    if content is not None:
        made["content/content.json"] = json.dumps(content).encode()
    made |= files
    return named(made)


def named(files: making.Files, name: str = "tides.h5p") -> io.BytesIO:
    file = making.as_file(files)
    file.name = name
    return file


def make_uploaded(*, by: User, at: datetime, **options: Any) -> H5PContent:
    return create_content_from_package(file=package(**options), by=by, at=at)
