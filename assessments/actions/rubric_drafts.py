"""Writing a rubric: its working copy, which saves itself, and publishing what was previewed."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from assessments.actions.rubric import publish_rubric
from assessments.models import Rubric, RubricDraft, RubricVersion
from assessments.rubric_content import clean_rubric
from assessments.rubric_working import (
    content_in,
    give_keys,
    move,
    replace_all,
    texts_of,
    with_keys,
    working_of,
    write_texts,
)
from assessments.selectors.rubrics import working_copy_of
from lms.accounts.models import User
from lms.core import audit
from lms.core.canonical import hash_of
from lms.core.errors import Conflict, StaleVersion, TooLarge
from lms.core.permissions import require_perm

SITTING = timedelta(minutes=30)
MOST_BYTES = 1_000_000


class RubricDeleted(Conflict):
    """Nobody writes on a rubric that was deleted."""

    code = "rubric_deleted"


@transaction.atomic
def save_rubric_draft(
    *, rubric: Rubric, base_version: int, values: Mapping[str, Any], by: User, at: datetime
) -> RubricDraft:
    """Store fields of the working copy as they were typed (field name → text).

    An event is recorded for each sitting, not for each pause of typing. Raises
    StaleVersion with all stored fields; InvalidInput for a part that is gone.
    """
    draft = _draft_to_write(rubric, base_version, by=by)
    write_texts(draft.content, values)
    _store(draft, by=by, at=at)
    return draft


@transaction.atomic
def change_rubric_draft(
    *,
    rubric: Rubric,
    base_version: int,
    values: Mapping[str, Any],
    wanted: str,
    by: User,
    at: datetime,
) -> tuple[RubricDraft, str]:
    """Do what a button says (`rubric_working.move`), with what was typed beside it. The
    working copy, and the part to look at next."""
    draft = _draft_to_write(rubric, base_version, by=by)
    write_texts(draft.content, values)
    part = move(draft.content, wanted)
    _store(draft, by=by, at=at)
    return draft, part


@transaction.atomic
def replace_rubric_draft(
    *, rubric: Rubric, base_version: int, content: Mapping[str, Any], by: User, at: datetime
) -> RubricDraft:
    """Another content in the place of the working copy: of a file, of an earlier version.
    What stood there can be brought back. Raises InvalidInput, and then changes nothing."""
    draft = _draft_to_write(rubric, base_version, by=by)
    clean = clean_rubric(with_keys(content), is_whole=False)
    replace_all(draft.content, working_of(clean))
    _store(draft, by=by, at=at)
    audit.record(
        by=by, verb="rubric.draft_replaced", target=rubric, at=at, version=draft.version
    )  # fmt: skip
    return draft


@transaction.atomic
def publish_rubric_draft(*, rubric: Rubric, sha256: str, by: User, at: datetime) -> RubricVersion:
    """Publish the working copy, if it still is what was previewed: `sha256` is the hash that
    stood on the preview. Raises StaleVersion when it changed meanwhile."""
    draft = _locked_draft(rubric, by=by)
    content = clean_rubric(content_in(draft.content))
    digest = hash_of(content)
    if digest != sha256:
        raise StaleVersion(
            _("The rubric was changed since this preview. Look at what it would do now."),
            version=draft.version,
            sha256=digest,
        )
    version = publish_rubric(rubric=rubric, content=content, by=by, at=at)
    give_keys(draft.content)
    _store(draft, by=by, at=at)
    return version


def _draft_to_write(rubric: Rubric, base_version: int, *, by: User) -> RubricDraft:
    draft = _locked_draft(rubric, by=by)
    if draft.version != base_version:
        raise StaleVersion(version=draft.version, stored=texts_of(draft.content))
    return draft


def _locked_draft(rubric: Rubric, *, by: User) -> RubricDraft:
    """The working copy under its rubric's lock; unsaved when nobody has written on it."""
    locked = Rubric.objects.select_for_update(of=("self",), no_key=True).get(pk=rubric.pk)
    require_perm(by, "assessments.publish_rubric", locked)
    if locked.deleted_at is not None:
        raise RubricDeleted(_("This rubric was deleted. Bring it back to change it."))
    return working_copy_of(locked)


def _require_room(content: dict[str, Any]) -> None:
    """The oldest of what could be brought back goes first; what is written never does."""
    while len(json.dumps(content)) > MOST_BYTES:
        if not content["undo"]:
            raise TooLarge(
                _("This text is longer than %(limit)s kB.") % {"limit": MOST_BYTES // 1000}
            )
        content["undo"] = content["undo"][1:]


def _store(draft: RubricDraft, *, by: User, at: datetime) -> None:
    _require_room(draft.content)
    begins = draft.pk is None or draft.saved_by_id != by.pk or at - draft.saved_at > SITTING
    draft.version += 1
    draft.saved_by, draft.saved_at = by, at
    draft.save()
    if begins:
        audit.record(
            by=by, verb="rubric.draft_saved", target=draft.rubric, at=at, version=draft.version
        )
