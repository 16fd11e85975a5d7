"""Long lists come a page at a time, and what one has written is on the page one is led to."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from lms.programme.models import Edition
from peer_exchange.models import Response
from peer_exchange.selectors.threads import HEADS_A_PAGE
from peer_exchange.views.moderation import PAGE_SIZE
from tests.factories.peer_exchange import LONG_ENOUGH, WRITTEN_AT, published, response_of, waiting
from tests.factories.programme import moderator, participant

pytestmark = pytest.mark.django_db


def test_moderation_shows_the_longest_waiting_and_the_rest_on_further_pages(
    edition: Edition, client: Client
) -> None:
    first = waiting(edition)
    texts = [first, *(waiting(edition, first.city, author=first.created_by) for _ in range(30))]
    client.force_login(moderator(edition))
    url = reverse("peer_exchange:moderation", args=[edition.slug])

    shown = [
        [row["experience"].pk for row in client.get(url, {"page": page}).context["waiting"]]
        for page in (1, 2)
    ]

    assert PAGE_SIZE == 30
    assert shown == [[text.pk for text in texts[:30]], [texts[30].pk]]


def test_conversations_come_a_page_at_a_time_newest_first(edition: Edition, client: Client) -> None:
    experience, peer = published(edition), participant(edition)
    for number in range(HEADS_A_PAGE):
        at = WRITTEN_AT + timedelta(hours=3, minutes=number)
        response_of(peer, experience, body=f"Response number {number}.", at=at)
    client.force_login(participant(edition))
    page = reverse("peer_exchange:detail", args=[edition.slug, experience.pk])

    written = client.post(
        reverse("peer_exchange:respond", args=[edition.slug, experience.pk]), {"body": LONG_ENOUGH}
    )

    newest, oldest = Response.objects.latest("pk"), Response.objects.earliest("pk")
    assert written["Location"] == f"{page}?written={newest.pk}#responses"
    first = client.get(page)
    shown = [place.pk for place in first.context["talk"].places]
    assert (shown[0], len(shown)) == (newest.pk, HEADS_A_PAGE)
    assert first.context["has_responded"]
    assert f"{HEADS_A_PAGE + 1} conversations" in first.content.decode()
    before = first.context["talk"].before
    assert f"?before={before}#responses" in first.content.decode()
    second = client.get(page, {"before": before})
    assert [place.pk for place in second.context["talk"].places] == [oldest.pk]
    assert second.context["talk"].before is None
