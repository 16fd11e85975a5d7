"""Comments at places in an attempt: as they are written, as they were handed in, as they
were released."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments.enums import VISIBLE_TO_PARTICIPANT
from assessments.models import Annotation, Assessment, Attempt, GradeRevision


@dataclass(frozen=True)
class Noted:
    """A comment to be read. `place`: where, in words; `file`: id of the project's file,
    "" in the text."""

    pk: int
    section: str
    file: str
    place: str
    anchor: dict[str, Any]
    text: str
    version: int = 0
    is_deleted: bool = False

    @property
    def quote(self) -> str:
        return str(self.anchor.get("quote", ""))

    @property
    def anchor_json(self) -> str:
        """For the script of the desk."""
        return json.dumps(self.anchor)

    @property
    def page(self) -> int | None:
        return self.anchor.get("page")

    @property
    def short_quote(self) -> str:
        """Enough of the passage to know it again."""
        return self.quote if len(self.quote) <= 160 else f"{self.quote[:160].rstrip()}…"


def annotations_of(assessment: Assessment) -> QuerySet[Annotation]:
    """In the order they were written; deleted ones too."""
    return assessment.annotations.select_related("file")


def annotations_record(assessment: Assessment) -> list[dict[str, Any]]:
    """What goes into an `AssessmentRevision`, never to change again."""
    present = annotations_of(assessment).filter(deleted_at=None)
    return [
        {
            "id": one.pk,
            "section": one.section,
            "file": str(one.file.file_id) if one.file else "",
            "anchor": one.anchor,
            "text": one.text,
        }
        for one in present
    ]


def noted(attempt: Attempt, rows: Iterable[Annotation]) -> list[Noted]:
    """Comments being written, in reading order."""
    names = _file_names(attempt)
    places = [
        Noted(
            pk=one.pk,
            section=one.section,
            file=str(one.file.file_id) if one.file else "",
            place="",
            anchor=one.anchor,
            text=one.text,
            version=one.version,
            is_deleted=one.deleted_at is not None,
        )
        for one in rows
    ]
    return _in_reading_order(attempt, places, names)


def recorded(attempt: Attempt, record: Iterable[Mapping[str, Any]]) -> list[Noted]:
    """Comments as they were handed in or decided, in reading order."""
    places = [
        Noted(
            pk=one["id"],
            section=one["section"],
            file=one["file"],
            place="",
            anchor=one["anchor"],
            text=one["text"],
        )
        for one in record
    ]
    return _in_reading_order(attempt, places, _file_names(attempt))


def released_annotations(revision: GradeRevision | None) -> list[Noted]:
    """What a participant reads beside a released grade; nothing before (invariant 9)."""
    if revision is None or revision.grade.status not in VISIBLE_TO_PARTICIPANT:
        return []
    if not revision.annotations:
        return []
    return recorded(revision.attempt, revision.annotations)


def _file_names(attempt: Attempt) -> dict[str, str]:
    return {str(file.file_id): file.name for file in attempt.files.all()}


def _in_reading_order(attempt: Attempt, rows: list[Noted], names: Mapping[str, str]) -> list[Noted]:
    titles = {one["key"]: one["title"] for one in attempt.guidelines.content["sections"]}
    order = {key: at for at, key in enumerate([*titles, *names])}

    def where(one: Noted) -> tuple[int, int, int, float, int]:
        rects = one.anchor.get("rects") or [[0, 0, 0, 0]]
        top = max(rect[3] for rect in rects)
        thing = order.get(one.section or one.file, len(order))
        return (thing, one.page or 0, int(one.anchor.get("start", -1)), -top, one.pk)

    return [
        Noted(**{**vars(one), "place": _place(one, titles, names)})
        for one in sorted(rows, key=where)
    ]


def _place(one: Noted, titles: Mapping[str, str], names: Mapping[str, str]) -> str:
    if one.section:
        return titles.get(one.section, one.section)
    name = names.get(one.file, "")
    if one.page is None:
        return name
    return _("%(file)s, page %(page)d") % {"file": name, "page": one.page}
