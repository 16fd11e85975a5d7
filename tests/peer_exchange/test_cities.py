"""What a city says of itself, and which cities are suggested to it."""

from datetime import datetime
from typing import Any

import pytest

from lms.core.errors import Conflict, InvalidInput, PermissionDenied, StaleVersion
from lms.programme.models import Edition
from peer_exchange.actions.cities import (
    add_topic,
    bring_match_back,
    dismiss_match,
    hide_member,
    remove_topic,
    restore_topic,
    save_city_profile,
    show_member,
)
from peer_exchange.enums import Visibility
from peer_exchange.models import CityProfile, CityTopic, ShownMember
from peer_exchange.selectors.cities import cities_visible_to, shown_members
from peer_exchange.selectors.matching import matches_for
from tests.factories.accounts import AdministratorFactory, CityFactory, UserFactory
from tests.factories.peer_exchange import ThemeFactory, published
from tests.factories.programme import (
    EditionFactory,
    ProgrammeFactory,
    city_team_member,
    coordinator,
)
from tests.factories.transfers import city_of, claimed, speaker

pytestmark = pytest.mark.django_db


def save(user: Any, values: dict[str, Any], base: int = 0, city: Any = None) -> CityProfile:
    return save_city_profile(
        city=city or city_of(user),
        base_version=base,
        values=values,
        by=user,
        at=datetime.fromisoformat("2025-11-19T10:00:00+00:00"),
    )


def test_a_profile_is_saved_over_the_version_that_was_read(edition: Edition) -> None:
    user = speaker(edition)
    saved = save(user, {"population": 900_000, "languages": ["es", "en", "es"], "about": "Hills."})
    assert (saved.version, saved.languages, saved.saved_by) == (1, "es en", user)

    colleague = city_team_member(edition, city_of(user))
    with pytest.raises(StaleVersion) as refused:
        save(colleague, {"about": "A harbour."}, city=city_of(user))

    assert refused.value.extra["version"] == 1
    assert refused.value.extra["stored"]["about"] == "Hills."
    assert save(user, {"about": "Hills."}, base=1).version == 1  # nothing changed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("population", 0), ("population", -1), ("population", "many"), ("population", True),
        ("population", 10**12), ("population", 1.5), ("languages", ["xx"]), ("languages", "en"),
        ("languages", [["en"]]), ("website", "javascript:alert(1)"), ("website", "http://"),
        ("office_name", "One\nline"), ("about", "x" * 3_001), ("about", "a\x00b"),
        ("about", 7), ("about", "x" * 10_000_000), ("city", "quito"), ("version", 9),
    ],
)  # fmt: skip
def test_bad_values_are_refused_whole(edition: Edition, field: str, value: Any) -> None:
    user = speaker(edition)
    with pytest.raises(InvalidInput):
        save(user, {"office_name": "Office", field: value})
    assert not CityProfile.objects.filter(version__gt=0).exists()


def test_only_the_citys_people_and_administrators_change_it(edition: Edition, at: datetime) -> None:
    city = city_of(speaker(edition))
    for stranger in (speaker(edition), coordinator(edition), UserFactory.create()):
        with pytest.raises(PermissionDenied):
            save(stranger, {"about": "Ours."}, city=city)
        with pytest.raises(PermissionDenied):
            show_member(city=city, does="", by=stranger, at=at)
    assert save(AdministratorFactory.create(), {"about": "Mended."}, city=city).version == 1
    with pytest.raises(PermissionDenied):  # agreeing is for oneself, of one's own city
        show_member(city=city, does="", by=AdministratorFactory.create(), at=at)


def test_nobody_is_shown_who_did_not_agree_or_has_left(edition: Edition, at: datetime) -> None:
    city = CityFactory.create()
    one, other = city_team_member(edition, city), speaker(edition, city)
    assert shown_members(city) == []

    show_member(city=city, does="Climate", by=one, at=at)
    show_member(city=city, does="Water", by=other, at=at)
    assert [m.user for m in shown_members(city)] == [one, other]
    one.roles.all().delete()
    assert [m.user for m in shown_members(city)] == [other]
    hide_member(city=city, by=one, at=at)  # also after leaving
    hide_member(city=city, by=other, at=at)
    assert ShownMember.objects.count() == 0


def test_a_need_is_named_once_taken_out_and_put_back(edition: Edition, at: datetime) -> None:
    user = speaker(edition)
    fields = {"city": city_of(user), "kind": "need", "theme": ThemeFactory.create(), "at": at}
    topic = add_topic(words="", by=user, **fields)
    assert add_topic(words="Flood maps", by=user, **fields).pk == topic.pk
    removed = remove_topic(topic=topic, by=user, at=at)
    with pytest.raises(Conflict):
        remove_topic(topic=removed, by=user, at=at)
    assert restore_topic(topic=removed, by=user, at=at).words == "Flood maps"
    remove_topic(topic=topic, by=user, at=at)
    add_topic(words="", by=user, **fields)
    with pytest.raises(Conflict):
        restore_topic(topic=topic, by=user, at=at)
    with pytest.raises(PermissionDenied):
        add_topic(words="", by=speaker(edition), **fields)
    with pytest.raises(InvalidInput):
        add_topic(words="", by=user, **{**fields, "kind": "wish"})


def name_topics(user: Any, at: datetime, *, needs: str = "", offers: str = "") -> None:
    for kind, slugs in (("need", needs), ("offer", offers)):
        for slug in slugs.split():
            theme = ThemeFactory.create(slug=slug)
            add_topic(city=city_of(user), kind=kind, theme=theme, words="", by=user, at=at)


def test_suggestions_say_why_and_count_both_ways(edition: Edition, at: datetime) -> None:
    nairobi = speaker(edition, CityFactory.create(name="Nairobi"))
    quito = speaker(edition, CityFactory.create(name="Quito"))
    name_topics(nairobi, at, needs="energy health", offers="transport")
    name_topics(quito, at, needs="transport", offers="energy")
    save(nairobi, {"languages": ["en", "es"]})
    save(quito, {"languages": ["es"]})
    theirs = published(edition, city_of(quito), author=quito, title="Cable cars")
    theirs.themes.set([ThemeFactory.create(slug="health")])
    speaker(edition, city_of(nairobi))  # a colleague: the same city is never suggested
    speaker(edition, CityFactory.create(name="Nothing in common"))

    [match] = matches_for(nairobi, city_of(nairobi), edition)

    assert match.city == city_of(quito)
    assert match.reasons == (
        "They offer what you look for: Energy.",
        "They look for what you offer: Transport.",
        "You both work on: Health.",
        "They did “Cable cars”, published in 2025.",
        "You share: Spanish.",
    )
    assert (match.gives, match.receives, match.is_mutual) == (1, 1, True)
    claimed(theirs, by=nairobi)
    [match] = matches_for(nairobi, city_of(nairobi), edition)
    assert (match.given_before, match.received_before) == (0, 1)
    assert "you 1 of theirs" in match.balance
    [mirrored] = matches_for(quito, city_of(quito), edition)
    assert (mirrored.gives, mirrored.receives, mirrored.given_before) == (1, 1, 1)


def test_a_dismissed_city_is_not_suggested_until_it_is_brought_back(
    edition: Edition, at: datetime
) -> None:
    one, other = speaker(edition), speaker(edition)
    name_topics(one, at, needs="energy")
    name_topics(other, at, offers="energy")

    def suggested(user: Any = one) -> list[Any]:
        return [m.city for m in matches_for(user, city_of(user), edition)]

    dismiss_match(city=city_of(one), other=city_of(other), by=one, at=at)
    assert (suggested(), suggested(other)) == ([], [city_of(one)])
    dismiss_match(city=city_of(one), other=city_of(other), by=one, at=at)
    bring_match_back(city=city_of(one), other=city_of(other), by=one, at=at)
    assert suggested() == [city_of(other)]
    with pytest.raises(PermissionDenied):
        dismiss_match(city=city_of(one), other=city_of(other), by=other, at=at)
    with pytest.raises(Conflict):
        dismiss_match(city=city_of(one), other=city_of(one), by=one, at=at)


def test_a_suggestion_names_no_text_that_the_reader_may_not_read(
    edition: Edition, at: datetime
) -> None:
    """A city of both editions: what it wrote for the other cohort stays there."""
    one, other = speaker(edition), speaker(edition)
    name_topics(one, at, needs="climate-change")
    elsewhere = EditionFactory.create()
    hidden = published(elsewhere, CityFactory.create(), visibility=Visibility.COHORT)
    hidden.city = other.enrolments.get().city
    hidden.save()

    assert matches_for(one, city_of(one), edition) == []
    hidden.visibility = Visibility.MEMBERS
    hidden.save()
    assert [m.experience for m in matches_for(one, city_of(one), edition)] == [hidden]


@pytest.mark.parametrize("count", [1, 13])
def test_suggestions_cost_the_same_for_many_cities(
    edition: Edition, at: datetime, count: int, django_assert_num_queries: Any
) -> None:
    user = speaker(edition)
    name_topics(user, at, needs="climate-change")
    for _ in range(count):
        published(edition)
    user.forget_roles()
    with django_assert_num_queries(11):
        assert len(matches_for(user, city_of(user), edition)) == min(count, 12)


def test_cities_of_other_programmes_are_not_seen(edition: Edition) -> None:
    user = speaker(edition)
    elsewhere = EditionFactory.create(programme=ProgrammeFactory.create(slug="other"))
    stranger = speaker(elsewhere)
    assert list(cities_visible_to(user)) == [city_of(user)]
    assert not cities_visible_to(UserFactory.create()).exists()
    open_one = published(elsewhere, city_of(stranger), author=stranger, visibility="public")
    assert set(cities_visible_to(user)) == {city_of(user), open_one.city}
    assert CityTopic.objects.count() == 0
