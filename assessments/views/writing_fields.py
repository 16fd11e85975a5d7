"""The sections on the desk as fields: what is typed, what is stored, what the lessons offer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from assessments.forms import format_in
from assessments.models import Submission
from assessments.models.guidelines import RESERVED_KEYS
from assessments.selectors.sections import Section, outline_of, sections_gone
from lms.core.rich_fields import as_typed
from lms.core.rich_text import html_from_text
from lms.programme.models import Enrolment
from modules.selectors import ActivityState, FeedingAnswer, answers_that_feed, course_progress


@dataclass(frozen=True)
class Feed:
    """An activity of a lesson that feeds a section (D5), with the writer's own answer."""

    lesson: int
    activity: ActivityState
    answer: FeedingAnswer | None

    @property
    def html(self) -> SafeString:
        return mark_safe(html_from_text(self.answer.text) if self.answer else "")  # noqa: S308


@dataclass(frozen=True)
class WritingField:
    """`html` and `text` are the same, for the editor and for a browser without it;
    `stored` is what was saved meanwhile, where it differs. `is_gone`: the guidelines no
    longer have the section, and the page that was sent still had it."""

    section: Section
    html: SafeString
    text: str
    stored: SafeString | None
    errors: list[Any]
    feeds: list[Feed] = field(default_factory=list)
    is_gone: bool = False


def fields_of(
    submission: Submission,
    writer: Enrolment,
    typed: Mapping[str, str],
    *,
    is_stale: bool,
    refused: Mapping[str, Any],
) -> list[WritingField]:
    feeds = _feeds_of(submission, writer)
    fields = []
    gone = sections_gone(submission, typed.keys() - RESERVED_KEYS)
    for section in (*outline_of(submission), *gone):
        html, text = section.stored, section.text
        if section.key in typed:
            html, text = as_typed(section.stored, typed[section.key], format_in(typed))
        fields.append(
            WritingField(
                section=section,
                html=mark_safe(html),  # noqa: S308 - cleaned above or before it was stored
                text=text,
                stored=section.html if is_stale and html != section.stored else None,
                errors=list(refused.get(section.key, [])),
                feeds=feeds.get(section.key, []),
                is_gone=section in gone,
            )
        )
    return fields


def _feeds_of(submission: Submission, writer: Enrolment) -> dict[str, list[Feed]]:
    # The owner came with what their course is read from.
    enrolment = submission.owner if writer == submission.owner else writer
    answers = {answer.activity_id: answer for answer in answers_that_feed(enrolment)}
    feeds: dict[str, list[Feed]] = {}
    for lesson in course_progress(enrolment).lessons:
        for activity in lesson.activities:
            if activity.feeds:
                feed = Feed(lesson.number, activity, answers.get(activity.id))
                feeds.setdefault(activity.feeds, []).append(feed)
    return feeds
