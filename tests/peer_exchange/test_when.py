"""When it was done: said by the city, looked for by others, in words where cities meet."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import InvalidInput, StaleVersion
from lms.programme.models import Edition
from peer_exchange.actions import (
    clear_experience,
    publish_experience,
    rework_experience,
    save_experience,
    submit_experience,
)
from peer_exchange.actions.cities import add_topic
from peer_exchange.actions.searches import save_search, send_search_digest
from peer_exchange.models import CityExperience
from peer_exchange.selectors.matching import matches_for
from peer_exchange.selectors.revisions import changes_between, changes_of_reworking
from peer_exchange.selectors.shown import shown
from peer_exchange.structured_data import structured_data
from peer_exchange.wanted import Wanted, kept_wanted
from tests.factories.peer_exchange import ThemeFactory, draft, published, waiting
from tests.factories.programme import moderator, participant
from tests.factories.transfers import city_of, speaker

pytestmark = pytest.mark.django_db


def saved(experience: CityExperience, **values: Any) -> CityExperience:
    return save_experience(
        experience=experience, base_version=experience.version, values=values,
        by=experience.created_by, at=clock.now(),
    )  # fmt: skip


def test_years_go_the_whole_way_of_a_text(edition: Edition) -> None:
    at = clock.now()
    experience = waiting(edition, began_in=2019)
    experience = publish_experience(
        experience=experience, base_version=3, by=moderator(edition), at=at - timedelta(hours=1)
    )
    assert experience.revisions.get().content["began_in"] == 2019
    author = experience.created_by
    reworking = rework_experience(experience=experience, by=author, at=at)
    assert (reworking.began_in, reworking.ended_in) == (2019, None)

    reworking = saved(reworking, began_in="2018", ended_in="2023")
    # Whoever clears and publishes it sees the years among what changes.
    [change] = changes_of_reworking(reworking)
    assert (str(change.label), "2018" in change.difference.html) == ("When it was done", True)
    moves = {"experience": reworking, "base_version": reworking.version, "at": at}
    submit_experience(**moves, by=author)
    clear_experience(**moves, by=author, official="A. Mayor")
    publish_experience(**moves, by=moderator(edition))
    experience.refresh_from_db()
    assert (experience.began_in, experience.ended_in) == (2018, 2023)
    first, second = experience.revisions.order_by("number")
    assert (second.content["began_in"], second.content["ended_in"]) == (2018, 2023)
    assert [change.name for change in changes_between(first, second) or ()] == ["years"]
    client = APIClient()
    client.force_authenticate(author)
    rows = client.get(f"/api/v1/experience-revisions/?experience={experience.pk}").json()["results"]
    assert {(row["began_in"], row["ended_in"]) for row in rows} == {(2019, None), (2018, 2023)}


def test_half_a_year_is_kept_in_a_draft_and_asked_about_on_handing_in(edition: Edition) -> None:
    experience = saved(draft(edition), began_in="20")
    assert experience.began_in == 20
    next_year = clock.now().year + 1
    wrong = [
        ({}, {"began_in"}),
        ({"began_in": "", "ended_in": "2020"}, {"began_in"}),
        ({"began_in": "2021"}, {"ended_in"}),
        ({"ended_in": str(next_year)}, {"ended_in"}),
    ]
    for values, fields in wrong:
        experience = saved(experience, **values)
        with pytest.raises(InvalidInput) as refused:
            submit_experience(
                experience=experience, base_version=experience.version,
                by=experience.created_by, at=clock.now(),
            )  # fmt: skip
        assert set(refused.value.errors) == fields
    with pytest.raises(InvalidInput) as refused:
        saved(experience, began_in="٢٠١٩", ended_in=True)
    assert set(refused.value.errors) == {"began_in", "ended_in"}
    # And the database holds it for whatever is handed in.
    for years in ({"began_in": 20}, {"ended_in": 2020}, {"began_in": 2021, "ended_in": 2020}):
        with transaction.atomic(), pytest.raises(IntegrityError):
            waiting(edition, **years)


def test_form_and_autosave_take_the_years(edition: Edition, client: Client) -> None:
    experience = draft(edition)
    client.force_login(experience.created_by)
    place = [edition.slug, experience.pk]
    answer = client.put(
        reverse("peer_exchange:draft", args=place),
        json.dumps({"base_version": 3, "values": {"began_in": "2019", "ended_in": ""}}),
        content_type="application/json",
    )
    assert answer.json()["version"] == 4
    page = client.get(reverse("peer_exchange:edit", args=place)).content.decode()
    assert 'name="began_in" value="2019"' in page
    # Somebody else's year is not saved over: the page shows it beside one's own.
    stale = client.post(
        reverse("peer_exchange:edit", args=place), {"base_version": 3, "began_in": "2017"}
    )
    assert (stale.status_code, stale.context["stored"]["The year it began"]) == (409, "2019")
    with pytest.raises(StaleVersion) as refused:
        save_experience(
            experience=experience, base_version=3, values={"began_in": "2017"},
            by=experience.created_by, at=clock.now(),
        )  # fmt: skip
    assert refused.value.extra["stored"]["began_in"] == "2019"


def test_api_writes_and_reads_years_as_numbers(edition: Edition) -> None:
    experience = draft(edition)
    client = APIClient()
    client.force_authenticate(experience.created_by)
    url = f"/api/v1/experiences/{experience.pk}/"
    body = {"base_version": 3, "values": {"began_in": 2019, "ended_in": None}}
    assert client.put(url + "draft/", body, format="json").status_code == 200
    assert (client.get(url).json()["began_in"], client.get(url).json()["ended_in"]) == (2019, None)
    body = {"base_version": 4, "values": {"began_in": "", "ended_in": -1}}
    refused = client.put(url + "draft/", body, format="json")
    assert (refused.status_code, "ended_in" in str(refused.json())) == (422, True)


@pytest.mark.parametrize(
    ("years", "words", "interval"),
    [
        ({"began_in": 2019}, "since 2019", "2019/.."),
        ({"began_in": 2023, "ended_in": 2023}, "2023", "2023/2023"),
        ({"began_in": 2019, "ended_in": 2023}, "2019 to 2023", "2019/2023"),
        ({}, "", None),
    ],
)
def test_page_and_structured_data_say_when(
    edition: Edition, client: Client, years: dict[str, int], words: str, interval: str | None
) -> None:
    experience = published(edition, visibility="public", **years)
    text = client.get(
        reverse("peer_exchange:detail", args=[edition.slug, experience.pk])
    ).content.decode()
    assert (f"<dt>When it was done</dt><dd>{words}</dd>" in text) == bool(words)
    data = json.loads(structured_data(shown(experience, to=experience.created_by)))
    assert data.get("temporalCoverage") == interval


def found(client: Any, edition: Edition, query: str) -> set[str]:
    page = client.get(reverse("peer_exchange:list", args=[edition.slug]) + query)
    return {experience.title for experience in page.context["page_obj"]}


def test_search_finds_what_was_done_between_two_years(edition: Edition, client: Client) -> None:
    published(edition, title="Long ago", began_in=1999, ended_in=2004)
    published(edition, title="Still on", began_in=2010)
    published(edition, title="Last year", began_in=2024, ended_in=2024)
    published(edition, title="Nobody knows")
    person = participant(edition)
    client.force_login(person)
    assert len(found(client, edition, "")) == 4
    for query, titles in (
        ("?since=2005", {"Still on", "Last year"}),
        ("?until=2009", {"Long ago"}),
        ("?since=2000&until=2010", {"Long ago", "Still on"}),
        ("?since=2004&until=2004", {"Long ago"}),
    ):
        assert found(client, edition, query) == titles, query
        api = APIClient()
        api.force_authenticate(person)
        for url in ("/api/v1/search/", "/api/v1/experiences/"):
            rows = api.get(url + query).json()["results"]
            assert {row["title"] for row in rows} == titles, (url, query)
    # What is no year is said, and nothing is left out for it.
    page = client.get(reverse("peer_exchange:list", args=[edition.slug]) + "?since=MMV")
    assert "Write the year in four digits" in page.content.decode()
    assert len(page.context["page_obj"]) == 4
    text = client.get(
        reverse("peer_exchange:list", args=[edition.slug]) + "?q=on&since=2005&theme=climate-change"
    ).content.decode()
    assert 'href="/exchange/' + edition.slug + '/?q=on&amp;theme=climate-change"' in text


def test_a_saved_search_keeps_the_years(edition: Edition) -> None:
    person: User = participant(edition)
    at = datetime(2025, 11, 12, 12, 0, tzinfo=UTC)
    kept = save_search(
        edition=edition, wanted=Wanted(since=2020), name="Lately", cadence="daily", by=person, at=at
    )
    assert kept_wanted(kept.wanted) == Wanted(since=2020)
    # Those from before there were years are known again.
    assert Wanted("trams").as_kept() == {"q": "trams", "exact": False, "chosen": {}}
    for years in ({"began_in": 2022}, {"began_in": 2001, "ended_in": 2002}, {}):
        experience = published(edition, **years)
        experience.published_at = at + timedelta(hours=1)
        experience.save()
    assert send_search_digest(by=person, at=at + timedelta(days=1)) == 1


def test_suggestion_says_when_it_was_done_or_else_when_it_was_published(edition: Edition) -> None:
    user = speaker(edition)
    theme = ThemeFactory.create(slug="mobility")
    add_topic(city=city_of(user), kind="need", theme=theme, words="", by=user, at=clock.now())
    experience = published(edition, title="Cable cars")
    experience.themes.set([theme])
    sentences = (
        ({}, "They did “Cable cars”, published in 2025."),
        ({"began_in": 2023, "ended_in": 2023}, "They did “Cable cars” in 2023."),
        ({"began_in": 2019, "ended_in": 2023}, "They did “Cable cars” from 2019 to 2023."),
        ({"began_in": 2019, "ended_in": None}, "They have done “Cable cars” since 2019."),
    )
    for years, sentence in sentences:
        CityExperience.objects.filter(pk=experience.pk).update(**years)
        [match] = matches_for(user, city_of(user), edition)
        assert sentence in match.reasons
