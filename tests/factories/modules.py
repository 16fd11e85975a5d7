"""Courses as pages of the CMS, published, and what participants did with them.

course = make_course(edition)                       → CoursePage with one lesson
activity = make_activity(lesson, rule="answered")   → ActivityPage with two questions
change(activity, title="…")                         → published again
"""

import json
from typing import Any

from wagtail.models import Page, Site

from lms.programme.models import Edition
from modules.models import (
    ActivityPage,
    CoursePage,
    H5PContent,
    LessonPage,
    ReferenceIndexPage,
    TermPage,
)
from tests.factories.pages import as_published

SINGLE = {
    "type": "single",
    "value": {
        "key": "q1",
        "prompt": "Which network is the right one?",
        "explanation": "Because of its purpose.",
        "options": [
            {"key": "a", "text": "The one in use", "correct": True, "feedback": "In use it is."},
            {"key": "b", "text": "The oldest", "correct": False, "feedback": "Age proves little."},
        ],
    },
}
TRUE_FALSE = {
    "type": "true_false",
    "value": {
        "key": "q2",
        "prompt": "Every city has a strategy.",
        "answer": "false",
        "explanation": "In 2017, 69 % said yes.",
    },
}
MULTIPLE = {
    "type": "multiple",
    "value": {
        "key": "q3",
        "prompt": "What suits?",
        "explanation": "Two of three.",
        "options": [
            {"key": "a", "text": "A method", "correct": True, "feedback": ""},
            {"key": "b", "text": "A habit", "correct": False, "feedback": ""},
            {"key": "c", "text": "A purpose", "correct": True, "feedback": ""},
        ],
    },
}
QUESTIONS = [SINGLE, TRUE_FALSE]
RIGHT = {"q1": ["a"], "q2": ["false"]}
WRONG = {"q1": ["b"], "q2": ["true"]}

WORDS = [
    {"type": "heading", "value": "A heading"},
    {"type": "text", "value": "<p>Some <b>words</b> to read.</p>"},
]

# What an activity of each rule needs beside the rule.
BY_RULE: dict[str, dict[str, Any]] = {
    "confirm": {},
    "answered": {"questions": QUESTIONS},
    "score": {"questions": QUESTIONS, "threshold": 100},
    "written": {"prompt": "<p>Say why.</p>", "min_words": 3, "feeds": "rationale"},
}


def add(parent: Page, page: Any) -> Any:
    """The page below its parent, published."""
    return as_published(Page.objects.get(pk=parent.pk).add_child(instance=page))


def change(page: Any, **values: Any) -> Any:
    """Published again with these values; lists are StreamField values."""
    fresh = type(page).objects.get(pk=page.pk)
    for name, value in values.items():
        setattr(fresh, name, json.dumps(value) if isinstance(value, list) else value)
    fresh.save_revision().publish()
    return type(page).objects.get(pk=page.pk)


def site_root() -> Page:
    return Site.objects.get(is_default_site=True).root_page


def make_course(edition: Edition, *, lessons: int = 1, activities: int = 0) -> CoursePage:
    """`activities`: how many in each lesson, of the rule “confirm”."""
    course = add(
        site_root(), CoursePage(title=f"Course of {edition}", slug=edition.slug, edition=edition)
    )
    for number in range(1, lessons + 1):
        lesson = make_lesson(course, number)
        for _ in range(activities):
            make_activity(lesson)
    return course


def make_lesson(course: CoursePage, number: int = 1, **fields: Any) -> LessonPage:
    values = {
        "title": f"Lesson title {number}",
        "slug": f"lesson-{number}",
        "summary": "What it is about.",
        "aims": json.dumps([{"type": "aim", "value": "You can do it."}]),
    } | fields
    return add(course, LessonPage(number=number, **values))


def lesson_of(course: CoursePage, number: int = 1) -> LessonPage:
    return LessonPage.objects.child_of(course).get(number=number)


def make_activity(lesson: LessonPage, rule: str = "confirm", **fields: Any) -> ActivityPage:
    count = ActivityPage.objects.filter(path__startswith=lesson.path).count() + 1
    values: dict[str, Any] = {
        "title": f"Activity {count} of {lesson.title}",
        "slug": f"activity-{count}",
        "kind": "skills" if rule == "written" else "knowledge",
        "minutes": 8,
        "summary": "What the page says.",
        "body": WORDS,
        "rule": rule,
        **BY_RULE[rule],
        **fields,
    }
    page = ActivityPage(
        **{
            name: json.dumps(value) if isinstance(value, list) else value
            for name, value in values.items()
        }
    )
    return add(lesson, page)


def played(content: H5PContent) -> dict[str, Any]:
    """The block of a body in which a content is played."""
    return {"type": "interactive", "value": content.pk}


def make_reference() -> ReferenceIndexPage:
    page = ReferenceIndexPage.objects.first()
    return page or add(site_root(), ReferenceIndexPage(title="Reference", slug="reference"))


def make_term(slug: str = "city-network", **fields: Any) -> TermPage:
    values: dict[str, Any] = {
        "title": slug.replace("-", " ").capitalize(),
        "short": f"{slug} in one sentence.",
        "sections": [
            {
                "type": "section",
                "value": {"heading": "definition", "text": "<p>What it means.</p>"},
            }
        ],
        **fields,
    }
    page = TermPage(
        slug=slug,
        **{
            name: json.dumps(value) if isinstance(value, list) else value
            for name, value in values.items()
        },
    )
    return add(make_reference(), page)
