"""Responding to a city's experience and to each other; every wording is kept."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext_lazy as _

from lms.accounts.models import User
from lms.core import audit, outbox
from lms.core.errors import Conflict, InvalidInput, PermissionDenied
from lms.core.permissions import require_perm
from lms.core.text import clean_text, require_words
from lms.programme.models import Enrolment
from lms.programme.selectors import standing_of
from peer_exchange import tasks
from peer_exchange.actions.drafts import locked
from peer_exchange.actions.pace import require_pace
from peer_exchange.enums import Part, ResponseKind
from peer_exchange.floods import refuse_floods
from peer_exchange.models import CityExperience, Mention, Response, ResponseRevision
from peer_exchange.normal_text import fingerprint
from peer_exchange.rules import may_answer, may_edit_response, may_read
from peer_exchange.selectors import policy_of
from peer_exchange.selectors.blocking import blockers_of
from peer_exchange.selectors.people import mentioned_in
from peer_exchange.signals import sharing_changed

BODY_MAX_BYTES = 60_000
# More wordings nobody reads, and each can call other people by name.
MOST_WORDINGS = 50
CHANGES_AN_HOUR = 20


@transaction.atomic
def respond_to_experience(
    *,
    experience: CityExperience,
    body: str,
    parent_id: int | None = None,
    part: str = "",
    kind: str = ResponseKind.RESPONSE,
    answers: bool = False,
    by: User,
    at: datetime,
) -> Response:
    """Respond to a published experience of one's edition, to a `part` of it, or to the
    response `parent_id` of the same experience. `answers`: the reply answers the question
    at the head of its thread (the city's team alone may say so).

    The same words sent again to the same place are the same response: a retry returns it.
    Raises Conflict when the experience is not published or the parent is hidden, TooMany,
    InvalidInput, TooLarge.
    """
    experience = locked(experience)
    require_perm(by, "peer_exchange.respond_to_experience", experience)
    _require_out(experience, by=by, at=at)
    parent = _parent(experience, parent_id, by=by)
    _require_kind(experience, kind, part, parent, by=by)
    body = clean_body(body)
    print_of_body = fingerprint(body)
    said = Response.objects.filter(experience=experience, author=by, fingerprint=print_of_body)
    if said.filter(hidden_at__isnull=False).exists():
        raise Conflict(_("A moderator has hidden this text."))
    before = said.filter(parent=parent).first()
    if before:
        return before
    _require_pace(experience, by=by, at=at)
    called = mentioned_in(body, edition_id=experience.edition_id, by=by)

    head = (parent.thread or parent) if parent else None
    response = Response.objects.create(
        experience=experience,
        author=by,
        city_id=_city_spoken_for(experience, by=by),
        parent=parent,
        thread=head,
        position=_next_position(head),
        part=head.part if head else part,
        kind=kind,
        body=body,
        fingerprint=print_of_body,
        created_at=at,
    )
    if head:
        Response.objects.filter(pk=head.pk).update(reply_count=F("reply_count") + 1)
    Mention.objects.bulk_create([Mention(response=response, user=user) for user in called])
    ResponseRevision.objects.create(response=response, number=1, body=body, written_at=at)
    audit.record(
        by=by,
        verb="response.written",
        target=response,
        at=at,
        experience=experience.pk,
        parent=parent.pk if parent else None,
        mentions=[user.pk for user in called],
    )
    tell_enrolment(response, at=at)
    # One row, however many follow: who is told is found out later (actions.spreading).
    outbox.enqueue(tasks.spread_response, response_id=response.pk)
    if answers and head:
        from peer_exchange.actions.questions import answer_question

        answer_question(question=head, answer_id=response.pk, by=by, at=at)
    return response


@transaction.atomic
def edit_response(*, response: Response, body: str, by: User, at: datetime) -> Response:
    """Change one's own response; the earlier wording stays in its history. Whoever is
    called by name for the first time is told."""
    response = locked_response(response)
    by.forget_roles()
    if not may_edit_response(by, response):
        raise PermissionDenied(_("Only its author changes a response."))
    if response.hidden_at:
        raise Conflict(_("A moderator has hidden this response; it cannot be changed."))
    _require_out(response.experience, by=by, at=at)
    body = clean_body(body)
    if body == response.body:
        return response
    print_of_body = fingerprint(body)
    others = Response.objects.filter(
        experience=response.experience_id, parent=response.parent_id, author=by
    )
    if others.filter(fingerprint=print_of_body).exclude(pk=response.pk).exists():
        raise Conflict(_("You have already sent this text to this experience."))
    number = response.revisions.count() + 1
    _require_change(number, by=by, at=at)
    called = mentioned_in(body, edition_id=response.experience.edition_id, by=by)

    response.body, response.fingerprint, response.edited_at = body, print_of_body, at
    response.save(update_fields=["body", "fingerprint", "edited_at"])
    ResponseRevision.objects.create(response=response, number=number, body=body, written_at=at)
    response.mentions.exclude(user__in=called).delete()
    Mention.objects.bulk_create(
        [Mention(response=response, user=user) for user in called], ignore_conflicts=True
    )
    audit.record(by=by, verb="response.edited", target=response, at=at, revision=number)
    tell_enrolment(response, at=at)
    if called:
        outbox.enqueue(tasks.spread_response, response_id=response.pk)
    return response


def locked_response(response: Response) -> Response:
    """The row as it is now. The experience first, as in respond_to_experience: one order
    for all locks."""
    experience = locked(response.experience)
    response = Response.objects.select_for_update().get(pk=response.pk)
    response.experience = experience
    return response


def clean_body(value: object) -> str:
    body = clean_text(value, field="body", max_bytes=BODY_MAX_BYTES).strip()
    require_words(body, at_least=1, field="body")
    refuse_floods(body, field="body")
    return body


def tell_enrolment(response: Response, *, at: datetime) -> None:
    enrolment_ids = list(
        Enrolment.objects.filter(
            edition=response.experience.edition_id, user=response.author_id
        ).values_list("pk", flat=True)
    )
    if enrolment_ids:
        sharing_changed.send(sender=Response, enrolment_ids=enrolment_ids, at=at)


def _require_out(experience: CityExperience, *, by: User, at: datetime) -> None:
    if not experience.is_out(at):
        raise Conflict(_("Only a published experience can be responded to."))
    if not may_read(by, experience):
        raise PermissionDenied


def _parent(experience: CityExperience, parent_id: int | None, *, by: User) -> Response | None:
    """The response that is answered, of this experience and none other."""
    if parent_id is None:
        return None
    parent = (
        Response.objects.visible_to(by)
        .filter(pk=parent_id, experience=experience)
        .select_related("thread")
        .first()
    )
    if parent is None:
        raise InvalidInput(errors={"parent": [_("There is no such response here.")]})
    if parent.hidden_at or (parent.thread and parent.thread.hidden_at):
        raise Conflict(_("A moderator has hidden this; it cannot be answered."))
    if blockers_of(by, [parent.author_id]):
        raise PermissionDenied(_("This person does not take answers from you."))
    return parent


def _require_kind(
    experience: CityExperience, kind: str, part: str, parent: Response | None, *, by: User
) -> None:
    if kind not in ResponseKind.values:
        raise InvalidInput(errors={"kind": [_("Choose what kind of response this is.")]})
    if parent and (kind != ResponseKind.RESPONSE or part):
        raise InvalidInput(errors={"kind": [_("An answer to a response is just that.")]})
    if part and (part not in Part.values or not experience.parts.get(part)):
        raise InvalidInput(errors={"part": [_("The text has no such part.")]})
    if kind != ResponseKind.RESPONSE and may_answer(by, experience) and not by.is_superuser:
        raise InvalidInput(
            errors={"kind": [_("This is your own city’s experience: write a response.")]}
        )


def _next_position(head: Response | None) -> int:
    if head is None:
        return 0
    last = Response.objects.filter(thread=head).aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


def _require_pace(experience: CityExperience, *, by: User, at: datetime) -> None:
    limit = policy_of(experience.edition_id).max_responses_an_hour
    written = Response.objects.filter(author=by, experience__edition=experience.edition_id)
    require_pace(written, "created_at", most=limit, by=by, at=at)


def _require_change(number: int, *, by: User, at: datetime) -> None:
    if number > MOST_WORDINGS:
        raise Conflict(_("You have changed this response very often. Write another one."))
    changed = ResponseRevision.objects.filter(response__author=by, number__gt=1)
    sentence = _("You have changed many responses within an hour. Continue a little later.")
    require_pace(changed, "written_at", most=CHANGES_AN_HOUR, by=by, at=at, sentence=sentence)


def _city_spoken_for(experience: CityExperience, *, by: User) -> int | None:
    """The experience's own city where the person belongs to it (so that it never
    counts as a response to a peer), else the city they represent; staff have none."""
    standing = standing_of(by)
    cities = standing.team_cities(experience.edition_id)
    if experience.city_id in cities:
        return experience.city_id
    enrolment = standing.enrolments.get(experience.edition_id)
    return enrolment.city_id if enrolment else min(cities, default=None)
