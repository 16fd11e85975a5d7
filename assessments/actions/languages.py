"""Saying which languages one reads and writes."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from assessments.models import LanguageProfile
from assessments.selectors.languages import known_languages
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput, PermissionDenied, StaleVersion
from lms.core.permissions import require_perm
from lms.programme.models import Edition
from lms.programme.selectors import standing_of


@transaction.atomic
def set_languages(
    *,
    edition: Edition,
    user: User,
    reads: Collection[str],
    writes: str,
    base_version: int,
    by: User,
    at: datetime,
) -> LanguageProfile:
    """What `user` reads, and writes their project in: said by themselves, or by a
    coordinator. Raises StaleVersion, InvalidInput, PermissionDenied."""
    if by.pk != user.pk:
        require_perm(by, "assessments.coordinate_marking", edition)
    user.forget_roles()
    if edition.pk not in standing_of(user).edition_ids:
        raise PermissionDenied(_("This person has no part in the edition."))
    known = {code for code, _name in known_languages()}
    errors = {}
    if unknown := sorted(set(reads) - known):
        errors["reads"] = [_("There is no language “%(code)s” here.") % {"code": unknown[0]}]
    if writes and writes not in known:
        errors["writes"] = [_("There is no language “%(code)s” here.") % {"code": writes}]
    if errors:
        raise InvalidInput(errors=errors)
    profile = _locked(edition, user, by, at)
    wanted = sorted(set(reads))
    if profile.reads == wanted and profile.writes == writes:
        return profile
    if profile.version != base_version:
        raise StaleVersion(
            version=profile.version, stored={"reads": profile.reads, "writes": profile.writes}
        )
    profile.reads, profile.writes = wanted, writes
    profile.version += 1
    profile.changed_at, profile.changed_by = at, by
    profile.save()
    audit.record(by=by, verb="languages.set", target=profile, at=at, reads=wanted, writes=writes)
    return profile


def _locked(edition: Edition, user: User, by: User, at: datetime) -> LanguageProfile:
    rows = LanguageProfile.objects.select_for_update(of=("self",))
    found = rows.filter(edition=edition, user=user).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return LanguageProfile.objects.create(
                edition=edition, user=user, changed_at=at, changed_by=by
            )
    except IntegrityError:
        # Another tab was quicker: the constraint has decided.
        return rows.get(edition=edition, user=user)
