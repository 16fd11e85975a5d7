"""What may be attached is told by the content; what runs, hides or swells is refused."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assessments.models import ProjectFile, Submission
from lms.core.errors import InvalidInput
from lms.core.file_checks import check_content
from lms.core.file_types import FileType
from lms.core.packed_checks import OLD_OBJECT
from lms.programme.models import Edition
from tests.factories.assessments import attach, pdf, project_in, publish, start
from tests.factories.uploads import OPEN_XML, Sender, office, open_document, packed, picture

ALL = list(FileType.values)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MACRO_TYPE = (
    '<Override PartName="/word/document2.xml" '
    'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
)
ACTIVE_X = (
    '<Override PartName="/word/activeX/activeX1.xml" '
    'ContentType="application/vnd.ms-office.activeX+xml"/>'
)
LOCKED = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
)


UTF_16_ENTITIES = (
    '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE Types [<!ENTITY a '
    f'"{OPEN_XML}wordprocessingml.document.main+xml">]>'
    '<Types><Override ContentType="&a;"/></Types>'
).encode("utf-16")


def fetching(kind: str) -> bytes:
    link = (
        f'<Relationships><Relationship Id="a" Type="{RELATIONS}{kind}" '
        'Target="https://elsewhere.example/a.dotm" TargetMode="External"/></Relationships>'
    )
    return office("docx", extra={"word/_rels/settings.xml.rels": link})


def linking(kind: str) -> bytes:
    link = (
        '<Relationships><Relationship Id="a" Target="other.bin" '
        f'Type="http://schemas.microsoft.com/office/2006/relationships/{kind}"/></Relationships>'
    )
    return office("docx", extra={"word/_rels/document.xml.RELS": link, "word/other.bin": b"x"})


def embedding(content: bytes) -> bytes:
    """Under a name that says nothing."""
    return office("docx", extra={"word/embeddings/object1.dat": content})


def old_object(name: str) -> bytes:
    return OLD_OBJECT + b"\0" * 70_000 + name.encode("utf-16-le") + b"\0" * 900


def part_of(kind: str) -> str:
    return f'<Override PartName="/word/other.bin" ContentType="application/vnd.ms-{kind}"/>'


def with_flaws(count: int) -> bytes:
    """A file that its reader has something to say about for each of them."""
    return b"%PDF-1.4\n" + b"startxref\n0\n" * count


def bomb() -> bytes:
    return office("docx", extra={"word/media/image.png": b"\0" * 30_000_000})


def locked_zip() -> bytes:
    """The flag of a password, on the only file."""
    content = bytearray(packed({"a.txt": "words"}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    return bytes(content)


def twice() -> bytes:
    """Two files of one name."""
    one, other = packed({"a.txt": "one", "b.txt": "two"}), b"b.txt"
    return one.replace(other, b"a.txt")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.pdf", pdf(), FileType.PDF),
        ("a.docx", office("docx"), FileType.DOCX),
        ("a.PPTX", office("pptx"), FileType.PPTX),
        ("a.xlsx", office("xlsx"), FileType.XLSX),
        ("a.docx", fetching("hyperlink"), FileType.DOCX),
        ("a.docx", embedding(office("xlsx")), FileType.DOCX),  # of a chart
        ("a.docx", embedding(old_object("Equation Native")), FileType.DOCX),
        ("a.odt", open_document("odt"), FileType.ODT),
        ("a.odp", open_document("odp"), FileType.ODP),
        ("a.png", picture("PNG"), FileType.PNG),
        ("a.jpg", picture("JPEG"), FileType.JPEG),
        ("a.jpeg", picture("JPEG"), FileType.JPEG),
        (
            "a.zip",
            packed({
                "plan/été.pdf": pdf(), "data.csv": "a,b\n1,2", "map.png": picture("PNG"),
                "plan.docx": office("docx"), "__MACOSX/._map.png": b"\x00\x05\x16\x07\x00",
            }),
            FileType.ZIP,
        ),
    ],
)  # fmt: skip
def test_what_a_file_is_is_told_by_its_content(name: str, content: bytes, kind: FileType) -> None:
    found = check_content(SimpleUploadedFile(name, content), name=name, allowed=ALL)
    assert found.type == kind


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", office("docx", extra={"word/vbaProject.bin": b"x"}), "macros"),
        ("a.docx", office("docx", types=MACRO_TYPE), "macros"),
        ("a.docx", office("docx", extra={"word/embeddings/a.xlsm": b"x"}), "macros"),
        ("a.docx", office("docx", types=part_of("OFFICE.VBAPROJECT")), "macros"),
        ("a.xlsx", office("xlsx", types=part_of("excel.macrosheet+xml")), "macros"),
        ("a.docx", linking("vbaProject"), "macros"),
        ("a.docx", embedding(office("xlsx", types=part_of("office.vbaProject"))), "“word/emb"),
        ("a.docx", embedding(embedding(linking("vbaProject"))), "macros"),
        ("a.odt", open_document("odt", extra={"Object 1": linking("vbaProject")}), "macros"),
        ("a.docx", embedding(old_object("_VBA_PROJECT")), "macros"),
        ("a.docx", embedding(embedding(embedding(embedding(embedding(pdf()))))), "too deep"),
        ("a.docx", office("docx", types=ACTIVE_X), "ActiveX"),
        ("a.docx", fetching("attachedTemplate"), "from elsewhere"),
        ("a.docx", fetching("oleObject"), "from elsewhere"),
        ("a.docx", packed({"[Content_Types].xml": "<!DOCTYPE x><Types/>"}), "cannot be opened"),
        ("a.docx", packed({"[Content_Types].xml": UTF_16_ENTITIES}), "cannot be opened"),
        ("a.docx", packed({"[Content_Types].xml": "<Types"}), "cannot be opened"),
        ("a.docx", packed({"[Content_Types].xml": "<Types/>"}), "none of Word"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "older Office file"),
        ("a.docx", office("xlsx"), "does not end in .xlsx"),
        ("a.docx", packed({"a.txt": "words"}), "does not end in .zip"),
        ("a.odt", open_document("odt", extra={"Basic/Standard/m.xml": "x"}), "macros"),
        ("a.odt", open_document("odt", extra={"Scripts/python/m.py": "x"}), "macros"),
        ("a.odt", open_document("odt", extra={"META-INF/manifest.xml": LOCKED}), "password"),
        ("a.odt", packed({"mimetype": "application/epub+zip"}), "neither a text nor slides"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "cannot be opened"),
        ("a.jpg", picture("PNG"), "does not end in .png"),
        ("a.docx", bomb(), "larger than we allow"),
        ("a.zip", packed({f"{n}": "" for n in range(10_001)}), "larger than we allow"),
        ("a.zip", locked_zip(), "password"),
        ("a.zip", packed({"../../etc/cron": "x"}), "lead out of it"),
        ("a.zip", twice(), "two things at once"),
        ("a.zip", packed({"b.zip": packed({"c.txt": "x"})}), "an archive itself"),
        ("a.zip", packed({"run.exe": b"MZ" + b"\0" * 99}), "“run.exe”"),
        ("a.zip", packed({"a.svg": "<svg onload='x'/>"}), "SVG"),
        ("a.zip", packed({"a.txt": " <html><script>"}), "no plain text"),
        ("a.zip", packed({"a.txt": "\ufeff<html><script>"}), "no plain text"),
        ("a.zip", packed({"a.hta": b"\x00\x05\x16\x07\n<script>"}), "“a.hta”"),
        ("a.zip", packed({"._a.bat": b"\x00\x05\x16\x07\ncalc"}), "“._a.bat”"),
        ("a.zip", packed({"a.pdf": pdf(password="secret")}), "protected"),
        ("a.zip", packed({"a.docm": office("docx")}), "macros"),
        ("a.zip", packed({"a.pdf": picture("PNG")}), "does not end in .png"),
        ("a.zip", packed({"a.txt": "words"})[:-30], "cannot be opened"),
    ],
)
def test_what_runs_hides_or_swells_is_refused_with_its_reason(
    name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_content(SimpleUploadedFile(name, content), name=name, allowed=ALL)
    assert reason in str(refused.value.errors["file"][0])


def test_nobody_fills_the_log_with_the_flaws_of_a_file(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(InvalidInput):
        check_content(SimpleUploadedFile("a.pdf", with_flaws(500)), name="a.pdf", allowed=ALL)
    assert caplog.messages == []


@pytest.fixture
def submission(edition: Edition) -> Submission:
    page = project_in(edition).guidelines_page
    publish(page, file_types=["docx", "png"])
    return start(edition)


def test_only_what_the_guidelines_name_is_taken(submission: Submission) -> None:
    sender = Sender(submission.owner.user)

    docx = sender.send(submission, "a.docx", office("docx"))
    hidden = sender.send(submission, "b.docx", office("pptx"))
    early = sender.announce(submission, "c.pdf", 100)

    assert (docx.status_code, early.status_code) == (204, 422)
    assert hidden.json()["detail"] == "This is PowerPoint. Attach Word, PNG picture."
    assert [file.media_type for file in ProjectFile.objects.all()] == [
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ]


def test_no_file_is_ever_a_page_of_ours(client: Client, submission: Submission) -> None:
    """Whatever it is, it comes as an attachment that no browser runs."""
    file = attach(submission, SimpleUploadedFile("map.png", picture("PNG")))
    client.force_login(submission.owner.user)

    answers: list[Any] = [
        client.get(reverse("assessments:file", args=[file.pk])),
        client.get(reverse("api:v1:file-content", args=[file.pk])),
    ]

    for answer in answers:
        assert answer["Content-Disposition"] == 'attachment; filename="map.png"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
