from dataclasses import dataclass, replace

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.csv_files import csv_file
from lms.core.errors import IllegalMove, InvalidInput, StaleVersion
from lms.core.numbers import whole_number
from lms.programme.models import Edition
from lms.timetable.actions import RollMark, record_roll
from lms.timetable.enums import AttendanceStatus
from lms.timetable.models import Session
from lms.timetable.selectors import RollEntry, attendance_of_many, roll_of, stamp_of


def _edition_for_staff(user: User, slug: str) -> Edition:
    edition = get_object_or_404(Edition.objects.visible_to(user), slug=slug)
    if not user.has_perm("timetable.record_attendance", edition):
        raise Http404
    return edition


@require_safe
@sign_in_required
def choose_session(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    edition = _edition_for_staff(request.user, edition_slug)
    recorded = Count("attendances", filter=~Q(attendances__status=AttendanceStatus.EXPECTED))
    sessions = Session.objects.filter(edition=edition).annotate(recorded=recorded)
    return render(
        request,
        "timetable/attendance.html",
        {
            "edition": edition,
            "sessions": sessions,
            "participants": edition.enrolments.taking_part().count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def take_roll(request: SignedInRequest, edition_slug: str, key: str) -> HttpResponse:
    """The roll of one session: everybody on one page, made for a phone."""
    edition = _edition_for_staff(request.user, edition_slug)
    session = get_object_or_404(Session, edition=edition, key=key)
    session.edition = edition
    if request.method == "POST":
        return _save(request, session)
    typed = typed_before_sign_in(request)
    return _roll_page(request, session, [_line(entry, typed) for entry in roll_of(session)])


@dataclass(frozen=True)
class RollLine:
    """One line on the page: what is recorded, or what was typed over it.

    `was`: the stamp of what the reader saw. A line they left alone is not sent on,
    and so never writes over what a colleague recorded meanwhile.
    """

    entry: RollEntry
    status: str
    reason: str
    was: str
    error: str = ""

    @property
    def base_version(self) -> int:
        seen = whole_number(self.was.partition(" ")[0])
        return -1 if seen is None else seen

    @property
    def is_touched(self) -> bool:
        return self.was != stamp_of(self.base_version, self.status, self.reason.strip())


def _line(entry: RollEntry, typed: QueryDict | None) -> RollLine:
    as_recorded = RollLine(entry, entry.status, entry.reason, entry.stamp)
    of = entry.enrolment.pk
    if typed is None or f"status-{of}" not in typed:
        return as_recorded
    line = RollLine(
        entry,
        status=typed.get(f"status-{of}", entry.status),
        reason=typed.get(f"reason-{of}", entry.reason),
        was=typed.get(f"was-{of}", ""),
    )
    return line if line.is_touched else as_recorded


def _save(request: SignedInRequest, session: Session) -> HttpResponse:
    lines = [_line(entry, request.POST) for entry in roll_of(session)]
    if request.POST.get("rest") == "present":
        lines = [_present(line) for line in lines]
    marks = [
        RollMark(line.entry.enrolment.pk, line.status, line.reason, line.base_version)
        for line in lines
        if line.is_touched
    ]
    errors: dict[int, str] = {}
    renewed: set[int] = set()
    try:
        changed = len(record_roll(session=session, marks=marks, by=request.user, at=clock.now()))
    except InvalidInput as error:
        errors = {
            int(of): " ".join(str(sentence) for sentence in sentences)
            for of, sentences in error.errors.items()
        }
        status = error.status
    except IllegalMove as error:
        errors = {error.extra["enrolment_id"]: str(error.sentence)}
        status = error.status
    except StaleVersion as error:
        renewed = {int(of) for of in error.extra["stored"]}
        status = error.status
    else:
        saved = ngettext("%(count)d change saved.", "%(count)d changes saved.", changed)
        text = saved % {"count": changed} if changed else _("Nothing to save.")
        messages.success(request, text)
        return redirect("timetable:roll", edition_slug=session.edition.slug, key=session.key)
    now = {entry.enrolment.pk: entry for entry in roll_of(session)}
    shown = []
    for line in lines:
        of = line.entry.enrolment.pk
        if of in renewed and of in now:
            shown.append(_renewed(line, now[of]))
        else:
            shown.append(replace(line, error=errors.get(of, "")))
    return _roll_page(request, session, shown, status=status)


def _present(line: RollLine) -> RollLine:
    """Present, where the line is still expected: on the page and in what is recorded."""
    if line.status == line.entry.status == AttendanceStatus.EXPECTED:
        return replace(line, status=AttendanceStatus.PRESENT.value)
    return line


def _renewed(line: RollLine, entry: RollEntry) -> RollLine:
    """What was typed, beside what somebody recorded meanwhile: saving again decides."""
    label = AttendanceStatus(entry.status).label
    said = f"{label} ({entry.reason})" if entry.reason else label
    is_possible = line.status in dict(entry.choices)
    return RollLine(
        entry,
        status=line.status if is_possible else entry.status,
        reason=line.reason or entry.reason,
        was=entry.stamp,
        error=_("Recorded meanwhile by somebody else: %(said)s. Choose what is right and save.")
        % {"said": said},
    )


def _roll_page(
    request: SignedInRequest, session: Session, lines: list[RollLine], *, status: int = 200
) -> HttpResponse:
    context = {"edition": session.edition, "session": session, "rows": lines}
    return render(request, "timetable/roll.html", context, status=status)


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One line a participant: required, attended, missing (CSV)."""
    edition = _edition_for_staff(request.user, edition_slug)
    enrolments = list(edition.enrolments.taking_part().select_related("user", "city"))
    summaries = attendance_of_many(edition, enrolments)
    header = [_("Participant"), _("City"), _("Required"), _("Counted"), _("Missing")]
    rows = [
        [
            str(enrolment.user),
            enrolment.city.name,
            summaries[enrolment.pk].required,
            summaries[enrolment.pk].attended,
            " ".join(summaries[enrolment.pk].missing),
        ]
        for enrolment in enrolments
    ]
    return csv_file(f"attendance-{edition.slug}", [header, *rows])
