"""“Edit texts and answers” of an uploaded content."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from lms.accounts.models import User
from modules.actions.h5p_content import create_content_from_package
from modules.h5p_admin.text_fields import build_tree
from modules.h5p_admin.text_inputs import written_like
from modules.models import H5PContent
from tests.factories.h5p import make_uploaded
from tests.h5p import making
from tests.modules.h5p_authoring.looking import signed_in

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


def with_fields(by: User, at: datetime) -> H5PContent:
    return make_uploaded(
        by=by,
        at=at,
        content=CONTENT,
        **{"Test.Main-1.2/semantics.json": making.as_json(FIELDS)},
    )


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
    saved = client.post(url, body_of(client.get(url)), follow=True)
    assert content.versions.count() == 1
    assert "Nothing was changed: version 1 is played as before." in saved.content.decode()


def as_shown(page: Any) -> dict[str, str]:
    """The form as a browser sends it when nobody has touched it."""
    (form,) = BeautifulSoup(page.content, "html.parser").select("form:has([name=base_version])")
    sent = {}
    for field in form.select("input[name], textarea[name], select[name]"):
        name, kind = str(field["name"]), field.get("type")
        if field.name == "textarea":
            text = field.get_text().removeprefix("\n")
            sent[name] = text.replace("\r\n", "\n").replace("\n", "\r\n")
        elif field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif kind != "submit" and (kind != "checkbox" or field.has_attr("checked")):
            sent[name] = str(field.get("value", "on" if kind == "checkbox" else ""))
    return sent


# Paragraphs, <div>, bare lines; texts that are empty or absent; a choice that is none.
@pytest.mark.parametrize(
    "name",
    [
        "elpx__questionnaire", "escola__interactive-video", "jamestagal__H5P.Blanks-1.14",
        "jamestagal__H5P.MultiChoice-1.16", "jamestagal__H5P.Summary-1.10",
    ],
)  # fmt: skip
@pytest.mark.one_database("sqlite")
def test_who_changes_nothing_of_a_real_package_changes_nothing(
    name: str, administrator: User, editor: User, at: datetime, packages: Path
) -> None:
    with (packages / "valid" / f"{name}.h5p").open("rb") as file:
        content = create_content_from_package(file=file, by=administrator, at=at, title=name)
    client = signed_in(editor)
    for part in ("", "?part=interface"):
        url = reverse("h5p_library:texts", args=[content.pk]) + part
        assert client.post(url, as_shown(client.get(url))).status_code == 302
    assert content.versions.count() == 1


def test_only_what_was_typed_is_another(
    administrator: User, editor: User, at: datetime, packages: Path
) -> None:
    with (packages / "valid/jamestagal__H5P.MultiChoice-1.16.h5p").open("rb") as file:
        content = create_content_from_package(file=file, by=administrator, at=at)
    url = reverse("h5p_library:texts", args=[content.pk])
    client = signed_in(editor)
    sent = as_shown(client.get(url))
    name = "value--answers--0--text"
    client.post(url, sent | {name: sent[name].replace("purple", "red")})

    content.refresh_from_db()
    assert content.current is not None
    first = content.versions.get(number=1).parameters
    answers = [{**first["answers"][0], "text": "<div>Very dark red</div>"}, *first["answers"][1:]]
    assert content.current.parameters == {**first, "answers": answers}


def test_a_line_of_the_editor_is_wrapped_as_the_one_before_it() -> None:
    line = '<p data-block-key="x1">So <b>be</b> it</p>'
    assert written_like("Once", line) == "So <strong>be</strong> it"
    assert written_like("<p>Once</p>", line) == "<p>So <strong>be</strong> it</p>"
    assert written_like("", line) == "<p>So <strong>be</strong> it</p>"
    assert written_like("<div>Once</div>\n", line) == "<div>So <strong>be</strong> it</div>"
    assert written_like("Once", '<p data-block-key="x1"></p>') == ""
    assert written_like("Once", "<p>One</p><p>Two</p>") == "<p>One</p><p>Two</p>"


def test_rows_inside_a_new_row_are_each_their_own() -> None:
    texts = {"name": "word", "type": "group", "fields": FIELDS[1:4]}
    words = {"name": "words", "type": "list", "min": 2, "field": texts}
    row = {"name": "row", "type": "group", "fields": [FIELDS[1], words]}
    fields = [{"name": "rows", "type": "list", "label": "Rows", "field": row}]
    tree = build_tree({"rows": []}, fields, lambda api: None, interface=False, counts={"rows": 1})
    one, other = tree.content["rows"][0]["words"]
    assert one == other
    assert one is not other


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
