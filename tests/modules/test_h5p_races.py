"""Statements of one attempt that arrive at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from lms.programme.models import Enrolment
from modules.actions.h5p_results import mark_answer, record_statements
from modules.h5p_frames import activity_iri
from modules.h5p_statements import read_statements
from modules.models import H5PResult, H5PStatement, LessonPage
from tests.factories import h5p_playing as h5p

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(*acts: Callable[[], Any]) -> None:
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> None:
        try:
            barrier.wait()
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()


def test_two_statements_at_once_are_both_kept(enrolment: Enrolment, lesson: LessonPage) -> None:
    activity = h5p.make_interactive(lesson, h5p=h5p.upload(h5p.package("function () {}")))
    play, iri = h5p.play_of(enrolment, activity), activity_iri(activity.pk)

    def answer(part: str) -> None:
        said = {
            "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
            "object": {"id": f"{iri}?subContentId={part}"},
            "result": {"response": part, "score": {"raw": 1, "max": 1}},
        }
        record_statements(
            enrolment=enrolment, activity=activity, play=play,
            statements=read_statements(said, iri), by=enrolment.user, at=h5p.AT,
        )  # fmt: skip

    at_once(*[lambda part=part: answer(part) for part in ("a", "b", "c", "d")])

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

    at_once(lambda: answer("river"), lambda: answer("cities"))

    assert H5PResult.objects.get().percent == 100
    assert enrolment.activity_progress.get().status == "done"
