"""Lists that grow with an edition come page by page; none of them is cut in silence."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.actions.appeals import assign_appeal, decide_appeal, make_appeal
from assessments.actions.peer_rounds import enter_round
from assessments.actions.snippets import keep_snippet
from assessments.enums import AppealStatus
from assessments.models import Appeal
from assessments.selectors.peer import states_of_reviews
from lms.accounts.models import User
from lms.core import clock
from lms.programme.models import Edition
from tests.factories.marking import MARKED_AT, released, submitted
from tests.factories.peer import asked, handed_in, round_now, writer
from tests.factories.programme import coordinator, instructor

pytestmark = pytest.mark.django_db


def appealed(edition: Edition, marker: User) -> Appeal:
    grade = released(submitted(edition), marker)
    by = grade.submission.owner.user
    return make_appeal(grade=grade, revision=1, reason="Page 3.", by=by, at=MARKED_AT)


def test_appeals_that_wait_come_before_those_decided_page_by_page(
    edition: Edition, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.views.appeals.APPEALS_A_PAGE", 2)
    marker, other, boss = instructor(edition), instructor(edition), coordinator(edition)
    decided, *waiting = (appealed(edition, marker) for _ in range(3))
    assign_appeal(appeal=decided, marker=other, base_version=0, by=boss, at=MARKED_AT)
    decided.refresh_from_db()
    decide_appeal(
        appeal=decided, decision=AppealStatus.UPHELD, reason="Read: it stands.", marks={},
        overall="", base_version=decided.assessment.version, by=other, at=MARKED_AT,
    )  # fmt: skip
    client.force_login(boss)
    address = reverse("assessments:appeals", args=[edition.slug])

    first, second = (client.get(address, {"page": page}).content.decode() for page in (1, 2))

    names = [str(one.grade.submission.owner.user) for one in waiting]
    assert first.index(names[0]) < first.index(names[1])
    last = str(decided.grade.submission.owner.user)
    assert last not in first
    assert last in second
    assert "Every appeal is decided." not in second
    assert "Page 2 of 2" in second


def test_the_comment_bank_comes_in_pages_and_keeps_what_is_being_changed(
    edition: Edition, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.views.snippets.COMMENTS_A_PAGE", 1)
    marker = instructor(edition)
    kept = [
        keep_snippet(edition=edition, text=f"Comment {n}.", by=marker, at=clock.now())
        for n in (1, 2, 3)
    ]
    client.force_login(marker)
    address = reverse("assessments:comment_bank", args=[edition.slug])

    def listed(**asked: Any) -> list[int]:
        page = client.get(address, asked).content.decode()
        return [one.pk for one in kept if f"{one.text}</p>" in page]

    assert [listed(page=page) for page in (1, 2, 3)] == [[one.pk] for one in reversed(kept)]
    assert listed(q="Comment 1") == [kept[0].pk]
    change = reverse("assessments:move_snippet", args=[edition.slug, kept[0].pk, "change"])
    refused = client.post(change, {"base_version": 0, "text": " "})
    assert refused.status_code == 422
    assert f"{kept[0].text}</p>" in refused.content.decode()


def test_a_round_of_peer_review_lists_drafts_with_their_reviews_page_by_page(
    edition: Edition, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessments.views.peer_rounds.DRAFTS_A_PAGE", 1)
    boss = coordinator(edition)
    peer_round = round_now(edition, boss)
    drafts = [writer(edition) for _ in range(2)]
    for draft in drafts:
        who = draft.owner.user
        enter_round(peer_round=peer_round, submission=draft, by=who, at=clock.now())
    handed_in(asked(peer_round, drafts[0], drafts[1].owner))
    asked(peer_round, drafts[1], drafts[0].owner)
    client.force_login(boss)
    address = reverse("assessments:peer_round", args=[edition.slug, peer_round.pk])

    for page, (draft, reviewers) in enumerate(zip(drafts, reversed(drafts), strict=True), start=1):
        text = client.get(address, {"page": page}).content.decode()
        table, _, reviews = text.partition('aria-label="Reviews"')
        assert str(draft.owner.user) in table
        assert reviews.count("<tr>") == 2
        assert str(reviewers.owner.user) in reviews
        assert f"Page {page} of 2" in text
    told = dict(states_of_reviews(peer_round))
    assert (told["Handed in"], told["Promised"], told["Declined"]) == (1, 1, 0)
