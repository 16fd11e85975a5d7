"""The bank of comments: its page, and what the desk asks of it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.snippets import (
    change_snippet,
    delete_snippet,
    keep_snippet,
    restore_snippet,
    use_snippet,
)
from assessments.forms import base_version_in
from assessments.models import Snippet
from assessments.selectors.snippets import bank_of, bank_rows, criteria_choices, deleted_of
from assessments.snippet_forms import SnippetForm
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import require_same_person
from lms.core.csv_files import csv_file
from lms.core.errors import InvalidInput, TooLarge
from lms.core.forms import show_errors
from lms.core.permissions import may_in_person
from lms.programme.models import Edition

COMMENTS_A_PAGE = 30
MOVES: dict[str, tuple[Any, Any]] = {
    "change": (change_snippet, gettext_lazy("The comment is changed.")),
    "delete": (delete_snippet, gettext_lazy("The comment is deleted. You can put it back.")),
    "restore": (restore_snippet, gettext_lazy("The comment is back.")),
    "use": (use_snippet, gettext_lazy("Noted.")),
}


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def bank(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """The comments one keeps, and those colleagues share; POST keeps another."""
    edition = _edition(request.user, edition_slug)
    require_same_person(request)
    if request.method != "POST":
        return _page(request, edition, typed_before_sign_in(request))
    form = SnippetForm(request.POST, criteria=criteria_choices(edition))
    if form.is_valid():
        try:
            kept = keep_snippet(edition=edition, by=request.user, at=clock.now(), **form.values)
        except (InvalidInput, TooLarge) as error:
            show_errors(form, error)
        else:
            return _answer(request, edition, _("The comment is kept."), kept)
    return _page(request, edition, form=form, status=422)


@require_safe
@sign_in_required
def rows(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """What the desk searches as one types."""
    edition = _edition(request.user, edition_slug)
    return JsonResponse({"snippets": bank_rows(edition, request.user)})


@require_safe
@sign_in_required
def export(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """One line a comment (CSV)."""
    edition = _edition(request.user, edition_slug)
    titles = dict(criteria_choices(edition))
    heading = [_("Comment"), _("Criterion"), _("Kept by"), _("Shared"), _("Times used")]
    lines = [
        [
            snippet.text,
            titles.get(snippet.criterion, snippet.criterion),
            str(snippet.owner),
            _("yes") if snippet.is_shared else _("no"),
            snippet.uses,
        ]
        for snippet in bank_of(edition, request.user)
    ]
    return csv_file(f"comments-{edition.slug}", [heading, *lines])


@require_POST
@sign_in_required
def move(request: SignedInRequest, edition_slug: str, pk: int, move: str) -> HttpResponse:
    """Change, share, delete, put back; or count a use."""
    edition = _edition(request.user, edition_slug)
    if move not in MOVES:
        raise Http404
    visible = Snippet.objects.visible_to(request.user).filter(edition=edition)
    snippet = get_object_or_404(visible.select_related("edition"), pk=pk)
    action, said = MOVES[move]
    fields: dict[str, Any] = {}
    if move != "use":
        fields["base_version"] = base_version_in(request.POST)
    if move == "change":
        form = SnippetForm(request.POST, criteria=criteria_choices(edition))
        if not form.is_valid():
            return _page(request, edition, changing=(pk, form), status=422)
        fields |= form.values
    changed = action(snippet=snippet, by=request.user, at=clock.now(), **fields)
    return _answer(request, edition, said, changed)


def _answer(
    request: SignedInRequest, edition: Edition, said: str, snippet: Snippet
) -> HttpResponse:
    if request.headers.get("X-Requested-With") == "fetch":
        return JsonResponse(
            {"said": str(said), "id": snippet.pk, "snippets": bank_rows(edition, request.user)}
        )
    messages.success(request, said)
    return redirect("assessments:comment_bank", edition.slug)


def _page(
    request: SignedInRequest,
    edition: Edition,
    typed: Any = None,
    *,
    form: SnippetForm | None = None,
    changing: tuple[int, SnippetForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    criteria = criteria_choices(edition)
    words = request.GET.get("q", "").strip()
    found = bank_of(edition, request.user)
    if words:
        found = found.filter(text__icontains=words)
    titles = dict(criteria)
    page = Paginator(found, COMMENTS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    if changing and changing[0] not in [snippet.pk for snippet in shown]:
        # What was typed stands on the page, wherever its comment is listed.
        shown = [*bank_of(edition, request.user).filter(pk=changing[0]), *shown]
    listed = [
        {
            "snippet": snippet,
            "criterion": titles.get(snippet.criterion, snippet.criterion),
            "is_own": snippet.owner_id == request.user.pk,
            "form": changing[1]
            if changing and changing[0] == snippet.pk
            else SnippetForm(of=snippet, criteria=criteria),
            "is_open": bool(changing and changing[0] == snippet.pk),
        }
        for snippet in shown
    ]
    context = {
        "page_obj": page,
        "edition": edition,
        "form": form or SnippetForm(typed, criteria=criteria),
        "rows": listed,
        "deleted": deleted_of(edition, request.user)[:20],
        "words": words,
        "may_keep": may_in_person(request.user, "assessments.mark_in_edition", edition),
    }
    return render(request, "assessments/comment_bank.html", context, status=status)


def _edition(user: User, slug: str) -> Edition:
    edition = edition_of(user, slug)
    if not may_in_person(user, "assessments.mark_in_edition", edition):
        raise Http404
    return edition
