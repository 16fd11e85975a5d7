"""A published text changes: the new version goes the same way, the published one stays."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import Conflict, PermissionDenied, StaleVersion
from lms.core.models import AuditEvent, OutboxMessage
from lms.programme.models import Edition
from peer_exchange import tasks
from peer_exchange.actions import (
    archive_experience,
    attach,
    clear_experience,
    give_up_reworking,
    publish_experience,
    rework_experience,
    save_experience,
    submit_experience,
    take_up_reworking,
)
from peer_exchange.enums import ExperienceStatus, Visibility
from peer_exchange.models import CityExperience
from peer_exchange.selectors.revisions import revisions_for, texts_of_revision, version_rows
from tests.factories.accounts import UserFactory
from tests.factories.peer_exchange import response_of, waiting
from tests.factories.pictures import drawing
from tests.factories.programme import EditionFactory, moderator, participant

pytestmark = pytest.mark.django_db


def out(edition: Edition, **fields: Any) -> CityExperience:
    """A text that was really published: its first version is kept."""
    experience = waiting(edition, **fields)
    now = clock.now() - timedelta(hours=1)
    return publish_experience(experience=experience, base_version=3, by=moderator(edition), at=now)


def change(experience: CityExperience, at: datetime, **values: Any) -> CityExperience:
    author = experience.created_by
    reworking = rework_experience(experience=experience, by=author, at=at)
    return save_experience(
        experience=reworking, base_version=reworking.version, values=values, by=author, at=at
    )


def to_moderation(
    reworking: CityExperience, at: datetime, embargo_until: datetime | None = None
) -> CityExperience:
    author = reworking.created_by
    version = {"base_version": reworking.version, "by": author, "at": at}
    submit_experience(experience=reworking, **version)
    return clear_experience(
        experience=reworking, official="A. Mayor", embargo_until=embargo_until, **version
    )


def publish(reworking: CityExperience, by: User, at: datetime) -> CityExperience:
    publish_experience(experience=reworking, base_version=reworking.version, by=by, at=at)
    return CityExperience.objects.get(pk=reworking.revises_id)


def test_published_text_stays_until_the_new_version_takes_its_place(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition, context="Three markets.")
    response_of(participant(edition), experience)
    peer = participant(edition)
    reworking = to_moderation(change(experience, at, context="Four markets.", title="Better"), at)

    # All the way through clearance and moderation readers have what they had.
    assert list(CityExperience.objects.visible_to(peer)) == [experience]
    assert CityExperience.objects.visible_to(peer).get().plain_texts["context"] == "Three markets."

    now = publish(reworking, moderator(edition), at)
    assert (now.pk, now.plain_texts["context"], now.title) == (
        experience.pk, "Four markets.", "Better",
    )  # fmt: skip
    assert (now.status, now.responses.count(), now.revisions.count()) == ("published", 1, 2)
    assert CityExperience.objects.get(pk=reworking.pk).status == ExperienceStatus.ARCHIVED
    assert list(CityExperience.objects.visible_to(peer)) == [now]
    assert AuditEvent.objects.filter(verb="experience.revised").count() == 1


def test_readers_look_back_to_earlier_versions_and_see_what_changed(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition, context="Three markets sort.")
    publish(to_moderation(change(experience, at, context="Four markets sort."), at),
            moderator(edition), at)  # fmt: skip
    newest, first = version_rows(list(revisions_for(participant(edition), experience)))

    assert (newest.revision.number, newest.is_newest, first.changes) == (2, True, None)
    assert [one.name for one in newest.changes or ()] == ["context"]
    assert "<del>Three</del>" in str((newest.changes or [])[0].difference.html)
    assert texts_of_revision(first.revision)["context"] == "<p>Three markets sort.</p>"


def test_version_for_fewer_readers_is_not_opened_by_a_later_one(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition, visibility=Visibility.COHORT, context="Between ourselves.")
    reworking = change(experience, at, visibility=Visibility.PUBLIC, context="For everybody.")
    now = publish(to_moderation(reworking, at), moderator(edition), at)

    of_programme = participant(EditionFactory.create(programme=edition.programme))
    for reader in (AnonymousUser(), UserFactory.create(), of_programme):
        assert list(CityExperience.objects.visible_to(reader)) == [now]
        assert [one.number for one in revisions_for(reader, now)] == [2]
        assert [one.number for one in revisions_for(reader)] == [2]
    assert [one.number for one in revisions_for(participant(edition), now)] == [2, 1]


def test_new_version_under_embargo_takes_the_place_on_its_day(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition, context="Before the vote.")
    until = at + timedelta(days=2)
    reworking = to_moderation(change(experience, at, context="After the vote."), at, until)

    waits = publish(reworking, moderator(edition), at)
    assert waits.plain_texts["context"] == "Before the vote."
    promised = OutboxMessage.objects.get(task=tasks.end_embargo.name)
    assert promised.available_at >= until - timedelta(minutes=1)
    tasks.end_embargo(reworking.pk)
    assert CityExperience.objects.get(pk=experience.pk).context == experience.context

    CityExperience.objects.filter(pk=reworking.pk).update(embargo_until=at)
    tasks.end_embargo(reworking.pk)
    tasks.end_embargo(reworking.pk)
    now = CityExperience.objects.get(pk=experience.pk)
    assert (now.plain_texts["context"], now.revisions.count()) == ("After the vote.", 2)


def test_one_new_version_at_a_time_however_often_asked(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition)
    author = experience.created_by
    first = rework_experience(experience=experience, by=author, at=at)
    assert rework_experience(experience=experience, by=author, at=at) == first
    with pytest.raises(Conflict):
        rework_experience(experience=first, by=author, at=at)
    for stranger in (participant(edition), moderator(edition)):
        with pytest.raises(PermissionDenied):
            rework_experience(experience=experience, by=stranger, at=at)


def test_new_version_is_given_up_and_taken_up_again(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition)
    author = experience.created_by
    reworking = change(experience, at, title="Never mind")
    with pytest.raises(StaleVersion):
        give_up_reworking(experience=reworking, base_version=0, by=author, at=at)
    given_up = give_up_reworking(
        experience=reworking, base_version=reworking.version, by=author, at=at
    )
    assert given_up.given_up_at == at
    with pytest.raises(Conflict):
        save_experience(
            experience=given_up, base_version=given_up.version, values={"title": "x"},
            by=author, at=at,
        )  # fmt: skip
    again = rework_experience(experience=experience, by=author, at=at)
    assert (again.pk, again.title, again.given_up_at) == (reworking.pk, "Never mind", None)
    with pytest.raises(Conflict):
        take_up_reworking(experience=again, by=author, at=at)


def test_archived_text_gets_no_new_version(edition: Edition) -> None:
    at = clock.now()
    experience = out(edition)
    reworking = to_moderation(change(experience, at, title="Late"), at)
    archive_experience(
        experience=experience, base_version=3, reason="Wrong.", by=experience.created_by, at=at
    )
    with pytest.raises(Conflict, match="left the exchange"):
        publish_experience(
            experience=reworking, base_version=reworking.version, by=moderator(edition), at=at
        )


def test_pictures_and_authors_come_along_and_keep_their_address(edition: Edition) -> None:
    at = clock.now()
    experience = waiting(edition)
    author = experience.created_by
    CityExperience.objects.filter(pk=experience.pk).update(
        status="draft", submitted_at=None, submitted_by=None, cleared_at=None, cleared_by=None,
        cleared_by_name="",
    )  # fmt: skip
    kept = attach(
        experience=experience, kind="picture", upload=drawing(), by=author, at=at, alt="A"
    )
    gone = attach(
        experience=experience, kind="picture", upload=drawing("b.png", (320, 200)), by=author,
        at=at, alt="B",
    )  # fmt: skip
    experience = publish_experience(
        experience=to_moderation(experience, at), base_version=3, by=moderator(edition),
        at=at,
    )  # fmt: skip
    reworking = rework_experience(experience=experience, by=author, at=at)
    first, second = sorted(reworking.files.attached(), key=lambda one: one.alt)
    reworking = save_experience(
        experience=reworking, base_version=reworking.version, by=author, at=at,
        values={f"alt:{first.pk}": "A red plan"},
    )  # fmt: skip
    second.removed_at, second.removed_by = at, author
    second.save()
    colleague = participant(edition, experience.city)
    reworking.authorships.create(user=colleague, added_at=at, added_by=author)

    now = publish(to_moderation(reworking, at), moderator(edition), at)

    assert [(one.pk, one.alt) for one in now.files.attached()] == [(kept.pk, "A red plan")]
    assert gone.pk not in now.files.attached().values_list("pk", flat=True)
    assert set(now.authors.all()) == {author, colleague}
