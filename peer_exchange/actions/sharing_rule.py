"""Changing what counts as sharing (D15b): previewed, with a reason, never behind anybody's
back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.permissions import require_perm
from lms.core.text import clean_reason
from lms.programme.models import Edition
from peer_exchange import tasks
from peer_exchange.models import SharingPin, SharingPolicy, SharingRevision
from peer_exchange.models.policy import LIMITS, RULE_FIELDS
from peer_exchange.selectors.sharing_rule import preview_rule
from peer_exchange.signals import sharing_changed


@transaction.atomic
def change_sharing_rule(
    *,
    edition: Edition,
    rule: Mapping[str, object],
    base_version: int,
    digest: str,
    keeps_met: bool,
    reason: str,
    by: User,
    at: datetime,
) -> SharingPolicy:
    """Change the rule of an edition, as it was previewed.

    `digest`: the preview's (`preview_rule`); StaleVersion when it would affect others by
    now, or the rule was changed meanwhile. `keeps_met`: whoever has met the present rule
    is held to that one. Without it their completion is looked at anew: an issued
    certificate comes up for review and is never revoked by this (invariant 14). Whoever no
    longer meets the rule is told.
    """
    require_perm(by, "peer_exchange.change_sharing_rule", edition)
    SharingPolicy.objects.get_or_create(edition=edition)
    policy = SharingPolicy.objects.select_for_update().get(edition=edition)
    wanted = clean_rule(rule)
    reason = clean_reason(reason)
    before = policy.rule
    if base_version != policy.version:
        raise StaleVersion(
            _("Somebody changed the rule meanwhile. Read it once more."),
            version=policy.version,
            stored=before,
        )
    if wanted == before:
        raise Conflict(_("This is the rule already."))
    preview = preview_rule(edition, wanted)
    if preview.digest != digest:
        raise StaleVersion(
            _("It would affect other people than those you saw. Look at the preview again."),
            version=policy.version,
            stored=before,
        )

    policy.version += 1
    for name, value in wanted.items():
        setattr(policy, name, value)
    policy.save(update_fields=[*RULE_FIELDS, "version"])
    revision = SharingRevision.objects.create(
        policy=policy,
        number=policy.version,
        rule=wanted,
        before=before,
        keeps_met=keeps_met,
        reason=reason,
        changed_at=at,
        changed_by=by,
    )
    losing = [one.enrolment.pk for one in preview.losing]
    gaining = [one.enrolment.pk for one in preview.gaining]
    if keeps_met:
        # Whoever keeps an older rule already goes on with that one.
        SharingPin.objects.bulk_create(
            [SharingPin(enrolment_id=pk, revision=revision) for pk in losing],
            ignore_conflicts=True,
        )
    else:
        SharingPin.objects.filter(enrolment__edition=edition).delete()
    audit.record(
        by=by,
        verb="sharing_rule.changed",
        target=policy,
        at=at,
        rule=wanted,
        before=before,
        keeps_met=keeps_met,
        reason=reason,
        losing=losing,
        gaining=gaining,
    )
    looked_at = gaining if keeps_met else sorted([*gaining, *losing])
    if looked_at:
        sharing_changed.send(sender=SharingPolicy, enrolment_ids=looked_at, at=at)
    if losing and not keeps_met:
        outbox.enqueue(
            tasks.send_sharing_rule_changed, revision_id=revision.pk, enrolment_ids=losing
        )
    return policy


def clean_rule(rule: Mapping[str, object]) -> dict[str, Any]:
    """All fields of the rule, each in its limits, or InvalidInput."""
    errors: dict[str, list[Any]] = {
        name: [_("Say this too.")] for name in RULE_FIELDS if name not in rule
    }
    errors |= {name: [_("The rule has no such field.")] for name in rule if name not in RULE_FIELDS}
    for name in set(rule) & set(RULE_FIELDS):
        value = rule[name]
        least, most = LIMITS.get(name, (None, None))
        if least is None or most is None:
            if not isinstance(value, bool):
                errors[name] = [_("Say yes or no.")]
        elif isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            limits = {"least": least, "most": most}
            errors[name] = [_("Choose between %(least)d and %(most)d.") % limits]
    if errors:
        raise InvalidInput(errors=errors)
    return {name: rule[name] for name in RULE_FIELDS}
