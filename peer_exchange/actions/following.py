"""What somebody follows, and whom they keep away."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import City, User
from lms.core import audit
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from peer_exchange.enums import Distance
from peer_exchange.models import CityExperience, Follow, KeptAway
from peer_exchange.rules import may_read
from peer_exchange.selectors.cities import cities_visible_to
from peer_exchange.selectors.people import people_met

MOST_FOLLOWED = 500
MOST_KEPT_AWAY = 500


@transaction.atomic
def follow(
    *,
    experience: CityExperience | None = None,
    city: City | None = None,
    by: User,
    at: datetime,
) -> Follow:
    """Be told of the responses to an experience, or of what a city publishes: one of the
    two. Followed twice is followed once."""
    if (experience is None) == (city is None):
        raise InvalidInput(errors={"experience": [_("Follow an experience or a city.")]})
    if experience is not None:
        if not may_read(by, experience):
            raise PermissionDenied
        if not experience.is_out(at):
            raise Conflict(_("Only a published experience can be followed."))
    if city is not None and not cities_visible_to(by).filter(pk=city.pk).exists():
        raise PermissionDenied
    # Two clicks at once are one after the other; the limit holds for both.
    User.objects.select_for_update().get(pk=by.pk)
    already = Follow.objects.filter(user=by, experience=experience, city=city).first()
    if already:
        return already
    if Follow.objects.filter(user=by).count() >= MOST_FOLLOWED:
        raise Conflict(_("You follow a great deal. Stop following something first."))
    made = Follow.objects.create(user=by, experience=experience, city=city, created_at=at)
    audit.record(
        by=by, verb="follow.begun", target=experience or city or made, at=at, follow=made.pk
    )
    return made


@transaction.atomic
def unfollow(
    *,
    experience: CityExperience | None = None,
    city: City | None = None,
    by: User,
    at: datetime,
) -> None:
    """Undo `follow`; where nothing was followed, nothing changes."""
    followed = Follow.objects.filter(user=by, experience=experience, city=city)
    deleted, _rows = followed.delete()
    target = experience or city
    if deleted and target is not None:
        audit.record(by=by, verb="follow.ended", target=target, at=at)


@transaction.atomic
def keep_away(*, other: User, distance: str, by: User, at: datetime) -> KeptAway:
    """Mute or block somebody of one's editions; the other is not told."""
    if distance not in Distance.values:
        raise InvalidInput(errors={"distance": [_("Choose to mute or to block.")]})
    if other.pk == by.pk:
        raise Conflict(_("You cannot keep yourself away."))
    if not people_met(by).filter(pk=other.pk).exists():
        raise PermissionDenied
    User.objects.select_for_update().get(pk=by.pk)
    kept = KeptAway.objects.filter(user=by, other=other).first()
    if kept and kept.distance == distance:
        return kept
    if kept is None and KeptAway.objects.filter(user=by).count() >= MOST_KEPT_AWAY:
        raise Conflict(_("You keep many people away. Let somebody come back first."))
    kept, _is_new = KeptAway.objects.update_or_create(
        user=by, other=other, defaults={"distance": distance, "created_at": at}
    )
    audit.record(by=by, verb="person.kept_away", target=by, at=at, distance=distance)
    return kept


@transaction.atomic
def let_back(*, other: User, by: User, at: datetime) -> None:
    """Undo `keep_away`."""
    deleted, _rows = KeptAway.objects.filter(user=by, other=other).delete()
    if deleted:
        audit.record(by=by, verb="person.let_back", target=by, at=at)
