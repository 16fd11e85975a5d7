"""Working through an activity: the server decides when it is done."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lms.accounts.models import User
from lms.core.errors import (
    Conflict,
    DomainError,
    IllegalMove,
    InvalidInput,
    PermissionDenied,
    StaleVersion,
    TooLarge,
)
from lms.core.models import AuditEvent
from lms.core.transitions import require_move
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Enrolment
from modules.actions import (
    NotCompleteYet,
    answer_questions,
    complete_activity,
    save_written_answer,
)
from modules.enums import ActivityStatus
from modules.models import ActivityAttempt, ActivityProgress, LessonPage
from modules.selectors import answers_that_feed, course_progress
from modules.signals import activity_completed
from modules.workflow import ACTIVITY_MOVES
from tests.factories.accounts import AdministratorFactory
from tests.factories.modules import (
    MULTIPLE,
    RIGHT,
    SINGLE,
    WRONG,
    change,
    lesson_of,
    make_activity,
    make_course,
)
from tests.factories.programme import EditionFactory, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> Any:
    """What the signal said: [(enrolment id, instant)]."""
    heard: list[tuple[int, datetime]] = []

    def listen(sender: Any, enrolment_id: int, at: datetime, **kwargs: Any) -> None:
        heard.append((enrolment_id, at))

    activity_completed.connect(listen)
    yield heard
    activity_completed.disconnect(listen)


def test_every_move_of_an_activity_is_in_the_table() -> None:
    allowed = set(ACTIVITY_MOVES.pairs())
    for state in ActivityStatus:
        for to in ActivityStatus:
            if (state, to) in allowed:
                require_move(ACTIVITY_MOVES, state, to)
            else:
                with pytest.raises(IllegalMove):
                    require_move(ACTIVITY_MOVES, state, to)


def test_reading_is_confirmed_once_however_often_it_is_said(
    enrolment: Enrolment, lesson: LessonPage, at: datetime, told: list
) -> None:
    activity = make_activity(lesson)
    who = {"enrolment": enrolment, "activity": activity, "by": enrolment.user}

    complete_activity(**who, at=at)
    again = complete_activity(**who, at=at + timedelta(hours=1))

    assert (again.status, again.done_at) == (ActivityStatus.DONE, at)
    assert told == [(enrolment.pk, at)]
    assert AuditEvent.objects.filter(verb="activity.completed").count() == 1


def test_questions_are_done_when_each_has_an_answer_right_or_wrong(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "answered")
    who = {"enrolment": enrolment, "activity": activity, "by": enrolment.user, "at": at}

    answer_questions(**who, answers={"q1": WRONG["q1"]})
    with pytest.raises(NotCompleteYet) as refused:
        complete_activity(**who)
    assert refused.value.extra["missing"] == ["Answer 1 more question."]

    answer_questions(**who, answers={"q2": WRONG["q2"]})
    assert complete_activity(**who).status == ActivityStatus.DONE


def test_a_score_is_reached_by_trying_again(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "score", threshold=60)
    who = {"enrolment": enrolment, "activity": activity, "by": enrolment.user, "at": at}

    answer_questions(**who, answers={**RIGHT, "q2": WRONG["q2"]})
    with pytest.raises(NotCompleteYet, match="1 of 2 answers are right; 60 % are needed"):
        complete_activity(**who)
    answer_questions(**who, answers={"q2": RIGHT["q2"]})
    progress = complete_activity(**who)

    assert progress.answers == RIGHT
    assert list(progress.attempts.values_list("answers", "right", "asked")) == [
        ({**RIGHT, "q2": WRONG["q2"]}, 1, 2),
        ({"q2": RIGHT["q2"]}, 2, 2),
    ]


def test_a_text_is_done_with_enough_words_and_kept_as_it_stood(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    """D5: the answer feeds a section of the project, and may be rewritten for it."""
    activity = make_activity(lesson, "written")
    who = {"enrolment": enrolment, "activity": activity, "by": enrolment.user, "at": at}

    save_written_answer(**who, text="two words", base_version=0)
    with pytest.raises(NotCompleteYet, match="Write at least 1 more word"):
        complete_activity(**who)
    save_written_answer(**who, text="these three words", base_version=1)
    complete_activity(**who)
    after = save_written_answer(**who, text="shorter", base_version=2)

    assert (after.status, after.version) == (ActivityStatus.DONE, 3)
    assert after.attempts.get().text == "these three words"
    assert [(fed.section, fed.text) for fed in answers_that_feed(enrolment)] == [
        ("rationale", "shorter")
    ]


def test_a_stale_text_is_refused_with_the_stored_one(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    """Invariant 3: nothing is overwritten unseen; the same text again is no conflict."""
    activity = make_activity(lesson, "written")
    who = {"enrolment": enrolment, "activity": activity, "by": enrolment.user, "at": at}
    save_written_answer(**who, text="from the first tab", base_version=0)

    with pytest.raises(StaleVersion) as refused:
        save_written_answer(**who, text="from the second tab", base_version=0)
    assert refused.value.extra == {"version": 1, "stored": {"text": "from the first tab"}}

    retried = save_written_answer(**who, text="from the first tab", base_version=0)
    assert retried.version == 1


def test_an_activity_stays_done_when_its_questions_change(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "answered", questions=[SINGLE])
    who = {"enrolment": enrolment, "by": enrolment.user, "at": at}
    answer_questions(**who, activity=activity, answers={"q1": ["a"]})
    done = complete_activity(**who, activity=activity)

    changed = change(activity, questions=[MULTIPLE])

    done.refresh_from_db()
    assert done.status == ActivityStatus.DONE
    assert done.done_revision_id == activity.live_revision_id != changed.live_revision_id
    assert done.attempts.get().page_revision_id == activity.live_revision_id
    assert course_progress(enrolment).is_complete


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"q9": ["a"]}, "q9"),
        ({"q1": ["z"]}, "q1"),
        ({"q1": []}, "q1"),
        ({"q1": ["a", "b"]}, "q1"),
        ({"q2": ["false", "false"]}, "q2"),
        ({"q1": ["a\x00"]}, "q1"),
    ],
)
def test_answers_that_do_not_fit_are_refused_whole(
    enrolment: Enrolment, lesson: LessonPage, at: datetime, answers: dict, field: str
) -> None:
    activity = make_activity(lesson, "answered")

    with pytest.raises(InvalidInput) as refused:
        answer_questions(
            enrolment=enrolment,
            activity=activity,
            answers={"q2": ["true"], **answers},
            by=enrolment.user,
            at=at,
        )
    assert set(refused.value.errors) == {field}
    assert not ActivityProgress.objects.exists()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("null \x00 byte", InvalidInput),
        ("half \ud800 pair", InvalidInput),
        (None, InvalidInput),
        ("x" * 100_001, TooLarge),
    ],
)
def test_text_that_no_database_keeps_is_refused(
    enrolment: Enrolment, lesson: LessonPage, at: datetime, text: Any, error: type[DomainError]
) -> None:
    activity = make_activity(lesson, "written")

    with pytest.raises(error):
        save_written_answer(
            enrolment=enrolment,
            activity=activity,
            text=text,
            base_version=0,
            by=enrolment.user,
            at=at,
        )


def test_any_other_text_is_kept_whole(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    activity = make_activity(lesson, "written")
    text = "  مدينة \u202e ‮ 🏙️ e\u0301 \t\n\n  end  "

    save_written_answer(
        enrolment=enrolment, activity=activity, text=text, base_version=0, by=enrolment.user, at=at
    )
    assert ActivityProgress.objects.get().text == text


def _another_participant(enrolment: Enrolment) -> User:
    return participant(enrolment.edition)


def _an_administrator(enrolment: Enrolment) -> User:
    return AdministratorFactory.create()


@pytest.mark.parametrize("somebody", [_another_participant, _an_administrator])
def test_nobody_works_in_the_name_of_another(
    enrolment: Enrolment, lesson: LessonPage, at: datetime, somebody: Callable
) -> None:
    with pytest.raises(PermissionDenied):
        complete_activity(
            enrolment=enrolment, activity=make_activity(lesson), by=somebody(enrolment), at=at
        )


def test_a_place_that_is_lost_records_nothing_more(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    """D8: lessons are open from the guarantee of the place on."""
    activity, by = make_activity(lesson), enrolment.user
    assert by.has_perm("modules.record_progress", enrolment)
    Enrolment.objects.update(status=EnrolmentStatus.CANCELLED)

    with pytest.raises(PermissionDenied):
        complete_activity(enrolment=enrolment, activity=activity, by=by, at=at)


def test_only_published_activities_of_ones_own_course_are_open(
    enrolment: Enrolment, lesson: LessonPage, at: datetime
) -> None:
    elsewhere = make_activity(lesson_of(make_course(EditionFactory.create())))
    withdrawn = make_activity(lesson)
    withdrawn.unpublish()
    below_withdrawn = make_activity(lesson)
    lesson.unpublish()

    for activity in (elsewhere, withdrawn, below_withdrawn):
        with pytest.raises(Conflict):
            complete_activity(enrolment=enrolment, activity=activity, by=enrolment.user, at=at)
    assert not ActivityProgress.objects.exists()


def test_attempts_only_grow(enrolment: Enrolment, lesson: LessonPage, at: datetime) -> None:
    """Invariant 16, in the database."""
    answer_questions(
        enrolment=enrolment,
        activity=make_activity(lesson, "answered"),
        answers=RIGHT,
        by=enrolment.user,
        at=at,
    )
    for change_it in (
        lambda: ActivityAttempt.objects.update(right=0),
        lambda: ActivityAttempt.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change_it()
