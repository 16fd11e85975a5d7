"""The sections of a project with what is written in them: one way to show them everywhere."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from assessments.models import Attempt, GuidelinesVersion, Submission
from lms.core.rich_fields import TextFormat
from lms.core.rich_text import html_from_text, is_blank, text_of, words_of
from lms.programme.models import Enrolment
from modules.selectors import FeedingAnswer, answers_that_feed


@dataclass(frozen=True)
class Section:
    """A section of the guidelines and what is written in it: canonical HTML, which is
    safe to show."""

    key: str
    title: str
    help: str
    recommended_words: int
    required: bool
    stored: str

    @property
    def html(self) -> SafeString:
        return mark_safe(self.stored)  # noqa: S308 - cleaned before it was stored

    @cached_property
    def text(self) -> str:
        return text_of(self.stored)

    @cached_property
    def words(self) -> int:
        return words_of(self.stored)

    @cached_property
    def is_blank(self) -> bool:
        return is_blank(self.stored)

    @property
    def is_missing(self) -> bool:
        return self.required and self.is_blank

    @property
    def is_short(self) -> bool:
        """Begun, and less than half as long as recommended."""
        return not self.is_blank and self.words * 2 < self.recommended_words


def outline_of(submission: Submission) -> tuple[Section, ...]:
    return sections_of(submission.guidelines, submission.sections)


def sections_of_attempt(attempt: Attempt) -> tuple[Section, ...]:
    return sections_of(attempt.guidelines, html_of_attempt(attempt))


def html_of_attempt(attempt: Attempt) -> dict[str, str]:
    """Section key → HTML, also of an attempt from before there was formatting."""
    if attempt.text_format == TextFormat.HTML:
        return dict(attempt.sections)
    return {key: html_from_text(text) for key, text in attempt.sections.items()}


def sections_of(guidelines: GuidelinesVersion, texts: Mapping[str, str]) -> tuple[Section, ...]:
    """The sections of the guidelines, in order, each with its text (key → HTML)."""
    return tuple(
        Section(
            key=section["key"],
            title=section["title"],
            help=section["help"],
            recommended_words=section["recommended_words"],
            required=section["required"],
            stored=texts.get(section["key"], ""),
        )
        for section in guidelines.content["sections"]
    )


def stored_in(
    submission: Submission, text_format: str, also: Collection[str] = ()
) -> dict[str, str]:
    """Section key → what is stored, as HTML or as plain text; `also` of former sections."""
    keys = {*submission.guidelines.section_keys, *also}
    stored = {key: submission.sections.get(key, "") for key in keys}
    if text_format == TextFormat.HTML:
        return stored
    return {key: text_of(html) for key, html in stored.items()}


def stored_otherwise(
    submission: Submission, sent: Mapping[str, str], text_format: str
) -> dict[str, str]:
    """HTML that was cleaned on its way in: whoever sent it goes on from what is stored."""
    if text_format != TextFormat.HTML:
        return {}
    stored = {key: submission.sections.get(key, "") for key in sent}
    return {key: html for key, html in stored.items() if html != sent[key]}


def keys_gone(submission: Submission, sent: Collection[str]) -> list[str]:
    """Those of `sent` that the guidelines no longer have: what was sent there is set aside."""
    return sorted(set(sent) - set(submission.guidelines.section_keys))


def set_aside_of(submission: Submission) -> dict[str, SafeString]:
    """Texts of sections that the draft's guidelines no longer have."""
    keys = submission.guidelines.section_keys
    return {
        key: mark_safe(html)  # noqa: S308 - cleaned before it was stored
        for key, html in submission.sections.items()
        if key not in keys and not is_blank(html)
    }


def sections_set_aside(submission: Submission) -> tuple[Section, ...]:
    """`set_aside_of`, each under the title that it had when it was last in the guidelines."""
    texts = set_aside_of(submission)
    former = former_sections(submission, texts.keys()) if texts else {}
    return tuple(
        _former(key, former[key]["title"] if key in former else key, html)
        for key, html in texts.items()
    )


def former_sections(submission: Submission, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """Those of `keys` that the draft's guidelines no longer have and earlier ones had: a page
    from before may still write in them. Asks only where there are others than are known."""
    unknown = set(keys) - set(submission.guidelines.section_keys)
    if not unknown:
        return {}
    earlier = GuidelinesVersion.objects.filter(
        project=submission.project_id, number__lt=submission.guidelines.number
    ).order_by("number")
    return {
        section["key"]: section
        for version in earlier
        for section in version.content["sections"]
        if section["key"] in unknown
    }


def sections_gone(submission: Submission, keys: Collection[str]) -> tuple[Section, ...]:
    """Those of `keys` that the guidelines no longer have, with what is set aside of them."""
    return tuple(
        _former(key, section["title"], submission.sections.get(key, ""))
        for key, section in former_sections(submission, keys).items()
    )


def _former(key: str, title: str, stored: str) -> Section:
    return Section(
        key=key, title=title, help="", recommended_words=0, required=False, stored=stored
    )


def answers_to_insert(
    enrolment: Enrolment, section: str, html: str, activity_id: int | None = None
) -> list[FeedingAnswer]:
    """Answers from the lessons that feed a section (D5) and that its text does not have
    yet: those of all its activities, or of one."""
    return [
        answer
        for answer in answers_that_feed(enrolment)
        if answer.section == section
        and activity_id in (None, answer.activity_id)
        and html_from_text(answer.text) not in html
    ]
