"""Releasing grades, as pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.carrying_out import begin_release
from assessments.enums import GradeStatus, ReleaseStatus
from assessments.models import MarkingPolicy, Release
from assessments.selectors.releasing import rehearse
from lms.accounts.models import User
from lms.core import clock
from lms.core.csv_files import minute
from lms.core.models import OutboxMessage
from lms.programme.models import Edition
from tests.factories.marking import (
    agreed,
    carry_out,
    project_in,
    provisional,
    submitted,
)
from tests.factories.programme import coordinator, enrol, instructor


def url(name: str, edition: Edition, *more: Any) -> str:
    return reverse(f"assessments:{name}", args=[edition.slug, *more])


@pytest.fixture
def boss(edition: Edition, client: Client) -> User:
    person = coordinator(edition)
    client.force_login(person)
    return person


def csv_of(answer: Any) -> list[str]:
    return answer.content.decode("utf-8-sig").splitlines()


def test_a_release_by_forms_alone(edition: Edition, boss: User, client: Client) -> None:
    """The rehearsal with the message as it would be sent; release; undo."""
    attempt = submitted(edition)
    agreed(attempt, instructor(edition))
    provisional(submitted(edition), instructor(edition))

    page = client.get(url("rehearsal", edition)).content.decode()
    person = attempt.owner.user
    assert f"&lt;{person.email}&gt;" in page
    assert f"Dear {person.get_short_name()}," in page
    assert "Marked, but not agreed." in page
    assert "Each dot is one project" in page
    html = client.get(url("release_message", edition, person.pk))
    assert "See your grade" in html.content.decode()
    assert "style-src 'unsafe-inline'" in html["Content-Security-Policy"]
    assert not Release.objects.exists()

    sha256 = rehearse(edition, boss).sha256
    answer = client.post(url("rehearsal", edition), {"sha256": sha256})
    release = Release.objects.get()
    assert answer.url == url("release", edition, release.pk)
    page = client.get(answer.url).content.decode()
    assert "Until then it can be undone" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    client.post(url("move_release", edition, release.pk, "undo"), {"base_version": release.version})
    release.refresh_from_db()
    assert release.status == ReleaseStatus.UNDONE
    [_heading, line] = csv_of(client.get(url("releases_csv", edition)))
    assert f",Undone,{minute(release.made_at)},{boss}," in line


def test_a_rehearsal_that_is_out_of_date_is_shown_again(
    edition: Edition, boss: User, client: Client
) -> None:
    agreed(submitted(edition), instructor(edition))
    answer = client.post(url("rehearsal", edition), {"sha256": "0" * 64})
    assert answer.status_code == 409
    assert "What you see below is how they are now." in answer.content.decode()
    assert not Release.objects.exists()


def test_where_no_worker_comes_by_looking_begins_what_is_due(
    edition: Edition, boss: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    """The embedded default: no broker, no beat."""
    grade = agreed(submitted(edition), instructor(edition))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    Release.objects.update(takes_effect_at=clock.now() - timedelta(seconds=1))

    with django_capture_on_commit_callbacks(execute=True):
        client.get(url("release", edition, release.pk))

    fragment = client.get(url("release", edition, release.pk), headers={"HX-Request": "true"})
    grade.refresh_from_db()
    assert grade.status == GradeStatus.RELEASED
    assert "<html" not in fragment.content.decode()
    assert "1 grade is with its participants." in fragment.content.decode()
    assert "hx-get" not in fragment.content.decode()


def test_a_finished_release_lists_its_grades_page_by_page_and_as_a_file(
    edition: Edition, boss: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.views.releasing.GRADES_A_PAGE", 1)
    first, second = (agreed(submitted(edition), instructor(edition)) for _ in range(2))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = carry_out(Release.objects.get(), clock.now() + timedelta(hours=1))
    assert release.status == ReleaseStatus.RELEASED
    address = url("release", edition, release.pk)

    for number, grade in ((1, first), (2, second)):
        page = client.get(address, {"page": number}).content.decode()
        table = page.partition('aria-label="Grades of this release"')[2].partition("</table>")[0]
        assert table.count("<tr>") == 2
        assert str(grade.submission.owner.user) in table
        assert "66.67&nbsp;%" in table
        assert "Released" in table
        assert f"Page {number} of 2" in page
    lines = csv_of(client.get(url("release_csv", edition, release.pk)))
    assert [line.split(",")[2] for line in lines[1:]] == ["66.67", "66.67"]


def test_where_no_worker_comes_by_a_part_that_failed_is_tried_again_by_looking(
    edition: Edition, boss: User, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    # Begun, and its part not handed over.
    begin_release(release=release, at=clock.now() + timedelta(hours=1))
    message = OutboxMessage.objects.get(task="assessments.tasks.release_part")
    later = clock.now() + timedelta(minutes=2)
    OutboxMessage.objects.filter(pk=message.pk).update(attempts=1, available_at=later)

    client.get(url("release", edition, release.pk))
    grade.refresh_from_db()
    assert grade.status == GradeStatus.AGREED
    OutboxMessage.objects.filter(pk=message.pk).update(available_at=clock.now())
    client.get(url("release", edition, release.pk))

    grade.refresh_from_db()
    assert grade.status == GradeStatus.RELEASED


def test_a_colleague_confirms_on_the_page(edition: Edition, boss: User, client: Client) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), confirm_release=True)
    agreed(submitted(edition), instructor(edition))
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    assert (
        "Confirm this release"
        not in client.get(url("release", edition, release.pk)).content.decode()
    )

    client.force_login(coordinator(edition))
    page = client.get(url("release", edition, release.pk)).content.decode()
    assert "Confirm this release" in page
    client.post(
        url("move_release", edition, release.pk, "confirm"),
        {"base_version": release.version, "sha256": release.sha256},
    )
    release.refresh_from_db()
    assert release.status == ReleaseStatus.SCHEDULED


def test_the_desk_releases_by_the_same_rules(edition: Edition, boss: User, client: Client) -> None:
    grade = agreed(submitted(edition), instructor(edition))
    desk = url("desk", edition, grade.submission_id)
    client.post(
        url("move_grade", edition, grade.submission_id, "release"), {"base_version": grade.version}
    )

    page = client.get(desk).content.decode()
    release = Release.objects.get()
    assert url("release", edition, release.pk) in page
    assert "Release it to the participant" not in page
    grade.refresh_from_db()
    assert grade.status == GradeStatus.AGREED


def test_names_are_hidden_where_the_edition_marks_without_them(
    edition: Edition, client: Client
) -> None:
    MarkingPolicy.objects.create(project=project_in(edition), is_anonymous=True)
    attempt = submitted(edition)
    agreed(attempt, instructor(edition))
    client.force_login(instructor(edition))
    person = attempt.owner.user

    pages = [
        client.get(url(name, edition)).content.decode()
        for name in ("releases", "rehearsal", "rehearsal_csv")
    ]
    api = client.get(f"/api/v1/releases/rehearsal/?edition={edition.slug}").content.decode()

    for said in (*pages, api):
        assert person.email not in said
        assert str(person) not in said
        assert attempt.owner.city.name not in said
    assert client.get(url("release_message", edition, person.pk)).status_code == 404


def test_empty_pages_say_what_will_be_there(edition: Edition, boss: User, client: Client) -> None:
    assert "No final project yet" in client.get(url("releases", edition)).content.decode()
    project_in(edition)
    assert "No grade is ready" in client.get(url("rehearsal", edition)).content.decode()
    assert "Nobody has appealed" in client.get(url("appeals", edition)).content.decode()


# --- Afterwards ---------------------------------------------------------------------------


def test_somebody_who_also_takes_part_reads_no_release_item_of_their_own(
    edition: Edition, client: Client
) -> None:
    """Invariant 9: neither on the page, nor in the table, nor through the API."""
    colleague = instructor(edition)
    agreed(submitted(edition, enrolment=enrol(colleague, edition)), instructor(edition))
    boss = coordinator(edition)
    client.force_login(boss)
    client.post(url("rehearsal", edition), {"sha256": rehearse(edition, boss).sha256})
    release = Release.objects.get()
    client.force_login(colleague)

    said = [
        client.get(url(name, edition, release.pk)).content.decode()
        for name in ("release", "release_csv")
    ]
    items = client.get(f"/api/v1/releases/{release.pk}/items/").json()["results"]

    assert [text for text in said if "66.67" in text] == []
    assert items == []
