"""Two tabs at once, on a database with real locks (invariants 2, 3)."""

import threading
import time
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from lms.core.errors import PermissionDenied, StaleVersion
from lms.core.models import AuditEvent
from lms.programme.actions import move_enrolment
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Enrolment
from modules.actions import answer_questions, complete_activity, save_written_answer
from modules.models import ActivityAttempt, ActivityPage, ActivityProgress, LessonPage
from tests.factories.modules import RIGHT, make_activity
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def who(enrolment: Enrolment, activity: ActivityPage, at: datetime) -> dict[str, Any]:
    """Each tab has read its own copies."""
    place = Enrolment.objects.select_related("user").get(pk=enrolment.pk)
    return {
        "enrolment": place,
        "activity": ActivityPage.objects.get(pk=activity.pk),
        "by": place.user,
        "at": at,
    }


def test_a_double_submit_makes_one_row_and_one_completion(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson)
    tabs = [who(enrolment, activity, at) for _ in range(4)]

    results = at_once(*[lambda tab=tab: complete_activity(**tab) for tab in tabs])

    assert {result.pk for result in results} == {ActivityProgress.objects.get().pk}
    assert AuditEvent.objects.filter(verb="activity.completed").count() == 1


def test_a_place_cancelled_meanwhile_takes_no_more_work(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    """The place is locked before the permission is asked: nothing is written after it."""
    activity = make_activity(lesson, "written")
    tab = who(enrolment, activity, at)
    is_held = threading.Event()

    def cancel() -> None:
        with transaction.atomic():
            move_enrolment(enrolment=enrolment, to=EnrolmentStatus.CANCELLED, by=None, at=at)
            is_held.set()
            # Long enough for the other one to have asked for its permission.
            time.sleep(1)

    def write() -> ActivityProgress:
        is_held.wait(timeout=10)
        return save_written_answer(**tab, text="Too late.", base_version=0)

    _cancelled, refused = at_once(cancel, write)

    assert isinstance(refused, PermissionDenied)
    assert not ActivityProgress.objects.exists()


def test_two_tabs_answering_keep_both_answers(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "answered")
    first, second = who(enrolment, activity, at), who(enrolment, activity, at)

    at_once(
        lambda: answer_questions(**first, answers={"q1": RIGHT["q1"]}),
        lambda: answer_questions(**second, answers={"q2": RIGHT["q2"]}),
    )

    assert ActivityProgress.objects.get().answers == RIGHT
    assert ActivityAttempt.objects.count() == 2


def test_two_tabs_saving_a_text_lose_neither(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "written")
    first, second = who(enrolment, activity, at), who(enrolment, activity, at)

    results = at_once(
        lambda: save_written_answer(**first, text="one", base_version=0),
        lambda: save_written_answer(**second, text="two", base_version=0),
    )

    (refused,) = [result for result in results if isinstance(result, StaleVersion)]
    stored = ActivityProgress.objects.get().text
    assert refused.extra == {"version": 1, "stored": {"text": stored}}


def test_an_old_autosave_arriving_after_the_completion_changes_nothing(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "written")
    save_written_answer(**who(enrolment, activity, at), text="one two three", base_version=0)
    late, done = who(enrolment, activity, at), who(enrolment, activity, at)

    results = at_once(
        lambda: save_written_answer(**late, text="old", base_version=0),
        lambda: complete_activity(**done),
    )

    assert isinstance(results[0], StaleVersion)
    progress = ActivityProgress.objects.get()
    assert (progress.status, progress.text) == ("done", "one two three")
