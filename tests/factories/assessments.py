"""Projects being written and handed in, made through the actions.

    project_in(edition)                     → Project: guidelines v1, a rubric, a deadline
    start(edition)                          → Submission: an empty draft of a new participant
    write(submission)                       → the same with every section written
    hand_in(submission)                     → Attempt: submitted at SUBMITTED_AT
    pdf_upload("annex.pdf")                 → an uploaded file of one empty page
    publish(page, title="…")                → GuidelinesVersion, as an editor publishes
    ask_for_time(submission)                → Extension: three days more

The deadline is 12 December 2025, 23:59 in Madrid: 22:59 UTC.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfWriter
from wagtail.models import Page

from assessments.actions import attach_file, save_draft, start_project, submit_project
from assessments.actions.extensions import request_extension
from assessments.models import (
    Attempt,
    Extension,
    GuidelinesPage,
    GuidelinesVersion,
    Project,
    ProjectFile,
    Submission,
)
from lms.programme.models import Edition, Enrolment
from tests.factories.marking import rubric_in
from tests.factories.pages import as_published
from tests.factories.programme import EnrolmentFactory

DEADLINE_WALL = datetime(2025, 12, 12, 23, 59, tzinfo=UTC)
DEADLINE = datetime(2025, 12, 12, 22, 59, tzinfo=UTC)
WRITTEN_AT = datetime(2025, 12, 1, 9, 0, tzinfo=UTC)
SUBMITTED_AT = datetime(2025, 12, 5, 9, 0, tzinfo=UTC)


def section(key: str, **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "title": key.replace("_", " ").capitalize(),
        "help": f"<p>What to write about {key}.</p>",
        "recommended_words": 100,
        "required": True,
    } | fields


SECTIONS = (section("context"), section("objectives"), section("notes", required=False))


def guidelines_page(edition: Edition, sections: Sequence[dict[str, Any]] = SECTIONS) -> Any:
    page = GuidelinesPage(
        title=f"Guidelines of {edition.name}",
        slug=f"guidelines-{edition.slug}",
        summary="A strategy for your city.",
        intro="<p>Write for people who will use it.</p>",
        sections=_stream(sections),
        max_file_mb=1,
        integrity="<p>Your own work.</p>",
        live=False,
    )
    return Page.get_first_root_node().add_child(instance=page)


def _stream(sections: Sequence[dict[str, Any]]) -> str:
    return json.dumps([{"type": "section", "value": value} for value in sections])


def project_in(edition: Edition, **fields: Any) -> Project:
    """The edition's project, made at the first call."""
    begun = Project.objects.filter(edition=edition).first()
    if begun is not None:
        return begun
    page = guidelines_page(edition)
    values = {"deadline_wall": DEADLINE_WALL, "deadline_zone": "Europe/Madrid"} | fields
    project = Project.objects.create(
        edition=edition, guidelines_page=page, rubric=rubric_in(edition), **values
    )
    as_published(page)
    return project


def publish(page: GuidelinesPage, **changes: Any) -> GuidelinesVersion:
    """`sections` may be among the changes: a list of `section(…)`."""
    page = GuidelinesPage.objects.get(pk=page.pk)
    for name, value in changes.items():
        setattr(page, name, _stream(value) if name == "sections" else value)
    page.save_revision().publish()
    return GuidelinesVersion.objects.filter(project__guidelines_page=page).latest("number")


def start(
    edition: Edition, *, enrolment: Enrolment | None = None, at: datetime = WRITTEN_AT
) -> Submission:
    enrolment = enrolment or EnrolmentFactory.create(edition=edition)
    return start_project(project=project_in(edition), enrolment=enrolment, by=enrolment.user, at=at)


def texts_for(submission: Submission) -> dict[str, str]:
    return {key: f"Our city on {key}." for key in submission.guidelines.section_keys}


def write(submission: Submission, at: datetime = WRITTEN_AT, **texts: str) -> Submission:
    """Every section, those in `texts` with these words."""
    return save_draft(
        submission=submission,
        values=texts_for(submission) | texts,
        base_version=submission.version,
        by=submission.owner.user,
        at=at,
    )


def hand_in(
    submission: Submission,
    at: datetime = SUBMITTED_AT,
    key: str = "key-of-the-first-request",
    **fields: Any,
) -> Attempt:
    submission.refresh_from_db()
    return submit_project(
        submission=submission,
        by=submission.owner.user,
        at=at,
        base_version=submission.version,
        idempotency_key=f"{key}-{submission.attempt}",
        **fields,
    )


def ask_for_time(
    submission: Submission,
    until: datetime = DEADLINE + timedelta(days=3),
    at: datetime = WRITTEN_AT,
    **fields: Any,
) -> Extension:
    values = {"wanted_zone": "Europe/Madrid", "reason": "The city hall was flooded."} | fields
    return request_extension(
        submission=submission, wanted_at=until, by=submission.owner.user, at=at, **values
    )


def handed_in(edition: Edition, **fields: Any) -> Attempt:
    return hand_in(write(start(edition, **fields)))


def pdf(*, pages: int = 1, password: str = "", padding: int = 0) -> bytes:
    """A PDF; `padding` bytes of attachment make it larger."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=100, height=100)
    if padding:
        writer.add_attachment("padding", b"x" * padding)
    if password:
        writer.encrypt(password)
    content = BytesIO()
    writer.write(content)
    return content.getvalue()


def pdf_upload(name: str = "annex.pdf", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf() if content is None else content)


def attach(submission: Submission, upload: SimpleUploadedFile | None = None) -> ProjectFile:
    return attach_file(
        submission=submission,
        upload=upload or pdf_upload(),
        by=submission.owner.user,
        at=WRITTEN_AT,
    )
