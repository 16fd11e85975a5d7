"""What the certificate asks of somebody, and how far they are (D15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.enums import Outcome, RequirementKey, RequirementStatus, SubmissionStatus
from assessments.models import (
    Certificate,
    CompletionPolicy,
    Presentation,
    RequirementDecision,
    Submission,
    TeamMember,
)
from lms.programme.models import Edition, Enrolment
from lms.timetable.selectors import AttendanceSummary, attendance_of_many
from modules.selectors import cohort_outline, cohort_rows, course_progress
from peer_exchange.selectors import sharing_of, sharing_of_many

Evidence = dict[str, list[int]]


@dataclass(frozen=True)
class Requirement:
    """One of the three. `missing` and `done` are sentences for the participant;
    `evidence` is kind → ids in order of their number, whatever order the course has;
    `waiver` is the decision that waived it, `reason` says why."""

    key: str
    status: str
    missing: tuple[str, ...]
    done: tuple[str, ...]
    evidence: Evidence
    reason: str = ""
    waiver: int | None = None

    @property
    def label(self) -> str:
        return str(RequirementKey(self.key).label)

    @property
    def status_label(self) -> str:
        return str(RequirementStatus(self.status).label)

    @property
    def is_settled(self) -> bool:
        return self.status != RequirementStatus.UNMET


@dataclass(frozen=True)
class Completion:
    """`certificate`: the one that counts now, if any; it may not be issued yet."""

    requirements: tuple[Requirement, ...]
    certificate: Certificate | None

    @cached_property
    def is_complete(self) -> bool:
        return all(requirement.is_settled for requirement in self.requirements)

    @cached_property
    def is_met(self) -> bool:
        """Complete without a waiver: what the certificate may claim in full."""
        return all(one.status == RequirementStatus.MET for one in self.requirements)

    @cached_property
    def settled(self) -> int:
        return sum(requirement.is_settled for requirement in self.requirements)

    def requirement(self, key: str) -> Requirement:
        return next(found for found in self.requirements if found.key == key)


@dataclass(frozen=True)
class _Finding:
    """What the evidence alone says of a requirement."""

    missing: tuple[str, ...]
    done: tuple[str, ...]
    evidence: Evidence


def policy_of(edition: Edition) -> CompletionPolicy:
    """The edition's policy, or the brochure's rule where none was set."""
    return CompletionPolicy.objects.filter(edition=edition).first() or CompletionPolicy(
        edition=edition
    )


def completion_of(enrolment: Enrolment, *, progress: Any = None, sharing: Any = None) -> Completion:
    """Where a participant stands. A caller that has read the course progress or the
    sharing already hands them in."""
    found = _compose(
        enrolment.edition,
        [enrolment],
        progress={enrolment.pk: progress or course_progress(enrolment)},
        sharing={enrolment.pk: sharing or sharing_of(enrolment)},
    )
    return found[enrolment.pk]


def completion_of_many(edition: Edition, enrolments: Iterable[Enrolment]) -> dict[int, Completion]:
    """Enrolment id → completion, in a fixed number of queries."""
    people = list(enrolments)
    return _compose(
        edition,
        people,
        progress={
            row.enrolment.pk: row.progress for row in cohort_rows(cohort_outline(edition), people)
        },
        sharing=sharing_of_many(edition.pk, people),
    )


def _compose(
    edition: Edition,
    enrolments: list[Enrolment],
    *,
    progress: dict[int, Any],
    sharing: dict[int, Any],
) -> dict[int, Completion]:
    ids = [enrolment.pk for enrolment in enrolments]
    policy = policy_of(edition)
    attendance = attendance_of_many(edition, enrolments) if policy.requires_attendance else {}
    # Each member of a team has its project, whoever began it.
    submissions = {
        member.enrolment_id: member.submission
        for member in TeamMember.objects.present()
        .filter(enrolment__in=ids)
        .select_related("submission__grade__current")
        .defer("submission__sections")
    }
    presentations = {
        presentation.enrolment_id: presentation
        for presentation in Presentation.objects.standing().filter(enrolment__in=ids)
    }
    certificates = {
        certificate.enrolment_id: certificate
        for certificate in Certificate.objects.standing().filter(enrolment__in=ids)
    }
    decisions = latest_decisions(ids)

    def completion(of: int) -> Completion:
        findings = {
            RequirementKey.PARTICIPATION: _participation(policy, progress[of], attendance.get(of)),
            RequirementKey.SHARING: _sharing(policy, sharing[of]),
            RequirementKey.PROJECT: _project(
                policy, edition, submissions.get(of), presentations.get(of)
            ),
        }
        return Completion(
            requirements=tuple(
                _requirement(key, finding, decisions.get((of, key)))
                for key, finding in findings.items()
            ),
            certificate=certificates.get(of),
        )

    return {of: completion(of) for of in ids}


def latest_decisions(enrolment_ids: Iterable[int]) -> dict[tuple[int, str], RequirementDecision]:
    """(enrolment id, requirement key) → the decision in force. One query."""
    rows = RequirementDecision.objects.filter(enrolment__in=list(enrolment_ids)).order_by("number")
    return {(row.enrolment_id, row.key): row for row in rows}


def _requirement(key: str, finding: _Finding, decision: RequirementDecision | None) -> Requirement:
    """A waiver holds whatever the evidence says, until a coordinator ends it."""
    if decision is not None and decision.status == RequirementStatus.WAIVED:
        return Requirement(
            key=str(key),
            status=RequirementStatus.WAIVED.value,
            missing=(),
            done=finding.done,
            evidence=finding.evidence,
            reason=decision.reason,
            waiver=decision.pk,
        )
    status = RequirementStatus.UNMET if finding.missing else RequirementStatus.MET
    return Requirement(str(key), status.value, finding.missing, finding.done, finding.evidence)


def _participation(
    policy: CompletionPolicy, progress: Any, attendance: AttendanceSummary | None
) -> _Finding:
    """D15a: the online activities and the sessions of the week."""
    missing: list[str] = []
    done: list[str] = []
    states = [state for lesson in progress.lessons for state in lesson.activities]
    evidence: Evidence = {
        "activities": sorted(state.id for state in states if state.state == "done")
    }
    if policy.activity_percent:
        asked = -(-progress.total * policy.activity_percent // 100)
        if progress.total == 0:
            missing.append(_("The lessons are not published yet."))
        elif progress.done < asked:
            left = asked - progress.done
            missing.append(
                ngettext(
                    "Do %(count)d more activity of the lessons.",
                    "Do %(count)d more activities of the lessons.",
                    left,
                )
                % {"count": left}
            )
        if progress.done:
            done.append(
                _("Activities done: %(done)d of %(total)d.")
                % {"done": progress.done, "total": progress.total}
            )
    if attendance is not None:
        evidence["attendance"] = sorted(attendance.evidence)
        missing.extend(attendance.missing)
        if attendance.attended:
            done.append(
                _("Sessions that count: %(attended)d of %(required)d.")
                % {"attended": attendance.attended, "required": attendance.required}
            )
    return _Finding(tuple(missing), tuple(done), evidence)


def _sharing(policy: CompletionPolicy, sharing: Any) -> _Finding:
    """D15b: a published experience of one's city, substantive responses to peers."""
    done = []
    if sharing.experience_ids:
        count = len(sharing.experience_ids)
        done.append(
            ngettext("%(count)d experience published.", "%(count)d experiences published.", count)
            % {"count": count}
        )
    if sharing.response_ids:
        count = len(sharing.response_ids)
        done.append(
            ngettext("%(count)d response to others.", "%(count)d responses to others.", count)
            % {"count": count}
        )
    return _Finding(
        tuple(sharing.missing) if policy.requires_sharing else (),
        tuple(done),
        {
            "experiences": sorted(sharing.experience_ids),
            "responses": sorted(sharing.response_ids),
        },
    )


def _project(
    policy: CompletionPolicy,
    edition: Edition,
    submission: Submission | None,
    presentation: Presentation | None,
) -> _Finding:
    """D15c: graded as passed, and presented. Only a released grade counts, and
    nothing here differs before the release (invariant 9)."""
    missing: list[str] = []
    done: list[str] = []
    evidence: Evidence = {}
    if policy.requires_project:
        revision = _released_revision(submission)
        if revision is not None and revision.outcome == Outcome.PASSED:
            done.append(_("The project is graded as passed."))
            evidence["grade_revision"] = [revision.pk]
        else:
            missing.append(_project_sentence(submission, is_graded=revision is not None))
    if presentation is not None:
        done.append(_("Presented live."))
        evidence["presentation"] = [presentation.pk]
    elif policy.requires_presentation:
        missing.append(_("Present the project live in %(place)s.") % {"place": edition.place})
    return _Finding(tuple(missing), tuple(done), evidence)


def _released_revision(submission: Submission | None) -> Any:
    grade = getattr(submission, "grade", None)
    return grade.current if grade is not None and grade.is_visible_to_participant else None


def _project_sentence(submission: Submission | None, *, is_graded: bool) -> str:
    if is_graded:
        return _("The project was graded as not passed; ask the instructor what comes next.")
    if submission is None:
        return _("Write and submit the final project.")
    match submission.status:
        case SubmissionStatus.DRAFT | SubmissionStatus.WITHDRAWN:
            return _("Finish and submit the final project.")
        case SubmissionStatus.RETURNED_FOR_REVISION:
            return _("Revise the project and submit it again.")
        case _:
            return _("The project is with the instructors; its result is not released yet.")
