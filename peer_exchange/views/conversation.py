"""The conversation on an experience: its pages, threads, answers, history."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import PermissionDenied
from lms.core.forms import act_on
from lms.programme.selectors import standing_of
from peer_exchange.actions import answer_question, reopen_question, respond_to_experience
from peer_exchange.addresses import address_of, place_of
from peer_exchange.conversation_forms import ReplyForm, RespondForm
from peer_exchange.enums import Part, ResponseKind
from peer_exchange.models import CityExperience, Response
from peer_exchange.rules import may_answer
from peer_exchange.selectors import policy_of, sharing_of
from peer_exchange.selectors.people import suggestions
from peer_exchange.selectors.threads import (
    REPLIES_A_PAGE,
    conversation_abilities,
    conversation_on,
    follows_city,
    follows_experience,
    open_questions_of,
    thread_of,
)
from peer_exchange.views.places import (
    edition_or_404,
    experience_or_404,
    key_in,
    own_cities_in,
    response_or_404,
)

QUESTIONS_A_PAGE = 30


def conversation_section(
    request: SignedInRequest,
    experience: CityExperience,
    abilities: dict[str, bool],
    *,
    form: RespondForm | None = None,
    typed: Any = None,
) -> dict[str, Any]:
    """What `_responses.html` shows: a page of the conversation, the form, what counts."""
    user = request.user
    enrolment = standing_of(user).enrolments.get(experience.edition_id)
    sharing = sharing_of(enrolment) if enrolment else None
    min_words = sharing.min_words if sharing else policy_of(experience.edition_id).min_words
    part, kind = request.GET.get("part", ""), request.GET.get("kind", "")
    talk = conversation_on(
        experience,
        user,
        before=key_in(request.GET, "before"),
        part=part,
        kind=kind,
        verdicts=sharing.verdicts if sharing else None,
    )
    is_own_city = may_answer(user, experience) and not user.is_superuser
    has_responded = Response.objects.filter(experience=experience, author=user).exists()
    written_in = {name for name, text in experience.parts.items() if text}
    return {
        "edition": experience.edition,
        "experience": experience,
        "abilities": abilities,
        "talk": talk,
        "talk_part": part if part in Part.values else "",
        "talk_kind": kind,
        "talk_parts": [
            {"value": name.value, "label": name.label, "count": talk.by_part[name]}
            for name in Part
            if talk.by_part.get(name)
        ],
        "is_narrowed_talk": bool(part or kind or request.GET.get("before")),
        # Once somebody has answered, the empty form steps back; one with words in it, or
        # asked for from a part of the text, does not.
        "has_responded": has_responded and not form and not typed and not part,
        "sharing": sharing,
        "is_own_city": is_own_city,
        "follows_experience": follows_experience(user, experience),
        "follows_city": follows_city(user, experience.city_id),
        "min_words": min_words,
        "response_form": form
        or respond_form(
            experience,
            min_words,
            is_own_city=is_own_city,
            initial=typed.dict() if typed else {"part": part if part in written_in else ""},
        ),
    }


def respond_form(
    experience: CityExperience,
    min_words: int,
    data: Any = None,
    *,
    is_own_city: bool,
    initial: dict[str, Any] | None = None,
) -> RespondForm:
    return RespondForm(
        data,
        goal=min_words,
        parts=[name for name, text in experience.parts.items() if text],
        suggest=address_of(experience, "suggest"),
        is_own_city=is_own_city,
        initial=initial,
    )


@require_safe
@sign_in_required
def thread(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """All of one thread; `to`: on the page where this reply stands."""
    head = response_or_404(request, edition_slug, pk)
    if head.thread_id:
        return redirect(place_of(head))
    return _thread_page(request, head, _after(request, head))


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def reply(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Answer a response: the address that mails lead to."""
    parent = response_or_404(request, edition_slug, pk)
    if not conversation_abilities(request.user, parent)["reply"]:
        raise PermissionDenied(_("This response cannot be answered."))
    head = parent.thread or parent
    posted = request.method == "POST"
    typed = request.POST if posted else typed_before_sign_in(request)
    form = _reply_form(request, parent, typed)
    status = 200
    if posted:
        outcome = act_on(
            form, respond_to_experience, experience=parent.experience, parent_id=parent.pk,
            by=request.user, at=clock.now(),
        )  # fmt: skip
        if outcome.is_done:
            messages.success(request, _("Your answer is published."))
            return redirect(place_of(outcome.result))
        status = outcome.status
    return render(
        request,
        "peer_exchange/reply.html",
        {
            "edition": parent.experience.edition,
            "experience": parent.experience,
            "head": head,
            "parent": parent,
            "names": [mention.user.name for mention in parent.mentions.all()],
            "form": form,
        },
        status=status,
    )


@require_POST
@sign_in_required
def answer(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Say that this reply answers the question at the head of its thread."""
    chosen = response_or_404(request, edition_slug, pk)
    if chosen.thread is None:
        raise Http404
    answer_question(question=chosen.thread, answer_id=chosen.pk, by=request.user, at=clock.now())
    messages.success(request, _("Marked as the answer. Whoever asked is told."))
    return redirect(place_of(chosen))


@require_POST
@sign_in_required
def reopen(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    question = response_or_404(request, edition_slug, pk)
    reopen_question(question=question, by=request.user, at=clock.now())
    messages.success(request, _("The question is open again."))
    return redirect(place_of(question))


@require_safe
@sign_in_required
def questions(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What other cities ask one's own and nobody has answered yet."""
    edition = edition_or_404(request, edition_slug)
    cities = own_cities_in(request, edition)
    after = key_in(request.GET, "after")
    waiting = list(
        open_questions_of(edition.pk, cities).filter(pk__gt=after)[: QUESTIONS_A_PAGE + 1]
    )
    page = waiting[:QUESTIONS_A_PAGE]
    return render(
        request,
        "peer_exchange/questions.html",
        {
            "edition": edition,
            "questions": page,
            "next_after": page[-1].pk if len(waiting) > QUESTIONS_A_PAGE else None,
        },
    )


@require_safe
@sign_in_required
def suggest(request: SignedInRequest, edition_slug: str, pk: int) -> JsonResponse:
    """People whose names go on as begun after an @."""
    experience = experience_or_404(request, edition_slug, pk)
    if not request.user.has_perm("peer_exchange.respond_to_experience", experience):
        raise PermissionDenied
    begun = request.GET.get("q", "")[:80]
    found = suggestions(experience.edition_id, request.user, begun)
    return JsonResponse(
        {"people": [{"name": p.name, "city": p.city, "insert": p.insert} for p in found]}
    )


def _thread_page(request: SignedInRequest, head: Response, after: int) -> HttpResponse:
    enrolment = standing_of(request.user).enrolments.get(head.experience.edition_id)
    sharing = sharing_of(enrolment) if enrolment else None
    place, next_after = thread_of(
        head, request.user, after=after, verdicts=sharing.verdicts if sharing else None
    )
    return render(
        request,
        "peer_exchange/thread.html",
        {
            "edition": head.experience.edition,
            "experience": head.experience,
            "place": place,
            "after": after,
            "earlier": max(0, after - REPLIES_A_PAGE) if after else None,
            "next_after": next_after,
            "form": _reply_form(request, head) if place.abilities.get("reply") else None,
        },
    )


def _after(request: SignedInRequest, head: Response) -> int:
    if wanted := key_in(request.GET, "to"):
        position = (
            Response.objects.filter(pk=wanted, thread=head)
            .values_list("position", flat=True)
            .first()
        )
        if position and position > REPLIES_A_PAGE:
            return position - REPLIES_A_PAGE // 2
        return 0
    return key_in(request.GET, "after")


def _reply_form(request: SignedInRequest, parent: Response, data: Any = None) -> ReplyForm:
    head = parent.thread or parent
    waits = head.kind == ResponseKind.QUESTION and head.is_open_question
    return ReplyForm(
        data,
        goal=policy_of(parent.experience.edition_id).min_words,
        suggest=address_of(parent.experience, "suggest"),
        may_answer=waits and may_answer(request.user, parent.experience),
    )
