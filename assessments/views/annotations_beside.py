"""What the desk says of comments at places: those to be changed and those to be read."""

from typing import Any

from assessments.selectors.annotations import annotations_of, noted, recorded
from assessments.selectors.desk import Desk
from assessments.selectors.desk_stamp import stamp_of
from lms.accounts.models import User


def annotations_context(desk: Desk, user: User) -> dict[str, Any]:
    """`annotations`: of the assessment that lies on the desk, where its reader may see it;
    `deleted_annotations`: those that can be put back; `may_annotate`; `stamp`."""
    stamp = {"stamp": stamp_of(desk.submission, user)}
    assessment = desk.assessment
    if assessment is None or desk.is_hidden:
        return {"annotations": [], "deleted_annotations": [], "may_annotate": False, **stamp}
    if not desk.can["mark"]:
        record = desk.handed_in.annotations if desk.handed_in else []
        if desk.handed_in is None and assessment.marker_id == user.pk:
            rows = noted(desk.attempt, annotations_of(assessment).filter(deleted_at=None))
        else:
            rows = recorded(desk.attempt, record)
        return {"annotations": rows, "deleted_annotations": [], "may_annotate": False, **stamp}
    rows = noted(desk.attempt, annotations_of(assessment))
    return {
        "annotations": [one for one in rows if not one.is_deleted],
        "deleted_annotations": [one for one in rows if one.is_deleted],
        "may_annotate": True,
        **stamp,
    }
