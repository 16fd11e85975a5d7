"""Saved searches and the letters about what is new in them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.models import MailChoice, User
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.models import OutboxMessage
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition
from peer_exchange.actions.searches import (
    MOST_SEARCHES,
    change_search,
    promise_digests,
    remove_search,
    restore_search,
    save_search,
    send_search_digest,
)
from peer_exchange.models import CityExperience, SavedSearch, ToldExperience
from peer_exchange.wanted import Wanted
from tests.factories.accounts import UserFactory
from tests.factories.peer_exchange import published
from tests.factories.programme import EditionFactory, participant
from tests.races import at_once

pytestmark = pytest.mark.django_db

# A Wednesday, at noon; letters are due at seven in the morning of Barcelona.
SAVED = datetime(2025, 11, 12, 12, 0, tzinfo=UTC)
THURSDAY = datetime(2025, 11, 13, 6, 0, tzinfo=UTC)
FRIDAY = datetime(2025, 11, 14, 6, 0, tzinfo=UTC)
MONDAY = datetime(2025, 11, 17, 6, 0, tzinfo=UTC)
FERRIES = Wanted("ferries")


def saved(
    person: User, edition: Edition, wanted: Wanted = FERRIES, cadence: str = "daily"
) -> SavedSearch:
    return save_search(
        edition=edition, wanted=wanted, name="About ferries", cadence=cadence, by=person, at=SAVED
    )


def comes_out(edition: Edition, at: datetime, **fields: object) -> CityExperience:
    experience = published(edition, **{"title": "Quiet ferries", **fields})
    experience.published_at = at
    experience.save()
    return experience


def letters() -> list[str]:
    return [str(message.body) for message in mail.outbox]


@pytest.fixture
def person(edition: Edition) -> User:
    return participant(edition)


def test_a_letter_names_what_is_new_and_each_thing_once(edition: Edition, person: User) -> None:
    comes_out(edition, SAVED - timedelta(days=1), title="Ferries of old")
    search = saved(person, edition)
    new = comes_out(edition, SAVED + timedelta(hours=1), title="Quiet ferries")
    comes_out(edition, SAVED + timedelta(hours=1), title="Markets")
    assert search.digest_at == THURSDAY

    assert send_search_digest(by=person, at=THURSDAY - timedelta(seconds=1)) == 0
    assert send_search_digest(by=person, at=THURSDAY) == 1
    assert send_search_digest(by=person, at=THURSDAY) == 0

    (letter,) = letters()
    assert "Quiet ferries" in letter
    assert "of old" not in letter
    assert "Markets" not in letter
    # Published anew, it is not news a second time.
    new.published_at = THURSDAY + timedelta(hours=2)
    new.save()
    assert send_search_digest(by=person, at=FRIDAY) == 0
    assert len(letters()) == 1
    search.refresh_from_db()
    assert search.digest_at == FRIDAY + timedelta(days=1)


def test_weekly_letters_come_on_monday(edition: Edition, person: User) -> None:
    search = saved(person, edition, cadence="weekly")
    comes_out(edition, SAVED + timedelta(hours=1))
    assert search.digest_at == MONDAY
    assert send_search_digest(by=person, at=FRIDAY) == 0
    assert send_search_digest(by=person, at=MONDAY) == 1


def test_only_what_the_person_may_read_at_that_moment(edition: Edition, person: User) -> None:
    """A cohort's text after leaving the cohort, another cohort's, an embargoed one, an
    archived one: none is named, and none is told of later by being counted."""
    saved(person, edition)
    saved(person, edition, Wanted("", {"theme": ("climate-change",)}))
    comes_out(EditionFactory.create(), SAVED + timedelta(hours=1), title="Ferries elsewhere")
    embargoed = comes_out(edition, SAVED + timedelta(days=30), title="Ferries under embargo")
    embargoed.embargo_until = embargoed.published_at
    embargoed.save()
    archived = comes_out(edition, SAVED + timedelta(hours=1), title="Archived ferries")
    archived.status, archived.archived_at = "archived", SAVED + timedelta(hours=2)
    archived.archived_by, archived.archived_reason = archived.created_by, "Over."
    archived.save()
    assert send_search_digest(by=person, at=THURSDAY) == 0

    comes_out(edition, THURSDAY + timedelta(hours=1))
    person.enrolments.update(status=EnrolmentStatus.CANCELLED)
    person.forget_roles()
    assert send_search_digest(by=person, at=FRIDAY) == 0
    assert letters() == []
    assert ToldExperience.objects.count() == 0


def test_embargoed_text_is_told_when_it_comes_out(edition: Edition, person: User) -> None:
    saved(person, edition)
    experience = comes_out(edition, THURSDAY + timedelta(hours=5))
    experience.embargo_until = experience.published_at
    experience.save()
    assert send_search_digest(by=person, at=THURSDAY) == 0
    assert send_search_digest(by=person, at=FRIDAY) == 1


def test_one_letter_for_all_searches(edition: Edition, person: User) -> None:
    saved(person, edition)
    saved(person, edition, Wanted("quiet"))
    for _number in range(10):
        comes_out(edition, SAVED + timedelta(hours=1))
    assert send_search_digest(by=person, at=THURSDAY) == 10
    (letter,) = letters()
    assert letter.count("and 2 more") == 2
    assert reverse("peer_exchange:searches", args=[edition.slug]) in letter


def test_one_click_stops_the_letters(edition: Edition, person: User, client: Client) -> None:
    """RFC 8058: without signing in."""
    saved(person, edition)
    comes_out(edition, SAVED + timedelta(hours=1))
    send_search_digest(by=person, at=THURSDAY)
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>")

    answer = client.post("/" + address.split("/", 3)[3], {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    comes_out(edition, THURSDAY + timedelta(hours=1))
    assert send_search_digest(by=person, at=FRIDAY) == 0
    assert len(letters()) == 1
    client.force_login(person)
    page = client.get(reverse("peer_exchange:searches", args=[edition.slug]))
    assert "You have stopped all letters about saved searches." in page.content.decode()


def test_the_rarer_of_two_rhythms_holds(edition: Edition, person: User) -> None:
    MailChoice.objects.create(
        user=person, kind=MailKind.SAVED_SEARCHES, cadence=MailCadence.WEEKLY, changed_at=SAVED
    )
    search = saved(person, edition)
    comes_out(edition, SAVED + timedelta(hours=1))
    assert send_search_digest(by=person, at=THURSDAY) == 0
    search.refresh_from_db()
    assert search.digest_at == MONDAY
    assert send_search_digest(by=person, at=MONDAY) == 1


def test_beat_promises_one_letter_a_person(edition: Edition, person: User) -> None:
    saved(person, edition)
    saved(person, edition, Wanted("quiet"))
    saved(participant(edition), edition)
    saved(participant(edition), edition, cadence="never")
    assert promise_digests(by=None, at=SAVED) == 0
    assert promise_digests(by=None, at=THURSDAY) == 2
    assert promise_digests(by=None, at=THURSDAY) == 0
    assert OutboxMessage.objects.filter(task__endswith="send_search_digest").count() == 2


def test_the_same_search_is_kept_once_and_removing_can_be_undone(
    edition: Edition, person: User
) -> None:
    search = saved(person, edition, Wanted("x", {"theme": ("b", "a")}))
    again = saved(person, edition, Wanted(" x ", {"theme": ("a", "b")}), cadence="never")
    assert (again.pk, again.cadence, again.digest_at) == (search.pk, "never", None)

    removed = remove_search(search=search, by=person, at=SAVED)
    assert removed.removed_at == SAVED
    with pytest.raises(Conflict):
        change_search(search=search, name="x", cadence="daily", by=person, at=SAVED)
    assert restore_search(search=search, by=person, at=SAVED).removed_at is None


def test_saving_has_its_limits(edition: Edition, person: User) -> None:
    for wanted in (Wanted(), Wanted("- OR"), Wanted("", {"theme": ()})):
        with pytest.raises(InvalidInput):
            saved(person, edition, wanted)
    for cadence in ("", "hourly", "at_once"):
        with pytest.raises(InvalidInput):
            saved(person, edition, cadence=cadence)
    with pytest.raises(InvalidInput):
        save_search(
            edition=edition, wanted=FERRIES, name=" \u200b", cadence="daily", by=person, at=SAVED
        )
    with pytest.raises(PermissionDenied):
        saved(UserFactory.create(), edition)
    for number in range(MOST_SEARCHES):
        saved(person, edition, Wanted(f"word{number}"))
    with pytest.raises(Conflict):
        saved(person, edition)


def test_page_saves_changes_removes_and_puts_back(
    edition: Edition, person: User, client: Client
) -> None:
    published(edition)
    client.force_login(person)
    page = reverse("peer_exchange:searches", args=[edition.slug])
    assert "No saved search yet" in client.get(page).content.decode()

    data = {"search": "?q=ferries&theme=health", "name": "Boats", "cadence": "weekly"}
    client.post(reverse("peer_exchange:save_search", args=[edition.slug]), data)
    search = SavedSearch.objects.get()
    assert search.wanted == {"q": "ferries", "exact": False, "chosen": {"theme": ["health"]}}

    def move(to: str, **data: str) -> None:
        client.post(reverse(f"peer_exchange:{to}", args=[edition.slug, search.pk]), data)
        search.refresh_from_db()

    move("change_search", name="=Ships", cadence="never")
    assert (search.name, search.cadence) == ("=Ships", "never")
    export = reverse("peer_exchange:searches_csv", args=[edition.slug])
    assert "'=Ships" in client.get(export).content.decode()
    move("remove_search")
    undo = client.get(f"{page}?removed={search.pk}").content.decode()
    assert "Put it back" in undo
    assert "Put it back" not in client.get(f"{page}?removed=9{search.pk}x").content.decode()
    move("restore_search")
    assert search.removed_at is None

    refused = client.post(reverse("peer_exchange:save_search", args=[edition.slug]), {"q": "x"})
    assert refused.status_code == 422
    client.force_login(participant(edition))
    url = reverse("peer_exchange:remove_search", args=[edition.slug, search.pk])
    assert client.post(url).status_code == 404


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_letter() -> None:
    edition = EditionFactory.create()
    person = participant(edition)
    saved(person, edition)
    comes_out(edition, SAVED + timedelta(hours=1))

    outcomes = at_once(
        *[lambda: send_search_digest(by=User.objects.get(pk=person.pk), at=THURSDAY)] * 2
    )

    assert sorted(outcomes) == [0, 1]
    assert len(mail.outbox) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_clicks_save_one_search() -> None:
    edition = EditionFactory.create()
    person = participant(edition)

    outcomes = at_once(*[lambda: saved(User.objects.get(pk=person.pk), edition).pk] * 2)

    assert SavedSearch.objects.count() == 1
    assert outcomes[0] == outcomes[1]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_publish_the_same_new_words_do_not_wait_in_a_circle() -> None:
    edition = EditionFactory.create()
    words = [f"word{chr(97 + a)}{chr(97 + b)}" for a in range(20) for b in range(20)]
    texts = [" ".join(words), " ".join(reversed(words))]

    outcomes = at_once(*[lambda text=text: published(edition, context=text).pk for text in texts])

    assert len(set(outcomes)) == 2
