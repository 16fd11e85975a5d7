"""A calibration round: every marker marks the same sample before marking starts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.marks import clean_marks, require_levels, stale_marks, with_marks
from assessments.models import CalibrationMarks, CalibrationRound, Project
from assessments.selectors.calibration import open_round
from assessments.selectors.marking import rubric_in_force
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person, require_perm
from lms.core.rich_text import clean_html, html_from_text, is_blank
from lms.core.text import clean_text

LONGEST_TITLE = 200


class RoundOpen(Conflict):
    """One calibration at a time."""

    code = "calibration_open"


class RoundClosed(Conflict):
    """The round is closed, or the marker has handed in: nothing of it changes any more."""

    code = "calibration_closed"


@transaction.atomic
def open_calibration(
    *, project: Project, title: str, text: str, is_required: bool, by: User, at: datetime
) -> CalibrationRound:
    """Give the markers of an edition a sample to mark on the rubric in force.

    `text`: plain text or HTML of the sample; paragraphs are kept, the rest is cleaned.
    Raises RoundOpen, InvalidInput, PermissionDenied.
    """
    # Two who open a round at once: one after the other.
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    require_perm(by, "assessments.calibrate", project)
    if open_round(project.pk) is not None:
        raise RoundOpen(_("A round is open. Close it before you open another."))
    title = clean_text(title, field="title").strip()
    if not title or len(title) > LONGEST_TITLE:
        raise InvalidInput(
            errors={"title": [_("Write 1 to %(longest)d characters.") % {"longest": LONGEST_TITLE}]}
        )
    html = clean_html(text if "<" in text else html_from_text(text), field="text")
    if is_blank(html):
        raise InvalidInput(errors={"text": [_("Write or paste the sample that is marked.")]})
    rubric = rubric_in_force(project.rubric_id)
    assert rubric is not None  # a project is made with a published rubric
    calibration = CalibrationRound.objects.create(
        project=project,
        rubric=rubric,
        title=title,
        text=html,
        is_required=is_required,
        opened_at=at,
        opened_by=by,
    )
    audit.record(by=by, verb="calibration.opened", target=calibration, at=at, title=title)
    return calibration


@transaction.atomic
def close_calibration(
    *, calibration: CalibrationRound, base_version: int, by: User, at: datetime
) -> CalibrationRound:
    """End a round: everybody sees what everybody gave. What is not handed in by now does
    not count. Raises RoundClosed, StaleVersion, PermissionDenied."""
    locked = _lock(calibration)
    require_perm(by, "assessments.calibrate", locked.project)
    _require_open(locked)
    if locked.version != base_version:
        raise StaleVersion(version=locked.version, stored={"title": locked.title})
    locked.closed_at, locked.closed_by = at, by
    locked.version += 1
    locked.save(update_fields=["closed_at", "closed_by", "version"])
    audit.record(by=by, verb="calibration.closed", target=locked, at=at)
    return locked


@transaction.atomic
def save_calibration(
    *,
    calibration: CalibrationRound,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    by: User,
    at: datetime,
) -> CalibrationMarks:
    """Store what one marker gives the sample, as `save_marks` does for a project."""
    own = _lock_own(calibration, by, at)
    _save(own, base_version, marks, at=at)
    return own


@transaction.atomic
def submit_calibration(
    *,
    calibration: CalibrationRound,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    by: User,
    at: datetime,
) -> CalibrationMarks:
    """Hand in marks for the sample; then, and not before, those of colleagues are seen.

    Raises InvalidInput naming every criterion without a level, StaleVersion, RoundClosed.
    """
    own = _lock_own(calibration, by, at)
    _save(own, base_version, marks, at=at)
    require_levels(calibration.rubric_id, own.marks)
    own.submitted_at = at
    own.save(update_fields=["submitted_at"])
    audit.record(by=by, verb="calibration.handed_in", target=calibration, at=at)
    return own


def _lock(calibration: CalibrationRound) -> CalibrationRound:
    return (
        CalibrationRound.objects.select_for_update(of=("self",))
        .select_related("project__edition")
        .get(pk=calibration.pk)
    )


def _require_open(calibration: CalibrationRound) -> None:
    if calibration.closed_at is not None:
        raise RoundClosed(_("This round is closed."))


def _lock_own(calibration: CalibrationRound, by: User, at: datetime) -> CalibrationMarks:
    """The marker's own sheet, made at the first save; under the lock of the round."""
    locked = _lock(calibration)
    require_in_person(by, "assessments.mark_in_edition", locked.project)
    _require_open(locked)
    own, _is_new = CalibrationMarks.objects.get_or_create(
        round=locked, marker=by, defaults={"saved_at": at}
    )
    if own.submitted_at is not None:
        raise RoundClosed(_("You have handed in your marks for this sample."))
    return own


def _save(
    own: CalibrationMarks,
    base_version: int,
    marks: Mapping[str, Mapping[str, Any]],
    *,
    at: datetime,
) -> None:
    clean = clean_marks(own.round.rubric_id, marks)
    after = with_marks(own.marks, clean.values())
    if after == own.marks:
        return
    if own.version != base_version:
        raise stale_marks(own.version, own.marks, clean)
    own.marks, own.saved_at = after, at
    own.version += 1
    own.save(update_fields=["marks", "saved_at", "version"])
