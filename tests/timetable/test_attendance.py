"""Who was where (D15a): recorded through one action, from a phone or through the API."""

import threading
from datetime import datetime

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.core.models import AuditEvent
from lms.programme.enums import EnrolmentStatus, Role
from lms.programme.models import Edition, RoleAssignment
from lms.timetable.actions import record_attendance
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Attendance, AttendancePolicy
from lms.timetable.selectors import attendance_of
from tests.factories.accounts import PASSWORD, UserFactory
from tests.factories.programme import (
    EditionFactory,
    EnrolmentFactory,
    coordinator,
    participant,
)
from tests.factories.timetable import SessionFactory
from tests.queries import MANY

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
            session=session,
            enrolment=place,
            status="made_up",
            reason="Essay",
            base_version=1,
            by=by,
            at=at,
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
    form = {
        f"was-{first.pk}": "0 expected",
        f"status-{first.pk}": "present",
        f"was-{second.pk}": "0 expected",
        f"status-{second.pk}": "excused",
    }

    refused = client.post(url, form)

    assert refused.status_code == 422
    assert "Say why, in a few words." in refused.content.decode()
    assert not Attendance.objects.exists()

    accepted = client.post(url, {**form, f"reason-{second.pk}": "Visa interview"})

    assert accepted.status_code == 302
    assert sorted(Attendance.objects.values_list("enrolment", "status", "reason")) == sorted(
        [(first.pk, "present", ""), (second.pk, "excused", "Visa interview")]
    )


def sent_from(page: HttpResponse, **typed: str) -> dict[str, str]:
    """The form of a roll as a browser sends it: what it was opened with, and what was typed."""
    form: dict[str, str] = {}
    for row in page.context["rows"]:
        pk = row.entry.enrolment.pk
        form |= {f"was-{pk}": row.was, f"status-{pk}": row.status, f"reason-{pk}": row.reason}
    return form | {name.replace("_", "-"): value for name, value in typed.items()}


def test_roll_opened_before_a_colleague_saved_leaves_what_they_recorded(
    client: Client, edition: Edition, at: datetime
) -> None:
    """Invariant 3: a line the reader did not touch is not written."""
    by, colleague = coordinator(edition), coordinator(edition)
    first, second, third = (participant(edition).enrolments.get() for _ in range(3))
    session = SessionFactory.create(edition=edition)
    client.force_login(by)
    url = f"/timetable/{edition.slug}/attendance/{session.key}/"
    form = sent_from(client.get(url), **{f"status_{second.pk}": "absent"})
    record_attendance(
        session=session, enrolment=first, status="excused", reason="Visa", by=colleague, at=at
    )

    answer = client.post(url, form | {"rest": "present"})

    assert answer.status_code == 302
    assert set(Attendance.objects.values_list("enrolment", "status", "reason", "version")) == {
        (first.pk, "excused", "Visa", 1),
        (second.pk, "absent", "", 1),
        (third.pk, "present", "", 1),
    }


def test_roll_where_two_people_disagree_shows_both_and_writes_neither(
    client: Client, edition: Edition, at: datetime
) -> None:
    by, colleague = coordinator(edition), coordinator(edition)
    first, second = (participant(edition).enrolments.get() for _ in range(2))
    session = SessionFactory.create(edition=edition)
    client.force_login(by)
    url = f"/timetable/{edition.slug}/attendance/{session.key}/"
    changes = {f"status_{first.pk}": "absent", f"status_{second.pk}": "partial"}
    form = sent_from(client.get(url), **changes)
    record_attendance(session=session, enrolment=first, status="present", by=colleague, at=at)

    refused = client.post(url, form)

    assert refused.status_code == 409
    lines = {row.entry.enrolment.pk: row for row in refused.context["rows"]}
    assert {of: (line.was, line.status, line.error) for of, line in lines.items()} == {
        first.pk: (
            "1 present",
            "absent",
            "Recorded meanwhile by somebody else: Present. Choose what is right and save.",
        ),
        second.pk: ("0 expected", "partial", ""),
    }
    assert Attendance.objects.get().status == "present"

    accepted = client.post(url, sent_from(refused))

    assert accepted.status_code == 302
    assert set(Attendance.objects.values_list("enrolment", "status", "version")) == {
        (first.pk, "absent", 2),
        (second.pk, "partial", 1),
    }


def test_roll_from_an_old_page_keeps_what_was_typed_where_no_move_is_possible(
    client: Client, edition: Edition, at: datetime
) -> None:
    by = coordinator(edition)
    place = participant(edition).enrolments.get()
    session = SessionFactory.create(edition=edition)
    for number, status in enumerate(("absent", "made_up")):
        record_attendance(
            session=session,
            enrolment=place,
            status=status,
            reason="Essay",
            base_version=number,
            by=by,
            at=at,
        )
    client.force_login(by)
    url = f"/timetable/{edition.slug}/attendance/{session.key}/"
    form = {
        f"was-{place.pk}": "2 made_up Essay",
        f"status-{place.pk}": "expected",
        f"reason-{place.pk}": "Typed on the phone",
    }

    refused = client.post(url, form)

    assert refused.status_code == 409
    [line] = refused.context["rows"]
    assert (line.reason, line.error) == (
        "Typed on the phone",
        "This step is not possible from the present state.",
    )
    assert Attendance.objects.get().status == "made_up"


def test_roll_typed_before_the_session_ended_does_not_write_over_newer_lines(
    client: Client, edition: Edition, at: datetime
) -> None:
    person, colleague = UserFactory.create(), coordinator(edition)
    RoleAssignment.objects.create(edition=edition, user=person, role=Role.COORDINATOR)
    place = participant(edition).enrolments.get()
    session = SessionFactory.create(edition=edition)
    url = f"/timetable/{edition.slug}/attendance/{session.key}/"
    form = {f"was-{place.pk}": "0 expected", f"status-{place.pk}": "absent"}
    client.post(url, form)
    record_attendance(session=session, enrolment=place, status="present", by=colleague, at=at)
    client.post(f"/accounts/login/?next={url}", {"login": person.email, "password": PASSWORD})

    back = client.get(url)
    answer = client.post(url, sent_from(back))

    assert [(row.was, row.status) for row in back.context["rows"]] == [("0 expected", "absent")]
    assert (answer.status_code, Attendance.objects.get().status) == (409, "present")


@pytest.mark.parametrize("status", [EnrolmentStatus.OFFERED, EnrolmentStatus.CANCELLED])
def test_attendance_is_recorded_only_of_those_who_take_part(
    edition: Edition, at: datetime, status: str
) -> None:
    place = EnrolmentFactory.create(edition=edition, status=status)
    session = SessionFactory.create(edition=edition)

    with pytest.raises(InvalidInput):
        record_attendance(
            session=session, enrolment=place, status="present", by=coordinator(edition), at=at
        )
    assert not Attendance.objects.exists()


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


def test_attendance_pages_cost_the_same_for_one_and_for_many(
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
        extra = [participant(edition) for _ in range(MANY - 1)]
        more_sessions = SessionFactory.create_batch(MANY - 1, edition=edition)
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
    refused: list[str] = []

    def record(by, status: str) -> None:
        together.wait()
        try:
            record_attendance(session=session, enrolment=place, status=status, by=by, at=at)
        except StaleVersion:
            refused.append(status)
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
    assert len(refused) == 1
    assert AuditEvent.objects.filter(verb="attendance.recorded").count() == 1
