"""Marks that were given without a connection: each row is applied, or refused with what is
stored beside it. Nothing is overwritten in silence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.marking import save_marks, start_marking
from assessments.enums import AssessmentStatus
from assessments.marking_sheets import MOST_ROWS, OVERALL, read_sheet
from assessments.models import Assessment, PackReturn
from assessments.selectors.marking import NO_MARK, criteria_of
from lms.accounts.models import User
from lms.core import audit
from lms.core.csv_files import Row
from lms.core.errors import DomainError, InvalidInput, StaleVersion
from lms.core.numbers import whole_number
from lms.core.permissions import require_in_person
from lms.programme.models import Edition

LONGEST_NAME = 255


def take_back_pack(
    *, edition: Edition, data: bytes, name: str, by: User, at: datetime
) -> PackReturn:
    """Apply a sheet row by row through `save_marks`, and keep what became of each.

    No transaction around the rows: one that was stored stays so whatever comes after, and
    the same sheet can be brought again. An empty level or comment leaves what is stored.
    A project that was allocated and not begun is begun by its first row with a mark.
    Raises InvalidInput or TooLarge for a file that is no such sheet.
    """
    require_in_person(by, "assessments.mark_in_edition", edition)
    rows = read_sheet(data, name=name)
    if len(rows) > MOST_ROWS:
        sentence = _("The sheet has more than %(most)d rows.") % {"most": MOST_ROWS}
        raise InvalidInput(errors={"file": [sentence]})
    own = Assessment.objects.visible_to(by).filter(edition=edition, marker=by)
    wanted = {whole_number(row.cells["assessment"].strip(), digits=18) for row in rows}
    ids = [pk for pk in wanted if pk is not None]
    found = {one.pk: one for one in own.filter(pk__in=ids).select_related("attempt", "submission")}
    versions: dict[int, int] = {}
    times = Counter(map(_place_of, rows))
    told = []
    for row in rows:
        assessment = found.get(whole_number(row.cells["assessment"].strip(), digits=18) or 0)
        one = _Told(row)
        if times[_place_of(row)] > 1:
            one.reason = _("This criterion of this project stands in the sheet twice.")
        else:
            one = _apply(row, assessment, found, versions, by=by, at=at)
        told.append(one.as_data())
    with transaction.atomic():
        back = PackReturn.objects.create(
            edition=edition, name=name[-LONGEST_NAME:], sha256=sha256(data).hexdigest(), rows=told,
            at=at, by=by,
        )  # fmt: skip
        audit.record(
            by=by, verb="pack.returned", target=back, at=at, applied=back.applied,
            unchanged=back.unchanged, refused=back.refused,
        )  # fmt: skip
    return back


def _place_of(row: Row) -> tuple[str, ...]:
    return tuple(row.cells[name].strip() for name in ("receipt", "assessment", "criterion_key"))


@dataclass
class _Told:
    row: Row
    outcome: str = "refused"
    reason: str = ""
    stored_level: str = ""
    stored_comment: str = ""

    def as_data(self) -> dict[str, Any]:
        cells = self.row.cells
        return {
            "row": self.row.number,
            "project": cells["receipt"].strip(),
            "criterion": cells["criterion"] or cells["criterion_key"].strip(),
            "outcome": self.outcome,
            "reason": self.reason,
            "sent_level": cells["level"].strip(),
            "sent_comment": cells["comment"],
            "stored_level": self.stored_level,
            "stored_comment": self.stored_comment,
        }


def _apply(
    row: Row,
    assessment: Assessment | None,
    found: dict[int, Assessment],
    versions: dict[int, int],
    *,
    by: User,
    at: datetime,
) -> _Told:
    """One row. `found`: the assessments as they stand by now, by their ids. `versions`: where
    the sheet stands; its own saves count on, anybody else's do not."""
    told = _Told(row)
    if assessment is None:
        told.reason = _("This is no project that you are marking.")
        return told
    cells = row.cells
    if cells["receipt"].strip() != assessment.attempt.receipt:
        told.reason = _("The receipt and the number of the assessment are of two projects.")
        return told
    key = cells["criterion_key"].strip()
    stored = _stored(assessment, key)
    told.stored_level, told.stored_comment = stored
    try:
        level = _level(assessment, key, cells["level"].strip())
        version = versions.get(assessment.pk, whole_number(cells["version"].strip()))
        if version is None:
            raise InvalidInput(_("The version of the sheet is missing."))
        mark: dict[str, Any] = {}
        if level and level != stored[0]:
            mark["level"] = level
        comment = cells["comment"].replace("\r\n", "\n")
        if comment.strip() and comment != stored[1]:
            mark["comment"] = comment
        if not mark:
            told.outcome = "unchanged"
            return told
        saved = _save(assessment, version, key, mark, by=by, at=at)
    except StaleVersion as stale:
        told.reason = _("It was changed since the pack was made. What is stored stands beside.")
        told.stored_level, told.stored_comment = _mark_in(stale.extra["stored"], key)
        return told
    except DomainError as refusal:
        told.reason = _sentence(refusal)
        return told
    found[saved.pk], versions[saved.pk] = saved, saved.version
    told.outcome = "applied"
    told.stored_level, told.stored_comment = _stored(saved, key)
    return told


@transaction.atomic
def _save(
    assessment: Assessment,
    version: int,
    key: str,
    mark: Mapping[str, Any],
    *,
    by: User,
    at: datetime,
) -> Assessment:
    """Whoever gives a mark to a project that was allocated to them has begun it."""
    receipt = assessment.attempt.receipt
    if assessment.status == AssessmentStatus.ALLOCATED:
        start_marking(submission=assessment.submission, receipt=receipt, by=by, at=at)
    is_overall = key == OVERALL
    return save_marks(
        assessment=assessment,
        base_version=version,
        marks={} if is_overall else {key: mark},
        overall=mark["comment"] if is_overall else None,
        receipt=receipt,
        by=by,
        at=at,
    )


def _stored(assessment: Assessment, key: str) -> tuple[str, str]:
    return _mark_in({"marks": assessment.marks, "overall": assessment.overall}, key)


def _mark_in(stored: Mapping[str, Any], key: str) -> tuple[str, str]:
    """The level's key and the comment."""
    if key == OVERALL:
        return "", stored["overall"]
    mark = stored["marks"].get(key, NO_MARK)
    return mark["level"] or "", mark["comment"]


def _level(assessment: Assessment, key: str, sent: str) -> str:
    """The key of the level that a cell names, by key or by title."""
    if not sent or key == OVERALL:
        return ""
    criterion = criteria_of(assessment.attempt.rubric_id).get(key)
    if criterion is None:
        raise InvalidInput(_("The rubric has no such criterion."))
    for level in criterion.levels.all():
        if sent.casefold() in {level.key.casefold(), level.title.strip().casefold()}:
            return level.key
    raise InvalidInput(_("This criterion has no level “%(level)s”.") % {"level": sent})


def _sentence(refusal: DomainError) -> str:
    named = getattr(refusal, "errors", {})
    said = [str(sentence) for sentences in named.values() for sentence in sentences]
    return " ".join(said) or str(refusal.sentence)
