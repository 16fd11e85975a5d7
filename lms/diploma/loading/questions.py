"""The diploma's own interactive questions, as contents of the library of H5P activities."""

from datetime import datetime
from typing import Any

from wagtail.models import Page

from h5p.questions import from_data
from lms.programme.models import Edition
from modules.actions.h5p_content import create_content_from_questions, update_questions
from modules.models import H5PContent, LoadedPage


def keep_questions(
    edition: Edition, key: str, lesson: Page, given: dict[str, Any], at: datetime
) -> H5PContent | None:
    """The content that the activity of this key plays; made once, and as its file says until
    somebody has edited it. None where an editor has taken it (or the page) away, or has a
    page of their own there."""
    question_set = from_data(given["question_set"]).require()
    record = LoadedPage.objects.filter(edition=edition, key=key).select_related("page").first()
    if record is None:
        if lesson.get_children().filter(slug=given["slug"]).exists():
            return None
        return create_content_from_questions(question_set=question_set, by=None, at=at)
    content: H5PContent | None = record.page.specific.h5p if record.page else None
    if content is None or content.current is None:
        return content
    if content.current.created_by_id is None and content.origin == "questions":
        update_questions(
            content=content,
            question_set=question_set,
            base_version=content.current.number,
            by=None,
            at=at,
        )
    return content
