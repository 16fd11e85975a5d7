"""What a draft was before: kept, seen by its writers alone, brought back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from assessments.actions import save_draft, submit_project
from assessments.actions.drafts import NotADraft
from assessments.actions.history import restore_version
from assessments.actions.keeping import SITTING
from assessments.models import DraftText, DraftVersion, Submission
from assessments.selectors.history import texts_of
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories.assessments import SUBMITTED_AT, WRITTEN_AT, hand_in, start, write
from tests.factories.programme import EditionFactory, instructor
from tests.queries import MANY
from tests.races import at_once

MINUTE = timedelta(minutes=1)


def type_in(submission: Submission, html: str, *, at: datetime, **options: Any) -> Submission:
    submission.refresh_from_db()
    return save_draft(
        submission=submission,
        values={"context": html},
        base_version=submission.version,
        text_format="html",
        by=submission.owner.user,
        at=at,
        **options,
    )


def kept(submission: Submission) -> list[tuple[str, str]]:
    """(kind, text of the section), the oldest first."""
    rows = submission.history.order_by("id")
    return [(row.kind, texts_of(row).get("context", "")) for row in rows]


def restore(submission: Submission, version: DraftVersion, **options: Any) -> Submission:
    submission.refresh_from_db()
    values = {"base_version": submission.version, "at": WRITTEN_AT, **options}
    return restore_version(
        submission=submission, version=version, by=submission.owner.user, **values
    )


def test_a_sitting_is_one_version_and_one_event(edition: Edition) -> None:
    """However many pauses: twenty saves in ten minutes are two versions at most."""
    submission = start(edition)
    for number in range(20):
        type_in(submission, f"<p>Word {number}.</p>", at=WRITTEN_AT + number * MINUTE / 2)
    type_in(submission, "<p>The next day.</p>", at=WRITTEN_AT + timedelta(days=1))

    assert kept(submission) == [
        ("writing", "<p>Word 9.</p>"),
        ("writing", "<p>Word 19.</p>"),
    ]
    saves = [e for e in audit.events_of(submission) if e.verb == "project.saved"]
    assert len(saves) == 3


def test_the_history_grows_ever_more_slowly(
    edition: Edition, django_assert_max_num_queries: Any
) -> None:
    submission = write(start(edition))
    by = submission.owner.user
    DraftVersion.objects.bulk_create(
        DraftVersion(
            submission=submission, kind="writing", version=0, sections={}, changed=[],
            saved_at=WRITTEN_AT, saved_by=by,
        )
        for _ in range(100)
    )  # fmt: skip

    type_in(submission, "<p>One.</p>", at=WRITTEN_AT + SITTING)
    assert submission.history.count() == 100
    type_in(submission, "<p>Two.</p>", at=WRITTEN_AT + 2 * SITTING)
    assert submission.history.count() == 101


def test_equal_texts_are_stored_once(edition: Edition) -> None:
    submission = write(start(edition))
    for day in range(4):
        html = "<p>One.</p>" if day % 2 else "<p>Two.</p>"
        type_in(submission, html, at=WRITTEN_AT + timedelta(days=day + 1))

    assert submission.history.count() == 4
    texts = DraftText.objects.filter(submission=submission).values_list("text", flat=True)
    assert sorted(texts) == [
        "<p>One.</p>",
        "<p>Our city on context.</p>",
        "<p>Our city on notes.</p>",
        "<p>Our city on objectives.</p>",
        "<p>Two.</p>",
    ]


def test_a_text_decided_against_goes_to_the_history(edition: Edition) -> None:
    submission = type_in(start(edition), "<p>Theirs.</p>", at=WRITTEN_AT)

    type_in(
        submission, "<p>Mine.</p>", at=WRITTEN_AT + MINUTE, set_aside={"context": "<p>Theirs.</p>"}
    )
    # Also when nothing else changes: the stored text was taken.
    type_in(submission, "<p>Mine.</p>", at=WRITTEN_AT, set_aside={"context": "<p>Other.</p>"})

    assert kept(submission) == [("conflict", "<p>Theirs.</p>"), ("conflict", "<p>Other.</p>")]


def test_what_is_brought_back_can_be_taken_back(edition: Edition) -> None:
    submission = write(start(edition))
    type_in(submission, "<p>New.</p>", at=WRITTEN_AT + timedelta(days=1))
    first = submission.history.get()

    restored = restore(submission, first, sections=["context"])

    assert restored.sections["context"] == "<p>Our city on context.</p>"
    assert [kind for kind, _text in kept(submission)] == ["writing", "writing", "restore"]
    undone = restore(submission, submission.history.order_by("id")[1])
    assert undone.sections["context"] == "<p>New.</p>"
    assert audit.events_of(submission).filter(verb="project.restored").count() == 2


def test_nothing_is_brought_back_over_a_newer_text_or_into_another_project(
    edition: Edition,
) -> None:
    submission = write(start(edition))
    type_in(submission, "<p>New.</p>", at=WRITTEN_AT + timedelta(days=1))
    first = submission.history.get()
    other = write(start(edition))

    with pytest.raises(StaleVersion):
        restore(submission, first, base_version=1)
    with pytest.raises(InvalidInput):
        restore(submission, first, sections=["status"])
    with pytest.raises(InvalidInput):
        restore(other, first)
    with pytest.raises(PermissionDenied):
        restore_version(
            submission=submission,
            version=first,
            base_version=2,
            by=other.owner.user,
            at=WRITTEN_AT,
        )
    hand_in(submission)
    with pytest.raises(NotADraft):
        restore(submission, first)
    submission.refresh_from_db()
    assert submission.sections["context"] == "<p>New.</p>"
    assert kept(submission)[-1] == ("submit", "<p>New.</p>")


@pytest.mark.parametrize("rows", [1, MANY])
def test_the_pages_of_the_history(
    client: Client, edition: Edition, rows: int, django_assert_max_num_queries: Any
) -> None:
    submission = write(start(edition))
    for day in range(rows):
        type_in(submission, f"<p>Day {day}.</p>", at=WRITTEN_AT + timedelta(days=day + 1))
    client.force_login(submission.owner.user)
    address = f"/project/{edition.slug}/history/"

    with django_assert_max_num_queries(10):
        page = client.get(address).content.decode()
    assert page.count('class="row__title"') == rows
    first = submission.history.order_by("id")[0]
    compared = client.get(f"{address}{first.pk}/").content.decode()
    assert f"<p><ins>Our city on context.</ins></p><p><del>Day {rows - 1}.</del></p>" in compared

    answer = client.post(f"{address}{first.pk}/restore/", {"base_version": 0, "section": "context"})
    assert answer.status_code == 409
    submission.refresh_from_db()
    answer = client.post(
        f"{address}{first.pk}/restore/",
        {"base_version": submission.version, "section": "context"},
    )
    assert answer["Location"] == address
    submission.refresh_from_db()
    assert submission.sections["context"] == "<p>Our city on context.</p>"
    # Staff read what was handed in, not how it came about.
    hand_in(submission)
    client.force_login(instructor(edition))
    assert client.get(address).status_code == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_restore_and_a_save_at_once(transactional_db: None) -> None:
    submission = write(start(EditionFactory.create()))
    type_in(submission, "<p>New.</p>", at=WRITTEN_AT + timedelta(days=1))
    first = submission.history.get()
    later = WRITTEN_AT + timedelta(days=1, minutes=1)

    results = at_once(
        lambda: restore_version(
            submission=submission, version=first, base_version=2, by=submission.owner.user,
            at=later,
        ),
        lambda: save_draft(
            submission=submission, values={"context": "Typed."}, base_version=2,
            by=submission.owner.user, at=later,
        ),
    )  # fmt: skip

    assert sum(isinstance(result, StaleVersion) for result in results) == 1
    submission.refresh_from_db()
    assert submission.version == 3
    # Whoever lost keeps the text; whoever won replaced one that is in the history or was new.
    texts = {text for _kind, text in kept(submission)}
    assert "<p>Our city on context.</p>" in texts
    assert submission.sections["context"] in {"<p>Typed.</p>", "<p>Our city on context.</p>"}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_submission_and_an_autosave_at_once(transactional_db: None) -> None:
    """Invariant 1: what is handed in is what stood there, whichever came first."""
    submission = write(start(EditionFactory.create()))
    by = submission.owner.user

    def submit() -> Any:
        return submit_project(
            submission=submission, by=by, at=SUBMITTED_AT, base_version=1,
            idempotency_key="key-of-the-race",
        )  # fmt: skip

    handed, saved = at_once(
        submit,
        lambda: save_draft(
            submission=submission,
            values={"context": "A last word."},
            base_version=1,
            by=by,
            at=SUBMITTED_AT,
        ),
    )

    submission.refresh_from_db()
    if isinstance(handed, StaleVersion):
        assert submission.sections["context"] == "<p>A last word.</p>"
    else:
        assert isinstance(saved, NotADraft)
        assert handed.sections == submission.sections
        assert kept(submission)[-1] == ("submit", submission.sections["context"])
