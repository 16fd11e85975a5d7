"""Two people at once, on PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from lms.accounts.models import User
from lms.core.errors import Conflict, IllegalMove, PermissionDenied, StaleVersion
from peer_exchange.actions import (
    archive_experience,
    change_embargo,
    clear_experience,
    publish_experience,
    respond_to_experience,
    return_experience,
    rework_experience,
    save_experience,
    submit_experience,
)
from peer_exchange.models import CityExperience, ExperienceRevision, Response
from tests.factories.peer_exchange import LONG_ENOUGH, draft, published, submitted, waiting
from tests.factories.programme import EditionFactory, moderator, participant
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_one_moderator_publishes_while_another_returns() -> None:
    edition = EditionFactory.create()
    experience = waiting(edition)
    one, other = moderator(edition), moderator(edition)

    outcomes = at_once(
        lambda: publish_experience(base_version=3, experience=experience, by=one, at=AT),
        lambda: return_experience(
            base_version=3, experience=experience, reason="Sources?", by=other, at=AT
        ),
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, IllegalMove)]
    assert len(refused) == 1
    status = CityExperience.objects.get().status
    assert ExperienceRevision.objects.count() == (1 if status == "published" else 0)
    assert status in {"published", "draft"}


def test_two_moderators_publish_once() -> None:
    edition = EditionFactory.create()
    experience = waiting(edition)
    one, other = moderator(edition), moderator(edition)

    outcomes = at_once(
        lambda: publish_experience(base_version=3, experience=experience, by=one, at=AT),
        lambda: publish_experience(base_version=3, experience=experience, by=other, at=AT),
    )

    assert sum(isinstance(outcome, IllegalMove) for outcome in outcomes) == 1
    assert ExperienceRevision.objects.count() == 1


def test_two_tabs_save_one_is_told() -> None:
    """Invariant 3."""
    experience = draft(EditionFactory.create())
    author = experience.created_by

    def save(text: str) -> Callable[[], object]:
        return lambda: save_experience(
            experience=experience, base_version=3, values={"failed": text}, by=fresh(author), at=AT
        )

    outcomes = at_once(save("One."), save("Other."))

    stale = [outcome for outcome in outcomes if isinstance(outcome, StaleVersion)]
    stored = CityExperience.objects.get()
    assert len(stale) == 1
    assert stale[0].extra["stored"]["failed"] == stored.plain_texts["failed"]
    assert stored.version == 4
    assert stored.plain_texts["failed"] in {"One.", "Other."}


def test_submission_against_autosave_never_submits_unread_text() -> None:
    experience = draft(EditionFactory.create())
    author = experience.created_by

    outcomes = at_once(
        lambda: submit_experience(experience=experience, base_version=3, by=fresh(author), at=AT),
        lambda: save_experience(
            experience=experience,
            base_version=3,
            values={"failed": "Unread."},
            by=fresh(author),
            at=AT,
        ),
    )

    stored = CityExperience.objects.get()
    if stored.status == "city_clearance":
        assert isinstance(outcomes[1], Conflict)
        assert stored.failed != "Unread."
    else:
        assert isinstance(outcomes[0], StaleVersion)
        assert stored.plain_texts["failed"] == "Unread."


def test_response_clicked_twice_is_stored_once() -> None:
    edition = EditionFactory.create()
    experience, peer = published(edition), participant(edition)

    outcomes = at_once(
        *[
            lambda: respond_to_experience(
                experience=experience, body=LONG_ENOUGH, by=fresh(peer), at=AT
            )
        ]
        * 2
    )

    assert Response.objects.count() == 1
    assert outcomes[0] == outcomes[1]


def test_response_against_archiving_is_kept_or_refused_whole() -> None:
    edition = EditionFactory.create()
    experience, peer = published(edition), participant(edition)

    outcomes = at_once(
        lambda: respond_to_experience(experience=experience, body=LONG_ENOUGH, by=peer, at=AT),
        lambda: archive_experience(
            base_version=3,
            experience=experience,
            reason="Overtaken.",
            by=experience.created_by,
            at=AT,
        ),
    )

    assert CityExperience.objects.get().status == "archived"
    assert Response.objects.count() == (0 if isinstance(outcomes[0], Conflict) else 1)


def test_two_colleagues_begin_one_new_version() -> None:
    experience = published(EditionFactory.create())
    author = experience.created_by
    begun = at_once(
        *(
            lambda: rework_experience(experience=experience, by=fresh(author), at=AT)
            for _colleague in range(2)
        )
    )
    assert len({one.pk for one in begun}) == 1
    assert CityExperience.objects.filter(revises=experience).count() == 1


def test_new_version_against_archiving_leaves_one_outcome() -> None:
    edition = EditionFactory.create()
    experience = published(edition)
    author, mod = experience.created_by, moderator(edition)
    reworking = rework_experience(experience=experience, by=author, at=AT)
    version = {"base_version": reworking.version, "by": author, "at": AT}
    submit_experience(experience=reworking, **version)
    clear_experience(experience=reworking, official="A. Mayor", **version)

    at_once(
        lambda: publish_experience(
            experience=reworking, base_version=reworking.version, by=fresh(mod), at=AT
        ),
        lambda: archive_experience(
            experience=experience, base_version=3, reason="Wrong.", by=fresh(author), at=AT
        ),
    )
    experience.refresh_from_db()
    reworking.refresh_from_db()
    assert (experience.status, reworking.status) in {
        # Archived first: the new version has nothing to take the place of.
        ("archived", "in_moderation"),
        # Published first: who archives has read another text, and is told so.
        ("published", "archived"),
    }


def test_embargo_moved_while_the_text_is_published_holds() -> None:
    edition = EditionFactory.create()
    first, later = AT + timedelta(days=1), AT + timedelta(days=2)
    experience = waiting(edition, embargo_until=first)
    author, mod = experience.created_by, moderator(edition)

    at_once(
        lambda: publish_experience(base_version=3, experience=experience, by=mod, at=AT),
        lambda: change_embargo(experience=experience, embargo_until=later, by=author, at=AT),
    )

    experience.refresh_from_db()
    assert (experience.status, experience.embargo_until, experience.published_at) == (
        "published", later, later,
    )  # fmt: skip


def test_city_clears_while_a_colleague_sends_back() -> None:
    edition = EditionFactory.create()
    experience = submitted(edition)
    author, colleague = experience.created_by, participant(edition, experience.city)

    outcomes = at_once(
        lambda: clear_experience(
            base_version=3, experience=experience, official="A. Mayor", by=author, at=AT
        ),
        lambda: return_experience(
            base_version=3, experience=experience, reason="Figures?", by=colleague, at=AT
        ),
    )

    refused = [o for o in outcomes if isinstance(o, IllegalMove | PermissionDenied)]
    experience.refresh_from_db()
    assert len(refused) == 1
    assert experience.status in {"in_moderation", "draft"}
    assert bool(experience.cleared_at) == (experience.status == "in_moderation")


def test_new_version_is_published_while_another_is_begun() -> None:
    edition = EditionFactory.create()
    experience = published(edition)
    author, mod = experience.created_by, moderator(edition)
    reworking = rework_experience(experience=experience, by=author, at=AT)
    reworking = save_experience(
        experience=reworking, base_version=reworking.version, values={"title": "Anew"},
        by=author, at=AT,
    )  # fmt: skip
    version = {"base_version": reworking.version, "by": author, "at": AT}
    submit_experience(experience=reworking, **version)
    clear_experience(experience=reworking, official="A. Mayor", **version)

    _published, begun = at_once(
        lambda: publish_experience(
            experience=reworking, base_version=reworking.version, by=fresh(mod), at=AT
        ),
        lambda: rework_experience(experience=experience, by=fresh(author), at=AT),
    )

    experience.refresh_from_db()
    assert experience.title == "Anew"
    # Before: the one that was published then. After: a new one, which begins where it ended.
    assert begun.pk == reworking.pk or begun.title == "Anew"
    underway = CityExperience.objects.filter(revises=experience).exclude(status="archived")
    assert underway.count() == (0 if begun.pk == reworking.pk else 1)
