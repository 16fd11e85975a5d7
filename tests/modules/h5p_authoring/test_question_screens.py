"""Writing questions in the CMS, and importing them from a table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.blocks import Block, ListBlock, StructBlock

from h5p.questions import from_data
from lms.accounts.models import User
from modules.h5p_admin.blocks import QuestionSetBlock
from modules.h5p_admin.question_data import blocks_from_questions, questions_from_blocks
from modules.models import H5PContent
from tests.modules.h5p_authoring.looking import posted, shown_version, signed_in

pytestmark = pytest.mark.django_db


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


def _fields(block: Block, state: Any) -> Iterator[tuple[set[str], set[str]]]:
    """Of each group of fields in a form: those that it has, those that it is told about."""
    if isinstance(block, StructBlock):
        yield set(block.child_blocks), set(state)
        for name, child in block.child_blocks.items():
            yield from _fields(child, state.get(name))
    elif isinstance(block, ListBlock):
        for row in state:
            yield from _fields(block.child_block, row["value"])


@pytest.mark.parametrize("kind", list(QuestionSetBlock().child_blocks))
def test_a_new_question_has_empty_fields_where_the_script_would_write_undefined(kind: str) -> None:
    block = QuestionSetBlock().child_blocks[kind]
    told = list(_fields(block, block.get_form_state(block.get_default())))
    assert [given for _own, given in told] == [own for own, _given in told]


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
    url = reverse("h5p_library:import_into", args=[content.pk])
    said["base_version"] = shown_version(client, url)
    client.post(url, {**said, "file": SimpleUploadedFile("q.csv", other)})
    late = client.post(url, {**said, "file": SimpleUploadedFile("q.csv", table)}, follow=True)
    assert "Somebody stored another version" in late.content.decode()
    content.refresh_from_db()
    assert content.current is not None
    assert (content.current.number, len((content.current.questions or {})["questions"])) == (2, 1)
