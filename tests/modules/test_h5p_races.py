"""Statements of one attempt that arrive at the same moment."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from lms.programme.models import Enrolment
from modules.actions.h5p_results import mark_answer, record_statements
from modules.h5p_frames import activity_iri
from modules.h5p_statements import read_statements
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


def test_the_same_statement_at_once_is_one_row_and_no_error(
    enrolment: Enrolment, lesson: LessonPage
) -> None:
    """A beacon on leaving and the retry of the same request."""
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))
    play = h5p.play_of(enrolment, activity)
    iri = activity_iri(activity.pk)
    said: dict[str, Any] = {
        "id": str(uuid4()),
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
        "object": {"id": iri},
        "result": {"score": {"raw": 1, "max": 2}},
    }

    def record() -> tuple[UUID, ...]:
        standing = record_statements(
            enrolment=enrolment, activity=activity, play=play,
            statements=read_statements(said, iri), by=enrolment.user, at=h5p.AT,
        )  # fmt: skip
        return standing.ids

    assert at_once(*[record] * 4) == [(UUID(said["id"]),)] * 4
    assert H5PStatement.objects.count() == 1
    assert H5PResult.objects.get().attempts == 1


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
