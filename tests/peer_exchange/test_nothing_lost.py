"""Whatever a page refuses, the words that were typed are in the answer; and nobody
answers for a text that changed after they read it (invariant 3)."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.accounts.models import User
from lms.programme.models import Edition
from peer_exchange.actions import hide_response, save_experience, stored_values
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, Response, SharingPolicy
from tests.factories.accounts import PASSWORD
from tests.factories.peer_exchange import (
    LONG_ENOUGH,
    draft,
    published,
    response_of,
    submitted,
    waiting,
)
from tests.factories.programme import moderator, participant

pytestmark = pytest.mark.django_db


def address(name: str, experience: CityExperience) -> str:
    return reverse(f"peer_exchange:{name}", args=[experience.edition.slug, experience.pk])


def form_of(experience: CityExperience, **typed: Any) -> dict[str, Any]:
    """The draft's form as a browser sends it, opened at the present version."""
    return {"base_version": str(experience.version), **stored_values(experience), **typed}


def after_the_session(
    client: Client, person: User, *, page: str, sent_to: str, form: dict[str, Any]
) -> None:
    """Post a form of `page` without a session, then sign in."""
    away = client.post(sent_to, form, headers={"Referer": f"http://testserver{page}"})
    client.post(away["Location"], {"login": person.email, "password": PASSWORD})


def test_draft_typed_on_an_older_version_is_not_stored_over_a_newer_one(
    edition: Edition, client: Client, at: datetime
) -> None:
    experience = draft(edition)
    author, page = experience.created_by, address("edit", experience)
    typed = form_of(experience, failed="Typed before the session ended.")
    after_the_session(client, author, page=page, sent_to=page, form=typed)
    save_experience(
        experience=experience,
        base_version=3,
        values={"failed": "Saved by a colleague."},
        by=author,
        at=at,
    )

    back = client.get(page)

    assert back.context["form"]["failed"].value() == "Typed before the session ended."
    assert back.context["base_version"] == 3
    # What the page saves by itself and what its button sends are over the same version.
    assert b'data-base-version="3"' in back.content
    refused = client.post(page, {**typed, "base_version": back.context["base_version"]})
    failed = next(one for one in refused.context["parts"] if one.part == "failed")
    assert (refused.status_code, failed.stored) == (409, "<p>Saved by a colleague.</p>")
    assert CityExperience.objects.get().failed == "<p>Saved by a colleague.</p>"


def test_draft_is_whole_after_the_session_ended_on_its_authors_button(
    edition: Edition, client: Client
) -> None:
    experience = draft(edition)
    colleague = participant(edition, experience.city)
    page = address("edit", experience)
    after_the_session(
        client,
        experience.created_by,
        page=page,
        sent_to=address("authors", experience),
        form={"user": colleague.pk},
    )

    back = client.get(page)

    assert not back.context["form"].is_bound
    assert back.context["form"]["context"].value() == experience.plain_texts["context"]
    assert back.context["base_version"] == experience.version


def test_draft_that_is_too_long_or_handed_in_is_refused_with_its_words(
    edition: Edition, client: Client
) -> None:
    experience = draft(edition)
    client.force_login(experience.created_by)
    page = address("edit", experience)

    long = client.post(page, form_of(experience, failed="x" * 60_001))
    assert (long.status_code, list(long.context["form"].errors)) == (413, ["failed"])
    assert long.context["form"]["failed"].value() == "x" * 60_001

    client.post(address("submit", experience), {"base_version": "3"})
    late = client.post(page, form_of(experience, failed="A last thought."))
    assert late.status_code == 409
    assert "A last thought." in [one.text for one in late.context["written"]]
    assert CityExperience.objects.get().failed == experience.failed


def test_response_that_is_refused_is_still_in_its_form(
    edition: Edition, client: Client, at: datetime
) -> None:
    SharingPolicy.objects.create(edition=edition, max_responses_an_hour=1)
    experience, person, mod = published(edition), participant(edition), moderator(edition)
    hidden = response_of(person, experience, body="Hidden words, sent again.")
    hide_response(response=hidden, reason="Off the subject.", by=mod, at=at)
    client.force_login(person)
    url = address("respond", experience)

    answers = {
        text: client.post(url, {"body": text})
        for text in ("Hidden words, sent again.", "x" * 60_001, LONG_ENOUGH, "One too many.")
    }

    assert [answer.status_code for answer in answers.values()] == [409, 413, 302, 429]
    for text, answer in answers.items():
        if answer.status_code != 302:
            assert answer.context["response_form"]["body"].value() == text
    htmx = client.post(url, {"body": "One too many."}, headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.context["response_form"].non_field_errors()) == (
        200,
        ["You have sent many responses within an hour. Please continue a little later."],
    )


def test_response_to_what_was_archived_meanwhile_is_given_back(
    edition: Edition, client: Client
) -> None:
    experience = published(edition)
    colleague = participant(edition, experience.city)
    CityExperience.objects.update(
        status=ExperienceStatus.ARCHIVED,
        archived_reason="Overtaken.",
        archived_at=experience.published_at,
        archived_by=experience.created_by,
    )
    client.force_login(colleague)

    answer = client.post(address("respond", experience), {"body": LONG_ENOUGH})

    assert answer.status_code == 409
    assert [one.text for one in answer.context["written"]] == [LONG_ENOUGH]


def test_changed_response_that_is_refused_is_still_in_its_form(
    edition: Edition, client: Client, at: datetime
) -> None:
    experience, person = published(edition), participant(edition)
    response_of(person, experience, body="The first response.")
    second = response_of(person, experience, body="The second response.")
    url = reverse("peer_exchange:edit_response", args=[edition.slug, second.pk])
    client.force_login(person)

    same = client.post(url, {"body": "The first response."})
    assert (same.status_code, same.context["form"]["body"].value()) == (409, "The first response.")

    hide_response(response=second, reason="Off the subject.", by=moderator(edition), at=at)
    hidden = client.post(url, {"body": "Put better."})
    assert (hidden.status_code, hidden.context["form"]["body"].value()) == (409, "Put better.")
    assert Response.objects.get(pk=second.pk).body == "The second response."


@pytest.mark.parametrize(
    ("make", "name", "typed"),
    [
        (submitted, "clearance", {"official": "M. Otieno"}),
        (submitted, "return", {"reason": "The figures need a source."}),
        (waiting, "return", {"reason": "The figures need a source."}),
        (published, "archive", {"reason": "Overtaken."}),
    ],
)
def test_judging_an_earlier_text_is_refused_with_the_words(
    edition: Edition, client: Client, make: Any, name: str, typed: dict[str, str]
) -> None:
    """A text that came back and was handed in anew is another one."""
    experience = make(edition)
    of_the_city = make is submitted
    client.force_login(experience.created_by if of_the_city else moderator(edition))
    url = address(name, experience)
    opened = client.get(url).context["base_version"]
    CityExperience.objects.update(version=opened + 1)

    for sent in ({"base_version": str(opened)}, {}):
        refused = client.post(url, {**typed, **sent})
        assert refused.status_code == 409
        [(field, words)] = typed.items()
        assert refused.context["form"][field].value() == words
        assert refused.context["base_version"] == opened + 1
    assert CityExperience.objects.get().status == experience.status

    again = client.post(url, {**typed, "base_version": refused.context["base_version"]})
    assert again.status_code == 302
    assert CityExperience.objects.get().status != experience.status


def test_publishing_names_the_text_that_was_read(edition: Edition, client: Client) -> None:
    experience = waiting(edition)
    client.force_login(moderator(edition))
    for sent in ({}, {"base_version": "2"}):
        assert client.post(address("publish", experience), sent).status_code == 409
    assert CityExperience.objects.get().status == ExperienceStatus.IN_MODERATION


def test_each_form_of_the_clearance_page_gets_its_own_words_back(
    edition: Edition, client: Client
) -> None:
    experience = submitted(edition)
    page = address("clearance", experience)
    after_the_session(
        client,
        experience.created_by,
        page=page,
        sent_to=address("return", experience),
        form={"reason": "The mayor wants figures.", "base_version": "3"},
    )

    back = client.get(page)

    assert back.context["reason_form"]["reason"].value() == "The mayor wants figures."
    assert back.context["form"]["official"].value() is None


def test_form_of_ten_megabytes_is_refused(edition: Edition, client: Client) -> None:
    experience = published(edition)
    client.force_login(participant(edition))
    answer = client.post(address("respond", experience), {"body": "x" * 10_000_000})
    assert answer.status_code == 413
    said = "Go back with your browser, change what is needed, and send it again."
    assert said in answer.content.decode()
    assert not Response.objects.exists()


def test_typed_response_survives_an_ended_session(edition: Edition, client: Client) -> None:
    experience, person = published(edition), participant(edition)
    page = address("detail", experience)
    form = {"body": "Half an hour of thought."}
    after_the_session(client, person, page=page, sent_to=address("respond", experience), form=form)
    back = client.get(page)
    assert back.context["response_form"]["body"].value() == "Half an hour of thought."
