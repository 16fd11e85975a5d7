"""Themes, facets, experiences in any state, responses.

    draft(edition, city, author=user)        → a complete draft of that author
    published(edition, city, author=user)    → the same, published
    waiting(edition, city, author=user)      → the same, in moderation
    response_of(user, experience)            → a response that is long enough to count

Rows are written directly, in states that the constraints accept; tests of the
moves use the actions.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from lms.accounts.models import City, User
from lms.core.rich_text import html_from_text
from lms.programme.models import Edition
from peer_exchange.actions.indexing import index_experience
from peer_exchange.enums import ExperienceStatus, FacetKind, Part
from peer_exchange.models import CityExperience, ExperienceAuthor, Facet, Response, Theme
from peer_exchange.normal_text import fingerprint
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.programme import EditionFactory, enrol

WRITTEN_AT = datetime(2025, 11, 10, 9, 0, tzinfo=UTC)
LONG_ENOUGH = (
    "We tried something close to this in our harbour district and met the same doubt among the "
    "traders, so your order of steps, first the visit and then the rule, is what we shall copy."
)


class ThemeFactory(DjangoModelFactory[Theme]):
    class Meta:
        model = Theme
        django_get_or_create = ("slug",)

    slug = factory.Sequence(lambda n: f"theme-{n}")
    name = factory.LazyAttribute(lambda theme: theme.slug.replace("-", " ").capitalize())


class FacetFactory(DjangoModelFactory[Facet]):
    class Meta:
        model = Facet
        django_get_or_create = ("kind", "slug")

    kind = FacetKind.METHOD
    slug = "networks"
    name = factory.LazyAttribute(lambda facet: facet.slug.replace("-", " ").capitalize())


class ExperienceFactory(DjangoModelFactory[CityExperience]):
    """A draft without words, of one author."""

    class Meta:
        model = CityExperience
        skip_postgeneration_save = True

    edition = factory.SubFactory(EditionFactory)
    city = factory.SubFactory(CityFactory)
    created_by = factory.SubFactory(UserFactory)
    saved_by = factory.SelfAttribute("created_by")
    title = factory.Sequence(lambda n: f"What we tried, number {n}")
    created_at = WRITTEN_AT
    saved_at = WRITTEN_AT

    @factory.post_generation
    def author(self, create: bool, extracted: Any, **kwargs: Any) -> None:
        ExperienceAuthor.objects.create(
            experience=self, user=self.created_by, added_at=WRITTEN_AT, added_by=self.created_by
        )


def draft(
    edition: Edition, city: City | None = None, author: User | None = None, **fields: Any
) -> CityExperience:
    """A complete draft; a new author is enrolled for the city."""
    city = city or CityFactory.create()
    if author is None:
        author = UserFactory.create()
        enrol(author, edition, city)
    texts = {part: f"Demonstration text about the {part} of this work." for part in Part.values}
    fields = {
        "summary": "In short: it worked the second time.",
        "contact_name": "A. Clerk",
        **texts,
        **fields,
    }
    # Parts given as plain words are stored as every plain text is.
    fields |= {
        part: html_from_text(text)
        for part in Part.values
        if (text := fields[part]) and not text.startswith("<p>")
    }
    experience = ExperienceFactory.create(
        edition=edition, city=city, created_by=author, version=3, **fields
    )
    experience.themes.add(ThemeFactory.create(slug="climate-change"))
    for kind, slug in (
        (FacetKind.METHOD, "networks"),
        (FacetKind.SCOPE, "regional"),
        (FacetKind.ACTOR, "civil-society"),
    ):
        experience.facets.add(FacetFactory.create(kind=kind, slug=slug))
    index_experience(experience)
    return experience


def submitted(edition: Edition, city: City | None = None, **fields: Any) -> CityExperience:
    experience = draft(edition, city, **fields)
    experience.status = ExperienceStatus.CITY_CLEARANCE
    experience.submitted_at, experience.submitted_by = WRITTEN_AT, experience.created_by
    experience.save()
    return experience


def waiting(edition: Edition, city: City | None = None, **fields: Any) -> CityExperience:
    embargo_until = fields.pop("embargo_until", None)
    experience = submitted(edition, city, **fields)
    experience.embargo_until = embargo_until
    experience.status = ExperienceStatus.IN_MODERATION
    experience.cleared_by_name = "A. Official, mayor's office"
    experience.cleared_at = WRITTEN_AT + timedelta(hours=1)
    experience.cleared_by = experience.created_by
    experience.save()
    return experience


def published(edition: Edition, city: City | None = None, **fields: Any) -> CityExperience:
    experience = waiting(edition, city, **fields)
    experience.status = ExperienceStatus.PUBLISHED
    experience.published_at = WRITTEN_AT + timedelta(hours=2)
    experience.published_by = UserFactory.create()
    experience.save()
    index_experience(experience)
    return experience


def response_of(
    user: User,
    experience: CityExperience,
    body: str = LONG_ENOUGH,
    at: datetime = WRITTEN_AT + timedelta(hours=3),
    city: City | None = None,
    **fields: Any,
) -> Response:
    return Response.objects.create(
        experience=experience,
        author=user,
        city=city,
        body=body,
        fingerprint=fingerprint(body),
        created_at=at,
        **fields,
    )
