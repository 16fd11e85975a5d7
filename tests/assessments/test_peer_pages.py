"""Reviewing a draft of another city on the pages alone: from the dashboard to the rating."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from assessments.enums import PeerReviewStatus
from assessments.models import PeerReview
from lms.accounts.models import User
from lms.programme.models import Edition
from tests.factories.peer import asked, round_now, writer
from tests.factories.programme import coordinator

pytestmark = pytest.mark.django_db
LINK = r'<a[^>]* href="([^"#]+)[^"]*"[^>]*>\s*(?:<bdi>)?{words}'


class Reader:
    """Somebody with a browser and no script: goes where pages link to, sends their forms."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.open("/")

    def open(self, address: str) -> None:
        self.seen = self.client.get(address)
        assert self.seen.status_code == 200
        self.address = address

    @property
    def page(self) -> str:
        return " ".join(self.seen.content.decode().split())

    def follow(self, words: str) -> None:
        found = re.search(LINK.format(words=re.escape(words)), self.page)
        assert found, f"no link “{words}” on {self.address}"
        self.open(found.group(1))

    def send(self, button: str, **typed: Any) -> int:
        """The form with this button: its address, its hidden fields, what is typed; whose
        names the form must have."""
        forms = re.findall(r"<form[^>]*>.*?</form>", self.page)
        form = next(one for one in forms if f"{button}</button>" in one)
        names = set(re.findall(r'name="([^"]+)"', form))
        assert names >= set(typed), names
        values = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
        pressed = re.search(rf'name="(\w+)" value="(\w+)">{button}</button>', form)
        if pressed:
            values[pressed.group(1)] = pressed.group(2)
        action = re.match(r'<form[^>]* action="([^"]+)"', form)
        self.seen = self.client.post(
            action.group(1) if action else self.address, values | typed, follow=True
        )
        if self.seen.redirect_chain:
            self.address = self.seen.redirect_chain[-1][0]
        return int(self.seen.status_code)


def test_a_review_is_written_handed_in_and_rated_on_the_pages(
    edition: Edition, django_capture_on_commit_callbacks: Any
) -> None:
    peer_round = round_now(edition, coordinator(edition))
    own, other = writer(edition), writer(edition)
    review = asked(peer_round, own, other.owner)
    PeerReview.objects.filter(pk=review.pk).update(status=PeerReviewStatus.INVITED)
    reviewer = Reader(other.owner.user)

    reviewer.follow("Read and answer")
    assert "Our city on context." in reviewer.page
    assert "What is strong?" in reviewer.page
    assert "<textarea" not in reviewer.page.split("What you will be asked")[1]
    assert reviewer.send("Yes, I will") == 200

    # Not handed in without what the round asks for; what was typed stays.
    status = reviewer.send("Hand in the review", strong=" ", more="Thank you <b>all</b>.")
    assert status == 422
    assert "Thank you &lt;b&gt;all&lt;/b&gt;." in reviewer.page
    assert 'aria-invalid="true"' in reviewer.page
    assert reviewer.send("Save", strong="The figures are.", more="") == 200
    writes = Reader(own.owner.user)
    writes.open(reverse("assessments:peer_reviews", args=[edition.slug]))
    assert "The figures are." not in writes.page
    with django_capture_on_commit_callbacks(execute=True):
        status = reviewer.send("Hand in the review", strong="The figures are.", more="And more.")
    assert status == 200
    assert "Your review is handed in." in reviewer.page
    assert [one.to for one in mail.outbox] == [[own.owner.user.email]]

    # It cannot be handed in again, nor changed, and nothing waits on the dashboard.
    reviewer.open("/")
    assert "Go on with your review" not in reviewer.page
    reviewer.open(reverse("assessments:peer_review", args=[edition.slug, review.pk]))
    assert "<textarea" not in reviewer.page
    assert "And more." in reviewer.page

    writes.open(reverse("assessments:project", args=[edition.slug]))
    writes.follow("Let others read your draft")
    assert "The figures are." in writes.page
    assert writes.send("Send", usefulness="", note="Clear.") == 422
    assert "Clear." in writes.page
    with django_capture_on_commit_callbacks(execute=True):
        assert writes.send("Send", usefulness="4", note="Clear.") == 200
    assert "useful: 4 of 5" in writes.page
    reviewer.open(reverse("assessments:peer_reviews", args=[edition.slug]))
    assert "useful: 4 of 5" in reviewer.page
    assert "Clear." in reviewer.page
    review.refresh_from_db()
    assert (review.status, review.usefulness, review.rated_by) == (
        PeerReviewStatus.SUBMITTED,
        4,
        own.owner.user,
    )
