"""Words that want to be more than words, in every column that holds words of people, and
every page, file and mail that shows them."""

import csv
import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.db import Error, models, transaction
from django.test import Client
from django.urls import reverse

from lms.accounts.models import City, User
from lms.core import clock
from lms.programme.models import Edition, Programme
from lms.timetable.models import Session
from peer_exchange import notifications, transfer_notifications
from peer_exchange.actions import telling
from peer_exchange.enums import Part
from peer_exchange.models import (
    CityExperience,
    CityProfile,
    FollowUp,
    Notice,
    Response,
    ShownMember,
    Talk,
    Transfer,
)
from tests.architecture import matrix_of_exchange
from tests.architecture.scene import Scene, make_scene

pytestmark = [pytest.mark.django_db, pytest.mark.one_database("sqlite")]
ALIVE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)><a href=javascript:alert(1)>"
FORMULA = '=HYPERLINK("https://x.example";"Look")'
# Not words of a person: our own names of things, normal forms, hashes, addresses, HTML that
# was cleaned when it came (test_rich_drafts).
OURS = {
    "stored_as", "sha256", "sent_sha256", "media_type", "fingerprint", "language", "languages",
    "tags", "slug", "country", "time_zone", "email", "password", "website", "url", "last_error",
    "key", *Part.values,
}  # fmt: skip
OF_OTHERS = {User: "name", City: "name", Edition: "name", Programme: "name", Session: "title"}


class Tags(HTMLParser):
    """What a browser would take for more than words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            is_address = name in ("href", "src", "action", "formaction", "srcset")
            address = re.sub(r"[\s\x00-\x1f]", "", value or "").lower()
            if name.startswith("on") or (
                is_address and address.startswith(("javascript", "data:text"))
            ):
                self.found.append(f"<{tag} {name}={value}>")
        if tag == "script" and not {"src", "type"} & dict(attrs).keys():
            self.found.append("<script>")
        if ("src", "x") in attrs:
            self.found.append(f"<{tag} src=x>")


def words_of_people() -> Iterator[tuple[type[models.Model], str, int | None]]:
    for model in apps.get_app_config("peer_exchange").get_models():
        if model.__name__ in ("ExperienceWords", "SearchWord", "ExperienceText"):
            continue
        for field in model._meta.get_fields():
            is_text = isinstance(field, models.CharField | models.TextField)
            if is_text and not field.choices and field.name not in OURS:
                yield model, field.name, getattr(field, "max_length", None)
    for model, name in OF_OTHERS.items():
        yield model, name, model._meta.get_field(name).max_length


def put_everywhere(words: str) -> set[str]:
    """In all columns that take them; what is appended only, or belongs to a state that a
    row is not in, stays. The names of the columns that hold them now."""
    held = set()
    for model, name, longest in words_of_people():
        rows = model._default_manager.all()
        for some in (rows, rows.exclude(**{name: ""})):
            try:
                with transaction.atomic():
                    some.update(**{name: words[:longest]})
            except Error:
                continue
            break
        if rows.filter(**{name: words[:longest]}).exists():
            held.add(f"{model.__name__}.{name}")
    return held


def pages_of(scene: Scene, role: str, of: str = "") -> Iterator[tuple[str, Any]]:
    """(address, answer) of all that can be opened, whose names match."""
    client = Client()
    client.force_login(scene.people[role])
    for row in filter(None, map(str.split, matrix_of_exchange.PAGES.splitlines())):
        method, name = row[:2]
        if method != "GET" or not re.search(of, name):
            continue
        names = scene_params(name)
        address = reverse(name, kwargs=scene.kwargs_of(name, names))
        answer = client.get(address)
        if answer.status_code == 200:
            yield address, answer


def scene_params(name: str) -> list[str]:
    from tests.architecture.test_permissions import ADDRESSES

    path = next(path for found, path, _pattern in ADDRESSES if found == name)
    return re.findall(r"<(?:\w+:)?(\w+)>", path)


@pytest.fixture
def scene(db: None) -> Scene:
    made = make_scene()
    for city in City.objects.all():
        CityProfile.objects.create(city=city, office_name="Office", about="Ours.")
    person = made.people["participant"]
    ShownMember.objects.create(
        city=person.enrolments.get().city, user=person, does="Trams", agreed_at=clock.now()
    )
    return made


def test_nothing_that_anybody_writes_comes_alive(scene: Scene) -> None:
    held = put_everywhere(ALIVE)
    assert {
        "CityExperience.title", "CityExperience.contact_name", "ExperienceFile.name",
        "ExperienceFile.alt", "ExperienceFile.caption", "Response.body", "Report.words",
        "Transfer.why", "TransferEvidence.title", "TransferEvidence.note", "CityTopic.words",
        "CityProfile.about", "CityProfile.office_name", "Talk.about", "Talk.place",
        "SavedSearch.name", "ShownMember.does", "User.name", "City.name",
    } <= held  # fmt: skip
    CityExperience.objects.update(
        links=f'https://x.example/"onmouseover=alert(1) {ALIVE}\n{ALIVE}', visibility="public"
    )

    alive: dict[str, list[str]] = {}
    kinds = set()
    for role in ("administrator", "participant"):
        for address, answer in pages_of(scene, role):
            kinds.add(answer["Content-Type"].partition(";")[0])
            if answer["Content-Type"].startswith("text/html"):
                for asked in (
                    "",
                    f"?q={ALIVE}&kind={ALIVE}&part={ALIVE}&status={ALIVE}&city={ALIVE}",
                ):
                    again = Client()
                    again.force_login(scene.people[role])
                    page = answer if not asked else again.get(address + asked)
                    if found := Tags(page.content.decode()).found:
                        alive[address + asked] = found
    assert alive == {}
    assert {"text/html", "text/csv", "application/pdf", "image/png"} <= kinds


def test_no_mail_brings_what_somebody_wrote_to_life(scene: Scene, at: Any) -> None:
    put_everywhere(ALIVE)
    mail.outbox.clear()
    for response in Response.objects.filter(hidden_at=None):
        for number, person in enumerate(filter(None, scene.people.values())):
            reason = ("mention", "reply", "own", "followed")[number % 4]
            notice, _new = Notice.objects.get_or_create(
                user=person, response=response, experience=response.experience, reason=reason,
                defaults={"created_at": at},
            )  # fmt: skip
            telling.tell(notice_id=notice.pk, by=None, at=at)
    for transfer in Transfer.objects.all():
        transfer_notifications.tell_source_claimed(transfer)
    for talk in Talk.objects.all():
        transfer_notifications.tell_asked_to_talk(talk)
    for follow_up in FollowUp.objects.all():
        transfer_notifications.ask_how_it_goes(follow_up)
    for experience in CityExperience.objects.all():
        notifications.tell_authors_published(experience)
        notifications.tell_authors_returned(experience)

    assert len(mail.outbox) > 5
    assert {subject for m in mail.outbox if "\n" in (subject := m.subject)} == set()
    alive = [
        found
        for message in mail.outbox
        for content, _kind in message.alternatives
        if (found := Tags(str(content)).found)
    ]
    assert alive == []


def test_no_table_computes_what_somebody_wrote(scene: Scene) -> None:
    assert "Response.body" in put_everywhere(FORMULA)
    computed: dict[str, list[str]] = {}
    tables = 0
    for role in ("administrator", "participant"):
        for address, answer in pages_of(scene, role, of="csv|export"):
            text = answer.getvalue().decode("utf-8-sig")
            cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
            tables += any(FORMULA in cell for cell in cells)
            if found := [c for c in cells if c.lstrip().startswith(("=", "+", "-", "@"))]:
                computed[address] = found
    assert computed == {}
    assert tables > 8
