"""The history of a draft, for those who write it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from assessments.models import DraftVersion, Submission
from assessments.selectors.sections import Section, sections_of
from lms.core.draft_history import changed_sections, texts_kept_in
from lms.core.word_diff import Difference, difference_of


@dataclass(frozen=True)
class ComparedSection:
    """A section as it was in a kept version, beside what stands there now."""

    section: Section
    difference: Difference


def history_of(submission: Submission) -> QuerySet[DraftVersion]:
    return submission.history.select_related("saved_by")


@dataclass(frozen=True)
class HistoryRow:
    """`changed`: (title, words) of the sections that differ from the version before."""

    version: DraftVersion
    changed: list[tuple[str, int]]


def rows_of(submission: Submission, versions: Iterable[DraftVersion]) -> list[HistoryRow]:
    titles = {one["key"]: one["title"] for one in submission.guidelines.content["sections"]}
    return [HistoryRow(version, changed_sections(version, titles)) for version in versions]


def texts_of(version: DraftVersion) -> dict[str, str]:
    """Section key → HTML, as it was kept."""
    return texts_kept_in(Submission(pk=version.submission_id), version)


def compared_with_now(submission: Submission, version: DraftVersion) -> list[ComparedSection]:
    """Every section of the present guidelines: what a restored one would change."""
    then = texts_of(version)
    return [
        ComparedSection(section, difference_of(section.stored, then.get(section.key, "")))
        for section in sections_of(submission.guidelines, submission.sections)
    ]
