"""Rubrics through the API: written, previewed, published, exported and deleted."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from assessments.models import Rubric
from lms.programme.models import Edition
from tests.factories.marking import criterion, rubric_content, rubric_in
from tests.factories.programme import EditionFactory, instructor, participant

RUBRICS = "/api/v1/rubrics/"
VERSIONS = "/api/v1/rubric-versions/"


@pytest.fixture
def api(edition: Edition) -> APIClient:
    client = APIClient()
    client.force_authenticate(instructor(edition))
    return client


def sent(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.json()
    return answer.json()


def test_a_rubric_from_nothing_to_its_second_version(edition: Edition, api: APIClient) -> None:
    begun = sent(
        api.post(RUBRICS, {"edition": edition.slug, "title": "City strategy"}, format="json"), 201
    )
    url = f"{RUBRICS}{begun['id']}/"
    content = rubric_content()
    for part in content["criteria"]:
        del part["key"]
    draft = {"base_version": begun["working_copy"]["version"], "content": content}
    written = sent(api.put(f"{url}draft/", draft, format="json"))
    stale = sent(api.put(f"{url}draft/", draft, format="json"), 409)
    preview = sent(api.get(f"{url}preview/"))
    confirmed = {"sha256": preview["sha256"]}
    first = sent(api.post(f"{url}publish/", confirmed, format="json"))
    again = sent(api.post(f"{url}publish/", confirmed, format="json"))
    content["criteria"][0]["title"] = "Other words"
    content["criteria"][0]["key"] = "criterion-need"
    version = sent(api.get(url))["working_copy"]["version"]
    sent(api.put(f"{url}draft/", {"base_version": version, "content": content}, format="json"))
    refused = sent(api.post(f"{url}publish/", confirmed, format="json"), 409)
    second = sent(api.post(f"{url}publish/", {"sha256": refused["sha256"]}, format="json"))
    difference = sent(api.get(f"{VERSIONS}{second['id']}/difference/"))

    assert begun["abilities"] == {
        "write": True, "publish": True, "rename": True, "delete": True, "bring_back": False,
        "choose": False,
    }  # fmt: skip
    assert (written["working_copy"]["version"], written["working_copy"]["wrong"]) == (2, {})
    assert (stale["code"], stale["version"]) == ("stale_version", 2)
    assert (preview["marked"], preview["is_same"]) == (0, False)
    assert (first["number"], again["number"], second["number"]) == (1, 1, 2)
    assert refused["code"] == "stale_version"
    assert difference["criteria"] == [
        {
            "title": "Other words",
            "state": "changed",
            "texts": [
                {
                    "field": "Title",
                    "html": "<p><del>Criterion need</del> <ins>Other words</ins></p>",
                }
            ],
            "levels": [],
        }
    ]
    listed = sent(api.get(VERSIONS, {"rubric": begun["id"]}))["results"]
    assert [version["number"] for version in listed] == [2, 1]


def test_a_file_goes_out_and_comes_back(edition: Edition, api: APIClient) -> None:
    rubric = rubric_in(edition)
    url = f"{RUBRICS}{rubric.pk}/"
    text = api.get(f"{url}export/", {"version": 1}).content.decode()
    as_json = sent(api.get(f"{url}export/", {"as": "json"}))

    body = {"base_version": 0, "format": "csv", "text": text}
    back = sent(api.post(f"{url}import/", body, format="json"))
    bad = {"base_version": 1, "format": "csv", "text": text.replace("60.00", "6O")}
    refused = sent(api.post(f"{url}import/", bad, format="json"), 422)
    taken = sent(api.post(f"{url}take-up/", {"base_version": 1, "number": 1}, format="json"))

    assert back["working_copy"]["sha256"] == rubric.versions.get().sha256
    assert as_json["criteria"][0]["key"] == "need"
    assert refused["errors"]["file"] == [
        "Row 2, weight: Give a number from 0 to 100 with at most two decimal places."
    ]
    assert taken["working_copy"]["version"] == 2


def test_deleting_says_why_not_and_can_be_undone(edition: Edition, api: APIClient) -> None:
    rubric = rubric_in(edition)
    url = f"{RUBRICS}{rubric.pk}/"

    assert sent(api.post(f"{url}delete/"))["deleted_at"]
    assert sent(api.get(RUBRICS, {"deleted_at__isnull": "true"}))["results"] == []
    draft = {"base_version": 0, "content": rubric_content()}
    assert sent(api.put(f"{url}draft/", draft, format="json"), 409)["code"] == "rubric_deleted"
    assert sent(api.post(f"{url}bring-back/"))["deleted_at"] is None
    renamed = sent(api.post(f"{url}rename/", {"title": "Better"}, format="json"))
    assert (renamed["title"], renamed["use"]) == ("Better", "")


@pytest.mark.parametrize(
    "content",
    [
        {"pass_percent": 50, "criteria": [criterion("need", "NaN")]},
        {"pass_percent": 50, "criteria": "all"},
        {"pass_percent": 50, "criteria": [criterion("need", 100)], "total": 100},
        {"criteria": [7, {"levels": [1]}]},
        {"pass_percent": 50, "criteria": [{**criterion("need", 100), "key": ["a"]}]},
        {"pass_percent": 50, "criteria": [criterion("n", 1)] * 41},
    ],
)
def test_a_content_that_is_none_is_refused(
    edition: Edition, api: APIClient, content: dict[str, Any]
) -> None:
    rubric = rubric_in(edition)
    body = {"base_version": 0, "content": content}

    sent(api.put(f"{RUBRICS}{rubric.pk}/draft/", body, format="json"), 422)


def test_participants_and_other_editions_see_none(edition: Edition) -> None:
    rubric = rubric_in(edition)
    for other in (participant(edition), instructor(EditionFactory.create())):
        client = APIClient()
        client.force_authenticate(other)

        assert sent(client.get(RUBRICS))["results"] == []
        assert sent(client.get(VERSIONS))["results"] == []
        sent(client.get(f"{RUBRICS}{rubric.pk}/"), 404)
        body = {"edition": edition.slug, "title": "Mine"}
        sent(client.post(RUBRICS, body, format="json"), 404)
    assert Rubric.objects.count() == 1
