"""Completion and certificates through the API."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from assessments.actions.completion import review_completion
from assessments.models import Certificate
from lms.programme.models import Edition
from tests.factories.marking import asking_only, submitted
from tests.factories.programme import EnrolmentFactory, coordinator, instructor
from tests.queries import MANY

COMPLETIONS = "/api/v1/completions/"
CERTIFICATES = "/api/v1/certificates/"


def test_a_participant_reads_what_is_missing(edition: Edition, api: APIClient) -> None:
    """D15."""
    attempt = submitted(edition)
    submitted(edition)
    api.force_authenticate(attempt.owner.user)

    [row] = api.get(COMPLETIONS).json()["results"]
    detail = api.get(f"{COMPLETIONS}{attempt.owner_id}/").json()

    assert row["id"] == attempt.owner_id
    assert [r["status"] for r in detail["requirements"]] == ["unmet"] * 3
    assert set(detail["abilities"].values()) == {False}
    waive = {"requirement": "sharing", "reason": "Please"}
    url = f"{COMPLETIONS}{attempt.owner_id}/waive/"
    assert api.post(url, waive, format="json").status_code == 403


def test_a_coordinator_waives_and_ends_a_waiver(edition: Edition, api: APIClient) -> None:
    """Invariant 14."""
    enrolment = EnrolmentFactory.create(edition=edition)
    api.force_authenticate(coordinator(edition))
    url = f"{COMPLETIONS}{enrolment.pk}/"
    body = {"requirement": "sharing", "reason": "Her city forbids it."}

    waived = api.post(f"{url}waive/", body, format="json").json()
    ended = api.post(f"{url}end-waiver/", body, format="json").json()
    unknown = api.post(f"{url}waive/", {**body, "requirement": "charm"}, format="json")

    assert [r["status"] for r in waived["requirements"]] == ["unmet", "waived", "unmet"]
    assert [r["status"] for r in ended["requirements"]] == ["unmet", "unmet", "unmet"]
    assert unknown.status_code == 422


def test_a_certificate_is_read_downloaded_and_reviewed(
    edition: Edition, at: datetime, api: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    asking_only(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    with django_capture_on_commit_callbacks(execute=True):
        review_completion(enrolment=enrolment, at=at)
    url = f"{CERTIFICATES}{Certificate.objects.get().pk}/"

    api.force_authenticate(enrolment.user)
    own = api.get(url).json()
    pdf = api.get(f"{url}pdf/")
    forbidden = api.post(f"{url}review/", {"reason": "Why"}, format="json")
    api.force_authenticate(EnrolmentFactory.create(edition=edition).user)
    foreign = [api.get(url).status_code, api.get(f"{url}pdf/").status_code]
    api.force_authenticate(coordinator(edition))
    reviewed = api.post(f"{url}review/", {"reason": "A doubt."}, format="json").json()
    revoked = api.post(f"{url}revoke/", {"reason": "Proved."}, format="json").json()

    assert own["verification_url"].endswith(f"/verify/{Certificate.objects.get().code}/")
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    assert (forbidden.status_code, foreign) == (403, [404, 404])
    assert (reviewed["status"], revoked["status"]) == ("under_review", "revoked")


def test_an_eligible_certificate_is_not_there_for_its_participant(
    edition: Edition, at: datetime, api: APIClient
) -> None:
    asking_only(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    review_completion(enrolment=enrolment, at=at)
    url = f"{CERTIFICATES}{Certificate.objects.get().pk}/"

    api.force_authenticate(enrolment.user)
    assert api.get(url).status_code == 404
    api.force_authenticate(instructor(edition))
    assert api.get(url).status_code == 200
    assert api.get(f"{url}pdf/").status_code == 404


@pytest.mark.parametrize("url", [COMPLETIONS, CERTIFICATES])
def test_lists_cost_the_same_for_one_and_for_many(
    edition: Edition, at: datetime, api: APIClient, url: str
) -> None:
    asking_only(edition)
    boss = coordinator(edition)
    api.force_authenticate(boss)

    def queries() -> int:
        boss.forget_roles()
        with CaptureQueriesContext(connection) as captured:
            assert api.get(url).status_code == 200
        return len(captured)

    review_completion(enrolment=EnrolmentFactory.create(edition=edition), at=at)
    queries()
    one = queries()
    for _ in range(MANY - 1):
        review_completion(enrolment=EnrolmentFactory.create(edition=edition), at=at)

    assert queries() == one
