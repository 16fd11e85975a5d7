"""Editors change pages in the CMS; participants see it, and lose nothing by it."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from wagtail.blocks import StructBlockValidationError
from wagtail.blocks.stream_block import StreamBlockValidationError
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file

from lms.diploma.loading.editors import set_up_groups
from lms.programme.models import Edition, Enrolment, Skill
from modules.models import ActivityPage, Course, CoursePage, LessonPage
from modules.models.chart_blocks import BandsBlock, BarsBlock
from modules.models.question_blocks import QuestionsBlock
from tests.factories.accounts import AdministratorFactory, UserFactory
from tests.factories.modules import (
    MULTIPLE,
    QUESTIONS,
    SINGLE,
    TRUE_FALSE,
    change,
    lesson_of,
    make_activity,
    make_course,
    make_lesson,
    make_reference,
    make_term,
    site_root,
)
from tests.factories.programme import EditionFactory, SkillFactory

pytestmark = pytest.mark.django_db


def a_skill() -> Skill:
    return Skill.objects.get()


def a_picture() -> Any:
    return get_image_model().objects.get()


def version_of(course: CoursePage) -> int:
    return Course.objects.get(page=course).version


@pytest.fixture
def editor_client(course: CoursePage) -> Client:
    set_up_groups(course, make_reference())
    editor = UserFactory.create()
    editor.groups.add(Group.objects.get(name="Editors"))
    client = Client()
    client.force_login(editor)
    return client


def test_a_published_change_is_read_at_once_and_a_draft_is_not(
    client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    activity = make_activity(lesson)
    client.force_login(enrolment.user)
    url = activity.get_url()
    assert "Some <b" in client.get(url).content.decode()

    draft = ActivityPage.objects.get(pk=activity.pk)
    draft.body = json.dumps([{"type": "text", "value": "<p>New words</p>"}])
    revision = draft.save_revision()
    assert "New words" not in client.get(url).content.decode()

    revision.publish()
    assert "New words" in client.get(url).content.decode()


@pytest.mark.parametrize(
    "do",
    [
        lambda activity, term: change(activity, title="Another title"),
        lambda activity, term: activity.unpublish(),
        lambda activity, term: activity.delete(),
        lambda activity, term: activity.move(make_lesson(activity.get_parent().get_parent(), 2)),
        lambda activity, term: change(activity.get_parent().specific, summary="Other"),
        lambda activity, term: change(term, short="Other words."),
        lambda activity, term: term.unpublish(),
        lambda activity, term: a_skill().save(),
        lambda activity, term: a_skill().delete(),
        lambda activity, term: a_picture().save(),
        lambda activity, term: a_picture().delete(),
    ],
    ids=[
        "publish",
        "unpublish",
        "delete",
        "move",
        "lesson",
        "term",
        "term gone",
        "skill",
        "skill gone",
        "picture",
        "picture gone",
    ],
)
def test_every_change_below_a_course_renews_it(
    course: CoursePage, lesson: LessonPage, do: Any
) -> None:
    activity, term = make_activity(lesson), make_term()
    SkillFactory.create(programme=course.edition.programme)
    get_image_model().objects.create(title="A harbour", file=get_test_image_file())
    before = version_of(course)

    do(activity, term)

    assert version_of(course) > before


def test_a_change_in_one_course_leaves_another_cached(lesson: LessonPage) -> None:
    elsewhere = make_course(EditionFactory.create())
    before = version_of(elsewhere)

    change(make_activity(lesson), title="Another title")

    assert version_of(elsewhere) == before


def test_the_cms_shows_pages_where_participants_read_them(
    edition: Edition, course: CoursePage, lesson: LessonPage
) -> None:
    activity, term = make_activity(lesson), make_term("paradiplomacy")

    assert course.get_url() == f"/learn/{edition.slug}/"
    assert lesson.get_url() == f"/learn/{edition.slug}/lesson-1/"
    assert activity.get_url() == f"/learn/{edition.slug}/lesson-1/activity-1/"
    assert term.get_url() == "/reference/paradiplomacy/"
    assert activity.full_url.endswith(activity.get_url())
    assert activity.full_url.startswith("http")


def test_previews_use_the_page_itself_with_a_neutral_reader(
    editor_client: Client, course: CoursePage, lesson: LessonPage
) -> None:
    pages = [
        course,
        lesson,
        make_activity(lesson, "score"),
        make_activity(lesson, "written"),
        make_term(),
        make_reference(),
    ]
    for page in pages:
        url = reverse("wagtailadmin_pages:view_draft", args=[page.pk])
        shown = editor_client.get(url)
        assert shown.status_code == 200, page
        assert page.title in shown.content.decode()
        # The preview panel is a frame of the CMS.
        assert "frame-ancestors 'self'" in shown["Content-Security-Policy"]
        assert '<form method="post" action="/learn/' not in shown.content.decode()


def test_editors_reach_the_pages_and_nothing_else(
    editor_client: Client, course: CoursePage, lesson: LessonPage
) -> None:
    activity = make_activity(lesson)

    assert editor_client.get(reverse("wagtailadmin_home")).status_code == 200
    assert "Lesson title 1" in editor_client.get(reverse("wagtailadmin_home")).content.decode()
    edit = reverse("wagtailadmin_pages:edit", args=[activity.pk])
    assert editor_client.get(edit).status_code == 200
    for forbidden in ("wagtailusers_users:index", "wagtailsites:index"):
        assert editor_client.get(reverse(forbidden)).status_code == 302
    assert (
        editor_client.get(reverse("wagtailadmin_pages:edit", args=[site_root().pk])).status_code
        == 302
    )


def test_an_editor_changes_a_lesson_in_the_cms_and_the_participant_sees_it(
    editor_client: Client, client: Client, enrolment: Enrolment, lesson: LessonPage
) -> None:
    """Issue, point 6."""
    edit = reverse("wagtailadmin_pages:edit", args=[lesson.pk])
    form = _form_of(editor_client.get(edit).context["form"])

    saved = editor_client.post(edit, {**form, "summary": "Said anew.", "action-publish": "1"})

    assert saved.status_code == 302
    client.force_login(enrolment.user)
    assert "Said anew." in client.get(lesson.get_url()).content.decode()


def _form_of(form: Any) -> dict[str, Any]:
    """What the page editor would send back unchanged, for a page with one aim."""
    sent = {
        name: form[name].value()
        for name in ("title", "number", "summary", "slug", "seo_title", "search_description")
        if name in form.fields
    }
    sent = {name: "" if value is None else value for name, value in sent.items()}
    return sent | {
        "aims-count": "1",
        "aims-0-type": "aim",
        "aims-0-order": "0",
        "aims-0-deleted": "",
        "aims-0-id": "",
        "aims-0-value": "You can do it.",
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }


def test_a_page_participants_have_worked_with_cannot_be_deleted(
    client: Client, enrolment: Enrolment, course: CoursePage, lesson: LessonPage
) -> None:
    """Invariant 13, with a sentence that says what to do instead."""
    activity, unused = make_activity(lesson), make_activity(lesson)
    client.force_login(enrolment.user)
    client.post(f"{activity.get_url()}done/")
    client.force_login(AdministratorFactory.create())

    for page in (activity, lesson, course):
        refused = client.post(reverse("wagtailadmin_pages:delete", args=[page.pk]), follow=True)
        assert "Unpublish it instead" in refused.content.decode()
    in_bulk = client.post(
        f"{reverse('wagtail_bulk_action', args=['wagtailcore', 'page', 'delete'])}"
        f"?id={activity.pk}&id={unused.pk}",
        follow=True,
    )
    assert "Unpublish it instead" in in_bulk.content.decode()
    assert ActivityPage.objects.count() == 2

    client.post(reverse("wagtailadmin_pages:delete", args=[unused.pk]))
    assert list(ActivityPage.objects.all()) == [activity]


def test_a_published_address_is_fixed(lesson: LessonPage) -> None:
    activity = make_activity(lesson)

    with pytest.raises(ValidationError, match="its address is fixed"):
        change(activity, slug="moved-away")
    assert change(activity, title="A new title").slug == "activity-1"


def test_lesson_numbers_are_taken_once(course: CoursePage, lesson: LessonPage) -> None:
    with pytest.raises(ValidationError, match="has this number"):
        make_lesson(course, 1, slug="the-other-first")
    with pytest.raises(ValidationError, match="used for another page"):
        make_lesson(course, 2, slug="progress")


@pytest.mark.parametrize(
    ("rule", "fields", "field"),
    [
        ("answered", {"questions": []}, "questions"),
        ("score", {"threshold": None}, "threshold"),
        ("written", {"prompt": ""}, "prompt"),
        ("written", {"min_words": None}, "min_words"),
        ("confirm", {"feeds": "rationale"}, "feeds"),
    ],
)
def test_a_rule_needs_what_it_asks_for(
    lesson: LessonPage, rule: str, fields: dict, field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        make_activity(lesson, rule, **fields)
    assert set(refused.value.message_dict) == {field}


def clean_questions(*questions: dict) -> Any:
    block = QuestionsBlock()
    return block.clean(block.to_python(list(questions)))


def with_options(question: dict, *right: bool) -> dict:
    options = [{"key": "", "text": f"{n}", "correct": r} for n, r in enumerate(right)]
    return {"type": question["type"], "value": {**question["value"], "options": options}}


def test_questions_get_keys_of_their_own_that_stay(lesson: LessonPage) -> None:
    new = {"type": "single", "value": {**with_options(SINGLE, True, False)["value"], "key": ""}}

    first, second = clean_questions(new, new)

    keys = {first.value["key"], second.value["key"]}
    assert len(keys) == 2
    assert all(keys)
    again = clean_questions({"type": "single", "value": first.value})[0]
    assert again.value["key"] == first.value["key"]
    options = [o["key"] for o in first.value["options"]]
    assert [o["key"] for o in again.value["options"]] == options


@pytest.mark.parametrize(
    "wrong",
    [
        [SINGLE, {**TRUE_FALSE, "value": {**TRUE_FALSE["value"], "key": "q1"}}],
        [with_options(SINGLE, True, True)],
        [with_options(SINGLE, False, False)],
        [with_options(SINGLE, True)],
        [with_options(MULTIPLE, False, False)],
        [{"type": "single", "value": {**SINGLE["value"], "key": "Not A Key"}}],
    ],
    ids=["same key twice", "two right", "none right", "one option", "none of several", "odd key"],
)
def test_questions_that_cannot_be_marked_are_refused(wrong: list) -> None:
    with pytest.raises(StreamBlockValidationError):
        clean_questions(*wrong)
    assert len(clean_questions(*QUESTIONS)) == 2


CHART = {"title": "t", "description": "d", "source": "s", "base": "b"}


def test_words_are_drawn_as_bands_and_never_as_points() -> None:
    """S3."""
    block = BandsBlock()
    row = {"label": "A budget", "low": 73, "high": 77, "words": "three-quarters"}

    drawn = block.render(block.to_python({**CHART, "rows": [row]}))
    assert 'x="73.00%"' in drawn
    assert 'width="4.00%"' in drawn
    assert "“three-quarters”" in drawn
    assert "73 to 77%" in drawn

    with pytest.raises(StructBlockValidationError):
        block.clean(block.to_python({**CHART, "rows": [{**row, "high": 73}]}))


def test_charts_carry_their_words_for_those_who_do_not_see_them() -> None:
    block = BarsBlock()
    value = {**CHART, "unit": "%", "rows": [{"label": "Yes", "value": 69}]}

    drawn = block.render(block.to_python(value))
    for part in ('role="img"', ">t</title>", ">d</desc>", "Source: s.", "Base: b.", "69%"):
        assert part in drawn
    with pytest.raises(StructBlockValidationError):
        block.clean(block.to_python({**value, "rows": [{"label": "Yes", "value": 101}]}))


def test_a_copied_course_waits_for_its_own_edition(course: CoursePage, lesson: LessonPage) -> None:
    make_activity(lesson)
    course = CoursePage.objects.get(pk=course.pk)

    copy = course.copy(recursive=True, update_attrs={"slug": "next", "title": "Next"})

    assert copy.specific.edition is None
    assert lesson_of(copy).get_url() is None
    assert Course.objects.count() == 1
