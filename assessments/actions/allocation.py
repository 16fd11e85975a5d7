"""Allocating many projects by rule, exactly as the preview showed it."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from assessments import tasks
from assessments.actions.marking import move_assessment
from assessments.actions.queueing import places_kept_together
from assessments.enums import AssessmentStatus, MarkerRole
from assessments.models import AllocationRun, Assessment, Project, Submission
from assessments.selectors.allocation import Plan, Rule, markers_of, plan_allocation
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_in_person


class PreviewOutdated(Conflict):
    """Something changed since the preview: nothing was allocated."""

    code = "preview_outdated"


class NothingToAllocate(Conflict):
    """The rule gives nobody anything."""

    code = "nothing_to_allocate"


def preview_allocation(*, project: Project, rule: Rule, by: User) -> Plan:
    """What would be given to whom. Raises InvalidInput for a rule that names nobody."""
    require_in_person(by, "assessments.coordinate_marking", project)
    _require_rule(project, rule)
    return plan_allocation(project, rule, by=by)


@transaction.atomic
def allocate_by_rule(
    *, project: Project, rule: Rule, digest: str, by: User, at: datetime
) -> AllocationRun:
    """Do what was previewed as `digest`, all of it or nothing; asked again, the same run is
    answered. Raises PreviewOutdated, NothingToAllocate, InvalidInput."""
    require_in_person(by, "assessments.coordinate_marking", project)
    # Two who press at once: the second waits here and finds the run of the first. Not the
    # key: whoever begins one of them holds its row and refers to the project in the queue.
    Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    done = AllocationRun.objects.filter(project=project, digest=digest).first()
    if done is not None:
        return done
    _require_rule(project, rule)
    shown = plan_allocation(project, rule, by=by)
    if shown.digest != digest:
        raise _outdated()
    # Whoever begins, withdraws or hands over one of them holds its row.
    ids = sorted(item.place.submission_id for item, _marker in shown.given)
    list(Submission.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    plan = plan_allocation(project, rule, by=by)
    if plan.digest != digest:
        raise _outdated()
    if not plan.given:
        raise NothingToAllocate(_("There is nothing to allocate by this rule."))
    run = AllocationRun.objects.create(
        project=project,
        number=plan.number + 1,
        digest=digest,
        rule=rule.as_json(),
        allocations=plan.allocations(),
        at=at,
        by=by,
    )
    with places_kept_together():
        _take_back(plan, run, by=by, at=at)
        _give(plan, project, run, by=by, at=at)
    _tell(plan, run)
    audit.record(
        by=by, verb="marking.allocated", target=run, at=at, projects=len(plan.given),
        rule=run.rule,
    )  # fmt: skip
    return run


def _require_rule(project: Project, rule: Rule) -> None:
    known = {marker.pk for marker in markers_of(project)}
    errors = {}
    if not rule.markers or not set(rule.markers) <= known:
        errors["markers"] = [_("Choose instructors of this edition.")]
    if rule.most is not None and not 1 <= rule.most <= 10_000:
        errors["most"] = [_("Give a number from 1 to 10,000.")]
    if errors:
        raise InvalidInput(errors=errors)


def _outdated() -> PreviewOutdated:
    return PreviewOutdated(
        _(
            "Something changed since this preview: a project came, was begun or was handed "
            "over. Nothing was allocated. Look at the new preview."
        )
    )


def _take_back(plan: Plan, run: AllocationRun, *, by: User, at: datetime) -> None:
    moved = {item.place.attempt_id: marker for item, marker in plan.given if item.before}
    present = Assessment.objects.active().filter(attempt__in=moved, role=MarkerRole.FIRST)
    for assessment in present.select_for_update(of=("self",)):
        move_assessment(assessment, AssessmentStatus.REASSIGNED)
        audit.record(
            by=by, verb="assessment.reassigned", target=assessment, at=at, run=run.number,
            to=moved[assessment.attempt_id],
        )  # fmt: skip


def _give(plan: Plan, project: Project, run: AllocationRun, *, by: User, at: datetime) -> None:
    made = Assessment.objects.bulk_create(
        [
            Assessment(
                edition_id=project.edition_id,
                submission_id=item.place.submission_id,
                attempt_id=item.place.attempt_id,
                marker_id=marker,
                role=MarkerRole.FIRST,
                received_at=item.place.received_at,
                allocated_at=at,
                allocated_by=by,
            )
            for item, marker in plan.given
        ],
        batch_size=500,
    )
    events = [
        ("assessment.allocated", one, {"run": run.number, "marker": one.marker_id}) for one in made
    ]
    audit.record_all(by=by, at=at, events=events)


def _tell(plan: Plan, run: AllocationRun) -> None:
    """One letter to each who has more to mark now, and to each who has less."""
    given: dict[int, int] = defaultdict(int)
    taken: dict[int, int] = defaultdict(int)
    for item, marker in plan.given:
        given[marker] += 1
        if item.before is not None:
            taken[item.before] += 1
    for user_id in sorted({*given, *taken}):
        outbox.enqueue(
            tasks.send_allocated,
            run_id=run.pk,
            user_id=user_id,
            given=given[user_id],
            taken=taken[user_id],
        )
