"""Anonymous marking: who is who stays hidden from markers until the release."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter

from assessments.anonymous_copies import anonymous_copy
from assessments.models import Attempt, MarkingPolicy, ProjectFile
from assessments.selectors.anonymity import code_of
from lms.accounts.models import User
from lms.core.file_types import MEDIA_TYPES, FileType
from lms.core.storage import evidence
from lms.programme.models import Edition
from tests.factories import assessments
from tests.factories.accounts import CityFactory, UserFactory
from tests.factories.marking import released
from tests.factories.programme import coordinator, enrol, instructor

pytestmark = pytest.mark.django_db

NAME, CITY = "Wanjiru Kamau-Odhiambo", "Nyeri-on-the-Hill"
WORDS = ("Wanjiru", "Kamau", "Nyeri")


def signed_pdf() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": NAME, "/Company": CITY})
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


@pytest.fixture
def attempt(edition: Edition) -> Attempt:
    """Handed in by somebody with a name and a city, with both in a file."""
    enrolment = enrol(UserFactory.create(name=NAME), edition, CityFactory.create(name=CITY))
    submission = assessments.write(assessments.start(edition, enrolment=enrolment))
    assessments.attach(submission, SimpleUploadedFile(f"{NAME} {CITY}.pdf", signed_pdf()))
    attempt = assessments.hand_in(submission)
    MarkingPolicy.objects.create(project=attempt.project, is_anonymous=True)
    return attempt


def said_to(client: Client, user: User, attempt: Attempt) -> dict[str, str]:
    """Every page and answer of the marking side, as `user` reads it."""
    edition, submission = attempt.project.edition, attempt.submission
    file = ProjectFile.objects.get()
    client.force_login(user)
    addresses = [
        reverse("assessments:queue", args=[edition.slug]) + "?show=all",
        reverse("assessments:queue", args=[edition.slug]) + "?show=all&order=city",
        reverse("assessments:queue_csv", args=[edition.slug]) + "?show=all",
        reverse("assessments:desk", args=[edition.slug, submission.pk]),
        reverse("assessments:receipt", args=[attempt.receipt]),
        reverse("assessments:lateness", args=[edition.slug, attempt.receipt]),
        reverse("assessments:at_risk", args=[edition.slug]),
        reverse("assessments:file", args=[file.pk]),
        "/api/v1/marking-queue/?show=all",
        f"/api/v1/marking-queue/{attempt.receipt}/",
        "/api/v1/projects/",
        f"/api/v1/projects/{submission.pk}/",
        "/api/v1/submissions/",
        f"/api/v1/submissions/{attempt.receipt}/",
        "/api/v1/files/",
        f"/api/v1/files/{file.pk}/",
        f"/api/v1/files/{file.pk}/content/",
        "/api/v1/assessments/",
        "/api/v1/grades/",
    ]
    told = {}
    for address in addresses:
        response = client.get(address)
        body: Any = b"".join(response.streaming_content) if response.streaming else response.content
        heads = " ".join(response.headers.values())
        told[address] = f"{body.decode('utf-8', 'replace')} {heads}"
    return told


def leaks(told: dict[str, str]) -> list[str]:
    return [address for address, said in told.items() if any(word in said for word in WORDS)]


def test_a_marker_meets_no_name_and_no_city_before_the_release(
    client: Client, attempt: Attempt
) -> None:
    marker = instructor(attempt.project.edition)

    told = said_to(client, marker, attempt)

    assert leaks(told) == []
    desk = reverse("assessments:desk", args=[attempt.project.edition.slug, attempt.submission_id])
    assert code_of(attempt.submission_id) in told[desk]


def test_a_coordinator_who_does_not_mark_knows_who_is_who(client: Client, attempt: Attempt) -> None:
    told = said_to(client, coordinator(attempt.project.edition), attempt)
    assert len(leaks(told)) > 8


def test_names_are_revealed_with_the_release(client: Client, attempt: Attempt) -> None:
    marker = instructor(attempt.project.edition)
    released(attempt, marker)
    desk = reverse("assessments:desk", args=[attempt.project.edition.slug, attempt.submission_id])
    assert desk in leaks(said_to(client, marker, attempt))


def test_the_original_stays_as_it_was_handed_in(client: Client, attempt: Attempt) -> None:
    file = ProjectFile.objects.get()
    client.force_login(instructor(attempt.project.edition))
    response = client.get(reverse("assessments:file", args=[file.pk]))
    copy = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert b"Wanjiru" not in copy
    assert len(PdfReader(io.BytesIO(copy)).pages) == 1
    with evidence().open(file.stored_as) as original:
        assert b"Wanjiru" in original.read()


def office(**parts: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return written.getvalue()


@given(
    name=st.text(st.characters(categories=["L", "Nd", "Zs"]), min_size=4, max_size=30).map(
        lambda text: f"Zq{text}qZ"
    )
)
@pytest.mark.one_database("sqlite")
def test_office_documents_lose_whoever_worked_on_them(name: str) -> None:
    document = office(
        docProps__core_xml=f"<a><dc:creator>{name}</dc:creator></a>",
        docProps__app_xml=f"<a><Company>{name}</Company></a>",
        word__document_xml=f'<w:p><w:ins w:id="1" w:author="{name}"><w:t>Kept.</w:t></w:ins></w:p>',
        word__comments_xml=f'<w:comment w:author="{name}" w:initials="{name}">Hm.</w:comment>',
        word__people_xml=f"<w15:person w15:author='{name}'/>",
        meta_xml=f"<meta:initial-creator>{name}</meta:initial-creator>",
        content_xml=f"<office:annotation><dc:creator>{name}</dc:creator>Hm.</office:annotation>",
    )
    copy = anonymous_copy(document, MEDIA_TYPES[FileType.DOCX])
    with zipfile.ZipFile(io.BytesIO(copy)) as archive:
        text = "".join(archive.read(entry).decode() for entry in archive.infolist())
    assert name not in text
    assert "Kept." in text
    assert text.count("Hm.") == 2


def test_a_picture_keeps_its_pixels_and_loses_its_camera() -> None:
    picture = Image.new("RGB", (4, 2), "red")
    exif = Image.Exif()
    exif[0x013B] = NAME  # Artist
    exif[0x0112] = 6  # turned by the camera
    written = io.BytesIO()
    picture.save(written, "JPEG", exif=exif)

    copy = anonymous_copy(written.getvalue(), MEDIA_TYPES[FileType.JPEG])

    with Image.open(io.BytesIO(copy)) as shown:
        assert shown.size == (2, 4)
        assert not shown.getexif()
    assert NAME.encode() not in copy
