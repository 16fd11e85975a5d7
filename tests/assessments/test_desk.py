"""The marking desk as a page: without scripts, with autosave, and when things go wrong."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import rules
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from django.urls import reverse

from assessments.enums import GradeStatus
from assessments.models import Assessment, Attempt, Grade, Presentation, Release
from assessments.selectors.desk import desk_of
from lms.core import clock
from lms.programme.models import Edition, RoleAssignment
from tests.factories.accounts import PASSWORD, CityFactory
from tests.factories.marking import (
    agreed,
    carry_out,
    in_marking,
    marked,
    provisional,
    released,
    submitted,
)
from tests.factories.programme import EditionFactory, coordinator, enrol, instructor


def url_of(attempt: Attempt, name: str = "desk", *more: str) -> str:
    edition = attempt.submission.edition
    return reverse(f"assessments:{name}", args=[edition.slug, attempt.submission_id, *more])


def autosave(client: Client, attempt: Attempt, version: int, **values: Any) -> Any:
    return client.put(
        f"{url_of(attempt, 'marks')}?attempt={attempt.receipt}",
        json.dumps({"base_version": version, "values": values}),
        content_type="application/json",
        headers={"X-Requested-With": "fetch"},
    )


def all_levels(attempt: Attempt, level: str = "sound", **fields: Any) -> dict[str, Any]:
    return {
        "attempt": attempt.receipt,
        "level-need": level,
        "level-measurement": level,
        "comment-need": "Clear.",
        "comment-measurement": "",
        "overall": "Good.",
        **fields,
    }


def test_marking_works_without_a_script(edition: Edition, client: Client) -> None:
    """Begin, mark, hand in, agree, release: five forms."""
    attempt = submitted(edition)
    client.force_login(instructor(edition))

    client.post(url_of(attempt, "start_marking"), {"attempt": attempt.receipt})
    page = client.get(url_of(attempt)).content.decode()
    assert "Our harbour needs quieter ferries." in page
    assert "What strong work shows." in page
    client.post(url_of(attempt), all_levels(attempt, base_version=0, move="submit"))
    for move in ("agree", "release"):
        version = Grade.objects.get().version
        answer = client.post(url_of(attempt, "move_grade", move), {"base_version": version})
        assert answer.url == url_of(attempt)
    carry_out(Release.objects.get(), clock.now() + timedelta(hours=3))

    grade = Grade.objects.get()
    assert (grade.status, str(grade.current.percent)) == (GradeStatus.RELEASED, "66.67")


def test_handing_in_with_a_gap_keeps_what_was_chosen(edition: Edition, client: Client) -> None:
    """Invariant 6."""
    assessment = in_marking(submitted(edition), instructor(edition))
    client.force_login(assessment.marker)
    fields = all_levels(assessment.attempt, base_version=0, move="submit") | {
        "level-measurement": ""
    }

    answer = client.post(url_of(assessment.attempt), fields)

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose a level for “Criterion measurement”." in text
    assert 'name="level-need" value="sound" checked' in text
    assert not assessment.revisions.exists()


def test_autosave_stores_what_changed(edition: Edition, client: Client) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    client.force_login(assessment.marker)

    first = autosave(client, assessment.attempt, 0, **{"level-need": "strong"})
    second = autosave(client, assessment.attempt, 1, **{"level-need": "", "overall": "Hm."})

    assert (first.json()["version"], second.json()["version"]) == (1, 2)
    assessment.refresh_from_db()
    assert assessment.marks == {"need": {"level": None, "comment": ""}}


def test_a_stale_autosave_returns_the_fields_it_named(edition: Edition, client: Client) -> None:
    """Invariant 3."""
    assessment = marked(in_marking(submitted(edition), instructor(edition)))
    client.force_login(assessment.marker)

    answer = autosave(client, assessment.attempt, 0, **{"level-need": "weak", "overall": "Other."})

    assert answer.status_code == 409
    assert answer.json()["stored"] == {
        "level-need": "sound",
        "overall": "An overall word from the marker.",
    }


def test_a_stale_form_shows_both(edition: Edition, client: Client) -> None:
    assessment = marked(in_marking(submitted(edition), instructor(edition)))
    client.force_login(assessment.marker)

    answer = client.post(
        url_of(assessment.attempt),
        all_levels(assessment.attempt, "weak", base_version=0, overall="Mine.", move="save"),
    )

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Stored: Sound" in text
    assert "An overall word from the marker." in text
    assert "Mine." in text
    assert 'name="base_version" value="1"' in text


@pytest.mark.parametrize(
    "values",
    [{"total": "100"}, {"level-need": "excellent"}, {"level-charm": "sound"}, {"status": "x"},
     {"level-need": 3}, {"overall": None, "points": 3}, {"overall": ["a"]}],
)  # fmt: skip
def test_autosave_refuses_what_is_no_field(
    edition: Edition, client: Client, values: dict[str, Any]
) -> None:
    """Invariant 5."""
    assessment = in_marking(submitted(edition), instructor(edition))
    client.force_login(assessment.marker)

    assert autosave(client, assessment.attempt, 0, **values).status_code == 422
    assessment.refresh_from_db()
    assert assessment.marks == {}


def test_marks_typed_before_the_session_ended_come_back(edition: Edition, client: Client) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    page = url_of(assessment.attempt)

    led_away = client.post(
        page, all_levels(assessment.attempt, base_version=0, overall="Typed in time.")
    )
    kept = autosave(client, assessment.attempt, 0, overall="Typed in time.")
    client.login(email=assessment.marker.email, password=PASSWORD)
    back = client.get(page).content.decode()

    assert led_away.status_code == 302
    assert (kept.status_code, kept.json()["code"]) == (401, "not_authenticated")
    assert "Typed in time." in back


def test_a_marker_of_the_city_reads_and_decides_nothing(edition: Edition, client: Client) -> None:
    """Invariant 10."""
    nairobi = CityFactory.create(name="Nairobi")
    reader = instructor(edition)
    enrol(reader, edition, nairobi)
    attempt = submitted(edition, nairobi)
    client.force_login(reader)

    page = client.get(url_of(attempt)).content.decode()
    refused = client.post(url_of(attempt, "start_marking"), {"attempt": attempt.receipt})

    assert "somebody else marks and decides" in page
    assert "Begin marking" not in page
    assert refused.status_code == 403
    assert "worked for the city" in refused.content.decode()


def test_a_coordinator_reads_and_allocates(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    marker = instructor(edition)
    client.force_login(coordinator(edition))

    page = client.get(url_of(attempt)).content.decode()
    refused = client.post(url_of(attempt, "start_marking"), {"attempt": attempt.receipt})
    client.post(url_of(attempt, "allocate"), {"marker": marker.pk})

    assert "Begin marking" not in page
    assert refused.status_code == 403
    assert Assessment.objects.get().marker == marker


def test_a_role_taken_away_closes_the_desk(edition: Edition, client: Client) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    client.force_login(assessment.marker)
    RoleAssignment.objects.all().delete()

    assert autosave(client, assessment.attempt, 0, overall="Still?").status_code == 404


def test_the_wrong_state_is_a_readable_page(edition: Edition, client: Client) -> None:
    grade = provisional(submitted(edition), instructor(edition))
    client.force_login(coordinator(edition))

    answer = client.post(
        url_of(grade.attempt, "move_grade", "release"), {"base_version": grade.version}
    )

    assert answer.status_code == 409
    assert "not possible from the present state" in answer.content.decode()


@pytest.mark.parametrize("name", ["start_marking", "reopen_marks", "move_grade", "allocate"])
def test_state_changes_only_by_post(edition: Edition, client: Client, name: str) -> None:
    attempt = submitted(edition)
    client.force_login(instructor(edition))
    more = ["agree"] if name == "move_grade" else []

    assert client.get(url_of(attempt, name, *more)).status_code == 405


def test_a_presentation_is_recorded_on_the_desk(edition: Edition, client: Client) -> None:
    """D15c."""
    attempt = submitted(edition)
    client.force_login(instructor(edition))
    url = url_of(attempt, "present_on_desk")

    refused = client.post(url, {"presented_on": "2999-01-01"})
    client.post(url, {"presented_on": "2025-11-19", "note": "Clear."})
    client.post(url, {"presented_on": "2025-11-20", "note": "Clear."})

    assert refused.status_code == 422
    assert Presentation.objects.get().presented_on.isoformat() == "2025-11-20"


def test_an_amendment_keeps_what_was_typed_when_the_reason_is_missing(
    edition: Edition, client: Client
) -> None:
    """Invariant 8."""
    attempt, marker = submitted(edition), instructor(edition)
    grade = released(attempt, marker)
    client.force_login(marker)
    fields = all_levels(attempt, "weak", base_version=grade.version, overall="Typed anew.")

    refused = client.post(url_of(attempt, "amend"), {**fields, "reason": " "})
    done = client.post(url_of(attempt, "amend"), {**fields, "reason": "Misread."})

    assert refused.status_code == 422
    assert "Typed anew." in refused.content.decode()
    assert done.status_code == 302
    assert Grade.objects.get().status == GradeStatus.AMENDED


def test_an_agreed_grade_is_reopened_with_a_reason(edition: Edition, client: Client) -> None:
    attempt, marker = submitted(edition), instructor(edition)
    grade = agreed(attempt, marker)
    client.force_login(marker)
    body = {"base_version": grade.version, "reason": "A typing error."}

    assert client.post(url_of(attempt, "reopen_grade"), {**body, "reason": ""}).status_code == 422
    client.post(url_of(attempt, "reopen_grade"), body)

    assert Grade.objects.get().status == GradeStatus.PROVISIONAL


def test_a_project_of_another_edition_is_not_on_this_desk(edition: Edition, client: Client) -> None:
    attempt = submitted(edition)
    elsewhere = submitted(EditionFactory.create())
    client.force_login(instructor(edition))

    foreign = reverse("assessments:desk", args=[edition.slug, elsewhere.submission_id])
    assert client.get(foreign).status_code == 404
    assert client.get(reverse("assessments:desk", args=[edition.slug, 999999])).status_code == 404
    assert client.get(url_of(attempt, "move_grade", "agree")).status_code == 405
    assert client.post(url_of(attempt, "move_grade", "bless")).status_code == 404


@pytest.mark.parametrize(
    ("permission", "names"),
    [
        ("judge_grade", {"agree", "moderate"}),
        ("ask_second_marking", {"ask_second"}),
        ("void_grade", {"void"}),
    ],
)
def test_a_changed_rule_reaches_the_buttons(
    edition: Edition, permission: str, names: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk asks what the actions ask, and nothing beside it."""
    submission = provisional(submitted(edition), instructor(edition)).submission
    boss = coordinator(edition)

    def able() -> set[str]:
        return {name for name, can in desk_of(submission, boss).can.items() if can}

    before = able()
    assert names <= before
    monkeypatch.setitem(
        rules.permissions.permissions, f"assessments.{permission}", rules.always_false
    )
    assert before - able() == names


@pytest.mark.parametrize("step", [in_marking, provisional, agreed, released])
def test_every_step_on_the_desk_has_a_key_of_its_own(
    edition: Edition, client: Client, step: Any
) -> None:
    """Of what a script does by itself the keys stand in `frontend/src/desk/start.ts`."""
    marker, boss = instructor(edition), coordinator(edition)
    attempt = submitted(edition)
    step(attempt, marker)
    script = (settings.BASE_DIR / "frontend/src/desk/start.ts").read_text()
    taken = re.findall(r'\{ key: "(.+?)"', script)
    for reader in (marker, boss):
        client.force_login(reader)
        tools = BeautifulSoup(client.get(url_of(attempt)).content, "html.parser").select_one(
            "#rubric"
        )
        assert tools is not None
        keys = [str(one["data-desk-key"]) for one in tools.select("[data-desk-key]")]
        assert len({*keys, *taken}) == len(keys) + len(taken)
        without = [
            form["action"]
            for form in tools.select("form[method=post]")
            if not form.select("[data-desk-key], [data-desk-begin]")
            and not form.find_parent(attrs={"data-desk-key": True})
            and not form.has_attr("data-autosave")
            and not form.find_parent(id="annotations")
        ]
        assert without == []
