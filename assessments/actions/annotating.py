"""Comments at places in an attempt, by the one who marks it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.held import Held, lock_own, require_begun
from assessments.anchors import clean_anchor, is_quoted
from assessments.models import Annotation, Assessment, AttemptFile
from assessments.selectors.sections import html_of_attempt
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.rich_text import text_of
from lms.core.text import clean_text

MAX_TEXT_BYTES = 20_000
MOST_ANNOTATIONS = 500
LONGEST_KEY = 64


class TooManyAnnotations(Conflict):
    """More comments beside one attempt than anybody reads."""

    code = "too_many_annotations"


class AnotherAnnotation(Conflict):
    """The key was used for another comment."""

    code = "another_annotation"


@transaction.atomic
def annotate(
    *,
    assessment: Assessment,
    receipt: str,
    key: str,
    section: str = "",
    file: str = "",
    anchor: Any,
    text: str,
    by: User,
    at: datetime,
) -> Annotation:
    """Write a comment at a place: in a `section` of the text or a `file` (its id) of the
    attempt with this `receipt`. Sent twice with the same `key`, it is stored once.

    Raises InvalidInput, TooLarge, WrongAttempt, NotInMarking, ConflictOfInterest,
    TooManyAnnotations, AnotherAnnotation.
    """
    held = lock_own(assessment, by, receipt)
    require_begun(held)
    key = _clean_key(key)
    place = _place(held, section, file, anchor)
    words = _clean_words(text)
    stored = held.assessment.annotations.filter(key=key).first()
    if stored is not None:
        if (stored.section, stored.file_id, stored.anchor) != (
            place["section"], getattr(place["file"], "pk", None), place["anchor"],
        ):  # fmt: skip
            raise AnotherAnnotation(_("Another comment was stored under this key."))
        return stored
    if held.assessment.annotations.present().count() >= MOST_ANNOTATIONS:
        raise TooManyAnnotations(
            _("There are %(most)d comments beside this project already.")
            % {"most": MOST_ANNOTATIONS}
        )
    annotation = Annotation.objects.create(
        assessment=held.assessment, key=key, text=words, created_at=at, changed_at=at, **place
    )
    audit.record(by=by, verb="annotation.written", target=annotation, at=at)
    return annotation


@transaction.atomic
def change_annotation(
    *,
    annotation: Annotation,
    receipt: str,
    base_version: int,
    text: str,
    by: User,
    at: datetime,
) -> Annotation:
    """Say it otherwise; where it stands stays. What changes nothing succeeds on any version.

    Raises StaleVersion with the stored text, InvalidInput, WrongAttempt, NotInMarking.
    """
    stored = _lock(annotation, receipt, by)
    words = _clean_words(text)
    if words == stored.text and stored.deleted_at is None:
        return stored
    _require_version(stored, base_version)
    if stored.deleted_at is not None:
        raise InvalidInput(_("This comment was deleted. Put it back first."))
    stored.text = words
    return _save(stored, "annotation.changed", by=by, at=at)


@transaction.atomic
def delete_annotation(
    *, annotation: Annotation, receipt: str, base_version: int, by: User, at: datetime
) -> Annotation:
    """Take a comment away; it can be put back. Deleted already, it stays so."""
    stored = _lock(annotation, receipt, by)
    if stored.deleted_at is not None:
        return stored
    _require_version(stored, base_version)
    stored.deleted_at = at
    return _save(stored, "annotation.deleted", by=by, at=at)


@transaction.atomic
def restore_annotation(
    *, annotation: Annotation, receipt: str, base_version: int, by: User, at: datetime
) -> Annotation:
    """Put a deleted comment back."""
    stored = _lock(annotation, receipt, by)
    if stored.deleted_at is None:
        return stored
    _require_version(stored, base_version)
    stored.deleted_at = None
    return _save(stored, "annotation.restored", by=by, at=at)


def _lock(annotation: Annotation, receipt: str, by: User) -> Annotation:
    held = lock_own(annotation.assessment, by, receipt)
    require_begun(held)
    return Annotation.objects.select_for_update(of=("self",)).get(pk=annotation.pk)


def _save(annotation: Annotation, verb: str, *, by: User, at: datetime) -> Annotation:
    annotation.version += 1
    annotation.changed_at = max(at, annotation.created_at)
    annotation.save(update_fields=["text", "version", "changed_at", "deleted_at"])
    audit.record(by=by, verb=verb, target=annotation, at=at, version=annotation.version)
    return annotation


def _require_version(annotation: Annotation, base_version: int) -> None:
    if annotation.version != base_version:
        raise StaleVersion(version=annotation.version, stored={"text": annotation.text})


def _place(held: Held, section: str, file: str, anchor: Any) -> dict[str, Any]:
    """The fields that say where: a section or a file of this very attempt."""
    if bool(section) == bool(file):
        raise InvalidInput(errors={"section": [_("Name a section or a file.")]})
    if file:
        with_attempt = AttemptFile.objects.filter(attempt=held.attempt)
        found = next((one for one in with_attempt if str(one.file_id) == str(file)), None)
        if found is None:
            raise InvalidInput(errors={"file": [_("This file is not part of the attempt.")]})
        clean = clean_anchor(anchor, in_file=True)
        if clean["kind"] != "file" and found.media_type != "application/pdf":
            raise InvalidInput(errors={"anchor": [_("Only a PDF has pages to comment on.")]})
        return {"section": "", "file": found, "anchor": clean}
    texts = html_of_attempt(held.attempt)
    if section not in held.attempt.guidelines.section_keys:
        raise InvalidInput(errors={"section": [_("The project has no such section.")]})
    clean = clean_anchor(anchor, in_file=False)
    if clean["kind"] == "passage" and not is_quoted(
        clean["quote"], text_of(texts.get(section, ""))
    ):
        raise InvalidInput(errors={"anchor": [_("These words do not stand in the section.")]})
    return {"section": section, "file": None, "anchor": clean}


def _clean_words(text: str) -> str:
    words = clean_text(text, field="text", max_bytes=MAX_TEXT_BYTES).strip()
    if not words:
        raise InvalidInput(errors={"text": [_("Write a comment.")]})
    return words


def _clean_key(key: str) -> str:
    clean = clean_text(key, field="key", max_bytes=LONGEST_KEY)
    if not clean.strip():
        raise InvalidInput(errors={"key": [_("Send a key of your own for this comment.")]})
    return clean
