"""The library of interactive content in the CMS, screen by screen."""

import io
import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from h5p.package import read_package
from h5p.questions import from_data
from lms.accounts.models import User
from modules.h5p_admin.blocks import QuestionSetBlock
from modules.h5p_admin.question_data import blocks_from_questions, questions_from_blocks
from modules.h5p_admin.text_fields import build_tree
from modules.models import ActivityPage, CoursePage, H5PContent, H5PLibrary, LessonPage
from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.h5p import make_editor, make_questions, make_uploaded, package
from tests.factories.modules import change, make_activity
from tests.h5p import making

pytestmark = pytest.mark.django_db

FIELDS: list[dict[str, Any]] = [
    {"name": "question", "type": "text", "label": "Question", "widget": "html", "tags": ["strong"]},
    {"name": "note", "type": "text", "label": "Note"},
    {"name": "points", "type": "number", "label": "Points", "min": 0, "max": 10},
    {"name": "loud", "type": "boolean", "label": "Loud"},
    {
        "name": "size",
        "type": "select",
        "label": "Size",
        "options": [{"value": "s", "label": "Small"}, {"value": "l", "label": "Large"}],
    },
    {
        "name": "answers",
        "type": "list",
        "label": "Answers",
        "entity": "answer",
        "min": 1,
        "max": 4,
        "field": {
            "name": "answer",
            "type": "group",
            "fields": [
                {"name": "text", "type": "text", "label": "Text"},
                {"name": "correct", "type": "boolean", "label": "Right"},
            ],
        },
    },
    {"name": "picture", "type": "image", "label": "Picture", "optional": True},
    {
        "name": "inside",
        "type": "library",
        "label": "Inside",
        "options": ["Test.Part 1.0"],
        "optional": True,
    },
    {
        "name": "words",
        "type": "group",
        "common": True,
        "label": "Words",
        "fields": [{"name": "check", "type": "text", "label": "Check", "default": "Check"}],
    },
]
CONTENT: dict[str, Any] = {
    "question": "<p>Why <strong>now</strong>?</p>",
    "note": "Fish &amp; chips",
    "points": 3,
    "loud": True,
    "size": "s",
    "answers": [{"text": "One", "correct": True}, {"text": "Two", "correct": False}],
    "picture": {"path": "images/moon.png", "mime": "image/png"},
    "inside": {"library": "Test.Part 1.0", "params": {"line": "Below"}},
    "words": {"check": "Check"},
}


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


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tides(title: str = "Tides", **files: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("tides.h5p", package(title, **files).getvalue())


def with_fields(by: User, at: datetime) -> H5PContent:
    return make_uploaded(
        by=by,
        at=at,
        content=CONTENT,
        **{"Test.Main-1.2/semantics.json": making.as_json(FIELDS)},
    )


def screens(content: H5PContent) -> list[str]:
    version = content.current_id
    named = [
        reverse(f"h5p_library:{name}")
        for name in ("index", "csv", "libraries", "upload", "write", "import", "import_example")
    ]
    kind = ["texts", "replace"] if content.origin == "uploaded" else ["edit_questions"]
    of_one = [reverse(f"h5p_library:{name}", args=[content.pk]) for name in ["content", *kind]]
    return [*named, *of_one, reverse("h5p_library:download", args=[version])]


# --- Who sees it -------------------------------------------------------------------------


def test_editors_and_administrators_see_every_screen(
    editor: User, administrator: User, at: datetime
) -> None:
    for content in (make_uploaded(by=administrator, at=at), make_questions(by=editor, at=at)):
        for person in (editor, administrator):
            client = signed_in(person)
            assert [client.get(url).status_code for url in screens(content)] == [200] * len(
                screens(content)
            )


def test_others_see_none(administrator: User, at: datetime, course: CoursePage) -> None:
    content = make_uploaded(by=administrator, at=at)
    outsider = signed_in(UserFactory.create())
    for client in (outsider, Client()):
        for url in screens(content):
            answer = client.get(url)
            assert answer.status_code == 302, url
            assert "/login/" in answer["Location"], url


def test_staff_of_the_cms_without_pages_to_write_are_turned_away(
    administrator: User, at: datetime
) -> None:
    from django.contrib.auth.models import Permission

    content = make_uploaded(by=administrator, at=at)
    person = UserFactory.create()
    person.user_permissions.add(Permission.objects.get(codename="access_admin"))
    client = signed_in(person)
    for url in screens(content):
        assert client.get(url).status_code == 403, url
    assert client.post(reverse("h5p_library:upload"), {"file": tides()}).status_code == 403


# --- Uploading ---------------------------------------------------------------------------


def test_an_administrator_reviews_before_anything_is_installed(administrator: User) -> None:
    client = signed_in(administrator)
    review = client.post(reverse("h5p_library:upload"), {"file": tides()})

    assert review.status_code == 200
    assert "would install 2 libraries" in review.content.decode()
    assert "Test.Main 1.2.4" in review.content.decode()
    assert not H5PLibrary.objects.exists()

    done = client.post(reverse("h5p_library:install"), {"token": review.context["token"]})
    content = H5PContent.objects.get()
    assert done["Location"] == reverse("h5p_library:content", args=[content.pk])
    assert H5PLibrary.objects.count() == 2
    assert storages["h5p"].listdir("uploads")[1] == []


def test_a_review_can_end_with_nothing(administrator: User) -> None:
    client = signed_in(administrator)
    review = client.post(reverse("h5p_library:upload"), {"file": tides()})
    client.post(reverse("h5p_library:install"), {"token": review.context["token"], "cancel": "1"})
    assert not H5PLibrary.objects.exists()
    assert storages["h5p"].listdir("uploads")[1] == []
    again = client.post(reverse("h5p_library:install"), {"token": review.context["token"]})
    assert again.status_code == 409


def test_nobody_installs_what_somebody_else_reviewed(administrator: User, editor: User) -> None:
    review = signed_in(administrator).post(reverse("h5p_library:upload"), {"file": tides()})
    answer = signed_in(editor).post(
        reverse("h5p_library:install"), {"token": review.context["token"]}
    )
    assert answer.status_code == 409
    assert not H5PLibrary.objects.exists()


def test_the_report_shows_every_problem(editor: User) -> None:
    spoiled: dict[str, Any] = {"content/evil.exe": b"MZ", "Test.Part-1.0/library.json": b"{"}
    broken = tides(**spoiled)
    answer = signed_in(editor).post(reverse("h5p_library:upload"), {"file": broken})

    assert answer.status_code == 422
    problems = answer.context["problems"]
    assert {problem.code for problem in problems} >= {"file-type", "bad-json"}
    page = answer.content.decode()
    assert f"was not taken: {len(problems)} problems" in page
    assert page.count("<li><p>") == len(problems)


def test_an_editor_is_told_which_libraries_are_missing(
    editor: User, administrator: User, at: datetime
) -> None:
    client = signed_in(editor)
    answer = client.post(reverse("h5p_library:upload"), {"file": tides()})
    assert answer.status_code == 422
    assert "Test.Main 1.2 is not installed here" in answer.content.decode()

    make_uploaded(by=administrator, at=at)
    assert client.post(reverse("h5p_library:upload"), {"file": tides("Ebb")}).status_code == 302


def test_replacing_makes_the_next_version(administrator: User, at: datetime) -> None:
    content = make_uploaded(by=administrator, at=at)
    client = signed_in(administrator)
    client.post(reverse("h5p_library:replace", args=[content.pk]), {"file": tides("High")})

    content.refresh_from_db()
    assert (content.title, content.versions.count()) == ("High", 2)
    first = content.versions.get(number=1)
    client.post(reverse("h5p_library:restore", args=[first.pk]), {"base_version": 2})
    content.refresh_from_db()
    assert (content.title, content.versions.count()) == ("Tides", 3)
    client.post(reverse("h5p_library:restore", args=[first.pk]), {"base_version": 1})
    assert content.versions.count() == 3


# --- The list, one content ---------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 30])
def test_the_list_asks_as_much_for_thirty_as_for_one(
    editor: User, at: datetime, count: int, django_assert_max_num_queries: Any
) -> None:
    for number in range(count):
        make_questions(by=editor, at=at, title=f"Set {number}")
    client = signed_in(editor)
    client.get(reverse("h5p_library:index"))
    with django_assert_max_num_queries(22):
        client.get(reverse("h5p_library:index"))


def test_the_list_is_searched_and_comes_as_a_table(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    rivers = make_questions(by=editor, at=at, title="Rivers")
    make_questions(by=editor, at=at, title="=Formula")
    change(make_activity(lesson), h5p=rivers)
    client = signed_in(editor)

    found = client.get(reverse("h5p_library:index"), {"q": "river"})
    assert [content.title for content in found.context["object_list"]] == ["Rivers"]
    rows = client.get(reverse("h5p_library:csv")).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3
    assert rows[1].startswith("'=Formula,")
    assert rows[2].startswith("Rivers,Rambla question set 1.0.0,Questions written here,1,1,")


def test_a_content_shows_its_frame_and_where_it_is_used(
    editor: User, at: datetime, lesson: LessonPage
) -> None:
    content = make_questions(by=editor, at=at)
    activity = change(make_activity(lesson), h5p=content)
    page = signed_in(editor).get(reverse("h5p_library:content", args=[content.pk]))

    shown = page.content.decode()
    assert 'sandbox="allow-scripts"' in shown
    assert activity.title in shown
    frame = signed_in(editor).get(page.context["frame"])
    assert frame.status_code == 200


def test_a_download_is_a_package_that_reads(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    answer = signed_in(editor).get(reverse("h5p_library:download", args=[content.current_id]))
    assert answer["Content-Disposition"] == 'attachment; filename="rivers.h5p"'
    assert read_package(io.BytesIO(answer.content)).problems == ()


def test_a_preview_is_marked_and_nothing_is_kept(editor: User, at: datetime) -> None:
    content = make_questions(by=editor, at=at)
    url = reverse("h5p_library:mark", args=[content.current_id])
    client = signed_in(editor)
    body = json.dumps({"question": "paris", "response": ["seine"]})
    assert client.post(url, body, content_type="application/json").json()["correct"] is True
    assert client.post(url, "{", content_type="application/json").status_code == 400


def test_an_activity_chooses_its_content(editor: User, at: datetime, lesson: LessonPage) -> None:
    content = make_questions(by=editor, at=at)
    activity = make_activity(lesson)
    client = signed_in(editor)
    page = client.get(reverse("wagtailadmin_pages:edit", args=[activity.pk])).content.decode()
    assert "Choose an H5P activity" in page
    chosen = client.get(reverse("h5p_chooser:chosen", args=[content.pk])).json()
    assert chosen["result"]["title"] == "Rivers"
    assert ActivityPage.objects.get(pk=activity.pk).h5p is None


# --- Questions ---------------------------------------------------------------------------


def posted(stream: list[dict[str, Any]], **more: str) -> dict[str, str]:
    """What the browser sends for single-choice questions."""
    data = {
        "title": "Written",
        "language": "en",
        "introduction": "",
        "pass_percentage": "50",
        "retry": "on",
        "base_version": "0",
        "questions-count": str(len(stream)),
        **more,
    }
    for place, child in enumerate(stream):
        at = f"questions-{place}"
        data |= {f"{at}-deleted": "", f"{at}-order": str(place), f"{at}-type": "single"}
        data[f"{at}-id"] = child.get("id", "")
        prompt = {"blocks": [{"key": "a", "text": child["prompt"], "type": "unstyled"}]}
        data[f"{at}-value-prompt"] = json.dumps(prompt | {"entityMap": {}})
        data |= {f"{at}-value-points": "1", f"{at}-value-right": "", f"{at}-value-wrong": ""}
        data[f"{at}-value-options-count"] = str(len(child["options"]))
        for number, (text, correct) in enumerate(child["options"]):
            row = f"{at}-value-options-{number}"
            data |= {f"{row}-deleted": "", f"{row}-order": str(number), f"{row}-type": "item"}
            data |= {f"{row}-id": "", f"{row}-value-text": text, f"{row}-value-feedback": ""}
            if correct:
                data[f"{row}-value-correct"] = "on"
    return data


def test_an_editor_writes_questions_whose_ids_are_those_of_the_blocks(editor: User) -> None:
    client = signed_in(editor)
    own = "0b2f8a5e-7c1d-4a57-9d0a-0f6f3f1c2b3a"
    stream = [{"id": own, "prompt": "Which?", "options": [("This", True), ("That", False)]}]

    answer = client.post(reverse("h5p_library:write"), posted(stream))
    assert answer.status_code == 302, answer.context and answer.context["form"].errors
    content = H5PContent.objects.get()
    assert content.current is not None
    question = (content.current.questions or {})["questions"][0]
    assert question["id"] == own
    assert question["prompt"] == "Which?"
    assert [option["correct"] for option in question["options"]] == [True, False]
    assert all(len(option["id"]) == 36 for option in question["options"])

    later = posted(stream, title="Again", base_version="1")
    client.post(reverse("h5p_library:edit_questions", args=[content.pk]), later)
    content.refresh_from_db()
    assert (content.title, content.versions.count()) == ("Again", 2)

    stale = client.post(
        reverse("h5p_library:edit_questions", args=[content.pk]),
        posted(stream, title="Too late", base_version="1"),
    )
    assert stale.status_code == 409
    assert "Too late" in stale.content.decode()


def test_a_question_without_a_right_answer_is_sent_back_with_its_words(editor: User) -> None:
    stream = [{"prompt": "Which?", "options": [("This", False), ("That", False)]}]
    answer = signed_in(editor).post(reverse("h5p_library:write"), posted(stream))
    assert answer.status_code == 422
    assert "That" in answer.content.decode()
    assert not H5PContent.objects.exists()


def test_every_kind_survives_the_way_through_the_editor() -> None:
    given = {
        "title": "All",
        "questions": [
            {
                "kind": "single",
                "prompt": "<p>A <strong>b</strong> <em>c</em></p>",
                "points": "1.5",
                "feedback": {"right": "Yes & no", "wrong": "<p>See <em>it</em></p>"},
                "options": [{"text": "x < y", "correct": True, "feedback": "5 < 6"}, "z"],
            },
            {
                "kind": "multiple",
                "prompt": "M",
                "options": [{"text": "a", "correct": True}, {"text": "b", "correct": True}, "c"],
            },
            {"kind": "gaps", "prompt": "G", "passage": "The [Seine|la Seine::a river] \\[sic\\]"},
            {"kind": "order", "prompt": "O", "items": ["1", "2", "3"]},
            {
                "kind": "match",
                "prompt": "P",
                "pairs": [
                    {"left": "a", "right": "1"},
                    {"left": "b", "right": "1"},
                    {"left": "c", "right": "2"},
                ],
                "extras": ["3"],
            },
            {
                "kind": "scenario",
                "situation": "S",
                "steps": [{"prompt": "T", "options": [{"text": "a", "correct": True}, "b"]}],
            },
        ],
    }
    before = from_data(given).require()

    block = QuestionSetBlock()
    stream = block.get_prep_value(block.to_python(blocks_from_questions(before)))
    after = from_data({"title": "All", "questions": questions_from_blocks(stream)}).require()

    assert [leaf for leaf, _ in after.leaves()] == [leaf for leaf, _ in before.leaves()]

    def shown(question_set: Any) -> list[str]:
        return [str(q).replace("<p>", "").replace("</p>", "") for q in question_set.questions]

    assert shown(after) == shown(before)


def test_a_table_with_problems_names_row_and_column_and_stores_nothing(editor: User) -> None:
    table = "kind,prompt,answers\nsingle,Which?,A | B\nriddle,Why?,x\norder,,one | two\n"
    file = SimpleUploadedFile("q.csv", table.encode())
    answer = signed_in(editor).post(
        reverse("h5p_library:import"), {"title": "T", "language": "en", "file": file}
    )
    assert answer.status_code == 422
    paths = {problem.path for problem in answer.context["problems"]}
    assert paths == {"row 2, column answers", "row 3, column kind", "row 4, column prompt"}
    assert not H5PContent.objects.exists()


def test_the_example_table_is_imported_and_replaces_questions(editor: User) -> None:
    client = signed_in(editor)
    table = client.get(reverse("h5p_library:import_example")).content
    said = {"title": "Example", "language": "en"}
    client.post(reverse("h5p_library:import"), {**said, "file": SimpleUploadedFile("q.csv", table)})
    content = H5PContent.objects.get()
    assert content.current is not None
    kinds = [question["kind"] for question in (content.current.questions or {})["questions"]]
    assert kinds == ["single", "multiple", "gaps", "order", "match", "scenario"]

    other = b"kind,prompt,answers\norder,From north,Oslo | Rome\n"
    client.post(
        reverse("h5p_library:import_into", args=[content.pk]),
        {**said, "file": SimpleUploadedFile("q.csv", other)},
    )
    content.refresh_from_db()
    assert content.current is not None
    assert (content.current.number, len((content.current.questions or {})["questions"])) == (2, 1)


# --- Texts and answers -------------------------------------------------------------------


def test_the_form_covers_what_it_can_and_says_what_it_cannot(
    administrator: User, editor: User, at: datetime
) -> None:
    content = with_fields(administrator, at)
    page = signed_in(editor).get(reverse("h5p_library:texts", args=[content.pk]))

    assert sorted(page.context["form"].fields) == [
        "value--answers--0--correct",
        "value--answers--0--text",
        "value--answers--1--correct",
        "value--answers--1--text",
        "value--inside--params--line",
        "value--loud",
        "value--note",
        "value--points",
        "value--question",
        "value--size",
    ]
    assert page.context["uncovered"] == [("Picture", "Picture")]
    assert page.context["form"]["value--note"].initial == "Fish & chips"
    words = signed_in(editor).get(
        reverse("h5p_library:texts", args=[content.pk]), {"part": "interface"}
    )
    assert sorted(words.context["form"].fields) == ["value--words--check"]


def body_of(page: Any) -> dict[str, Any]:
    """Everything as the browser would send it back."""
    data: dict[str, Any] = {"title": "Tides", "base_version": "1", "note": ""}
    for rows in page.context["lists"]:
        data[f"count:{rows.name}"] = str(rows.shown)
    for name, field in page.context["form"].fields.items():
        if isinstance(field.initial, bool):
            data |= {name: "on"} if field.initial else {}
        elif name == "value--question":
            data[name] = field.widget.format_value(field.initial)
        else:
            data[name] = field.initial
    return data


def test_texts_are_saved_as_a_new_version_with_the_same_libraries(
    administrator: User, editor: User, at: datetime
) -> None:
    content = with_fields(administrator, at)
    url = reverse("h5p_library:texts", args=[content.pk])
    client = signed_in(editor)
    body = body_of(client.get(url)) | {
        "value--note": "a < b & c",
        "value--points": "7",
        "value--size": "l",
        "value--answers--0--text": "Changed",
        "remove:answers--1": "on",
    }
    del body["value--loud"]

    answer = client.post(url, body)

    assert answer.status_code == 302
    content.refresh_from_db()
    version = content.current
    assert version is not None
    first = content.versions.get(number=1)
    assert (version.number, version.pins) == (2, first.pins)
    assert version.parameters == {
        **first.parameters,
        "note": "a &lt; b &amp; c",
        "points": 7,
        "size": "l",
        "loud": False,
        "answers": [{"text": "Changed", "correct": True}],
    }


def test_saving_nothing_new_makes_no_version(
    administrator: User, editor: User, at: datetime
) -> None:
    content = with_fields(administrator, at)
    url = reverse("h5p_library:texts", args=[content.pk])
    client = signed_in(editor)
    client.post(url, body_of(client.get(url)))
    assert content.versions.count() == 1


def test_a_row_is_added_without_losing_what_was_typed(
    administrator: User, editor: User, at: datetime
) -> None:
    content = with_fields(administrator, at)
    url = reverse("h5p_library:texts", args=[content.pk])
    client = signed_in(editor)
    typed = body_of(client.get(url)) | {"value--note": "Typed", "add": "answers"}

    page = client.post(url, typed)
    assert page.status_code == 200
    assert "value--answers--2--text" in page.context["form"].fields
    assert page.context["form"].initial["value--note"] == "Typed"
    assert content.versions.count() == 1

    del typed["add"]
    typed |= {"count:answers": "3", "value--answers--2--text": "Three"}
    client.post(url, typed)
    content.refresh_from_db()
    assert content.current is not None
    assert [row["text"] for row in content.current.parameters["answers"]] == [
        "One",
        "Two",
        "Three",
    ]


def test_impossible_values_are_sent_back(administrator: User, editor: User, at: datetime) -> None:
    content = with_fields(administrator, at)
    url = reverse("h5p_library:texts", args=[content.pk])
    client = signed_in(editor)
    answer = client.post(url, body_of(client.get(url)) | {"value--points": "99"})
    assert answer.status_code == 422
    assert content.versions.count() == 1


def test_a_hostile_count_of_rows_makes_no_more_than_allowed() -> None:
    tree = build_tree(CONTENT, FIELDS, lambda api: None, interface=False, counts={"answers": 99999})
    assert len(tree.content["answers"]) == 4
