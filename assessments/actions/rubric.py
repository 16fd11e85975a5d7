"""Publishing a rubric: a new version with its criteria and levels, or none."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from assessments.actions.guidelines import freeze_conditions
from assessments.enums import UNDECIDED_GRADE
from assessments.models import Criterion, Grade, Level, Rubric, RubricVersion, Submission
from assessments.rubric_content import clean_rubric
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.permissions import require_perm


@transaction.atomic
def publish_rubric(
    *, rubric: Rubric, content: Mapping[str, Any], by: User | None, at: datetime
) -> RubricVersion:
    """Freeze `content` as a new version, unless the latest one says the same.

    `content`: {"pass_percent", "criteria": [{"key", "title", "description",
    "weight", "levels": [{"key", "title", "points", "descriptor"}]}]}. Weights add
    up to 100. `by` None: the system published (the first loading). Grades that are
    not released yet need another look (invariant 7). Raises InvalidInput.
    """
    rubric = Rubric.objects.select_for_update(of=("self",), no_key=True).get(pk=rubric.pk)
    if by is not None:
        require_perm(by, "assessments.publish_rubric", rubric)
    clean = clean_rubric(content)
    digest = hash_of(clean)
    latest = rubric.versions.first()
    if latest is not None and latest.sha256 == digest:
        return latest

    version = RubricVersion.objects.create(
        rubric=rubric,
        number=latest.number + 1 if latest else 1,
        sha256=digest,
        pass_percent=Decimal(clean["pass_percent"]),
        created_at=at,
        created_by=by,
    )
    for order, criterion in enumerate(clean["criteria"]):
        _store_criterion(version, order, criterion)
    # The projects of editions before those of participants, as a deadline and an allocation do.
    marked_on_it = list(rubric.projects.select_for_update(of=("self",), no_key=True))
    unsettled = Grade.objects.filter(
        attempt__rubric__rubric=rubric, status__in=UNDECIDED_GRADE, needs_regrade=False
    )
    # The submissions first, as everybody else locks them: who marks changes a grade and its
    # place in the queue, and would wait here for the one while holding the other.
    of_these = Submission.objects.filter(pk__in=unsettled.values("submission"))
    list(of_these.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    for grade in unsettled.select_for_update(of=("self",)):
        grade.needs_regrade = True
        grade.version += 1
        grade.save(update_fields=["needs_regrade", "version"])
        audit.record(by=by, verb="grade.needs_regrade", target=grade, at=at, rubric=version.number)
    audit.record(
        by=by, verb="rubric.published", target=version, at=at, number=version.number, sha256=digest
    )
    for project in marked_on_it:
        freeze_conditions(project=project, by=by, at=at)
    return version


def _store_criterion(version: RubricVersion, order: int, content: dict[str, Any]) -> None:
    criterion = Criterion.objects.create(
        version=version,
        key=content["key"],
        title=content["title"],
        description=content["description"],
        weight=Decimal(content["weight"]),
        order=order,
    )
    Level.objects.bulk_create(
        Level(
            criterion=criterion,
            key=level["key"],
            title=level["title"],
            points=Decimal(level["points"]),
            descriptor=level["descriptor"],
            order=place,
        )
        for place, level in enumerate(content["levels"])
    )
