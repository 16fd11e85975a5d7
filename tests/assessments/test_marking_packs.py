"""Marking without a connection: nothing is lost on the way, nothing overwritten in silence."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions.marking import allocate_marker, save_marks, submit_assessment
from assessments.actions.marking_packs import take_back_pack
from assessments.actions.revising import withdraw_submission
from assessments.enums import AssessmentStatus, SubmissionStatus
from assessments.marking_packs import safe_name
from assessments.marking_sheets import COLUMNS, OVERALL, read_sheet, sheet_csv, sheet_xlsx
from assessments.models import Assessment, MarkingPolicy, PackReturn
from assessments.selectors.marking_packs import pack_of
from lms.accounts.models import User
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories import assessments
from tests.factories.marking import (
    MARKED_AT,
    RECEIVED_AT,
    in_marking,
    marked,
    project_in,
    submitted,
)
from tests.factories.programme import coordinator, instructor

Rows = list[dict[str, str]]


@pytest.fixture
def marker(edition: Edition) -> User:
    return instructor(edition)


def sheet_of(edition: Edition, marker: User) -> Rows:
    rows = [row for one in pack_of(edition, marker) for row in one.rows]
    text = sheet_csv(rows).lstrip("\ufeff")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def written(rows: Rows) -> bytes:
    return sheet_csv([[row[name] for name in COLUMNS] for row in rows]).encode()


def bring_back(edition: Edition, marker: User, rows: Rows) -> list[dict[str, Any]]:
    return take_back_pack(
        edition=edition, data=written(rows), name="marks.csv", by=marker, at=MARKED_AT
    ).rows


def outcomes(rows: list[dict[str, Any]]) -> list[str]:
    return [row["outcome"] for row in rows]


def stored(assessment: Assessment) -> dict[str, tuple[str | None, str]]:
    assessment.refresh_from_db()
    return {key: (mark["level"], mark["comment"]) for key, mark in assessment.marks.items()}


def test_a_sheet_is_filled_in_and_comes_back(edition: Edition, marker: User) -> None:
    """By the key of a level or by its title; an empty cell changes nothing."""
    first, second = (in_marking(submitted(edition), marker) for _ in range(2))
    marked(second, "weak")
    rows = sheet_of(edition, marker)
    need, measurement, overall = rows[:3]
    need |= {"level": "strong", "comment": "Clear.\nAnd short: “=1+1” 🦀"}
    measurement |= {"level": " SOUND ", "comment": ""}
    overall |= {"comment": "=Well done"}
    rows[3] |= {"level": "", "comment": ""}

    back = bring_back(edition, marker, rows)
    again = bring_back(edition, marker, rows)

    first.refresh_from_db()
    assert outcomes(back) == ["applied", "applied", "applied", *["unchanged"] * 3]
    assert outcomes(again) == ["unchanged"] * 6
    assert stored(first) == {
        "need": ("strong", "Clear.\nAnd short: “=1+1” 🦀"),
        "measurement": ("sound", ""),
    }
    assert (first.overall, first.version) == ("=Well done", 3)
    assert stored(second)["need"] == ("weak", "A comment on need.")


def test_what_was_changed_meanwhile_is_refused_with_what_is_stored(
    edition: Edition, marker: User
) -> None:
    assessment = in_marking(submitted(edition), marker)
    rows = sheet_of(edition, marker)
    save_marks(
        assessment=assessment, base_version=0, by=marker, at=MARKED_AT,
        marks={"need": {"level": "sound", "comment": "On the desk."}},
    )  # fmt: skip
    rows[0] |= {"level": "weak", "comment": "On the train."}
    rows[1] |= {"level": "strong"}

    need, measurement, overall = bring_back(edition, marker, rows)

    assert [need["outcome"], measurement["outcome"], overall["outcome"]] == [
        "refused",
        "refused",
        "unchanged",
    ]
    assert (need["stored_level"], need["stored_comment"]) == ("sound", "On the desk.")
    assert (need["sent_level"], need["sent_comment"]) == ("weak", "On the train.")
    assert "changed since the pack was made" in need["reason"]
    assert stored(assessment) == {"need": ("sound", "On the desk.")}


def test_rows_that_contradict_each_other_are_refused_both(edition: Edition, marker: User) -> None:
    assessment = in_marking(submitted(edition), marker)
    need, measurement, _overall = sheet_of(edition, marker)
    rows = [need | {"level": "strong"}, measurement | {"level": "weak"}, need | {"level": "weak"}]

    back = bring_back(edition, marker, rows)

    assert outcomes(back) == ["refused", "applied", "refused"]
    assert "stands in the sheet twice" in back[0]["reason"]
    assert stored(assessment) == {"measurement": ("weak", "")}


def swap(rows: Rows) -> None:
    rows[0]["assessment"] = rows[3]["assessment"]


def other_marker(rows: Rows) -> None:
    rows[0]["assessment"] = rows[0]["receipt"]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (swap, "The receipt and the number of the assessment are of two projects."),
        (other_marker, "This is no project that you are marking."),
        (
            lambda rows: rows[0].update(level="excellent"),
            "This criterion has no level “excellent”.",
        ),
        (lambda rows: rows[0].update(criterion_key="luck"), "The rubric has no such criterion."),
        (lambda rows: rows[0].update(version=""), "The version of the sheet is missing."),
        (lambda rows: rows[0].update(comment="x" * 30_000), "This text is longer than 20 kB."),
    ],
)
def test_a_spoilt_row_is_refused_and_the_others_are_stored(
    edition: Edition, marker: User, spoil: Callable[[Rows], None], reason: str
) -> None:
    first, second = (in_marking(submitted(edition), marker) for _ in range(2))
    rows = sheet_of(edition, marker)
    for row in rows:
        row |= {"level": "strong" if row["criterion_key"] != OVERALL else ""}
    spoil(rows)

    back = bring_back(edition, marker, rows)

    assert outcomes(back).count("refused") == 1
    assert (back[0]["outcome"], back[0]["reason"]) == ("refused", reason)
    assert set(stored(first)) == {"measurement"}
    assert set(stored(second)) == {"need", "measurement"}


def test_marks_that_are_handed_in_and_those_of_others_stay(edition: Edition, marker: User) -> None:
    mine = marked(in_marking(submitted(edition), marker))
    colleague = instructor(edition)
    theirs = in_marking(submitted(edition), colleague)
    rows = sheet_of(edition, marker) + sheet_of(edition, colleague)
    submit_assessment(assessment=mine, base_version=1, by=marker, at=MARKED_AT)
    for row in rows:
        row |= {"comment": "Slipped in."}

    back = bring_back(edition, marker, rows)

    assert outcomes(back) == ["refused"] * 6
    assert stored(mine)["need"] == ("sound", "A comment on need.")
    assert stored(theirs) == {}
    with pytest.raises(PermissionDenied):
        bring_back(edition, coordinator(edition), rows)


def test_the_zip_holds_text_files_and_both_sheets(edition: Edition, marker: User) -> None:
    assessment = in_marking(submitted(edition), marker)
    save_marks(
        assessment=assessment, base_version=0, by=marker, at=MARKED_AT, marks={},
        overall="=cmd|calc",
    )  # fmt: skip
    browser = Client()
    browser.force_login(marker)

    answer = browser.get(reverse("assessments:marking_pack_zip", args=[edition.slug]))
    archive = ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

    folder = f"projects/{assessment.attempt.receipt.lower()}"
    assert sorted(archive.namelist()) == [
        "README.txt", "marks.csv", "marks.xlsx", f"{folder}/project.html",
    ]  # fmt: skip
    assert "Our harbour needs quieter ferries." in archive.read(f"{folder}/project.html").decode()
    assert "'=cmd|calc" in archive.read("marks.csv").decode()
    book = openpyxl.load_workbook(io.BytesIO(archive.read("marks.xlsx")))
    cells = {cell.data_type for row in book.active.iter_rows() for cell in row if cell.value}
    assert cells == {"s"}
    by_sheet = [read_sheet(archive.read(name), name=name) for name in ("marks.csv", "marks.xlsx")]
    assert by_sheet[0] == by_sheet[1]


def test_files_have_safe_names_and_nobodys_where_names_are_hidden(
    edition: Edition, marker: User
) -> None:
    submission = assessments.write(assessments.start(edition))
    assessments.attach(submission)
    attempt = assessments.hand_in(submission)
    in_marking(attempt, marker, at=assessments.DEADLINE)
    browser = Client()
    browser.force_login(marker)
    address = reverse("assessments:marking_pack_zip", args=[edition.slug])

    def names() -> tuple[list[str], str]:
        data = b"".join(browser.get(address).streaming_content)
        archive = ZipFile(io.BytesIO(data))
        page = next(name for name in archive.namelist() if name.endswith("project.html"))
        return archive.namelist(), archive.read(page).decode() + archive.read("marks.csv").decode()

    shown, text = names()
    MarkingPolicy.objects.create(project=submission.project, is_anonymous=True)
    hidden, hidden_text = names()

    owner = submission.owner
    assert any("/01-" in name and name.endswith(".pdf") for name in shown)
    assert str(owner.user) in text
    assert str(owner.user) not in hidden_text
    assert owner.city.name not in hidden_text
    assert all("project-" in name for name in hidden if name.startswith("projects/"))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\a\\b.pdf", "b.pdf"),
        ("con.pdf", "_con.pdf"),
        ("a:b?.pdf", "a_b_.pdf"),
        ("\u202egnp.exe", "_gnp.exe"),
        ("...", "file"),
        ("é" * 200 + ".pdf", "é" * 48 + ".pdf"),
    ],
)
def test_no_name_is_a_path_or_a_device(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def broken(member: str = "xl/worksheets/sheet1.xml", flags: int = 0) -> bytes:
    """A spreadsheet with a part of it cut off, or with a password."""
    written = io.BytesIO()
    with ZipFile(io.BytesIO(sheet_xlsx([]))) as old, ZipFile(written, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, content[:60] if entry.filename == member else content)
    data = bytearray(written.getvalue())
    for start, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(start, bytes(data)):
            data[found.start() + place] |= flags
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.csv"),
        (b"PK\x03\x04", "a.xlsx"),
        (b"a,b", "a.csv"),
        (b"a", "a.zip"),
        (sheet_csv([["R", "1", "0", "A", "need", "", "", "sound", "a\0b"]]).encode(), "a.csv"),
        (broken(), "a.xlsx"),
        (broken("xl/workbook.xml"), "a.xlsx"),
        (broken("[Content_Types].xml"), "a.xlsx"),
        (broken("", flags=1), "a.xlsx"),
    ],
)
def test_what_is_no_sheet_changes_nothing(
    edition: Edition, marker: User, data: bytes, name: str
) -> None:
    with pytest.raises(InvalidInput):
        take_back_pack(edition=edition, data=data, name=name, by=marker, at=MARKED_AT)

    assert not PackReturn.objects.exists()


def test_the_pages_from_the_pack_to_the_report(edition: Edition, marker: User) -> None:
    in_marking(submitted(edition), marker)
    browser = Client()
    browser.force_login(marker)
    page = reverse("assessments:marking_pack", args=[edition.slug])
    rows = sheet_of(edition, marker)
    rows[0] |= {"level": "strong"}
    rows[1] |= {"level": "=2+5"}
    data = sheet_xlsx([[row[name] for name in COLUMNS] for row in rows])

    assert "1 project that you have begun or were given" in browser.get(page).content.decode()
    bad = browser.post(page, {"file": SimpleUploadedFile("a.txt", b"1")})
    sent = browser.post(page, {"file": SimpleUploadedFile("marks.xlsx", data)})
    report = browser.get(sent["Location"]).content.decode()
    table = browser.get(f"{sent['Location']}rows.csv").content.decode()

    assert (bad.status_code, sent.status_code) == (422, 302)
    assert "1 stored, 1 refused, 1 as they were." in report
    assert "'=2+5" in table
    browser.force_login(instructor(edition))
    assert browser.get(sent["Location"]).status_code == 404


def test_the_api_takes_a_sheet_and_keeps_what_became_of_it(edition: Edition, marker: User) -> None:
    in_marking(submitted(edition), marker)
    api = APIClient()
    api.force_authenticate(marker)
    text = api.get("/api/v1/pack-returns/sheet/", {"edition": edition.slug}).content.decode()
    text = text.replace(",,\r\n", ",strong,\r\n", 1)

    answer = api.post(
        "/api/v1/pack-returns/", {"edition": edition.slug, "text": text}, format="json"
    )
    [listed] = api.get("/api/v1/pack-returns/").json()["results"]

    assert answer.status_code == 201, answer.json()
    assert [row["outcome"] for row in answer.json()["rows"]] == [
        "applied",
        "unchanged",
        "unchanged",
    ]
    assert (listed["applied"], listed["refused"]) == (1, 0)


def test_what_was_given_and_not_begun_goes_along_and_its_first_mark_begins_it(
    edition: Edition, marker: User
) -> None:
    boss = coordinator(edition)
    read, gone = submitted(edition), submitted(edition)
    for attempt in (read, gone):
        allocate_marker(submission=attempt.submission, marker=marker, by=boss, at=MARKED_AT)
    submitted(edition)  # nobody has it
    rows = sheet_of(edition, marker)
    assert {row["receipt"] for row in rows} == {read.receipt, gone.receipt}
    assert outcomes(bring_back(edition, marker, rows)) == ["unchanged"] * 6
    read.submission.refresh_from_db()
    assert read.submission.status == SubmissionStatus.SUBMITTED
    writer = gone.owner.user
    withdraw_submission(submission=gone.submission, number=1, by=writer, at=RECEIVED_AT)
    for row in rows:
        if row["criterion_key"] == "need":
            row["level"] = "strong"

    back = bring_back(edition, marker, rows)

    assert [row["outcome"] for row in back if row["sent_level"]] == ["applied", "refused"]
    begun = Assessment.objects.get(attempt=read)
    assert (begun.status, begun.version) == (AssessmentStatus.IN_MARKING, 1)
    assert not Assessment.objects.active().filter(attempt=gone).exists()


def test_the_api_takes_a_spreadsheet_as_the_page_does(edition: Edition, marker: User) -> None:
    assessment = in_marking(submitted(edition), marker)
    rows = sheet_of(edition, marker)
    rows[0] |= {"level": "strong"}
    data = sheet_xlsx([[row[name] for name in COLUMNS] for row in rows])
    api = APIClient()
    api.force_authenticate(marker)

    def send(**body: Any) -> Any:
        body |= {"edition": edition.slug}
        return api.post("/api/v1/pack-returns/", body, format="multipart")

    sent = send(file=SimpleUploadedFile("marks.xlsx", data))
    assert sent.status_code == 201, sent.json()
    assert (sent.json()["name"], sent.json()["applied"]) == ("marks.xlsx", 1)
    assert stored(assessment)["need"][0] == "strong"
    assert send().status_code == 422
    assert send(file=SimpleUploadedFile("a.csv", b"x"), text="x").status_code == 422
    assert send(file=SimpleUploadedFile("marks.xlsx", b"PK")).status_code == 422


def test_a_pack_costs_the_same_at_one_and_at_ten(edition: Edition, marker: User) -> None:
    project_in(edition)
    in_marking(submitted(edition), marker)
    pack_of(edition, marker)
    with CaptureQueriesContext(connection) as one:
        pack_of(edition, marker)
    for _ in range(9):
        in_marking(submitted(edition), marker)
    with CaptureQueriesContext(connection) as ten:
        assert len(pack_of(edition, marker)) == 10

    assert len(ten) == len(one)
