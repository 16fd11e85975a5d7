"""Agreeing on a grade: whose comments in the text go to the participant."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.annotating import annotate
from assessments.actions.grades import agree_grade, amend_grade
from assessments.actions.marking import submit_assessment
from assessments.models import Assessment, Attempt, Grade, GradeRevision, MarkingPolicy
from assessments.selectors.annotations import released_annotations
from lms.accounts.models import User
from lms.core.errors import InvalidInput
from lms.programme.models import Edition
from tests.factories.marking import (
    MARKED_AT,
    in_marking,
    marked,
    project_in,
    release_now,
    submitted,
)
from tests.factories.programme import instructor

pytestmark = pytest.mark.django_db
CHOSEN = r'name="comments_of"[^>]* checked'


def handed_in(attempt: Attempt, marker: User, comment: str) -> Assessment:
    assessment = marked(in_marking(attempt, marker))
    annotate(
        assessment=assessment,
        receipt=attempt.receipt,
        key=f"key-of-a-comment-by-{marker.pk}",
        section=min(attempt.guidelines.section_keys),
        anchor={"kind": "section"},
        text=comment,
        by=marker,
        at=MARKED_AT,
    )
    submit_assessment(
        assessment=assessment, base_version=assessment.version, by=marker, at=MARKED_AT
    )
    return assessment


def texts(revision: GradeRevision | None) -> list[str]:
    assert revision is not None
    return [one["text"] for one in revision.annotations]


@pytest.fixture
def two(edition: Edition) -> list[Assessment]:
    MarkingPolicy.objects.create(project=project_in(edition), second_marking="all")
    attempt = submitted(edition)
    return [handed_in(attempt, instructor(edition), words) for words in ("From Ana.", "From Ben.")]


def test_the_page_says_whose_comments_go_and_lets_one_choose(
    two: list[Assessment], edition: Edition, client: Client
) -> None:
    first, second = two
    grade = Grade.objects.get()
    client.force_login(instructor(edition))
    page = reverse("assessments:agreement", args=[edition.slug, first.submission_id])
    shown = client.get(page).content.decode()
    marks = {f"level-{key}": "sound" for key in ("need", "measurement")} | {"reason": "Both."}
    sent = {"base_version": grade.version, "offers_comments": "1", "comments_of": second.pk}

    assert f"{first.marker}: 1 comment" in shown
    assert len(re.findall(CHOSEN, shown)) == 2
    assert "From Ana." in shown
    # Refused for another reason: the choice is still there.
    refused = client.post(page, {**marks, **sent, "level-need": "no such level"})
    assert refused.status_code == 422
    assert len(re.findall(CHOSEN, refused.content.decode())) == 1
    assert client.post(page, {**marks, **sent}).status_code == 302
    grade.refresh_from_db()
    assert texts(grade.current) == ["From Ben."]
    release_now(grade, second.marker)
    grade.refresh_from_db()
    assert [one.text for one in released_annotations(grade.current)] == ["From Ben."]
    # An amendment changes marks and words; it does not bring back what was left out.
    amended = amend_grade(
        grade=grade, base_version=grade.version, marks={"need": {"level": "strong"}},
        reason="Read again.", by=instructor(edition), at=MARKED_AT,
    )  # fmt: skip
    assert texts(amended) == ["From Ben."]


def test_all_comments_go_where_nobody_chose_and_none_where_none_is_chosen(
    two: list[Assessment], edition: Edition, client: Client
) -> None:
    grade = Grade.objects.get()
    boss = instructor(edition)
    with pytest.raises(InvalidInput):
        agree_grade(
            grade=grade, base_version=grade.version, comments_of=[two[1].pk + 1], by=boss,
            at=MARKED_AT,
        )  # fmt: skip
    client.force_login(boss)
    page = reverse("assessments:agreement", args=[edition.slug, two[0].submission_id])
    sent = {"base_version": grade.version, "reason": "Both.", "level-need": "sound"}

    assert client.post(page, {**sent, "offers_comments": "1"}).status_code == 302
    grade.refresh_from_db()
    assert texts(grade.current) == []


def test_without_a_word_about_them_all_comments_go(two: list[Assessment], edition: Edition) -> None:
    grade = Grade.objects.get()

    revision = agree_grade(
        grade=grade, base_version=grade.version, by=instructor(edition), at=MARKED_AT
    )
    assert texts(revision) == ["From Ana.", "From Ben."]
