"""The draft of an experience as fields of a page: what is typed, what is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe

from lms.core.file_checks import accepted_extensions
from lms.core.rich_fields import TextFormat, as_typed
from lms.core.rich_text import text_of, words_of
from peer_exchange.actions.attachments import FILE_TYPES, MOST, PICTURE_EXTENSIONS
from peer_exchange.enums import OPTIONAL_PARTS, Attachment, Part
from peer_exchange.forms import HINTS, WORDS_A_PART, AttachForm, DraftForm
from peer_exchange.models import CityExperience, ExperienceFile


@dataclass(frozen=True)
class PartField:
    """`html` and `text` are the same, for the editor and for a browser without it;
    `stored` is what was saved meanwhile, where it differs."""

    part: str
    label: Any
    hint: Any
    goal: int
    is_required: bool
    html: SafeString
    text: str
    words: int
    stored: SafeString | None
    errors: list[Any]


@dataclass(frozen=True)
class AttachedField:
    file: ExperienceFile
    alt: BoundField | None
    caption: BoundField
    smallest: int


def format_of(sent: Mapping[str, Any]) -> str:
    """How the sent parts are written. The editor says so; without it they are plain."""
    is_html = sent.get("text_format") == TextFormat.HTML
    return TextFormat.HTML if is_html else TextFormat.TEXT


def part_fields(experience: CityExperience, form: DraftForm, *, is_stale: bool) -> list[PartField]:
    fields = []
    for part in Part:
        stored = getattr(experience, part)
        html, text = stored, text_of(stored)
        if form.is_bound and part in form.data:
            html, text = as_typed(stored, str(form.data[part]), format_of(form.data))
        fields.append(
            PartField(
                part=part.value,
                label=part.label,
                hint=HINTS[part],
                goal=WORDS_A_PART,
                is_required=part not in OPTIONAL_PARTS,
                html=_safe(html),
                text=text,
                words=words_of(html),
                stored=_safe(stored) if is_stale and html != stored else None,
                errors=list(form[part].errors) if form.is_bound else [],
            )
        )
    return fields


def differences(form: DraftForm, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored and was typed differently, by the words of the labels; the parts
    stand beside their fields."""
    typed = form.cleaned_data
    different = {}
    for name, value in stored.items():
        if name in Part.values or name not in form.fields:
            continue
        mine = typed.get(name, "")
        choices = dict(getattr(form.fields[name], "choices", ()))
        if isinstance(value, list):
            if set(value) != set(mine):
                different[str(form[name].label)] = ", ".join(str(choices.get(v, v)) for v in value)
        elif value.strip() != mine.replace("\r\n", "\n").strip():
            different[str(form[name].label)] = str(choices.get(value, value))
    return different


def attachments_context(
    experience: CityExperience, form: DraftForm, error: tuple[str, str] | None
) -> dict[str, Any]:
    files = list(experience.files.all())
    rows = [
        AttachedField(
            file=file,
            alt=form[f"alt:{file.pk}"] if f"alt:{file.pk}" in form.fields else None,
            caption=form[f"caption:{file.pk}"],
            smallest=file.sizes[0]["width"] if file.sizes else 0,
        )
        for file in files
        if file.removed_at is None and f"caption:{file.pk}" in form.fields
    ]
    pictures = [row for row in rows if row.file.kind == Attachment.PICTURE]
    documents = [row for row in rows if row.file.kind == Attachment.FILE]
    return {
        "pictures": pictures,
        "documents": documents,
        "removed": [file for file in files if file.removed_at is not None],
        "picture_form": _attach_form(Attachment.PICTURE, error),
        "file_form": _attach_form(Attachment.FILE, error),
        "has_room_for_pictures": len(pictures) < MOST[Attachment.PICTURE],
        "has_room_for_files": len(documents) < MOST[Attachment.FILE],
    }


def _attach_form(kind: Attachment, error: tuple[str, str] | None) -> AttachForm:
    is_picture = kind == Attachment.PICTURE
    accept = PICTURE_EXTENSIONS if is_picture else accepted_extensions(list(FILE_TYPES))
    refused = error is not None and error[0] == kind
    form = AttachForm({} if refused else None, label=kind.label, accept=accept, prefix=kind.value)
    if error is not None and refused:
        form.errors.clear()
        form.add_error("file", error[1])
    return form


def _safe(html: str) -> SafeString:
    return mark_safe(html)  # noqa: S308 - cleaned above or before it was stored
