"""Mails one has a say in: at once, in a digest, or never; stopped by one click."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from lms.accounts.actions import choose_mail
from lms.accounts.actions.mail import promise_digests, send_lines
from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import digest_cut, read_token, send_chosen, unsubscribe_url, wants
from lms.accounts.models import DigestLine, MailChoice, User
from lms.core import clock
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.models import OutboxMessage
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
K = MailKind


@pytest.fixture
def person() -> User:
    return UserFactory.create(time_zone="Asia/Tokyo")


def send(to: User, kind: MailKind = K.TRANSFERS) -> bool:
    return send_chosen(to=to, kind=kind, subject="A transfer moved", paragraphs=["Secretword."],
                       action_url="/x/")  # fmt: skip


def test_who_wants_it_at_once_gets_it_with_the_link_that_stops_it(person: User) -> None:
    assert send(person)
    [message] = mail.outbox
    url = unsubscribe_url(person, K.TRANSFERS)
    assert message.extra_headers["List-Unsubscribe"] == f"<{url}>"
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert url in message.body
    assert f'href="{url}"' in message.alternatives[0][0]


@pytest.mark.parametrize("cadence", ["daily", "weekly", "never"])
def test_others_are_not_written_to_at_once(person: User, at: datetime, cadence: str) -> None:
    choose_mail(user=person, kind=K.TRANSFERS, cadence=cadence, by=person, at=at)
    choose_mail(user=person, kind=K.MENTIONS, cadence=cadence, by=person, at=at)
    assert not send(person)
    assert not send(person, K.MENTIONS)  # its app makes its own digest
    assert DigestLine.objects.count() == (0 if cadence == "never" else 1)
    assert mail.outbox == []


def test_nobody_without_an_account_in_use_is_written_to(person: User) -> None:
    person.is_active = False
    assert wants(person, K.TRANSFERS) == MailCadence.NEVER
    assert not send(person)


def test_digest_comes_at_seven_where_the_person_is(person: User) -> None:
    wednesday = datetime(2025, 11, 19, 10, 0, tzinfo=UTC)  # 19:00 in Tokyo
    assert digest_cut(person, MailCadence.DAILY, wednesday) == datetime(
        2025, 11, 18, 22, tzinfo=UTC
    )
    early = datetime(2025, 11, 18, 21, 59, tzinfo=UTC)
    assert digest_cut(person, MailCadence.DAILY, early) == datetime(2025, 11, 17, 22, tzinfo=UTC)
    monday = datetime(2025, 11, 16, 22, 0, tzinfo=UTC)
    assert digest_cut(person, MailCadence.WEEKLY, wednesday) == monday
    assert digest_cut(person, MailCadence.WEEKLY, monday) == monday
    assert digest_cut(person, MailCadence.WEEKLY, monday - timedelta(seconds=1)) == (
        monday - timedelta(days=7)
    )


def test_lines_are_told_once_and_not_to_whoever_chose_otherwise(person: User) -> None:
    now = clock.now()
    choose_mail(user=person, kind=K.TRANSFERS, cadence="daily", by=person, at=now)
    send(person)
    tomorrow = now + timedelta(days=1)
    assert promise_digests(by=None, at=now) == 0
    assert promise_digests(by=None, at=tomorrow) == 1
    assert promise_digests(by=None, at=tomorrow) == 0
    assert OutboxMessage.objects.filter(task="lms.accounts.tasks.send_digest_lines").count() == 1
    assert send_lines(user=person, kind=K.TRANSFERS, by=None, at=now) == 0
    assert send_lines(user=person, kind=K.TRANSFERS, by=None, at=tomorrow) == 1
    assert send_lines(user=person, kind=K.TRANSFERS, by=None, at=tomorrow) == 0
    [digest] = mail.outbox
    assert "A transfer moved" in digest.body
    assert "Secretword" not in digest.body
    assert "List-Unsubscribe" in digest.extra_headers

    send(person)
    choose_mail(user=person, kind=K.TRANSFERS, cadence="never", by=person, at=now)
    assert not DigestLine.objects.filter(sent_at=None).exists()


def test_one_click_stops_mails_without_signing_in_once_or_a_hundred_times(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    address = unsubscribe_url(person, K.MENTIONS).partition("//")[2].partition("/")[2]
    assert strict.get(f"/{address}").status_code == 200
    assert wants(person, K.MENTIONS) == MailCadence.AT_ONCE  # scanners open every link
    for _time in range(3):
        answer = strict.post(f"/{address}", {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, wants(person, K.MENTIONS)) == (200, MailCadence.NEVER)
    assert wants(person, K.RESPONSES) == MailCadence.AT_ONCE
    assert MailChoice.objects.count() == 1
    undone = strict.post(f"/{address}", {"cadence": "at_once"})
    assert "Undo" in undone.content.decode()
    assert wants(person, K.MENTIONS) == MailCadence.AT_ONCE


@pytest.mark.parametrize("token", ["made-up", "1:mentions:abc", "1:mentions", "%00", "a" * 500])
def test_links_we_did_not_write_find_nothing(token: str) -> None:
    assert read_token(token) is None
    assert Client().post(reverse("mail:stop", args=["x"]).replace("x", token)).status_code == 404


def test_choices_are_made_on_their_page_by_oneself(
    person: User, client: Client, at: datetime
) -> None:
    page = reverse("mail:choices")
    assert client.get(page).status_code == 302
    client.force_login(person)
    assert "Once a week" in client.get(page).content.decode()
    assert client.post(page, {"followed": "never", "mentions": "weekly"}).status_code == 302
    assert wants(person, K.FOLLOWED) == MailCadence.NEVER
    assert wants(person, K.MENTIONS) == MailCadence.WEEKLY
    assert wants(person, K.TALKS) == MailCadence.AT_ONCE
    with pytest.raises(PermissionDenied):
        choose_mail(user=person, kind="talks", cadence="never", by=UserFactory.create(), at=at)
    for kind, cadence in (("talks", "hourly"), ("gossip", "never")):
        with pytest.raises(InvalidInput):
            choose_mail(user=person, kind=kind, cadence=cadence, by=person, at=at)
