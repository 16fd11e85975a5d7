"""A text becomes what readers have: kept as it is published, put in the place of the one
that it revises, let go from its embargo."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.canonical import hash_of
from lms.core.errors import Conflict, InvalidInput
from lms.core.permissions import require_perm
from lms.core.rich_fields import TextFormat
from lms.core.transitions import require_move
from lms.programme.models import Enrolment
from peer_exchange import tasks
from peer_exchange.actions.cleaning import FACET_FIELDS
from peer_exchange.actions.drafts import PLAIN_FIELDS, locked, stored_values
from peer_exchange.actions.indexing import index_experience
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, ExperienceAuthor, ExperienceFile
from peer_exchange.models import ExperienceRevision as Revision
from peer_exchange.models.experience import YEAR_FIELDS
from peer_exchange.signals import sharing_changed
from peer_exchange.workflow import EXPERIENCE_MOVES

S = ExperienceStatus
LONGEST_EMBARGO = timedelta(days=366)


def require_embargo(until: datetime | None, *, at: datetime) -> None:
    """Raise InvalidInput for an embargo that is over already, or that nobody would await."""
    if until is None:
        return
    if until <= at:
        sentence = _("This instant has passed. Leave it empty to publish without an embargo.")
    elif until > at + LONGEST_EMBARGO:
        sentence = _("An embargo ends within a year.")
    else:
        return
    raise InvalidInput(errors={"embargo_until": [sentence]})


@transaction.atomic
def change_embargo(
    *, experience: CityExperience, embargo_until: datetime | None, by: User, at: datetime
) -> CityExperience:
    """The city ends the embargo of a cleared text sooner or later, or (None) now.

    Raises Conflict once readers have the text: what was read cannot be taken back so.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.clear_experience", experience)
    if experience.status not in (S.IN_MODERATION, S.PUBLISHED):
        raise Conflict(_("An embargo is set when the city clears the text."))
    if experience.status == S.PUBLISHED and not experience.is_under_embargo(at):
        raise Conflict(_("The text can be read already."))
    require_embargo(embargo_until, at=at)

    before = experience.embargo_until
    experience.embargo_until = embargo_until
    if experience.status == S.PUBLISHED:
        experience.published_at = embargo_until or at
    experience.save(update_fields=["embargo_until", "published_at"])
    audit.record(
        by=by, verb="experience.embargo_changed", target=experience, at=at,
        before=before.isoformat() if before else None,
        after=embargo_until.isoformat() if embargo_until else None,
    )  # fmt: skip
    if experience.status == S.PUBLISHED:
        index_experience(experience)
        outbox.enqueue(
            tasks.end_embargo,
            delay=embargo_until - at if embargo_until else timedelta(0),
            experience_id=experience.pk,
        )
    return experience


@transaction.atomic
def end_embargo(*, experience: CityExperience, by: User | None, at: datetime) -> CityExperience:
    """What follows when readers may have a text: a new version takes its place. Nothing
    when the embargo was moved meanwhile. `by` None: the system, at that instant."""
    experience = locked(experience)
    if experience.status != S.PUBLISHED or experience.is_under_embargo(at):
        return experience
    if experience.revises_id:
        take_over(experience, at=at)
    else:
        outbox.enqueue(tasks.spread_publication, experience_id=experience.pk)
    return experience


def keep_as_published(experience: CityExperience, *, by: User, at: datetime) -> Revision:
    """Keep a published text as readers have it now."""
    values = stored_values(experience, text_format=TextFormat.HTML)
    content: dict[str, Any] = {
        "format": TextFormat.HTML,
        **{name: values[name] for name in PLAIN_FIELDS if name != "visibility"},
        **{name: getattr(experience, name) for name in YEAR_FIELDS},
        "themes": values["themes"],
        "facets": {name: values[name] for name in FACET_FIELDS},
        "authors": [authorship.user_id for authorship in experience.authorships.all()],
        "files": [
            {
                "name": file.name, "kind": file.kind, "sha256": file.sha256,
                "alt": file.alt, "caption": file.caption,
            }
            for file in experience.files.attached()
        ],
    }  # fmt: skip
    return Revision.objects.create(
        experience=experience,
        number=experience.revisions.count() + 1,
        content=content,
        sha256=hash_of(content),
        visibility=experience.visibility,
        cleared_by_name=experience.cleared_by_name,
        published_at=at,
        published_by=by,
    )


def take_over(reworking: CityExperience, *, at: datetime) -> CityExperience:
    """Put a published new version (locked) in the place of the text it revises. Returns
    that text, which keeps its address, its responses and the wording it had."""
    experience = locked(reworking.revises)
    if experience.status != S.PUBLISHED:
        # Archived while the new version waited for its day: it goes the same way.
        _archive(reworking, at=at, reason=str(_("The text it revises has left the exchange.")))
        return experience
    for name in (*PLAIN_FIELDS, "cleared_by_name", "cleared_at", "cleared_by"):
        setattr(experience, name, getattr(reworking, name))
    # Versions only grow: whoever read the text before has read another one.
    experience.version = max(experience.version, reworking.version) + 1
    experience.saved_at, experience.saved_by = reworking.saved_at, reworking.saved_by
    experience.save(
        update_fields=[
            *PLAIN_FIELDS, "cleared_by_name", "cleared_at", "cleared_by", "version", "saved_at",
            "saved_by",
        ]
    )  # fmt: skip
    experience.themes.set(reworking.themes.all())
    experience.facets.set(reworking.facets.all())
    _take_authors(experience, reworking)
    _take_files(experience, reworking, at=at)
    experience = CityExperience.objects.get(pk=experience.pk)
    index_experience(experience)
    revision = keep_as_published(experience, by=_publisher_of(reworking), at=at)
    audit.record(
        by=reworking.published_by, verb="experience.revised", target=experience, at=at,
        revision=revision.number, sha256=revision.sha256, from_draft=reworking.pk,
    )  # fmt: skip
    tell_authors_enrolments(experience, at=at)
    number = {"number": revision.number}
    _archive(reworking, at=at, reason=str(_("Published as version %(number)d.") % number))
    return experience


def _publisher_of(published: CityExperience) -> User:
    assert published.published_by is not None, "A published text has somebody who published it."
    return published.published_by


def _archive(reworking: CityExperience, *, at: datetime, reason: str) -> None:
    require_move(EXPERIENCE_MOVES, reworking.status, S.ARCHIVED)
    reworking.status = S.ARCHIVED
    reworking.archived_at, reworking.archived_by = at, reworking.published_by
    reworking.archived_reason = reason
    reworking.save(update_fields=["status", "archived_at", "archived_by", "archived_reason"])


def _take_authors(experience: CityExperience, reworking: CityExperience) -> None:
    """Who signed the new version signs the text; who had signed before stays."""
    known = set(experience.authorships.values_list("user_id", flat=True))
    ExperienceAuthor.objects.bulk_create(
        ExperienceAuthor(
            experience=experience, user_id=one.user_id, added_at=one.added_at,
            added_by_id=one.added_by_id,
        )
        for one in reworking.authorships.all()
        if one.user_id not in known
    )  # fmt: skip


def _take_files(experience: CityExperience, reworking: CityExperience, *, at: datetime) -> None:
    """The same picture keeps its address; what the new version does not have is taken off."""
    old = {(file.kind, file.sha256, file.name): file for file in experience.files.attached()}
    for file in reworking.files.attached():
        same = old.pop((file.kind, file.sha256, file.name), None)
        if same is None:
            file.experience = experience
            file.save(update_fields=["experience"])
        elif (same.alt, same.caption) != (file.alt, file.caption):
            same.alt, same.caption = file.alt, file.caption
            same.save(update_fields=["alt", "caption"])
    gone = [file.pk for file in old.values()]
    ExperienceFile.objects.filter(pk__in=gone).update(
        removed_at=at, removed_by=reworking.published_by
    )


def tell_authors_enrolments(experience: CityExperience, *, at: datetime) -> None:
    enrolment_ids = list(
        Enrolment.objects.filter(
            edition=experience.edition_id, user__in=experience.authors.values("pk")
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if enrolment_ids:
        sharing_changed.send(sender=CityExperience, enrolment_ids=enrolment_ids, at=at)
