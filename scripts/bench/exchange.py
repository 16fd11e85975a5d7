"""The exchange at two sizes: 200 experiences with 2,000 responses, and a hundred times that.

Written in bulk, and indexed as the actions index. `notice_rows` measure in this process what
a response costs whoever writes it when nobody and when 5,000 people follow: messages are
handed to the broker, and nobody reads them here.
"""

import random
import time
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.test.utils import override_settings
from django.urls import reverse

from lms.accounts.models import User
from lms.core import clock
from lms.core.models import OutboxMessage
from lms.programme.models import Edition, Enrolment
from peer_exchange.actions import respond_to_experience
from peer_exchange.enums import ExperienceStatus, Part
from peer_exchange.models import (
    CityExperience,
    ExperienceAuthor,
    ExperienceWords,
    Facet,
    Follow,
    Response,
    SharingPolicy,
    Theme,
)
from peer_exchange.normal_text import fingerprint, words_of
from scripts.bench.population import Population
from scripts.bench.rows import timed_row
from scripts.bench.targets import Request, Target
from scripts.stack.people import analyse, session_cookie

FEW, MANY = 200, 20_000
RESPONSES_EACH = 10
FOLLOWERS = 5_000
READERS = 20
ONCE = 2_000  # rows that are written at a time
SEARCHED = "tram ferr"


def exchange_targets(people: Population) -> list[Target]:
    """Fills the two exchanges, which takes a minute or two."""
    chance = random.Random(7)
    vocabulary = [_made_up(chance) for _ in range(4_000)]
    targets = []
    for edition, size in ((people.few, FEW), (people.many, MANY)):
        # Everybody has told and answered something: a person's share does not grow with
        # the exchange.
        places = list(edition.enrolments.select_related("user", "city").order_by("pk"))
        _fill(edition, places, size, vocabulary, chance)
        readers = [session_cookie(place.user) for place in places[:READERS]]
        shown = edition.experiences.order_by("-published_at")[:READERS]
        address = reverse("peer_exchange:list", args=[edition.slug])
        theme = Theme.objects.order_by("pk").first()
        assert theme is not None
        targets += [
            Target(f"exchange list, {size:,}", size, [Request(address, one) for one in readers]),
            Target(
                f"exchange search, {size:,}",
                size,
                [
                    Request(f"{address}?q={SEARCHED.replace(' ', '+')}&theme={theme.slug}", one)
                    for one in readers
                ],
            ),
            Target(
                f"exchange page, {size:,}",
                size,
                [
                    Request(reverse("peer_exchange:detail", args=[edition.slug, one.pk]), cookie)
                    for one, cookie in zip(shown, readers, strict=True)
                ],
            ),
        ]
    analyse()
    return targets


def notice_rows(edition: Edition) -> list[dict[str, Any]]:
    """What a response costs its writer, however many follow the experience."""
    at = clock.now()
    SharingPolicy.objects.update_or_create(
        edition=edition, defaults={"max_responses_an_hour": 10_000}
    )
    places = list(edition.enrolments.select_related("user").order_by("pk")[:201])
    writer = places.pop()
    alone, followed = (
        edition.experiences.exclude(city=writer.city).order_by("pk")[number] for number in (0, 1)
    )
    people = edition.enrolments.exclude(user=writer.user).values_list("user", flat=True)
    Follow.objects.bulk_create(
        [Follow(user_id=pk, experience=followed, created_at=at) for pk in people[:FOLLOWERS]],
        batch_size=ONCE,
    )
    eager = current_app.conf.task_always_eager
    current_app.conf.task_always_eager = False
    try:
        with override_settings(CELERY_TASK_ALWAYS_EAGER=False):
            return [
                timed_row(f"response: {words}", _responded(of, writer.user, at), scale=followers)
                for of, words, followers in (
                    (alone, "nobody follows", 0),
                    (followed, f"{FOLLOWERS:,} follow", FOLLOWERS),
                )
            ]
    finally:
        current_app.conf.task_always_eager = eager
        OutboxMessage.objects.filter(delivered_at__isnull=True).delete()


def _responded(experience: CityExperience, by: User, at: datetime) -> list[float]:
    took = []
    for number in range(30):
        body = f"What we would do otherwise, in {number} words."
        begun = time.perf_counter()
        respond_to_experience(
            experience=experience, body=body, by=by, at=at + timedelta(minutes=number)
        )
        took.append((time.perf_counter() - begun) * 1000)
    return took


def _fill(
    edition: Edition,
    places: list[Enrolment],
    size: int,
    vocabulary: list[str],
    chance: random.Random,
) -> None:
    at = clock.now()
    themes, facets = list(Theme.objects.all()), list(Facet.objects.all())
    for first in range(0, size, ONCE):
        numbers = range(first, min(first + ONCE, size))
        told = CityExperience.objects.bulk_create(
            _experience(edition, places[n % len(places)], n, vocabulary, chance, at)
            for n in numbers
        )
        ExperienceAuthor.objects.bulk_create(
            ExperienceAuthor(experience=one, user=by, added_at=at, added_by=by)
            for one in told
            for by in [one.created_by]
        )
        of_theme = [(one, theme) for one in told for theme in chance.sample(themes, 2)]
        of_facet = [(one, facet) for one in told for facet in chance.sample(facets, 4)]
        CityExperience.themes.through.objects.bulk_create(
            CityExperience.themes.through(cityexperience=one, theme=theme)
            for one, theme in of_theme
        )
        CityExperience.facets.through.objects.bulk_create(
            CityExperience.facets.through(cityexperience=one, facet=facet)
            for one, facet in of_facet
        )
        tags: dict[int, list[str]] = {}
        for kind, pairs in (("t", of_theme), ("f", of_facet)):
            for one, tag in pairs:
                tags.setdefault(one.pk, []).append(f"{kind}{tag.pk}")
        ExperienceWords.objects.bulk_create(
            ExperienceWords(
                experience=one, tags=" ".join(tags[one.pk]), language=one.language,
                title=_normal(one.title), summary=_normal(one.summary),
                labels=_normal(one.city.name), body=_normal(" ".join(one.plain_texts.values())),
            )
            for one in told
        )  # fmt: skip
        Response.objects.bulk_create(
            (
                _response(one, places, number, at)
                for one in told
                for number in range(RESPONSES_EACH)
            ),
            batch_size=ONCE,
        )


def _experience(
    edition: Edition,
    place: Enrolment,
    number: int,
    vocabulary: list[str],
    chance: random.Random,
    at: datetime,
) -> CityExperience:
    # As in a language: few words are in every text, most in few.
    words = [vocabulary[int(len(vocabulary) * chance.random() ** 3)] for _ in range(200)]
    if number % 50 == 0:
        words[20:22] = ["tram", "ferry"]
    parts = {part: f"<p>{' '.join(words[nth :: len(Part)])}</p>" for nth, part in enumerate(Part)}
    then = at - timedelta(minutes=number)
    by = place.user
    return CityExperience(
        edition=edition, city=place.city, title=f"{words[0]} and {words[1]} {number}".capitalize(),
        summary=" ".join(words[:20]), **parts,
        status=ExperienceStatus.PUBLISHED, created_at=then, created_by=by, saved_at=then,
        saved_by=by, submitted_at=then, submitted_by=by, cleared_by_name="An official",
        cleared_at=then, cleared_by=by, published_at=then, published_by=by,
    )  # fmt: skip


def _response(
    experience: CityExperience, places: list[Enrolment], number: int, at: datetime
) -> Response:
    place = places[(experience.pk + number) % len(places)]
    body = f"We tried the same at home, and number {number} of what you say was the hardest."
    return Response(
        experience=experience, author=place.user, city=place.city, body=body,
        fingerprint=fingerprint(f"{body} {experience.pk}"), created_at=at,
    )  # fmt: skip


def _normal(text: str) -> str:
    return " ".join(words_of(text))


def _made_up(chance: random.Random) -> str:
    syllables = ("ba", "ca", "de", "fi", "go", "lu", "ma", "ne", "ri", "so", "ta", "ve")
    return "".join(chance.choice(syllables) for _ in range(chance.randint(2, 5)))
