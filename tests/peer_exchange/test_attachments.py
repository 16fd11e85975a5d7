"""Pictures and files beside a text: drawn anew, described, sent out after a check."""

from datetime import datetime
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from lms.core.errors import Conflict, InvalidInput, PermissionDenied, TooLarge
from lms.core.storage import evidence
from lms.programme.models import Edition
from peer_exchange.actions import (
    attach,
    remove_attachment,
    restore_attachment,
    save_experience,
)
from peer_exchange.actions.attachments import MAX_MB, TooManyAttached
from peer_exchange.models import CityExperience, ExperienceFile
from peer_exchange.selectors import missing_from
from tests.factories.assessments import pdf_upload as pdf
from tests.factories.peer_exchange import draft, published, submitted
from tests.factories.pictures import CAMERA, drawing, photograph
from tests.factories.programme import moderator, participant
from tests.queries import queries_of

pytestmark = pytest.mark.django_db


def put(experience: CityExperience, upload: Any, at: datetime, kind: str = "picture") -> Any:
    return attach(experience=experience, kind=kind, upload=upload, by=experience.created_by, at=at)


def bytes_of(stored_as: str) -> bytes:
    with evidence().open(stored_as) as file:
        content: bytes = file.read()
        return content


def test_picture_is_drawn_anew_without_place_and_camera(edition: Edition, at: datetime) -> None:
    file = put(draft(edition), photograph(), at)

    # Held upright: 1800 × 900 points become 900 × 1800, in our widths and no wider.
    assert [(size["width"], size["height"]) for size in file.sizes] == [(480, 960), (900, 1800)]
    for size in file.sizes:
        content = bytes_of(size["stored_as"])
        assert CAMERA.encode() not in content
        with Image.open(BytesIO(content)) as picture:
            assert (picture.format, picture.size) == ("WEBP", (size["width"], size["height"]))
            assert not dict(picture.getexif())
    clear = put(draft(edition), drawing(), at)
    assert CAMERA.encode() not in bytes_of(clear.stored_as)


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("a.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"),
        SimpleUploadedFile("a.png", b"<html><script>alert(1)</script></html>"),
        SimpleUploadedFile("a.png", drawing().read()[:60]),
        SimpleUploadedFile("a.png", b""),
        drawing(size=(8, 8)),
    ],
)
def test_what_is_no_picture_is_refused(edition: Edition, at: datetime, upload: Any) -> None:
    with pytest.raises(InvalidInput):
        put(draft(edition), upload, at)
    assert not ExperienceFile.objects.exists()


@pytest.mark.parametrize("side", [8_000, 13_500])  # over our limit; over that of the decoder
def test_picture_of_too_many_points_is_not_unpacked(
    edition: Edition, at: datetime, side: int
) -> None:
    huge = BytesIO()
    Image.new("1", (side, side)).save(huge, "PNG")
    with pytest.raises(InvalidInput, match="million points"):
        put(draft(edition), SimpleUploadedFile("bomb.png", huge.getvalue()), at)


def test_sizes_and_kinds_have_their_limits(edition: Edition, at: datetime) -> None:
    experience = draft(edition)
    with pytest.raises(TooLarge):
        large = SimpleUploadedFile("a.jpg", b"x" * (MAX_MB["picture"] * 1024 * 1024 + 1))  # type: ignore[index]
        put(experience, large, at)
    for name in ("page.html", "drawing.svg", "macro.docm"):
        with pytest.raises(InvalidInput):
            put(experience, SimpleUploadedFile(name, b"<html></html>"), at, kind="file")
    with pytest.raises(InvalidInput):
        put(experience, drawing(), at, kind="cover")
    for number in range(12):
        put(experience, drawing(f"{number}.png"), at)
    with pytest.raises(TooManyAttached):
        put(experience, drawing("13.png"), at)


def test_same_file_again_is_the_same_and_a_removed_one_comes_back(
    edition: Edition, at: datetime
) -> None:
    experience = draft(edition)
    author = experience.created_by
    file = put(experience, pdf(), at, kind="file")
    assert put(experience, pdf(), at, kind="file") == file
    remove_attachment(file=file, by=author, at=at)
    assert not ExperienceFile.objects.attached().exists()
    restore_attachment(file=file, by=author, at=at)
    assert ExperienceFile.objects.attached().get() == file
    for stranger in (participant(edition), moderator(edition)):
        with pytest.raises(PermissionDenied):
            remove_attachment(file=file, by=stranger, at=at)


def test_nothing_is_attached_to_what_is_no_draft(edition: Edition, at: datetime) -> None:
    for experience in (submitted(edition), published(edition)):
        with pytest.raises(Conflict):
            put(experience, drawing(), at)


def test_picture_needs_words_before_the_text_is_submitted(edition: Edition, at: datetime) -> None:
    experience = draft(edition)
    file = put(experience, drawing(), at)
    assert list(missing_from(experience)) == ["pictures"]
    save_experience(
        experience=experience, base_version=3, values={f"alt:{file.pk}": "A red plan"},
        by=experience.created_by, at=at,
    )  # fmt: skip
    assert missing_from(CityExperience.objects.get()) == {}


def test_only_files_of_the_text_are_described(edition: Edition, at: datetime) -> None:
    foreign = put(draft(edition), drawing(), at)
    experience = draft(edition)
    for name in (f"alt:{foreign.pk}", "alt:", "alt:x", "caption:" + "9" * 60):
        with pytest.raises(InvalidInput):
            save_experience(
                experience=experience, base_version=3, values={name: "Mine"},
                by=experience.created_by, at=at,
            )  # fmt: skip
    foreign.refresh_from_db()
    assert foreign.alt == ""


def test_files_go_where_the_text_goes(edition: Edition, at: datetime, client: Client) -> None:
    experience = draft(edition)
    picture, file = put(experience, photograph(), at), put(experience, pdf(), at, kind="file")
    removed = put(experience, drawing(), at)
    remove_attachment(file=removed, by=experience.created_by, at=at)
    addresses = [
        reverse("peer_exchange:picture", args=[picture.pk, 480]),
        reverse("peer_exchange:attachment", args=[file.pk]),
    ]
    peer = participant(edition)

    def answers() -> list[int]:
        return [client.get(address).status_code for address in addresses]

    assert answers() == [302, 302]
    client.force_login(peer)
    assert answers() == [404, 404]
    client.force_login(experience.created_by)
    assert answers() == [200, 200]

    shared = published(edition, visibility="public")
    ExperienceFile.objects.update(experience=shared)
    client.logout()
    assert answers() == [200, 200]
    sent = client.get(addresses[1])
    assert sent["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in sent["Content-Security-Policy"]
    shown = client.get(addresses[0])
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert "public" in shown["Cache-Control"]
    # Forged widths, a file as a picture, a picture as a file, what was taken off: nothing.
    for name, args in (
        ("picture", [picture.pk, 481]),
        ("picture", [file.pk, 480]),
        ("attachment", [picture.pk]),
        ("picture", [removed.pk, 300]),
    ):
        answer = client.get(reverse(f"peer_exchange:{name}", args=args))
        assert answer.status_code in (302, 404)
        client.force_login(peer)
        assert client.get(reverse(f"peer_exchange:{name}", args=args)).status_code == 404
        client.logout()
    assert not ExperienceFile.objects.visible_to(AnonymousUser()).filter(pk=removed.pk).exists()


def test_attaching_on_the_page_keeps_what_was_typed(
    edition: Edition, at: datetime, client: Client
) -> None:
    experience = draft(edition)
    client.force_login(experience.created_by)
    page = reverse("peer_exchange:attach", args=[edition.slug, experience.pk])
    typed = {"base_version": "3", "title": "Typed just now", "attach": "picture"}

    answer = client.post(page, {**typed, "picture-file": drawing()})
    assert answer["Location"].endswith("/edit/#pictures")
    file = ExperienceFile.objects.get()
    experience.refresh_from_db()
    assert experience.title == "Typed just now"
    refused = client.post(page, {"attach": "picture", "picture-file": pdf()})
    assert (refused.status_code, b"cannot be opened" in refused.content) == (422, True)
    assert client.post(page, {"attach": "picture"}).status_code == 422

    remove = reverse("peer_exchange:remove_attachment", args=[file.pk])
    assert client.post(remove).status_code == 302
    assert not ExperienceFile.objects.attached().exists()
    client.post(reverse("peer_exchange:restore_attachment", args=[file.pk]))
    assert ExperienceFile.objects.attached().exists()
    client.force_login(participant(edition))
    assert client.post(remove).status_code == 404


def test_evidence_is_exported_for_staff_and_safe_in_a_spreadsheet(
    edition: Edition, at: datetime, client: Client
) -> None:
    url = reverse("peer_exchange:evidence_csv", args=[edition.slug])
    experience = published(edition, links="https://example.org/ =HYPERLINK(1)")
    file = put(draft(edition), drawing(), at)
    ExperienceFile.objects.filter(pk=file.pk).update(experience=experience, alt="A plan")
    draft(edition, links="https://example.org/secret Not yet")
    client.force_login(participant(edition))
    assert client.get(url).status_code == 404
    client.force_login(moderator(edition))
    text = client.get(url).content.decode("utf-8-sig")
    assert ("'=HYPERLINK(1)" in text, "A plan" in text, "secret" in text) == (True, True, False)

    with_one = queries_of(client, url)
    for _number in range(5):
        published(edition, links="https://example.org/ Report")
    assert queries_of(client, url) == with_one
