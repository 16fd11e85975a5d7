"""The prepared queries answer as the ordinary ones do."""

from datetime import datetime, timedelta

import pytest

from lms.programme.enums import TAKING_PART, EnrolmentStatus
from lms.programme.models import Edition, Enrolment
from modules.actions import answer_questions, complete_activity, save_written_answer
from modules.models import ActivityProgress, CoursePage, LessonPage
from modules.selectors import own_work
from modules.selectors.prepared import place_row
from tests.factories.modules import RIGHT, make_activity
from tests.factories.programme import EditionFactory, enrol, participant

pytestmark = pytest.mark.django_db


def test_a_place_is_found_as_the_ordinary_query_finds_it(
    edition: Edition, course: CoursePage
) -> None:
    person = participant(edition)
    enrol(person, EditionFactory.create())
    for status in EnrolmentStatus:
        Enrolment.objects.filter(edition=edition).update(status=status)
        expected = (
            Enrolment.objects.filter(user=person, edition=edition, status__in=TAKING_PART)
            .values_list("id", "edition_id", "city_id", "status")
            .first()
        )
        found = place_row(person.pk, edition.slug)
        assert (found and found[:4]) == expected
        if found:
            assert found[4:] == (edition.course.pk, edition.course.version)
    assert place_row(person.pk, "nowhere") is None


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
