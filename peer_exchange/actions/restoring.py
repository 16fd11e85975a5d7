"""Bringing back what stood in a draft before."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput
from peer_exchange.actions.drafts import change_texts, draft_to_write, require_version
from peer_exchange.actions.keeping import keep_version
from peer_exchange.enums import VersionKind
from peer_exchange.models import CityExperience, ExperienceVersion
from peer_exchange.models.experience import TEXT_FIELDS
from peer_exchange.selectors.experience_history import texts_of_version


@transaction.atomic
def restore_version(
    *,
    experience: CityExperience,
    version: ExperienceVersion,
    parts: Collection[str] | None = None,
    base_version: int,
    by: User,
    at: datetime,
) -> CityExperience:
    """Bring texts of a kept version back: the fields `parts`, or all of them. What they
    replace is kept as well, so that this can be undone the same way.

    Raises StaleVersion, Conflict for what is no draft, InvalidInput.
    """
    experience = draft_to_write(experience, by=by)
    require_version(experience, base_version)
    if version.experience_id != experience.pk or set(parts or ()) - set(TEXT_FIELDS):
        raise InvalidInput(errors={"parts": [_("This version has no such part.")]})
    kept = texts_of_version(version)
    texts = {name: kept.get(name, "") for name in TEXT_FIELDS if parts is None or name in parts}
    changed = change_texts(experience, texts, by=by, at=at, keeps_before=True)
    if changed:
        keep_version(experience, kind=VersionKind.RESTORE, by=by.pk, at=at)
        audit.record(
            by=by, verb="experience.restored", target=experience, at=at,
            version=experience.version, from_version=version.version, fields=sorted(changed),
        )  # fmt: skip
    return experience
