"""What is wrong with a file of questions is said with its place."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5p.cli import main
from h5p.questions import from_data, read_content, read_csv, read_yaml
from h5p.questions.gapped import parse_gapped, write_gapped
from h5p.questions.model import Gap, Match, SingleChoice


def test_a_table_names_row_and_column() -> None:
    table = "kind;prompt;answers;points\nsingle;?;a|b;1\n\nriddle;?;z;\ngaps;?;[a;\nmatch;?;a=b|c;x"

    reading = read_csv(table, title="x")

    assert [(problem.code, problem.path) for problem in reading.problems] == [
        ("no-right-answer", "row 2, column answers"),
        ("unknown-kind", "row 4, column kind"),
        ("gaps", "row 5, column answers"),
        ("missing-text", "row 6, column answers"),
        ("bad-number", "row 6, column points"),
    ]


def test_yaml_names_line_and_column() -> None:
    text = "title: x\nquestions:\n  - kind: order\n    prompt: Sort\n    itms: [a, b]\n"

    problems = read_yaml(text).problems

    assert [problem.code for problem in problems] == ["unknown-field", "too-few"]
    assert problems[0].path == "line 5, column 11, questions[0].itms"
    assert "Did you mean “items”?" in problems[0].message


def test_a_table_from_a_european_spreadsheet_is_read() -> None:
    table = (
        "\ufeffKind;Prompt;Answers;Points\r\n"
        'match;Rivers;"Paris = Seine\nLondon = Thames\n= Tiber";1,5\r\n'
        "scenario;The phone rings.;;\r\n"
        "step;Then?;*Answer => She thanks you. | Wait;\r\n"
    )

    question_set = read_csv(table.encode(), title="x").require()

    rivers, call = question_set.questions
    assert isinstance(rivers, Match)
    assert [pair.right.text for pair in rivers.pairs] == ["Seine", "Thames"]
    assert [item.text for item in rivers.extras] == ["Tiber"]
    assert str(rivers.points) == "1.5"
    assert [name for name, _ in question_set.leaves()][1].startswith(f"{call.id}.")


def test_a_step_without_a_scenario_is_refused() -> None:
    reading = read_csv("kind,prompt,answers\nstep,Then?,*a|b\n", title="x")

    assert reading.problems[0].path == "row 2, column kind"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad-table"),
        ("kind,prompt\nsingle,x\n", "bad-table"),
        ("kind,prompt,answers,colour\n", "unknown-field"),
        ("kind,prompt,answers\nsingle,a,*b|c,extra\n", "bad-table"),
        ('kind,prompt,answers\nsingle,"a,*b|c\n', "bad-table"),
        ("kind,prompt,answers,prompt\n", "duplicate"),
    ],
)
def test_a_broken_table_is_refused(text: str, code: str) -> None:
    assert code in {problem.code for problem in read_csv(text, title="x").problems}


def test_where_a_table_breaks_off_is_said() -> None:
    (broken,) = read_csv('kind,prompt,answers\nsingle,a,*b|c\nsingle,"a,*b|c\n', title="x").problems
    assert (broken.path, broken.message[:6]) == ("row 3", "Row 3:")


def test_what_a_spreadsheet_says_of_its_columns_is_read() -> None:
    table = "\ufeffsep=;\r\nkind;prompt;answers\r\nsingle;One, two?;*a|b\r\nsingle;;*a|b\r\n"
    assert [each.path for each in read_csv(table.encode(), title="x").problems] == [
        "row 3, column prompt"
    ]


def test_yaml_that_unfolds_is_refused() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nquestions: [*b, *b]\n"

    assert [problem.code for problem in read_yaml(bomb).problems] == ["bad-yaml"]
    assert [problem.code for problem in read_yaml("[" * 5000).problems] == ["bad-yaml"]


def test_gaps_are_read_with_answers_hints_and_escapes() -> None:
    passage, gaps = parse_gapped(r"In [Paris|la \[ville\]::a city: big] \[sic\].")

    assert passage == "In [[g1]] [sic]."
    assert gaps == (Gap("g1", ("Paris", "la [ville]"), "a city: big"),)
    assert parse_gapped(write_gapped(passage, gaps)) == (passage, gaps)


@pytest.mark.parametrize(
    "written", ["2015-12-04", "1:30", "1.50", "1_000", "007", "0x10", "no", "On", "=", "9" * 5000]
)
def test_what_yaml_has_values_for_stays_as_it_is_written(written: str) -> None:
    text = (
        f"title: {written[:99]}\n"
        "behaviour: {retry: no, pass: 60}\n"
        "questions:\n"
        "- {kind: single, prompt: x, points: 1.5, "
        f"options: [{{text: {written}, correct: yes}}, b]}}"
    )

    question_set = read_yaml(text).require()

    (question,) = question_set.questions
    assert isinstance(question, SingleChoice)
    assert (question_set.title, question.options[0].text) == (written[:99], written)
    assert question.options[0].correct
    assert (str(question.points), question_set.behaviour.retry) == ("1.5", False)


@pytest.mark.parametrize(
    "value", ["!!int ''", "!!timestamp x", "!!bool maybe", "!!python/name:os.system", "!x 1"]
)
def test_a_tag_of_yaml_is_refused_with_its_place(value: str) -> None:
    (problem,) = read_yaml(f"title: x\nquestions: {value}").problems
    assert (problem.code, problem.path) == ("bad-yaml", "line 2, column 12")


@pytest.mark.parametrize("name", ["points", "prompt", "id"])
def test_a_number_with_more_digits_than_python_writes_is_refused(name: str) -> None:
    question = {"kind": "single", "prompt": "x", "options": [{"text": "a", "correct": True}, "b"]}
    reading = from_data({"title": "x", "questions": [{**question, name: 10**5000}]})
    assert {problem.path for problem in reading.problems} == {f"questions[0].{name}"}


RIGHT = {"text": "Seine", "correct": True}
ONE = {"kind": "single", "prompt": "Which?", "options": [RIGHT, "Rhine"]}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"language": "english, please"}, "bad-language", "language"),
        ({"questions": "one"}, "field-type", "questions"),
        ({"questions": [ONE | {"prompt": ["Which?"]}]}, "field-type", "questions[0].prompt"),
        ({"questions": [ONE | {"id": "no blanks"}]}, "bad-id", "questions[0].id"),
        (
            {"questions": [ONE | {"options": [RIGHT, RIGHT]}]},
            "several-right-answers",
            "questions[0].options",
        ),
    ],
)
def test_data_of_the_wrong_form_is_named(changes: dict[str, Any], code: str, path: str) -> None:
    sound = {"title": "Rivers", "questions": [ONE]}
    assert from_data(sound).problems == ()

    problems = from_data(sound | changes).problems

    assert (code, path) in {(problem.code, problem.path) for problem in problems}


NAMES = (
    *("id", "kind", "prompt", "situation", "options", "text", "correct", "gaps", "passage"),
    *("items", "pairs", "left", "right", "rightId", "steps", "answers", "extras"),
    *("questions", "behaviour", "feedback", "points"),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "kind",
                    "prompt",
                    "options",
                    "text",
                    "correct",
                    "gaps",
                    "passage",
                    "items",
                    "pairs",
                    "left",
                    "right",
                    "steps",
                    "answers",
                    "questions",
                    "behaviour",
                    "feedback",
                    "points",
                    "extras",
                    "rightId",
                    "situation",
                ]
            ),
            st.one_of(inner, st.sampled_from(["single", "gaps", "match", "order", "scenario"])),
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@settings(max_examples=120)
@given(JSON)
def test_nothing_makes_reading_raise(data: object) -> None:
    for reading in (from_data(data), read_content(data, title="x")):
        assert reading.ok is not bool(reading.problems)


@settings(max_examples=100)
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)))
def test_nothing_makes_files_raise(data: str | bytes) -> None:
    read_yaml(data)
    read_csv(data, title="x")
    heading = "kind,prompt,answers\n"
    read_csv(heading + data if isinstance(data, str) else heading.encode() + data, title="x")


def test_build_writes_a_package_or_says_why_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("kind,prompt,answers\nsingle,Which?,*a | b\n", encoding="utf-8")
    bad.write_text("kind,prompt,answers\nsingle,Which?,a | b\n", encoding="utf-8")

    assert main(["build", str(good), str(bad), str(tmp_path / "none.yaml")]) == 1

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["ok"] for row in rows] == [True, False, False]
    assert main(["check", rows[0]["package"]]) == 0
    assert rows[1]["problems"][0]["path"] == "row 2, column answers"
    nowhere = str(tmp_path / "nowhere" / "x.h5p")
    assert main(["build", str(good), "--output", nowhere]) == 1
    row = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (row["package"], row["problems"][0]["code"]) == (None, "missing-file")
    with pytest.raises(SystemExit):
        main(["build", str(good), str(good.with_suffix(".yaml"))])


@pytest.mark.parametrize("name", ["__proto__", "constructor", "toString"])
def test_what_every_object_of_a_player_has_names_no_question(name: str) -> None:
    table = f"id,kind,prompt,answers\n{name},single,x,*a|b\n"
    (problem,) = read_csv(table, title="x").problems
    assert (problem.code, problem.path) == ("bad-id", "row 2, column id")


def test_ids_stay_when_questions_move() -> None:
    one = {"kind": "single", "prompt": "A?", "options": [{"text": "x", "correct": True}, "y"]}
    other = {"kind": "single", "prompt": "B?", "options": [{"text": "x", "correct": True}, "y"]}

    before = from_data({"title": "t", "questions": [one, other]}).require()
    after = from_data({"title": "t", "questions": [other, one]}).require()

    assert before.questions == after.questions[::-1]
    assert all(isinstance(question, SingleChoice) for question in after.questions)
