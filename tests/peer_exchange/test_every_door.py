"""Every address of the exchange that can be opened, opened as somebody who may not read.

Each thing that is not for everybody has a word of its own in it. No page, file, answer of
the API, picture, calendar or mail may hold the word of a thing its reader may not read:
also not one that is added tomorrow, because the addresses come from the URL patterns.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from lms.accounts.models import User
from lms.core import clock
from lms.programme.models import Edition
from peer_exchange import actions
from peer_exchange.actions import searches, telling
from peer_exchange.actions.taking_over import keep_as_published
from peer_exchange.actions.transfers import claim_transfer, dispute_transfer
from peer_exchange.enums import Attachment
from peer_exchange.models import (
    CityExperience,
    ExperienceFile,
    ExperienceRevision,
    Follow,
    Notice,
    Report,
    Response,
    SavedSearch,
    Transfer,
)
from peer_exchange.wanted import make_wanted
from tests.factories.peer_exchange import (
    ThemeFactory,
    draft,
    published,
    response_of,
    submitted,
    waiting,
)
from tests.factories.pictures import drawing
from tests.factories.programme import EditionFactory, ProgrammeFactory, moderator, participant
from tests.factories.transfers import city_of

pytestmark = pytest.mark.django_db
# Of a text: its title has the first word, everything else of it the second.
FIRST, SECOND = "quivira{}aa", "quivira{}bb"
TEXTS = (
    "draft", "clearance", "moderation", "embargo", "archived", "rework", "cohort", "members",
)  # fmt: skip
# Said beside a text that anybody reads.
BESIDE = ("hiddenwords", "reporter", "oldwords", "offfile", "disputed", "privatesearch")
READ = {
    "peer": {"cohort", "members", "oldwords"},
    "sister": {"members"},
    "stranger": set(),
    "visitor": set(),
}


def words_of(state: str) -> dict[str, Any]:
    second = SECOND.format(state)
    parts = dict.fromkeys(("context", "challenge", "lessons", "cost"), f"About {second}.")
    return {
        "title": f"About {FIRST.format(state)}",
        "summary": f"In short: {second}.",
        "contact_name": f"Clerk {second}",
        "contact_email": f"{second}@city.example",
        "links": f"https://{second}.example {second}",
        **parts,
    }


class World:
    """All of it, and who looks."""

    def __init__(self, edition: Edition) -> None:
        at, self.edition = clock.now(), edition
        sister = EditionFactory.create(programme=edition.programme)
        other = EditionFactory.create(programme=ProgrammeFactory.create(slug="other"))
        self.editions = [edition, sister, other]
        self.people: dict[str, User | None] = {
            "peer": participant(edition),
            "sister": participant(sister),
            "stranger": participant(other),
            "visitor": None,
        }
        self.moderator = moderator(edition)
        self.texts: dict[str, CityExperience] = {
            "draft": draft(edition, **words_of("draft")),
            "clearance": submitted(edition, **words_of("clearance")),
            "moderation": waiting(edition, **words_of("moderation")),
            "embargo": published(
                edition, visibility="public", embargo_until=at + timedelta(days=9),
                **words_of("embargo"),
            ),
            "archived": published(edition, visibility="public", **words_of("archived")),
            "cohort": published(edition, visibility="cohort", **words_of("cohort")),
            "members": published(edition, visibility="members", **words_of("members")),
        }  # fmt: skip
        self.public = published(edition, visibility="public", title="Quiviraopen")
        self.team = self.public.created_by
        self.texts["rework"] = actions.rework_experience(
            experience=self.public, by=self.team, at=at
        )
        CityExperience.objects.filter(pk=self.texts["rework"].pk).update(**words_of("rework"))
        for state, text in self.texts.items():
            text.themes.add(ThemeFactory.create(slug=f"only-{state}"))
            self._attach(text, state, at)
            self._follow(text, at)
        for text in self.texts.values():
            actions.drafts.index_experience(CityExperience.objects.get(pk=text.pk))
        self._said_beside(at)
        self._archive(at)

    def _attach(self, text: CityExperience, state: str, at: Any, **more: Any) -> None:
        """As it would stand there: attaching itself is for drafts."""
        base = draft(self.edition)
        stored = actions.attach(
            experience=base, kind="picture", upload=drawing(), by=base.created_by, at=at
        )
        said = SECOND.format(state)
        for kind in Attachment:
            file = ExperienceFile.objects.get(pk=stored.pk)
            file.pk, file.experience, file.kind, file.name = uuid4(), text, kind, f"{said}.png"
            file.alt = file.caption = said
            for name, value in more.items():
                setattr(file, name, value)
            file.save(force_insert=True)
        base.files.all().delete()

    def _follow(self, text: CityExperience, at: Any) -> None:
        for person in filter(None, self.people.values()):
            Follow.objects.create(user=person, experience=text, created_at=at)
            Follow.objects.get_or_create(
                user=person, city=text.city, defaults={"created_at": at, "experience": None}
            )
            Notice.objects.create(user=person, experience=text, reason="followed", created_at=at)

    def _said_beside(self, at: Any) -> None:
        word, public, team = SECOND.format, self.public, self.team
        hidden = response_of(team, public, body=f"Rude {word('hiddenwords')}.", at=at)
        reply = response_of(self.moderator, public, at=at, parent=hidden, thread=hidden, position=1)
        Notice.objects.create(
            user=self.people["peer"], experience=public, response=hidden, reason="mention",
            created_at=at,
        )  # fmt: skip
        actions.report(
            experience=public, response_id=reply.pk, reason="other", words=word("reporter"),
            by=team, at=at,
        )  # fmt: skip
        actions.hide_response(response=hidden, reason=word("hiddenwords"), by=self.moderator, at=at)
        Response.objects.filter(pk=hidden.pk).update(reply_count=1)
        # A wording that the cohort alone had, then one for everybody.
        keep_as_published(public, by=team, at=at)
        first = ExperienceRevision.objects.get(experience=public)
        ExperienceRevision.objects.create(
            experience=public, number=2, visibility="public", sha256=first.sha256,
            content=first.content, cleared_by_name="A.", published_at=at, published_by=team,
        )  # fmt: skip
        ExperienceRevision.objects.create(
            experience=public, number=3, visibility="cohort", sha256=first.sha256,
            content={**first.content, "title": word("oldwords"), "summary": word("oldwords")},
            cleared_by_name="A.", published_at=at, published_by=team,
        )  # fmt: skip
        self._attach(public, "offfile", at, removed_at=at, removed_by=team)
        by = participant(self.edition)
        claim = claim_transfer(
            experience=public, city=city_of(by), why=word("disputed"), by=by, at=at
        )
        dispute_transfer(transfer=claim, base_version=0, reason=word("disputed"), by=team, at=at)
        searches.save_search(
            edition=self.edition, wanted=make_wanted(q=word("privatesearch"), chosen={}),
            name=word("privatesearch"), cadence="daily", by=team, at=at,
        )  # fmt: skip

    def _archive(self, at: Any) -> None:
        text, by = self.texts["archived"], participant(self.edition)
        said = response_of(by, text, body=f"On {SECOND.format('archived')}.", at=at)
        claim_transfer(
            experience=text, city=city_of(by), why=SECOND.format("archived"), by=by, at=at
        )
        Notice.objects.create(
            user=self.people["peer"], experience=text, response=said, reason="mention",
            created_at=at,
        )  # fmt: skip
        actions.archive_experience(
            experience=text, base_version=3, reason=SECOND.format("archived"),
            by=text.created_by, at=at,
        )  # fmt: skip

    def ids(self) -> list[Any]:
        """Of what somebody could write into an address to read it."""
        texts = {self.public.pk, *(text.pk for text in self.texts.values())}
        said = Response.objects.exclude(hidden_at=None) | Response.objects.filter(
            experience=self.texts["archived"]
        )
        beside = {
            *said.values_list("pk", flat=True),
            *Transfer.objects.values_list("pk", flat=True),
            *Report.objects.values_list("pk", flat=True),
            *ExperienceRevision.objects.filter(number=3).values_list("pk", flat=True),
            *SavedSearch.objects.values_list("pk", flat=True),
        }
        files = ExperienceFile.objects.filter(
            experience__in=[self.texts["embargo"], self.texts["archived"], self.public]
        )
        return [*sorted(texts | beside), *files.values_list("pk", flat=True)]

    def addresses(self) -> Iterator[tuple[str, str]]:
        """The name of a pattern and each address that it makes of what there is."""
        ids = self.ids()
        widths = {size["width"] for file in ExperienceFile.objects.all() for size in file.sizes}
        named = ("embargo", "archived", "cohort", "rework", "moderation")
        cities = sorted({self.texts[state].city.slug for state in named})
        values: dict[str, list[Any]] = {
            "edition_slug": [edition.slug for edition in self.editions],
            "number": [3],  # the version that the cohort alone had
            "width": [min(widths)],
            "city_slug": cities,
            "version_pk": [1],
            "slug": cities,
        }
        for name, params in patterns():
            if set(params) - {*values, "pk"}:
                continue
            choices: list[dict[str, Any]] = [{}]
            for param in params:
                options = ids if param == "pk" else values[param]
                if param == "edition_slug" and "pk" in params:
                    options = [self.edition.slug]
                choices = [{**choice, param: one} for choice in choices for one in options]
            for choice in choices:
                try:
                    yield name, reverse(name, kwargs=choice)
                except NoReverseMatch:
                    continue

    def questions(self) -> Iterator[tuple[str, str]]:
        """Searches by words of the texts, also mistyped and begun."""
        doors = [reverse(f"peer_exchange:{n}", args=[self.edition.slug]) for n in ("list", "map")]
        doors += [reverse(f"api:v1:{n}-list") for n in ("search", "map", "experience")]
        for door in doors:
            for state in TEXTS:
                typed = FIRST.format(state)[:-1] + "b"  # one letter away from both words
                yield "search", f"{door}?q={typed}"
                yield "choice", f"{door}?theme=only-{state}"


def patterns(
    resolver: Any = None, space: str = "", params: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and parameters of each address of the exchange."""
    for one in (resolver or get_resolver()).url_patterns:
        more = (*params, *one.pattern.converters, *one.pattern.regex.groupindex)
        if isinstance(one, URLResolver):
            yield from patterns(one, f"{space}{one.namespace}:" if one.namespace else space, more)
        elif isinstance(one, URLPattern) and one.name:
            name = f"{space}{one.name}"
            if name.startswith(("peer_exchange:", "following:", "api:v1:")) and is_ours(name):
                yield name, tuple(dict.fromkeys(more))


def is_ours(name: str) -> bool:
    ours = (
        "experience", "response", "report", "follow", "kept-away", "transfer", "city", "talk",
        "search", "map", "saved-search", "me", "file",
    )  # fmt: skip
    return not name.startswith("api:") or name.removeprefix("api:v1:").startswith(ours)


def found_in(text: str, allowed: set[str]) -> set[str]:
    lower = text.lower()
    return {
        state
        for state in (*TEXTS, *BESIDE)
        if state not in allowed and (FIRST.format(state) in lower or SECOND.format(state) in lower)
    }


@pytest.fixture
def world(edition: Edition) -> World:
    return World(edition)


@pytest.mark.parametrize("who", ["peer", "sister", "visitor"])
def test_no_door_opens_to_what_one_may_not_read(client: Client, world: World, who: str) -> None:
    if person := world.people[who]:
        client.force_login(person)
    told: dict[str, Any] = {}
    forms: set[str] = set()
    opened = 0

    for name, address in [*world.addresses(), *world.questions()]:
        if name in forms:
            continue
        answer = client.get(address)
        if answer.status_code == 405:
            forms.add(name)
            continue
        assert answer.status_code < 500, address
        content = answer.getvalue() if answer.streaming else answer.content
        head = " ".join(map(str, answer.headers.values()))
        opened += answer.status_code == 200
        asked = address.partition("?")[2]
        text = content.decode("utf-8", "replace").replace(asked.partition("=")[2], "")
        if leaked := found_in(f"{text} {head}", READ[who]):
            told[address] = leaked
    assert told == {}
    assert opened > (10 if person else 3)  # or nothing was tried


def test_no_mail_tells_what_one_may_not_read(world: World) -> None:
    """What was promised before: each of them follows all of it, and is told of all of it."""
    at = clock.now() + timedelta(days=8)
    for who, person in world.people.items():
        if person is None:
            continue
        mail.outbox.clear()
        for notice in Notice.objects.filter(user=person):
            telling.tell(notice_id=notice.pk, by=None, at=clock.now())
        telling.tell_in_digest(user=person, by=None, at=at)
        SavedSearch.objects.filter(user=person).delete()
        for edition in world.editions:
            if edition.pk not in [e.edition_id for e in person.enrolments.all()]:
                continue
            search = searches.save_search(
                edition=edition, wanted=make_wanted(q="quivira", chosen={}), name="All",
                cadence="daily", by=person, at=clock.now() - timedelta(days=900),
            )  # fmt: skip
            SavedSearch.objects.filter(pk=search.pk).update(digest_at=at)
        searches.send_search_digest(by=person, at=at)
        said = " ".join(f"{m.subject} {m.body} {m.alternatives}" for m in mail.outbox)
        assert (who, found_in(said, READ[who])) == (who, set())
    assert Notice.objects.filter(told_at=None).exclude(user=world.team).count() == 0
