"""The fields of the marking desk: `level-<criterion>`, `comment-<criterion>`, `overall`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from assessments.selectors.agreeing import GivenMark
from assessments.selectors.marking import DeskCriterion
from lms.core.autosave import Autosave
from lms.core.errors import DomainError, InvalidInput, StaleVersion

NOT_A_FIELD = {
    "attempt", "csrfmiddlewaretoken", "base_version", "move", "reason", "comments_of",
    "offers_comments",
}  # fmt: skip


@dataclass(frozen=True)
class MarkRow:
    """A criterion as the desk shows it: what is chosen or typed, and what is stored
    where that differs after a conflict. `given`: what each marker gave, where a grade is
    agreed on."""

    desk: DeskCriterion
    level_key: str
    comment: str
    errors: list[str]
    stored_level: str | None = None
    stored_comment: str | None = None
    given: tuple[GivenMark, ...] = ()


def marks_in(values: Mapping[str, Any]) -> tuple[dict[str, dict[str, Any]], Any]:
    """(criterion key → {"level", "comment"}, overall or None) of what a form or
    autosave sent. Unknown names are refused; an empty level takes a level back."""
    marks: dict[str, dict[str, Any]] = {}
    overall = None
    unknown = {}
    for name, value in values.items():
        field, _dash, key = name.partition("-")
        if name == "overall":
            overall = value
        elif field == "level" and key:
            marks.setdefault(key, {})["level"] = None if value == "" else value
        elif field == "comment" and key:
            marks.setdefault(key, {})["comment"] = value
        elif name not in NOT_A_FIELD:
            unknown[name] = [_("Unknown field.")]
    if unknown:
        raise InvalidInput(errors=unknown)
    return marks, overall


def receipt_in(sent: Mapping[str, Any]) -> str:
    """Whose attempt the page was about, by its receipt. A page that does not say so is of
    no attempt, and is refused like that of another one."""
    return str(sent.get("attempt") or "")


def names_of_stored(stored: dict[str, Any]) -> dict[str, str]:
    """What `save_marks` reports as stored, under the names of the fields."""
    names = {}
    for key, mark in stored["marks"].items():
        names[f"level-{key}"] = mark["level"] or ""
        names[f"comment-{key}"] = mark["comment"]
    if "overall" in stored:
        names["overall"] = stored["overall"]
    return names


@contextmanager
def stored_under_its_fields(sent: Autosave) -> Iterator[None]:
    """A StaleVersion of marks says what is stored under the names that the page sent."""
    try:
        yield
    except StaleVersion as stale:
        stored = names_of_stored(stale.extra["stored"])
        raise StaleVersion(
            version=stale.extra["version"],
            stored={name: text for name, text in stored.items() if name in sent.values},
        ) from stale


def marks_typed(
    criteria: list[DeskCriterion],
    typed: QueryDict | None,
    error: DomainError | None,
    given: Mapping[str, Sequence[GivenMark]] | None = None,
) -> list[MarkRow]:
    refused = error.errors if isinstance(error, InvalidInput) else {}
    is_stale = isinstance(error, StaleVersion)
    rows = []
    for desk in criteria:
        key = desk.criterion.key
        level, comment = desk.level_key, desk.comment
        if typed is not None:
            level = typed.get(f"level-{key}", level)
            comment = typed.get(f"comment-{key}", comment)
        same_comment = comment.replace("\r\n", "\n") == desk.comment
        rows.append(
            MarkRow(
                desk=desk,
                level_key=level,
                comment=comment,
                errors=[
                    str(sentence)
                    for name, sentences in refused.items()
                    if name.split(".")[0] == key
                    for sentence in sentences
                ],
                stored_level=desk.level_title if is_stale and level != desk.level_key else None,
                stored_comment=desk.comment if is_stale and not same_comment else None,
                given=tuple((given or {}).get(key, ())),
            )
        )
    return rows
