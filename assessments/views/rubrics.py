"""The rubrics of an edition: the list, beginning one, naming, choosing, deleting."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.rubrics import (
    begin_rubric,
    bring_back_rubric,
    choose_rubric,
    delete_rubric,
    rename_rubric,
)
from assessments.models import Rubric
from assessments.rubric_forms import BeginRubricForm, RubricTitleForm
from assessments.selectors.project import project_of
from assessments.selectors.rubrics import rubrics_of
from assessments.views.places import edition_of
from lms.accounts.models import User
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import Conflict, DomainError, InvalidInput
from lms.core.forms import show_errors
from lms.programme.models import Edition


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def show_rubrics(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """All rubrics of the edition; POST begins another one."""
    edition = edition_with_rubrics(request.user, edition_slug)
    kept = typed_before_sign_in(request) if request.method != "POST" else None
    form = BeginRubricForm(
        request.POST or None, initial=kept and kept.dict(), copies=_copies(request.user)
    )
    if request.method == "POST" and form.is_valid():
        try:
            rubric = begin_rubric(
                edition=edition,
                title=form.cleaned_data["title"],
                copy_of=form.cleaned_data["copy_of"],
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            return redirect("assessments:rubric", edition_slug=edition.slug, pk=rubric.pk)
    return _list_page(request, edition, form=form)


def _list_page(
    request: SignedInRequest,
    edition: Edition,
    *,
    form: BeginRubricForm | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    rubrics = list(rubrics_of(edition, with_deleted=True))
    project = project_of(edition)
    context: dict[str, Any] = {
        "edition": edition,
        "rubrics": [rubric for rubric in rubrics if rubric.deleted_at is None],
        "deleted": [rubric for rubric in rubrics if rubric.deleted_at is not None],
        "form": form or BeginRubricForm(copies=_copies(request.user)),
        "project": project,
        "may_choose": project is not None
        and request.user.has_perm("assessments.choose_rubric", edition),
        "may_set_up": request.user.has_perm("assessments.make_project", edition),
        "error": error,
    }
    status = error.status if error else 422 if form is not None and form.errors else 200
    return render(request, "assessments/rubrics.html", context, status=status)


def _copies(user: User) -> QuerySet[Rubric]:
    """What a new rubric may begin with."""
    return Rubric.objects.visible_to(user).kept().select_related("edition")


@require_POST
@sign_in_required
def rename(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    rubric = rubric_to_write(request.user, edition_slug, pk)
    form = RubricTitleForm(request.POST)
    title = form.cleaned_data["title"] if form.is_valid() else request.POST.get("title", "")
    rename_rubric(rubric=rubric, title=title, by=request.user, at=clock.now())
    messages.success(request, _("The rubric has its new title."))
    return redirect("assessments:rubric", edition_slug=edition_slug, pk=pk)


@require_POST
@sign_in_required
def choose(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Mark the edition's projects on this rubric."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    project = project_of(rubric.edition)
    if project is None:
        raise Http404
    try:
        choose_rubric(project=project, rubric=rubric, by=request.user, at=clock.now())
    except (Conflict, InvalidInput) as error:
        return _list_page(request, rubric.edition, error=error)
    messages.success(
        request, _("Projects are marked on “%(title)s” now.") % {"title": rubric.title}
    )
    return redirect("assessments:rubrics", edition_slug=edition_slug)


@require_POST
@sign_in_required
def delete(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    rubric = rubric_to_write(request.user, edition_slug, pk)
    try:
        delete_rubric(rubric=rubric, by=request.user, at=clock.now())
    except Conflict as error:
        return _list_page(request, rubric.edition, error=error)
    messages.success(
        request,
        _("“%(title)s” is deleted. Below you can bring it back.") % {"title": rubric.title},
    )
    return redirect("assessments:rubrics", edition_slug=edition_slug)


@require_POST
@sign_in_required
def bring_back(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    rubric = rubric_to_write(request.user, edition_slug, pk)
    rubric = bring_back_rubric(rubric=rubric, by=request.user, at=clock.now())
    messages.success(request, _("“%(title)s” is back.") % {"title": rubric.title})
    return redirect("assessments:rubrics", edition_slug=edition_slug)


def edition_with_rubrics(user: User, slug: str) -> Edition:
    edition = edition_of(user, slug)
    if not user.has_perm("assessments.publish_rubric", edition):
        raise Http404
    return edition


def rubric_to_write(user: User, edition_slug: str, pk: int) -> Rubric:
    edition = edition_with_rubrics(user, edition_slug)
    rubrics = Rubric.objects.filter(edition=edition).select_related("edition", "deleted_by")
    return get_object_or_404(rubrics, pk=pk)
