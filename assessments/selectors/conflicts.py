"""Conflicts of interest that somebody has declared."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from assessments.models import DeclaredConflict, Submission, TeamMember
from lms.accounts.models import User
from lms.programme.models import Edition


@dataclass(frozen=True)
class Declared:
    """Ids of what somebody has declared not to judge."""

    submissions: frozenset[int]
    people: frozenset[int]
    cities: frozenset[int]


def declared_by(user: User) -> Declared:
    """One query: it is asked at every save of a mark."""
    rows = list(
        DeclaredConflict.objects.standing()
        .filter(person=user)
        .values_list("submission_id", "other_id", "city_id")
    )
    submissions, people, cities = (
        frozenset(row[column] for row in rows if row[column] is not None) for column in range(3)
    )
    return Declared(submissions, people, cities)


def declared_against(user: User) -> Exists:
    """The same as a condition on submissions."""
    standing = DeclaredConflict.objects.standing().filter(person=user)
    return Exists(
        standing.filter(
            Q(submission=OuterRef("pk")) | Q(other__enrolments__teams__submission=OuterRef("pk"))
        )
    )


def partial_by_declaration(submission: Submission) -> set[int]:
    """Everybody who has declared not to judge this project."""
    cities = set(submission.members.values_list("enrolment__city_id", flat=True))
    cities.add(submission.owner.city_id)
    declared = DeclaredConflict.objects.standing().filter(
        _with_project(submission.pk) | Q(city__in=cities)
    )
    return set(declared.values_list("person_id", flat=True))


def conflicts_in(edition: Edition, reader: User) -> QuerySet[DeclaredConflict]:
    """Of an edition, the newest first: all of them for its coordinators, one's own else."""
    return (
        DeclaredConflict.objects.visible_to(reader)
        .filter(edition=edition)
        .select_related(
            "person", "other", "city", "submission__owner__user", "declared_by", "withdrawn_by"
        )
        .order_by("-id")
    )


def _with_project(submission_id: int) -> Q:
    written = TeamMember.objects.filter(submission=submission_id, enrolment__user=OuterRef("other"))
    return Q(submission=submission_id) | Q(Exists(written), other__isnull=False)
