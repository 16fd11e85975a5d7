"""Questions survive being written down, in every form that we write."""

import io
import json

from hypothesis import given, settings

from h5p.package import read_package
from h5p.questions import (
    QuestionSet,
    Scenario,
    from_data,
    package_bytes,
    read_content,
    read_csv,
    read_yaml,
    served_content,
    whole_content,
    write_csv,
    write_yaml,
)
from h5p.questions.model import Gaps, Match, Order
from h5p.questions.packing import own_resolution, read_questions
from h5p.questions.writing import as_data
from h5p.sanitise import sanitise
from tests.h5p.questions import question_sets


@settings(max_examples=25)
@given(question_sets)
def test_a_package_gives_back_the_questions_it_was_made_of(question_set: QuestionSet) -> None:
    assert read_questions(io.BytesIO(package_bytes(question_set))).require() == question_set


@settings(max_examples=25)
@given(question_sets)
def test_yaml_gives_back_the_questions_it_was_made_of(question_set: QuestionSet) -> None:
    assert read_yaml(write_yaml(question_set)).require() == question_set


@settings(max_examples=25)
@given(question_sets)
def test_a_table_gives_back_all_but_the_small_ids(question_set: QuestionSet) -> None:
    reading = read_csv(write_csv(question_set), title=question_set.title)

    written = [_without_small_ids(entry) for entry in as_data(question_set)["questions"]]
    # Two gaps may come back under other names; two rights with one text are one in a table.
    assert [_without_small_ids(e) for e in as_data(reading.require())["questions"]] == written


def _without_small_ids(entry: object) -> object:
    def strip(value: object, *, top: bool) -> object:
        if isinstance(value, dict):
            kept = {"id"} if top else set()
            return {
                name: strip(inner, top=name == "steps")
                for name, inner in value.items()
                if name in kept or name not in {"id", "right_id", "passage"}
            }
        if isinstance(value, list):
            return [strip(inner, top=top) for inner in value]
        return value

    return strip(entry, top=True)


@settings(max_examples=25)
@given(question_sets)
def test_served_content_tells_nothing(question_set: QuestionSet) -> None:
    served = served_content(question_set)

    names = set(_names(served["questions"]))
    assert not names & {"correct", "feedback", "answers", "pairs", "rightId", "extras"}
    for question in question_set.questions:
        if isinstance(question, Order) and len(question.items) > 2:
            shown = next(q for q in served["questions"] if q["id"] == question.id)["items"]
            assert [item["id"] for item in shown] != [item.id for item in question.items]


def _names(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for inner in value.values() for name in _names(inner))]
    if isinstance(value, list):
        return [name for inner in value for name in _names(inner)]
    return []


def test_served_content_is_not_taken_for_questions() -> None:
    question_set = from_data(EVERY_KIND).require()

    reading = read_content(served_content(question_set), title="x")

    assert not reading.ok
    assert "no-right-answer" in {problem.code for problem in reading.problems}


def test_a_package_is_sound_and_always_the_same() -> None:
    question_set = from_data(EVERY_KIND).require()

    data = package_bytes(question_set)

    report = read_package(io.BytesIO(data))
    assert report.problems == ()
    assert str(report.require().main) == "Rambla.QuestionSet 1.0.0"
    assert data == package_bytes(question_set)


@settings(max_examples=25)
@given(question_sets)
def test_our_own_content_is_clean_already(question_set: QuestionSet) -> None:
    content = whole_content(question_set)
    library = own_resolution()[0].main

    assert sanitise(content, library.semantics, lambda name: None) == (content, ())


def test_words_are_those_of_the_language() -> None:
    spoken = from_data({**EVERY_KIND, "language": "pt-BR"}).require()

    content = whole_content(spoken)

    assert content["l10n"]["check"] == "Verificar"
    assert json.dumps(content)


def test_hostile_markup_is_cleaned_on_every_way_in() -> None:
    hostile = {
        "title": "x",
        "questions": [
            {
                "kind": "single",
                "prompt": "<img src=x onerror=alert(1)><p onclick=alert(1)>Really?</p>",
                "options": [
                    {
                        "text": "<script>1</script>",
                        "correct": True,
                        "feedback": "<script>1</script>ok",
                    },
                    "b",
                ],
            }
        ],
    }

    content = whole_content(from_data(hostile).require())

    question = content["questions"][0]
    assert question["prompt"] == "<p>Really?</p>"
    # Plain text is shown as it is: escaped, not removed.
    assert question["options"][0]["text"] == "&lt;script&gt;1&lt;/script&gt;"
    assert question["options"][0]["feedback"] == "ok"


def test_ids_do_not_tell_the_answer() -> None:
    question_set = from_data(EVERY_KIND).require()

    for question in question_set.questions:
        match question:
            case Order():
                in_order = [item.id for item in question.items]
                assert in_order != sorted(in_order)
            case Match():
                assert all(pair.id != pair.right.id for pair in question.pairs)
            case Gaps() | Scenario():
                pass


EVERY_KIND = {
    "title": "Every kind",
    "questions": [
        {
            "kind": "single",
            "prompt": "One?",
            "options": [{"text": "Yes", "correct": True}, "No"],
        },
        {
            "kind": "multiple",
            "prompt": "Which?",
            "points": 2,
            "options": [{"text": "A", "correct": True}, {"text": "B", "correct": True}, "C"],
        },
        {"kind": "gaps", "prompt": "Fill.", "passage": "The [Seine] in [Paris::a city]."},
        {"kind": "order", "prompt": "Sort.", "items": ["Oslo", "Berlin", "Rome", "Athens"]},
        {
            "kind": "match",
            "prompt": "Match.",
            "pairs": [{"left": "Paris", "right": "Seine"}, {"left": "London", "right": "Thames"}],
            "extras": ["Tiber"],
        },
        {
            "kind": "scenario",
            "situation": "The phone rings.",
            "steps": [
                {"prompt": "Then?", "options": [{"text": "Answer", "correct": True}, "Wait"]}
            ],
        },
    ],
}
