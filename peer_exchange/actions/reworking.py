"""Changing a published text: a row of its own goes the same way, the published one stays."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict
from lms.core.permissions import require_perm
from peer_exchange.actions.drafts import PLAIN_FIELDS, draft_to_write, locked, require_version
from peer_exchange.actions.indexing import index_experience
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, ExperienceAuthor, ExperienceFile

S = ExperienceStatus


@transaction.atomic
def rework_experience(*, experience: CityExperience, by: User, at: datetime) -> CityExperience:
    """A draft to change a published text in, with all that it has; the one that is begun,
    however often asked. A draft that was given up is taken up again, if the published text
    is still the one it began from.

    Raises Conflict for what is not published.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.write_experience", experience)
    if experience.revises_id or experience.status != S.PUBLISHED:
        raise Conflict(_("Only a published text gets a new version."))
    underway = experience.reworkings.exclude(status=S.ARCHIVED)
    begun = underway.filter(given_up_at__isnull=True).first()
    if begun is not None:
        return begun
    given_up = underway.filter(created_at__gte=_since(experience)).first()
    if given_up is not None:
        return _take_up_again(given_up, by=by, at=at)

    reworking = CityExperience.objects.create(
        edition_id=experience.edition_id,
        city_id=experience.city_id,
        revises=experience,
        version=experience.version,
        created_at=at,
        created_by=by,
        saved_at=experience.saved_at,
        saved_by=experience.saved_by,
        **{name: getattr(experience, name) for name in PLAIN_FIELDS},
    )
    reworking.themes.set(experience.themes.all())
    reworking.facets.set(experience.facets.all())
    ExperienceAuthor.objects.bulk_create(
        ExperienceAuthor(
            experience=reworking, user_id=one.user_id, added_at=one.added_at,
            added_by_id=one.added_by_id,
        )
        for one in experience.authorships.all()
    )  # fmt: skip
    ExperienceFile.objects.bulk_create(
        ExperienceFile(
            experience=reworking, kind=file.kind, name=file.name, alt=file.alt,
            caption=file.caption, stored_as=file.stored_as, sha256=file.sha256,
            sent_sha256=file.sent_sha256, size=file.size, media_type=file.media_type,
            sizes=file.sizes, uploaded_at=file.uploaded_at, uploaded_by_id=file.uploaded_by_id,
        )
        for file in experience.files.attached()
    )  # fmt: skip
    index_experience(reworking)
    audit.record(by=by, verb="experience.reworked", target=experience, at=at, draft=reworking.pk)
    return reworking


@transaction.atomic
def give_up_reworking(
    *, experience: CityExperience, base_version: int, by: User, at: datetime
) -> CityExperience:
    """Let a new version be; the published text stays as it is. Its words are kept.

    Raises StaleVersion when a colleague has written on meanwhile, Conflict for a text that
    is no draft of a new version.
    """
    experience = draft_to_write(experience, by=by)
    if not experience.revises_id:
        raise Conflict(_("Only a new version of a published text is given up."))
    require_version(experience, base_version)
    experience.given_up_at, experience.given_up_by = at, by
    experience.save(update_fields=["given_up_at", "given_up_by"])
    audit.record(by=by, verb="experience.given_up", target=experience, at=at)
    return experience


@transaction.atomic
def take_up_reworking(*, experience: CityExperience, by: User, at: datetime) -> CityExperience:
    """Undo `give_up_reworking`."""
    # The published text first: whoever begins another new version holds it.
    revised = locked(experience.revises) if experience.revises_id else None
    experience = locked(experience)
    require_perm(by, "peer_exchange.write_experience", experience)
    if revised is None or not experience.given_up_at:
        raise Conflict(_("This text was not given up."))
    others = revised.reworkings.exclude(status=S.ARCHIVED).filter(given_up_at__isnull=True)
    if revised.status != S.PUBLISHED or others.exists():
        raise Conflict(_("Another new version has been begun since."))
    if experience.created_at < _since(revised):
        raise Conflict(_("The published text has changed since this was begun."))
    return _take_up_again(experience, by=by, at=at)


def _take_up_again(experience: CityExperience, *, by: User, at: datetime) -> CityExperience:
    experience.given_up_at, experience.given_up_by = None, None
    experience.save(update_fields=["given_up_at", "given_up_by"])
    audit.record(by=by, verb="experience.taken_up_again", target=experience, at=at)
    return experience


def _since(experience: CityExperience) -> datetime:
    """When the text became what readers have now."""
    newest = experience.revisions.order_by("-number").first()
    if newest is None:
        return experience.created_at
    since: datetime = newest.published_at
    return since
