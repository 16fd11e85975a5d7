"""Who may do what to interactive content, at the action itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from lms.accounts.models import User
from lms.core.errors import PermissionDenied
from lms.programme.models import Edition
from modules.actions.h5p_archive import archive_content, bring_back_content
from modules.actions.h5p_content import (
    create_content,
    create_content_from_questions,
    replace_content,
    restore_version,
    save_texts,
    update_questions,
)
from modules.actions.h5p_libraries import install_libraries
from modules.actions.h5p_packages import prepare_package
from modules.models import H5PContent, H5PLibrary, H5PVersion
from tests.factories.accounts import UserFactory
from tests.factories.h5p import make_questions, make_uploaded, package, question_set
from tests.factories.programme import coordinator, instructor, participant

pytestmark = pytest.mark.django_db

SCRIPT: dict[str, Any] = {"Test.Main-1.2/js/main.js": b"var H5P = H5P || {two: 2};"}
AUTHORING = {
    "read a package",
    "add what is installed",
    "replace",
    "write questions",
    "change questions",
    "edit texts",
    "restore",
    "archive",
    "bring back",
}
INSTALLING = {"add with libraries", "install libraries"}
MAY = {
    "administrator": AUTHORING | INSTALLING,
    "editor": AUTHORING,
    "instructor": set(),
    "coordinator": set(),
    "participant": set(),
    "somebody": set(),
    "anonymous": set(),
}


@pytest.mark.parametrize("role", MAY)
def test_each_role_does_what_it_may(
    role: str, edition: Edition, editor: User, administrator: User, at: datetime
) -> None:
    people: dict[str, Callable[[], Any]] = {
        "administrator": lambda: administrator,
        "editor": lambda: editor,
        "instructor": lambda: instructor(edition),
        "coordinator": lambda: coordinator(edition),
        "participant": lambda: participant(edition),
        "somebody": UserFactory.create,
        "anonymous": AnonymousUser,
    }
    by = people[role]()
    uploaded, written = make_uploaded(by=administrator, at=at), make_questions(by=None, at=at)
    first = uploaded.versions.get()
    known = prepare_package(file=package("Ebb"), by=administrator, at=at)
    brings = prepare_package(file=package("Flood", **SCRIPT), by=administrator, at=at)
    also = prepare_package(
        file=package("Spring", **SCRIPT | {"Test.Part-1.0/js/part.js": b"var a = 1;"}),
        by=administrator,
        at=at,
    )
    acts: dict[str, Callable[[], Any]] = {
        "read a package": lambda: prepare_package(file=package("x"), by=by, at=at),
        "add what is installed": lambda: create_content(prepared=known, by=by, at=at),
        "add with libraries": lambda: create_content(prepared=brings, by=by, at=at),
        "install libraries": lambda: install_libraries(prepared=also, by=by, at=at),
        "replace": lambda: replace_content(
            content=uploaded, prepared=known, base_version=1, by=by, at=at
        ),
        "write questions": lambda: create_content_from_questions(
            question_set=question_set(), by=by, at=at
        ),
        "change questions": lambda: update_questions(
            content=written, question_set=question_set("New"), base_version=1, by=by, at=at
        ),
        "edit texts": lambda: save_texts(
            content=uploaded, parameters={}, title="Other", base_version=2, by=by, at=at
        ),
        "restore": lambda: restore_version(version=first, base_version=3, by=by, at=at),
        "archive": lambda: archive_content(content=written, by=by, at=at),
        "bring back": lambda: bring_back_content(content=written, by=by, at=at),
    }
    rows = (H5PContent, H5PVersion, H5PLibrary)
    before = [model.objects.count() for model in rows]

    done = set()
    for name, act in acts.items():
        try:
            act()
        except PermissionDenied:
            continue
        done.add(name)

    assert done == MAY[role]
    if not done:
        assert [model.objects.count() for model in rows] == before


def test_what_an_administrator_reviewed_installs_nothing_for_an_editor(
    editor: User, administrator: User, at: datetime
) -> None:
    prepared = prepare_package(file=package(), by=administrator, at=at)
    for act in (create_content, install_libraries):
        with pytest.raises(PermissionDenied):
            act(prepared=prepared, by=editor, at=at)
    assert not H5PLibrary.objects.exists()
    assert not H5PContent.objects.exists()
