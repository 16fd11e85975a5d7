"""Interactive content that is played nowhere leaves the list and the chooser, and comes back.

Nothing is deleted: versions and results stay. While a content is archived no page plays it
and no draft would: `PlaysInteractive` refuses it, behind the same lock.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict
from lms.core.permissions import require_perm
from modules.models import H5PContent
from modules.selectors.h5p_library import pages_of


class StillPlayed(Conflict):
    """`extra["pages"]`: [{"id", "title"}] of the pages that play it or would."""

    code = "h5p_still_played"


def archive_content(*, content: H5PContent, by: User, at: datetime) -> H5PContent:
    """Off the list and out of the chooser. What is there already stays as it is.

    Raises PermissionDenied, or StillPlayed while a page or its draft uses it.
    """
    with transaction.atomic():
        locked = _locked(content, by)
        pages = pages_of(locked)
        if pages:
            raise StillPlayed(
                _("“%(title)s” stays on the list: pages play it. Take it out of them first.")
                % {"title": locked.title},
                pages=[{"id": page.pk, "title": page.title} for page in pages],
            )
        if locked.archived_at is None:
            locked.archived_at, locked.archived_by = at, by
            locked.save(update_fields=["archived_at", "archived_by"])
            audit.record(by=by, verb="h5p.content_archived", target=locked, at=at)
        return locked


def bring_back_content(*, content: H5PContent, by: User, at: datetime) -> H5PContent:
    """Onto the list and into the chooser again. Raises PermissionDenied."""
    with transaction.atomic():
        locked = _locked(content, by)
        if locked.archived_at is not None:
            locked.archived_at = locked.archived_by = None
            locked.save(update_fields=["archived_at", "archived_by"])
            audit.record(by=by, verb="h5p.content_brought_back", target=locked, at=at)
        return locked


def _locked(content: H5PContent, by: User) -> H5PContent:
    # Two who archive, and a page that begins to play it, compete for this row.
    locked: H5PContent = H5PContent.objects.select_for_update(of=("self",)).get(pk=content.pk)
    require_perm(by, "modules.author_h5p")
    return locked
