"""Comments at places and the bank of comments through the API."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from assessments.actions.snippets import keep_snippet
from assessments.models import Assessment
from lms.programme.models import Edition
from tests.factories.marking import MARKED_AT, in_marking, provisional, snippet_of, submitted
from tests.factories.programme import coordinator, instructor
from tests.queries import MANY

ANNOTATIONS = "/api/v1/annotations/"
SNIPPETS = "/api/v1/snippets/"


def body_of(assessment: Assessment, **fields: Any) -> dict[str, Any]:
    return {
        "assessment": assessment.pk, "receipt": assessment.attempt.receipt, "key": "k",
        "section": "rationale", "anchor": {"kind": "section"}, "text": "More figures.",
    } | fields  # fmt: skip


def test_a_comment_is_written_changed_deleted_and_restored(
    edition: Edition, api: APIClient
) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    api.force_authenticate(assessment.marker)

    written = api.post(ANNOTATIONS, body_of(assessment), format="json")
    again = api.post(ANNOTATIONS, body_of(assessment), format="json")
    url = f"{ANNOTATIONS}{written.json()['id']}/"
    move = {"receipt": assessment.attempt.receipt}
    changed = api.post(f"{url}change/", {**move, "base_version": 0, "text": "Two."}, format="json")
    stale = api.post(f"{url}change/", {**move, "base_version": 0, "text": "Three."}, format="json")
    wrong = api.post(f"{url}remove/", {"receipt": "R-1", "base_version": 1}, format="json")
    gone = api.post(f"{url}remove/", {**move, "base_version": 1}, format="json").json()
    back = api.post(f"{url}restore/", {**move, "base_version": 2}, format="json").json()

    assert (written.status_code, again.json()["id"]) == (201, written.json()["id"])
    assert (changed.json()["text"], changed.json()["version"]) == ("Two.", 1)
    assert (stale.status_code, stale.json()["stored"]) == (409, {"text": "Two."})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "wrong_attempt")
    assert gone["abilities"] == {"change": False, "delete": False, "restore": True}
    assert back["abilities"] == {"change": True, "delete": True, "restore": False}


def test_marks_of_another_attempt_are_refused(edition: Edition, api: APIClient) -> None:
    marker = instructor(edition)
    mine, other = (in_marking(submitted(edition), marker) for _ in range(2))
    api.force_authenticate(marker)
    url = f"/api/v1/assessments/{mine.pk}/"
    wrong = {"receipt": other.attempt.receipt, "base_version": 0}

    answers = [
        api.put(f"{url}marks/", {**wrong, "overall": "Bled."}, format="json"),
        api.post(f"{url}submit/", wrong, format="json"),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (409, "wrong_attempt")
    ] * 2
    mine.refresh_from_db()
    assert mine.overall == ""
    right = {"receipt": mine.attempt.receipt, "base_version": 0, "overall": "Mine."}
    assert api.put(f"{url}marks/", right, format="json").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"anchor": {"kind": "page", "page": 1}}, {"anchor": "section"}, {"text": ""},
        {"text": 3}, {"key": ""}, {"section": "charm"}, {"section": ""}, {"points": 3},
        {"file": "9a0c9f0e-5f4f-4d0c-8a54-4a2e8a6a9f11"}, {"file": "x"},
    ],
)  # fmt: skip
def test_a_faulty_comment_is_refused_whole(
    edition: Edition, api: APIClient, fields: dict[str, Any]
) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    api.force_authenticate(assessment.marker)

    answer = api.post(ANNOTATIONS, body_of(assessment, **fields), format="json")

    assert answer.status_code == 422
    assert not assessment.annotations.exists()


def test_a_colleague_reads_comments_when_they_are_handed_in(
    edition: Edition, api: APIClient
) -> None:
    """Invariant 9 for the participant; a colleague waits for the marks."""
    begun = in_marking(submitted(edition), instructor(edition))
    api.force_authenticate(begun.marker)
    url = f"{ANNOTATIONS}{api.post(ANNOTATIONS, body_of(begun), format='json').json()['id']}/"
    grade = provisional(submitted(edition), instructor(edition))
    handed_in = grade.attempt.assessments.get().annotations.get()

    api.force_authenticate(coordinator(edition))
    assert api.get(url).status_code == 404
    assert [one["id"] for one in api.get(ANNOTATIONS).json()["results"]] == [handed_in.pk]
    for reader in (grade.attempt.owner.user, begun.attempt.owner.user):
        api.force_authenticate(reader)
        assert api.get(ANNOTATIONS).json()["results"] == []
        assert api.get(f"{ANNOTATIONS}{handed_in.pk}/").status_code == 404


def test_a_kept_comment_is_shared_used_and_changed(edition: Edition, api: APIClient) -> None:
    submitted(edition)
    marker, colleague = instructor(edition), instructor(edition)
    api.force_authenticate(marker)
    kept = {"edition": edition.slug, "text": "Name a figure.", "criterion": "need"}
    snippet = api.post(SNIPPETS, kept, format="json").json()
    url = f"{SNIPPETS}{snippet['id']}/"
    fields = {"base_version": 0, "text": "Name it.", "criterion": "need", "is_shared": True}
    api.post(f"{url}change/", fields, format="json")

    api.force_authenticate(colleague)
    used = api.post(f"{url}use/", {}, format="json").json()
    refused = api.post(f"{url}remove/", {"base_version": 1}, format="json")
    api.force_authenticate(marker)
    stale = api.post(f"{url}change/", {**fields, "text": "Else."}, format="json")
    api.post(f"{url}remove/", {"base_version": 1}, format="json")

    assert (used["uses"], used["abilities"]["change"], used["abilities"]["use"]) == (1, False, True)
    assert refused.status_code == 403
    assert (stale.status_code, stale.json()["stored"]["text"]) == (409, "Name it.")
    assert api.get(SNIPPETS).json()["results"] == []
    api.force_authenticate(colleague)
    assert api.get(url).status_code == 404


def test_lists_ask_as_much_for_many_as_for_one(edition: Edition, api: APIClient) -> None:
    assessment = in_marking(submitted(edition), instructor(edition))
    marker = assessment.marker
    api.force_authenticate(marker)
    bank = reverse("assessments:comment_bank", args=[edition.slug])
    api.post(ANNOTATIONS, body_of(assessment), format="json")
    snippet_of(marker, edition)

    def queries(url: str) -> int:
        api.force_login(marker)
        api.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert api.get(url).status_code == 200
        return len(asked)

    urls = (ANNOTATIONS, SNIPPETS, bank, f"{bank}rows/", f"{bank}export.csv")
    before = [queries(url) for url in urls]
    for number in range(MANY - 1):
        api.post(ANNOTATIONS, body_of(assessment, key=f"k{number}"), format="json")
        keep_snippet(edition=edition, text=f"Words {number}.", by=marker, at=MARKED_AT)

    assert [queries(url) for url in urls] == before
