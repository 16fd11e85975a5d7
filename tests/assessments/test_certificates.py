"""Issued once, printed well, checked by anybody, never revoked silently (D16)."""

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from assessments.actions.certificates import (
    issue_certificate,
    open_certificate_review,
    revoke_certificate,
    uphold_certificate,
)
from assessments.actions.completion import (
    end_waiver,
    restore_eligibility,
    review_completion,
    waive_requirement,
)
from assessments.actions.grades import amend_grade
from assessments.certificate_pdf import dates_between, routes_between
from assessments.enums import CertificateStatus
from assessments.models import Certificate, CompletionPolicy
from lms.accounts.models import City
from lms.core.errors import IllegalMove, InvalidInput
from lms.core.models import AuditEvent
from lms.core.storage import evidence
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment, Programme
from tests.factories.accounts import CityFactory
from tests.factories.marking import MARKED_AT, asking_only, project_in, released, submitted
from tests.factories.programme import (
    EditionFactory,
    EnrolmentFactory,
    coordinator,
    instructor,
    participant,
)
from tests.races import at_once


@pytest.fixture
def run_tasks(django_capture_on_commit_callbacks: Any) -> Any:
    """What follows the commit is run when the block ends, and what follows that."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def certified(edition: Edition, run: Any, **person: Any) -> Certificate:
    if not CompletionPolicy.objects.filter(edition=edition).exists():
        asking_only(edition)
    enrolment = Enrolment.objects.get(user=participant(edition, **person), edition=edition)
    with run():
        review_completion(enrolment=enrolment, at=MARKED_AT)
    return Certificate.objects.get(enrolment=enrolment)


def text_of(certificate: Certificate) -> str:
    with evidence().open(certificate.stored_as) as file:
        pages = PdfReader(io.BytesIO(file.read())).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


def test_a_complete_place_gets_its_certificate_by_itself(edition: Edition, run_tasks: Any) -> None:
    certificate = certified(edition, run_tasks, name="Ana Łódź")

    assert certificate.status == CertificateStatus.ISSUED
    assert certificate.enrolment.status == EnrolmentStatus.COMPLETED
    assert certificate.number == (f"2025-{edition.number:02d}-{certificate.enrolment_id:05d}")
    text = text_of(certificate)
    for words in ("Ana Łódź", "Diploma in City Diplomacy", "17–21 November 2025", "Metropolis",
                  certificate.number, certificate.code):  # fmt: skip
        assert words in text
    assert "Accredited" not in text
    [message] = mail.outbox
    assert message.to == [certificate.enrolment.user.email]
    assert certificate.code in message.body


def test_nothing_is_issued_while_something_is_missing(edition: Edition, at: datetime) -> None:
    """D15: not before; D16."""
    project_in(edition)
    asking_only(edition, requires_presentation=True)

    review_completion(enrolment=EnrolmentFactory.create(edition=edition), at=at)

    assert not Certificate.objects.exists()


def eligible_place(edition: Edition) -> Certificate:
    asking_only(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    review_completion(enrolment=enrolment, at=MARKED_AT)
    return Certificate.objects.get(enrolment=enrolment)


def test_who_issues_is_written_down(edition: Edition) -> None:
    certificate, boss = eligible_place(edition), coordinator(edition)

    issue_certificate(certificate=certificate, by=boss, at=MARKED_AT)

    [issued] = AuditEvent.objects.filter(verb="certificate.issued")
    [moved] = AuditEvent.objects.filter(verb="enrolment.moved")
    assert (issued.actor, moved.actor) == (boss, None)
    assert moved.details["after"] == EnrolmentStatus.COMPLETED


def test_a_place_that_was_given_up_gets_no_certificate(edition: Edition) -> None:
    certificate = eligible_place(edition)
    Enrolment.objects.update(status=EnrolmentStatus.CANCELLED)

    issue_certificate(certificate=certificate, at=MARKED_AT)

    certificate.refresh_from_db()
    assert (certificate.status, certificate.stored_as) == (CertificateStatus.ELIGIBLE, "")
    [event] = AuditEvent.objects.filter(verb="certificate.not_issued")
    assert event.details["place"] == EnrolmentStatus.CANCELLED


def test_printing_waits_behind_no_lock(edition: Edition) -> None:
    """The paper is stored before any row is locked: no query locks while it is made."""
    certificate = eligible_place(edition)
    made: list[bool] = []
    storage = evidence()

    with CaptureQueriesContext(connection) as before:
        issue_certificate(certificate=certificate, at=MARKED_AT)

    certificate.refresh_from_db()
    made.append(storage.exists(certificate.stored_as))
    statements = [query["sql"] for query in before]
    savepoint = next(n for n, sql in enumerate(statements) if sql.startswith("SAVEPOINT"))
    # What is drawn on the paper, the cities of the edition, is read before the transaction.
    drawn = next(
        n for n, sql in enumerate(statements) if "accounts_city" in sql and "DISTINCT" in sql
    )
    assert made == [True]
    assert drawn < savepoint


@pytest.mark.parametrize(
    ("at", "printed"),
    [
        (datetime(2025, 12, 10, 22, 59, tzinfo=UTC), "10 December 2025"),
        (datetime(2025, 12, 10, 23, 1, tzinfo=UTC), "11 December 2025"),
    ],
)
@pytest.mark.parametrize("reader", ["UTC", "Pacific/Kiritimati"])
def test_the_day_on_paper_is_that_of_the_edition(
    edition: Edition, at: datetime, printed: str, reader: str
) -> None:
    """Whoever's zone the worker happens to have; the edition is in Madrid."""
    certificate = eligible_place(edition)

    with timezone.override(reader):
        issued = issue_certificate(certificate=certificate, at=at)

    assert f"Issued on {printed}" in text_of(issued)


def test_a_review_has_a_reason_and_a_time(edition: Edition, run_tasks: Any) -> None:
    certificate, boss = certified(edition, run_tasks), coordinator(edition)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.update(status=CertificateStatus.UNDER_REVIEW)

    open_certificate_review(certificate=certificate, reason="A doubt.", by=boss, at=MARKED_AT)

    certificate.refresh_from_db()
    assert certificate.review_opened_by == boss


def test_accredited_is_printed_only_with_a_record(edition: Edition, run_tasks: Any) -> None:
    """D16."""
    Programme.objects.update(accreditation="Example Agency 2025/7")

    assert "Accredited Example Agency 2025/7" in text_of(certified(edition, run_tasks))


def test_a_waived_requirement_is_not_claimed_on_paper(
    edition: Edition, at: datetime, run_tasks: Any
) -> None:
    asking_only(edition, requires_sharing=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    with run_tasks():
        waive_requirement(
            enrolment=enrolment, key="sharing", reason="Ill.", by=coordinator(edition), at=at
        )

    text = text_of(Certificate.objects.get())
    assert "having met its requirements" in text
    assert "shared the experience" not in text


def test_issuing_again_changes_nothing(edition: Edition, at: datetime, run_tasks: Any) -> None:
    certificate = certified(edition, run_tasks)
    before = certificate.sha256

    issue_certificate(certificate=certificate, at=at)
    review_completion(enrolment=certificate.enrolment, at=at)

    certificate.refresh_from_db()
    assert (certificate.sha256, Certificate.objects.count()) == (before, 1)


def test_evidence_lost_before_the_printing_stops_it(
    edition: Edition, at: datetime, run_tasks: Any
) -> None:
    """Amendment against certificate issue: the worker looks again."""
    asking_only(edition, requires_sharing=True)
    enrolment, boss = EnrolmentFactory.create(edition=edition), coordinator(edition)
    step: dict[str, Any] = {"enrolment": enrolment, "key": "sharing", "by": boss, "at": at}
    waive_requirement(**step, reason="Ill.")
    review_completion(enrolment=enrolment, at=at)
    eligible = Certificate.objects.get()
    end_waiver(**step, reason="A mistake.")

    issue_certificate(certificate=eligible, at=at)

    eligible.refresh_from_db()
    assert (eligible.status, eligible.stored_as) == (CertificateStatus.ELIGIBLE, "")
    waive_requirement(**step, reason="Ill after all.")
    with run_tasks():
        review_completion(enrolment=enrolment, at=at)
    eligible.refresh_from_db()
    assert eligible.status == CertificateStatus.ISSUED


def test_revoking_takes_a_review_and_a_reason(
    edition: Edition, at: datetime, run_tasks: Any
) -> None:
    """Invariant 14."""
    certificate, boss = certified(edition, run_tasks), coordinator(edition)
    step: dict[str, Any] = {"certificate": certificate, "by": boss, "at": at}

    with pytest.raises(IllegalMove):
        revoke_certificate(**step, reason="At once.")
    open_certificate_review(**step, reason="A doubt.")
    with pytest.raises(InvalidInput):
        revoke_certificate(**step, reason=" ")
    with run_tasks():
        revoke_certificate(**step, reason="The project was not her own.")

    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.REVOKED
    assert "The project was not her own." in mail.outbox[-1].body


def test_what_was_revoked_does_not_come_back_by_itself(
    edition: Edition, at: datetime, run_tasks: Any
) -> None:
    certificate, boss = certified(edition, run_tasks), coordinator(edition)
    step: dict[str, Any] = {"certificate": certificate, "by": boss, "at": at}
    open_certificate_review(**step, reason="A doubt.")
    revoke_certificate(**step, reason="Proved.")

    with run_tasks():
        review_completion(enrolment=certificate.enrolment, at=at)
    assert Certificate.objects.count() == 1
    with run_tasks():
        restore_eligibility(enrolment=certificate.enrolment, reason="Redone.", by=boss, at=at)

    newest = Certificate.objects.last()
    assert (newest.status, newest.number) == (
        CertificateStatus.ISSUED,
        f"{certificate.number}-2",
    )


def test_what_is_printed_cannot_be_changed_afterwards(edition: Edition, run_tasks: Any) -> None:
    """Invariants 13 and 16."""
    certificate = certified(edition, run_tasks)

    for change in (
        lambda: Certificate.objects.update(name="Somebody else"),
        lambda: Certificate.objects.all()._raw_delete("default"),
        lambda: Certificate.objects.update(status="printed"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    Certificate.objects.filter(pk=certificate.pk).update(
        status="under_review", review_reason="A doubt.", review_opened_at=certificate.issued_at
    )


def test_one_place_has_one_certificate_that_counts(edition: Edition, run_tasks: Any) -> None:
    certificate = certified(edition, run_tasks)
    certificate.pk, certificate.number, certificate.code = None, "another", "ANOTHERCODE2"

    with pytest.raises(IntegrityError), transaction.atomic():
        certificate.save(force_insert=True)


# --- The public page -----------------------------------------------------------------


def verify(client: Client, code: str) -> Any:
    return client.get(reverse("assessments:verify", args=[code]))


def test_anybody_checks_a_certificate(edition: Edition, client: Client, run_tasks: Any) -> None:
    certificate = certified(edition, run_tasks, name="Ana Łódź")

    answer = verify(client, certificate.code.lower())

    text = answer.content.decode()
    assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex, nofollow")
    assert "noindex" in text
    for words in ("Genuine and valid", "Ana Łódź", "Diploma in City Diplomacy", "17–21 November"):
        assert words in text
    assert certificate.enrolment.user.email not in text


def test_a_revoked_certificate_still_answers(
    edition: Edition, at: datetime, client: Client, run_tasks: Any
) -> None:
    """Invariant 14."""
    certificate, boss = certified(edition, run_tasks), coordinator(edition)
    step: dict[str, Any] = {"certificate": certificate, "by": boss, "at": at}

    open_certificate_review(**step, reason="Secret doubt.")
    under_review = verify(client, certificate.code)
    revoke_certificate(**step, reason="Secret reason.")
    revoked = verify(client, certificate.code)

    assert (under_review.status_code, revoked.status_code) == (200, 200)
    assert "under review" in under_review.content.decode()
    assert "Revoked" in revoked.content.decode()
    assert "Secret" not in under_review.content.decode() + revoked.content.decode()


@pytest.mark.parametrize("code", ["ABCDEFGHJKMN", "x", "⚑" * 12, "A" * 300, "<script>"])
def test_an_unknown_code_is_a_readable_404(db: None, client: Client, code: str) -> None:
    answer = verify(client, code)

    assert answer.status_code == 404
    assert "There is no certificate with this code" in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_an_eligible_certificate_is_not_public(
    edition: Edition, at: datetime, client: Client
) -> None:
    asking_only(edition)
    review_completion(enrolment=EnrolmentFactory.create(edition=edition), at=at)

    assert verify(client, Certificate.objects.get().code).status_code == 404


# --- The participant's page -------------------------------------------------------------


def test_the_participant_downloads_their_own_certificate(
    edition: Edition, client: Client, run_tasks: Any
) -> None:
    mine, other = certified(edition, run_tasks), certified(edition, run_tasks)
    client.force_login(mine.enrolment.user)

    page = client.get(reverse("assessments:certificate", args=[edition.slug])).content.decode()
    download = client.get(reverse("assessments:certificate_pdf", args=[mine.pk]))
    foreign = client.get(reverse("assessments:certificate_pdf", args=[other.pk]))

    assert "Congratulations" in page
    assert b"".join(download.streaming_content).startswith(b"%PDF")
    assert download["Content-Disposition"].startswith("attachment")
    assert foreign.status_code == 404


def test_dates_read_as_people_write_them() -> None:
    assert dates_between(date(2025, 11, 17), date(2025, 11, 21)) == "17–21 November 2025"
    assert dates_between(date(2025, 11, 30), date(2025, 12, 4)) == ("30 November – 4 December 2025")
    assert dates_between(date(2025, 11, 17), date(2025, 11, 17)) == "17 November 2025"


def test_the_routes_lead_from_ones_own_city_to_every_other() -> None:
    cities = [
        City(pk=n, name=f"City {n}", latitude=-90 + 45 * n, longitude=-180 + 90 * n)
        for n in range(5)
    ]

    routes = routes_between(cities, own=2)

    assert len(routes.paths) == 4
    assert [stop.name for stop in routes.stops if stop.is_own] == ["City 2"]
    assert routes_between([], own=2).paths == []
    crowded = [City(pk=n, name="Barcelona", latitude=41, longitude=2) for n in range(3)]
    assert [stop.label for stop in routes_between(crowded, own=0).stops] == [True, False, False]


# --- Races -----------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_issue_one_certificate() -> None:
    from lms.core.models import OutboxMessage

    edition = EditionFactory.create()
    asking_only(edition)
    enrolment = EnrolmentFactory.create(edition=edition, city=CityFactory.create())

    at_once(*(lambda: review_completion(enrolment=enrolment, at=MARKED_AT) for _ in range(3)))
    eligible = Certificate.objects.get()
    results = at_once(
        *(lambda: issue_certificate(certificate=eligible, at=MARKED_AT) for _ in range(3))
    )

    assert {type(result).__name__ for result in results} == {"Certificate"}
    assert len({result.sha256 for result in results}) == 1
    assert OutboxMessage.objects.filter(task="assessments.tasks.send_certificate").count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_amendment_and_the_issue_end_in_a_review_or_in_no_certificate() -> None:
    edition = EditionFactory.create()
    attempt, marker = submitted(edition), instructor(edition)
    asking_only(edition, requires_project=True, requires_presentation=True)
    grade = released(attempt, marker)
    CompletionPolicy.objects.update(requires_presentation=False)

    at_once(
        lambda: review_completion(enrolment=attempt.owner, at=MARKED_AT),
        lambda: amend_grade(
            grade=grade,
            base_version=grade.version,
            marks={"need": {"level": "weak"}},
            reason="Misread.",
            by=marker,
            at=MARKED_AT,
        ),
    )
    review_completion(enrolment=attempt.owner, at=MARKED_AT)

    certificate = Certificate.objects.filter(enrolment=attempt.owner).first()
    assert certificate is None or certificate.status in (
        CertificateStatus.UNDER_REVIEW,
        CertificateStatus.ELIGIBLE,
    )


def test_upholding_ends_a_review(edition: Edition, at: datetime, run_tasks: Any) -> None:
    certificate, boss = certified(edition, run_tasks), coordinator(edition)
    step: dict[str, Any] = {"certificate": certificate, "by": boss, "at": at}

    open_certificate_review(**step, reason="A doubt.")
    with run_tasks():
        uphold_certificate(**step, reason="Nothing in it.")

    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.UPHELD
    assert mail.outbox[-1].to == [certificate.enrolment.user.email]
