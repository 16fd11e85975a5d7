"""Allocation by rule: level loads, nobody partial, exactly what was shown."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.actions.allocation import (
    NothingToAllocate,
    PreviewOutdated,
    allocate_by_rule,
    preview_allocation,
)
from assessments.actions.conflicts import declare_conflict
from assessments.actions.languages import set_languages
from assessments.actions.marking import start_marking
from assessments.enums import AssessmentStatus
from assessments.models import AllocationRun, Assessment, Attempt
from assessments.selectors.allocation import Plan, Rule, plan_allocation
from lms.accounts.models import User
from lms.core.errors import InvalidInput, PermissionDenied
from lms.programme.models import Edition
from tests.factories.accounts import CityFactory
from tests.factories.marking import MARKED_AT, RECEIVED_AT, in_marking, project_in, submitted
from tests.factories.programme import EditionFactory, coordinator, enrol, instructor
from tests.queries import MANY
from tests.races import at_once


def waiting(edition: Edition, count: int, **fields: Any) -> list[Attempt]:
    return [
        submitted(edition, at=RECEIVED_AT + timedelta(minutes=n), **fields) for n in range(count)
    ]


def rule(*markers: User, **fields: Any) -> Rule:
    return Rule(markers=tuple(marker.pk for marker in markers), **fields)


def loads(plan: Plan) -> dict[str, tuple[int, int]]:
    return {load.marker.name: (load.held, load.then) for load in plan.loads}


def speaks(edition: Edition, user: User, reads: list[str], writes: str = "") -> None:
    set_languages(
        edition=edition, user=user, reads=reads, writes=writes, base_version=0, by=user,
        at=MARKED_AT,
    )  # fmt: skip


def test_loads_are_levelled_counting_what_markers_hold(edition: Edition) -> None:
    ana, ben, cem = (instructor(edition, name=name) for name in ("Ana", "Ben", "Cem"))
    for attempt in waiting(edition, 4):
        in_marking(attempt, ana)
    waiting(edition, 7)

    plan = plan_allocation(project_in(edition), rule(ana, ben, cem))

    assert loads(plan) == {"Ana": (4, 4), "Ben": (0, 4), "Cem": (0, 3)} or loads(plan) == {
        "Ana": (4, 4), "Ben": (0, 3), "Cem": (0, 4),
    }  # fmt: skip
    assert (len(plan.given), plan.left) == (7, [])


def test_projects_are_handed_along_so_that_all_hold_as_many(edition: Edition) -> None:
    """Taking them one by one, whoever may have all of them would end with too many."""
    nairobi = CityFactory.create(name="Nairobi")
    ana, ben = instructor(edition, name="Ana"), instructor(edition, name="Ben")
    enrol(ana, edition, nairobi)
    waiting(edition, 3, city=nairobi)
    waiting(edition, 3)

    plan = plan_allocation(project_in(edition), rule(ana, ben))

    assert loads(plan) == {"Ana": (0, 3), "Ben": (0, 3)}


def test_nobody_partial_and_only_in_a_language_they_read(edition: Edition) -> None:
    nairobi = CityFactory.create(name="Nairobi")
    ana, ben = instructor(edition, name="Ana"), instructor(edition, name="Ben")
    enrol(ana, edition, nairobi)
    speaks(edition, ana, ["en", "es"])
    speaks(edition, ben, ["en"])
    [own_city], [spanish], [known] = (
        waiting(edition, 1, city=nairobi),
        *(waiting(edition, 1) for _ in range(2)),
    )
    speaks(edition, spanish.owner.user, [], "es")
    speaks(edition, own_city.owner.user, [], "es")
    declare_conflict(
        edition=edition, person=ana, other=known.owner.user, reason="A friend.", by=ana,
        at=MARKED_AT,
    )  # fmt: skip

    plan = plan_allocation(project_in(edition), rule(ana, ben))
    without = plan_allocation(project_in(edition), rule(ana, ben, match_language=False))

    given = {item.place.attempt_id: marker for item, marker in plan.given}
    assert given == {spanish.pk: ana.pk, known.pk: ben.pk}
    assert [(item.place.attempt_id, item.reason) for item in plan.left] == [
        (own_city.pk, "Nobody chosen who may mark it reads “es”.")
    ]
    assert without.left == []
    alone = plan_allocation(project_in(edition), rule(ana, match_language=False))
    assert {item.place.attempt_id for item in alone.left} == {own_city.pk, known.pk}


def test_nobody_gets_more_than_the_most(edition: Edition) -> None:
    ana, ben = instructor(edition, name="Ana"), instructor(edition, name="Ben")
    waiting(edition, 7)

    plan = plan_allocation(project_in(edition), rule(ana, ben, most=3))

    assert loads(plan) == {"Ana": (0, 3), "Ben": (0, 3)}
    assert len(plan.left) == 1


def test_exactly_what_was_shown_is_done_once(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    ana, ben, boss = instructor(edition), instructor(edition), coordinator(edition)
    project = project_in(edition)
    attempts = waiting(edition, 4)
    wanted = rule(ana, ben)
    shown = preview_allocation(project=project, rule=wanted, by=boss)
    apply = {"project": project, "rule": wanted, "digest": shown.digest, "by": boss}

    with django_capture_on_commit_callbacks(execute=True):
        run = allocate_by_rule(**apply, at=MARKED_AT)
        again = allocate_by_rule(**apply, at=MARKED_AT)

    assert again == run
    held = Assessment.objects.active().values_list("attempt_id", "marker_id")
    assert dict(held) == {item.place.attempt_id: marker for item, marker in shown.given}
    assert len(held) == len(attempts)
    assert sorted(message.to for message in mail.outbox) == sorted([[ana.email], [ben.email]])
    assert "2 projects" in mail.outbox[0].body
    outdated = preview_allocation(project=project, rule=wanted, by=boss).digest
    with pytest.raises(NothingToAllocate):
        allocate_by_rule(**{**apply, "digest": outdated}, at=MARKED_AT)


@pytest.mark.parametrize("change", ["comes", "begun"])
def test_what_changed_since_is_refused_whole(edition: Edition, change: str) -> None:
    ana, ben, boss = instructor(edition), instructor(edition), coordinator(edition)
    project = project_in(edition)
    attempts = waiting(edition, 3)
    shown = preview_allocation(project=project, rule=rule(ana), by=boss)
    if change == "comes":
        waiting(edition, 1)
    else:
        in_marking(attempts[0], ben)
    before = Assessment.objects.count()

    with pytest.raises(PreviewOutdated):
        allocate_by_rule(
            project=project, rule=rule(ana), digest=shown.digest, by=boss, at=MARKED_AT
        )
    assert (Assessment.objects.count(), AllocationRun.objects.count()) == (before, 0)


def test_what_is_not_begun_is_allocated_anew(edition: Edition) -> None:
    ana, ben, boss = (*(instructor(edition, name=n) for n in ("Ana", "Ben")), coordinator(edition))
    project = project_in(edition)
    begun, *_rest = waiting(edition, 5)
    first = preview_allocation(project=project, rule=rule(ana), by=boss)
    allocate_by_rule(project=project, rule=rule(ana), digest=first.digest, by=boss, at=MARKED_AT)
    in_marking(begun, ana)
    wanted = rule(ana, ben, again=(ana.pk,))

    plan = preview_allocation(project=project, rule=wanted, by=boss)
    allocate_by_rule(project=project, rule=wanted, digest=plan.digest, by=boss, at=MARKED_AT)

    assert loads(plan) in ({"Ana": (5, 3), "Ben": (0, 2)}, {"Ana": (5, 2), "Ben": (0, 3)})
    assert Assessment.objects.get(attempt=begun).status == AssessmentStatus.IN_MARKING
    assert Assessment.objects.active().filter(marker=ben).count() == len(plan.given)


def test_who_allocates(edition: Edition) -> None:
    ana, boss = instructor(edition), coordinator(edition)
    project = project_in(edition)
    with pytest.raises(PermissionDenied):
        preview_allocation(project=project, rule=rule(ana), by=ana)
    for wrong in (rule(), rule(boss), rule(ana, most=0)):
        with pytest.raises(InvalidInput):
            preview_allocation(project=project, rule=wrong, by=boss)


def test_the_pages_preview_apply_and_say_what_changed(edition: Edition, client: Client) -> None:
    ana, boss = instructor(edition, name="Ana"), coordinator(edition)
    waiting(edition, 2)
    client.force_login(boss)
    page = reverse("assessments:allocation", args=[edition.slug])
    sent = {"markers": [ana.pk], "match_language": "on"}
    shown = client.get(page, sent)
    table = client.get(reverse("assessments:allocation_csv", args=[edition.slug]), sent)
    digest = shown.context["plan"].digest
    waiting(edition, 1)
    refused = client.post(
        reverse("assessments:apply_allocation", args=[edition.slug]), sent | {"digest": digest}
    )
    digest = refused.context["plan"].digest
    done = client.post(
        reverse("assessments:apply_allocation", args=[edition.slug]), sent | {"digest": digest}
    )

    assert "2 projects would be given." in shown.content.decode()
    assert len(table.content.decode().splitlines()) == 3
    assert refused.status_code == 409
    assert "Something changed since this preview" in refused.content.decode()
    assert done.status_code == 302
    assert Assessment.objects.filter(marker=ana).count() == 3


@pytest.mark.parametrize("name", ["allocation", "allocation_csv"])
def test_the_preview_costs_the_same_for_one_and_for_many(
    edition: Edition, client: Client, name: str
) -> None:
    markers = [instructor(edition) for _ in range(3)]
    client.force_login(coordinator(edition))
    sent = {"markers": [marker.pk for marker in markers]}

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(reverse(f"assessments:{name}", args=[edition.slug]), sent)
        assert answer.status_code == 200
        return len(captured)

    waiting(edition, 1)
    queries()
    one = queries()
    waiting(edition, MANY - 1)
    assert queries() == one


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_apply_at_once_allocate_once() -> None:
    edition = EditionFactory.create()
    ana, bosses = instructor(edition), [coordinator(edition) for _ in range(2)]
    project = project_in(edition)
    waiting(edition, 4)
    digest = plan_allocation(project, rule(ana)).digest

    results = at_once(
        *(
            lambda boss=boss: allocate_by_rule(
                project=project, rule=rule(ana), digest=digest, by=boss, at=MARKED_AT
            )
            for boss in bosses
        )
    )

    assert results[0] == results[1]
    assert Assessment.objects.count() == 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_whoever_begins_one_while_it_is_allocated_waits_for_nobody_who_waits_for_them() -> None:
    """Beginning refers to the project in the queue, at the commit; allocating holds the
    project and waits for the row of whoever begins."""
    edition = EditionFactory.create()
    ana, boss = instructor(edition), coordinator(edition)
    project = project_in(edition)
    [attempt] = waiting(edition, 1)
    digest = plan_allocation(project, rule(ana)).digest
    has_begun = threading.Event()

    def begin() -> Assessment:
        with transaction.atomic():
            begun = start_marking(submission=attempt.submission, by=ana, at=MARKED_AT)
            has_begun.set()
            wait_until_somebody_waits_for_us()
        return begun

    def allocate() -> AllocationRun:
        has_begun.wait(timeout=10)
        return allocate_by_rule(
            project=project, rule=rule(ana), digest=digest, by=boss, at=MARKED_AT
        )

    results = at_once(begin, allocate)

    assert [type(result) for result in results] == [Assessment, PreviewOutdated]


def wait_until_somebody_waits_for_us() -> None:
    """For a lock that this transaction holds; ten seconds at most."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("Nobody waited.")
