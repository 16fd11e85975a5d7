"""Two people at once, on PostgreSQL: claims, words, talks, pages of cities."""

from datetime import timedelta

import pytest

from lms.accounts.models import User
from lms.core.errors import Conflict, IllegalMove, StaleVersion
from peer_exchange.actions.cities import add_topic, save_city_profile
from peer_exchange.actions.talks import accept_talk, propose_talk
from peer_exchange.actions.transfer_evidence import ask_follow_up
from peer_exchange.actions.transfers import (
    claim_transfer,
    confirm_transfer,
    dispute_transfer,
    move_transfer,
)
from peer_exchange.models import (
    CityProfile,
    CityTopic,
    FollowUp,
    Talk,
    TalkSeat,
    Transfer,
    TransferEvent,
)
from tests.factories.peer_exchange import ThemeFactory, published
from tests.factories.programme import EditionFactory, city_team_member
from tests.factories.transfers import (
    BEGUN_AT,
    BREAK_AT,
    breaks,
    city_of,
    claimed,
    proposed,
    speaker,
)
from tests.races import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_two_colleagues_claim_the_same_practice() -> None:
    edition = EditionFactory.create()
    experience = published(edition)
    one = speaker(edition)
    colleague = city_team_member(edition, city_of(one))

    def claim(by: User) -> Transfer:
        return claim_transfer(
            experience=experience, city=city_of(one), why="We too.", by=fresh(by), at=BEGUN_AT
        )

    outcomes = at_once(lambda: claim(one), lambda: claim(colleague))

    [refused] = [o for o in outcomes if isinstance(o, Conflict)]
    transfer = Transfer.objects.get()
    assert refused.extra["transfer"] == transfer.pk
    assert (FollowUp.objects.count(), TransferEvent.objects.count()) == (2, 1)


def test_one_confirms_while_another_disputes() -> None:
    edition = EditionFactory.create()
    experience = published(edition)
    transfer = claimed(experience)
    one, other = experience.created_by, city_team_member(edition, experience.city)
    read = {"transfer": transfer, "base_version": 0, "at": BEGUN_AT}

    outcomes = at_once(
        lambda: confirm_transfer(by=fresh(one), **read),
        lambda: dispute_transfer(by=fresh(other), reason="No.", **read),
    )

    assert sum(isinstance(o, StaleVersion) for o in outcomes) == 1
    assert TransferEvent.objects.count() == 2


def test_a_step_and_a_word_at_the_same_time() -> None:
    edition = EditionFactory.create()
    experience = published(edition)
    transfer = claimed(experience)
    read = {"transfer": transfer, "base_version": 0, "at": BEGUN_AT}

    outcomes = at_once(
        lambda: move_transfer(
            to="understanding", why="Read.", by=fresh(transfer.claimed_by), **read
        ),
        lambda: confirm_transfer(by=fresh(experience.created_by), **read),
    )

    assert sum(isinstance(o, StaleVersion) for o in outcomes) == 1
    numbers = TransferEvent.objects.values_list("number", flat=True)
    assert sorted(numbers) == [1, 2]


def test_two_workers_ask_a_follow_up_once() -> None:
    transfer = claimed(published(EditionFactory.create()))
    row = transfer.follow_ups.get(months=6)

    outcomes = at_once(
        *(lambda: ask_follow_up(follow_up=row, by=None, at=row.due_at) for _ in range(2))
    )

    assert sorted(outcomes) == [False, True]
    assert TransferEvent.objects.filter(kind="follow_up_asked").count() == 1


def test_two_colleagues_accept_the_same_talk() -> None:
    edition = EditionFactory.create()
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    colleague = speaker(edition, city_of(other))
    talk = proposed(edition, one, city_of(other))

    outcomes = at_once(
        *(
            lambda by=by: accept_talk(talk=talk, by=fresh(by), at=BEGUN_AT)
            for by in (other, colleague)
        )
    )

    assert sum(isinstance(o, IllegalMove) for o in outcomes) == 1
    assert TalkSeat.objects.count() == 2


@pytest.mark.parametrize("whose", ["who proposed", "who accepts", "crosswise"])
def test_nobody_sits_in_two_talks(whose: str) -> None:
    """Two talks at the same time that share a person, accepted at once: one stands."""
    edition = EditionFactory.create()
    breaks(edition)
    one, second, third = speaker(edition), speaker(edition), speaker(edition)
    if whose == "who proposed":
        pairs = [(proposed(edition, one, city_of(p)), p) for p in (second, third)]
    elif whose == "who accepts":
        pairs = [(proposed(edition, p, city_of(one)), one) for p in (second, third)]
    else:
        pairs = [
            (proposed(edition, one, city_of(second)), second),
            (proposed(edition, second, city_of(one)), one),
        ]

    outcomes = at_once(
        *(
            lambda talk=talk, by=by: accept_talk(talk=talk, by=fresh(by), at=BEGUN_AT)
            for talk, by in pairs
        )
    )

    assert sum(isinstance(o, Conflict) for o in outcomes) == 1
    assert Talk.objects.filter(status="accepted").count() == 1
    assert TalkSeat.objects.count() == 2


def test_the_same_proposal_twice_at_once_is_one_talk() -> None:
    edition = EditionFactory.create()
    breaks(edition)
    one, other = speaker(edition), speaker(edition)

    def propose() -> Talk:
        return propose_talk(
            edition=edition, from_city=city_of(one), to_city=city_of(other),
            starts_at=BREAK_AT, by=fresh(one), at=BEGUN_AT - timedelta(days=1),
        )  # fmt: skip

    assert len({talk.pk for talk in at_once(propose, propose)}) == 1


def test_two_colleagues_save_the_first_profile() -> None:
    edition = EditionFactory.create()
    one = speaker(edition)
    city = city_of(one)
    colleague = city_team_member(edition, city)

    outcomes = at_once(
        *(
            lambda by=by: save_city_profile(
                city=city, base_version=0, values={"about": f"{by.pk}"}, by=fresh(by), at=BEGUN_AT
            )
            for by in (one, colleague)
        )
    )

    assert sum(isinstance(o, StaleVersion) for o in outcomes) == 1
    assert CityProfile.objects.get().version == 1


def test_two_colleagues_name_the_same_need() -> None:
    edition = EditionFactory.create()
    one = speaker(edition)
    theme = ThemeFactory.create()
    fields = {"city": city_of(one), "kind": "need", "theme": theme, "words": "", "at": BEGUN_AT}

    at_once(*(lambda: add_topic(by=fresh(one), **fields) for _ in range(2)))

    assert CityTopic.objects.count() == 1
