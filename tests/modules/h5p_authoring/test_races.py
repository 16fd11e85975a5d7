"""Two who author at the same moment, and one who plays meanwhile."""

import io
import threading
from collections import Counter
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import (
    nested_form_data,
    querydict_from_html,
    rich_text,
    streamfield,
)

from h5p.package import read_package
from lms.accounts.models import User
from lms.core.errors import StaleVersion
from lms.core.models import AuditEvent
from lms.programme.models import Enrolment
from modules.actions.h5p_archive import StillPlayed, archive_content
from modules.actions.h5p_content import (
    create_content_from_package,
    create_content_from_questions,
    replace_with_package,
    restore_version,
    save_texts,
    update_questions,
)
from modules.models import ActivityPage, H5PContent, H5PLibrary, H5PStatement, LessonPage
from modules.models.playing import InTheArchive
from modules.selectors.h5p_library import package_of, pages_of
from tests.factories import h5p_playing
from tests.factories.accounts import AdministratorFactory
from tests.factories.h5p import make_questions, make_uploaded, package, question_set
from tests.factories.modules import make_activity
from tests.modules.h5p_authoring.looking import signed_in, tides
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

SCRIPT: dict[str, Any] = {"Test.Main-1.2/js/main.js": b"var H5P = H5P || {two: 2};"}


def test_two_administrators_install_the_same_package_at_once(
    administrator: User, at: datetime
) -> None:
    other = AdministratorFactory.create()
    made = at_once(
        *(
            lambda by=by: create_content_from_package(file=package(), by=by, at=at)
            for by in (administrator, other) * 2
        )
    )

    assert [type(content) for content in made] == [H5PContent] * 4
    assert H5PLibrary.objects.count() == 2
    # Each library was installed once, by one of them; the record says so too.
    assert AuditEvent.objects.filter(verb="h5p.library_installed").count() == 2
    for content in made:
        assert read_package(io.BytesIO(package_of(content.current))).problems == ()


@pytest.mark.parametrize("replaces", [False, True])
def test_a_double_click_on_what_was_reviewed_makes_one(
    administrator: User, at: datetime, replaces: bool
) -> None:
    content = make_uploaded(by=administrator, at=at)
    page = reverse("h5p_library:replace", args=[content.pk])
    said = {"base_version": "1", "file": tides("Flood", **SCRIPT)}
    clients = [signed_in(administrator) for _ in range(3)]
    asked = page if replaces else reverse("h5p_library:upload")
    token = clients[0].post(asked, said).context["token"]

    made = at_once(
        *(
            lambda client=client: client.post(reverse("h5p_library:install"), {"token": token})
            for client in clients
        )
    )

    newest = H5PContent.objects.latest("pk")
    shown = reverse("h5p_library:content", args=[newest.pk])
    assert [(answer.status_code, answer.headers.get("Location")) for answer in made] == [
        (302, shown)
    ] * 3
    assert (newest.pk == content.pk) is replaces
    assert H5PContent.objects.count() + content.versions.count() == 3


def test_a_double_click_on_a_file_that_brings_no_library_makes_one(
    administrator: User, at: datetime
) -> None:
    make_uploaded(by=administrator, at=at)
    page = reverse("h5p_library:upload")
    clients = [signed_in(administrator) for _ in range(3)]
    once = clients[0].get(page).context["form"]["once"].value()

    def send(client: Client, title: str) -> str:
        said = {"base_version": "0", "once": str(once), "file": tides(title)}
        return str(client.post(page, said).headers["Location"])

    made = at_once(*(lambda client=client: send(client, "Flood") for client in clients))

    newest = H5PContent.objects.latest("pk")
    assert made == [reverse("h5p_library:content", args=[newest.pk])] * 3
    assert H5PContent.objects.count() == 2
    # Another file in the same form is another content.
    assert send(clients[0], "Ebb") not in made
    assert H5PContent.objects.count() == 3


def test_packages_that_share_libraries_wait_for_each_other(
    administrator: User, at: datetime, packages: Path
) -> None:
    """Real packages with dozens of libraries in different orders: no deadlock."""
    names = sorted((packages / "valid").glob("*.h5p"), key=lambda path: -path.stat().st_size)[2:6]

    def install(path: Path) -> H5PContent:
        with path.open("rb") as file:
            return create_content_from_package(file=file, by=administrator, at=at, title=path.name)

    made = at_once(*(lambda path=path: install(path) for path in names * 2))

    assert [type(content) for content in made] == [H5PContent] * len(made)
    hashes = Counter(H5PLibrary.objects.values_list("content_hash", flat=True))
    assert set(hashes.values()) == {1}


def test_two_editors_write_the_first_questions_at_once(editor: User, at: datetime) -> None:
    made = at_once(
        *(
            lambda title=title: create_content_from_questions(
                question_set=question_set(title), by=editor, at=at
            )
            for title in ("One", "Two", "Three")
        )
    )
    assert {content.title for content in made} == {"One", "Two", "Three"}
    assert H5PLibrary.objects.count() == 1


def test_of_two_who_replace_at_once_one_is_told(
    editor: User, administrator: User, at: datetime
) -> None:
    content = make_uploaded(by=administrator, at=at)
    made = at_once(
        *(
            lambda title=title, by=by: replace_with_package(
                content=content, file=package(title), base_version=1, by=by, at=at
            )
            for title, by in (("Ebb", editor), ("Flood", administrator))
        )
    )

    stored = [each for each in made if not isinstance(each, Exception)]
    (told,) = (each for each in made if isinstance(each, Exception))
    assert isinstance(told, StaleVersion)
    assert told.extra["version"] == 2
    assert [version.number for version in stored] == [2]
    assert list(content.versions.values_list("number", flat=True)) == [2, 1]
    content.refresh_from_db()
    assert content.current == stored[0]


def test_every_way_to_a_next_version_waits_for_the_others(
    editor: User, administrator: User, at: datetime
) -> None:
    """Each tries until it is stored, with the version that it was told: none is lost."""
    content = make_uploaded(by=administrator, at=at)
    first = content.versions.get()

    def until_stored(act: Any) -> int:
        base = 1
        while True:
            try:
                return int(act(base).number)
            except StaleVersion as stale:
                base = stale.extra["version"]

    made = at_once(
        lambda: until_stored(
            lambda base: replace_with_package(
                content=content, file=package("Ebb"), base_version=base, by=editor, at=at
            )
        ),
        lambda: until_stored(
            lambda base: replace_with_package(
                content=content,
                file=package("Flood", **SCRIPT),
                base_version=base,
                by=administrator,
                at=at,
            )
        ),
        lambda: until_stored(
            lambda base: save_texts(
                content=H5PContent.objects.get(pk=content.pk),
                parameters={"title": "Words", "text": "<p>x</p>"},
                title="Words",
                base_version=base,
                by=editor,
                at=at,
            )
        ),
    )

    assert sorted(made) == [2, 3, 4]
    assert list(content.versions.values_list("number", flat=True)) == [4, 3, 2, 1]
    restored = restore_version(version=first, base_version=4, by=editor, at=at)
    assert restored.number == 5


def test_the_same_questions_saved_twice_at_once_make_one_version(
    editor: User, at: datetime
) -> None:
    """A double click."""
    content = make_questions(by=editor, at=at)
    made = at_once(
        *(
            lambda: update_questions(
                content=content, question_set=question_set("New"), base_version=1, by=editor, at=at
            )
            for _ in range(2)
        )
    )
    assert {version.number for version in made} == {2}
    assert content.versions.count() == 2


def test_what_is_played_while_it_is_replaced_is_recorded(
    enrolment: Enrolment, lesson: LessonPage, administrator: User
) -> None:
    player = "function () {}"
    content = h5p_playing.upload(h5p_playing.package(player))
    activity = h5p_playing.make_interactive(lesson, h5p=content)
    play = h5p_playing.play_of(enrolment, activity)
    played = content.current_id

    def answer(part: str) -> None:
        h5p_playing.record_answer(enrolment, activity, play, part)

    def replace() -> None:
        file = io.BytesIO(h5p_playing.package("function () { return 1; }"))
        replace_with_package(
            content=content, file=file, base_version=1, by=administrator, at=h5p_playing.AT
        )

    made = at_once(lambda: answer("a"), replace, lambda: answer("b"))

    assert made == [None] * 3
    content.refresh_from_db()
    assert content.current_id != played
    # Under the version that was played, not the one that came meanwhile.
    assert set(H5PStatement.objects.values_list("version", flat=True)) == {played}
    assert H5PStatement.objects.count() == 2


@pytest.mark.parametrize("button", ["action-publish", "action-save", "autosave"])
def test_what_is_archived_while_a_page_is_stored_is_said_at_its_block(
    editor: User, at: datetime, lesson: LessonPage, button: str
) -> None:
    """The page passes its checks, waits for the other editor, and is checked again."""
    content = make_questions(by=editor, at=at)
    activity = make_activity(lesson)
    client, url = signed_in(editor), reverse("wagtailadmin_pages:edit", args=[activity.pk])
    shown = querydict_from_html(client.get(url).content.decode(), form_id="page-edit-form")
    body = [("text", rich_text("<p>My words</p>")), ("interactive", content.pk)]
    streams = {"body": streamfield(body), "sources": streamfield([]), "questions": streamfield([])}
    posted = shown.dict() | nested_form_data(streams) | {button: "1"}
    is_archived = threading.Event()

    def archive() -> None:
        with transaction.atomic():
            archive_content(content=content, by=editor, at=at)
            is_archived.set()
            wait_until_somebody_waits()

    def store() -> Any:
        is_archived.wait(timeout=10)
        accept = "application/json" if button == "autosave" else "text/html"
        return client.post(url, posted, headers={"accept": accept})

    answer = at_once(archive, store)[1]

    page = answer.content.decode()
    if button == "autosave":
        assert (answer.status_code, answer.json()["success"]) == (400, False)
    else:
        assert answer.status_code == 200
        assert "Rivers\\u201d is in the archive of H5P activities" in page
        assert "My words" in page
    assert pages_of(content) == []
    content.refresh_from_db()
    assert content.archived_at == at


def wait_until_somebody_waits() -> None:
    """For a lock that this transaction holds."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
        sleep(0.02)
    raise TimeoutError


@pytest.mark.parametrize("publishes", [True, False])
def test_a_page_begins_to_play_what_is_archived_at_the_same_moment(
    editor: User, at: datetime, lesson: LessonPage, publishes: bool
) -> None:
    """One of the two wins, also for a draft; never an archived content on a page."""
    for number in range(6):
        content = make_questions(by=editor, at=at, title=f"Set {number}")
        activity = make_activity(lesson)

        def begin(page_id: int = activity.pk, content: H5PContent = content) -> None:
            page = ActivityPage.objects.get(pk=page_id)
            page.body = [("interactive", content)]
            revision = page.save_revision(clean=False)
            if publishes:
                revision.publish()

        def archive(content: H5PContent = content) -> None:
            archive_content(content=content, by=editor, at=at)

        made = at_once(begin, archive)

        (told,) = (each for each in made if isinstance(each, Exception))
        content.refresh_from_db()
        assert isinstance(told, InTheArchive if content.archived_at else StillPlayed)
        assert bool(pages_of(content)) == (content.archived_at is None)
