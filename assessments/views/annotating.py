"""Comments at places in a project, written on the desk: by forms, or by its script."""

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from assessments.actions.annotating import (
    annotate,
    change_annotation,
    delete_annotation,
    restore_annotation,
)
from assessments.forms import base_version_in
from assessments.models import Annotation, Submission
from assessments.selectors.desk import desk_of
from assessments.selectors.marking import attempt_in_hand, own_assessment_of
from assessments.views.annotations_beside import annotations_context
from assessments.views.mark_fields import receipt_in
from assessments.views.marking import submission_to_mark
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.autosave import require_same_person
from lms.core.errors import InvalidInput, PermissionDenied
from lms.core.permissions import may_in_person

MOVES: dict[str, tuple[Any, Any]] = {
    "change": (change_annotation, gettext_lazy("The comment is changed.")),
    "delete": (delete_annotation, gettext_lazy("The comment is deleted. You can put it back.")),
    "restore": (restore_annotation, gettext_lazy("The comment is back.")),
}


@require_POST
@sign_in_required
def write(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """A new comment. A form without a script names a section or a file, and comments on
    the whole of it."""
    require_same_person(request)
    submission = submission_to_mark(request.user, edition_slug, pk)
    attempt = attempt_in_hand(submission)
    assessment = own_assessment_of(attempt, request.user) if attempt else None
    if assessment is None:
        _refuse(request, submission)
    assert assessment is not None
    section, file = _place_in(request)
    written = annotate(
        assessment=assessment,
        receipt=receipt_in(request.POST),
        key=request.POST.get("key") or get_random_string(32),
        section=section,
        file=file,
        anchor=_anchor_in(request, is_file=bool(file)),
        text=request.POST.get("text", ""),
        by=request.user,
        at=clock.now(),
    )
    return _answer(request, submission, written, _("The comment is there."))


@require_POST
@sign_in_required
def move(
    request: SignedInRequest, edition_slug: str, pk: int, annotation: int, move: str
) -> HttpResponse:
    """Change, delete or put back one's own comment."""
    require_same_person(request)
    submission = submission_to_mark(request.user, edition_slug, pk)
    if move not in MOVES:
        raise Http404
    own = Annotation.objects.visible_to(request.user).filter(
        assessment__submission=submission, assessment__marker=request.user
    )
    found = own.select_related("assessment").filter(pk=annotation).first()
    if found is None:
        _refuse(request, submission)
    assert found is not None
    action, said = MOVES[move]
    changes: dict[str, Any] = {"text": request.POST.get("text", "")} if move == "change" else {}
    changed = action(
        annotation=found,
        receipt=receipt_in(request.POST),
        base_version=base_version_in(request.POST),
        by=request.user,
        at=clock.now(),
        **changes,
    )
    return _answer(request, submission, changed, str(said))


def _refuse(request: SignedInRequest, submission: Submission) -> None:
    """Who reads the project without marking it is told so; it is not there for others."""
    if may_in_person(request.user, "assessments.mark_in_edition", submission):
        raise Http404
    raise PermissionDenied


def _place_in(request: SignedInRequest) -> tuple[str, str]:
    """(section key, file id). A form without a script has one list of both."""
    place = request.POST.get("place", "")
    kind, _colon, name = place.partition(":")
    if kind == "file":
        return "", name
    if kind == "section":
        return name, ""
    return request.POST.get("section", ""), request.POST.get("file", "")


def _anchor_in(request: SignedInRequest, *, is_file: bool) -> Any:
    sent = request.POST.get("anchor")
    if not sent:
        return {"kind": "file" if is_file else "section"}
    try:
        return json.loads(sent)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(errors={"anchor": [_("This is not JSON.")]}) from error


def _answer(
    request: SignedInRequest, submission: Submission, annotation: Annotation, said: str
) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "fetch":
        desk = desk_of(submission, request.user)
        context = annotations_context(desk, request.user)
        page = {"desk": desk, "submission": submission, "edition": submission.edition, **context}
        return JsonResponse(
            {
                "id": annotation.pk,
                "version": annotation.version,
                "said": said,
                "stamp": context["stamp"],
                "list": render_to_string("assessments/_annotations.html", page, request),
            }
        )
    messages.success(request, said)
    response = redirect("assessments:desk", submission.edition.slug, submission.pk)
    response["Location"] += "#annotations"
    return response
