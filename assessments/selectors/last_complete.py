"""The last draft of a project that could be handed in."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from assessments.enums import DraftVersionKind
from assessments.models import Submission
from assessments.selectors.guidelines import outdated_by
from assessments.selectors.history import texts_of
from assessments.selectors.misfits import misfits_in, said_of_misfits
from assessments.selectors.sections import outline_of, sections_of


@dataclass(frozen=True)
class CompleteDraft:
    """`sections`: section key → HTML of the guidelines the draft follows."""

    version: int
    saved_at: datetime
    sections: dict[str, str]


def last_complete_draft(submission: Submission, until: datetime) -> CompleteDraft | None:
    """The newest draft of the attempt in hand, saved at or before `until`, whose required
    sections all have words; None where there is none, or its guidelines no longer do."""
    if outdated_by(submission) is not None:
        return None
    if submission.saved_at <= until and not _missing(submission, submission.sections):
        return _draft(submission, submission.version, submission.saved_at, submission.sections)
    required = [s["key"] for s in submission.guidelines.content["sections"] if s["required"]]
    kept_since = submission.history.filter(saved_at__lte=until).exclude(
        # What somebody decided against never stood in the draft.
        kind=DraftVersionKind.CONFLICT
    )
    earlier = submission.attempts.order_by("-number").first()
    if earlier is not None:
        kept_since = kept_since.filter(saved_at__gt=earlier.received_at)
    for kept in kept_since.order_by("-version", "-id"):
        # Sections that were empty then are not in it: most are passed over unread.
        if all(key in kept.sections for key in required):
            texts = texts_of(kept)
            if not _missing(submission, texts):
                return _draft(submission, kept.version, kept.saved_at, texts)
    return None


def what_is_missing(submission: Submission) -> str:
    """Why the draft as it stands cannot be handed in, as a sentence; "" when it can."""
    required = outdated_by(submission)
    if required is not None:
        return _("The project has to follow version %(number)d of the guidelines first.") % {
            "number": required.number
        }
    said = [said_of_misfits(misfits_in(submission))]
    titles = [section.title for section in outline_of(submission) if section.is_missing]
    if titles:
        listed = ", ".join(f"“{title}”" for title in titles)
        said.insert(0, _("Still empty: %(titles)s.") % {"titles": listed})
    return " ".join(said).strip()


def _missing(submission: Submission, texts: dict[str, str]) -> bool:
    return any(section.is_missing for section in sections_of(submission.guidelines, texts))


def _draft(
    submission: Submission, version: int, saved_at: datetime, texts: dict[str, str]
) -> CompleteDraft:
    keys = submission.guidelines.section_keys
    return CompleteDraft(version, saved_at, {key: texts.get(key, "") for key in keys})
