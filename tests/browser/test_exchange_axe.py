"""Every page of the exchange before axe-core: light and dark, 390 and 1280 wide."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page

from lms.accounts.models import User
from lms.core import clock
from lms.programme.models import Edition
from peer_exchange.models import CityExperience, Response, Talk, Transfer
from tests.browser.axe import faults
from tests.browser.conftest import DESKTOP, PHONE, SignIn
from tests.factories.demo_exchange import load_demo_exchange, people_of_the_demo
from tests.factories.programme import EditionFactory, coordinator

# Colours depend on the scheme alone, sizes on the width alone: two looks have all four.
LOOKS = [("light", PHONE), ("dark", DESKTOP)]


@pytest.fixture
def edition(live_server: Any, settings: LazySettings) -> Edition:
    # What a page asks of the database is watched elsewhere.
    settings.ZEAL_ALLOWLIST = [{"model": "*"}]
    return EditionFactory.create()


@pytest.fixture
def people(edition: Edition) -> dict[str, User]:
    people = people_of_the_demo(edition)
    load_demo_exchange(edition, people, clock.now())
    people["c1"] = coordinator(edition)
    return people


def text(title: str, **fields: Any) -> CityExperience:
    return CityExperience.objects.get(title__startswith=title, **{"revises": None, **fields})


def pages_of(edition: Edition) -> Iterator[tuple[str, str]]:
    """(who looks, at which address): `""` is a visitor."""
    here = f"/exchange/{edition.slug}"
    market = text("Three markets")
    radio = text("La radio")
    maps = text("Flood maps")
    draft = text("One international desk")
    waits = text("A library boat")
    moderated = text("School kitchens")
    question = Response.objects.filter(kind="question", answered_at=None).first()
    edited = Response.objects.filter(edited_at__isnull=False).get()
    assert question is not None
    talk = Talk.objects.filter(status="proposed").get()
    due = Transfer.objects.get(experience__title__startswith="A card", city__slug="auckland")
    yield "", f"{here}/{radio.pk}/"
    for path in (
        "/", "/?q=netwrok", "/?q=nothingatall", "/map/", "/searches/", "/new/",
        f"/{draft.pk}/", f"/{draft.pk}/edit/", f"/{draft.pk}/history/", "/transfers/",
        f"/{market.pk}/", f"/{market.pk}/interested/",
        f"/{maps.pk}/versions/", f"/{maps.pk}/versions/1/", f"/responses/{question.pk}/",
        f"/responses/{question.pk}/reply/", f"/responses/{question.pk}/report/",
        f"/responses/{edited.pk}/history/", "/matches/", "/talks/",
        "/talks/with/surabaya/", f"/talks/{talk.pk}/another/",
    ):  # fmt: skip
        yield "p1", here + path
    yield from (("p1", path) for path in ("/following/", "/cities/", "/cities/nairobi/"))
    yield "p1", "/cities/nairobi/edit/"
    yield "p1", "/cities/nairobi/report/"
    yield "p3", f"{here}/questions/"
    yield "p8", f"{here}/{waits.pk}/clearance/"
    yield "p6", f"{here}/{text('Children who').pk}/embargo/"
    yield "p11", f"{here}/transfers/{due.pk}/"
    for path in ("/moderation/", "/reports/", f"/{moderated.pk}/", f"/{moderated.pk}/return/"):
        yield "m1", here + path
    yield "m1", f"{here}/responses/{edited.pk}/hide/"
    yield "c1", f"{here}/rule/"


def test_axe_finds_nothing_on_any_page_of_the_exchange(
    edition: Edition, people: dict[str, User], page: Page, sign_in: SignIn
) -> None:
    found: list[str] = []
    signed_in = ""
    for who, address in pages_of(edition):
        if who != signed_in:
            sign_in(people[who])
            signed_in = who
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, (who, address, answer.status)
        page.locator("details:not([open]) > summary").evaluate_all(
            "all => all.forEach(one => { one.parentElement.open = true; })"
        )
        found += faults(page, LOOKS)

    assert not found, "\n".join(found)
