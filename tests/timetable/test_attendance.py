"""Who was where (D15a): recorded through one action, from a phone or through the API."""

import threading
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client

from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied
from lms.core.models import AuditEvent
from lms.programme.models import Edition, RoleAssignment
from lms.timetable.actions import record_attendance
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Attendance, AttendancePolicy
from lms.timetable.selectors import attendance_of
from tests.factories.programme import EditionFactory, coordinator, participant
from tests.factories.timetable import SessionFactory

pytestmark = pytest.mark.django_db


def test_attendance_counts_for_the_certificate_as_the_edition_says(
    edition: Edition, at: datetime
) -> None:
    """D15a: all required sessions; an approved excusal counts where the policy says so."""
    by, person = coordinator(edition), participant(edition)
    place = person.enrolments.get()
    there, excused, absent = SessionFactory.create_batch(3, edition=edition)
    SessionFactory.create(edition=edition, is_required=False)
    record_attendance(session=there, enrolment=place, status="present", by=by, at=at)
    record_attendance(
        session=excused, enrolment=place, status="excused", reason="Consulate", by=by, at=at
    )
    record_attendance(session=absent, enrolment=place, status="absent", by=by, at=at)

    assert (attendance_of(place).required, attendance_of(place).attended) == (3, 2)
    assert attendance_of(place).missing == (f"Make up for “{absent.title}”: recorded as absent.",)

    AttendancePolicy.objects.create(edition=edition, excused_counts=False)
    assert attendance_of(place).attended == 1

    for session in (excused, absent):
        record_attendance(
            session=session, enrolment=place, status="made_up", reason="Essay", by=by, at=at
        )
    assert attendance_of(place).is_complete


def test_attendance_refuses_what_the_roll_cannot_mean(edition: Edition, at: datetime) -> None:
    by, person = coordinator(edition), participant(edition)
    place, session = person.enrolments.get(), SessionFactory.create(edition=edition)
    stranger = participant(EditionFactory.create()).enrolments.get()

    with pytest.raises(InvalidInput):
        record_attendance(session=session, enrolment=place, status="excused", by=by, at=at)
    with pytest.raises(InvalidInput):
        record_attendance(session=session, enrolment=place, status="asleep", by=by, at=at)
    with pytest.raises(InvalidInput):
        record_attendance(session=session, enrolment=stranger, status="present", by=by, at=at)
    with pytest.raises(IllegalMove):
        record_attendance(
            session=session, enrolment=place, status="made_up", reason="Essay", by=by, at=at
        )
    with pytest.raises(PermissionDenied):
        record_attendance(session=session, enrolment=place, status="present", by=person, at=at)
    assert not Attendance.objects.exists()
    assert not AuditEvent.objects.filter(verb="attendance.recorded").exists()


def test_attendance_is_refused_after_the_role_was_removed(edition: Edition, at: datetime) -> None:
    by, person = coordinator(edition), participant(edition)
    session = SessionFactory.create(edition=edition)
    assert by.has_perm("timetable.record_attendance", session)
    RoleAssignment.objects.all().delete()

    with pytest.raises(PermissionDenied):
        record_attendance(
            session=session, enrolment=person.enrolments.get(), status="present", by=by, at=at
        )


def test_roll_saves_everybody_or_nobody(client: Client, edition: Edition) -> None:
    first, second = (participant(edition).enrolments.get() for _ in range(2))
    session = SessionFactory.create(edition=edition)
    client.force_login(coordinator(edition))
    url = f"/timetable/{edition.slug}/attendance/{session.key}/"
    form = {f"status-{first.pk}": "present", f"status-{second.pk}": "excused"}

    refused = client.post(url, form)

    assert refused.status_code == 422
    assert "Say why, in a few words." in refused.content.decode()
    assert not Attendance.objects.exists()

    accepted = client.post(url, {**form, f"reason-{second.pk}": "Visa interview"})

    assert accepted.status_code == 302
    assert sorted(Attendance.objects.values_list("enrolment", "status", "reason")) == sorted(
        [(first.pk, "present", ""), (second.pk, "excused", "Visa interview")]
    )


def test_roll_marks_the_rest_present_without_touching_what_was_recorded(
    client: Client, edition: Edition, at: datetime
) -> None:
    by = coordinator(edition)
    absent, expected = (participant(edition).enrolments.get() for _ in range(2))
    session = SessionFactory.create(edition=edition)
    record_attendance(session=session, enrolment=absent, status="absent", by=by, at=at)
    client.force_login(by)

    client.post(f"/timetable/{edition.slug}/attendance/{session.key}/", {"rest": "present"})

    assert dict(Attendance.objects.values_list("enrolment", "status")) == {
        absent.pk: AttendanceStatus.ABSENT,
        expected.pk: AttendanceStatus.PRESENT,
    }


def test_attendance_pages_cost_the_same_for_one_and_for_thirty(
    client: Client, edition: Edition, django_assert_max_num_queries
) -> None:
    session = SessionFactory.create(edition=edition)
    participant(edition)
    client.force_login(coordinator(edition))
    urls = [
        f"/timetable/{edition.slug}/",
        f"/timetable/{edition.slug}/attendance/",
        f"/timetable/{edition.slug}/attendance.csv",
        f"/timetable/{edition.slug}/attendance/{session.key}/",
    ]
    for url in urls:
        client.get(url)
        with django_assert_max_num_queries(100) as few:
            assert client.get(url).status_code == 200
        extra = [participant(edition) for _ in range(29)]
        more_sessions = SessionFactory.create_batch(29, edition=edition)
        with django_assert_max_num_queries(100) as many:
            client.get(url)
        assert len(many) == len(few), url
        for one in more_sessions:
            one.delete()
        for person in extra:
            person.enrolments.all().delete()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_coordinators_with_the_same_roll_leave_one_row(at: datetime) -> None:
    edition = EditionFactory.create()
    place = participant(edition).enrolments.get()
    session = SessionFactory.create(edition=edition)
    people = [coordinator(edition), coordinator(edition)]
    together = threading.Barrier(2)

    def record(by, status: str) -> None:
        together.wait()
        try:
            record_attendance(session=session, enrolment=place, status=status, by=by, at=at)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=record, args=(by, status))
        for by, status in zip(people, ("present", "absent"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Attendance.objects.filter(session=session, enrolment=place).count() == 1
    assert AuditEvent.objects.filter(verb="attendance.recorded").count() == 2
