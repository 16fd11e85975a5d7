"""A public experience on the web: read without an account, fit to be passed on."""

import json
import re
from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from lms.programme.models import Edition
from peer_exchange.actions import attach, save_experience
from peer_exchange.models import CityExperience, ExperienceFile
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import draft, published, response_of, waiting
from tests.factories.pictures import drawing
from tests.factories.programme import participant
from tests.queries import queries_of

pytestmark = pytest.mark.django_db
DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def address(name: str, experience: CityExperience) -> str:
    return reverse(f"peer_exchange:{name}", args=[experience.edition.slug, experience.pk])


def test_anybody_reads_a_public_text_and_nothing_else(edition: Edition, client: Client) -> None:
    public = published(edition, visibility="public", contact_email="clerk@city.example")
    response_of(participant(edition), public, body="Among ourselves.")
    page = client.get(address("detail", public))
    text = page.content.decode()
    assert (page.status_code, "Among ourselves." in text) == (200, False)
    # Who to ask by name; the address only for those who have signed in.
    assert ("A. Clerk" in text, "clerk@city.example" in text) == (True, False)
    others = [
        published(edition),
        published(edition, visibility="members"),
        waiting(edition, visibility="public"),
        draft(edition, visibility="public"),
    ]
    for name in ("detail", "document", "card", "versions"):
        assert client.get(address(name, public)).status_code == 200, name
        for hidden in others:
            answer = client.get(address(name, hidden))
            # The same as for a number that nobody has: to the sign-in.
            assert (answer.status_code, "/accounts/login/" in answer["Location"]) == (302, True)
    missing = address("detail", public).replace(str(public.pk), "999999")
    assert client.get(missing).status_code == 302
    for name in ("edit", "history", "rework", "embargo", "changes"):
        assert client.get(address(name, public)).status_code in (302, 405), name


def test_structured_data_says_what_the_page_says(edition: Edition, client: Client) -> None:
    hostile = '</script><script>alert(1)</script>"&'
    experience = published(edition, visibility="public", title=hostile, summary=hostile)
    page = client.get(address("detail", experience))
    text = page.content.decode()

    (block,) = DATA.findall(text)
    data = json.loads(block)
    assert (data["@type"], data["headline"], data["abstract"]) == ("Article", hostile, hostile)
    assert data["inLanguage"] == "en"
    assert data["url"].endswith(address("detail", experience))
    assert "<script>alert(1)" not in text
    assert f'<link rel="canonical" href="{data["url"]}">' in text
    assert '<meta name="twitter:card" content="summary_large_image">' in text
    assert f'<meta property="og:image" content="{data["image"][0]}">' in text
    # The policy for scripts stays as strict as it is: a data block is none.
    assert "unsafe" not in page["Content-Security-Policy"]


def test_only_a_public_page_invites_search_engines(edition: Edition, client: Client) -> None:
    experience = published(edition)
    client.force_login(participant(edition))
    text = client.get(address("detail", experience)).content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in text
    assert ("og:image" in text, DATA.findall(text)) == (False, [])


def test_card_is_a_picture_for_any_title(edition: Edition, client: Client) -> None:
    titles = ("Trams", "Трамваи и 市場 😀", "夜市", "\u202eetirw ew", "W" * 160, "a\u0301" * 80)
    for title in titles:
        experience = published(edition, visibility="public", title=title)
        answer = client.get(address("card", experience))
        with Image.open(BytesIO(answer.content)) as picture:
            assert (picture.format, picture.size) == ("PNG", (1200, 630))
        assert answer["Cache-Control"] == "public, max-age=3600"


def test_document_is_tagged_and_has_pictures_and_parts(
    edition: Edition, client: Client, at: datetime
) -> None:
    experience = draft(edition, links="https://example.org/report Evaluation")
    author = experience.created_by
    file = attach(experience=experience, kind="picture", upload=drawing(), by=author, at=at)
    save_experience(
        experience=experience, base_version=3, values={f"alt:{file.pk}": "A red plan"},
        by=author, at=at,
    )  # fmt: skip
    client.force_login(author)
    answer = client.get(address("document", experience))
    assert answer["Content-Disposition"].startswith("attachment;")
    reader = PdfReader(BytesIO(answer.content))
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert "What was done" in text
    assert "Evaluation" in text
    assert len(reader.pages[0].images) + len(reader.pages[-1].images) >= 1


def test_sitemap_lists_what_anybody_reads(edition: Edition, client: Client) -> None:
    public = published(edition, visibility="public")
    for hidden in (published(edition), published(edition, visibility="members")):
        assert hidden.pk != public.pk

    def sitemap() -> str:
        answer = client.get("/sitemap.xml")
        return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]

    assert re.findall(r"<loc>(.*?)</loc>", sitemap()) == [
        f"http://127.0.0.1:8000{address('detail', public)}"
    ]
    assert (
        "Sitemap: http://127.0.0.1:8000/sitemap.xml" in client.get("/robots.txt").content.decode()
    )
    with CaptureQueriesContext(connection) as with_one:
        sitemap()
    for _number in range(4):
        published(edition, visibility="public")
    with CaptureQueriesContext(connection) as with_five:
        sitemap()
    assert len(with_five) == len(with_one)


def test_page_asks_the_same_number_of_questions_for_many_pictures(
    edition: Edition, client: Client, at: datetime
) -> None:
    experience = published(edition, visibility="public")

    def add(count: int) -> None:
        for number in range(count):
            ExperienceFile.objects.create(
                experience=experience, kind="picture", name=f"{number}.png", alt="Plan",
                stored_as="x", sha256="x", sent_sha256="x", size=1, media_type="image/webp",
                sizes=[{"width": 480, "height": 300, "stored_as": "x", "bytes": 1}],
                uploaded_at=at, uploaded_by=experience.created_by,
            )  # fmt: skip

    add(1)
    with_one = queries_of(client, address("detail", experience))
    add(11)
    assert queries_of(client, address("detail", experience)) == with_one


def test_language_of_the_text_is_told_to_readers_and_machines(
    edition: Edition, client: Client, at: datetime
) -> None:
    edition.languages = "en es ar"
    edition.save()
    city = CityFactory.create(name="Rabat")
    experience = published(edition, city, visibility="public", language="ar", title="أسواق")
    text = client.get(address("detail", experience)).content.decode()
    assert '<h1 class="page-head__title" id="experience-title" dir="auto" lang="ar">' in text
    assert "العربيّة" in text


def test_written_in_one_of_the_editions_languages(edition: Edition, at: datetime) -> None:
    from lms.core.errors import InvalidInput

    edition.languages = "en, es"
    edition.save()
    experience = draft(edition)
    for refused in ("fr", "", None, ["es"]):
        with pytest.raises(InvalidInput):
            save_experience(
                experience=experience, base_version=3, values={"language": refused},
                by=experience.created_by, at=at,
            )  # fmt: skip
    saved: Any = save_experience(
        experience=experience, base_version=3, values={"language": "es"},
        by=experience.created_by, at=at,
    )  # fmt: skip
    assert saved.language == "es"
