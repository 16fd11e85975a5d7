"""Responding to a city's experience; every wording is kept."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit
from lms.core.errors import Conflict, DomainError, PermissionDenied
from lms.core.permissions import require_perm
from lms.core.text import clean_reason, clean_text, require_words
from lms.programme.models import Enrolment
from lms.programme.selectors import standing_of
from peer_exchange.actions.cleaning import REASON_MAX
from peer_exchange.actions.drafts import locked
from peer_exchange.enums import ExperienceStatus
from peer_exchange.models import CityExperience, Response, ResponseRevision
from peer_exchange.normal_text import fingerprint
from peer_exchange.rules import may_edit_response, may_hide_response
from peer_exchange.selectors import policy_of
from peer_exchange.signals import sharing_changed

BODY_MAX_BYTES = 60_000


class TooMany(DomainError):
    """More responses within an hour than the edition's policy allows one person."""

    code = "too_many"
    status = 429
    sentence = _("You have sent many responses within an hour. Please continue a little later.")


@transaction.atomic
def respond_to_experience(
    *, experience: CityExperience, body: str, by: User, at: datetime
) -> Response:
    """Respond to a published experience of one's edition.

    The same words sent again are the same response: a retry returns it. Raises
    Conflict when the experience is not published, TooMany, InvalidInput.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.respond_to_experience", experience)
    if experience.status != ExperienceStatus.PUBLISHED:
        raise Conflict(_("Only a published experience can be responded to."))
    body = _clean_body(body)
    print_of_body = fingerprint(body)
    before = Response.objects.filter(
        experience=experience, author=by, fingerprint=print_of_body
    ).first()
    if before and before.hidden_at:
        raise Conflict(_("A moderator has hidden this text."))
    if before:
        return before
    _require_pace(experience, by=by, at=at)

    response = Response.objects.create(
        experience=experience,
        author=by,
        city_id=_city_spoken_for(experience, by=by),
        body=body,
        fingerprint=print_of_body,
        created_at=at,
    )
    ResponseRevision.objects.create(response=response, number=1, body=body, written_at=at)
    audit.record(by=by, verb="response.written", target=response, at=at, experience=experience.pk)
    _tell_enrolment(response, at=at)
    return response


@transaction.atomic
def edit_response(*, response: Response, body: str, by: User, at: datetime) -> Response:
    """Change one's own response; the earlier wording stays in its history."""
    response = _locked(response)
    by.forget_roles()
    if not may_edit_response(by, response):
        raise PermissionDenied(_("Only its author changes a response."))
    if response.hidden_at:
        raise Conflict(_("A moderator has hidden this response; it cannot be changed."))
    body = _clean_body(body)
    if body == response.body:
        return response
    print_of_body = fingerprint(body)
    others = Response.objects.filter(experience=response.experience_id, author=by)
    if others.filter(fingerprint=print_of_body).exclude(pk=response.pk).exists():
        raise Conflict(_("You have already sent this text to this experience."))

    response.body, response.fingerprint, response.edited_at = body, print_of_body, at
    response.save(update_fields=["body", "fingerprint", "edited_at"])
    number = response.revisions.count() + 1
    ResponseRevision.objects.create(response=response, number=number, body=body, written_at=at)
    audit.record(by=by, verb="response.edited", target=response, at=at, revision=number)
    _tell_enrolment(response, at=at)
    return response


@transaction.atomic
def hide_response(*, response: Response, reason: str, by: User, at: datetime) -> Response:
    """Hide a response from the cohort; its author and the moderators still read it."""
    response = _locked(response)
    _require_moderator(response, by=by)
    if response.hidden_at:
        raise Conflict(_("This response is hidden already."))
    response.hidden_reason = clean_reason(reason, longest=REASON_MAX)
    response.hidden_at, response.hidden_by = at, by
    response.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    audit.record(
        by=by, verb="response.hidden", target=response, at=at, reason=response.hidden_reason
    )
    _tell_enrolment(response, at=at)
    return response


@transaction.atomic
def show_response(*, response: Response, by: User, at: datetime) -> Response:
    """Undo `hide_response`; the audit trail keeps both."""
    response = _locked(response)
    _require_moderator(response, by=by)
    if not response.hidden_at:
        raise Conflict(_("This response is not hidden."))
    response.hidden_at, response.hidden_by, response.hidden_reason = None, None, ""
    response.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    audit.record(by=by, verb="response.shown", target=response, at=at)
    _tell_enrolment(response, at=at)
    return response


def _locked(response: Response) -> Response:
    # The experience first, as in respond_to_experience: one order for all locks.
    experience = locked(response.experience)
    response = Response.objects.select_for_update().get(pk=response.pk)
    response.experience = experience
    return response


def _require_moderator(response: Response, *, by: User) -> None:
    by.forget_roles()
    if not may_hide_response(by, response):
        own = response.author_id == by.pk
        raise PermissionDenied(
            _("Another moderator decides about your own response.") if own else None
        )


def _clean_body(value: object) -> str:
    body = clean_text(value, field="body", max_bytes=BODY_MAX_BYTES).strip()
    require_words(body, at_least=1, field="body")
    return body


def _require_pace(experience: CityExperience, *, by: User, at: datetime) -> None:
    limit = policy_of(experience.edition_id).max_responses_an_hour
    recent = Response.objects.filter(
        author=by,
        experience__edition=experience.edition_id,
        created_at__gt=at - timedelta(hours=1),
    )
    if recent.count() >= limit:
        raise TooMany


def _city_spoken_for(experience: CityExperience, *, by: User) -> int | None:
    """The experience's own city where the person belongs to it (so that it never
    counts as a response to a peer), else the city they represent; staff have none."""
    standing = standing_of(by)
    cities = standing.team_cities(experience.edition_id)
    if experience.city_id in cities:
        return experience.city_id
    enrolment = standing.enrolments.get(experience.edition_id)
    return enrolment.city_id if enrolment else min(cities, default=None)


def _tell_enrolment(response: Response, *, at: datetime) -> None:
    enrolment_ids = list(
        Enrolment.objects.filter(
            edition=response.experience.edition_id, user=response.author_id
        ).values_list("pk", flat=True)
    )
    if enrolment_ids:
        sharing_changed.send(sender=Response, enrolment_ids=enrolment_ids, at=at)
