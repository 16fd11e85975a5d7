"""Which city could talk to which, and why: said in words, counted both ways."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Max, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lms.accounts.models import City, User
from lms.core.languages import language_label
from lms.programme.models import Edition
from peer_exchange.enums import TopicKind, TransferStatus
from peer_exchange.models import (
    CityExperience,
    CityProfile,
    CityTopic,
    DismissedMatch,
    Transfer,
)
from peer_exchange.selectors.cities import cities_of_edition
from peer_exchange.when import did_in_words

MOST = 12
WEIGHTS = {"answers_need": 4, "answers_theirs": 3, "did": 3, "both": 2, "mutual": 2, "language": 1}


@dataclass
class Known:
    """What the exchange knows of one city."""

    needs: dict[str, str] = field(default_factory=dict)  # theme → name
    offers: dict[str, str] = field(default_factory=dict)
    works_on: dict[str, str] = field(default_factory=dict)  # themes of published experiences
    did: dict[str, int] = field(default_factory=dict)  # theme → id of the latest one
    languages: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A suggestion. `gives`: themes of the reader's city that the other looks for;
    `receives`: the other way; `is_mutual`: both."""

    city: City
    reasons: tuple[str, ...]
    score: int
    gives: int
    receives: int
    given_before: int = 0
    received_before: int = 0
    experience: CityExperience | None = None

    @property
    def is_mutual(self) -> bool:
        return self.gives > 0 and self.receives > 0

    @property
    def balance(self) -> str:
        """Reciprocity in words: themes each has for the other, and what went before."""
        parts = []
        themes = {"gives": self.gives, "receives": self.receives}
        if self.is_mutual:
            said = _(
                "You could help with %(gives)s of their needs, they with %(receives)s of yours."
            )
            parts.append(said % themes)
        elif self.gives:
            parts.append(_("You could help with %(gives)s of their needs.") % themes)
        elif self.receives:
            parts.append(_("They could help with %(receives)s of your needs.") % themes)
        if self.given_before or self.received_before:
            before = _("So far they have taken up %(given)s of yours, you %(received)s of theirs.")
            parts.append(before % {"given": self.given_before, "received": self.received_before})
        return " ".join(parts)


def dismissed_by(city: City) -> list[City]:
    rows = DismissedMatch.objects.filter(city=city).select_related("other").order_by("-pk")
    return [row.other for row in rows]


def matches_for(user: User, city: City, edition: Edition) -> list[Match]:
    """The best suggestions for a city among those of an edition, in a constant number of
    queries. Its own, and those it dismissed, are left out; a city with nothing in common
    is no suggestion."""
    dismissed = set(DismissedMatch.objects.filter(city=city).values_list("other", flat=True))
    others = list(cities_of_edition(edition).exclude(pk__in=[city.pk, *dismissed]))
    known = _known(user, [city, *others])
    found = [(other, common) for other in others if (common := _common(known, city, other))]
    found.sort(key=lambda pair: (-pair[1].score, pair[0].name))
    found = found[:MOST]
    shown = {common.experience_id for _city, common in found if common.experience_id}
    experiences = CityExperience.objects.select_related("edition").in_bulk(shown)
    given, received = _before(city)
    return [
        Match(
            other,
            tuple(_reasons(common, experiences.get(common.experience_id or 0))),
            common.score,
            gives=len(common.gives),
            receives=len(common.receives),
            given_before=given[other.pk],
            received_before=received[other.pk],
            experience=experiences.get(common.experience_id or 0),
        )
        for other, common in found
    ]


def _known(user: User, cities: list[City]) -> dict[int, Known]:
    ids = [city.pk for city in cities]
    known = {pk: Known() for pk in ids}
    topics = CityTopic.objects.filter(city__in=ids, removed_at=None).select_related("theme")
    for topic in topics:
        of = known[topic.city_id]
        (of.needs if topic.kind == TopicKind.NEED else of.offers)[topic.theme.slug] = (
            topic.theme.name
        )
    for city_id, languages in CityProfile.objects.filter(city__in=ids).values_list(
        "city", "languages"
    ):
        known[city_id].languages = tuple(languages.split())
    # Counted by the database: an exchange may hold many thousand experiences.
    latest = (
        CityExperience.objects.visible_to(user)
        .published()
        .filter(city__in=ids, themes__isnull=False)
        .order_by()
        .values_list("city", "themes__slug", "themes__name")
        .annotate(latest=Max("pk"))
    )
    for city_id, slug, name, experience_id in latest:
        known[city_id].works_on[slug] = name
        known[city_id].did[slug] = experience_id
    return known


def _before(city: City) -> tuple[dict[int, int], dict[int, int]]:
    """City id → how many of ours it took up, and how many of its we took up."""
    given: dict[int, int] = defaultdict(int)
    received: dict[int, int] = defaultdict(int)
    rows = (
        Transfer.objects.filter(Q(city=city) | Q(source_city=city))
        .exclude(status=TransferStatus.STOPPED)
        .counted()
        .values_list("source_city", "city")
    )
    for source, adopting in rows:
        if source == city.pk:
            given[adopting] += 1
        else:
            received[source] += 1
    return given, received


@dataclass(frozen=True)
class Common:
    """What two cities have in common: theme → name, and what speaks for a talk."""

    receives: dict[str, str]
    gives: dict[str, str]
    both: dict[str, str]
    experience_id: int | None
    languages: tuple[str, ...]
    score: int


def _common(known: dict[int, Known], city: City, other: City) -> Common | None:
    """None where there is nothing: a language alone is no reason to meet."""
    ours, theirs = known[city.pk], known[other.pk]
    receives = {slug: name for slug, name in ours.needs.items() if slug in theirs.offers}
    gives = {slug: name for slug, name in theirs.needs.items() if slug in ours.offers}
    done = [slug for slug in ours.needs if slug in theirs.did]
    busy = ours.works_on | ours.needs | ours.offers
    both = {slug: name for slug, name in busy.items() if slug in theirs.works_on}
    languages = tuple(code for code in ours.languages if code in theirs.languages)
    score = (
        WEIGHTS["answers_need"] * len(receives)
        + WEIGHTS["answers_theirs"] * len(gives)
        + WEIGHTS["did"] * len(done)
        + WEIGHTS["both"] * min(len(both), 3)
    )
    if not score:
        return None
    score += WEIGHTS["language"] * bool(languages) + WEIGHTS["mutual"] * bool(gives and receives)
    slug = next(iter([*done, *both]), None)
    return Common(receives, gives, both, theirs.did[slug] if slug else None, languages, score)


def _reasons(common: Common, experience: CityExperience | None) -> list[str]:
    said = []
    if common.receives:
        said.append(
            _("They offer what you look for: %(themes)s.") % {"themes": _list(common.receives)}
        )
    if common.gives:
        said.append(
            _("They look for what you offer: %(themes)s.") % {"themes": _list(common.gives)}
        )
    if common.both:
        said.append(_("You both work on: %(themes)s.") % {"themes": _list(common.both)})
    if experience:
        said.append(
            did_in_words(experience)
            or _("They did “%(title)s”, published in %(year)s.")
            % {"title": experience, "year": _year(experience)}
        )
    if common.languages:
        names = ", ".join(language_label(code) for code in common.languages)
        said.append(_("You share: %(names)s.") % {"names": names})
    return said


def _year(experience: CityExperience) -> int:
    published_at: datetime | None = experience.published_at
    assert published_at is not None
    return published_at.astimezone(ZoneInfo(experience.edition.time_zone)).year


def _list(themes: dict[str, str]) -> str:
    names = list(themes.values())
    shown = ", ".join(names[:3])
    more = len(names) - 3
    if more > 0:
        shown += " " + ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
    return shown
