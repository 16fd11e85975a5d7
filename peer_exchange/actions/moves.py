"""The way of an experience: draft, city's clearance, moderation, publication."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.permissions import require_perm
from lms.core.text import clean_reason
from lms.core.transitions import require_move
from peer_exchange import tasks
from peer_exchange.actions.cleaning import REASON_MAX, clean_line
from peer_exchange.actions.drafts import locked, require_version
from peer_exchange.actions.indexing import index_experience
from peer_exchange.actions.keeping import keep_version
from peer_exchange.actions.taking_over import (
    keep_as_published,
    require_embargo,
    take_over,
    tell_authors_enrolments,
)
from peer_exchange.enums import ExperienceStatus, VersionKind
from peer_exchange.models import CityExperience
from peer_exchange.rules import may_moderate, may_return
from peer_exchange.selectors import missing_from
from peer_exchange.workflow import EXPERIENCE_MOVES

S = ExperienceStatus
_RETURN = ("returned_at", "returned_by", "returned_reason")
_CLEARANCE = ("cleared_at", "cleared_by", "cleared_by_name", "embargo_until")


@transaction.atomic
def submit_experience(
    *, experience: CityExperience, base_version: int, by: User, at: datetime
) -> CityExperience:
    """Hand the complete text to the city for clearance.

    Raises StaleVersion when somebody saved since the text was read, InvalidInput
    naming what is missing.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.write_experience", experience)
    require_move(EXPERIENCE_MOVES, experience.status, S.CITY_CLEARANCE)
    if experience.given_up_at:
        raise Conflict(_("This new version was given up. Take it up again to submit it."))
    require_version(experience, base_version)
    missing = missing_from(experience)
    if missing:
        raise InvalidInput(
            _("The text is not complete yet."),
            errors={name: [sentence] for name, sentence in missing.items()},
        )

    experience.status = S.CITY_CLEARANCE
    experience.submitted_at, experience.submitted_by = at, by
    experience.returned_at, experience.returned_by, experience.returned_reason = None, None, ""
    _save(experience, "submitted_at", "submitted_by", *_RETURN)
    keep_version(experience, kind=VersionKind.SUBMIT, by=by.pk, at=at)
    audit.record(
        by=by, verb="experience.submitted", target=experience, at=at, version=experience.version
    )
    return experience


@transaction.atomic
def clear_experience(
    *,
    experience: CityExperience,
    base_version: int,
    official: str,
    by: User,
    at: datetime,
    embargo_until: datetime | None = None,
) -> CityExperience:
    """Record who in the city cleared the text; it goes to the moderators. Nobody else
    reads it before `embargo_until`, though it is published sooner.

    `base_version`: the text that was read. Raises StaleVersion when it is another one.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.clear_experience", experience)
    require_move(EXPERIENCE_MOVES, experience.status, S.IN_MODERATION)
    require_version(experience, base_version)
    name = clean_line(official, field="official", max_length=200)
    if not name:
        raise InvalidInput(errors={"official": [_("Name the official who cleared the text.")]})
    require_embargo(embargo_until, at=at)

    experience.status = S.IN_MODERATION
    experience.cleared_by_name = name
    experience.cleared_at, experience.cleared_by = at, by
    experience.embargo_until = embargo_until
    _save(experience, *_CLEARANCE)
    audit.record(
        by=by,
        verb="experience.cleared",
        target=experience,
        at=at,
        official=name,
        embargo_until=embargo_until.isoformat() if embargo_until else None,
    )
    return experience


@transaction.atomic
def return_experience(
    *, experience: CityExperience, base_version: int, reason: str, by: User, at: datetime
) -> CityExperience:
    """Back to the draft, with a reason: from clearance by the city, from
    moderation by a moderator. A later submission is cleared anew.

    Raises StaleVersion when the reason was written about an earlier text.
    """
    experience = locked(experience)
    from_moderation = experience.status != S.CITY_CLEARANCE
    by.forget_roles()
    if not may_return(by, experience):
        raise PermissionDenied
    require_move(EXPERIENCE_MOVES, experience.status, S.DRAFT)
    require_version(experience, base_version)

    reason = clean_reason(reason, longest=REASON_MAX)
    experience.status = S.DRAFT
    experience.returned_reason = reason
    experience.returned_at, experience.returned_by = at, by
    experience.submitted_at, experience.submitted_by = None, None
    experience.cleared_at, experience.cleared_by, experience.cleared_by_name = None, None, ""
    experience.embargo_until = None
    # What comes back may have other files and authors under the same words: whoever has
    # this text open has to read it again.
    experience.version += 1
    _save(experience, "version", "submitted_at", "submitted_by", *_CLEARANCE, *_RETURN)
    audit.record(
        by=by,
        verb="experience.returned",
        target=experience,
        at=at,
        reason=reason,
        from_moderation=from_moderation,
    )
    if from_moderation:
        outbox.enqueue(tasks.send_experience_returned, experience_id=experience.pk)
    return experience


@transaction.atomic
def publish_experience(
    *, experience: CityExperience, base_version: int, by: User, at: datetime
) -> CityExperience:
    """Publish a cleared text and keep it as it is published. A new version of a published
    text takes its place, at once or when its embargo ends.

    The moderator is neither an author nor of the same city. `base_version`: the
    text that was read. Raises StaleVersion when it is another one, Conflict when the text
    that it is a new version of has been archived.
    """
    experience = locked(experience)
    by.forget_roles()
    if not may_moderate(by, experience):
        raise PermissionDenied(_("A moderator of another city publishes this text."))
    require_move(EXPERIENCE_MOVES, experience.status, S.PUBLISHED)
    require_version(experience, base_version)

    if experience.revises_id and experience.revises.status != S.PUBLISHED:
        raise Conflict(_("The text that this is a new version of has left the exchange."))

    waits = experience.embargo_until if experience.is_under_embargo(at) else None
    experience.status = S.PUBLISHED
    experience.published_at = waits or at
    experience.published_by = by
    _save(experience, "published_at", "published_by")
    index_experience(experience)
    audit.record(
        by=by,
        verb="experience.published",
        target=experience,
        at=at,
        version=experience.version,
        embargo_until=experience.embargo_until.isoformat() if experience.embargo_until else None,
    )
    if experience.revises_id and not waits:
        take_over(experience, at=at)
    elif not experience.revises_id:
        keep_as_published(experience, by=by, at=at)
        tell_authors_enrolments(experience, at=at)
    if waits:
        # What else follows a publication, follows then.
        outbox.enqueue(tasks.end_embargo, delay=waits - at, experience_id=experience.pk)
    elif not experience.revises_id:
        outbox.enqueue(tasks.spread_publication, experience_id=experience.pk)
    outbox.enqueue(tasks.send_experience_published, experience_id=experience.pk)
    return experience


@transaction.atomic
def archive_experience(
    *, experience: CityExperience, base_version: int, reason: str, by: User, at: datetime
) -> CityExperience:
    """Take a published text out of the exchange, by its city or a moderator.

    Raises StaleVersion when the reason was written about an earlier text.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.archive_experience", experience)
    require_move(EXPERIENCE_MOVES, experience.status, S.ARCHIVED)
    require_version(experience, base_version)

    reason = clean_reason(reason, longest=REASON_MAX)
    experience.status = S.ARCHIVED
    experience.archived_reason = reason
    experience.archived_at, experience.archived_by = at, by
    _save(experience, "archived_at", "archived_by", "archived_reason")
    audit.record(by=by, verb="experience.archived", target=experience, at=at, reason=reason)
    outbox.enqueue(tasks.send_experience_archived, experience_id=experience.pk)
    if not experience.revises_id:
        tell_authors_enrolments(experience, at=at)
    return experience


def _save(experience: CityExperience, *fields: str) -> None:
    experience.save(update_fields=["status", *fields])
