"""The way of an experience from draft to archive, and who may move it."""

from datetime import datetime
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from lms.core.errors import IllegalMove, InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from peer_exchange.actions import (
    archive_experience,
    clear_experience,
    publish_experience,
    return_experience,
    submit_experience,
)
from peer_exchange.enums import ExperienceStatus, TransferStatus
from peer_exchange.models import CityExperience, ExperienceRevision
from peer_exchange.workflow import EXPERIENCE_MOVES, TRANSFER_MOVES
from tests.factories.accounts import AdministratorFactory, CityFactory
from tests.factories.peer_exchange import draft, published, submitted, waiting
from tests.factories.programme import (
    EditionFactory,
    city_team_member,
    coordinator,
    instructor,
    moderator,
    participant,
)

pytestmark = pytest.mark.django_db
S = ExperienceStatus


def test_experience_goes_from_draft_to_archive(
    edition: Edition, at: datetime, heard: list, django_capture_on_commit_callbacks: Any
) -> None:
    """City experience: draft → city_clearance → in_moderation → published → archived."""
    experience = draft(edition)
    author, mod = experience.created_by, moderator(edition)

    submit_experience(experience=experience, base_version=3, by=author, at=at)
    cleared = clear_experience(
        base_version=3,
        experience=experience,
        official="M. Otieno, chief of staff",
        by=author,
        at=at,
    )
    assert (cleared.status, cleared.cleared_by_name) == (
        S.IN_MODERATION,
        "M. Otieno, chief of staff",
    )
    with django_capture_on_commit_callbacks(execute=True):
        publish_experience(base_version=3, experience=experience, by=mod, at=at)
    archived = archive_experience(
        base_version=3, experience=experience, reason="Overtaken.", by=author, at=at
    )

    assert archived.status == S.ARCHIVED
    revision = ExperienceRevision.objects.get()
    assert revision.content["context"] == experience.context
    assert revision.content["authors"] == [author.pk]
    assert revision.cleared_by_name == "M. Otieno, chief of staff"
    assert [message.to for message in mail.outbox] == [[author.email]]
    enrolment = author.enrolments.get()
    assert heard == [([enrolment.pk], at)] * 2


def test_submission_says_what_is_missing(edition: Edition, at: datetime) -> None:
    experience = draft(edition, failed="  ", summary="")
    experience.themes.clear()
    experience.facets.filter(kind="scope").delete()

    with pytest.raises(InvalidInput) as refusal:
        submit_experience(experience=experience, base_version=3, by=experience.created_by, at=at)

    assert set(refusal.value.errors) == {"failed", "summary", "themes", "scopes"}
    assert CityExperience.objects.get().status == S.DRAFT


def test_submission_of_a_text_somebody_changed_meanwhile_is_refused(
    edition: Edition, at: datetime
) -> None:
    experience = draft(edition)
    with pytest.raises(StaleVersion):
        submit_experience(experience=experience, base_version=2, by=experience.created_by, at=at)


def test_nobody_answers_for_a_text_that_changed_after_they_read_it(
    edition: Edition, at: datetime
) -> None:
    with_city, with_moderators = submitted(edition), waiting(edition)
    with pytest.raises(StaleVersion):
        clear_experience(
            experience=with_city, official="A", base_version=2, by=with_city.created_by, at=at
        )
    with pytest.raises(StaleVersion):
        publish_experience(experience=with_moderators, base_version=2, by=moderator(edition), at=at)


def test_clearance_names_an_official(edition: Edition, at: datetime) -> None:
    experience = submitted(edition)
    with pytest.raises(InvalidInput):
        clear_experience(
            base_version=3, experience=experience, official="  ", by=experience.created_by, at=at
        )


def test_return_carries_a_reason_and_takes_the_clearance_back(
    edition: Edition, at: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    experience, mod = waiting(edition), moderator(edition)
    with pytest.raises(InvalidInput):
        return_experience(base_version=3, experience=experience, reason=" ", by=mod, at=at)

    with django_capture_on_commit_callbacks(execute=True):
        returned = return_experience(
            base_version=3, experience=experience, reason="Name sources.", by=mod, at=at
        )

    assert (returned.status, returned.returned_reason) == (S.DRAFT, "Name sources.")
    assert (returned.cleared_at, returned.cleared_by_name) == (None, "")
    assert "Name sources." in mail.outbox[0].body
    again = submit_experience(
        experience=experience, base_version=returned.version, by=experience.created_by, at=at
    )
    assert (again.returned_at, again.returned_reason) == (None, "")


def test_city_returns_its_own_text_from_clearance(edition: Edition, at: datetime) -> None:
    experience = submitted(edition)
    returned = return_experience(
        base_version=3,
        experience=experience,
        reason="The mayor wants figures.",
        by=experience.created_by,
        at=at,
    )
    assert returned.status == S.DRAFT


MAKERS = {
    S.DRAFT: draft,
    S.CITY_CLEARANCE: submitted,
    S.IN_MODERATION: waiting,
    S.PUBLISHED: published,
}


def _actions(experience: CityExperience, at: datetime) -> dict[S, list[Any]]:
    """Target state → calls that lead there, by somebody who may."""
    author = experience.created_by
    mod = moderator(experience.edition)
    return {
        S.CITY_CLEARANCE: [
            lambda: submit_experience(
                experience=experience, base_version=experience.version, by=author, at=at
            )
        ],
        S.IN_MODERATION: [
            lambda: clear_experience(
                base_version=3, experience=experience, official="A", by=author, at=at
            )
        ],
        S.DRAFT: [
            lambda: return_experience(
                base_version=3, experience=experience, reason="B", by=mod, at=at
            )
        ],
        S.PUBLISHED: [
            lambda: publish_experience(base_version=3, experience=experience, by=mod, at=at)
        ],
        S.ARCHIVED: [
            lambda: archive_experience(
                base_version=3, experience=experience, reason="C", by=author, at=at
            )
        ],
    }


FORBIDDEN = [
    (state, target)
    for state in MAKERS
    for target in S
    if not EXPERIENCE_MOVES.allows(state, target)
]


@pytest.mark.parametrize(("state", "target"), FORBIDDEN)
def test_forbidden_moves_are_refused(edition: Edition, at: datetime, state: S, target: S) -> None:
    experience = MAKERS[state](edition)
    for move in _actions(experience, at)[target]:
        with pytest.raises(IllegalMove):
            move()
    assert CityExperience.objects.get().status == state


def test_tables_hold_every_state() -> None:
    assert set(EXPERIENCE_MOVES.terminal) == {S.ARCHIVED}
    assert set(TRANSFER_MOVES.terminal) == {TransferStatus.SUSTAINED, TransferStatus.STOPPED}
    stopping = {state for state, to in TRANSFER_MOVES.pairs() if to == TransferStatus.STOPPED}
    assert stopping == set(TransferStatus) - set(TRANSFER_MOVES.terminal)


def test_nobody_moderates_their_own_city(edition: Edition, at: datetime) -> None:
    city = CityFactory.create()
    experience = waiting(edition, city)
    author = experience.created_by
    with_moderator_role = [author, city_team_member(edition, city)]
    for user in with_moderator_role:
        user.roles.create(edition=edition, role="moderator")
        user.forget_roles()
    administrator_of_the_city = AdministratorFactory.create()
    administrator_of_the_city.roles.create(edition=edition, role="city_team", city=city)

    for user in [*with_moderator_role, administrator_of_the_city]:
        with pytest.raises(PermissionDenied):
            publish_experience(base_version=3, experience=experience, by=user, at=at)
        with pytest.raises(PermissionDenied):
            return_experience(base_version=3, experience=experience, reason="No.", by=user, at=at)


def test_publication_takes_a_moderator_of_the_edition(edition: Edition, at: datetime) -> None:
    experience = waiting(edition)
    elsewhere = moderator(EditionFactory.create())
    for user in (participant(edition), instructor(edition), coordinator(edition), elsewhere):
        with pytest.raises(PermissionDenied):
            publish_experience(base_version=3, experience=experience, by=user, at=at)


def test_a_role_taken_away_a_moment_ago_does_not_publish(edition: Edition, at: datetime) -> None:
    experience, mod = waiting(edition), moderator(edition)
    assert mod.has_perm("peer_exchange.publish_experience", experience)
    mod.roles.all().delete()
    with pytest.raises(PermissionDenied):
        publish_experience(base_version=3, experience=experience, by=mod, at=at)


def test_other_city_neither_submits_nor_clears_nor_archives(edition: Edition, at: datetime) -> None:
    stranger = participant(edition)
    with pytest.raises(PermissionDenied):
        submit_experience(experience=draft(edition), base_version=3, by=stranger, at=at)
    with pytest.raises(PermissionDenied):
        clear_experience(
            base_version=3, experience=submitted(edition), official="Me", by=stranger, at=at
        )
    with pytest.raises(PermissionDenied):
        archive_experience(
            base_version=3, experience=published(edition), reason="Mine.", by=stranger, at=at
        )


@pytest.mark.parametrize(
    ("make", "broken"),
    [
        (draft, {"status": "published"}),
        (draft, {"status": "nonsense"}),
        (draft, {"visibility": "nonsense"}),
        (draft, {"returned_reason": "no date"}),
        (waiting, {"cleared_by_name": ""}),
        (waiting, {"cleared_by": None}),
        (waiting, {"status": "draft"}),
        (published, {"published_by": None}),
        (published, {"status": "archived"}),
        (published, {"archived_reason": "no state"}),
    ],
)
def test_database_refuses_half_recorded_states(
    edition: Edition, make: Any, broken: dict[str, Any]
) -> None:
    experience = make(edition)
    with pytest.raises(IntegrityError), transaction.atomic():
        CityExperience.objects.filter(pk=experience.pk).update(**broken)


def test_published_text_never_changes(edition: Edition, at: datetime) -> None:
    """Invariant 16."""
    experience = waiting(edition)
    publish_experience(base_version=3, experience=experience, by=moderator(edition), at=at)
    table = ExperienceRevision._meta.db_table
    for statement in (f"UPDATE {table} SET number = 9", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
