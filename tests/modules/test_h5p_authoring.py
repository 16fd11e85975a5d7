"""Interactive content through the actions: who may, what is refused, what stays."""

import io
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.db.utils import DatabaseError

from h5p.limits import Limits
from h5p.package import read_package
from h5p.questions.packing import read_questions
from lms.accounts.models import User
from lms.core.errors import Conflict, InvalidInput, PermissionDenied, StaleVersion
from lms.core.models import AuditEvent
from modules.actions import h5p_content, h5p_libraries
from modules.actions.h5p_content import (
    create_content_from_package,
    create_content_from_questions,
    replace_with_package,
    restore_version,
    save_texts,
    update_questions,
)
from modules.actions.h5p_libraries import PackageRefused, install_package
from modules.h5p_uploads import forget_upload, keep_upload, open_upload
from modules.models import Course, CoursePage, H5PContent, H5PLibrary, H5PVersion, LessonPage
from modules.selectors.h5p_library import package_of, places_of
from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.h5p import (
    ORDER,
    SINGLE,
    make_editor,
    make_questions,
    make_uploaded,
    named,
    package,
    question_set,
)
from tests.factories.modules import change, make_activity
from tests.h5p import making

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(course: CoursePage) -> User:
    return make_editor(course)


@pytest.fixture
def administrator() -> User:
    administrator: User = AdministratorFactory.create()
    return administrator


@pytest.fixture(autouse=True)
def nothing_waits() -> None:
    """The store outlives a test; its database does not."""
    shutil.rmtree(Path(cast(Any, storages["h5p"]).location) / "uploads", ignore_errors=True)


def nothing_is_stored() -> bool:
    return not (
        H5PContent.objects.exists() or H5PVersion.objects.exists() or H5PLibrary.objects.exists()
    )


def waiting_uploads() -> list[str]:
    try:
        return storages["h5p"].listdir("uploads")[1]
    except FileNotFoundError:
        return []


# --- Who may -------------------------------------------------------------------------


def test_an_administrator_installs_what_a_package_brings(administrator: User, at: datetime) -> None:
    content = create_content_from_package(file=package(), by=administrator, at=at)

    assert content.title == "Tides"
    assert content.origin == "uploaded"
    version = content.current
    assert version is not None
    assert (version.number, version.created_by) == (1, administrator)
    assert version.main_library.machine_name == "Test.Main"
    assert {str(library.name) for library in H5PLibrary.objects.all()} == {
        "Test.Main 1.2.4",
        "Test.Part 1.0.4",
    }
    assert version.parameters == {"title": "Tides", "text": "<p>Why?</p>"} | {
        name: value for name, value in version.parameters.items() if name not in {"title", "text"}
    }
    assert sorted(version.files) == ["images/moon.png"]
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == [
        "h5p.library_installed",
        "h5p.library_installed",
        "h5p.content_created",
        "h5p.version_added",
    ]


def test_an_editor_uploads_content_for_installed_libraries_only(
    editor: User, administrator: User, at: datetime
) -> None:
    with pytest.raises(PackageRefused) as refused:
        create_content_from_package(file=package(), by=editor, at=at)
    assert [(p.code, p.path) for p in refused.value.problems] == [
        ("missing-library", "Test.Main 1.2")
    ]
    assert nothing_is_stored()

    create_content_from_package(file=package(), by=administrator, at=at)
    content = create_content_from_package(file=package("Ebb"), by=editor, at=at)

    assert content.title == "Ebb"
    assert H5PLibrary.objects.count() == 2


def test_an_editors_package_never_brings_a_changed_library(
    editor: User, administrator: User, at: datetime
) -> None:
    """Same name and version, other script: it is played with what is installed."""
    first = make_uploaded(by=administrator, at=at)
    assert first.current is not None

    changed = package("Evil", **{"Test.Main-1.2/js/main.js": b"var H5P = {evil: 1};"})
    content = create_content_from_package(file=changed, by=editor, at=at)

    assert content.current is not None
    assert content.current.main_library == first.current.main_library
    assert H5PLibrary.objects.count() == 2


def test_an_administrators_changed_library_leaves_older_content_alone(
    administrator: User, at: datetime
) -> None:
    first = make_uploaded(by=administrator, at=at)
    changed = package("Second", **{"Test.Main-1.2/js/main.js": b"var H5P = H5P || {two: 2};"})
    second = create_content_from_package(file=changed, by=administrator, at=at)

    assert first.current is not None
    assert second.current is not None
    assert second.current.main_library != first.current.main_library
    first.current.refresh_from_db()
    assert first.current.pins["Test.Main 1.2"] != second.current.pins["Test.Main 1.2"]


def test_only_administrators_install_libraries(
    editor: User, administrator: User, at: datetime
) -> None:
    with pytest.raises(PermissionDenied):
        install_package(file=package(), by=editor, at=at)
    assert nothing_is_stored()

    assert len(install_package(file=package(), by=administrator, at=at)) == 2
    assert install_package(file=package(), by=administrator, at=at) == ()


def test_others_neither_upload_nor_write(at: datetime, administrator: User) -> None:
    outsider = UserFactory.create()
    content = make_uploaded(by=administrator, at=at)
    written = make_questions(by=None, at=at)
    assert content.current is not None
    assert written.current is not None

    for refused in (
        lambda: create_content_from_package(file=package(), by=outsider, at=at),
        lambda: replace_with_package(
            content=content, file=package("x"), base_version=1, by=outsider, at=at
        ),
        lambda: create_content_from_questions(question_set=question_set(), by=outsider, at=at),
        lambda: update_questions(
            content=written, question_set=question_set("x"), base_version=1, by=outsider, at=at
        ),
        lambda: save_texts(
            content=content, parameters={}, title="x", base_version=1, by=outsider, at=at
        ),
        lambda: restore_version(version=content.current, base_version=1, by=outsider, at=at),
    ):
        with pytest.raises(PermissionDenied):
            refused()


# --- Atomic, repeatable -----------------------------------------------------------------


def test_doing_it_again_installs_nothing_twice(administrator: User, at: datetime) -> None:
    make_uploaded(by=administrator, at=at)
    make_uploaded(by=administrator, at=at)

    assert H5PLibrary.objects.count() == 2
    assert H5PContent.objects.count() == 2


@pytest.mark.parametrize("step", ["shelve", "_append"])
def test_interrupted_half_way_nothing_is_visible_and_again_is_safe(
    administrator: User, at: datetime, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    original = getattr(h5p_content, step)

    def dies(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(h5p_content, step, dies)
        with pytest.raises(Killed):
            create_content_from_package(file=package(), by=administrator, at=at)
    assert nothing_is_stored()

    content = create_content_from_package(file=package(), by=administrator, at=at)
    assert content.current is not None
    assert read_package(io.BytesIO(package_of(content.current))).ok


def test_interrupted_while_storing_bytes_nothing_is_visible(
    administrator: User, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    stored: list[str] = []
    original = h5p_libraries.put_once

    def third_dies(storage: Any, package: Any, entry: Any) -> None:
        if len(stored) == 2:
            raise Killed
        original(storage, package, entry)
        stored.append(entry.path)

    with monkeypatch.context() as patch:
        patch.setattr(h5p_libraries, "put_once", third_dies)
        with pytest.raises(Killed):
            create_content_from_package(file=package(), by=administrator, at=at)
    assert nothing_is_stored()

    assert create_content_from_package(file=package(), by=administrator, at=at).current


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_half_way_leaves_nothing_visible(
    administrator: User, at: datetime, tmp_path: Path
) -> None:
    """A real process with a real SIGKILL between the first row and the commit."""
    if connection.vendor != "sqlite":
        pytest.skip("the other process is pointed at this SQLite file")
    (tmp_path / "tides.h5p").write_bytes(package().getvalue())
    script = tmp_path / "killed.py"
    script.write_text(
        "import os, signal, sys\n"
        "import django\n"
        "django.setup()\n"
        "from django.utils import timezone\n"
        "from lms.accounts.models import User\n"
        "from modules.actions import h5p_content\n"
        "def dies(*args, **kwargs):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "h5p_content._append = dies\n"
        "h5p_content.create_content_from_package(\n"
        "    file=open(sys.argv[1], 'rb'), by=User.objects.get(pk=int(sys.argv[2])),\n"
        "    at=timezone.now())\n"
    )
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "tides.h5p"), str(administrator.pk)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "PYTHONPATH": str(settings.BASE_DIR),
            "SQLITE_PATH": str(connection.settings_dict["NAME"]),
            "H5P_ROOT": str(cast(Any, storages["h5p"]).location),
        },
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr.decode()
    assert nothing_is_stored()

    content = create_content_from_package(file=package(), by=administrator, at=at)
    assert content.current is not None
    assert read_package(io.BytesIO(package_of(content.current))).ok


def test_libraries_and_versions_never_change(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    for rows in (H5PLibrary.objects.all(), H5PVersion.objects.filter(content=content)):
        with pytest.raises((IntegrityError, ProgrammingError, DatabaseError)), transaction.atomic():
            rows.update(metadata={})


# --- Refused -----------------------------------------------------------------------------


def test_every_problem_is_said_and_nothing_stays(administrator: User, at: datetime) -> None:
    files = making.sound_files()
    del files["Test.Main-1.2/js/main.js"]
    files["content/evil.exe"] = b"MZ"
    files["Test.Part-1.0/library.json"] = b"{"

    with pytest.raises(PackageRefused) as refused:
        create_content_from_package(file=named(files), by=administrator, at=at)

    assert {problem.code for problem in refused.value.problems} >= {
        "missing-file",
        "file-type",
        "bad-json",
    }
    assert nothing_is_stored()
    assert waiting_uploads() == []


@pytest.mark.parametrize("what", ["semantics", "language"])
def test_what_no_database_keeps_is_refused(administrator: User, at: datetime, what: str) -> None:
    files = making.sound_files()
    path = {"semantics": "semantics.json", "language": "language/es.json"}[what]
    bad = b'{"semantics": [{"label": "a\\u0000b"}]}'
    if what == "semantics":
        bad = b'[{"name": "a", "type": "text", "label": "a\\u0000b"}]'
    files[f"Test.Main-1.2/{path}"] = bad

    with pytest.raises(PackageRefused) as refused:
        create_content_from_package(file=named(files), by=administrator, at=at)

    assert {problem.code for problem in refused.value.problems} == {"bad-json"}
    assert nothing_is_stored()


def test_content_is_cleaned(administrator: User, at: datetime) -> None:
    content = make_uploaded(
        by=administrator,
        at=at,
        content={"title": "A <b>", "text": "<p>x</p><h1>y</h1>", "unknown": 1},
    )
    assert content.current is not None
    assert content.current.parameters["title"] == "A &lt;b&gt;"
    assert "<h1>" not in content.current.parameters["text"]
    assert "unknown" not in content.current.parameters


def test_every_hostile_or_broken_package_is_refused_and_leaves_nothing(
    administrator: User, at: datetime, packages: Path
) -> None:
    refused = {}
    for path in sorted((packages / "invalid").glob("*.h5p")):
        with path.open("rb") as file:
            try:
                create_content_from_package(file=file, by=administrator, at=at)
            except PackageRefused as error:
                refused[path.name] = len(error.problems)
            else:
                refused[path.name] = 0
    assert refused
    assert {name for name, problems in refused.items() if not problems} == set()
    assert nothing_is_stored()
    assert waiting_uploads() == []


def test_every_valid_package_is_installed_and_comes_out_whole(
    administrator: User, editor: User, at: datetime, packages: Path
) -> None:
    names = sorted(path.name for path in (packages / "valid").glob("*.h5p"))
    assert names
    for name in names:
        with (packages / "valid" / name).open("rb") as file:
            content = create_content_from_package(file=file, by=administrator, at=at, title=name)
        assert content.current is not None, name
        exported = io.BytesIO(package_of(content.current))
        report = read_package(exported, limits=Limits())
        assert report.problems == (), name
        # Now that its libraries are here, editors may upload it too.
        with (packages / "valid" / name).open("rb") as file:
            create_content_from_package(file=file, by=editor, at=at, title=name)


def test_content_without_libraries_finds_the_installed_ones(
    editor: User, administrator: User, at: datetime
) -> None:
    make_uploaded(by=administrator, at=at)
    files = {path: data for path, data in making.sound_files().items() if "Test." not in path}

    content = create_content_from_package(file=named(files), by=editor, at=at)

    assert content.current is not None
    assert content.current.main_library.machine_name == "Test.Main"


# --- Versions ----------------------------------------------------------------------------


def test_replacing_keeps_every_version(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    later = at + timedelta(hours=1)
    second = replace_with_package(
        content=content,
        file=package("High tides", content={"title": "High", "text": "<p>New</p>"}),
        base_version=1,
        by=administrator,
        at=later,
        note="Corrected",
    )

    content.refresh_from_db()
    assert (content.current, content.title) == (second, "High tides")
    assert [(v.number, v.note) for v in content.versions.all()] == [(2, "Corrected"), (1, "")]
    assert content.versions.get(number=1).parameters["title"] == "Tides"

    third = restore_version(
        version=content.versions.get(number=1), base_version=2, by=administrator, at=later
    )
    content.refresh_from_db()
    assert (third.number, content.title) == (3, "Tides")
    assert third.parameters == content.versions.get(number=1).parameters


def test_the_same_file_again_makes_no_version(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    version = replace_with_package(
        content=content, file=package(), base_version=1, by=administrator, at=at
    )
    assert version == content.current
    assert content.versions.count() == 1


def test_who_saw_an_older_version_overwrites_nothing(
    editor: User, administrator: User, at: datetime
) -> None:
    content = make_questions(by=editor, at=at)
    update_questions(
        content=content, question_set=question_set("First"), base_version=1, by=editor, at=at
    )
    with pytest.raises(StaleVersion):
        update_questions(
            content=content,
            question_set=question_set("Second"),
            base_version=1,
            by=administrator,
            at=at,
        )
    content.refresh_from_db()
    assert content.title == "First"
    assert content.versions.count() == 2


def test_a_new_version_makes_cached_pages_of_its_courses_out_of_date(
    lesson: LessonPage, course: CoursePage, editor: User, at: datetime
) -> None:
    content = make_questions(by=editor, at=at)
    activity = make_activity(lesson)
    change(activity, h5p=content)
    before = Course.objects.get(page=course).version

    update_questions(
        content=content, question_set=question_set("New"), base_version=1, by=editor, at=at
    )

    assert Course.objects.get(page=course).version > before
    assert [place["page"].pk for place in places_of(content)] == [activity.pk]


def test_origins_do_not_mix(editor: User, administrator: User, at: datetime) -> None:
    written, uploaded = make_questions(by=editor, at=at), make_uploaded(by=administrator, at=at)
    with pytest.raises(Conflict):
        replace_with_package(content=written, file=package(), base_version=1, by=editor, at=at)
    with pytest.raises(Conflict):
        update_questions(
            content=uploaded, question_set=question_set(), base_version=1, by=editor, at=at
        )
    with pytest.raises(Conflict):
        save_texts(content=written, parameters={}, title="x", base_version=1, by=editor, at=at)


# --- Questions -----------------------------------------------------------------------------


def test_questions_come_out_as_a_package_and_read_back_the_same(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    assert content.current is not None

    exported = package_of(content.current)

    assert read_package(io.BytesIO(exported)).problems == ()
    assert read_questions(io.BytesIO(exported)).require() == question_set()
    assert (content.current.questions or {})["questions"][0]["id"] == SINGLE["id"]


def test_a_title_is_needed_and_fits(editor: User, at: datetime) -> None:
    with pytest.raises(InvalidInput):
        make_questions(by=editor, at=at, title="x" * 251, questions=(SINGLE, ORDER))
    assert nothing_is_stored() or not H5PContent.objects.exists()


def test_own_library_is_installed_once(editor: User, at: datetime) -> None:
    make_questions(by=editor, at=at)
    make_questions(by=editor, at=at, title="More")
    library = H5PLibrary.objects.get()
    assert (library.machine_name, library.installed_by) == ("Rambla.QuestionSet", None)


# --- Waiting for a review --------------------------------------------------------------------


def test_a_kept_upload_is_its_uploaders_and_goes_after_a_day(
    administrator: User, editor: User, at: datetime
) -> None:
    def keep() -> str:
        return keep_upload(
            package(), name="t.h5p", by=administrator, at=at, content_id=None, base_version=0
        )

    token = keep()
    with pytest.raises(Conflict):
        open_upload(token, by=editor)
    with pytest.raises(Conflict):
        open_upload("made-up", by=administrator)
    with open_upload(token, by=administrator).file as file:
        assert read_package(file).ok
    forget_upload(token)
    with pytest.raises(Conflict):
        open_upload(token, by=administrator)

    keep()
    keep_upload(
        package(),
        name="t.h5p",
        by=administrator,
        at=datetime.now(tz=at.tzinfo) + timedelta(days=2),
        content_id=None,
        base_version=0,
    )
    assert len(waiting_uploads()) == 1
    for name in waiting_uploads():
        storages["h5p"].delete(f"uploads/{name}")
