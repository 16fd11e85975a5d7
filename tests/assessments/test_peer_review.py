"""Peer review of drafts, from the opening of a round to the rating of a review."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments import tasks
from assessments.actions.languages import set_languages
from assessments.actions.peer_reviews import (
    NotInReview,
    accept_review,
    decline_review,
    rate_review,
    save_review,
    submit_review,
)
from assessments.actions.peer_rounds import (
    NotOpenForDrafts,
    RoundBegun,
    RoundClosed,
    allocate_reviews,
    call_off_round,
    change_round,
    enter_round,
    leave_round,
    mind_round,
    open_round,
    replace_stragglers,
)
from assessments.enums import PeerReviewStatus
from assessments.models import PeerDraft, PeerEntry, PeerReview, PeerRound, Submission
from assessments.selectors.peer import plan_round, review_abilities
from lms.core import clock
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.core.models import OutboxMessage
from lms.programme.enums import EnrolmentStatus
from lms.programme.models import Edition, Enrolment
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.assessments import WRITTEN_AT, hand_in, project_in, start, write
from tests.factories.peer import QUESTIONS, asked, handed_in, round_now, writer
from tests.factories.programme import EditionFactory, coordinator, enrol, instructor
from tests.factories.teams import allow_teams, join
from tests.races import at_once

AT = WRITTEN_AT


def entered(edition: Edition, count: int = 4, **values: Any) -> PeerRound:
    """A round with drafts of as many cities in it."""
    peer_round = round_now(edition, coordinator(edition), AT, **values)
    for _ in range(count):
        enter(peer_round, writer(edition))
    return peer_round


def enter(peer_round: PeerRound, draft: Submission) -> PeerEntry:
    return enter_round(peer_round=peer_round, submission=draft, by=draft.owner.user, at=AT)


def find(peer_round: PeerRound, at: Any = AT) -> Any:
    return allocate_reviews(peer_round=peer_round, by=None, at=at)


def test_a_round_is_set_on_the_clock_of_the_edition(edition: Edition) -> None:
    boss = coordinator(edition)
    peer_round = round_now(edition, boss, AT)

    assert peer_round.zone == "Europe/Madrid"
    assert peer_round.closes_at == AT + timedelta(days=10, hours=-1)
    with pytest.raises(PermissionDenied):
        round_now(edition, instructor(edition), AT)
    for wrong in (
        {"minimum": 0}, {"most": 21}, {"questions": []}, {"title": " "},
        {"questions": [QUESTIONS[0], QUESTIONS[0]]}, {"closes_wall": AT.replace(tzinfo=None)},
        {"status": "x"},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            round_now(edition, boss, AT, **wrong)


def test_drafts_enter_once_and_leave_until_somebody_reads_them(edition: Edition) -> None:
    peer_round = entered(edition, 3)
    draft = writer(edition)
    assert enter(peer_round, draft) == enter(peer_round, draft)
    empty = start(edition)
    with pytest.raises(NotOpenForDrafts):
        enter(peer_round, empty)
    with pytest.raises(PermissionDenied):
        enter_round(peer_round=peer_round, submission=draft, by=empty.owner.user, at=AT)
    leave_round(peer_round=peer_round, submission=draft, by=draft.owner.user, at=AT)
    find(peer_round)

    assert not PeerReview.objects.filter(draft__entry__submission=draft).exists()
    read = PeerReview.objects.first()
    assert read is not None
    theirs = read.draft.entry.submission
    with pytest.raises(RoundBegun):
        leave_round(peer_round=peer_round, submission=theirs, by=theirs.owner.user, at=AT)


def test_everybody_gets_the_minimum_frozen_and_twice_gives_nothing_twice(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    peer_round = entered(edition, 4, minimum=2, most=2)
    with django_capture_on_commit_callbacks(execute=True):
        found = find(peer_round)
        again = find(peer_round)
    draft = Submission.objects.earliest("pk")
    write(draft, context="Written since.")

    assert (len(found.given), found.short, again.given) == (8, [], [])
    for entry in peer_round.entries.all():
        assert entry.draft.reviews.count() == 2
        assert not entry.draft.reviews.filter(reviewer__city=entry.submission.owner.city).exists()
    assert "Written since" not in str(PeerDraft.objects.get(entry__submission=draft).sections)
    assert len(mail.outbox) == 8


def test_where_the_minimum_cannot_be_it_says_why(edition: Edition) -> None:
    nairobi = CityFactory.create(name="Nairobi")
    peer_round = round_now(edition, coordinator(edition), AT, minimum=2)
    colleagues = [writer(edition, nairobi) for _ in range(2)]
    for draft in (*colleagues, writer(edition)):
        enter(peer_round, draft)

    plan = plan_round(peer_round)

    short = {entry.submission_id: (missing, why) for entry, missing, why in plan.short}
    assert short == {
        one.pk: (1, "1 participant of another city can still review it.") for one in colleagues
    }


def test_language_and_team_mates_count(edition: Edition) -> None:
    allow_teams(edition)
    peer_round = round_now(edition, coordinator(edition), AT, minimum=1)
    spanish, english, both = (writer(edition) for _ in range(3))
    mate = enrol(start(edition).owner.user, EditionFactory.create(), spanish.owner.city)
    assert mate.city_id == spanish.owner.city_id
    for draft, reads, writes in (
        (spanish, ["es"], "es"), (english, ["en"], "en"), (both, ["en", "es"], "en"),
    ):  # fmt: skip
        set_languages(
            edition=edition, user=draft.owner.user, reads=reads, writes=writes, base_version=0,
            by=draft.owner.user, at=AT,
        )  # fmt: skip
        enter(peer_round, draft)
    find(peer_round)

    who = {
        review.draft.entry.submission_id: review.reviewer_id for review in PeerReview.objects.all()
    }
    assert who == {
        spanish.pk: both.owner_id, english.pk: both.owner_id, both.pk: english.owner_id,
    }  # fmt: skip


def test_all_members_of_a_team_review_and_none_reads_their_own(edition: Edition) -> None:
    allow_teams(edition)
    peer_round = round_now(edition, coordinator(edition), AT, minimum=2, most=1, takes_all=True)
    nairobi = CityFactory.create(name="Nairobi")
    team = writer(edition, nairobi)
    mate = writer(edition, nairobi)
    join(team, mate.owner)
    others = [writer(edition) for _ in range(2)]
    found = find(peer_round)

    pairs = {(r.draft.entry.submission_id, r.reviewer_id) for r in found.given}
    assert {draft for draft, _who in pairs} == {team.pk, *(one.pk for one in others)}
    readers = {who for draft, who in pairs if draft == team.pk}
    assert readers <= {one.owner_id for one in others}
    assert {team.owner_id, mate.owner_id} <= {who for _draft, who in pairs}


def test_a_review_is_answered_written_handed_in_and_rated(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    peer_round = entered(edition, 2, minimum=1)
    [review, other] = find(peer_round).given
    by = {"by": review.reviewer.user, "at": AT}
    author = review.draft.entry.submission.owner.user
    with pytest.raises(NotInReview):
        save_review(review=review, answers={"strong": "It is."}, base_version=0, **by)
    with pytest.raises(PermissionDenied):
        accept_review(review=review, by=author, at=AT)
    accept_review(review=review, **by)
    saved = save_review(review=review, answers={"strong": "It is."}, base_version=0, **by)
    assert (saved.version, saved.status) == (1, PeerReviewStatus.IN_PROGRESS)
    assert save_review(review=review, answers={"strong": "It is."}, base_version=0, **by)
    with pytest.raises(StaleVersion) as stale:
        save_review(review=review, answers={"strong": "Not."}, base_version=0, **by)
    assert stale.value.extra["stored"] == {"strong": "It is."}
    with pytest.raises(InvalidInput):
        save_review(review=review, answers={"mark": "5"}, base_version=1, **by)
    with pytest.raises(InvalidInput):
        submit_review(review=review, base_version=1, answers={"strong": " "}, **by)
    assert not PeerReview.objects.received_by(author).exists()

    with django_capture_on_commit_callbacks(execute=True):
        submit_review(review=review, base_version=1, **by)
        rated = rate_review(review=review, usefulness=4, note="Thanks.", by=author, at=AT)

    assert (rated.usefulness, rated.rated_by) == (4, author)
    with pytest.raises(NotInReview):
        save_review(review=review, answers={"strong": "More."}, base_version=1, **by)
    with pytest.raises(PermissionDenied):
        rate_review(review=review, usefulness=5, by=review.reviewer.user, at=AT)
    assert [message.to for message in mail.outbox] == [[author.email], [by["by"].email]]
    with pytest.raises(InvalidInput):
        decline_review(review=other, reason=" ", by=other.reviewer.user, at=AT)


def test_who_declines_or_is_silent_is_replaced_and_asked_no_more(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    peer_round = entered(edition, 4, minimum=1, most=2)
    first, second, third, *_rest = find(peer_round).given
    decline_review(review=first, reason="I know them.", by=first.reviewer.user, at=AT)
    accept_review(review=second, by=second.reviewer.user, at=AT)
    late = AT + timedelta(hours=73)
    save_review(
        review=second, answers={"more": "x"}, base_version=0, by=second.reviewer.user, at=late
    )
    given = replace_stragglers(peer_round=peer_round, by=None, at=late).given

    third.refresh_from_db()
    second.refresh_from_db()
    assert third.status == PeerReviewStatus.REALLOCATED
    assert second.status == PeerReviewStatus.IN_PROGRESS
    silent = set(
        PeerReview.objects.filter(status=PeerReviewStatus.REALLOCATED).values_list(
            "reviewer_id", flat=True
        )
    )
    assert given
    assert not silent & {review.reviewer_id for review in given}
    met = list(PeerReview.objects.values_list("draft_id", "reviewer_id"))
    assert len(met) == len(set(met))


def test_time_brings_reviewers_reminders_and_the_end(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    peer_round = entered(edition, 2, minimum=1)
    with django_capture_on_commit_callbacks(execute=True):
        mind_round(peer_round=peer_round, at=AT)
        review = PeerReview.objects.earliest("pk")
        accept_review(review=review, by=review.reviewer.user, at=AT)
        mail.outbox.clear()
        for hours in (10, 40, 41):
            mind_round(peer_round=peer_round, at=AT + timedelta(hours=hours))
    subjects = sorted(message.subject for message in mail.outbox)

    assert subjects == ["A draft for you to review"] * 2 + ["A review waits for you"] * 2
    with pytest.raises(RoundClosed):
        save_review(
            review=review, answers={"strong": "x"}, base_version=0, by=review.reviewer.user,
            at=peer_round.closes_at,
        )  # fmt: skip
    call_off_round(peer_round=peer_round, by=peer_round.created_by, at=AT)
    with pytest.raises(RoundClosed):
        find(peer_round)


def test_each_open_round_is_minded_by_a_message_of_its_own(edition: Edition) -> None:
    """One that fails is tried again and holds up no other."""
    rounds = [round_now(edition, coordinator(edition)) for _ in range(2)]
    assert [tasks.mind_peer_rounds(), tasks.mind_peer_rounds()] == [2, 2]
    waiting = OutboxMessage.objects.filter(task=tasks.mind_peer_round.name)
    assert sorted(message.kwargs["round_id"] for message in waiting) == [one.pk for one in rounds]

    call_off_round(peer_round=rounds[0], by=rounds[0].created_by, at=clock.now())
    for one in rounds:
        tasks.mind_peer_round(one.pk)
    assert tasks.mind_peer_rounds() == 1


def test_those_who_write_are_told_of_a_round_its_dates_and_its_end(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    """By name, each in a letter of their own; whose project is handed in has nothing to enter."""
    writes, done = writer(edition), writer(edition)
    hand_in(done)
    begins_not = enrol(UserFactory.create(), edition)
    boss, wall = coordinator(edition), clock.now().replace(tzinfo=None)
    opens = wall + timedelta(days=2)

    with django_capture_on_commit_callbacks(execute=True):
        peer_round = round_now(edition, boss, opens_wall=opens)
    told = {message.to[0]: message for message in mail.outbox}
    assert set(told) == {writes.owner.user.email, begins_not.user.email}
    letter = str(told[begins_not.user.email].body)
    assert "Enter your draft by" in letter
    assert str(opens.year) in letter
    assert reverse("assessments:peer_reviews", args=[edition.slug]) in letter

    mail.outbox.clear()
    change = {"peer_round": peer_round, "by": boss, "at": clock.now()}
    with django_capture_on_commit_callbacks(execute=True):
        change_round(values={"most": 4}, base_version=0, **change)
        assert not mail.outbox
        later = {"closes_wall": wall + timedelta(days=20)}
        change_round(values=later, base_version=1, **change)
    assert {message.subject for message in mail.outbox} == {"Other dates: First drafts"}
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        call_off_round(**change)
    assert [message.subject for message in mail.outbox] == ["Called off: First drafts"] * 2
    tasks.send_peer_round(peer_round.pk, "opened", writes.owner.user_id)
    assert len(mail.outbox) == 2


def test_the_form_to_rate_asks_what_the_rating_asks(edition: Edition) -> None:
    """Whoever gave up their place is offered nothing that would be refused."""
    draft = writer(edition)
    reviewer = writer(edition).owner
    review = handed_in(asked(round_now(edition, coordinator(edition)), draft, reviewer))
    rater = draft.owner.user
    assert review_abilities(review, rater, clock.now())["rate"]
    assert not review_abilities(review, reviewer.user, clock.now())["rate"]
    Enrolment.objects.filter(pk=draft.owner_id).update(status=EnrolmentStatus.CANCELLED)

    assert not review_abilities(review, rater, clock.now())["rate"]
    with pytest.raises(PermissionDenied):
        rate_review(review=review, usefulness=5, by=rater, at=clock.now())


def test_a_round_that_began_keeps_what_reviewers_were_told(edition: Edition) -> None:
    peer_round = entered(edition, 2, minimum=1)
    find(peer_round)
    change = {"peer_round": peer_round, "by": peer_round.created_by, "at": AT}
    with pytest.raises(RoundBegun):
        change_round(values={"questions": QUESTIONS[:1]}, base_version=0, **change)
    assert change_round(values={"most": 5}, base_version=0, **change).version == 1
    with pytest.raises(StaleVersion):
        change_round(values={"most": 6}, base_version=0, **change)


def test_a_project_handed_in_meanwhile_is_not_frozen(edition: Edition) -> None:
    peer_round = entered(edition, 2, minimum=1)
    hand_in(peer_round.entries.earliest("pk").submission)
    found = find(peer_round)

    assert {review.draft.entry_id for review in found.given} == {peer_round.entries.latest("pk").pk}


def test_the_pages_from_entering_to_rating(edition: Edition, client: Client) -> None:
    boss = coordinator(edition)
    own, other = writer(edition), writer(edition)
    client.force_login(boss)
    rounds = reverse("assessments:peer_rounds", args=[edition.slug])
    at = clock.now()
    sent = {
        "title": "First drafts", "opens_wall": f"{at - timedelta(days=1):%Y-%m-%dT%H:%M}",
        "closes_wall": f"{at + timedelta(days=9):%Y-%m-%dT%H:%M}", "minimum": 1, "most": 3,
        "answer_hours": 72, "questions_text": "What is strong?\nMore? (optional)",
    }  # fmt: skip
    assert client.post(rounds, sent | {"closes_wall": "2001-01-01T10:00"}).status_code == 422
    assert client.post(rounds, sent).status_code == 302
    peer_round = PeerRound.objects.get()
    for draft in (own, other):
        client.force_login(draft.owner.user)
        client.post(reverse("assessments:enter_peer_round", args=[edition.slug]))
    client.force_login(boss)
    page = reverse("assessments:peer_round", args=[edition.slug, peer_round.pk])
    assert "2 reviewers would be asked now." in client.get(page).content.decode()
    client.post(reverse("assessments:find_peer_reviewers", args=[edition.slug, peer_round.pk]))
    review = PeerReview.objects.get(reviewer=own.owner)
    place = [edition.slug, review.pk]
    client.force_login(own.owner.user)
    mine = reverse("assessments:peer_reviews", args=[edition.slug])
    assert str(other.owner.user) in client.get(mine).content.decode()
    client.post(reverse("assessments:accept_peer_review", args=place))
    form = reverse("assessments:peer_review", args=place)
    assert "Our city on context." in client.get(form).content.decode()
    saved = client.put(
        reverse("assessments:peer_review_answers", args=place),
        {"base_version": 0, "values": {"q1": "The figures."}},
        content_type="application/json",
    )
    assert saved.json()["version"] == 1
    stale = client.post(form, {"base_version": 0, "q1": "Other words."})
    assert (stale.status_code, "Other words." in stale.content.decode()) == (409, True)
    assert "The figures." in stale.content.decode()
    assert client.post(form, {"base_version": 1, "move": "submit"}).status_code == 302

    client.force_login(other.owner.user)
    received = client.get(mine).content.decode()
    rate = reverse("assessments:rate_peer_review", args=place)
    assert client.post(rate, {"usefulness": 9}).status_code == 422
    assert client.post(rate, {"usefulness": 5, "note": "Thanks."}).status_code == 302
    assert "The figures." in received
    client.force_login(boss)
    table = client.get(
        reverse("assessments:peer_round_csv", args=[edition.slug, peer_round.pk])
    ).content.decode()
    assert ("The figures." in table, len(table.splitlines())) == (True, 3)


def test_names_stay_hidden_where_the_round_says_so(edition: Edition, client: Client) -> None:
    peer_round = round_now(edition, coordinator(edition), hides_names=True)
    own, other = writer(edition), writer(edition)
    review = asked(peer_round, own, other.owner)
    client.force_login(other.owner.user)
    page = client.get(reverse("assessments:peer_review", args=[edition.slug, review.pk]))
    handed_in(review)
    client.force_login(own.owner.user)
    mine = client.get(reverse("assessments:peer_reviews", args=[edition.slug]))

    assert str(own.owner.user) not in page.content.decode()
    assert str(other.owner.user) not in mine.content.decode()
    assert "A participant of another city" in mine.content.decode()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_who_allocate_at_once_ask_nobody_twice() -> None:
    edition = EditionFactory.create()
    peer_round = entered(edition, 5, minimum=2, most=3)

    results = at_once(*(lambda: find(peer_round) for _ in range(3)))

    assert sum(len(result.given) for result in results) == PeerReview.objects.count() == 10


def test_the_project_of_another_edition_has_no_place(edition: Edition) -> None:
    peer_round = entered(edition, 1)
    elsewhere = EditionFactory.create()
    project_in(elsewhere)
    with pytest.raises(InvalidInput):
        enter(peer_round, writer(elsewhere))
    with pytest.raises(PermissionDenied):
        open_round(project=project_in(elsewhere), values={}, by=coordinator(edition), at=AT)
