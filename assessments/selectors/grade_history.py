"""What happened to a grade: who, when, from what to what, and why. Read from the audit
trail and from the revisions, which nobody can change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.enums import MarkerRole, Outcome, ReleaseItemOutcome
from assessments.models import (
    Appeal,
    Assessment,
    AssessmentRevision,
    Attempt,
    Grade,
    GradeRevision,
    Release,
    ReleaseItem,
)
from assessments.models.marking import MarksRecord
from assessments.selectors.marking import released_revision
from assessments.selectors.second_marking import is_blind
from lms.accounts.models import User
from lms.core.models import AuditEvent
from lms.core.rich_text import html_from_text
from lms.core.word_diff import difference_of

# What the trail has beside these is no step of the grade: each save of the marks.
SENTENCES: dict[str, str | Promise] = {
    "assessment.allocated": gettext_lazy("Given to %(marker)s (%(role)s)."),
    "assessment.started": gettext_lazy("Marking began (%(role)s)."),
    "assessment.submitted": gettext_lazy("Marks handed in (%(role)s)."),
    "assessment.reopened": gettext_lazy("Marks taken back, to change them (%(role)s)."),
    "assessment.declined": gettext_lazy("Declined to mark it (%(role)s)."),
    "assessment.reassigned": gettext_lazy("Taken from %(holder)s (%(role)s)."),
    "second_marking.asked": gettext_lazy("A second marker was asked for."),
    "second_marking.drawn": gettext_lazy("Drawn for a second marker."),
    "grade.provisional": gettext_lazy("The grade became provisional."),
    "grade.in_moderation": gettext_lazy("A colleague was asked to look: moderation."),
    "grade.confirmed": gettext_lazy("The marks were confirmed although the rubric changed."),
    "grade.needs_regrade": gettext_lazy("A newer attempt or another rubric came after the marks."),
    "grade.agreed": gettext_lazy("Agreed."),
    "grade.reopened": gettext_lazy("The agreed grade was reopened."),
    "grade.ready_for_release": gettext_lazy("Put among those to be released."),
    "grade.released": gettext_lazy("Released to those who wrote the project."),
    "grade.appealed": gettext_lazy("Appealed."),
    "grade.upheld": gettext_lazy("The appeal was decided: the grade stands."),
    "grade.amended": gettext_lazy("The grade was amended."),
    "grade.voided": gettext_lazy("The grade was voided."),
    "appeal.assigned": gettext_lazy("The appeal was given to %(marker)s."),
}


@dataclass(frozen=True)
class Change:
    """One criterion, or the overall comment, that is another than before."""

    title: str
    before: str
    after: str
    comment: SafeString | None = None

    @property
    def is_level(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Entry:
    """`before`, `after`: the result in words, where the step has one. `is_seen`: also those
    who wrote the project see that it happened."""

    verb: str
    at: datetime
    by: str
    what: str
    why: str = ""
    before: str = ""
    after: str = ""
    changes: tuple[Change, ...] = ()


def history_of(grade: Grade, user: User) -> list[Entry]:
    """The whole of it, for staff, the oldest first. Nothing of marks that are kept from
    `user` until both markers have handed in."""
    told = _Told(grade, user)
    entries = [told.entry(event) for event in told.events() if event.verb in SENTENCES]
    entries += _not_released(grade)
    return sorted(entries, key=lambda entry: entry.at)


def since_release(grade: Grade) -> list[Entry]:
    """What those who wrote the project may know: what happened since they could see it,
    and no names."""
    if not grade.is_visible_to_participant or grade.released_at is None:
        return []
    first = released_revision(grade)
    entries = [
        Entry("grade.released", grade.released_at, "", _("Released."), after=result_of(first))
    ]
    before: GradeRevision | None = first
    by_appeal = {appeal.decided_as_id for appeal in grade.appeals.all()}
    for revision in grade.revisions.filter(number__gt=first.number if first else 0).order_by(
        "number"
    ):
        if revision.pk not in by_appeal:
            entries.append(
                Entry(
                    "grade.amended",
                    revision.at,
                    "",
                    _("The grade was changed."),
                    why=revision.reason,
                    before=result_of(before),
                    after=result_of(revision),
                    changes=changes_between(before, revision),
                )
            )
        before = revision
    for appeal in grade.appeals.select_related("revision", "decided_as").order_by("pk"):
        entries += _appealed(appeal)
    return sorted(entries, key=lambda entry: entry.at)


def changes_between(before: MarksRecord | None, after: MarksRecord | None) -> tuple[Change, ...]:
    """Criterion by criterion, what is another level or comment. Nothing of the first marks."""
    if before is None or after is None:
        return ()
    old = {mark["criterion"]: mark for mark in before.marks}
    found = []
    for mark in after.marks:
        was = old.get(mark["criterion"])
        if was is None or (was["level"] == mark["level"] and was["comment"] == mark["comment"]):
            continue
        found.append(
            Change(
                mark["title"],
                was["level_title"],
                mark["level_title"],
                _words(was["comment"], mark["comment"]),
            )
        )
    if before.overall != after.overall:
        found.append(Change(_("Overall"), "", "", _words(before.overall, after.overall)))
    return tuple(found)


def result_of(revision: MarksRecord | None) -> str:
    if revision is None:
        return ""
    percent = f"{revision.percent.normalize():f} %"
    if isinstance(revision, GradeRevision):
        return f"{percent}, {Outcome(revision.outcome).label}"
    return percent


class _Told:
    """The events of one grade, with what their details refer to."""

    def __init__(self, grade: Grade, user: User) -> None:
        self.grade = grade
        self.assessments = {
            str(one.pk): one
            for one in Assessment.objects.filter(submission=grade.submission_id).select_related(
                "marker", "attempt"
            )
        }
        self.kept_back = {
            attempt.pk
            for attempt in Attempt.objects.filter(submission=grade.submission_id)
            if is_blind(attempt)
        }
        self.user = user
        self.revisions = {one.number: one for one in grade.revisions.all()}
        self.handed_in = {
            (str(one.assessment_id), one.number): one
            for one in AssessmentRevision.objects.filter(assessment__submission=grade.submission_id)
        }
        self.appeals = {
            one.pk: one for one in Appeal.objects.filter(grade=grade).select_related("revision")
        }
        self.names: dict[int, str] = {}
        self.releases: dict[int, Release] = {}

    def events(self) -> Sequence[AuditEvent]:
        attempts = Attempt.objects.filter(submission=self.grade.submission_id)
        about = (
            Q(target_type="assessments.grade", target_id=str(self.grade.pk))
            | Q(target_type="assessments.assessment", target_id__in=list(self.assessments))
            | Q(
                target_type="assessments.attempt",
                target_id__in=[str(pk) for pk in attempts.values_list("pk", flat=True)],
            )
            | Q(
                target_type="assessments.appeal",
                target_id__in=[str(pk) for pk in self.appeals],
            )
        )
        found = list(
            AuditEvent.objects.filter(about, verb__in=list(SENTENCES))
            .select_related("actor")
            .order_by("id")
        )
        people = {event.details.get("marker") for event in found} - {None}
        self.names = {person.pk: str(person) for person in User.objects.filter(pk__in=list(people))}
        releases = {event.details.get("release") for event in found} - {None}
        self.releases = {
            one.pk: one
            for one in Release.objects.filter(pk__in=list(releases)).select_related("confirmed_by")
        }
        return found

    def entry(self, event: AuditEvent) -> Entry:
        details = event.details
        before, after = self._records(event)
        return Entry(
            verb=event.verb,
            at=event.at,
            by=str(event.actor) if event.actor else _("The system"),
            what=" ".join(filter(None, [self._sentence(event), self._release(details)])),
            why=self._why(event),
            before=result_of(before),
            after=result_of(after),
            changes=changes_between(before, after),
        )

    def _sentence(self, event: AuditEvent) -> str:
        assessment = self.assessments.get(event.target_id)
        if event.target_type != "assessments.assessment":
            assessment = None
        return str(SENTENCES[event.verb]) % {
            "role": MarkerRole(assessment.role).label if assessment else "",
            "holder": str(assessment.marker) if assessment else "",
            "marker": self.names.get(event.details.get("marker") or 0, ""),
        }

    def _release(self, details: dict[str, Any]) -> str:
        release = self.releases.get(details.get("release") or 0)
        if release is None:
            return ""
        if release.confirmed_by is None:
            return _("Release %(number)d.") % {"number": release.pk}
        return _("Release %(number)d, confirmed by %(person)s.") % {
            "number": release.pk,
            "person": release.confirmed_by,
        }

    def _why(self, event: AuditEvent) -> str:
        if event.details.get("reason"):
            return str(event.details["reason"])
        if event.verb == "grade.agreed":
            revision = self._decided(event.details.get("revision") or 0)
            return revision.reason if revision else ""
        if event.verb == "grade.appealed":
            appeal = self.appeals.get(event.details.get("appeal") or 0)
            return appeal.reason if appeal else ""
        return ""

    def _records(self, event: AuditEvent) -> tuple[MarksRecord | None, MarksRecord | None]:
        """The marks before and after it, where it changed them."""
        number = event.details.get("revision")
        if number is None:
            return None, None
        if event.verb == "assessment.submitted":
            if self._is_kept_back(self.assessments[event.target_id]):
                return None, None
            key = event.target_id
            return self.handed_in.get((key, number - 1)), self.handed_in.get((key, number))
        return self._decided(number - 1), self._decided(number)

    def _decided(self, number: int) -> GradeRevision | None:
        """A decision that was reopened for a second marker is kept back as the marks are."""
        revision = self.revisions.get(number)
        is_kept_back = revision is not None and revision.attempt_id in self.kept_back
        return None if is_kept_back else revision

    def _is_kept_back(self, assessment: Assessment) -> bool:
        return assessment.attempt_id in self.kept_back and assessment.marker_id != self.user.pk


def _not_released(grade: Grade) -> Iterator[Entry]:
    """It was in a release that did not show it."""
    items = ReleaseItem.objects.filter(
        grade=grade, outcome__in=(ReleaseItemOutcome.LEFT_OUT, ReleaseItemOutcome.TAKEN_BACK)
    ).select_related("release__undone_by")
    for item in items:
        if item.settled_at is None:
            continue
        is_undone = item.outcome == ReleaseItemOutcome.TAKEN_BACK
        sentence = (
            _("Release %(number)d was undone.")
            if is_undone
            else _("Left out of release %(number)d.")
        )
        yield Entry(
            f"release.{item.outcome}",
            item.settled_at,
            str(item.release.undone_by) if is_undone else _("The system"),
            sentence % {"number": item.release_id},
            why=item.reason,
        )


def _appealed(appeal: Appeal) -> Iterator[Entry]:
    yield Entry(
        "grade.appealed", appeal.appealed_at, str(appeal.appealed_by), _("You appealed."),
        why=appeal.reason,
    )  # fmt: skip
    if appeal.assigned_at is not None and appeal.decided_at is None:
        yield Entry(
            "appeal.assigned",
            appeal.assigned_at,
            "",
            _("A colleague who had no part in the grade looks at it."),
        )
    if appeal.decided_at is None:
        return
    amended = appeal.decided_as
    yield Entry(
        "grade.amended" if amended else "grade.upheld",
        appeal.decided_at,
        "",
        _("The grade was changed on appeal.") if amended else _("The grade stands."),
        why=appeal.decision,
        before=result_of(appeal.revision) if amended else "",
        after=result_of(amended),
        changes=changes_between(appeal.revision, amended),
    )


def _words(before: str, after: str) -> SafeString | None:
    if before == after:
        return None
    return difference_of(html_from_text(before), html_from_text(after)).html
