"""Writing a rubric in the browser, with and without JavaScript."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.rubric_drafts import publish_rubric_draft, save_rubric_draft
from assessments.actions.rubrics import begin_rubric, choose_rubric, delete_rubric
from assessments.models import Rubric, RubricDraft
from assessments.rubric_working import texts_of
from assessments.selectors.rubrics import checked, working_copy_of
from lms.accounts.models import User
from lms.core.errors import StaleVersion
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from tests.factories.marking import project_in, rubric_in, submitted
from tests.factories.programme import EditionFactory, coordinator, instructor
from tests.queries import MANY
from tests.races import at_once


@pytest.fixture
def writer(edition: Edition) -> User:
    return instructor(edition)


@pytest.fixture
def browser(writer: User) -> Client:
    client = Client()
    client.force_login(writer)
    return client


@pytest.fixture
def rubric(edition: Edition) -> Rubric:
    return rubric_in(edition)


def address(name: str, rubric: Rubric, *more: Any) -> str:
    return reverse(f"assessments:{name}", args=[rubric.edition.slug, rubric.pk, *more])


def press(browser: Client, rubric: Rubric, version: int, move: str, **texts: str) -> HttpResponse:
    data = {"base_version": version, "move": move, **texts}
    return browser.post(address("rubric", rubric), data)


def put(browser: Client, rubric: Rubric, version: int, **values: str) -> HttpResponse:
    body = json.dumps({"base_version": version, "values": values})
    return browser.put(
        address("rubric_draft", rubric), body, content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )  # fmt: skip


def titles(rubric: Rubric) -> list[str]:
    return [one["title"] for one in working_copy_of(rubric).content["criteria"]]


def test_buttons_do_what_they_say_and_keep_what_was_typed(browser: Client, rubric: Rubric) -> None:
    answer = press(browser, rubric, 0, "down:need", **{"c.need.title": "The need"})
    assert answer["Location"].endswith("?at=need&after=down")
    press(browser, rubric, 1, "duplicate:measurement")
    press(browser, rubric, 2, "remove:measurement")
    assert titles(rubric) == ["Criterion measurement (copy)", "The need"]

    page = browser.get(address("rubric", rubric))
    assert "Bring back the criterion “Criterion measurement”" in page.content.decode()
    press(browser, rubric, 3, "undo")
    press(browser, rubric, 4, "equal")

    draft = RubricDraft.objects.get()
    assert titles(rubric) == [
        "Criterion measurement",
        "Criterion measurement (copy)",
        "The need",
    ]
    assert [one["weight"] for one in draft.content["criteria"]] == ["33.34", "33.33", "33.33"]
    assert rubric.versions.count() == 1


def test_a_part_that_was_moved_has_the_focus_on_the_same_button(
    browser: Client, rubric: Rubric
) -> None:
    """By keys: pressed again, it moves further."""
    press(browser, rubric, 0, "down:need:strong")
    page = browser.get(address("rubric", rubric), {"at": "need:strong", "after": "down"})

    [button] = [tag for tag in page.content.decode().split("<button") if " autofocus" in tag]
    assert 'value="down:need:strong"' in button


def test_autosave_keeps_words_as_they_are_typed(
    browser: Client, rubric: Rubric, writer: User
) -> None:
    words = "  50,5 %  \u202eעברית 🦀 "
    assert put(browser, rubric, 0, **{"c.need.weight": words}).json()["version"] == 1
    assert put(browser, rubric, 1, **{"c.need.title": ""}).json()["version"] == 2

    draft = RubricDraft.objects.get()
    assert (draft.content["criteria"][0]["weight"], draft.saved_by) == (words, writer)
    # One sitting, one event.
    assert AuditEvent.objects.filter(verb="rubric.draft_saved").count() == 1


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 20_001])
def test_what_cannot_be_kept_whole_is_refused(browser: Client, rubric: Rubric, text: str) -> None:
    answer = put(browser, rubric, 0, **{"c.need.title": text})

    assert answer.status_code in {413, 422}
    assert not RubricDraft.objects.exists()


def test_a_working_copy_has_an_end_and_what_was_removed_makes_room_first(
    browser: Client, rubric: Rubric
) -> None:
    version = 0
    for _ in range(9):
        copied = press(browser, rubric, version, "duplicate:need")["Location"]
        part = copied.partition("?at=")[2].partition("&")[0]
        texts = {f"c.{part}.description": "é" * 9_000}
        press(browser, rubric, version + 1, f"remove:{part}", **texts)
        version += 2
    draft = RubricDraft.objects.get()
    assert (len(draft.content["undo"]), draft.version) == (9, 18)
    for _ in range(4):
        press(browser, rubric, version, "duplicate:need")
        version += 1
    names = [name for name in texts_of(working_copy_of(rubric).content) if name != "pass_percent"]

    refused = put(browser, rubric, version, **dict.fromkeys(names, "é" * 9_000))
    kept = put(browser, rubric, version, **dict.fromkeys(names[:12], "é" * 9_000))

    assert (refused.status_code, kept.status_code) == (413, 200)
    assert 0 < len(RubricDraft.objects.get().content["undo"]) < 9


def test_two_who_write_are_told_and_both_texts_are_kept(
    browser: Client, rubric: Rubric, edition: Edition, at: datetime
) -> None:
    """Invariant 3: 409 with what is stored; without JavaScript both stand on the page."""
    save_rubric_draft(
        rubric=rubric, base_version=0, values={"c.need.title": "Theirs"}, by=coordinator(edition),
        at=at,
    )  # fmt: skip

    by_script = put(browser, rubric, 0, **{"c.need.title": "Mine"})
    by_form = press(browser, rubric, 0, "down:need", **{"c.need.title": "Mine"})

    assert by_script.status_code == by_form.status_code == 409
    assert by_script.json()["version"] == 1
    assert by_script.json()["stored"]["c.need.title"] == "Theirs"
    title = by_form.context["builder"].criteria[0].title
    assert (title.text, title.stored, by_form.context["base_version"]) == ("Mine", "Theirs", 1)
    assert titles(rubric)[0] == "Theirs"


def test_words_for_a_part_that_is_gone_are_not_lost(
    browser: Client, rubric: Rubric, edition: Edition
) -> None:
    press(browser, rubric, 0, "remove:need")

    stale = press(browser, rubric, 0, "", **{"c.need.title": "Much thought"})
    late = put(browser, rubric, 1, **{"c.need.title": "Much thought"})

    assert (stale.status_code, stale.context["builder"].lost) == (409, ["Much thought"])
    assert "Much thought" in stale.content.decode()
    assert late.status_code == 422


def test_what_is_wrong_stands_beside_its_field(browser: Client, rubric: Rubric) -> None:
    texts = {"c.need.weight": "60,5", "l.need.weak.points": "-1", "c.measurement.title": ""}
    press(browser, rubric, 0, "", **texts)

    page = browser.get(address("rubric_preview", rubric))

    need, measurement = page.context["builder"].criteria
    assert page.status_code == 422
    assert "from 0 to 100" in need.weight.errors[0]
    assert "from 0 to 9999.99" in need.levels[2].points.errors[0]
    assert measurement.title.errors == ["Write 1 to 200 characters."]
    assert need.weight.text == "60,5"


def test_only_what_was_previewed_is_published(
    browser: Client, rubric: Rubric, edition: Edition, at: datetime
) -> None:
    press(browser, rubric, 0, "", pass_percent="60")
    preview = browser.get(address("rubric_preview", rubric))
    confirmed = {"sha256": preview.context["sha256"]}
    put(browser, rubric, 1, pass_percent="70")

    refused = browser.post(address("publish_rubric", rubric), confirmed)
    assert (refused.status_code, rubric.versions.count()) == (409, 1)
    # The page that says so is a preview of what stands there now.
    confirmed = {"sha256": refused.context["sha256"]}
    accepted = browser.post(address("publish_rubric", rubric), confirmed)

    version = rubric.versions.first()
    assert version is not None
    assert accepted["Location"] == address("rubric_versions", rubric)
    assert (version.number, version.pass_percent, version.sha256) == (2, 70, confirmed["sha256"])


def test_new_parts_keep_their_key_from_the_first_version_on(
    browser: Client, rubric: Rubric, writer: User, at: datetime
) -> None:
    press(browser, rubric, 0, "duplicate:need")
    press(browser, rubric, 1, "equal")
    publish_rubric_draft(
        rubric=rubric, sha256=checked(working_copy_of(rubric)).sha256, by=writer, at=at
    )
    [part] = [one for one in working_copy_of(rubric).content["criteria"] if "~" in one["id"]]
    press(browser, rubric, 3, "", **{f"c.{part['id']}.title": "Another name"})

    content = checked(working_copy_of(rubric)).content

    assert content is not None
    assert [one["key"] for one in content["criteria"]] == [  # type: ignore[attr-defined]
        "need",
        "criterion-need-copy",
        "measurement",
    ]


def test_versions_say_who_when_and_what_changed(
    browser: Client, rubric: Rubric, writer: User, at: datetime
) -> None:
    press(
        browser, rubric, 0, "up:measurement", **{"l.need.weak.descriptor": "What poor work shows."}
    )
    sha256 = checked(working_copy_of(rubric)).sha256
    publish_rubric_draft(rubric=rubric, sha256=sha256, by=writer, at=at)

    listed = browser.get(address("rubric_versions", rubric)).content.decode()
    page = browser.get(address("rubric_version", rubric, 2))

    assert sha256[:12] in listed
    assert str(writer) in listed
    parts = page.context["difference"].criteria
    assert [(part.title, part.state) for part in parts] == [
        ("Criterion measurement", "moved"),
        ("Criterion need", "changed"),
    ]
    [weak] = [level for level in parts[1].levels if level.state == "changed"]
    assert weak.texts[0].html == "<p>What <del>weak</del><ins>poor</ins> work shows.</p>"


def test_a_file_and_an_earlier_version_can_be_taken_up(browser: Client, rubric: Rubric) -> None:
    exported = browser.get(address("export_rubric", rubric, "csv"), {"version": 1})
    press(browser, rubric, 0, "remove:need")
    file = SimpleUploadedFile("a.csv", exported.content)

    browser.post(address("import_rubric", rubric), {"base_version": 1, "file": file})
    assert titles(rubric) == ["Criterion need", "Criterion measurement"]
    browser.post(address("import_rubric", rubric), {"base_version": 2, "version": 1})
    bad = SimpleUploadedFile("a.csv", b"criterion\nNo")
    refused = browser.post(address("import_rubric", rubric), {"base_version": 3, "file": bad})

    assert "Missing in the first row" in str(refused.context["file_form"].errors)
    assert (refused.status_code, RubricDraft.objects.get().version) == (422, 3)


def test_a_rubric_in_use_is_not_deleted_and_an_unused_one_comes_back(
    browser: Client, edition: Edition
) -> None:
    submitted(edition)
    used = project_in(edition).rubric
    browser.post(reverse("assessments:rubrics", args=[edition.slug]), {"title": "A second one"})
    spare = Rubric.objects.get(title="A second one")

    refused = browser.post(address("delete_rubric", used))
    deleted = browser.post(address("delete_rubric", spare))
    after = put(browser, spare, 1, pass_percent="1")

    assert refused.status_code == 409
    assert str(refused.context["error"].sentence) == (
        f"Projects of {edition.name} are marked on this rubric. 1 project was handed in on it. "
        "It cannot be deleted."
    )
    assert (deleted.status_code, after.status_code) == (302, 409)
    assert list(Rubric.objects.kept()) == [used]
    browser.post(address("bring_back_rubric", spare))
    assert Rubric.objects.kept().count() == 2


def test_the_coordinator_chooses_until_a_project_is_handed_in(edition: Edition) -> None:
    project = project_in(edition)
    first = project.rubric
    other = rubric_in(edition, pass_percent=70)
    browser = Client()
    browser.force_login(coordinator(edition))

    assert browser.post(address("choose_rubric", other)).status_code == 302
    project.refresh_from_db()
    assert project.rubric == other
    assert project.guidelines.latest("number").content["rubric"]["title"] == other.title
    submitted(edition)
    refused = browser.post(address("choose_rubric", first))
    project.refresh_from_db()
    assert (refused.status_code, project.rubric) == (409, other)


def test_lists_cost_the_same_at_one_and_at_many(browser: Client, edition: Edition) -> None:
    rubric = rubric_in(edition)
    page = reverse("assessments:rubrics", args=[edition.slug])
    versions = address("rubric_versions", rubric)
    browser.get(page)
    with CaptureQueriesContext(
        connection,
    ) as one:
        browser.get(page)
        browser.get(versions)
    for number in range(MANY - 1):
        rubric_in(edition, pass_percent=number)
        rubric.versions.model.objects.create(
            rubric=rubric, number=number + 2, sha256="0" * 64, pass_percent=1,
            created_at=rubric.versions.latest("number").created_at,
        )  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        browser.get(page)
        browser.get(versions)

    assert len(many) == len(one)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(at: datetime) -> None:
    edition = EditionFactory.create()
    rubric = rubric_in(edition)
    writers = [instructor(edition), coordinator(edition)]

    results = at_once(
        *(
            lambda one=one: save_rubric_draft(
                rubric=rubric, base_version=0, values={"c.need.title": str(one.pk)}, by=one, at=at
            )
            for one in writers
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["RubricDraft", "StaleVersion"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_publishing_against_a_save_publishes_what_was_previewed_or_nothing(
    at: datetime,
) -> None:
    edition = EditionFactory.create()
    writer, other = instructor(edition), coordinator(edition)
    rubric = begin_rubric(
        edition=edition, title="Copy", copy_of=rubric_in(edition), by=writer, at=at
    )
    sha256 = checked(working_copy_of(rubric)).sha256

    results = at_once(
        lambda: publish_rubric_draft(rubric=rubric, sha256=sha256, by=writer, at=at),
        lambda: save_rubric_draft(
            rubric=rubric, base_version=1, values={"pass_percent": "90"}, by=other,
            at=at + timedelta(seconds=1),
        ),
    )  # fmt: skip

    assert [isinstance(result, StaleVersion) for result in results].count(True) == 1
    published = rubric.versions.first()
    assert published is None or published.sha256 == sha256


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_rubric_is_not_chosen_and_deleted_at_once(at: datetime) -> None:
    edition = EditionFactory.create()
    project = project_in(edition)
    boss = coordinator(edition)
    other = rubric_in(edition, pass_percent=70)

    results = at_once(
        lambda: choose_rubric(project=project, rubric=other, by=boss, at=at),
        lambda: delete_rubric(rubric=other, by=boss, at=at),
    )

    assert sum(isinstance(result, Exception) for result in results) == 1
    project.refresh_from_db()
    other.refresh_from_db()
    assert (project.rubric == other) != (other.deleted_at is not None)
