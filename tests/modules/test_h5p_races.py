"""Statements of one attempt that arrive at the same moment."""

import pytest

from lms.programme.models import Enrolment
from modules.actions.h5p_results import mark_answer
from modules.models import H5PResult, H5PStatement, LessonPage
from tests.factories import h5p_playing as h5p
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_two_statements_at_once_are_both_kept(enrolment: Enrolment, lesson: LessonPage) -> None:
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))
    play = h5p.play_of(enrolment, activity)

    def answer(part: str) -> None:
        h5p.record_answer(enrolment, activity, play, part)

    made = at_once(*[lambda part=part: answer(part) for part in ("a", "b", "c", "d")])

    assert made == [None] * 4
    assert H5PStatement.objects.count() == 4
    assert set(H5PResult.objects.get().answered) == {"a", "b", "c", "d"}


def test_the_last_two_answers_at_once_finish_the_activity(
    enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = h5p.make_interactive(lesson, rule="score", threshold=100)
    play = h5p.play_of(enrolment, activity)

    def answer(question: str) -> None:
        mark_answer(
            enrolment=enrolment, activity=activity, play=play, question=question,
            response=h5p.RIGHT[question], by=enrolment.user, at=h5p.AT,
        )  # fmt: skip

    made = at_once(lambda: answer("river"), lambda: answer("cities"))

    assert made == [None] * 2
    assert H5PResult.objects.get().percent == 100
    assert enrolment.activity_progress.get().status == "done"
