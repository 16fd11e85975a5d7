"""Writing with form, the draft's history, and texts that want to be code."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from lms.core.errors import Conflict, InvalidInput, PermissionDenied, StaleVersion, TooLarge
from lms.programme.models import Edition
from peer_exchange.actions import restore_version, save_experience, submit_experience
from peer_exchange.enums import Part
from peer_exchange.evidence_links import links_in
from peer_exchange.models import CityExperience, ExperienceVersion
from peer_exchange.selectors import missing_from
from tests.factories.peer_exchange import draft, published, submitted
from tests.factories.programme import city_team_member, moderator, participant

pytestmark = pytest.mark.django_db
FETCH = {"HTTP_X_REQUESTED_WITH": "fetch"}
HOSTILE = (
    '<script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">x</a>'
    '<a href=" JaVaScRiPt:alert(4)">y</a><svg onload=alert(5)></svg><iframe src="//evil"></iframe>'
    '<p style="position:fixed" onclick="alert(6)">Words</p><math><mi xlink:href="data:x">z</mi>'
    '</math><style>*{display:none}</style>"><b>bold</b>'
)


def address(name: str, experience: CityExperience, *more: Any) -> str:
    return reverse(f"peer_exchange:{name}", args=[experience.edition.slug, experience.pk, *more])


def save(experience: CityExperience, at: datetime, **values: Any) -> CityExperience:
    now = CityExperience.objects.get(pk=experience.pk)
    return save_experience(
        experience=now, base_version=now.version, values=values, text_format="html",
        by=experience.created_by, at=at,
    )  # fmt: skip


def test_form_of_a_part_is_kept_and_cleaned(edition: Edition, at: datetime) -> None:
    html = '<h3>Why</h3><p>It <strong>rained</strong>, <a href="https://example.org/">see</a>.</p>'
    assert save(draft(edition), at, context=html).context == html
    # Plain text that reads as before keeps the form; it never is read as HTML.
    experience = CityExperience.objects.get()
    plain = f"{experience.plain_texts['context'].splitlines()[0]}\n\nIt rained, see.\n\n<b>New</b>"
    saved = save_experience(
        experience=experience, base_version=experience.version, values={"context": plain},
        by=experience.created_by, at=at,
    )  # fmt: skip
    assert saved.context == html + "<p>&lt;b&gt;New&lt;/b&gt;</p>"


@pytest.mark.parametrize("text_format", ["html", "text"])
def test_hostile_text_in_every_field_does_nothing(
    edition: Edition, at: datetime, client: Client, text_format: str
) -> None:
    fields = ("summary", "links", "contact_office", "contact_email", *Part.values)
    values = dict.fromkeys(fields, HOSTILE[:190])
    values |= {"title": HOSTILE[:150], "contact_name": HOSTILE[:190]}
    values |= dict.fromkeys(Part.values, HOSTILE)
    experience = draft(edition)
    save_experience(
        experience=experience, base_version=3, values=values, text_format=text_format,
        by=experience.created_by, at=at,
    )  # fmt: skip
    client.force_login(experience.created_by)
    names = ("detail", "edit", "history")
    pages = [client.get(address(name, experience)).content.decode() for name in names]
    version = ExperienceVersion.objects.first()
    assert version is not None
    pages.append(client.get(address("draft_version", experience, version.pk)).content.decode())
    for page in pages:
        for code in (
            "<script>alert",
            "<img src=x",
            "<svg onload",
            "<iframe src=",
            "<p style",
        ):
            assert code not in page, code
        assert '<a href="javascript' not in page.lower()
        assert '<a href=" javascript' not in page.lower()
    assert client.get(address("document", experience)).status_code == 200


def test_only_addresses_of_the_web_become_links() -> None:
    text = (
        "https://example.org/a Report, 2024\nSee http://b.example/?x=1&y=2.\njavascript:alert(1)\n"
        'data:text/html,x\nftp://c.example/\nhttps://\nhttp://[ half\n"><script>\nhttps://d.example'
    )
    assert [(link.url, link.title) for link in links_in(text)] == [
        ("https://example.org/a", "Report, 2024"),
        ("http://b.example/?x=1&y=2", "See"),
        ("https://d.example", "https://d.example"),
    ]


def test_links_and_contact_are_asked_for_when_the_text_is_submitted(
    edition: Edition, at: datetime
) -> None:
    experience = draft(edition, links="no address", contact_name="", contact_email="half@")
    assert list(missing_from(experience)) == ["contact_name", "contact_email", "links"]
    with pytest.raises(InvalidInput):
        submit_experience(experience=experience, base_version=3, by=experience.created_by, at=at)
    many = draft(edition, links="\n".join(f"https://example.org/{n}" for n in range(31)))
    assert list(missing_from(many)) == ["links"]


def test_history_keeps_every_sitting_and_brings_it_back(edition: Edition, at: datetime) -> None:
    experience = draft(edition, context="First words.")
    author = experience.created_by
    save(experience, at, context="<p>Second words.</p>")
    save(experience, at + timedelta(minutes=1), context="<p>Second words, going on.</p>")
    save(experience, at + timedelta(minutes=30), context="<p>Third words.</p>")
    newest, oldest = ExperienceVersion.objects.filter(experience=experience)
    assert (newest.changed, "context" in oldest.changed) == (["context"], True)

    back = restore_version(
        experience=experience, version=oldest, parts=["context"], base_version=6, by=author,
        at=at + timedelta(hours=1),
    )  # fmt: skip
    assert (back.plain_texts["context"], back.version) == ("First words.", 7)
    kinds = [one.kind for one in ExperienceVersion.objects.all()]
    assert kinds[:2] == ["restore", "writing"]
    replaced = ExperienceVersion.objects.all()[1]
    assert (
        restore_version(
            experience=experience, version=replaced, base_version=7, by=author, at=at
        ).plain_texts["context"]
        == "Third words."
    )


def test_history_is_restored_over_the_version_that_was_read(edition: Edition, at: datetime) -> None:
    experience = draft(edition)
    save(experience, at, context="<p>Else.</p>")
    version, author = ExperienceVersion.objects.get(), experience.created_by
    with pytest.raises(StaleVersion):
        restore_version(experience=experience, version=version, base_version=3, by=author, at=at)
    with pytest.raises(InvalidInput):
        restore_version(
            experience=experience, version=version, parts=["status"], base_version=4, by=author,
            at=at,
        )  # fmt: skip
    other = draft(edition)
    with pytest.raises(InvalidInput):
        restore_version(
            experience=other, version=version, base_version=3, by=other.created_by, at=at
        )
    for stranger in (participant(edition), moderator(edition)):
        with pytest.raises(PermissionDenied):
            restore_version(
                experience=experience, version=version, base_version=4, by=stranger, at=at
            )


def test_text_that_was_decided_against_is_in_the_history(
    edition: Edition, at: datetime, client: Client
) -> None:
    experience = draft(edition)
    client.force_login(experience.created_by)
    body = {
        "base_version": 3,
        "text_format": "html",
        "values": {"failed": "<p>Mine.<script>x</script></p>"},
        "set_aside": {"failed": "<p>Theirs.</p>"},
    }
    answer = client.put(
        address("draft", experience), json.dumps(body), content_type="application/json", **FETCH
    )
    assert answer.json()["values"] == {"failed": "<p>Mine.</p>"}
    conflict = ExperienceVersion.objects.get(kind="conflict")
    assert conflict.changed == [*sorted(conflict.sections)]
    page = client.get(address("draft_version", experience, conflict.pk)).content.decode()
    assert "Theirs." in page
    for forged in ({"set_aside": []}, {"text_format": "html", "set_aside": {"status": "x"}}):
        refused = client.put(
            address("draft", experience), json.dumps({**body, "base_version": 4, **forged}),
            content_type="application/json", **FETCH,
        )  # fmt: skip
        assert refused.status_code == 422


def test_history_is_the_citys_alone(edition: Edition, at: datetime, client: Client) -> None:
    experience = published(edition)
    version = ExperienceVersion.objects.create(
        experience=experience, kind="writing", version=1, sections={}, changed=[], saved_at=at,
        saved_by=experience.created_by,
    )  # fmt: skip
    pages = [
        address("history", experience),
        address("draft_version", experience, version.pk),
    ]
    colleague = city_team_member(edition, experience.city)
    for person, status in (
        (experience.created_by, 200),
        (colleague, 200),
        (participant(edition), 403),
        (moderator(edition), 403),
    ):
        client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [status, status]
        listed = client.get(f"/api/v1/experience-versions/?experience={experience.pk}").json()
        assert len(listed["results"]) == (1 if status == 200 else 0)
    client.force_login(colleague)
    restored = client.post(address("restore_version", experience, version.pk), {"base_version": 3})
    assert restored.status_code == 409


def test_history_pages_bring_back_one_part(edition: Edition, at: datetime, client: Client) -> None:
    experience = draft(edition, context="First words.")
    save(experience, at, context="<p>Second.</p>", failed="<p>Second.</p>")
    version = ExperienceVersion.objects.get()
    client.force_login(experience.created_by)
    page = address("restore_version", experience, version.pk)
    stale = client.post(page, {"part": "context", "base_version": "3"})
    assert (stale.status_code, b"Nothing was brought back" in stale.content) == (409, True)
    done = client.post(page, {"part": "context", "base_version": "4"})
    assert done["Location"] == address("history", experience)
    now = CityExperience.objects.get()
    assert (now.plain_texts["context"], now.plain_texts["failed"]) == ("First words.", "Second.")
    assert client.post(page, {"part": "nothing", "base_version": "5"}).status_code in (409, 422)


def test_long_and_tangled_html_is_refused(edition: Edition, at: datetime) -> None:
    experience = draft(edition)
    with pytest.raises(TooLarge):
        save(experience, at, context="<p>" + "x" * 10_000_000)
    with pytest.raises(InvalidInput):
        save(experience, at, context="<ul><li>" * 14_000)
    with pytest.raises(TooLarge):
        save(experience, at, links="https://example.org/ " + "x" * 20_001)
    handed_in = submitted(edition)
    with pytest.raises(Conflict):
        save(handed_in, at, context="<p>Late.</p>")
    flood = "😀" * 5_000
    assert save(experience, at, context=f"<p>{flood}</p>").plain_texts["context"] == flood
