"""What a search looks through follows every write of an experience, in its transaction."""

from collections.abc import Iterable
from uuid import uuid4

from django.db import transaction

from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, ExperienceWords, IndexStamp, SearchWord
from peer_exchange.normal_text import words_of

# PostgreSQL keeps no more than 1 MB of one text's words; nothing that is written to be
# read comes near. The text itself is stored whole.
MOST_BYTES = 400_000
SHORTEST, LONGEST = 4, 32
ONCE = 500


def index_experience(experience: CityExperience) -> None:
    """Let the search find the experience by its present words. Called by the action that
    changes it, inside its transaction; who may find it is asked when somebody searches."""
    themes, facets = list(experience.themes.all()), list(experience.facets.all())
    texts = dict(experience.plain_texts)
    labels = (
        experience.city.name,
        str(experience.city.get_region_display()),
        *(theme.name for theme in themes),
        *(facet.name for facet in facets),
    )
    columns = {
        "title": words_of(texts.pop("title", "")),
        "summary": words_of(texts.pop("summary", "")),
        "labels": words_of(" ".join(labels)),
        "body": _as_many_as_fit(words_of("\n".join(texts.values()))),
    }
    ExperienceWords.objects.update_or_create(
        experience=experience,
        defaults={
            "tags": " ".join([f"t{t.pk}" for t in themes] + [f"f{f.pk}" for f in facets]),
            "language": experience.language,
            **{name: " ".join(words) for name, words in columns.items()},
        },
    )
    if experience.status == ExperienceStatus.PUBLISHED:
        _remember({word for words in columns.values() for word in words})
        _stamp()


def index_all() -> int:
    """Index every experience anew, some at a time. Returns how many."""
    count = 0
    after = 0
    while True:
        some = list(
            CityExperience.objects.filter(pk__gt=after)
            .select_related("city")
            .prefetch_related("themes", "facets")
            .order_by("pk")[:ONCE]
        )
        if not some:
            return count
        with transaction.atomic():
            for experience in some:
                index_experience(experience)
        count, after = count + len(some), some[-1].pk


def _stamp() -> None:
    """What was counted before is to be counted anew (`selectors.catalogue`)."""
    only, stamp = IndexStamp.ONLY, uuid4()
    if not IndexStamp.objects.filter(pk=only).update(stamp=stamp):
        IndexStamp.objects.bulk_create([IndexStamp(pk=only)], ignore_conflicts=True)
        IndexStamp.objects.filter(pk=only).update(stamp=stamp)


def _as_many_as_fit(words: list[str]) -> list[str]:
    room = MOST_BYTES
    for number, word in enumerate(words):
        room -= len(word.encode()) + 1
        if room < 0:
            return words[:number]
    return words


def _remember(words: Iterable[str]) -> None:
    """Words that somebody may mistype. In one order, so that two who publish at once do
    not wait for each other in a circle."""
    fit = sorted(word for word in words if SHORTEST <= len(word) <= LONGEST and word.isalpha())
    rows = [
        SearchWord(word=word, initial=word[0], ending=word[-2:], length=len(word)) for word in fit
    ]
    SearchWord.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ONCE)
