"""Comments at places in an attempt, and the bank of comments, through actions and pages."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.annotating import (
    annotate,
    change_annotation,
    delete_annotation,
    restore_annotation,
)
from assessments.actions.grades import agree_grade, amend_grade
from assessments.actions.held import NotInMarking, WrongAttempt
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.marking import save_marks, submit_assessment
from assessments.actions.snippets import use_snippet
from assessments.models import Annotation, Assessment, AttemptFile, Grade, MarkingLease, Snippet
from assessments.selectors.annotations import released_annotations
from lms.accounts.models import User
from lms.core.errors import DomainError, InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories import assessments as projects
from tests.factories.accounts import PASSWORD
from tests.factories.marking import (
    MARKED_AT,
    in_marking,
    marked,
    release_now,
    rubric_content,
    snippet_of,
    submitted,
)
from tests.factories.programme import instructor

SECTION = "rationale"
PASSAGE = {
    "kind": "passage", "quote": "quieter ferries", "prefix": "needs ", "suffix": ".",
    "start": 18, "end": 33,
}  # fmt: skip


@pytest.fixture
def assessment(edition: Edition) -> Assessment:
    return in_marking(submitted(edition), instructor(edition))


def note(assessment: Assessment, **fields: Any) -> Annotation:
    values = {
        "receipt": assessment.attempt.receipt, "key": "k1", "section": SECTION,
        "anchor": PASSAGE, "text": "Say how quiet.", "by": assessment.marker, "at": MARKED_AT,
    } | fields  # fmt: skip
    return annotate(assessment=assessment, **values)


def hand_in(assessment: Assessment) -> Grade:
    assessment.refresh_from_db()
    marked(assessment)
    assessment.refresh_from_db()
    submit_assessment(
        assessment=assessment, base_version=assessment.version, by=assessment.marker, at=MARKED_AT
    )
    return Grade.objects.get(submission=assessment.submission)


def with_pdf(edition: Edition, marker: User) -> tuple[Assessment, AttemptFile]:
    submission = projects.write(projects.start(edition))
    projects.attach(submission)
    attempt = projects.hand_in(submission)
    return in_marking(attempt, marker), attempt.files.get()


def test_what_is_sent_twice_is_stored_once(assessment: Assessment) -> None:
    first = note(assessment)
    again = note(assessment)

    assert first == again
    with pytest.raises(DomainError) as refused:
        note(assessment, anchor={"kind": "section"})
    assert refused.value.code == "another_annotation"


def test_a_comment_of_another_learner_or_attempt_is_refused(edition: Edition) -> None:
    """Wrong-learner guard: the receipt says whose page it was."""
    marker = instructor(edition)
    mine, other = (in_marking(submitted(edition), marker) for _ in range(2))
    theirs = other.attempt.receipt
    written = note(mine)
    by = {"by": marker, "at": MARKED_AT}

    refusals = [
        lambda: note(mine, receipt=theirs, key="k2"),
        lambda: note(mine, receipt="", key="k3"),
        lambda: change_annotation(
            annotation=written, receipt=theirs, base_version=0, text="Else.", **by
        ),
        lambda: delete_annotation(annotation=written, receipt=theirs, base_version=0, **by),
        lambda: save_marks(
            assessment=mine, base_version=0, marks={}, overall="Bled.", receipt=theirs, **by
        ),
        lambda: submit_assessment(assessment=mine, base_version=0, receipt=theirs, **by),
    ]
    for refusal in refusals:
        with pytest.raises(WrongAttempt):
            refusal()

    mine.refresh_from_db()
    assert mine.overall == ""
    assert mine.annotations.get().text == "Say how quiet."


def test_a_change_needs_the_version_it_was_made_on(assessment: Assessment) -> None:
    """Invariant 3."""
    written = note(assessment)
    sent = {"annotation": written, "receipt": assessment.attempt.receipt,
            "by": assessment.marker, "at": MARKED_AT}  # fmt: skip
    change_annotation(**sent, base_version=0, text="Say how much quieter.")

    with pytest.raises(StaleVersion) as stale:
        change_annotation(**sent, base_version=0, text="Mine.")
    assert stale.value.extra == {"version": 1, "stored": {"text": "Say how much quieter."}}
    # The same again, as after a lost answer.
    assert change_annotation(**sent, base_version=0, text="Say how much quieter.").version == 1


def test_a_deleted_comment_comes_back(assessment: Assessment) -> None:
    written = note(assessment)
    sent = {"annotation": written, "receipt": assessment.attempt.receipt,
            "by": assessment.marker, "at": MARKED_AT}  # fmt: skip

    delete_annotation(**sent, base_version=0)
    assert not assessment.annotations.present().exists()
    with pytest.raises(InvalidInput):
        change_annotation(**sent, base_version=1, text="Still?")
    restore_annotation(**sent, base_version=1)

    assert assessment.annotations.present().get().version == 2


RECT = [10, 20, 30, 40]


@pytest.mark.parametrize(
    "anchor",
    [
        None, [], "section", {}, {"kind": "everywhere"}, {"kind": ["section"]},
        {"kind": "section", "page": 1}, {"kind": "page", "page": 1},
        {**PASSAGE, "quote": "words that are not there"}, {**PASSAGE, "quote": " "},
        {**PASSAGE, "quote": "half \ud800"}, {**PASSAGE, "prefix": "x" * 500},
        {**PASSAGE, "start": -1}, {**PASSAGE, "start": True}, {**PASSAGE, "start": 1.5},
        {**PASSAGE, "end": 18}, {**PASSAGE, "end": 10**400},
        {key: value for key, value in PASSAGE.items() if key != "suffix"},
    ],
)  # fmt: skip
def test_a_place_in_the_text_is_read_strictly(assessment: Assessment, anchor: Any) -> None:
    with pytest.raises(InvalidInput):
        note(assessment, anchor=anchor)
    assert not assessment.annotations.exists()


@pytest.mark.parametrize(
    "anchor",
    [
        {"kind": "section"}, {"kind": "page", "page": 0}, {"kind": "page", "page": "1"},
        {"kind": "region", "page": 1, "rects": []},
        {"kind": "region", "page": 1, "rects": [[10, 20, 10, 40]]},
        {"kind": "region", "page": 1, "rects": [[10, 20, 30]]},
        {"kind": "region", "page": 1, "rects": [[10, 20, 30, float("nan")]]},
        {"kind": "region", "page": 1, "rects": [[10, 20, 30, float("inf")]]},
        {"kind": "region", "page": 1, "rects": [[10, 20, 30, 10**400]]},
        {"kind": "region", "page": 1, "rects": [RECT] * 201},
        {"kind": "selection", "page": 1, "rects": [RECT]},
    ],
)  # fmt: skip
def test_a_place_on_a_page_is_read_strictly(edition: Edition, anchor: Any) -> None:
    assessment, file = with_pdf(edition, instructor(edition))
    with pytest.raises(InvalidInput):
        note(assessment, section="", file=str(file.file_id), anchor=anchor)


def test_a_comment_stands_in_this_attempt_or_nowhere(edition: Edition) -> None:
    marker = instructor(edition)
    assessment, file = with_pdf(edition, marker)
    _other, foreign = with_pdf(edition, marker)
    region = {"kind": "region", "page": 1, "rects": [RECT]}

    written = note(assessment, section="", file=str(file.file_id), anchor=region)
    for place in (
        {"section": "", "file": str(foreign.file_id)},
        {"section": "", "file": "nothing"},
        {"section": "", "file": ""},
        {"section": "context", "file": str(file.file_id)},
        {"section": "elsewhere", "anchor": {"kind": "section"}},
    ):
        with pytest.raises(InvalidInput):
            note(assessment, **{"key": "k2", "anchor": region, **place})

    assert written.anchor["rects"] == [[10.0, 20.0, 30.0, 40.0]]


@pytest.mark.parametrize("text", ["", "  \n", 3, "nul \x00", "x" * 20_001])
def test_a_comment_has_words(assessment: Assessment, text: Any) -> None:
    with pytest.raises(DomainError):
        note(assessment, text=text)


def test_only_its_marker_writes_and_only_while_marking(edition: Edition) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    with pytest.raises(PermissionDenied):
        note(assessment, by=instructor(edition))
    with pytest.raises(ConflictOfInterest):
        note(assessment, by=assessment.submission.owner.user)

    hand_in(assessment)
    with pytest.raises(NotInMarking):
        note(assessment, key="late")


def test_what_was_handed_in_is_released_as_it_was(assessment: Assessment) -> None:
    """Invariants 8 and 9: frozen when handed in, carried into each revision of the grade,
    and nothing of it before the release."""
    note(assessment)
    gone = note(assessment, key="k2", anchor={"kind": "section"}, text="Not this.")
    delete_annotation(
        annotation=gone, receipt=assessment.attempt.receipt, base_version=0,
        by=assessment.marker, at=MARKED_AT,
    )  # fmt: skip
    grade = hand_in(assessment)
    by = {"by": assessment.marker, "at": MARKED_AT}
    revision = agree_grade(grade=grade, base_version=grade.version, **by)
    grade.refresh_from_db()
    assert released_annotations(revision) == []

    release_now(grade, assessment.marker)
    # Whatever happens to the rows afterwards.
    Annotation.objects.update(text="Rewritten.")
    amended = amend_grade(
        grade=grade, base_version=grade.version, marks={"need": {"level": "strong"}},
        reason="Misread.", **by,
    )  # fmt: skip

    grade.refresh_from_db()
    for released in (revision, amended):
        released.refresh_from_db()
        [shown] = released_annotations(released)
        assert (shown.text, shown.quote, shown.place) == (
            "Say how quiet.", "quieter ferries", "Why work internationally",
        )  # fmt: skip


# --- Pages -------------------------------------------------------------------------------


def url_of(assessment: Assessment, name: str = "desk", *more: Any) -> str:
    edition = assessment.submission.edition
    return reverse(f"assessments:{name}", args=[edition.slug, assessment.submission_id, *more])


def test_without_a_script_a_whole_section_is_commented_on(
    assessment: Assessment, client: Client
) -> None:
    client.force_login(assessment.marker)
    receipt = {"attempt": assessment.attempt.receipt}
    text = "<script>alert(1)</script> & more"

    client.post(
        url_of(assessment, "annotate"),
        {**receipt, "place": f"section:{SECTION}", "text": text},
    )
    written = assessment.annotations.get()
    page = client.get(url_of(assessment)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page
    assert "<script>alert" not in page

    move = {**receipt, "base_version": 0}
    client.post(url_of(assessment, "move_annotation", written.pk, "delete"), move)
    assert "Put it back" in client.get(url_of(assessment)).content.decode()
    client.post(
        url_of(assessment, "move_annotation", written.pk, "restore"), {**move, "base_version": 1}
    )
    client.post(
        url_of(assessment, "move_annotation", written.pk, "change"),
        {**move, "base_version": 2, "text": "Plainly."},
    )
    assert assessment.annotations.present().get().text == "Plainly."


def test_a_comment_typed_before_the_session_ended_is_shown(
    assessment: Assessment, client: Client
) -> None:
    desk = url_of(assessment)
    client.post(
        url_of(assessment, "annotate"),
        {"attempt": assessment.attempt.receipt, "place": f"section:{SECTION}", "text": "In time."},
        headers={"Referer": f"http://testserver{desk}"},
    )
    client.login(email=assessment.marker.email, password=PASSWORD)

    # A desk fetched ahead takes nothing of it.
    ahead = client.get(desk, headers={"X-Requested-With": "fetch", "X-Preload": "desk"})
    assert "In time." not in ahead.content.decode()
    assert "In time." in client.get(desk).content.decode()
    assert not assessment.annotations.exists()


def test_a_quotation_cannot_break_out_of_its_attribute(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    assessment = in_marking(attempt, instructor(edition))
    client.force_login(assessment.marker)
    anchor = {**PASSAGE, "prefix": '"><script>alert(2)</script>'}

    answer = client.post(
        url_of(assessment, "annotate"),
        {
            "attempt": attempt.receipt, "section": SECTION, "anchor": json.dumps(anchor),
            "text": "Hm.", "key": "a",
        },
        headers={"X-Requested-With": "fetch"},
    )  # fmt: skip

    assert answer.status_code == 200
    assert "<script>alert" not in answer.json()["list"]
    # A page of somebody who was signed in before writes nothing in another's name.
    other = client.post(
        url_of(assessment, "annotate"),
        {"attempt": attempt.receipt, "place": f"section:{SECTION}", "text": "Theirs."},
        headers={"X-Requested-With": "fetch", "X-Person": "999999"},
    )
    assert (other.status_code, other.json()["code"]) == (401, "another_person")
    assert assessment.annotations.count() == 1
    assert "<script>alert" not in client.get(url_of(assessment)).content.decode()


def test_a_desk_form_of_another_attempt_is_refused_and_shown_to_be_copied(
    edition: Edition, client: Client
) -> None:
    marker = instructor(edition)
    mine, other = (in_marking(submitted(edition), marker) for _ in range(2))
    client.force_login(marker)
    typed = {"base_version": 0, "overall": "Written for somebody else.", "move": "save"}

    for receipt in ({"attempt": other.attempt.receipt}, {}):
        answer = client.post(url_of(mine), {**typed, **receipt})
        assert answer.status_code == 409
        assert "Written for somebody else." in answer.content.decode()
    saved = client.put(
        f"{url_of(mine, 'marks')}?attempt={other.attempt.receipt}",
        json.dumps({"base_version": 0, "values": {"overall": "Bled over."}}),
        content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )

    assert (saved.status_code, saved.json()["code"]) == (409, "wrong_attempt")
    assert "stored" not in saved.json()
    assert {one.overall for one in Assessment.objects.all()} == {""}
    assert "Written for somebody else." not in client.get(url_of(mine)).content.decode()


def test_the_stamp_changes_with_what_the_desk_shows(assessment: Assessment, client: Client) -> None:
    client.force_login(assessment.marker)

    def stamp() -> str:
        [found] = re.findall(r'data-stamp="(\w+)"', client.get(url_of(assessment)).content.decode())
        return found

    seen = [stamp()]
    assert stamp() == seen[0]
    note(assessment)
    seen.append(stamp())
    marked(assessment)
    seen.append(stamp())
    hand_in(assessment)
    seen.append(stamp())

    assert len(set(seen)) == 4


def test_asking_for_the_next_project_begins_nothing(edition: Edition, client: Client) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    waiting = submitted(edition)
    client.force_login(assessment.marker)

    found = client.get(url_of(assessment, "desk_ahead")).json()["next"]
    page = client.get(found, headers={"X-Requested-With": "fetch", "X-Preload": "desk"})

    assert found == reverse("assessments:desk", args=[edition.slug, waiting.submission_id])
    assert page.status_code == 200
    assert not waiting.assessments.exists()
    assert not MarkingLease.objects.exists()
    taken = client.post(url_of(assessment, "go_on")).json()
    assert taken["next"] == found
    assert f'data-stamp="{taken["stamp"]}"' in page.content.decode()
    assert MarkingLease.objects.get().holder == assessment.marker


# --- The bank ----------------------------------------------------------------------------


def test_the_bank_keeps_shares_deletes_and_puts_back(edition: Edition, client: Client) -> None:
    marker, colleague = instructor(edition), instructor(edition)
    submitted(edition)
    client.force_login(marker)
    bank = reverse("assessments:comment_bank", args=[edition.slug])

    client.post(bank, {"text": "Name <b>a figure</b>.", "criterion": "need"})
    client.post(bank, {"text": "Name <b>a figure</b>.", "criterion": "need"})
    snippet = Snippet.objects.get()
    page = client.get(bank).content.decode()
    assert "Name &lt;b&gt;a figure&lt;/b&gt;." in page
    assert "Criterion need" in page

    def move(name: str, **fields: Any) -> Any:
        return client.post(f"{bank}{snippet.pk}/{name}/", fields)

    client.force_login(colleague)
    assert move("use").status_code == 404
    client.force_login(marker)
    move("change", base_version=0, text="Name a figure.", is_shared="on")
    client.force_login(colleague)
    assert "Name a figure." in client.get(bank).content.decode()
    assert move("delete", base_version=1).status_code == 403
    move("use")
    client.force_login(marker)
    assert move("change", base_version=0, text="Stale.").status_code == 409
    move("delete", base_version=1)
    assert client.get(f"{bank}rows/").json()["snippets"] == []
    move("restore", base_version=2)

    [row] = client.get(f"{bank}rows/").json()["snippets"]
    assert (row["text"], row["uses"], row["criterion"]) == ("Name a figure.", 1, "")
    assert "Name a figure." in client.get(f"{bank}export.csv").content.decode()


def test_colleagues_use_what_is_shared_and_nothing_else(edition: Edition) -> None:
    marker, colleague = instructor(edition), instructor(edition)
    own = snippet_of(marker, edition)

    with pytest.raises(PermissionDenied):
        use_snippet(snippet=own, by=colleague, at=MARKED_AT)
    Snippet.objects.update(is_shared=True)
    own.refresh_from_db()

    assert use_snippet(snippet=own, by=colleague, at=MARKED_AT).uses == 1


def test_a_kept_comment_is_about_a_criterion_of_the_edition(
    edition: Edition, client: Client
) -> None:
    assert rubric_content()["criteria"][0]["key"] == "need"
    client.force_login(instructor(edition))
    bank = reverse("assessments:comment_bank", args=[edition.slug])

    assert client.post(bank, {"text": "Hm.", "criterion": "charm"}).status_code == 422
    assert client.post(bank, {"text": " "}).status_code == 422
    assert not Snippet.objects.exists()
