"""What a marker takes along to mark without a connection."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, QuerySet

from assessments.enums import BEING_MARKED, AssessmentStatus
from assessments.marking_sheets import OVERALL
from assessments.models import Assessment
from assessments.selectors.anonymity import ShownAs, shown_names
from assessments.selectors.marking import NO_MARK
from assessments.selectors.sections import Section, sections_of_attempt
from lms.accounts.models import User
from lms.programme.models import Edition


@dataclass(frozen=True)
class Packed:
    """A project in a pack. `rows`: as the sheet has them."""

    assessment: Assessment
    shown: ShownAs
    sections: tuple[Section, ...]
    rows: list[tuple[object, ...]]


def own_to_mark(edition: Edition, user: User) -> QuerySet[Assessment]:
    """What somebody has begun to mark and not handed in, or was given and has not begun, of
    attempts in hand."""
    return Assessment.objects.visible_to(user).filter(
        edition=edition,
        marker=user,
        status__in=(AssessmentStatus.ALLOCATED, AssessmentStatus.IN_MARKING),
        submission__status__in=BEING_MARKED,
        attempt__number=F("submission__attempt"),
    )


def pack_of(edition: Edition, user: User) -> list[Packed]:
    """As many queries for one project as for thirty."""
    assessments = list(
        own_to_mark(edition, user)
        .select_related("attempt__guidelines", "submission__owner__user", "submission__owner__city")
        .prefetch_related(
            "attempt__rubric__criteria__levels",
            "attempt__files__file__submission",
        )
        .order_by("received_at", "pk")
    )
    names = shown_names([one.submission for one in assessments], user)
    return [
        Packed(
            assessment=assessment,
            shown=names[assessment.submission_id],
            sections=sections_of_attempt(assessment.attempt),
            rows=list(_rows_of(assessment, names[assessment.submission_id])),
        )
        for assessment in assessments
    ]


def _rows_of(assessment: Assessment, shown: ShownAs) -> Iterator[tuple[object, ...]]:
    start = (
        assessment.attempt.receipt,
        str(assessment.pk),
        str(assessment.version),
        shown.person,
    )
    for criterion in assessment.attempt.rubric.criteria.all():
        mark = assessment.marks.get(criterion.key, NO_MARK)
        levels = "\n".join(
            f"{level.key}: {level.title} ({level.points.normalize():f})"
            for level in criterion.levels.all()
        )
        chosen = mark["level"] or ""
        yield (*start, criterion.key, criterion.title, levels, chosen, mark["comment"])
    yield (*start, OVERALL, "", "", "", assessment.overall)
