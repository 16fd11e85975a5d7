"""The bank of comments: one's own, and those shared in an edition."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from assessments.models import Criterion, Snippet
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_in_person
from lms.core.text import clean_text
from lms.programme.models import Edition

MAX_TEXT_BYTES = 20_000
MOST_SNIPPETS = 500


class TooManySnippets(Conflict):
    """More comments kept than anybody finds again."""

    code = "too_many_snippets"


@transaction.atomic
def keep_snippet(
    *,
    edition: Edition,
    text: str,
    criterion: str = "",
    is_shared: bool = False,
    by: User,
    at: datetime,
) -> Snippet:
    """Keep a comment to use it again. The same words about the same criterion are kept once.

    Raises InvalidInput, TooLarge, PermissionDenied, TooManySnippets.
    """
    # One after the other; whoever refers to the edition meanwhile need not wait.
    edition = Edition.objects.select_for_update(of=("self",), no_key=True).get(pk=edition.pk)
    require_in_person(by, "assessments.mark_in_edition", edition)
    words, about = _clean(edition, text, criterion)
    own = Snippet.objects.present().filter(edition=edition, owner=by)
    kept = own.filter(text=words, criterion=about).first()
    if kept is not None:
        return kept
    if own.count() >= MOST_SNIPPETS:
        raise TooManySnippets(
            _("You have kept %(most)d comments already: delete some first.")
            % {"most": MOST_SNIPPETS}
        )
    snippet = Snippet.objects.create(
        edition=edition, owner=by, criterion=about, text=words, is_shared=is_shared,
        created_at=at, changed_at=at,
    )  # fmt: skip
    audit.record(by=by, verb="snippet.kept", target=snippet, at=at, is_shared=is_shared)
    return snippet


@transaction.atomic
def change_snippet(
    *,
    snippet: Snippet,
    base_version: int,
    text: str,
    criterion: str,
    is_shared: bool,
    by: User,
    at: datetime,
) -> Snippet:
    """Change one's own: words, criterion, whether colleagues see it.

    Raises StaleVersion with what is stored, InvalidInput, PermissionDenied.
    """
    stored = _lock(snippet, by)
    words, about = _clean(stored.edition, text, criterion)
    if (words, about, is_shared) == (stored.text, stored.criterion, stored.is_shared):
        return stored
    _require_version(stored, base_version)
    if stored.deleted_at is not None:
        raise InvalidInput(_("This comment was deleted. Put it back first."))
    stored.text, stored.criterion, stored.is_shared = words, about, is_shared
    return _save(stored, "snippet.changed", by=by, at=at)


@transaction.atomic
def delete_snippet(*, snippet: Snippet, base_version: int, by: User, at: datetime) -> Snippet:
    """Take it out of the bank; it can be put back."""
    stored = _lock(snippet, by)
    if stored.deleted_at is not None:
        return stored
    _require_version(stored, base_version)
    stored.deleted_at = at
    return _save(stored, "snippet.deleted", by=by, at=at)


@transaction.atomic
def restore_snippet(*, snippet: Snippet, base_version: int, by: User, at: datetime) -> Snippet:
    """Put a deleted comment back into the bank."""
    stored = _lock(snippet, by)
    if stored.deleted_at is None:
        return stored
    _require_version(stored, base_version)
    stored.deleted_at = None
    return _save(stored, "snippet.restored", by=by, at=at)


@transaction.atomic
def use_snippet(*, snippet: Snippet, by: User, at: datetime) -> Snippet:
    """Count that it was put into a comment. Colleagues use what is shared. PermissionDenied."""
    require_in_person(by, "assessments.use_snippet", snippet)
    # No version: who edits it does not mind that it was used meanwhile.
    Snippet.objects.present().filter(pk=snippet.pk).update(uses=F("uses") + 1)
    snippet.refresh_from_db()
    return snippet


def _lock(snippet: Snippet, by: User) -> Snippet:
    stored = (
        Snippet.objects.select_for_update(of=("self",))
        .select_related("edition", "owner")
        .get(pk=snippet.pk)
    )
    require_in_person(by, "assessments.change_snippet", stored)
    return stored


def _save(snippet: Snippet, verb: str, *, by: User, at: datetime) -> Snippet:
    snippet.version += 1
    snippet.changed_at = at
    snippet.save(
        update_fields=["text", "criterion", "is_shared", "version", "changed_at", "deleted_at"]
    )
    audit.record(by=by, verb=verb, target=snippet, at=at, version=snippet.version)
    return snippet


def _require_version(snippet: Snippet, base_version: int) -> None:
    if snippet.version != base_version:
        raise StaleVersion(
            version=snippet.version,
            stored={
                "text": snippet.text,
                "criterion": snippet.criterion,
                "is_shared": snippet.is_shared,
            },
        )


def _clean(edition: Edition, text: str, criterion: str) -> tuple[str, str]:
    words = clean_text(text, field="text", max_bytes=MAX_TEXT_BYTES).strip()
    if not words:
        raise InvalidInput(errors={"text": [_("Write a comment.")]})
    about = clean_text(criterion, field="criterion", max_bytes=200)
    # Of any version: a comment outlives a rubric that was changed meanwhile.
    known = Criterion.objects.filter(version__rubric__edition=edition, key=about)
    if about and not known.exists():
        raise InvalidInput(errors={"criterion": [_("The rubric has no such criterion.")]})
    return words, about
