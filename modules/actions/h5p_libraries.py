"""Installing libraries: what an uploaded package brings, and our own.

A library is a program: only administrators install them (`modules.install_h5p`). Blobs are
stored before the transaction, rows in it: whoever is interrupted has installed nothing.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from h5p import own
from h5p.libraries import Library
from lms.accounts.models import User
from lms.core import audit
from lms.core.permissions import require_perm
from modules.h5p_drafts import Prepared
from modules.h5p_shelf import DatabaseShelf
from modules.h5p_store import store
from modules.h5p_uploads import bring_in
from modules.models import H5PArrival, H5PLibrary


@transaction.atomic
def install_libraries(*, prepared: Prepared, by: User, at: datetime) -> tuple[H5PLibrary, ...]:
    """Install the libraries of a package without its content; returns those that are new.

    Safe to repeat and to interrupt. Raises PermissionDenied for everybody but
    administrators, Conflict when the package waits no longer.
    """
    require_perm(by, "modules.install_h5p")
    bring_in(prepared)
    arrive(prepared, at)
    return shelve(prepared.brings, by=by, at=at)


def arrive(prepared: Prepared, at: datetime) -> H5PArrival:
    """The package is brought in in the caller's transaction. Whoever does it a second time
    waits here for the first and finds in `version` what became of it."""
    upload = prepared.arrival or prepared.folder
    H5PArrival.objects.get_or_create(upload=upload, defaults={"arrived_at": at})
    arrivals = H5PArrival.objects.select_for_update(of=("self",)).select_related("version__content")
    return arrivals.get(upload=upload)


def shelve(
    libraries: Iterable[Library], *, by: User | None, at: datetime
) -> tuple[H5PLibrary, ...]:
    """Make libraries visible, all at once, in the caller's transaction; returns those that
    are new. Raises PermissionDenied for everybody but administrators."""
    libraries = tuple(libraries)
    if libraries:
        require_perm(by, "modules.install_h5p")
    return _put(libraries, DatabaseShelf(by=by, at=at), by, at)


def _put(
    libraries: Iterable[Library], shelf: DatabaseShelf, by: User | None, at: datetime
) -> tuple[H5PLibrary, ...]:
    added = shelf.add_new(*libraries)
    for row in added:
        audit.record(
            by=by,
            verb="h5p.library_installed",
            target=row,
            at=at,
            name=str(row.name),
            content_hash=row.content_hash,
        )
    return added


@transaction.atomic
def install_own_library(*, by: User | None, at: datetime) -> None:
    """Our own question types as the program brings them; an older one stays beside it.

    `by`: whose questions need it. That takes no right to install: it is the program's own.
    """
    library = Library.from_folder(own.FOLDER, store())
    if not H5PLibrary.objects.filter(content_hash=library.content_hash).exists():
        _put([library], DatabaseShelf(at=at), by, at)
