"""The live presentation of the final project: recorded as given, never marked (D15c)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.judging import require_not_own
from assessments.models import Presentation, Project
from assessments.signals import presentation_changed
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.core.text import clean_reason, clean_text
from lms.programme.models import Enrolment

MAX_NOTE_BYTES = 10_000


class AlreadyPresented(Conflict):
    """A presentation is recorded once; it is corrected, not repeated."""

    code = "already_presented"


class Withdrawn(Conflict):
    """The record was withdrawn and is kept as it was."""

    code = "withdrawn"


@transaction.atomic
def record_presentation(
    *, enrolment: Enrolment, presented_on: date, note: str = "", by: User, at: datetime
) -> Presentation:
    """Say that a participant presented their project (D15c). `note` is for staff.

    Raises AlreadyPresented, InvalidInput, PermissionDenied.
    """
    enrolment = _lock(enrolment, by)
    project = Project.objects.filter(edition=enrolment.edition_id).first()
    if project is None:
        raise InvalidInput(_("This edition has no final project."))
    if Presentation.objects.standing().filter(enrolment=enrolment, project=project).exists():
        raise AlreadyPresented(_("This presentation is recorded already. Correct it instead."))
    presentation = Presentation.objects.create(
        enrolment=enrolment,
        project=project,
        presented_on=_day(presented_on, enrolment, at),
        note=_note(note),
        recorded_at=at,
        recorded_by=by,
    )
    audit.record(
        by=by, verb="presentation.recorded", target=presentation, at=at,
        presented_on=presented_on.isoformat(),
    )  # fmt: skip
    presentation_changed.send(Presentation, enrolment_id=enrolment.pk, at=at)
    return presentation


@transaction.atomic
def correct_presentation(
    *, presentation: Presentation, presented_on: date, note: str, by: User, at: datetime
) -> Presentation:
    """Change day or note; the audit trail keeps what was there before."""
    enrolment = _lock(presentation.enrolment, by)
    presentation = _standing(presentation)
    before = {
        "presented_on": presentation.presented_on.isoformat(),
        "note": presentation.note,
    }
    presentation.presented_on = _day(presented_on, enrolment, at)
    presentation.note = _note(note)
    presentation.save(update_fields=["presented_on", "note"])
    audit.record(
        by=by, verb="presentation.corrected", target=presentation, at=at, before=before,
        after={"presented_on": presented_on.isoformat(), "note": presentation.note},
    )  # fmt: skip
    return presentation


@transaction.atomic
def withdraw_presentation(
    *, presentation: Presentation, reason: str, by: User, at: datetime
) -> Presentation:
    """Take back a record made by mistake; the row stays as evidence (invariant 13)."""
    enrolment = _lock(presentation.enrolment, by)
    presentation = _standing(presentation)
    presentation.withdrawn_reason = clean_reason(reason)
    presentation.withdrawn_at, presentation.withdrawn_by = at, by
    presentation.save(update_fields=["withdrawn_reason", "withdrawn_at", "withdrawn_by"])
    audit.record(
        by=by, verb="presentation.withdrawn", target=presentation, at=at,
        reason=presentation.withdrawn_reason,
    )  # fmt: skip
    presentation_changed.send(Presentation, enrolment_id=enrolment.pk, at=at)
    return presentation


def _lock(enrolment: Enrolment, by: User) -> Enrolment:
    # Two people may record the same presentation: the enrolment row orders them.
    locked = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("edition")
        .get(pk=enrolment.pk)
    )
    require_perm(by, "assessments.record_presentation", locked)
    require_not_own(by, locked)
    return locked


def _standing(presentation: Presentation) -> Presentation:
    fresh = Presentation.objects.get(pk=presentation.pk)
    if fresh.withdrawn_at is not None:
        raise Withdrawn(_("This record was withdrawn. Record the presentation anew."))
    return fresh


def _day(value: date, enrolment: Enrolment, at: datetime) -> date:
    today = at.astimezone(ZoneInfo(enrolment.edition.time_zone)).date()
    if value > today:
        raise InvalidInput(errors={"presented_on": [_("This day has not come yet.")]})
    return value


def _note(text: str) -> str:
    return clean_text(text, field="note", max_bytes=MAX_NOTE_BYTES).strip()
