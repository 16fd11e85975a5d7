"""Versions of interactive content: none is lost, none changes."""

import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from django.db.models import ProtectedError
from django.db.utils import DatabaseError
from django.urls import reverse

from h5p.export import export_package
from h5p.package import read_package
from h5p.questions import served_content
from h5p.questions.packing import own_resolution, read_questions
from lms.accounts.models import User
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from modules.actions.h5p_content import (
    create_content_from_package,
    replace_with_package,
    restore_version,
    save_texts,
    update_questions,
)
from modules.h5p_checking import PackageRefused
from modules.h5p_staging import stage_of
from modules.models import Course, CoursePage, H5PContent, H5PLibrary, H5PVersion, LessonPage
from modules.selectors.h5p_library import package_of, places_of
from tests.factories.h5p import (
    ORDER,
    SINGLE,
    make_questions,
    make_uploaded,
    package,
    question_set,
)
from tests.factories.modules import change, make_activity, played
from tests.modules.h5p_authoring.looking import signed_in

pytestmark = pytest.mark.django_db


def test_libraries_and_versions_never_change(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    for rows in (H5PLibrary.objects.all(), H5PVersion.objects.filter(content=content)):
        with pytest.raises((IntegrityError, ProgrammingError, DatabaseError)), transaction.atomic():
            rows.update(metadata={})


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
    change(activity, body=[played(content)])
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


def test_questions_come_out_as_a_package_and_read_back_the_same(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    assert content.current is not None

    exported = package_of(content.current)

    assert read_package(io.BytesIO(exported)).problems == ()
    assert read_questions(io.BytesIO(exported)).require() == question_set()
    assert (content.current.questions or {})["questions"][0]["id"] == SINGLE["id"]


def test_questions_that_come_as_a_file_are_marked_here_and_written_on(
    editor: User, administrator: User, at: datetime
) -> None:
    written = make_questions(by=editor, at=at)
    assert written.current is not None
    file = io.BytesIO(package_of(written.current))
    for by in (editor, administrator):
        content = create_content_from_package(file=file, by=by, at=at)
        assert (content.title, content.origin) == (written.title, "questions")
        assert content.current is not None
        assert content.current.is_marked_here
        assert content.current.parameters == written.current.parameters
        assert content.current.resolution_key == written.current.resolution_key
        served = json.dumps(stage_of(content.current.pk).content)
        assert "correct" not in served
        assert "rightId" not in served
    assert H5PLibrary.objects.count() == 1

    uploaded = make_uploaded(by=administrator, at=at)
    url = reverse("h5p_library:replace", args=[uploaded.pk])
    form = {"file": SimpleUploadedFile("questions.h5p", file.getvalue()), "base_version": "1"}
    assert signed_in(editor).post(url, form).status_code == 409
    assert uploaded.versions.count() == 1


def test_questions_without_their_answers_are_refused(editor: User, at: datetime) -> None:
    make_questions(by=editor, at=at)
    resolution, storage = own_resolution()
    served = served_content(question_set())
    file = io.BytesIO(export_package({"title": "Served"}, served, {}, resolution, storage))
    with pytest.raises(PackageRefused):
        create_content_from_package(file=file, by=editor, at=at)
    assert H5PContent.objects.count() == 1


def test_a_title_is_needed_and_fits(editor: User, administrator: User, at: datetime) -> None:
    with pytest.raises(InvalidInput):
        make_questions(by=editor, at=at, title="x" * 251, questions=(SINGLE, ORDER))
    assert not H5PContent.objects.exists()
    content = make_uploaded(by=administrator, at=at)
    for title in ("", "  ", "x" * 251):
        with pytest.raises(InvalidInput):
            save_texts(
                content=content, parameters={}, title=title, base_version=1, by=editor, at=at
            )
    assert content.versions.count() == 1


def test_own_library_is_installed_once(editor: User, at: datetime) -> None:
    make_questions(by=editor, at=at)
    make_questions(by=editor, at=at, title="More")
    library = H5PLibrary.objects.get()
    assert (library.machine_name, library.installed_by) == ("Rambla.QuestionSet", None)


def test_nothing_that_was_made_is_deleted(editor: User, at: datetime, lesson: LessonPage) -> None:
    """Neither what a page plays nor what one played: versions hold their content."""
    content = make_questions(by=editor, at=at)
    activity = change(make_activity(lesson), h5p=content)
    with pytest.raises(ProtectedError):
        content.delete()
    change(activity, h5p=None)
    with pytest.raises(ProtectedError):
        content.delete()
