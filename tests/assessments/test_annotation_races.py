"""Comments at places that compete with themselves and with handing in (PostgreSQL)."""

from functools import partial

import pytest

from assessments.actions.annotating import annotate
from assessments.actions.held import NotInMarking
from assessments.actions.marking import submit_assessment
from assessments.models import Annotation, AssessmentRevision
from tests.factories.marking import MARKED_AT, in_marking, marked, submitted
from tests.factories.programme import EditionFactory, instructor
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_a_comment_sent_twice_while_the_marks_are_handed_in() -> None:
    """It is stored once, and it is in what was handed in or is refused: never beside it."""
    edition = EditionFactory.create()
    assessment = marked(in_marking(submitted(edition), instructor(edition)))
    by = {"by": assessment.marker, "at": MARKED_AT}
    write = partial(
        annotate,
        assessment=assessment,
        receipt=assessment.attempt.receipt,
        key="once",
        section="rationale",
        anchor={"kind": "section"},
        text="In time?",
        **by,
    )
    hand_in = partial(
        submit_assessment, assessment=assessment, base_version=assessment.version, **by
    )

    *written, revision = at_once(write, write, hand_in)

    assert isinstance(revision, AssessmentRevision)
    stored = list(Annotation.objects.values_list("pk", flat=True))
    assert len(stored) <= 1
    assert [one["id"] for one in revision.annotations] == stored
    refused = [one for one in written if not isinstance(one, Annotation)]
    assert all(isinstance(one, NotInMarking) for one in refused)
    assert bool(stored) == (len(refused) < 2)
