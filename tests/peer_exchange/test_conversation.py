"""Threads, mentions, questions: who may say what to whom, and what is never shown."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.programme.models import Edition
from peer_exchange.actions import (
    answer_question,
    edit_response,
    hide_response,
    keep_away,
    reopen_question,
    respond_to_experience,
    show_response,
)
from peer_exchange.models import CityExperience, Response
from peer_exchange.selectors.people import suggestions
from peer_exchange.selectors.threads import (
    REPLIES_A_PAGE,
    REPLIES_BELOW,
    conversation_on,
    open_questions_of,
    thread_of,
)
from peer_exchange.templatetags.conversation import said
from tests.factories.accounts import CityFactory
from tests.factories.peer_exchange import LONG_ENOUGH, published, response_of
from tests.factories.programme import EditionFactory, city_team_member, moderator, participant

pytestmark = pytest.mark.django_db


def say(experience: CityExperience, by: User, body: str, at: datetime, **how: Any) -> Response:
    return respond_to_experience(experience=experience, body=body, by=by, at=at, **how)


def page_of(client: Client, user: User, name: str, edition: Edition, pk: int) -> str:
    client.force_login(user)
    return client.get(reverse(f"peer_exchange:{name}", args=[edition.slug, pk])).content.decode()


def test_answers_stand_in_the_thread_of_what_they_answer(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    other = participant(edition)
    head = say(experience, peer, "Who paid for it?", at, part="challenge")
    reply = say(experience, other, "The region did.", at, parent_id=head.pk)
    deeper = say(experience, peer, "All of it?", at, parent_id=reply.pk)

    assert (reply.thread, reply.position, reply.part) == (head, 1, "challenge")
    assert (deeper.thread, deeper.parent, deeper.position) == (head, reply, 2)
    head.refresh_from_db()
    assert head.reply_count == 2
    [place] = conversation_on(experience, other).places
    assert [r.pk for r in place.replies] == [reply.pk, deeper.pk]
    assert place.replies[1].answers_whom == str(other)
    assert conversation_on(experience, other, part="context").places == []


def test_thanks_may_be_said_twice_but_not_sent_twice(
    experience: CityExperience, peer: User, at: datetime
) -> None:
    one = say(experience, experience.created_by, "First point.", at)
    two = say(experience, experience.created_by, "Second point.", at)
    thanks = say(experience, peer, "Thank you!", at, parent_id=one.pk)
    assert say(experience, peer, "thank you", at, parent_id=one.pk) == thanks
    assert say(experience, peer, "Thank you!", at, parent_id=two.pk) != thanks


def test_parent_of_another_experience_or_hidden_or_unknown_is_refused(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    elsewhere = response_of(participant(edition), published(edition))
    hidden = response_of(participant(edition), experience, body="Rude words.")
    hide_response(response=hidden, reason="Rude.", by=moderator(edition), at=at)
    for parent in (elsewhere.pk, hidden.pk, 10**12):
        with pytest.raises(InvalidInput):
            say(experience, peer, "An answer.", at, parent_id=parent)
    with pytest.raises(Conflict):  # its author sees it and cannot go on under it
        say(experience, hidden.author, "Me again.", at, parent_id=hidden.pk)
    head = response_of(participant(edition), experience, body="A head.")
    reply = say(experience, peer, "A reply.", at, parent_id=head.pk)
    hide_response(response=head, reason="Rude.", by=moderator(edition), at=at)
    with pytest.raises(Conflict):
        say(experience, participant(edition), "Below.", at, parent_id=reply.pk)


def test_kind_and_part_are_of_the_text_and_a_reply_has_none(
    edition: Edition, peer: User, at: datetime
) -> None:
    experience = published(edition, cost="")
    head = say(experience, peer, "First.", at)
    for wrong in (
        {"kind": "shout"},
        {"part": "no-such"},
        {"part": "cost"},
        {"parent_id": head.pk, "kind": "question"},
        {"parent_id": head.pk, "part": "challenge"},
    ):
        with pytest.raises(InvalidInput):
            say(experience, peer, "Words of mine.", at, **wrong)
    with pytest.raises(InvalidInput):  # nobody asks their own city
        say(experience, experience.created_by, "Why?", at, kind="question")


@pytest.mark.parametrize(
    "body",
    ["🎉" * 400, "word " + "🎉" * 200, "e" + "\u0301" * 40, "Wo" + "w" * 500, "\u202e\u200b"],
)
def test_floods_are_refused(
    experience: CityExperience, peer: User, at: datetime, body: str
) -> None:
    with pytest.raises(InvalidInput):
        say(experience, peer, body, at)
    assert say(experience, peer, "Bravo 🎉🎉, families too 👨‍👩‍👧‍👦!", at).pk


def test_people_of_the_edition_are_called_by_name(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    ana = participant(edition, name="Ana")
    outside = participant(EditionFactory.create(), name="Olga Outside")
    response = say(
        experience,
        participant(edition),
        "@ana silva, and @Ana’s team, ask @Olga Outside or a@ana.example, https://x.example/@Ana",
        at,
    )
    assert {m.user for m in response.mentions.all()} == {peer, ana}
    edit_response(response=response, body="Only @Ana Silva.", by=response.author, at=at)
    assert [m.user for m in response.mentions.all()] == [peer]
    assert outside.exchange_mentions.count() == 0


def test_two_of_one_name_are_told_apart_by_their_city(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    quito = participant(edition, CityFactory.create(name="Quito"), name="Ana Silva")
    with pytest.raises(InvalidInput):
        say(experience, experience.created_by, "Dear @Ana Silva!", at)
    response = say(experience, experience.created_by, "Dear @Ana Silva (Quito)!", at)
    assert [m.user for m in response.mentions.all()] == [quito]
    inserts = {s.insert for s in suggestions(edition.pk, experience.created_by, "ana")}
    assert f"Ana Silva ({quito.enrolments.get().city})" in inserts
    assert len(inserts) == 2


def test_a_thousand_mentions_are_refused(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    names = [participant(edition, name=f"Person Number{n}x").name for n in range(12)]
    with pytest.raises(InvalidInput):
        say(experience, peer, " ".join(f"@{name}," for name in names), at)
    with CaptureQueriesContext(connection) as captured, pytest.raises(InvalidInput):
        say(experience, peer, "Look: " + "@Ana Silva " * 1000, at)
    assert len(captured) < 25


def test_suggestions_leave_out_strangers_oneself_and_those_kept_away(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    blocker, muted = participant(edition, name="Ana Block"), participant(edition, name="Ana Mute")
    participant(EditionFactory.create(), name="Ana Elsewhere")
    keep_away(other=peer, distance="blocked", by=blocker, at=at)
    keep_away(other=muted, distance="muted", by=peer, at=at)
    other = participant(edition, name="Ana Other")
    assert [s.id for s in suggestions(edition.pk, peer, "Ana")] == [other.pk]


def test_blocked_people_do_not_answer_or_call(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    quiet = participant(edition, name="Quiet Person")
    head = response_of(quiet, experience, body="My view of it.")
    keep_away(other=peer, distance="blocked", by=quiet, at=at)
    with pytest.raises(PermissionDenied):
        say(experience, peer, "But no.", at, parent_id=head.pk)
    assert not say(experience, peer, "Hello @Quiet Person.", at).mentions.exists()
    places = {p.pk: p for p in conversation_on(experience, quiet).places}
    assert [p.is_kept_away for p in places.values()] == [True, False]


def test_the_citys_team_marks_the_answer_and_can_undo_it(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    question = say(experience, peer, "What did it cost?", at, kind="question")
    other = say(experience, participant(edition), "I wonder too.", at, parent_id=question.pk)
    team = city_team_member(edition, experience.city)
    assert [*open_questions_of(edition.pk, [experience.city_id])] == [question]
    with pytest.raises(PermissionDenied):
        answer_question(question=question, answer_id=other.pk, by=peer, at=at)
    elsewhere = response_of(participant(edition), published(edition), body="Another place.")
    with pytest.raises(InvalidInput):
        answer_question(question=question, answer_id=elsewhere.pk, by=team, at=at)

    answer = say(experience, team, "Two million.", at, parent_id=question.pk, answers=True)
    question.refresh_from_db()
    assert (question.answer, question.answered_by) == (answer, team)
    assert not open_questions_of(edition.pk, [experience.city_id]).exists()
    with pytest.raises(Conflict):
        answer_question(question=question, answer_id=other.pk, by=team, at=at)
    reopen_question(question=question, by=peer, at=at)
    answer_question(question=question, answer_id=answer.pk, by=team, at=at)
    # A hidden answer answers nothing.
    hide_response(response=answer, reason="Wrong figure.", by=moderator(edition), at=at)
    question.refresh_from_db()
    assert question.is_open_question


def test_hidden_response_is_read_nowhere_by_others(
    experience: CityExperience, peer: User, edition: Edition, at: datetime, client: Client
) -> None:
    secret = "Secretword of the mayor"
    head = say(experience, peer, secret, at)
    say(experience, participant(edition), "An answer to it.", at, parent_id=head.pk)
    edit_response(response=head, body=f"{secret}, put better", by=peer, at=at)
    mod, reader = moderator(edition), participant(edition)
    hide_response(response=head, reason="Confidential.", by=mod, at=at)

    for name, pk in (("detail", experience.pk), ("thread", head.pk), ("wordings", head.pk)):
        assert "Secretword" not in page_of(client, reader, name, edition, pk)
    detail = page_of(client, reader, "detail", edition, experience.pk)
    assert "A moderator has hidden this response." in detail
    assert "Confidential." not in detail
    for path in (
        f"/api/v1/responses/{head.pk}/",
        f"/api/v1/responses/{head.pk}/history/",
        f"/api/v1/responses/?experience={experience.pk}",
        f"/api/v1/experiences/{experience.pk}/responses/",
    ):
        assert "Secretword" not in client.get(path).content.decode()
    assert "Secretword" in page_of(client, peer, "wordings", edition, head.pk)
    client.force_login(mod)
    csv = client.get(reverse("peer_exchange:responses_csv", args=[edition.slug]))
    assert "Secretword" not in csv.content.decode()
    show_response(response=head, by=mod, at=at)
    assert "Secretword" in page_of(client, reader, "detail", edition, experience.pk)


def test_words_of_people_are_words_on_every_page(
    experience: CityExperience, edition: Edition, at: datetime, client: Client
) -> None:
    evil = participant(edition, name="<img src=x onerror=alert(1)>")
    body = (
        "<script>alert(1)</script> <a href='javascript:alert(2)'>x</a> javascript:alert(3) "
        '[y](javascript:alert(4)) https://ok.example/"onmouseover=alert(5) data:text/html,x '
        "@<img src=x onerror=alert(1)>"
    )
    head = say(experience, evil, body, at, kind="question")
    edit_response(response=head, body=body + " again", by=evil, at=at)
    say(experience, participant(edition), f"To @{evil.name}", at, parent_id=head.pk)
    mod = moderator(edition)
    pages = [
        page_of(client, mod, "detail", edition, experience.pk),
        page_of(client, mod, "thread", edition, head.pk),
        page_of(client, mod, "reply", edition, head.pk),
        page_of(client, mod, "wordings", edition, head.pk),
        page_of(client, mod, "report_response", edition, head.pk),
    ]
    client.force_login(city_team_member(edition, experience.city))
    pages.append(
        client.get(reverse("peer_exchange:questions", args=[edition.slug])).content.decode()
    )
    for page in pages:
        assert "alert(1)</script>" not in page
        assert "<img src=x" not in page
        assert 'href="javascript:' not in page
        assert "href='javascript:" not in page
        assert '"onmouseover' not in page.replace("&quot;", "")
        assert 'href="data:' not in page


def test_names_stand_out_where_they_are_called_and_nowhere_else() -> None:
    html = said("Dear @Ana & @Anabel, see https://x.example/@Ana <b>", ["Ana", "A<b>"])
    assert html.count("<strong") == 1
    assert '<strong class="called">@Ana</strong> &amp; @Anabel' in html
    assert "&lt;b&gt;" in html


def test_long_threads_come_in_pages_and_the_count_of_questions_stays(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    def queries(read: Any) -> int:
        reader = User.objects.get(pk=participant(edition).pk)
        with CaptureQueriesContext(connection) as captured:
            read(reader)
        return len(captured)

    head = say(experience, peer, "The beginning.", at)
    say(experience, peer, "Reply one.", at, parent_id=head.pk)
    head = Response.objects.select_related("experience__edition").get(pk=head.pk)
    first = [
        queries(lambda u: conversation_on(experience, u)),
        queries(lambda u: thread_of(head, u)),
    ]
    for number in range(2, REPLIES_A_PAGE + 6):
        Response.objects.create(
            experience=experience, author=participant(edition), parent=head, thread=head,
            position=number, body=f"Reply {number}.", fingerprint=str(number), created_at=at,
        )  # fmt: skip
    Response.objects.filter(pk=head.pk).update(reply_count=REPLIES_A_PAGE + 5)
    head = Response.objects.select_related("experience__edition").get(pk=head.pk)
    for number in range(12):
        response_of(participant(edition), experience, body=f"Another head {number}.")
    then = [
        queries(lambda u: conversation_on(experience, u)),
        queries(lambda u: thread_of(head, u)),
    ]
    assert then == first
    place = conversation_on(experience, peer).places[-1]
    assert (len(place.replies), place.more) == (REPLIES_BELOW, REPLIES_A_PAGE + 5 - REPLIES_BELOW)
    whole, after = thread_of(head, peer)
    assert (len(whole.replies), after) == (REPLIES_A_PAGE, REPLIES_A_PAGE)
    rest, end = thread_of(head, peer, after=after or 0)
    assert (len(rest.replies), end) == (5, None)


def test_a_person_answers_asks_and_marks_on_pages(
    experience: CityExperience, peer: User, edition: Edition, client: Client
) -> None:
    client.force_login(peer)
    detail = reverse("peer_exchange:detail", args=[edition.slug, experience.pk])
    page = client.get(f"{detail}?part=challenge").content.decode()
    assert "Useful for my city because…" in page
    assert '<option value="challenge" selected>' in page
    respond = reverse("peer_exchange:respond", args=[edition.slug, experience.pk])
    asked = client.post(respond, {"body": "Who?", "kind": "question", "part": "challenge"})
    question = Response.objects.get()
    assert asked["Location"] == f"{detail}?written={question.pk}#responses"
    said = "Your response is published."
    assert said in client.get(asked["Location"]).content.decode()
    assert said not in client.get(detail).content.decode()
    client.force_login(experience.created_by)
    assert said not in client.get(asked["Location"]).content.decode()
    client.force_login(peer)
    assert "1 open question" in client.get(detail).content.decode()

    client.force_login(experience.created_by)
    questions = client.get(reverse("peer_exchange:questions", args=[edition.slug]))
    assert "Who?" in questions.content.decode()
    reply = reverse("peer_exchange:reply", args=[edition.slug, question.pk])
    assert "This answers the question" in client.get(reply).content.decode()
    assert client.post(reply, {"body": "…"}).status_code == 422
    answered = client.post(reply, {"body": "The port did.", "answers": "on"})
    answer = Response.objects.get(thread=question)
    assert answered["Location"].endswith(f"?to={answer.pk}#response-{answer.pk}")
    assert (
        "The city’s answer" in client.get(answered["Location"].partition("#")[0]).content.decode()
    )
    assert client.get(detail).content.decode().count("Question · answered") == 1
    reopen = reverse("peer_exchange:reopen_question", args=[edition.slug, question.pk])
    assert client.post(reopen).status_code == 302
    mark = reverse("peer_exchange:answer", args=[edition.slug, answer.pk])
    assert client.post(mark).status_code == 302
    question.refresh_from_db()
    assert question.answer == answer


def test_copied_words_of_another_person_do_not_count(
    experience: CityExperience, peer: User, edition: Edition, at: datetime
) -> None:
    from peer_exchange.enums import Counting
    from peer_exchange.selectors import sharing_of

    first = say(experience, peer, LONG_ENOUGH, at)
    copy = say(published(edition), participant(edition), LONG_ENOUGH.upper(), at)
    assert sharing_of(peer.enrolments.get()).response_ids == (first.pk,)
    assert sharing_of(copy.author.enrolments.get()).verdicts == {copy.pk: Counting.COPIED}


def test_embargo_is_read_by_the_clock(edition: Edition, peer: User) -> None:
    experience = published(edition)
    experience.embargo_until = clock.now() - timedelta(seconds=1)
    experience.save(update_fields=["embargo_until"])
    assert say(experience, peer, "At last.", clock.now()).pk
