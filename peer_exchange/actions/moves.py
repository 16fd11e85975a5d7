"""The way of an experience: draft, city's clearance, moderation, publication."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.canonical import hash_of
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.core.permissions import require_perm
from lms.core.text import clean_reason
from lms.core.transitions import require_move
from lms.programme.models import Enrolment
from peer_exchange import tasks
from peer_exchange.actions.cleaning import REASON_MAX, clean_line
from peer_exchange.actions.drafts import locked, stored_values
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, ExperienceRevision
from peer_exchange.rules import may_moderate, may_return
from peer_exchange.selectors import missing_from
from peer_exchange.signals import sharing_changed
from peer_exchange.workflow import EXPERIENCE_MOVES

S = ExperienceStatus


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
    _require_read(experience, base_version)
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
    audit.record(
        by=by, verb="experience.submitted", target=experience, at=at, version=experience.version
    )
    return experience


@transaction.atomic
def clear_experience(
    *, experience: CityExperience, base_version: int, official: str, by: User, at: datetime
) -> CityExperience:
    """Record who in the city cleared the text; it goes to the moderators.

    `base_version`: the text that was read. Raises StaleVersion when it is another one.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.clear_experience", experience)
    require_move(EXPERIENCE_MOVES, experience.status, S.IN_MODERATION)
    _require_read(experience, base_version)
    name = clean_line(official, field="official", max_length=200)
    if not name:
        raise InvalidInput(errors={"official": [_("Name the official who cleared the text.")]})

    experience.status = S.IN_MODERATION
    experience.cleared_by_name = name
    experience.cleared_at, experience.cleared_by = at, by
    _save(experience, *_CLEARANCE)
    audit.record(by=by, verb="experience.cleared", target=experience, at=at, official=name)
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
    _require_read(experience, base_version)

    reason = clean_reason(reason, longest=REASON_MAX)
    experience.status = S.DRAFT
    experience.returned_reason = reason
    experience.returned_at, experience.returned_by = at, by
    experience.submitted_at, experience.submitted_by = None, None
    experience.cleared_at, experience.cleared_by, experience.cleared_by_name = None, None, ""
    _save(experience, "submitted_at", "submitted_by", *_CLEARANCE, *_RETURN)
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
    """Publish a cleared text and keep it as it is published.

    The moderator is neither an author nor of the same city. `base_version`: the
    text that was read. Raises StaleVersion when it is another one.
    """
    experience = locked(experience)
    by.forget_roles()
    if not may_moderate(by, experience):
        raise PermissionDenied(_("A moderator of another city publishes this text."))
    require_move(EXPERIENCE_MOVES, experience.status, S.PUBLISHED)
    _require_read(experience, base_version)

    experience.status = S.PUBLISHED
    experience.published_at, experience.published_by = at, by
    _save(experience, "published_at", "published_by")
    revision = _keep_as_published(experience, by=by, at=at)
    audit.record(
        by=by,
        verb="experience.published",
        target=experience,
        at=at,
        revision=revision.number,
        sha256=revision.sha256,
    )
    _tell_authors_enrolments(experience, at=at)
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
    _require_read(experience, base_version)

    reason = clean_reason(reason, longest=REASON_MAX)
    experience.status = S.ARCHIVED
    experience.archived_reason = reason
    experience.archived_at, experience.archived_by = at, by
    _save(experience, "archived_at", "archived_by", "archived_reason")
    audit.record(by=by, verb="experience.archived", target=experience, at=at, reason=reason)
    _tell_authors_enrolments(experience, at=at)
    return experience


_RETURN = ("returned_at", "returned_by", "returned_reason")
_CLEARANCE = ("cleared_at", "cleared_by", "cleared_by_name")


def _save(experience: CityExperience, *fields: str) -> None:
    experience.save(update_fields=["status", *fields])


def _require_read(experience: CityExperience, base_version: int) -> None:
    """Nobody answers for a text that changed after they read it (invariant 3)."""
    if base_version != experience.version:
        raise StaleVersion(version=experience.version, stored=stored_values(experience))


def _keep_as_published(experience: CityExperience, *, by: User, at: datetime) -> ExperienceRevision:
    values = stored_values(experience)
    content: dict[str, Any] = {
        **experience.texts,
        "themes": values["themes"],
        "facets": {name: values[name] for name in ("methods", "scopes", "actors")},
        "authors": [authorship.user_id for authorship in experience.authorships.all()],
    }
    return ExperienceRevision.objects.create(
        experience=experience,
        number=experience.revisions.count() + 1,
        content=content,
        sha256=hash_of(content),
        cleared_by_name=experience.cleared_by_name,
        published_at=at,
        published_by=by,
    )


def _tell_authors_enrolments(experience: CityExperience, *, at: datetime) -> None:
    enrolment_ids = list(
        Enrolment.objects.filter(
            edition=experience.edition_id, user__in=experience.authors.values("pk")
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if enrolment_ids:
        sharing_changed.send(sender=CityExperience, enrolment_ids=enrolment_ids, at=at)
