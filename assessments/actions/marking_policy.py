"""How the projects of an edition are marked: two markers, names hidden, release, appeals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.models import MarkingPolicy, Project
from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import InvalidInput, StaleVersion
from lms.core.permissions import require_perm

POLICY_FIELDS = (
    "second_marking",
    "sample_percent",
    "divergence_percent",
    "is_anonymous",
    "confirm_release",
    "undo_minutes",
    "appeal_days",
)


@transaction.atomic
def set_marking_policy(
    *, project: Project, base_version: int, changes: Mapping[str, Any], by: User, at: datetime
) -> MarkingPolicy:
    """Change what `changes` names of `POLICY_FIELDS`; nothing different is no change.

    Projects whose marking has begun keep the markers they have (invariant 12). Raises
    StaleVersion with what is stored, InvalidInput, PermissionDenied.
    """
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    require_perm(by, "assessments.set_marking_policy", project)
    if unknown := sorted(set(changes) - set(POLICY_FIELDS)):
        raise InvalidInput(errors={name: [_("Unknown field.")] for name in unknown})
    policy = MarkingPolicy.objects.filter(project=project).first() or MarkingPolicy(project=project)
    before = _recorded(policy)
    if all(before[name] == value for name, value in changes.items()):
        return policy
    if policy.version != base_version:
        raise StaleVersion(version=policy.version, stored=before)
    for name, value in changes.items():
        setattr(policy, name, value)
    policy.version += 1
    try:
        policy.clean_fields(exclude=["project"])
    except ValidationError as error:
        raise InvalidInput(errors=error.message_dict) from error
    policy.save()
    after = _recorded(policy)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    audit.record(by=by, verb="marking_policy.set", target=policy, at=at, changed=changed)
    return policy


def _recorded(policy: MarkingPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in POLICY_FIELDS}
