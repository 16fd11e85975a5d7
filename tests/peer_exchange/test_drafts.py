"""Writing an experience: versions, what a draft takes and refuses, its authors."""

from datetime import datetime

import pytest

from lms.accounts.models import User
from lms.core.errors import (
    Conflict,
    InvalidInput,
    PermissionDenied,
    StaleVersion,
    TooLarge,
)
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from peer_exchange.actions import (
    name_author,
    remove_author,
    save_experience,
    start_experience,
    stored_values,
)
from peer_exchange.models import CityExperience
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import FacetFactory, ThemeFactory, draft, submitted
from tests.factories.programme import city_team_member, moderator, participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def experience(edition: Edition) -> CityExperience:
    return draft(edition)


@pytest.fixture
def author(experience: CityExperience) -> User:
    return experience.created_by


def test_start_makes_the_writer_the_first_author(edition: Edition, at: datetime) -> None:
    city = CityFactory.create()
    writer = city_team_member(edition, city)

    experience = start_experience(edition=edition, city=city, title=" A title ", by=writer, at=at)

    assert (experience.status, experience.version, experience.title) == ("draft", 0, "A title")
    assert [a.user for a in experience.authorships.all()] == [writer]
    assert AuditEvent.objects.get().verb == "experience.started"


def test_start_for_another_city_is_refused(edition: Edition, at: datetime) -> None:
    stranger = participant(edition)
    with pytest.raises(PermissionDenied):
        start_experience(
            edition=edition, city=CityFactory.create(), title="Ours", by=stranger, at=at
        )


def test_save_counts_versions_and_keeps_what_was_not_sent(
    experience: CityExperience, author: User, at: datetime
) -> None:
    context = experience.context

    saved = save_experience(
        experience=experience, base_version=3, values={"failed": "It rained."}, by=author, at=at
    )

    assert (saved.version, saved.failed, saved.context) == (4, "<p>It rained.</p>", context)
    assert "it rained" in saved.words.body
    again = save_experience(
        experience=experience, base_version=4, values={"failed": "It rained."}, by=author, at=at
    )
    assert again.version == 4


def test_save_of_choices_replaces_one_kind_only(
    experience: CityExperience, author: User, at: datetime
) -> None:
    ThemeFactory.create(slug="health")
    FacetFactory.create(kind="method", slug="missions")

    save_experience(
        experience=experience,
        base_version=3,
        values={"themes": ["health"], "methods": ["missions"]},
        by=author,
        at=at,
    )

    stored = stored_values(CityExperience.objects.get())
    assert stored["themes"] == ["health"]
    assert stored["methods"] == ["missions"]
    assert stored["scopes"] == ["regional"]


def test_save_over_a_version_one_has_not_seen_returns_the_stored_text(
    experience: CityExperience, author: User, at: datetime
) -> None:
    """Invariant 3."""
    save_experience(
        experience=experience, base_version=3, values={"failed": "First."}, by=author, at=at
    )

    with pytest.raises(StaleVersion) as refusal:
        save_experience(
            experience=experience, base_version=3, values={"failed": "Second."}, by=author, at=at
        )

    assert refusal.value.extra["version"] == 4
    assert refusal.value.extra["stored"]["failed"] == "First."
    assert refusal.value.extra["stored"]["themes"] == ["climate-change"]


def test_old_autosave_after_the_submission_is_refused(edition: Edition, at: datetime) -> None:
    experience = submitted(edition)
    with pytest.raises(Conflict) as refusal:
        save_experience(
            experience=experience,
            base_version=3,
            values={"failed": "Late."},
            by=experience.created_by,
            at=at,
        )
    assert refusal.value.extra["stored"]["failed"] == experience.plain_texts["failed"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"context": "a\x00b"}, "context"),
        ({"context": "a\ud800b"}, "context"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"summary": "x" * 601}, "summary"),
        ({"themes": ["climate-change", "no-such"]}, "themes"),
        ({"themes": "climate-change"}, "themes"),
        ({"methods": ["regional"]}, "methods"),
        ({"visibility": "everyone"}, "visibility"),
        ({"context": 7}, "context"),
        ({"status": "published"}, "values"),
        ({"city": "another"}, "values"),
        ({"authors": []}, "values"),
    ],
)
def test_draft_refuses_what_cannot_be_kept(
    experience: CityExperience, author: User, at: datetime, values: dict, field: str
) -> None:
    before = stored_values(experience)
    with pytest.raises(InvalidInput) as refusal:
        save_experience(experience=experience, base_version=3, values=values, by=author, at=at)
    assert list(refusal.value.errors) == [field]
    assert stored_values(CityExperience.objects.get()) == before


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> [x](javascript:alert(1))",
        "\u202egnol si siht\u202c עברית العربية 👩🏽‍🚒 e\u0301",
        "   leading and trailing   ",
    ],
)
def test_draft_keeps_odd_text_whole(
    experience: CityExperience, author: User, at: datetime, text: str
) -> None:
    save_experience(
        experience=experience, base_version=3, values={"context": text}, by=author, at=at
    )
    stored = CityExperience.objects.get()
    assert stored.plain_texts["context"] == text
    assert "<script" not in stored.context


def test_draft_refuses_ten_megabytes(
    experience: CityExperience, author: User, at: datetime
) -> None:
    with pytest.raises(TooLarge):
        save_experience(
            experience=experience,
            base_version=3,
            values={"context": "x" * 10_000_000},
            by=author,
            at=at,
        )


def test_draft_is_written_by_the_citys_team_alone(
    edition: Edition, experience: CityExperience, at: datetime
) -> None:
    colleague = city_team_member(edition, experience.city)
    save_experience(
        experience=experience, base_version=3, values={"title": "Ours"}, by=colleague, at=at
    )
    for stranger in (participant(edition), moderator(edition)):
        with pytest.raises(PermissionDenied):
            save_experience(
                experience=experience, base_version=4, values={"title": "Mine"}, by=stranger, at=at
            )


def test_authors_are_of_the_city_and_never_none(
    edition: Edition, experience: CityExperience, author: User, at: datetime
) -> None:
    colleague = participant(edition, experience.city)
    with pytest.raises(InvalidInput):
        name_author(experience=experience, user=participant(edition), by=author, at=at)

    name_author(experience=experience, user=colleague, by=author, at=at)
    name_author(experience=experience, user=colleague, by=author, at=at)
    assert experience.authors.count() == 2

    remove_author(experience=experience, user=author, by=colleague, at=at)
    with pytest.raises(Conflict):
        remove_author(experience=experience, user=colleague, by=colleague, at=at)
    assert list(experience.authors.all()) == [colleague]
