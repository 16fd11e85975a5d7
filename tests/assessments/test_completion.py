"""The three requirements (D15): what is missing, waivers, and what evidence does."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.certificates import open_certificate_review, uphold_certificate
from assessments.actions.completion import (
    AlreadyMet,
    NotWaived,
    end_waiver,
    evidence_of,
    gone_evidence,
    review_completion,
    waive_requirement,
)
from assessments.actions.grades import amend_grade
from assessments.actions.judging import ConflictOfInterest
from assessments.actions.presentations import (
    AlreadyPresented,
    correct_presentation,
    record_presentation,
    withdraw_presentation,
)
from assessments.enums import CertificateStatus, RequirementKey
from assessments.models import Certificate, Presentation, RequirementDecision
from assessments.selectors import completion_of, completion_of_many
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.models import OutboxMessage
from lms.programme.models import Edition, Enrolment
from lms.timetable.actions import record_attendance
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Session
from lms.timetable.signals import attendance_changed
from modules.signals import activity_completed
from peer_exchange.actions import archive_experience
from peer_exchange.models import CityExperience
from peer_exchange.signals import sharing_changed
from tests.factories.marking import (
    MARKED_AT,
    agreed,
    asking_only,
    project_in,
    release_now,
    released,
    submitted,
)
from tests.factories.peer_exchange import published, response_of
from tests.factories.programme import (
    EnrolmentFactory,
    coordinator,
    enrol,
    instructor,
    moderator,
    participant,
)
from tests.factories.timetable import SessionFactory
from tests.queries import MANY


def statuses(enrolment: Enrolment) -> dict[str, str]:
    return {r.key: r.status for r in completion_of(enrolment).requirements}


def shared(edition: Edition, enrolment: Enrolment) -> CityExperience:
    """What D15b asks for: one experience, two responses."""
    own = published(edition, enrolment.city, author=enrolment.user)
    for _ in range(2):
        response_of(enrolment.user, published(edition), body=words_of(own.pk + _))
    return own


def words_of(seed: int) -> str:
    return " ".join(f"word{seed}x{n}" for n in range(45))


def test_a_newcomer_reads_what_is_missing(edition: Edition) -> None:
    """D15: all three are required."""
    project_in(edition)
    SessionFactory.create(edition=edition, title="Opening", is_required=True)
    enrolment = EnrolmentFactory.create(edition=edition)

    completion = completion_of(enrolment)

    assert [r.status for r in completion.requirements] == ["unmet"] * 3
    assert completion.requirement("participation").missing == (
        "The lessons are not published yet.",
        "Take part in “Opening”.",
    )
    assert completion.requirement("project").missing == (
        "Write and submit the final project.",
        "Present the project live in Barcelona.",
    )
    assert len(completion.requirement("sharing").missing) == 2
    assert not completion.is_complete


def test_participation_counts_sessions(edition: Edition, at: datetime) -> None:
    """D15a."""
    asking_only(edition, requires_attendance=True)
    session = SessionFactory.create(edition=edition, is_required=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    assert statuses(enrolment)["participation"] == "unmet"

    row = record_attendance(
        session=session,
        enrolment=enrolment,
        status=AttendanceStatus.PRESENT,
        by=coordinator(edition),
        at=at,
    )

    requirement = completion_of(enrolment).requirement("participation")
    assert (requirement.status, requirement.evidence["attendance"]) == ("met", [row.pk])


def test_sharing_counts_an_experience_and_two_responses(edition: Edition) -> None:
    """D15b."""
    asking_only(edition, requires_sharing=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    own = shared(edition, enrolment)

    requirement = completion_of(enrolment).requirement("sharing")

    assert requirement.status == "met"
    assert requirement.evidence["experiences"] == [own.pk]
    assert len(requirement.evidence["responses"]) == 2


def test_the_project_counts_when_released_as_passed_and_presented(
    edition: Edition, at: datetime
) -> None:
    """D15c, and invariant 9: before the release the sentence is the same."""
    asking_only(edition, requires_project=True, requires_presentation=True)
    attempt = submitted(edition)
    enrolment, marker = attempt.owner, instructor(edition)
    waiting = completion_of(enrolment).requirement("project").missing

    grade = agreed(attempt, marker)
    assert completion_of(enrolment).requirement("project").missing == waiting

    release_now(grade, marker, at)
    assert completion_of(enrolment).requirement("project").missing == (
        "Present the project live in Barcelona.",
    )
    record_presentation(enrolment=enrolment, presented_on=date(2025, 11, 19), by=marker, at=at)
    assert statuses(enrolment)["project"] == "met"


def test_a_project_that_did_not_pass_does_not_count(edition: Edition) -> None:
    asking_only(edition, requires_project=True)
    attempt = submitted(edition)
    released(attempt, instructor(edition), "weak")

    assert statuses(attempt.owner)["project"] == "unmet"


def test_many_say_the_same_as_one(edition: Edition) -> None:
    enrolments = [submitted(edition).owner for _ in range(3)]
    shared(edition, enrolments[0])

    many = completion_of_many(edition, enrolments)

    assert [many[e.pk] for e in enrolments] == [completion_of(e) for e in enrolments]


# --- Decisions -----------------------------------------------------------------------


def test_a_review_records_what_changed_and_only_that(edition: Edition, at: datetime) -> None:
    """Invariant 14."""
    asking_only(edition, requires_sharing=True, requires_presentation=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    own = shared(edition, enrolment)

    for _ in range(2):
        review_completion(enrolment=enrolment, at=at)
    archive_experience(
        base_version=3, experience=own, reason="Out of date.", by=moderator(edition), at=at
    )
    review_completion(enrolment=enrolment, at=at)

    history = RequirementDecision.objects.filter(enrolment=enrolment, key="sharing")
    assert [(d.number, d.status) for d in history.order_by("number")] == [
        (1, "met"),
        (2, "unmet"),
    ]
    assert history.get(number=1).evidence["experiences"] == [own.pk]
    assert not RequirementDecision.objects.filter(key="project").exists()


def test_a_waiver_needs_a_coordinator_and_a_reason(edition: Edition, at: datetime) -> None:
    """Invariant 14."""
    enrolment = EnrolmentFactory.create(edition=edition)
    boss = coordinator(edition)
    waiver: dict[str, Any] = {"enrolment": enrolment, "key": "sharing", "at": at}

    with pytest.raises(PermissionDenied):
        waive_requirement(**waiver, reason="A friend.", by=instructor(edition))
    with pytest.raises(InvalidInput):
        waive_requirement(**waiver, reason="  ", by=boss)
    with pytest.raises(InvalidInput):
        waive_requirement(**{**waiver, "key": "charm"}, reason="Why", by=boss)
    decision = waive_requirement(**waiver, reason="Her city forbids publication.", by=boss)

    requirement = completion_of(enrolment).requirement("sharing")
    assert (requirement.status, requirement.reason) == ("waived", decision.reason)
    assert requirement.missing == ()


def test_a_coordinator_waives_nothing_of_their_own(edition: Edition, at: datetime) -> None:
    boss = coordinator(edition)
    own = enrol(boss, edition)

    with pytest.raises(PermissionDenied):
        waive_requirement(enrolment=own, key="sharing", reason="Why not", by=boss, at=at)


def test_not_even_an_administrator_decides_about_their_own_place(
    edition: Edition, at: datetime
) -> None:
    project_in(edition)
    boss = coordinator(edition, is_superuser=True)
    own = enrol(boss, edition)

    for decide in (
        lambda: waive_requirement(enrolment=own, key="sharing", reason="Why not", by=boss, at=at),
        lambda: record_presentation(enrolment=own, presented_on=at.date(), by=boss, at=at),
    ):
        with pytest.raises(ConflictOfInterest):
            decide()


def test_an_ended_waiver_lets_the_evidence_decide(edition: Edition, at: datetime) -> None:
    enrolment = EnrolmentFactory.create(edition=edition)
    step: dict[str, Any] = {
        "enrolment": enrolment,
        "key": RequirementKey.SHARING,
        "by": coordinator(edition),
        "at": at,
    }
    waive_requirement(**step, reason="Ill.")
    end_waiver(**step, reason="Recovered.")

    assert statuses(enrolment)["sharing"] == "unmet"
    with pytest.raises(NotWaived):
        end_waiver(**step, reason="Again.")


def test_a_waiver_given_anew_is_another_evidence(edition: Edition, at: datetime) -> None:
    """Invariant 14: what a certificate rests on is named by its decision."""
    asking_only(edition, requires_sharing=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    step: dict[str, Any] = {"enrolment": enrolment, "key": "sharing", "at": at}
    first = waive_requirement(**step, reason="Ill.", by=coordinator(edition))
    rests_on = evidence_of(completion_of(enrolment))
    end_waiver(**step, reason="A mistake.", by=coordinator(edition))
    second = waive_requirement(**step, reason="Ill.", by=coordinator(edition))
    found = evidence_of(completion_of(enrolment))

    assert (rests_on["sharing"], found["sharing"]) == (
        {"waived": [first.pk]},
        {"waived": [second.pk]},
    )
    assert gone_evidence(rests_on, found) == [str(RequirementKey.SHARING.label)]


def test_what_is_met_is_not_waived(edition: Edition, at: datetime) -> None:
    """The certificate would say less than is true."""
    asking_only(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    with pytest.raises(AlreadyMet):
        waive_requirement(
            enrolment=enrolment, key="sharing", reason="Ill.", by=coordinator(edition), at=at
        )


def test_another_order_of_the_week_is_no_new_evidence(edition: Edition, at: datetime) -> None:
    asking_only(edition, requires_attendance=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    sessions = [SessionFactory.create(edition=edition) for _ in range(2)]
    for session in sessions:
        record_attendance(
            session=session, enrolment=enrolment, status=AttendanceStatus.PRESENT,
            by=coordinator(edition), at=at,
        )  # fmt: skip
    review_completion(enrolment=enrolment, at=at)

    Session.objects.filter(pk=sessions[1].pk).update(
        starts_at=sessions[0].starts_at - timedelta(days=1),
        ends_at=sessions[0].starts_at - timedelta(hours=20),
    )
    review_completion(enrolment=enrolment, at=at)

    [decision] = RequirementDecision.objects.filter(enrolment=enrolment, key="participation")
    assert decision.evidence["attendance"] == sorted(decision.evidence["attendance"])


def test_decisions_are_append_only(edition: Edition, at: datetime) -> None:
    """Invariant 16."""
    waive_requirement(
        enrolment=EnrolmentFactory.create(edition=edition),
        key="sharing",
        reason="Ill.",
        by=coordinator(edition),
        at=at,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        RequirementDecision.objects.update(status="met")


# --- Presentations -------------------------------------------------------------------


def test_a_presentation_is_recorded_once_and_corrected(edition: Edition, at: datetime) -> None:
    """D15c."""
    project_in(edition)
    enrolment, by = EnrolmentFactory.create(edition=edition), instructor(edition)
    given: dict[str, Any] = {"by": by, "at": at}
    recorded = record_presentation(
        enrolment=enrolment, presented_on=date(2025, 11, 18), note="Clear.", **given
    )

    with pytest.raises(AlreadyPresented):
        record_presentation(enrolment=enrolment, presented_on=date(2025, 11, 18), **given)
    with pytest.raises(InvalidInput):
        correct_presentation(
            presentation=recorded, presented_on=date(2025, 11, 20), note="", **given
        )
    correct_presentation(
        presentation=recorded, presented_on=date(2025, 11, 19), note="Clear.", **given
    )

    [corrected, *_] = audit.events_of(recorded)
    assert corrected.details["before"] == {"presented_on": "2025-11-18", "note": "Clear."}


def test_a_withdrawn_record_stays_and_makes_room(edition: Edition, at: datetime) -> None:
    """Invariant 13."""
    project_in(edition)
    enrolment, by = EnrolmentFactory.create(edition=edition), instructor(edition)
    wrong = record_presentation(enrolment=enrolment, presented_on=date(2025, 11, 18), by=by, at=at)

    withdraw_presentation(presentation=wrong, reason="It was her colleague.", by=by, at=at)
    record_presentation(enrolment=enrolment, presented_on=date(2025, 11, 19), by=by, at=at)

    assert Presentation.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Presentation.objects.all()._raw_delete("default")


def test_a_participant_does_not_record_a_presentation(edition: Edition, at: datetime) -> None:
    project_in(edition)
    enrolment = EnrolmentFactory.create(edition=edition)

    for by in (enrolment.user, participant(edition)):
        with pytest.raises(PermissionDenied):
            record_presentation(enrolment=enrolment, presented_on=date(2025, 11, 18), by=by, at=at)


# --- What follows a change -------------------------------------------------------------


@pytest.mark.parametrize("change", ["activity", "attendance", "sharing", "grade", "presentation"])
def test_a_change_of_evidence_queues_a_review(edition: Edition, at: datetime, change: str) -> None:
    enrolment = submitted(edition).owner
    OutboxMessage.objects.all().delete()

    if change == "activity":
        activity_completed.send(None, enrolment_id=enrolment.pk, at=at)
    elif change == "attendance":
        attendance_changed.send(None, enrolment_id=enrolment.pk, at=at)
    elif change == "sharing":
        sharing_changed.send(None, enrolment_ids=[enrolment.pk], at=at)
    elif change == "grade":
        released(enrolment.attempts.get(), instructor(edition))
    else:
        record_presentation(
            enrolment=enrolment, presented_on=date(2025, 11, 18), by=instructor(edition), at=at
        )

    reviews = OutboxMessage.objects.filter(task="assessments.tasks.review_completion")
    assert [message.kwargs for message in reviews] == [{"enrolment_id": enrolment.pk}]


def test_lost_evidence_opens_a_review_and_revokes_nothing(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    """Invariant 14: amended to “not passed” after the certificate was issued."""
    asking_only(edition, requires_project=True)
    attempt, marker = submitted(edition), instructor(edition)
    boss = coordinator(edition)
    with django_capture_on_commit_callbacks(execute=True):
        grade = released(attempt, marker)
    certificate = Certificate.objects.get()
    assert certificate.status == CertificateStatus.ISSUED

    with django_capture_on_commit_callbacks(execute=True):
        amend_grade(
            grade=grade,
            base_version=grade.version,
            marks={"need": {"level": "weak"}},
            reason="Misread.",
            by=marker,
            at=MARKED_AT,
        )

    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.UNDER_REVIEW
    assert "Present the final project" in certificate.review_reason
    upheld = uphold_certificate(
        certificate=certificate, reason="He had passed before.", by=boss, at=MARKED_AT
    )
    review_completion(enrolment=attempt.owner, at=MARKED_AT)
    upheld.refresh_from_db()
    assert upheld.status == CertificateStatus.UPHELD


def test_more_evidence_is_no_reason_for_a_review(
    edition: Edition, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    asking_only(edition, requires_sharing=True)
    enrolment = EnrolmentFactory.create(edition=edition)
    shared(edition, enrolment)
    with django_capture_on_commit_callbacks(execute=True):
        review_completion(enrolment=enrolment, at=at)

    response_of(enrolment.user, published(edition), body=words_of(999))
    review_completion(enrolment=enrolment, at=at)

    assert Certificate.objects.get().status == CertificateStatus.ISSUED


def test_a_review_is_opened_by_a_coordinator_only(
    edition: Edition, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    asking_only(edition)
    enrolment = EnrolmentFactory.create(edition=edition)
    with django_capture_on_commit_callbacks(execute=True):
        review_completion(enrolment=enrolment, at=at)

    with pytest.raises(PermissionDenied):
        open_certificate_review(
            certificate=Certificate.objects.get(), reason="Why", by=instructor(edition), at=at
        )


# --- Pages -----------------------------------------------------------------------------


@pytest.mark.parametrize("url_name", ["assessments:completion", "assessments:completion_csv"])
def test_the_overview_costs_the_same_for_one_and_for_many(
    edition: Edition, client: Client, url_name: str
) -> None:
    client.force_login(coordinator(edition))
    url = reverse(url_name, args=[edition.slug])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    shared(edition, submitted(edition).owner)
    client.get(url)
    one = queries()
    for _ in range(MANY - 1):
        shared(edition, submitted(edition).owner)

    assert queries() == one


def test_the_export_is_no_formula(edition: Edition, client: Client) -> None:
    participant(edition, name="=HYPERLINK(1)")
    client.force_login(coordinator(edition))

    text = client.get(reverse("assessments:completion_csv", args=[edition.slug])).content.decode()

    assert "'=HYPERLINK(1)" in text


def test_a_coordinator_waives_on_the_page_of_a_person(edition: Edition, client: Client) -> None:
    enrolment = EnrolmentFactory.create(edition=edition)
    client.force_login(coordinator(edition))
    page = reverse("assessments:completion_person", args=[edition.slug, enrolment.pk])
    url = reverse("assessments:waive", args=[edition.slug, enrolment.pk, "sharing"])

    refused = client.post(url, {"reason": " "})
    done = client.post(url, {"reason": "Her city forbids publication."}, follow=True)

    assert refused.status_code == 422
    assert done.redirect_chain == [(page, 302)]
    assert "Her city forbids publication." in done.content.decode()


def test_all_decisions_of_a_person_come_as_a_table(
    edition: Edition, client: Client, at: datetime
) -> None:
    enrolment, boss = EnrolmentFactory.create(edition=edition), coordinator(edition)
    for reason in ("Her city forbids publication.", "Asked again."):
        given = {"enrolment": enrolment, "key": "sharing", "by": boss, "at": at}
        waive_requirement(**given, reason=reason)
        end_waiver(**given, reason="It allows it now.")
    client.force_login(boss)
    address = reverse("assessments:completion_person_csv", args=[edition.slug, enrolment.pk])

    heading, *lines = client.get(address).content.decode("utf-8-sig").splitlines()

    assert heading == "When (UTC),Requirement,Decision,Why,By"
    assert len(lines) == RequirementDecision.objects.filter(enrolment=enrolment).count() >= 4
    when, what = "2025-11-19 10:00", RequirementKey.SHARING.label
    assert f"{when},{what},Waived,Her city forbids publication.,{boss}" in lines
    page = reverse("assessments:completion_person", args=[edition.slug, enrolment.pk])
    assert address in client.get(page).content.decode()


def test_an_instructor_reads_the_overview_and_waives_nothing(
    edition: Edition, client: Client
) -> None:
    enrolment = EnrolmentFactory.create(edition=edition)
    client.force_login(instructor(edition))

    assert client.get(reverse("assessments:completion", args=[edition.slug])).status_code == 200
    url = reverse("assessments:waive", args=[edition.slug, enrolment.pk, "sharing"])
    assert client.post(url, {"reason": "Why"}).status_code == 403


def test_the_page_of_a_participant_says_what_is_missing(edition: Edition, client: Client) -> None:
    project_in(edition)
    user = participant(edition)
    client.force_login(user)

    text = client.get(reverse("assessments:certificate", args=[edition.slug])).content.decode()

    assert "You have 0 of 3" in text
    assert "Present the project live in Barcelona." in text
