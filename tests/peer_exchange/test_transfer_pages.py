"""Pages of transfers, cities, suggestions and talks, as people use them without a script."""

import io
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.actions.cities import add_topic, save_city_profile, show_member
from peer_exchange.actions.talks import accept_talk
from peer_exchange.actions.transfer_evidence import add_evidence
from peer_exchange.actions.transfers import confirm_transfer, dispute_transfer, move_transfer
from peer_exchange.models import ShownMember, Talk, Transfer
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import ThemeFactory, published
from tests.factories.programme import moderator
from tests.factories.transfers import (
    BEGUN_AT,
    at_step,
    breaks,
    city_of,
    claimed,
    proposed,
    speaker,
)

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture
def now(monkeypatch: Any, at: datetime) -> datetime:
    monkeypatch.setattr("lms.core.clock.now", lambda: at)
    return at


def address(name: str, *args: Any) -> str:
    return reverse(f"peer_exchange:{name}", args=args)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_from_the_experience_to_a_confirmed_result(edition: Edition) -> None:
    """The way of two cities, by links and forms alone."""
    experience = published(edition)
    user, source = speaker(edition), experience.created_by
    mine, theirs = signed_in(user), signed_in(source)
    slug = edition.slug
    page = mine.get(address("detail", slug, experience.pk))
    assert address("claim", slug, experience.pk) in text_of(page)
    assert address("claim", slug, experience.pk) not in text_of(
        theirs.get(address("detail", slug, experience.pk))
    )

    answer = mine.post(
        address("claim", slug, experience.pk), {"city": city_of(user).slug, "why": "We too."}
    )

    transfer = Transfer.objects.get()
    own_page = address("transfer", slug, transfer.pk)
    assert answer["Location"] == own_page
    again = mine.post(
        address("claim", slug, experience.pk), {"city": city_of(user).slug, "why": "We too."}
    )
    assert again["Location"] == own_page
    home = text_of(theirs.get("/"))
    assert "says that it takes up your practice" in home
    assert own_page in home
    confirm = address("transfer_word", slug, transfer.pk, "confirm")
    assert confirm in text_of(theirs.get(own_page))
    theirs.post(confirm, {"base_version": 0})
    assert "says that it takes up your practice" not in text_of(theirs.get("/"))
    step = address("transfer_step", slug, transfer.pk)
    missing = mine.post(step, {"base_version": 1, "to": "understanding", "why": " "})
    assert missing.status_code == 422
    stale = mine.post(step, {"base_version": 0, "to": "understanding", "why": "We read it."})
    assert stale.status_code == 409
    assert "We read it." in text_of(stale)
    mine.post(step, {"base_version": 1, "to": "understanding", "why": "We read it."})
    transfer.refresh_from_db()
    assert (transfer.status, transfer.version) == ("understanding", 2)
    mine.post(address("transfer_word", slug, transfer.pk, "take-back"), {"base_version": 2})
    transfer.refresh_from_db()
    assert transfer.status == "interested"
    assert mine.post(address("transfer_word", slug, transfer.pk, "gone")).status_code == 404


def test_one_does_not_confirm_ones_own_claim(edition: Edition) -> None:
    transfer = claimed(published(edition))
    mine = signed_in(transfer.claimed_by)
    for move, fields in (("confirm", {}), ("dispute", {"reason": "No."})):
        url = address("transfer_word", edition.slug, transfer.pk, move)
        assert mine.post(url, {"base_version": 0, **fields}).status_code == 403


def test_nothing_hostile_comes_alive_on_any_page(edition: Edition, now: datetime) -> None:
    """Stored and reflected, in every field of transfers, cities, topics and talks."""
    breaks(edition, now + timedelta(days=1))
    city = CityFactory.create(name=HOSTILE, slug="hostile")
    user, source = speaker(edition, city, name=HOSTILE), speaker(edition)
    experience = published(edition, city_of(source), author=source, title=HOSTILE)
    save_city_profile(
        city=city, base_version=0, by=user, at=now,
        values={"office_name": HOSTILE, "about": HOSTILE, "website": "https://a.example/?q='"},
    )  # fmt: skip
    show_member(city=city, does=HOSTILE, by=user, at=now)
    add_topic(city=city, kind="need", theme=ThemeFactory.create(), words=HOSTILE, by=user, at=now)
    transfer = claimed(experience, by=user, why=HOSTILE)
    add_evidence(transfer=transfer, title=HOSTILE, note=HOSTILE, by=user, at=now)
    dispute_transfer(transfer=transfer, base_version=0, reason=HOSTILE, by=source, at=now)
    talk = proposed(edition, source, city, now + timedelta(days=1), at=now)
    Talk.objects.filter(pk=talk.pk).update(about=HOSTILE, place=HOSTILE)
    slug = edition.slug
    client = signed_in(user)
    pages = [
        address("transfers", slug), address("transfer", slug, transfer.pk),
        address("cities") + "?q=%3Cscript%3E", address("city", city.slug),
        address("edit_city", city.slug), address("city_report", city.slug),
        address("matches", slug), address("talks", slug), address("another_time", slug, talk.pk),
        address("propose_talk", slug, city_of(source).slug),
        address("transfers", slug) + "?city=%22%3E%3Cscript%3E&status=%3Cscript%3E",
        address("detail", slug, experience.pk), "/",
    ]  # fmt: skip
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert "<script>" not in text_of(answer), page
        assert "<img src=x" not in text_of(answer), page
    move_transfer(transfer=transfer, base_version=1, to="stopped", why=HOSTILE, by=user, at=now)
    assert "<img src=x" not in text_of(client.get(pages[1]))
    for table in ("transfers_csv", "flows_csv", "talks_csv", "matches_csv"):
        assert client.get(address(table, slug)).status_code == 200


def test_a_spreadsheet_computes_nothing(edition: Edition) -> None:
    transfer = claimed(published(edition), why='=HYPERLINK("http://a.example")')
    answer = signed_in(transfer.claimed_by).get(address("transfers_csv", edition.slug))
    assert "'=HYPERLINK" in text_of(answer)


def test_what_is_disputed_others_find_nowhere(edition: Edition) -> None:
    experience = published(edition)
    transfer = claimed(experience)
    dispute_transfer(
        transfer=transfer, base_version=0, reason="We never met.", by=experience.created_by,
        at=BEGUN_AT,
    )  # fmt: skip
    reader = signed_in(speaker(edition))
    slug = edition.slug
    assert reader.get(address("transfer", slug, transfer.pk)).status_code == 404
    for page in (
        address("transfers", slug), address("transfers_csv", slug), address("flows_csv", slug),
        address("city", transfer.city.slug), address("city_transfers_csv", transfer.city.slug),
        address("detail", slug, experience.pk),
    ):  # fmt: skip
        words = text_of(reader.get(page))
        assert "We never met." not in words
        assert transfer.why not in words


def test_the_report_is_one_page_even_with_long_words(edition: Edition) -> None:
    long_name = "A very long name of a metropolitan area " * 3
    user = speaker(edition, CityFactory.create(name=long_name[:120], slug="long"))
    save_city_profile(
        city=city_of(user), base_version=0, values={"office_name": "Office " * 28}, by=user,
        at=BEGUN_AT,
    )  # fmt: skip
    for _ in range(12):
        transfer = claimed(published(edition, title="Word " * 31), by=user, why="Reason " * 500)
        confirm_transfer(
            transfer=transfer, base_version=0, by=transfer.experience.created_by, at=BEGUN_AT
        )
    own = published(edition, city_of(user), author=user, title="Word " * 31)
    for _ in range(8):
        at_step(claimed(own), "adopted")

    client = signed_in(user)
    answer = client.get(address("city_report_pdf", "long"))

    assert answer["Content-Type"] == "application/pdf"
    document = PdfReader(io.BytesIO(answer.content))
    assert len(document.pages) == 1
    words = document.pages[0].extract_text()
    assert "12 confirmed" in words
    assert "8 more stand" in words
    whole = client.get(address("city_report", "long"))
    assert address("city_transfers_csv", "long") in whole.content.decode()
    page = text_of(whole)
    assert "8 more stand" in page
    assert signed_in(speaker(edition)).get(address("city_report", "long")).status_code == 403


def test_a_page_saved_meanwhile_keeps_both_texts(edition: Edition) -> None:
    user = speaker(edition)
    city = city_of(user)
    save_city_profile(city=city, base_version=0, values={"about": "Hills."}, by=user, at=BEGUN_AT)
    client = signed_in(user)
    form = {"base_version": 0, "about": "A harbour.", "languages": ["es"]}

    answer = client.post(address("edit_city", city.slug), form)

    assert answer.status_code == 409
    assert "A harbour." in text_of(answer)
    assert "Hills." in text_of(answer)
    assert (
        client.post(address("edit_city", city.slug), {**form, "base_version": 1}).status_code == 302
    )
    assert "A harbour." in text_of(client.get(address("city", city.slug)))


def test_somebody_shows_and_hides_their_own_name(edition: Edition) -> None:
    user, reader = speaker(edition, name="Ana Poma"), speaker(edition)
    url = address("be_shown", city_of(user).slug)
    page = address("city", city_of(user).slug)
    assert "Ana Poma" not in text_of(signed_in(reader).get(page))
    signed_in(user).post(url, {"does": "Water"})
    assert "Ana Poma" in text_of(signed_in(reader).get(page))
    assert signed_in(reader).post(url, {"does": "Water"}).status_code == 403
    signed_in(user).post(url, {"take_back": "1"})
    assert ShownMember.objects.count() == 0


def test_suggestions_are_set_aside_and_brought_back(edition: Edition) -> None:
    one, other = speaker(edition), speaker(edition)
    theme = ThemeFactory.create(slug="energy")
    for user, kind in ((one, "need"), (other, "offer")):
        url = address("add_topic", city_of(user).slug)
        signed_in(user).post(url, {"kind": kind, "theme": theme.slug, "words": "Heat"})
    client, slug, name = signed_in(one), edition.slug, city_of(other).slug
    assert "They offer what you look for: Energy." in text_of(client.get(address("matches", slug)))
    client.post(address("move_match", slug, name, "dismiss"))
    assert "They offer" not in text_of(client.get(address("matches", slug)))
    client.post(address("move_match", slug, name, "bring-back"))
    assert "They offer" in text_of(client.get(address("matches", slug)))
    staff = signed_in(moderator(edition))
    assert "For people who speak for a city" in text_of(staff.get(address("matches", slug)))


def test_a_talk_from_proposal_to_calendar(edition: Edition, now: datetime) -> None:
    breaks(edition, now + timedelta(days=1))
    nairobi = CityFactory.create(name="Nairobi", time_zone="Africa/Nairobi")
    one, other = speaker(edition, nairobi), speaker(edition)
    slug, name = edition.slug, city_of(other).slug
    form = text_of(signed_in(one).get(address("propose_talk", slug, name)))
    assert "Nairobi time" in form
    starts_at = (now + timedelta(days=1)).isoformat()
    signed_in(one).post(address("propose_talk", slug, name), {"starts_at": starts_at})
    talk = Talk.objects.get()
    answer = address("move_talk", slug, talk.pk, "accept")
    listed = text_of(signed_in(other).get(address("talks", slug)))
    assert answer in listed
    assert "Nairobi time" in listed
    assert "A city would like to talk to yours." in text_of(signed_in(other).get("/"))
    assert signed_in(one).post(answer).status_code == 403
    assert signed_in(other).get(address("talk_ics", slug, talk.pk)).status_code == 404
    signed_in(other).post(answer)
    file = signed_in(one).get(address("talk_ics", slug, talk.pk))
    assert file["Content-Type"].startswith("text/calendar")
    assert signed_in(speaker(edition)).get(address("talk_ics", slug, talk.pk)).status_code == 404
    forged = {"starts_at": (now + timedelta(days=2)).isoformat()}
    refused = signed_in(one).post(address("propose_talk", slug, name), forged)
    assert refused.status_code == 422


def test_pages_cost_the_same_for_many(edition: Edition, now: datetime) -> None:
    """At 1 and at 18 rows; a city has at most 20 open proposals."""
    breaks(edition, now + timedelta(days=1))
    user = speaker(edition)
    own = published(edition, city_of(user), author=user)
    client, slug = signed_in(user), edition.slug

    def add(count: int) -> Transfer:
        for _ in range(count):
            transfer = claimed(published(edition), by=user)
            claimed(own)
            proposed(edition, speaker(edition), city_of(user), now + timedelta(days=1), at=now)
        return transfer

    def costs() -> dict[str, int]:
        found = {}
        for page in pages:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(page).status_code == 200
            found[page] = len(asked)
        return found

    transfer = add(1)
    pages = (
        address("transfers", slug), address("transfer", slug, transfer.pk), address("cities"),
        address("city", city_of(user).slug), address("city_report", city_of(user).slug),
        address("talks", slug), address("matches", slug),
    )  # fmt: skip
    with_one = costs()
    add(17)
    assert costs() == with_one
    assert max(with_one.values()) <= 36


def test_a_follow_up_is_a_duty_until_it_is_answered(edition: Edition, monkeypatch: Any) -> None:
    transfer = claimed(published(edition))
    row = transfer.follow_ups.get(months=6)
    monkeypatch.setattr("lms.core.clock.now", lambda: row.due_at)
    mine = signed_in(transfer.claimed_by)
    assert "took up a practice 6 months ago" in text_of(mine.get("/"))
    mine.post(address("follow_up", edition.slug, row.pk), {"answer": "Two streets have it."})
    assert "took up a practice" not in text_of(mine.get("/"))
    page = text_of(mine.get(address("transfer", edition.slug, transfer.pk)))
    assert "Two streets have it." in page


def test_the_ics_of_an_accepted_talk_is_for_the_two_cities(edition: Edition) -> None:
    breaks(edition)
    one, other = speaker(edition), speaker(edition)
    talk = accept_talk(talk=proposed(edition, one, city_of(other)), by=other, at=BEGUN_AT)
    url = address("talk_ics", edition.slug, talk.pk)
    assert [signed_in(u).get(url).status_code for u in (one, other, moderator(edition))] == [
        200, 200, 404,
    ]  # fmt: skip


def test_each_suggestion_proposes_a_talk_into_another_free_break(
    edition: Edition, now: datetime
) -> None:
    ours = speaker(edition)
    theme = ThemeFactory.create(slug="energy")
    add_topic(city=city_of(ours), kind="need", theme=theme, words="", by=ours, at=now)
    for _other in "ab":
        theirs = speaker(edition)
        add_topic(city=city_of(theirs), kind="offer", theme=theme, words="", by=theirs, at=now)
    client = signed_in(ours)
    page = client.get(address("matches", edition.slug))
    assert [slot for _match, slot in page.context["rows"]] == [None, None]
    breaks(edition)
    breaks(edition, now + timedelta(days=2))
    page = client.get(address("matches", edition.slug))
    first, second = (slot.starts_at.isoformat() for _match, slot in page.context["rows"])
    assert first != second
    to = page.context["rows"][0][0].city
    link = f"{address('propose_talk', edition.slug, to.slug)}?for={city_of(ours).pk}&starts_at="
    assert link.replace("&", "&amp;") in text_of(page)
    form = text_of(client.get(link + quote(first)))
    [chosen] = [tag for tag in form.split("<input")[1:] if first in tag]
    assert "checked" in chosen.partition(">")[0]
