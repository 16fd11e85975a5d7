"""A newer version of the guidelines: what it changes, for whom, and what stays."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments.actions import adopt_guidelines, publish_rubric, save_draft, set_deadline
from assessments.actions.guidelines import require_guidelines
from assessments.actions.submitting import GuidelinesOutdated
from assessments.actions.taking_along import take_along
from assessments.models import GuidelinesVersion, Submission
from assessments.selectors.guidelines import changes_between, said_of_followers
from lms.core.canonical import hash_of
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories.assessments import (
    WRITTEN_AT,
    hand_in,
    handed_in,
    publish,
    section,
    start,
    write,
)
from tests.factories.marking import rubric_content
from tests.factories.programme import coordinator, instructor

NEW = [
    section("context", help="<p>What to write about your city.</p>", recommended_words=250),
    section("risks", help="<p>What could go wrong.</p>"),
    section("notes", title="Side notes", required=True),
]


@pytest.fixture
def submission(edition: Edition) -> Submission:
    return write(start(edition))


def newer(submission: Submission, **changes: Any) -> GuidelinesVersion:
    return publish(submission.project.guidelines_page, **({"sections": NEW} | changes))


def set_for(submission: Submission, **changes: Any) -> None:
    fields = {
        "wall": submission.project.deadline_wall.replace(tzinfo=None, day=19),
        "zone": "Europe/Madrid", "grace_minutes": 60, "accepts_late": False,
    }  # fmt: skip
    set_deadline(
        project=submission.project, by=coordinator(submission.edition), at=WRITTEN_AT,
        **(fields | changes),
    )  # fmt: skip


# --- What differs -------------------------------------------------------------------------


def test_the_difference_names_sections_words_and_limits(submission: Submission) -> None:
    version = newer(
        submission, summary="A plan for your city.", max_files=5, allows_teams=True, max_members=4
    )

    changes = changes_between(submission.guidelines, version, submission.sections)

    assert [(one.kind, one.key) for one in changes.sections] == [
        ("changed", "context"), ("added", "risks"), ("changed", "notes"), ("removed", "objectives"),
    ]  # fmt: skip
    context, _risks, notes, objectives = changes.sections
    assert context.sentences == ("About 250 words instead of 100.",)
    assert re.sub(r"<span[^>]*>([^<]*)</span>", r"\1", str(context.help)) == (
        "<p>What to write about <del>removed: context</del><ins>added: your city</ins>.</p>"
    )
    assert notes.sentences == ("It was called “Notes”.", "It is required now.")
    assert (objectives.written, changes.sets_aside) == (4, [objectives])
    assert [text.label for text in changes.texts] == ["Summary"]
    assert changes.limits == [
        "Files: up to 5 instead of 3.", "Teams of up to 4 people may hand in together.",
    ]  # fmt: skip


def test_the_same_guidelines_differ_in_nothing(submission: Submission) -> None:
    assert changes_between(submission.guidelines, submission.guidelines).is_empty


# --- Frozen with what the coordinator sets --------------------------------------------------


def test_a_version_freezes_deadline_and_rubric_and_its_hash_vouches_for_them(
    submission: Submission,
) -> None:
    version = submission.guidelines

    assert version.content["deadline"] == {
        "at": "2025-12-12T22:59:00+00:00", "wall": "2025-12-12T23:59:00", "zone": "Europe/Madrid",
        "grace_minutes": 0, "accepts_late": True,
    }  # fmt: skip
    assert version.content["rubric"]["number"] == 1
    assert version.sha256 == hash_of(version.content)


def test_another_deadline_is_a_version_that_drafts_are_carried_to(
    submission: Submission,
) -> None:
    """It holds for them in any case; there is nothing to adopt."""
    before, saved = submission.guidelines, submission.version
    attempt = handed_in(submission.edition)

    set_for(submission)

    submission.refresh_from_db()
    attempt.refresh_from_db()
    assert (submission.guidelines.number, submission.version) == (2, saved)
    assert (attempt.guidelines, attempt.guidelines.content) == (before, before.content)
    changes = changes_between(before, submission.guidelines)
    assert changes.deadline is not None
    assert changes.deadline.after == submission.project.deadline_at.replace(day=19)
    assert changes.holds_anyway == [
        "Grace after the deadline: 60 minutes instead of 0.",
        "Late projects are no longer accepted.",
    ]
    set_for(submission)
    assert submission.project.guidelines.count() == 2


def test_a_draft_on_other_words_is_not_carried(submission: Submission) -> None:
    newer(submission)
    set_for(submission)

    submission.refresh_from_db()
    assert submission.guidelines.number == 1
    assert submission.project.guidelines.count() == 3


def test_another_rubric_is_a_version_too(submission: Submission) -> None:
    content = rubric_content() | {"pass_percent": "61"}

    publish_rubric(rubric=submission.project.rubric, content=content, by=None, at=WRITTEN_AT)

    submission.refresh_from_db()
    assert (submission.guidelines.number, submission.guidelines.content["rubric"]["number"]) == (
        2, 2,
    )  # fmt: skip


# --- Required -------------------------------------------------------------------------------


def test_a_required_version_is_said_plainly_and_asked_for_at_submission(
    client: Client, submission: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    other = handed_in(submission.edition)
    newer(submission)
    with django_capture_on_commit_callbacks(execute=True):
        require_guidelines(
            project=submission.project, number=2, reason="The old ones forgot the risks.",
            by=coordinator(submission.edition), at=WRITTEN_AT,
        )  # fmt: skip

    with pytest.raises(GuidelinesOutdated):
        hand_in(submission)
    [letter] = mail.outbox
    assert letter.to == [submission.owner.user.email]
    assert "forgot the risks" in letter.body
    client.force_login(submission.owner.user)
    for name in ("project", "guidelines_changes", "submit"):
        page = client.get(reverse(f"assessments:{name}", args=[submission.edition.slug]))
        assert "requires version 2" in page.content.decode() or "Version 2 is required" in (
            page.content.decode()
        )

    adopt_guidelines(
        submission=submission, base_version=submission.version, by=submission.owner.user,
        at=WRITTEN_AT,
    )  # fmt: skip
    submission.refresh_from_db()
    assert hand_in(write(submission)).guidelines.number == 2
    assert other.guidelines.number == 1


def test_only_coordinators_require_and_only_what_there_is(submission: Submission) -> None:
    project, teacher = submission.project, instructor(submission.edition)
    with pytest.raises(PermissionDenied):
        require_guidelines(project=project, number=1, reason="Mine.", by=teacher, at=WRITTEN_AT)
    with pytest.raises(InvalidInput):
        require_guidelines(
            project=project, number=9, reason="None.", by=coordinator(submission.edition),
            at=WRITTEN_AT,
        )  # fmt: skip


# --- The writer decides ----------------------------------------------------------------------


def test_the_page_shows_what_changes_and_the_writer_keeps_or_adopts(
    client: Client, submission: Submission
) -> None:
    newer(submission)
    client.force_login(submission.owner.user)
    address = reverse("assessments:guidelines_changes", args=[submission.edition.slug])

    page = client.get(address).content.decode()
    client.post(
        reverse("assessments:adopt", args=[submission.edition.slug]),
        {"base_version": submission.version},
    )
    after = client.get(address).content.decode()

    assert "Your 4 words there are set aside." in page
    assert "Keep version 1" in page
    assert "follows the newest version" in after


def test_a_text_that_was_set_aside_is_taken_along(client: Client, submission: Submission) -> None:
    newer(submission)
    adopt_guidelines(
        submission=submission, base_version=submission.version, by=submission.owner.user,
        at=WRITTEN_AT,
    )  # fmt: skip
    submission.refresh_from_db()
    client.force_login(submission.owner.user)
    page = client.get(reverse("assessments:project", args=[submission.edition.slug]))
    assert "<summary>Objectives</summary>" in page.content.decode()

    client.post(
        reverse("assessments:take_along", args=[submission.edition.slug]),
        {"key": "objectives", "into": "context", "base_version": submission.version},
    )

    submission.refresh_from_db()
    assert submission.sections["context"] == (
        "<p>Our city on context.</p><p>Our city on objectives.</p>"
    )
    assert submission.sections["objectives"] == ""
    assert any("objectives" in kept.sections for kept in submission.history.all())


def adopted(submission: Submission) -> Submission:
    newer(submission)
    return adopt_guidelines(
        submission=submission, base_version=submission.version, by=submission.owner.user,
        at=WRITTEN_AT,
    )  # fmt: skip


def put(client: Client, submission: Submission, version: int, values: dict[str, str]) -> Any:
    return client.put(
        reverse("assessments:draft", args=[submission.edition.slug]),
        {"base_version": version, "values": values, "text_format": "html"},
        content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )


def test_a_page_from_before_loses_nothing_of_a_section_that_was_taken_away(
    client: Client, submission: Submission
) -> None:
    """A team-mate has adopted newer guidelines while the page stood open."""
    before = submission.version
    version = adopted(submission).version
    client.force_login(submission.owner.user)
    typed = {"context": "<p>New words.</p>", "objectives": "<p>Typed on the old page.</p>"}

    told = put(client, submission, before, typed)
    saved = put(client, submission, version, typed)

    assert (told.status_code, told.json()["version"]) == (409, version)
    assert told.json()["stored"]["objectives"] == "<p>Our city on objectives.</p>"
    assert saved.json()["gone"] == ["objectives"]
    submission.refresh_from_db()
    assert submission.sections.items() >= typed.items()
    page = client.get(reverse("assessments:project", args=[submission.edition.slug]))
    aside = page.content.decode().split("Set aside")[1]
    assert "<summary>Objectives</summary>" in aside
    assert "Typed on the old page." in aside
    attempt = hand_in(save_all(submission))
    assert set(attempt.sections) == {"context", "risks", "notes"}


def save_all(submission: Submission) -> Submission:
    submission.refresh_from_db()
    return save_draft(
        submission=submission, values={"risks": "Few.", "notes": "Some."},
        base_version=submission.version, by=submission.owner.user, at=WRITTEN_AT,
    )  # fmt: skip


def test_a_page_from_before_sent_by_its_button_keeps_those_words_on_it(
    client: Client, submission: Submission
) -> None:
    before = submission.version
    version = adopted(submission).version
    client.force_login(submission.owner.user)
    address = reverse("assessments:draft", args=[submission.edition.slug])
    form = {"context": "New words.", "objectives": "Typed on the old page."}

    stale = client.post(address, {**form, "base_version": before})
    again = client.post(address, {**form, "base_version": version})

    page = BeautifulSoup(stale.content, "html.parser")
    [field] = page.select("#section-objectives textarea")
    assert field.text.strip() == "Typed on the old page."
    assert "they no longer have this section" in page.select("#section-objectives")[0].text
    assert "Objectives" not in page.select("#outline")[0].text
    assert again.status_code == 302
    submission.refresh_from_db()
    assert submission.sections["objectives"] == "<p>Typed on the old page.</p>"


def test_taking_along_refuses_what_is_not_there_and_what_is_out_of_date(
    submission: Submission,
) -> None:
    sent: dict[str, Any] = {
        "submission": submission, "by": submission.owner.user, "at": WRITTEN_AT,
    }  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        take_along(key="context", into="nowhere", base_version=submission.version, **sent)
    assert set(refused.value.errors) == {"key", "into"}
    with pytest.raises(StaleVersion):
        take_along(key="context", into="notes", base_version=0, **sent)


def test_the_editor_sees_who_follows_what(submission: Submission) -> None:
    start(submission.edition)
    newer(submission)
    start(submission.edition)

    assert said_of_followers(submission.project) == [
        "1 draft is on version 2; nothing changes for it until its writers adopt a newer one.",
        (
            "2 drafts are on version 1; nothing changes for them until their writers adopt a newer "
            "one."
        ),
    ]
