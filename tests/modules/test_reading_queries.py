"""The queries of a reading page, written as SQL, answer as the ordinary ones do."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group

from lms.programme.enums import TAKING_PART, EnrolmentStatus, Role
from lms.programme.models import Edition, Enrolment, RoleAssignment
from modules.actions import answer_questions, complete_activity, save_written_answer
from modules.models import ActivityProgress, CoursePage, LessonPage
from modules.selectors import own_work
from modules.selectors.reading import place_of
from tests.factories.modules import RIGHT, make_activity
from tests.factories.programme import EditionFactory, enrol, participant

pytestmark = pytest.mark.django_db


def test_a_place_is_found_as_the_ordinary_query_finds_it(
    edition: Edition, course: CoursePage
) -> None:
    person = participant(edition)
    elsewhere = EditionFactory.create()
    enrol(person, elsewhere)
    for status in EnrolmentStatus:
        Enrolment.objects.filter(edition=edition).update(status=status)
        expected = Enrolment.objects.filter(
            user=person, edition=edition, status__in=TAKING_PART
        ).first()
        found = place_of(person, edition.slug)
        assert (found.enrolment if found else None) == expected
        if found and expected:
            assert (found.enrolment.city_id, found.enrolment.status) == (
                expected.city_id,
                expected.status,
            )
            assert (found.enrolment.edition.slug, str(found.enrolment.edition)) == (
                edition.slug,
                str(edition),
            )
            assert found.course == edition.course
            assert found.course.version == edition.course.version
            assert found.has_other_work is False
    assert place_of(person, "nowhere") is None
    without_course = place_of(person, elsewhere.slug)
    assert without_course is not None
    assert without_course.course is None


def test_other_work_of_a_participant_is_seen(edition: Edition, course: CoursePage) -> None:
    for make_busy in (
        lambda person: RoleAssignment.objects.create(
            edition=edition, user=person, role=Role.INSTRUCTOR
        ),
        lambda person: person.groups.add(Group.objects.create(name="Editors of something")),
    ):
        person = participant(edition)
        make_busy(person)
        found = place_of(person, edition.slug)
        assert found is not None
        assert found.has_other_work is True


def test_own_work_is_what_is_stored(enrolment: Enrolment, lesson: LessonPage, at: datetime) -> None:
    asked, written = make_activity(lesson, "answered"), make_activity(lesson, "written")
    who = {"enrolment": enrolment, "by": enrolment.user}
    answer_questions(**who, activity=asked, answers=RIGHT, at=at)
    complete_activity(**who, activity=asked, at=at + timedelta(microseconds=1))
    save_written_answer(**who, activity=written, text="one two", base_version=0, at=at)

    for activity in (asked, written):
        stored = ActivityProgress.objects.get(activity=activity)
        work = own_work(enrolment, activity.pk)
        assert work.states == {asked.pk: "done", written.pk: "begun"}
        for name in ("answers", "text", "version", "saved_at", "done_at"):
            assert getattr(work, name) == getattr(stored, name)
