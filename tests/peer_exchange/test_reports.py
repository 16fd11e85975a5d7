"""Reports and what moderators make of them: hide, dismiss, undo."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from lms.core.errors import Conflict, IllegalMove, InvalidInput, PermissionDenied
from lms.core.models import AuditEvent
from lms.programme.models import Edition
from peer_exchange.actions import (
    TooMany,
    dismiss_reports,
    hide_response,
    reopen_reports,
    report,
    show_response,
    uphold_reports,
    withdraw_report,
)
from peer_exchange.models import CityExperience, Report
from peer_exchange.selectors.reports import reported_things, reports_waiting
from tests.factories.peer_exchange import draft, published, response_of, waiting
from tests.factories.programme import EditionFactory, coordinator, moderator, participant
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(edition: Edition) -> User:
    return participant(edition)


def make(experience: CityExperience, by: User, at: datetime, **how: Any) -> Report:
    return report(experience=experience, by=by, at=at, **{"reason": "spam", **how})


def test_twenty_reports_of_one_response_are_one_thing_and_settled_together(
    experience: CityExperience, edition: Edition, at: datetime
) -> None:
    response = response_of(participant(edition), experience)
    reports = [make(experience, participant(edition), at, response_id=response.pk) for _ in "abcd"]
    mod = moderator(edition)
    [thing], _more = reported_things(edition, mod)
    assert (thing.total, len(thing.reports), reports_waiting(edition)) == (4, 4, 1)

    with pytest.raises(InvalidInput):
        uphold_reports(report=reports[0], reason=" ", by=mod, at=at)
    uphold_reports(report=reports[2], reason="Advertising.", by=mod, at=at)
    response.refresh_from_db()
    assert (response.hidden_reason, response.hidden_by) == ("Advertising.", mod)
    assert set(Report.objects.values_list("status", flat=True)) == {"upheld"}
    with pytest.raises(IllegalMove):
        dismiss_reports(report=reports[0], reason="No.", by=mod, at=at)

    reopen_reports(report=reports[0], by=mod, at=at + timedelta(minutes=1))
    response.refresh_from_db()
    assert response.hidden_at is None
    assert Report.objects.open().count() == 4
    dismiss_reports(report=reports[1], reason="It is a fair word.", by=mod, at=at)
    assert set(Report.objects.values_list("status", flat=True)) == {"dismissed"}
    verbs = set(AuditEvent.objects.values_list("verb", flat=True))
    assert {"report.made", "report.upheld", "report.reopened", "report.dismissed"} <= verbs


def test_hiding_by_hand_settles_the_reports_and_showing_opens_them(
    experience: CityExperience, reader: User, edition: Edition, at: datetime
) -> None:
    response = response_of(participant(edition), experience)
    made = make(experience, reader, at, response_id=response.pk)
    hide_response(response=response, reason="Rude.", by=moderator(edition), at=at)
    made.refresh_from_db()
    assert made.status == "upheld"
    show_response(response=response, by=moderator(edition), at=at)
    made.refresh_from_db()
    assert made.status == "open"


def test_a_report_is_made_once_and_taken_back(
    experience: CityExperience, reader: User, edition: Edition, at: datetime
) -> None:
    first = make(experience, reader, at)
    assert make(experience, reader, at) == first
    with pytest.raises(PermissionDenied):
        withdraw_report(report=first, by=participant(edition), at=at)
    withdraw_report(report=first, by=reader, at=at)
    assert make(experience, reader, at) != first


def test_flooding_with_reports_is_slowed_down(
    experience: CityExperience, reader: User, edition: Edition, at: datetime
) -> None:
    responses = [response_of(participant(edition), experience, body=f"No {n}.") for n in range(11)]
    for response in responses[:10]:
        make(experience, reader, at, response_id=response.pk)
    with pytest.raises(TooMany):
        make(experience, reader, at, response_id=responses[10].pk)
    make(experience, reader, at + timedelta(hours=1), response_id=responses[10].pk)


def test_what_one_does_not_see_or_wrote_oneself_is_not_reported(
    experience: CityExperience, reader: User, edition: Edition, at: datetime
) -> None:
    own = response_of(reader, experience)
    hidden = response_of(participant(edition), experience, body="Hidden words.")
    hide_response(response=hidden, reason="Rude.", by=moderator(edition), at=at)
    elsewhere = response_of(participant(edition), published(edition), body="Elsewhere.")
    for refused in (hidden.pk, elsewhere.pk, 10**12):
        with pytest.raises(InvalidInput):
            make(experience, reader, at, response_id=refused)
    with pytest.raises(Conflict):
        make(experience, reader, at, response_id=own.pk)
    with pytest.raises(InvalidInput):
        make(experience, reader, at, reason="other")
    with pytest.raises(PermissionDenied):
        make(draft(edition), reader, at)
    with pytest.raises(PermissionDenied):
        make(experience, participant(EditionFactory.create()), at)


def test_nobody_decides_about_their_own_words_or_their_citys(
    experience: CityExperience, reader: User, edition: Edition, at: datetime
) -> None:
    mod = moderator(edition)
    made = make(experience, reader, at, response_id=response_of(mod, experience).pk)
    of_city = make(experience, reader, at)
    experience.authorships.create(user=mod, added_at=at, added_by=mod)
    for person, one in (
        (mod, made),
        (mod, of_city),
        (reader, made),
        (coordinator(edition), made),
        (moderator(EditionFactory.create()), made),
    ):
        with pytest.raises(PermissionDenied):
            dismiss_reports(report=one, reason="Fine.", by=person, at=at)
    dismiss_reports(report=made, reason="Fine.", by=moderator(edition), at=at)


def test_queue_on_pages_with_one_reason_and_undo(
    experience: CityExperience,
    reader: User,
    edition: Edition,
    client: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    response = response_of(participant(edition), experience, body="Buy my book.")
    client.force_login(reader)
    form = reverse("peer_exchange:report_response", args=[edition.slug, response.pk])
    assert client.post(form, {"reason": "other"}).status_code == 422
    assert client.post(form, {"reason": "spam", "words": "An advert"}).status_code == 302
    assert "Take your report back" in client.get(form).content.decode()
    queue = reverse("peer_exchange:reports", args=[edition.slug])
    assert client.get(queue).status_code == 404

    made = Report.objects.get()
    client.force_login(moderator(edition))
    page = client.get(queue).content.decode()
    assert "Buy my book." in page
    assert "An advert" in page
    settle = reverse("peer_exchange:settle_report", args=[edition.slug, made.pk])
    assert client.post(settle, {"then": "uphold"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(settle, {"then": "uphold", f"{made.pk}-reason": "Advertising."})
    assert done.status_code == 302
    subjects = {(m.to[0], m.subject) for m in mail.outbox}
    assert (reader.email, f"Your report: {experience.title}") in subjects
    assert response.author.email in {to for to, _subject in subjects}
    page = client.get(queue).content.decode()
    assert "Advertising." in page
    undo = reverse("peer_exchange:reopen_report", args=[edition.slug, made.pk])
    assert client.post(undo).status_code == 302
    response.refresh_from_db()
    assert response.hidden_at is None
    csv = client.get(reverse("peer_exchange:reports_csv", args=[edition.slug])).content.decode()
    assert "An advert" in csv


def test_queue_asks_the_same_number_of_questions_for_thirty(
    experience: CityExperience, edition: Edition, client: Client, at: datetime
) -> None:
    client.force_login(moderator(edition))
    queue = reverse("peer_exchange:reports", args=[edition.slug])

    def one_more(number: int) -> None:
        response = response_of(participant(edition), experience, body=f"No {number}.")
        make(experience, participant(edition), at, response_id=response.pk)

    one_more(0)
    client.get(queue)
    with_one = queries_of(client, queue)
    for number in range(1, 30):
        one_more(number)
    assert queries_of(client, queue) == with_one
    assert 'rel="next"' in client.get(queue).content.decode()


def test_an_experience_is_archived_or_sent_back_in_one_step(
    edition: Edition,
    reader: User,
    client: Client,
    at: datetime,
    django_capture_on_commit_callbacks: Any,
) -> None:
    experience = published(edition)
    made = make(experience, reader, at)
    also = make(experience, participant(edition), at)
    client.force_login(moderator(edition))
    queue = reverse("peer_exchange:reports", args=[edition.slug])
    settle = reverse("peer_exchange:settle_report", args=[edition.slug, made.pk])
    page = client.get(queue).content.decode()
    assert ("Agree and archive" in page, "send it back to the city" in page) == (True, False)
    sent = {"then": "archive", f"{made.pk}-reason": "Figures of another city.", "base_version": 3}
    # About another text than the one that was read nothing is decided.
    CityExperience.objects.filter(pk=experience.pk).update(version=4)
    assert client.post(settle, sent).status_code == 409
    assert client.post(settle, {**sent, "base_version": 4, "then": "return"}).status_code == 409
    assert Report.objects.open().count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(settle, {**sent, "base_version": 4}).status_code == 302
    experience.refresh_from_db()
    assert (experience.status, experience.archived_reason) == (
        "archived", "Figures of another city.",
    )  # fmt: skip
    also.refresh_from_db()
    assert (also.status, also.settled_words) == ("upheld", "Figures of another city.")
    (letter,) = [m for m in mail.outbox if m.to == [experience.created_by.email]]
    assert "Figures of another city." in letter.body

    # The reports wait again; the text stays out of the exchange.
    reopen_reports(report=made, by=moderator(edition), at=at)
    experience.refresh_from_db()
    assert (Report.objects.open().count(), experience.status) == (2, "archived")


def test_what_waits_for_a_moderator_goes_back_to_its_city(
    edition: Edition, reader: User, client: Client, at: datetime
) -> None:
    text = waiting(edition)
    made = Report.objects.create(
        experience=text, reporter=coordinator(edition), reason="confidential", created_at=at
    )
    mod = moderator(edition)
    client.force_login(mod)
    queue = reverse("peer_exchange:reports", args=[edition.slug])
    assert "Agree and send it back to the city" in client.get(queue).content.decode()
    body = {"reason": "Whose photographs are these?", "then": "return", "base_version": 3}
    path = f"/api/v1/reports/{made.pk}/uphold/"
    answer = client.post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["status"]) == (200, "upheld")
    text.refresh_from_db()
    assert (text.status, text.returned_reason) == ("draft", "Whose photographs are these?")
    # Of a response nothing of this can follow.
    said = response_of(participant(edition), published(edition))
    with pytest.raises(InvalidInput):
        uphold_reports(
            report=make(said.experience, reader, at, response_id=said.pk), reason="No.",
            then="archive", by=mod, at=at,
        )  # fmt: skip
