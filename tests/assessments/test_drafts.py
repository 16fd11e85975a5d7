"""Writing a draft: nothing typed is lost, nothing foreign gets in."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments.actions import save_draft, start_project, withdraw_submission
from assessments.actions.drafts import MAX_SECTION_BYTES, NoGuidelines, NotADraft
from assessments.models import Project, Submission
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion, TooLarge
from lms.core.rich_text import clean_html, text_of, words_of
from lms.core.text import count_words
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory
from tests.factories.assessments import (
    DEADLINE_WALL,
    SUBMITTED_AT,
    WRITTEN_AT,
    guidelines_page,
    handed_in,
    project_in,
    start,
    write,
)
from tests.factories.marking import rubric_in
from tests.factories.programme import EditionFactory, EnrolmentFactory, instructor, participant
from tests.races import at_once


def save(submission: Submission, base_version: int | None = None, **values: str) -> Submission:
    return save_draft(
        submission=submission,
        values=values,
        base_version=submission.version if base_version is None else base_version,
        by=submission.owner.user,
        at=WRITTEN_AT,
    )


def test_a_project_is_begun_once(edition: Edition) -> None:
    enrolment = EnrolmentFactory.create(edition=edition)

    first = start(edition, enrolment=enrolment)
    again = start(edition, enrolment=enrolment)

    assert (again, again.status, again.version) == (first, "draft", 0)
    assert first.guidelines.number == 1
    assert [event.verb for event in audit.events_of(first)] == ["project.started"]


def test_nobody_begins_where_they_have_no_place(edition: Edition) -> None:
    project = project_in(edition)
    elsewhere = EnrolmentFactory.create(edition=EditionFactory.create())
    invoiced = EnrolmentFactory.create(edition=edition, status=EnrolmentStatus.INVOICED)
    peer = EnrolmentFactory.create(edition=edition)

    for enrolment, by, refusal in (
        (elsewhere, elsewhere.user, PermissionDenied),
        (invoiced, invoiced.user, PermissionDenied),
        (peer, instructor(edition), PermissionDenied),
        (peer, AdministratorFactory.create(), PermissionDenied),
        (peer, participant(edition), InvalidInput),
    ):
        with pytest.raises(refusal):
            start_project(project=project, enrolment=enrolment, by=by, at=WRITTEN_AT)

    assert Submission.objects.count() == 0


def test_writing_begins_when_the_guidelines_are_published(edition: Edition) -> None:
    project = Project.objects.create(
        edition=edition,
        guidelines_page=guidelines_page(edition),
        rubric=rubric_in(edition),
        deadline_wall=DEADLINE_WALL,
        deadline_zone="Europe/Madrid",
    )
    enrolment = EnrolmentFactory.create(edition=edition)

    with pytest.raises(NoGuidelines):
        start_project(project=project, enrolment=enrolment, by=enrolment.user, at=WRITTEN_AT)


def test_saving_stores_the_named_sections_and_keeps_the_others(edition: Edition) -> None:
    submission = write(start(edition))

    saved = save(submission, objectives="Three of them.")

    assert saved.sections == {
        "context": "<p>Our city on context.</p>",
        "objectives": "<p>Three of them.</p>",
        "notes": "<p>Our city on notes.</p>",
    }
    assert (saved.version, saved.saved_at) == (2, WRITTEN_AT)


def test_saving_what_is_stored_already_makes_no_version(edition: Edition) -> None:
    submission = write(start(edition))

    assert save(submission, context="Our city on context.").version == submission.version


def test_a_save_on_an_old_version_changes_nothing_and_hands_back_all_that_is_stored(
    edition: Edition,
) -> None:
    """Invariant 3: two tabs, one of them behind."""
    submission = start(edition)
    save(submission, base_version=0, context="From the first tab.")

    with pytest.raises(StaleVersion) as stale:
        save(submission, base_version=0, objectives="From the second tab.")

    assert stale.value.extra == {
        "version": 1,
        "stored": {"context": "From the first tab.", "objectives": "", "notes": ""},
    }
    submission.refresh_from_db()
    assert submission.sections == {"context": "<p>From the first tab.</p>"}


def test_a_section_the_guidelines_do_not_have_is_refused(edition: Edition) -> None:
    submission = start(edition)

    with pytest.raises(InvalidInput) as refused:
        save(submission, context="Fine.", status="submitted")

    assert list(refused.value.errors) == ["status"]
    submission.refresh_from_db()
    assert submission.sections == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \t\n ",
        "مرحبا ‮abc‬ עברית",
        "👩🏽‍🚒 ñ",
        "<script>alert(1)</script> & 'quotes'",
        "x" * MAX_SECTION_BYTES,
    ],
    ids=["empty", "white space", "right to left", "emoji and combining", "markup", "at the limit"],
)
def test_text_is_stored_whole(edition: Edition, text: str) -> None:
    submission = start(edition)

    save(submission, context=text)

    submission.refresh_from_db()
    assert text_of(submission.sections.get("context", "")) == text.strip(" \t\n")


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("a\x00b", InvalidInput),
        ("a\ud800b", InvalidInput),
        (5, InvalidInput),
        (None, InvalidInput),
        (["a"], InvalidInput),
        ("x" * (MAX_SECTION_BYTES + 1), TooLarge),
        ("é" * 5_000_000, TooLarge),
    ],
    ids=["NUL", "surrogate", "number", "nothing", "list", "over the limit", "10 MB"],
)
def test_text_that_cannot_be_kept_whole_is_refused(
    edition: Edition, value: str, refusal: type[Exception]
) -> None:
    submission = start(edition)

    with pytest.raises(refusal):
        save(submission, context=value, objectives="Fine.")

    submission.refresh_from_db()
    assert (submission.version, submission.sections) == (0, {})


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r")))
def test_any_other_text_comes_back_as_it_was_typed(edition: Edition, text: str) -> None:
    submission = Submission.objects.first() or start(edition)

    save(submission, context=text)

    submission.refresh_from_db()
    html = submission.sections.get("context", "")
    assert clean_html(html) == html
    # But for blank lines, which end a paragraph, however many they are.
    assert text_of(html).split() == text.split()
    assert words_of(html) == count_words(text)


def test_only_the_owner_writes_and_only_while_they_hold_their_place(edition: Edition) -> None:
    submission = start(edition)

    for by in (participant(edition), instructor(edition), AdministratorFactory.create()):
        with pytest.raises(PermissionDenied):
            save_draft(
                submission=submission,
                values={"context": "Mine."},
                base_version=0,
                by=by,
                at=WRITTEN_AT,
            )

    submission.owner.status = EnrolmentStatus.CANCELLED
    submission.owner.save()
    with pytest.raises(PermissionDenied):
        save(submission, context="Late.")


def test_an_old_autosave_after_the_submission_changes_nothing(edition: Edition) -> None:
    """Invariant 1."""
    attempt = handed_in(edition)
    submission = attempt.submission
    before = submission.sections

    with pytest.raises(NotADraft) as refused:
        save(submission, base_version=submission.version, context="A late thought.")

    submission.refresh_from_db()
    attempt.refresh_from_db()
    assert refused.value.extra == {"state": "submitted"}
    assert submission.sections == attempt.sections == before


def test_a_withdrawn_project_rests_until_it_is_opened(edition: Edition) -> None:
    submission = handed_in(edition).submission
    withdraw_submission(
        submission=submission, number=submission.attempt, by=submission.owner.user, at=SUBMITTED_AT
    )

    with pytest.raises(NotADraft):
        save(submission, base_version=submission.version, context="New.")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_that_save_at_once_one_is_told(transactional_db: None) -> None:
    submission = start(EditionFactory.create())

    results = at_once(
        lambda: save(submission, base_version=0, context="One."),
        lambda: save(submission, base_version=0, context="Two."),
    )

    told = [result for result in results if isinstance(result, StaleVersion)]
    submission.refresh_from_db()
    assert len(told) == 1
    assert submission.version == 1
    assert told[0].extra["stored"]["context"] == text_of(submission.sections["context"])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_begin_one_project(transactional_db: None) -> None:
    edition = EditionFactory.create()
    project_in(edition)
    enrolment = EnrolmentFactory.create(edition=edition)

    results = at_once(*[lambda: start(edition, enrolment=enrolment)] * 2)

    assert results[0] == results[1] == Submission.objects.get()
