"""Everybody who takes part in an edition, with their project and their deadline."""

from collections.abc import Iterable
from dataclasses import dataclass

from assessments.enums import WITH_INSTRUCTORS
from assessments.models import PeerRound, Project, Submission, TeamMember
from assessments.selectors.deadlines import (
    EffectiveDeadline,
    effective_deadline_of,
    effective_deadlines_of,
)
from lms.programme.models import Enrolment


@dataclass(frozen=True)
class Standing:
    """Where one participant is with the final project. A team's members share it."""

    enrolment: Enrolment
    submission: Submission | None
    deadline: EffectiveDeadline

    @property
    def has_handed_in(self) -> bool:
        return self.submission is not None and self.submission.status in WITH_INSTRUCTORS


def standings_in(project: Project, only: Iterable[int] | None = None) -> list[Standing]:
    """By name. `only`: ids of enrolments. The same few queries however many there are."""
    enrolments = Enrolment.objects.filter(edition=project.edition_id).taking_part()
    if only is not None:
        enrolments = enrolments.filter(pk__in=list(only))
    people = list(enrolments.select_related("user", "city").order_by("user__name", "pk"))
    members = TeamMember.objects.present().filter(project=project, submission__parked_at=None)
    written = {
        member.enrolment_id: member.submission
        for member in members.select_related("submission__guidelines")
    }
    deadlines = effective_deadlines_of(project, written.values())
    for_nobody = effective_deadline_of(project, None)
    rows = []
    for enrolment in people:
        submission = written.get(enrolment.pk)
        deadline = deadlines[submission.pk] if submission else for_nobody
        rows.append(Standing(enrolment, submission, deadline))
    return rows


def people_of_round(peer_round: PeerRound) -> list[int]:
    """Ids of those a round of peer review is for: they take part, and still write."""
    return [
        standing.enrolment.user_id
        for standing in standings_in(peer_round.project)
        if not standing.has_handed_in
    ]
