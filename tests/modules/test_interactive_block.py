"""Editors put the interactive content where it belongs in the text."""

import json
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse
from wagtail.blocks.stream_block import StreamBlockValidationError

from lms.accounts.models import User
from lms.programme.models import Enrolment
from modules.models import ActivityPage, LessonPage
from modules.models.body_blocks import BodyBlock
from tests.factories.accounts import AdministratorFactory
from tests.factories.h5p_playing import make_questions
from tests.factories.modules import change, make_activity, played

pytestmark = pytest.mark.django_db
BEFORE = {"type": "text", "value": "<p>Read this first.</p>"}
AFTER = {"type": "text", "value": "<p>Read this afterwards.</p>"}


@pytest.fixture
def administrator() -> User:
    return AdministratorFactory.create()


def h5p_of(activity: ActivityPage) -> int | None:
    return ActivityPage.objects.values_list("h5p", flat=True).get(pk=activity.pk)


def test_it_is_played_where_the_editor_put_it(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    sources = [{"type": "source", "value": {"title": "A survey"}}]
    body = [BEFORE, played(make_questions()), AFTER]
    activity = make_activity(lesson, body=body, sources=sources)
    client.force_login(enrolment.user)

    page = client.get(activity.get_url()).content.decode()

    landmarks = ["Read this first", "<iframe", "Read this afterwards", "A survey", 'id="work"']
    places = [page.index(each) for each in landmarks]
    assert places == sorted(places)
    assert page.count("<iframe") == 1
    assert page.count("/h5p/frame/") == 1


def test_what_is_played_follows_the_body_also_when_code_sets_it(lesson: LessonPage) -> None:
    first, second = make_questions(), make_questions(title="Others")
    activity = make_activity(lesson, body=[BEFORE, played(first)])
    assert h5p_of(activity) == first.pk

    draft = ActivityPage.objects.get(pk=activity.pk)
    draft.body = json.dumps([played(second)])
    revision = draft.save_revision()
    assert h5p_of(activity) == first.pk
    assert revision.as_object().h5p == second
    revision.publish()
    assert h5p_of(activity) == second.pk

    page = ActivityPage.objects.get(pk=activity.pk)
    page.body = [("interactive", first)]
    page.save(clean=False, update_fields=["body"])
    assert h5p_of(activity) == first.pk
    with pytest.raises(ProtectedError):
        first.delete()

    assert h5p_of(change(activity, body=[BEFORE])) is None


def test_a_second_one_is_refused_at_its_block(lesson: LessonPage) -> None:
    body = [played(make_questions()), BEFORE, played(make_questions())]
    block = BodyBlock()
    with pytest.raises(StreamBlockValidationError) as refused:
        block.clean(block.to_python(body))
    ((at, said),) = refused.value.block_errors.items()
    assert at == 2
    assert said.message.startswith("A page plays one interactive content. Take this one out")
    with pytest.raises(ValidationError, match="plays one interactive content"):
        make_activity(lesson, body=body)


def test_a_rule_on_answers_is_content_with_what_is_played(lesson: LessonPage) -> None:
    rule: dict[str, Any] = {"rule": "answered", "questions": []}
    assert make_activity(lesson, body=[played(make_questions())], **rule).pk
    with pytest.raises(ValidationError, match="needs questions, or an interactive content"):
        make_activity(lesson, body=[BEFORE], **rule)


def test_the_cms_offers_the_block_and_shows_its_place(
    client: Client, administrator: User, lesson: LessonPage
) -> None:
    activity = make_activity(lesson, body=[BEFORE, played(make_questions()), AFTER])
    client.force_login(administrator)
    edit = client.get(reverse("wagtailadmin_pages:edit", args=[activity.pk])).content.decode()
    assert "Is played here, in the text. At most one on a page." in edit
    assert 'name="h5p"' not in edit
    preview = activity.make_preview_request().content.decode()
    landmarks = ["Read this first", "Two questions", "is played here", "Read this afterwards"]
    places = [preview.index(each) for each in landmarks]
    assert places == sorted(places)
    block = BodyBlock().child_blocks["interactive"]
    assert block.is_previewable
    url = reverse("wagtailadmin_block_preview")
    shown = client.get(url, {"id": block.definition_prefix}).content.decode()
    assert "A first week in the international office" in shown
