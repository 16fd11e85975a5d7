"""Searching the exchange: words, facets and their counts, the order, the typos."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.accounts.enums import Region
from lms.accounts.models import User
from lms.core import clock
from lms.programme.models import Edition
from peer_exchange.actions.indexing import index_all, index_experience
from peer_exchange.enums import Visibility
from peer_exchange.models import CityExperience, CityProfile, ExperienceWords
from peer_exchange.selectors.finding import Found, find, readable_in
from peer_exchange.wanted import Wanted
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import (
    WRITTEN_AT,
    FacetFactory,
    ThemeFactory,
    draft,
    published,
)
from tests.factories.programme import EditionFactory, moderator, participant
from tests.queries import MANY, queries_of

pytestmark = pytest.mark.django_db


def found(person: User, edition: Edition, q: str = "", **chosen: Any) -> Found:
    return find(Wanted(q, chosen), readable_in(person, edition))


def titles(person: User, edition: Edition, q: str = "", **chosen: Any) -> list[str]:
    ids = found(person, edition, q, **chosen).ids
    by_id = CityExperience.objects.in_bulk(ids)
    return [by_id[pk].title for pk in ids]


def counts(what: Found, group: str) -> dict[str, int]:
    return {value.value: value.count for value in what.facets[group]}


@pytest.fixture
def person(edition: Edition) -> User:
    return participant(edition)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("TRAMS", ["Night trams", "Quiet ferries"]),
        ("night tram", ["Night trams", "Quiet ferries"]),
        ('"trams at night"', ["Quiet ferries"]),
        ('"night trams" OR markets', ["Clean markets", "Night trams"]),
        ("trams -ferries", ["Night trams"]),
        ("-trams", ["Clean markets"]),
        ("montreal", ["Clean markets"]),
        ("electricité", ["Clean markets"]),
        ("交通", ["Quiet ferries"]),
        ("通交", []),
        ("50%", []),
    ],
)
def test_words_are_found_with_and_without_accents_case_and_endings(
    edition: Edition, person: User, q: str, expected: list[str]
) -> None:
    montreal = CityFactory.create(name="Montréal")
    texts = {"context": "Long before, we ran trams at night. 公共交通", "title": "Quiet ferries"}
    published(edition, **texts)
    published(edition, montreal, title="Clean markets", strategy="Électricité du port")
    published(edition, title="Night trams", summary="In short: trams all night.")

    assert sorted(titles(person, edition, q)) == expected


def test_a_title_outranks_a_mention_and_newest_can_be_asked_for(
    edition: Edition, person: User
) -> None:
    named = published(edition, title="Ferries for everybody")
    mention = published(edition, title="Harbour works", failed="One of the ferries was late.")
    mention.published_at += timedelta(days=1)
    mention.save()
    readable = readable_in(person, edition)

    assert find(Wanted("ferries"), readable).ids == [named.pk, mention.pk]
    assert find(Wanted("ferries", sort="newest"), readable).ids == [mention.pk, named.pk]
    assert find(Wanted(), readable).ids == [mention.pk, named.pk]


def test_each_facet_is_counted_as_the_others_leave_it(edition: Edition, person: User) -> None:
    nairobi = CityFactory.create(name="Nairobi", region=Region.AFRICA)
    lyon = CityFactory.create(name="Lyon", region=Region.EUROPE)
    CityProfile.objects.create(city=nairobi, population=4_400_000)
    health = ThemeFactory.create(slug="health")
    lesson = FacetFactory.create(kind="lesson", slug="strategies")
    one, two, three = (published(edition, city) for city in (nairobi, nairobi, lyon))
    for experience in (one, three):
        experience.themes.set([health])
        index_experience(experience)
    two.facets.add(lesson)
    two.language = "es"
    two.save()
    index_experience(two)

    everything = found(person, edition)
    assert counts(everything, "theme") == {"climate-change": 1, "health": 2}
    assert counts(everything, "region") == {"africa": 2, "europe": 1}
    assert counts(everything, "size") == {"large": 2, "unknown": 1}
    assert counts(everything, "lesson") == {"strategies": 1}
    assert counts(everything, "language")["es"] == 1
    assert counts(everything, "method") == {"networks": 3}

    african = found(person, edition, region=("africa",))
    assert african.ids == [two.pk, one.pk]
    # The region's own counts are as if none were chosen: another can be added.
    assert counts(african, "region") == {"africa": 2, "europe": 1}
    assert counts(african, "theme") == {"climate-change": 1, "health": 1}

    both = found(person, edition, region=("africa", "europe"), theme=("health",))
    assert both.ids == [three.pk, one.pk]
    assert counts(both, "region") == {"africa": 1, "europe": 1}
    assert counts(both, "theme") == {"climate-change": 1, "health": 2}
    assert found(person, edition, theme=("health",), size=("large",)).ids == [one.pk]
    assert found(person, edition, city=(lyon.slug,)).ids == [three.pk]
    assert found(person, edition, lesson=("strategies",), language=("es",)).ids == [two.pk]
    nothing = found(person, edition, theme=("no-such",), region=("europe",))
    assert nothing.ids == []
    assert counts(nothing, "theme") == {"health": 1, "no-such": 0}


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("bycicle", "bicycle"),
        ("vicycle lanes", "bicycle lanes"),
        ("bicycel", "bicycle"),
        ("Montrael", "montreal"),
    ],
)
def test_a_mistyped_word_is_put_right(
    edition: Edition, person: User, typed: str, right: str
) -> None:
    published(edition, CityFactory.create(name="Montréal"), title="Bicycle lanes")

    what = found(person, edition, typed)

    assert (what.wanted.q, what.instead_of, len(what.ids)) == (right, typed, 1)
    exact = find(Wanted(typed, is_exact=True), readable_in(person, edition))
    assert (exact.ids, exact.instead_of) == ([], "")


def test_what_one_may_not_read_is_neither_found_nor_counted_nor_offered(edition: Edition) -> None:
    """Each way in which a word could leak: the search, the counts, the typo's correction."""
    reader = participant(edition)
    elsewhere = published(EditionFactory.create(), title="Zeppelin mooring")
    embargoed = published(edition, title="Zeppelin harbour")
    embargoed.embargo_until = embargoed.published_at = WRITTEN_AT + timedelta(days=40_000)
    embargoed.save()
    archived = published(edition, title="Zeppelin museum")
    archived.status, archived.archived_at = "archived", WRITTEN_AT + timedelta(days=1)
    archived.archived_by, archived.archived_reason = archived.created_by, "Over."
    archived.save()
    draft(edition, title="Zeppelin draft")

    for q in ("zeppelin", "zepelin", "zeppelin OR zepelin", '"zeppelin harbour"'):
        what = found(reader, edition, q)
        assert (what.ids, what.instead_of) == ([], "")
        assert all(not value.count for values in what.facets.values() for value in values)
    assert found(reader, elsewhere.edition, "zepelin").instead_of == ""

    # Who may read it is offered it.
    own = found(embargoed.created_by, edition, "zepelin")
    assert (own.wanted.q, own.ids) == ("zeppelin", [embargoed.pk])
    assert found(moderator(edition), edition, "zepelin").instead_of == "zepelin"


def test_index_follows_every_change_and_can_be_made_anew(edition: Edition, person: User) -> None:
    experience = published(edition, title="Ferries")
    experience.title = "Markets"
    experience.save()
    index_experience(experience)

    assert titles(person, edition, "ferries") == []
    assert titles(person, edition, "markets") == ["Markets"]

    ExperienceWords.objects.all().delete()
    assert titles(person, edition, "markets") == []
    assert titles(person, edition) == ["Markets"]
    assert index_all() == CityExperience.objects.count()
    assert titles(person, edition, "markets") == ["Markets"]


@pytest.mark.parametrize(
    "filler", ["ﷺ" * 19_000, "x" * 55_000, "🚲 " * 10_000, "'\" * ( ) & | ! :* "]
)
def test_no_text_is_too_odd_to_be_indexed(edition: Edition, person: User, filler: str) -> None:
    experience = published(edition, title="Ferries", **dict.fromkeys(("context", "failed"), filler))
    index_experience(experience)
    assert titles(person, edition, "ferries") == ["Ferries"]


ODD = [
    "'", '"', '""', "-", "--", "OR", "OR OR -", "AND", "NOT", "NEAR(a b)", "*", ":*", "a:*",
    "title:x",
    "body : ferries", "{title} : x", "^ferries", "fer*ries", "a & b | !c", "<->", "((((", "\\",
    "%", "_",
    "'; DROP TABLE x; --", "%s", "{0}", "$1", "🚲", "\u202e\u200b", "\ud800", "a" * 200,
    "(a+)+$", "x " * 100, "-a " * 60, '"' * 199, "＂ferries＂", "a-" * 99, "ﷺ" * 60,
]  # fmt: skip


@pytest.mark.parametrize("q", ODD)
def test_nothing_typed_is_an_operator_or_an_error(
    edition: Edition, client: Client, person: User, q: str
) -> None:
    published(edition, title="Ferries")
    client.force_login(person)
    page = client.get(
        reverse("peer_exchange:list", args=[edition.slug]),
        {"q": q.encode("utf-8", "surrogatepass")},
    )
    assert page.status_code == 200
    assert "<script" not in page.content.decode().split("<main")[1].split("</main")[0]


@pytest.mark.parametrize("q", ["x" * 201, "zeppelin " * 500])
def test_a_flood_is_refused_with_a_sentence(
    edition: Edition, client: Client, person: User, q: str
) -> None:
    published(edition)
    client.force_login(person)
    page = client.get(reverse("peer_exchange:list", args=[edition.slug]), {"q": q})
    assert page.context["refused"] == ["Search for at most 200 characters."]
    assert "at most 200" in page.content.decode()


def test_only_operators_say_that_there_is_no_word(
    edition: Edition, client: Client, person: User
) -> None:
    experience = published(edition)
    client.force_login(person)
    page = client.get(reverse("peer_exchange:list", args=[edition.slug]), {"q": '- OR ""'})
    assert list(page.context["page_obj"]) == [experience]
    assert "There is no word in this to look for" in page.content.decode()


def test_nul_and_ten_megabytes_are_not_even_looked_for(
    edition: Edition, client: Client, person: User
) -> None:
    client.force_login(person)
    url = reverse("peer_exchange:list", args=[edition.slug])
    assert client.get(url, {"q": "a\0b"}).status_code == 404
    assert client.get(url, {"q": "x" * 10_000_000}).status_code == 413


def test_page_marks_what_was_found_and_escapes_the_rest(
    edition: Edition, client: Client, person: User
) -> None:
    published(
        edition,
        title="<b>Ferries</b> & co",
        failed="A long beginning. " * 30
        + "The <i>zeppelin</i> Électrique came late. "
        + "End. " * 90,
    )
    client.force_login(person)
    url = reverse("peer_exchange:list", args=[edition.slug])

    html = client.get(url, {"q": "ferries"}).content.decode()
    assert "&lt;b&gt;<mark>Ferries</mark>&lt;/b&gt; &amp; co" in html
    html = client.get(url, {"q": "electrique"}).content.decode()
    assert "<strong>What failed:</strong> …" in html
    assert "<mark>Électrique</mark> came late." in html
    html = client.get(url, {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html


def test_each_choice_is_a_link_that_takes_it_away(
    edition: Edition, client: Client, person: User
) -> None:
    published(edition)
    client.force_login(person)
    url = reverse("peer_exchange:list", args=[edition.slug])

    page = client.get(url + "?q=work&theme=climate-change&theme=x&region=europe&sort=newest")

    assert [(chip["group"], chip["address"]) for chip in page.context["chips"]] == [
        ("Theme", "?q=work&theme=x&region=europe&sort=newest"),
        ("Theme", "?q=work&theme=climate-change&region=europe&sort=newest"),
        ("Region", "?q=work&theme=climate-change&theme=x&sort=newest"),
    ]


def test_search_asks_the_same_number_of_questions_for_one_and_for_many(
    edition: Edition, client: Client, person: User
) -> None:
    client.force_login(person)
    base = reverse("peer_exchange:list", args=[edition.slug])
    world = reverse("peer_exchange:map", args=[edition.slug])
    urls = [
        f"{base}?q=demonstration&theme=climate-change&region=europe",
        f"{base}?q=demonstrated+txet",
        world,
    ]

    published(edition)
    client.get(base)
    with_one = queries_of(client, *urls)
    for _number in range(MANY - 1):
        published(edition)
    client.get(base)  # the first reader after a publication brings the catalogue
    assert queries_of(client, *urls) == with_one


def test_the_catalogue_is_read_again_after_whatever_changes_what_is_counted(
    edition: Edition, person: User
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as captured:
            found(person, edition)
        return len(captured)

    titles(person, edition)  # who the person is, is read once
    first = published(edition, title="First")
    assert questions() == questions() + 1
    published(edition, title="Second")
    assert questions() == questions() + 1
    assert titles(person, edition) == ["Second", "First"]

    first.themes.set([ThemeFactory.create(slug="housing")])
    index_experience(first)
    assert counts(found(person, edition), "theme") == {"climate-change": 1, "housing": 1}


def test_a_publication_that_was_rolled_back_leaves_no_trace_in_the_catalogue(
    edition: Edition, person: User
) -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        published(edition, title="Never was")
        assert titles(person, edition) == ["Never was"]
        raise ZeroDivisionError
    published(edition, title="Is there")
    assert titles(person, edition) == ["Is there"]
    assert counts(found(person, edition), "theme") == {"climate-change": 1}


def test_one_catalogue_serves_readers_who_may_read_different_texts(
    edition: Edition, person: User
) -> None:
    elsewhere = EditionFactory.create(programme=edition.programme)
    guest = participant(elsewhere)
    published(edition, title="Ours alone", visibility=Visibility.COHORT)
    published(edition, title="The members’", visibility=Visibility.MEMBERS)
    published(edition, title="The city’s", embargo_until=clock.now() + timedelta(days=1))

    assert len(titles(person, edition)) == 2
    assert titles(guest, edition) == ["The members’"]
    assert counts(found(guest, edition), "theme") == {"climate-change": 1}
    assert len(titles(person, edition)) == 2


def test_map_and_list_say_the_same_in_reading_order(
    edition: Edition, client: Client, person: User
) -> None:
    lyon = CityFactory.create(name="Lyon", region=Region.EUROPE, latitude=45.75, longitude=4.85)
    accra = CityFactory.create(name="Accra", region=Region.AFRICA)
    bilbao = CityFactory.create(name="Bilbao", region=Region.EUROPE)
    for city in (lyon, accra, bilbao, lyon):
        published(edition, city)
    draft(edition, CityFactory.create(name="Secretville"))
    hidden = published(edition, CityFactory.create(name="Embargoville"))
    hidden.embargo_until = hidden.published_at = WRITTEN_AT + timedelta(days=40_000)
    hidden.save()
    client.force_login(person)
    url = reverse("peer_exchange:map", args=[edition.slug])

    page = client.get(url)

    names = [(spot.city.name, spot.count) for spot in page.context["spots"]]
    assert names == [("Accra", 1), ("Bilbao", 1), ("Lyon", 2)]
    html = page.content.decode()
    assert html.index('aria-label="Accra: 1 experience"') < html.index(
        'aria-label="Lyon: 2 experiences"'
    )
    assert html.count(f"?city={lyon.slug}#published") == 2
    assert "ville" not in html
    near = client.get(url, {"region": "europe"})
    assert [spot.city.name for spot in near.context["spots"]] == ["Bilbao", "Lyon"]
    assert near.context["frame"] != page.context["frame"]
    assert client.get(url, {"q": "nothing-like-it"}).context["spots"] == []
