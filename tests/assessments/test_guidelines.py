"""Guidelines: published in Wagtail, frozen in versions, adopted by choice."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from wagtail.blocks import StreamBlockValidationError
from wagtail.log_actions import LogContext
from wagtail.test.utils.form_data import (
    inline_formset,
    nested_form_data,
    rich_text,
    streamfield,
)
from zeal import zeal_ignore

from assessments.actions import adopt_guidelines
from assessments.actions.drafts import NotADraft
from assessments.models import GuidelinesPage, GuidelinesVersion
from assessments.selectors.project import newer_guidelines
from assessments.selectors.sections import set_aside_of
from lms.core import audit
from lms.core.errors import PermissionDenied, StaleVersion
from lms.programme.models import Edition
from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.assessments import (
    WRITTEN_AT,
    guidelines_page,
    hand_in,
    handed_in,
    project_in,
    publish,
    section,
    start,
    write,
)
from tests.factories.programme import instructor, participant


def test_publishing_the_page_makes_a_version(edition: Edition) -> None:
    project = project_in(edition)
    editor = AdministratorFactory.create()

    with LogContext(user=editor):
        version = publish(project.guidelines_page, summary="Shorter.")

    assert (version.number, version.published_by) == (2, editor)
    assert version.content["summary"] == "Shorter."
    assert version.section_keys == ("context", "objectives", "notes")
    assert [event.verb for event in audit.events_of(version)] == ["guidelines.published"]


def test_publishing_the_same_words_again_makes_none(edition: Edition) -> None:
    project = project_in(edition)

    publish(project.guidelines_page)

    assert project.guidelines.count() == 1


def test_publishing_needs_the_page_permission(edition: Edition) -> None:
    project = project_in(edition)

    with LogContext(user=instructor(edition)), pytest.raises(PermissionDenied):
        publish(project.guidelines_page, summary="Mine.")

    assert project.guidelines.count() == 1


def test_a_page_without_a_project_is_published_like_any_other(edition: Edition) -> None:
    guidelines_page(edition).save_revision().publish()

    assert GuidelinesVersion.objects.count() == 0


def test_code_in_the_page_never_reaches_a_version(edition: Edition) -> None:
    project = project_in(edition)
    text = '<p onclick="x()">Write.</p><script>x()</script><a href="javascript:x()">y</a>'

    version = publish(project.guidelines_page, intro=text, sections=[section("context", help=text)])

    cleaned = '<p>Write.</p><a rel="noopener">y</a>'
    assert version.content["intro"] == cleaned
    assert version.content["sections"][0]["help"] == cleaned


def test_a_draft_stays_with_its_version_until_it_is_moved(edition: Edition) -> None:
    submission = write(start(edition))
    newest = publish(
        submission.project.guidelines_page, sections=[section("context"), section("risks")]
    )

    submission.refresh_from_db()
    assert submission.guidelines.number == 1
    assert newer_guidelines(submission) == newest

    moved = adopt_guidelines(
        submission=submission,
        base_version=submission.version,
        by=submission.owner.user,
        at=WRITTEN_AT,
    )

    assert (moved.guidelines, moved.version) == (newest, submission.version + 1)
    assert newer_guidelines(moved) is None
    assert set_aside_of(moved) == {
        "objectives": "<p>Our city on objectives.</p>",
        "notes": "<p>Our city on notes.</p>",
    }


def test_a_moved_draft_hands_in_the_sections_of_its_guidelines(edition: Edition) -> None:
    submission = write(start(edition))
    publish(submission.project.guidelines_page, sections=[section("context")])
    adopt_guidelines(
        submission=submission,
        base_version=submission.version,
        by=submission.owner.user,
        at=WRITTEN_AT,
    )

    attempt = hand_in(submission)

    assert attempt.sections == {"context": "<p>Our city on context.</p>"}
    assert attempt.guidelines.number == 2


def test_moving_a_draft_that_was_saved_meanwhile_is_stale(edition: Edition) -> None:
    submission = start(edition)
    publish(submission.project.guidelines_page, summary="New.")
    write(submission)

    with pytest.raises(StaleVersion):
        adopt_guidelines(
            submission=submission, base_version=0, by=submission.owner.user, at=WRITTEN_AT
        )


def test_what_is_handed_in_keeps_its_guidelines(edition: Edition) -> None:
    """Invariant 1."""
    attempt = handed_in(edition)
    publish(attempt.project.guidelines_page, summary="New.")

    with pytest.raises(NotADraft):
        adopt_guidelines(
            submission=attempt.submission, base_version=1, by=attempt.submitted_by, at=WRITTEN_AT
        )

    attempt.refresh_from_db()
    assert attempt.guidelines.number == 1


def test_a_version_never_changes(edition: Edition) -> None:
    """Invariant 16."""
    version = project_in(edition).guidelines.get()

    with pytest.raises(IntegrityError), transaction.atomic():
        GuidelinesVersion.objects.filter(pk=version.pk).update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        GuidelinesVersion.objects.filter(pk=version.pk).delete()


@pytest.mark.parametrize("second", ["context", "base_version"])
def test_keys_of_sections_are_their_own(edition: Edition, second: str) -> None:
    page = guidelines_page(edition, [section("context"), section(second)])

    with pytest.raises(StreamBlockValidationError) as refused:
        page.sections.stream_block.clean(page.sections)

    assert list(refused.value.block_errors) == [1]


def test_an_editor_sees_the_page_before_publishing(edition: Edition) -> None:
    page = guidelines_page(edition)

    response = GuidelinesPage.objects.get(pk=page.pk).make_preview_request()

    assert response.status_code == 200
    assert "What to write about context." in response.content.decode()


def test_everybody_of_the_edition_reads_the_guidelines(client: Client, edition: Edition) -> None:
    project_in(edition)
    address = reverse("assessments:guidelines", args=[edition.slug])

    for person in (participant(edition), instructor(edition)):
        client.force_login(person)
        text = client.get(address).content.decode()
        assert "Version 1" in text
        assert "12 December 2025, 23:59" in text

    client.force_login(UserFactory.create())
    assert client.get(address).status_code == 404


def test_the_page_tells_of_newer_guidelines(client: Client, edition: Edition) -> None:
    submission = write(start(edition))
    publish(submission.project.guidelines_page, summary="New.")
    address = reverse("assessments:guidelines", args=[edition.slug])
    client.force_login(submission.owner.user)

    pinned = client.get(address).content.decode()
    newer = client.get(address, {"version": 2}).content.decode()

    assert "There are newer guidelines" in pinned
    assert "Move my project to version 2" in newer
    assert client.get(address, {"version": 9}).status_code == 404
    assert client.get(address, {"version": "²"}).status_code == 404

    moved = client.post(
        reverse("assessments:adopt", args=[edition.slug]), {"base_version": submission.version}
    )
    submission.refresh_from_db()
    assert (moved.status_code, submission.guidelines.number) == (302, 2)


def test_before_publication_the_page_says_so(client: Client, edition: Edition) -> None:
    client.force_login(participant(edition))

    guidelines = client.get(reverse("assessments:guidelines", args=[edition.slug]))
    project = client.get(reverse("assessments:project", args=[edition.slug]))

    assert "Not published yet" in guidelines.content.decode()
    assert "The project opens later" in project.content.decode()


def _form_of(page: GuidelinesPage, *, intro: str) -> dict[str, Any]:
    """What the page editor sends to publish it."""
    return nested_form_data(
        {
            "title": "Guidelines, revised",
            "slug": page.slug,
            "summary": "Newest.",
            "intro": rich_text(f"<p>{intro}</p>"),
            "integrity": rich_text("<p>Your own work.</p>"),
            "allows_teams": "on",
            "max_members": 4,
            "max_file_mb": 5,
            "max_files": 2,
            "files_note": "",
            "sections": streamfield([("section", section("context") | {"help": rich_text("")})]),
            "comments": inline_formset([]),
            "action-publish": "yes",
        }
    ) | {"file_types": ["pdf"]}


@pytest.mark.parametrize("half", [r"\ud83d", r"\u0000"])
def test_half_an_emoji_is_refused_by_the_editor_of_pages(
    client: Client, edition: Edition, half: str
) -> None:
    """Draftail splits one where somebody deletes with the wrong key."""
    page = project_in(edition).guidelines_page
    publish(page, summary="New.")
    client.force_login(AdministratorFactory.create())
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = _form_of(page, intro="HALF an emoji")
    form["intro"] = form["intro"].replace("HALF", half)

    with zeal_ignore([{"model": "assessments.GuidelinesPage", "field": "get()"}]):
        answer = client.post(edit, form)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["intro"]
    page.refresh_from_db()
    assert page.summary == "New."


def test_the_editor_learns_who_keeps_the_older_version(client: Client, edition: Edition) -> None:
    submission = start(edition)
    page = submission.project.guidelines_page
    publish(page, summary="New.")
    client.force_login(AdministratorFactory.create())
    edit = reverse("wagtailadmin_pages:edit", args=[page.pk])
    form = _form_of(page, intro="Write.")

    # Wagtail reads the page anew for its search and reference indexes.
    with zeal_ignore([{"model": "assessments.GuidelinesPage", "field": "get()"}]):
        before = client.get(edit).content.decode()
        response = client.post(edit, form, follow=True)

    assert "1 draft is on version 1; nothing changes for it until its writers adopt" in before
    assert reverse("assessments:setup", args=[edition.slug]) in before
    newest = submission.project.guidelines.first()
    assert newest is not None
    assert newest.content["team"] == {"allowed": True, "max_members": 4}

    said = [str(message) for message in response.context["messages"]]
    assert any("version 3 of the guidelines. 1 draft keeps its older version" in m for m in said)
