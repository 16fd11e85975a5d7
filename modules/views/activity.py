"""The reading page, and what a participant does on it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.typed import sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import DomainError, InvalidInput, StaleVersion, TooLarge
from modules.actions import (
    NotCompleteYet,
    answer_questions,
    complete_activity,
    save_written_answer,
)
from modules.enums import CompletionRule
from modules.models.content import ActivityContent
from modules.selectors import ActivityOutline, LessonOutline, OwnWork, content_for, own_work
from modules.selectors.h5p import load_player
from modules.views.frame import PLAYER, PLAYER_CODE, PLAYER_LOAD, TEMPLATE, in_frame
from modules.views.pieces import answers_in, context_of, kept_pieces, render_pieces, version_in
from modules.views.readers import Reader, own_activity_or_404, place_or_404, reader_of

# Refusals of a written answer after which its form is shown again, with the words in it.
KEEPS_THE_TEXT = (StaleVersion, InvalidInput, TooLarge)


@require_safe
@sign_in_required
def activity(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> HttpResponse:
    reader = reader_of(request, edition_slug)
    lesson, place = place_or_404(reader, lesson_slug, activity_slug)
    typed = typed_before_sign_in(request) if reader.enrolment else None
    if typed:
        return _page(request, reader, lesson, place, typed=typed)
    content, work = _content_and_work(reader, place)
    body = kept_pieces(reader, lesson, place, content, work).around(content)
    body = _with_player(request, reader, content, body)
    return in_frame(request, reader.user, reader.framed_in, title=content.title, body=body)


@require_POST
@sign_in_required
def answer(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> HttpResponse:
    reader, enrolment, page = own_activity_or_404(request, edition_slug, lesson_slug, activity_slug)
    try:
        answer_questions(
            enrolment=enrolment,
            activity=page,
            answers=answers_in(request.POST),
            by=reader.user,
            at=clock.now(),
        )
    except InvalidInput as error:
        if request.htmx:  # type: ignore[attr-defined]
            raise
        return page_again(
            request, reader, lesson_slug, activity_slug, typed=request.POST, error=error
        )
    return _after(request, reader, lesson_slug, activity_slug, anchor="questions")


@require_POST
@sign_in_required
def done(
    request: HttpRequest, edition_slug: str, lesson_slug: str, activity_slug: str
) -> HttpResponse:
    """Mark as done; a text sent along is saved first, so that the button loses nothing."""
    reader, enrolment, page = own_activity_or_404(request, edition_slug, lesson_slug, activity_slug)
    at = clock.now()
    if page.rule == CompletionRule.WRITTEN and "text" in request.POST:
        try:
            save_written_answer(
                enrolment=enrolment,
                activity=page,
                text=request.POST["text"],
                base_version=version_in(request.POST),
                by=reader.user,
                at=at,
            )
        except KEEPS_THE_TEXT as error:
            return page_again(
                request, reader, lesson_slug, activity_slug, typed=request.POST, error=error
            )
    try:
        complete_activity(enrolment=enrolment, activity=page, by=reader.user, at=at)
    except NotCompleteYet as error:
        if request.htmx:  # type: ignore[attr-defined]
            raise
        return page_again(request, reader, lesson_slug, activity_slug, error=error)
    return _after(request, reader, lesson_slug, activity_slug, anchor="done")


def _after(
    request: HttpRequest, reader: Reader, lesson_slug: str, activity_slug: str, anchor: str
) -> HttpResponse:
    """The changed part for htmx, the page again for everybody else."""
    lesson, place = place_or_404(reader, lesson_slug, activity_slug)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{place.url}#{anchor}")
    context = context_of(reader, lesson, place, *_content_and_work(reader, place))
    return render(request, "modules/_work.html", context | {"is_update": True})


def page_again(
    request: HttpRequest,
    reader: Reader,
    lesson_slug: str,
    activity_slug: str,
    *,
    typed: QueryDict | None = None,
    error: DomainError,
) -> HttpResponse:
    """The page with the refusal, and with the words that were refused in the form."""
    lesson, place = place_or_404(reader, lesson_slug, activity_slug)
    return _page(request, reader, lesson, place, typed=typed, error=error)


def _page(
    request: HttpRequest,
    reader: Reader,
    lesson: LessonOutline,
    place: ActivityOutline,
    *,
    typed: QueryDict | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """The page with something that is not stored in it: typed words, a refusal."""
    content, work = _content_and_work(reader, place)
    context: dict[str, Any] = context_of(reader, lesson, place, content, work, typed)
    if isinstance(error, StaleVersion):
        # The newer text stands beside the form: who saves now has seen it.
        context |= {"version": error.extra["version"], "stored": error.extra["stored"]}
    pieces = render_pieces(context | {"error": error, "csrf_token": get_token(request)})
    body = _with_player(request, reader, content, pieces.around(content))
    shown = {"title": content.title, "body": body, "is_railed": True}
    return render(request, TEMPLATE, shown, status=error.status if error else None)


def _with_player(
    request: HttpRequest, reader: Reader, content: ActivityContent, body: SafeString
) -> SafeString:
    """The body with the address of this reader's player, and what is of this load of it."""
    if content.interactive is None:
        return body
    parent = f"{request.scheme}://{request.get_host()}"
    version_id = content.interactive.version_id
    load = load_player(reader.user, version_id, content.id, parent, clock.now(), brings=True)
    # Fetched as the page's own, beside the document of the frame instead of after it.
    links = format_html_join(
        "", '<link rel="preload" as="fetch" crossorigin href="{}">', ((url,) for url in load.code)
    )
    # Letters, digits and signs that need no escaping; in the name may be anything.
    addressed = body.replace(PLAYER, load.address).replace(PLAYER_CODE, links)
    return SafeString(addressed.replace(PLAYER_LOAD, escape(load.name)))


def _content_and_work(
    reader: Reader, place: ActivityOutline
) -> tuple[ActivityContent, OwnWork | None]:
    content = content_for(reader.course, place.id)
    if content is None:
        raise Http404
    if reader.enrolment is None:
        return content, None
    return content, own_work(reader.enrolment, place.id, content.requirement.plays)
