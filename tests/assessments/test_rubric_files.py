"""Rubrics as files: what goes out comes back, and bad files change nothing."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.actions.rubric_drafts import replace_rubric_draft
from assessments.models import RubricDraft
from assessments.rubric_content import clean_rubric
from assessments.rubric_files import read_rubric, to_csv, to_json
from assessments.rubric_working import content_in, working_of
from lms.core.csv_files import guarded, unguarded
from lms.core.errors import InvalidInput
from lms.programme.models import Edition
from tests.factories.marking import rubric_content, rubric_in
from tests.factories.programme import instructor

words = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"),
    min_size=1,
    max_size=40,
)
titles = words.filter(lambda text: text.strip() != "")
tricky = st.sampled_from(["=1+1", "'=1", "''@x", "  -2", "+", "\tx", 'a;b,c"d', "two\nlines", "\r"])


@st.composite
def contents(draw: Callable[..., Any]) -> dict[str, Any]:
    criteria = []
    for number in range(draw(st.integers(1, 4))):
        levels = [
            {
                "key": f"level-{place}",
                "title": draw(titles),
                "points": str(place),
                "descriptor": draw(titles),
            }
            for place in range(draw(st.integers(2, 4)))
        ]
        criteria.append(
            {
                "key": f"criterion-{number}",
                "title": draw(titles),
                "description": draw(st.one_of(words, tricky, st.just(""))),
                "weight": "0",
                "levels": levels,
            }
        )
    share = (Decimal(100) / len(criteria)).quantize(Decimal("0.01"))
    for criterion in criteria:
        criterion["weight"] = str(share)
    criteria[0]["weight"] = str(100 - share * (len(criteria) - 1))
    return clean_rubric({"pass_percent": draw(st.integers(0, 100)), "criteria": criteria})


@given(contents())
@settings(max_examples=40)
def test_what_is_exported_is_imported_as_it_was(content: dict[str, Any]) -> None:
    for data, name in (
        (to_csv(content), "a.csv"),
        (to_json(content, title="A rubric"), "a.json"),
    ):
        back = read_rubric(data.encode(), name=name)

        assert back == content
        assert clean_rubric(content_in(working_of(back))) == content


@given(st.one_of(words, tricky))
def test_no_cell_is_a_formula_and_each_comes_back(text: str) -> None:
    cell = str(guarded(text))

    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguarded(cell) == text


def test_a_spreadsheet_of_another_country_is_read_too() -> None:
    content = clean_rubric(rubric_content())
    rows = list(csv.reader(io.StringIO(to_csv(content).lstrip("\ufeff"), newline="")))
    # Keys and repeated words are left out, as people who write a table leave them out.
    lines = [[cell for n, cell in enumerate(row) if n not in {1, 5}] for row in rows]
    for line in lines:
        line[1] = line[1] if line[3] else ""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(lines)

    back = read_rubric(text.getvalue().encode("utf-8-sig"), name="RUBRIC.CSV")

    assert [len(criterion["levels"]) for criterion in back["criteria"]] == [3, 3]
    assert [criterion["key"] for criterion in back["criteria"]] == [
        "criterion-need",
        "criterion-measurement",
    ]


HEADING = "criterion,weight,level,points,descriptor\n"


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"", "a.csv", "The file is empty."),
        (b"\xff\xfe1", "a.csv", "Save the file as UTF-8: it is in another encoding."),
        (b"criterion\nA", "a.csv", "Missing in the first row: weight, level, points, descriptor."),
        (
            f"{HEADING}A,100,Good,2,Well.\n,,Bad,-1,No.\n".encode(),
            "a.csv",
            "Row 3, points: Give a number from 0 to 9999.99 with at most two decimal places.",
        ),
        (
            f'{HEADING}A,"40,5",Good,2,Well.\nB,60,,1,\n'.encode(),
            "a.csv",
            "Row 2, weight: Give a number from 0 to 100 with at most two decimal places.",
        ),
        (f"{HEADING}A,100,Good\n".encode(), "a.csv", "Row 2: it has 3 cells, the first row has 5."),
        (b"total,criterion,weight,level,points,descriptor", "a.csv", "Unknown columns: total."),
        (b"{", "a.json", "This is not JSON."),
        (b"[]", "a.json", "This is not a rubric: “format” should be “rambla-rubric/1”."),
        (
            b'{"format": "rambla-rubric/1", "pass_percent": 1, "criteria": [{"weight": "NaN"}]}',
            "a.json",
            "Criterion 1, weight: Give a number from 0 to 100 with at most two decimal places.",
        ),
        (
            b'{"format": "rambla-rubric/1", "pass_percent": 1, "criteria": ['
            + b'{"title": ""},' * 100_000
            + b'{"title": ""}]}',
            "a.json",
            "criteria: Name at most 40 criteria.",
        ),
        (b"A", "a.xlsx", "Choose a file that ends in .csv or .json."),
    ],
)
def test_a_bad_file_says_where_it_is_bad(data: bytes, name: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        read_rubric(data, name=name)

    assert refusal.value.errors["file"][0] == sentence


@pytest.mark.django_db
def test_a_refused_content_changes_nothing(edition: Edition, at: datetime) -> None:
    content = rubric_content()
    content["criteria"][0]["levels"][0]["points"] = "Infinity"

    with pytest.raises(InvalidInput):
        replace_rubric_draft(
            rubric=rubric_in(edition), base_version=0, content=content, by=instructor(edition),
            at=at,
        )  # fmt: skip

    assert not RubricDraft.objects.exists()
