"""Interactive content and its versions: from packages, from questions, from corrected texts.

A version never changes. Whoever writes one names the version it was made from; if somebody
stored another meanwhile nothing is written (invariant 3).
"""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from h5p.questions import QuestionSet
from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_perm
from modules import tasks
from modules.actions.h5p_libraries import arrive, install_own_library, shelve
from modules.actions.h5p_packages import (
    LONGEST_TITLE,
    prepared_package,
    questions_draft,
    sanitised,
    title_in,
)
from modules.enums import H5POrigin
from modules.h5p_drafts import Draft, Prepared
from modules.h5p_shelf import pinned_shelf
from modules.h5p_uploads import bring_in
from modules.models import Course, H5PArrival, H5PContent, H5PLibrary, H5PVersion


def create_content_from_package(
    *, file: Any, by: User, at: datetime, title: str = ""
) -> H5PContent:
    """A new content out of an uploaded .h5p. `title`: when the package says none.

    What the package brings is installed with it, for administrators; others can use what is
    installed. Raises PermissionDenied, or PackageRefused with every problem; then nothing
    of it is visible, and doing it again is safe.
    """
    with prepared_package(file=file, by=by, at=at, title=title) as prepared:
        return create_content(prepared=prepared, by=by, at=at)


def replace_with_package(
    *, content: H5PContent, file: Any, base_version: int, by: User, at: datetime, note: str = ""
) -> H5PVersion:
    """The next version of an uploaded content. Raises as `create_content_from_package` does,
    StaleVersion if somebody stored another meanwhile, Conflict for questions of our own."""
    with prepared_package(file=file, by=by, at=at, title=content.title) as prepared:
        return replace_content(
            content=content, prepared=prepared, base_version=base_version, by=by, at=at, note=note
        )


def create_content(*, prepared: Prepared, by: User, at: datetime) -> H5PContent:
    """A new content out of a package that was read before; the second time (a double click)
    the one that was made the first time. Questions of our own kind become such as are
    written here, marked by the server. Raises PermissionDenied, Conflict when its bytes
    wait no longer."""
    require_perm(by, "modules.author_h5p")
    bring_in(prepared)
    return _create(
        draft=prepared.draft,
        origin=H5POrigin.UPLOADED if prepared.draft.questions is None else H5POrigin.QUESTIONS,
        prepared=prepared,
        by=by,
        at=at,
        note="",
    ).content


def replace_content(
    *,
    content: H5PContent,
    prepared: Prepared,
    base_version: int,
    by: User,
    at: datetime,
    note: str = "",
) -> H5PVersion:
    """As `replace_with_package`, of a package that was read before; the second time (a double
    click) the version that it became the first time."""
    require_perm(by, "modules.author_h5p")
    if content.origin != H5POrigin.UPLOADED:
        raise Conflict(_("These are questions written here: edit them, or import a table."))
    if prepared.draft.questions is not None:
        raise Conflict(_("This file holds questions of our own kind: upload it by itself."))
    bring_in(prepared)
    return _add(
        content=content,
        draft=prepared.draft,
        base_version=base_version,
        prepared=prepared,
        by=by,
        at=at,
        note=note,
    )


def create_content_from_questions(
    *, question_set: QuestionSet, by: User | None, at: datetime, note: str = ""
) -> H5PContent:
    """A new content out of questions. `by` None: they came with the program."""
    if by is not None:
        require_perm(by, "modules.author_h5p")
    draft = _written_draft(question_set)
    return _create(draft=draft, origin=H5POrigin.QUESTIONS, by=by, at=at, note=note).content


def update_questions(
    *,
    content: H5PContent,
    question_set: QuestionSet,
    base_version: int,
    by: User | None,
    at: datetime,
    note: str = "",
) -> H5PVersion:
    """The next version of a set of questions; the same questions make no new one.

    Raises StaleVersion if somebody stored another meanwhile.
    """
    if by is not None:
        require_perm(by, "modules.author_h5p")
    if content.origin != H5POrigin.QUESTIONS:
        raise Conflict(_("This was uploaded as a file: replace it, or edit its texts."))
    draft = _written_draft(question_set)
    return _add(content=content, draft=draft, base_version=base_version, by=by, at=at, note=note)


def save_texts(
    *,
    content: H5PContent,
    parameters: Mapping[str, Any],
    title: str,
    base_version: int,
    by: User,
    at: datetime,
    note: str = "",
) -> H5PVersion:
    """The next version of an uploaded content, with other words and the same libraries.

    What the semantics do not allow is removed. Raises StaleVersion, Conflict.
    """
    require_perm(by, "modules.author_h5p")
    if content.origin != H5POrigin.UPLOADED or content.current is None:
        raise Conflict(_("Only an uploaded content has texts to edit here."))
    based_on = content.current
    shelf = pinned_shelf(based_on.pins)
    main = shelf.find(based_on.main_library.name, hash=based_on.main_library.content_hash)
    if main is None:
        raise Conflict(_("The library of this content is missing."))
    clean, resolution = sanitised(main, parameters, shelf, based_on.pins)
    draft = Draft(
        title=_required_title(title),
        main_library=main.content_hash,
        pins=dict(resolution.pins),
        resolution_key=resolution.key,
        metadata={**based_on.metadata, "title": html.escape(title.strip(), quote=True)},
        parameters=clean,
        files=based_on.files,
    )
    return _add(content=content, draft=draft, base_version=base_version, by=by, at=at, note=note)


def restore_version(
    *, version: H5PVersion, base_version: int, by: User, at: datetime
) -> H5PVersion:
    """An older version again, as a new one: nothing in between is lost."""
    require_perm(by, "modules.author_h5p")
    draft = Draft(
        title=title_in(version.metadata, version.content.title),
        main_library=version.main_library.content_hash,
        pins=version.pins,
        resolution_key=version.resolution_key,
        metadata=version.metadata,
        parameters=version.parameters,
        files=version.files,
        questions=version.questions,
    )
    note = _("Version %(number)d again") % {"number": version.number}
    return _add(
        content=version.content, draft=draft, base_version=base_version, by=by, at=at, note=note
    )


def _written_draft(question_set: QuestionSet) -> Draft:
    _required_title(question_set.title)
    metadata = {
        "title": html.escape(question_set.title, quote=True),
        "language": question_set.language,
        "defaultLanguage": question_set.language,
        "license": "U",
    }
    return questions_draft(question_set, metadata)


def _required_title(title: str) -> str:
    title = title.strip()
    if not title:
        raise InvalidInput(errors={"title": [_("Give it a title.")]})
    if len(title) > LONGEST_TITLE:
        said = _("A title has at most %(most)d characters.") % {"most": LONGEST_TITLE}
        raise InvalidInput(errors={"title": [said]})
    return title


@transaction.atomic
def _create(
    *,
    draft: Draft,
    origin: str,
    by: User | None,
    at: datetime,
    note: str,
    prepared: Prepared | None = None,
) -> H5PVersion:
    if prepared is not None:
        arrival = arrive(prepared, at)
        if arrival.version is not None:
            return arrival.version
        shelve(prepared.brings, by=by, at=at)
    content = H5PContent.objects.create(
        title=draft.title, origin=origin, created_at=at, created_by=by
    )
    audit.record(by=by, verb="h5p.content_created", target=content, at=at, origin=origin)
    version = _append(content, draft, by, at, note)
    if prepared is not None:
        _became(arrival, version)
    return version


@transaction.atomic
def _add(
    *,
    content: H5PContent,
    draft: Draft,
    base_version: int,
    by: User | None,
    at: datetime,
    note: str,
    prepared: Prepared | None = None,
) -> H5PVersion:
    # Two editors who store at once compete for this row.
    locked = H5PContent.objects.select_for_update(of=("self",)).get(pk=content.pk)
    if by is not None:
        require_perm(by, "modules.author_h5p")
    current = locked.current
    if prepared is not None:
        arrival = arrive(prepared, at)
        if arrival.version is not None and arrival.version.content_id == locked.pk:
            return arrival.version
    if current is not None and current.sha256 == draft.sha256:
        version = current
    elif base_version != (current.number if current else 0):
        raise StaleVersion(version=current.number if current else 0)
    else:
        if prepared is not None:
            shelve(prepared.brings, by=by, at=at)
        version = _append(locked, draft, by, at, note)
    if prepared is not None:
        _became(arrival, version)
    return version


def _became(arrival: H5PArrival, version: H5PVersion) -> None:
    arrival.version = version
    arrival.save(update_fields=["version"])


def _append(
    content: H5PContent, draft: Draft, by: User | None, at: datetime, note: str
) -> H5PVersion:
    latest = content.versions.order_by("-number").first()
    if draft.questions is not None:
        install_own_library(by=by, at=at)
    version = H5PVersion.objects.create(
        content=content,
        number=latest.number + 1 if latest else 1,
        main_library=H5PLibrary.objects.get(content_hash=draft.main_library),
        pins=draft.pins,
        metadata=draft.metadata,
        parameters=draft.parameters,
        files=draft.files,
        questions=draft.questions,
        resolution_key=draft.resolution_key,
        sha256=draft.sha256,
        created_at=at,
        created_by=by,
        note=note[:250],
    )
    content.current, content.title = version, draft.title
    content.save(update_fields=["current", "title"])
    audit.record(
        by=by,
        verb="h5p.version_added",
        target=content,
        at=at,
        number=version.number,
        sha256=version.sha256,
    )
    outbox.enqueue(tasks.build_h5p_bundle, version_id=version.pk)
    _renew_courses(content)
    return version


def _renew_courses(content: H5PContent) -> None:
    """What was rendered for courses that play this content is out of date."""
    up = 2 * Page.steplen
    paths = {path[:-up] for path in content.activities.values_list("path", flat=True)}
    Course.objects.filter(page__path__in=paths).renew()
