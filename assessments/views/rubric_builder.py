"""Writing a rubric in the browser: its working copy, what publishing would do, publishing."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.actions.rubric_drafts import (
    change_rubric_draft,
    publish_rubric_draft,
    replace_rubric_draft,
    save_rubric_draft,
)
from assessments.forms import base_version_in
from assessments.models import Rubric
from assessments.rubric_content import content_of
from assessments.rubric_files import read_rubric
from assessments.rubric_forms import RubricFileForm, RubricTitleForm
from assessments.rubric_working import NoSuchPart
from assessments.selectors.marking import rubric_in_force
from assessments.selectors.rubric_change import rubric_change
from assessments.selectors.rubric_difference import rubric_difference
from assessments.selectors.rubrics import checked, use_of, working_copy_of
from assessments.views.rubric_fields import builder_of
from assessments.views.rubrics import rubric_to_write
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.autosave import read_autosave
from lms.core.csv_files import csv_file
from lms.core.errors import DomainError, InvalidInput, StaleVersion, TooLarge
from lms.core.forms import show_errors

RESULTS_SHOWN = 100


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def write(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The rubric to be written. POST keeps what was typed, and does what its button says."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    if request.method != "POST":
        return builder_page(request, rubric, typed=typed_before_sign_in(request), status=200)
    wanted, values = request.POST.get("move", ""), texts_in(request.POST)
    sent: dict[str, Any] = {
        "rubric": rubric,
        "base_version": base_version_in(request.POST),
        "values": values,
        "by": request.user,
        "at": clock.now(),
    }
    try:
        if wanted in {"", "preview"}:
            save_rubric_draft(**sent)
            part = ""
        else:
            _draft, part = change_rubric_draft(wanted=wanted, **sent)
    except (StaleVersion, InvalidInput, TooLarge, NoSuchPart) as error:
        return builder_page(request, rubric, typed=request.POST, error=error)
    if wanted == "preview":
        return redirect("assessments:rubric_preview", edition_slug=edition_slug, pk=pk)
    if not wanted:
        messages.success(request, _("The rubric is saved. Publish it when it is ready."))
    address = redirect("assessments:rubric", edition_slug=edition_slug, pk=pk)
    if part:
        # What the button was about has the focus again; with a fragment it would not.
        address["Location"] += f"?at={part}&after={wanted.partition(':')[0]}"
    elif wanted:
        address["Location"] += f"?after={wanted}"
    return address


@require_http_methods(["PUT"])
@sign_in_required
def save(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Autosave of the rubric (docs/design.md)."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    sent = read_autosave(request)
    draft = save_rubric_draft(
        rubric=rubric,
        base_version=sent.base_version,
        values=sent.values,
        by=request.user,
        at=clock.now(),
    )
    return JsonResponse({"version": draft.version, "saved_at": draft.saved_at.isoformat()})


@require_safe
@sign_in_required
def preview(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """What publishing would do to marks that are given; nothing is changed by looking."""
    return preview_page(request, rubric_to_write(request.user, edition_slug, pk))


def preview_page(
    request: SignedInRequest, rubric: Rubric, *, error: DomainError | None = None
) -> HttpResponse:
    draft = working_copy_of(rubric)
    read = checked(draft)
    if read.content is None:
        return builder_page(request, rubric, wrong=read.wrong, status=422)
    version = rubric_in_force(rubric.pk)
    before = content_of(version) if version else None
    change = rubric_change(rubric, read.content, before, reader=request.user)
    context = {
        "edition": rubric.edition,
        "rubric": rubric,
        "draft": draft,
        "results": change.results[:RESULTS_SHOWN],
        "version": version,
        "sha256": read.sha256,
        "is_same": version is not None and version.sha256 == read.sha256,
        "difference": rubric_difference(before, read.content) if before else None,
        "change": change,
        "error": error,
    }
    status = error.status if error else 200
    return render(request, "assessments/rubric_preview.html", context, status=status)


@require_safe
@sign_in_required
def preview_csv(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The same, project by project."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    read = checked(working_copy_of(rubric))
    if read.content is None:
        raise InvalidInput(_("The rubric is not complete yet."), errors=read.wrong)
    version = rubric_in_force(rubric.pk)
    before = content_of(version) if version else None
    change = rubric_change(rubric, read.content, before, reader=request.user)
    heading = (
        _("Project"), _("State"), _("Result now"), _("With the same levels"), _("Difference"),
        _("Levels to choose anew"), _("Crosses the pass mark"),
    )  # fmt: skip
    rows = [
        (
            result.given.name,
            result.given.words,
            result.given.percent,
            result.after,
            result.by,
            result.to_choose,
            _("yes") if result.crosses else _("no"),
        )
        for result in change.results
    ]
    return csv_file(f"rubric-preview-{rubric.edition.slug}", [heading, *rows])


@require_POST
@sign_in_required
def publish(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """Publish what was previewed, and nothing else."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    try:
        version = publish_rubric_draft(
            rubric=rubric, sha256=request.POST.get("sha256", ""), by=request.user, at=clock.now()
        )
    except StaleVersion as error:
        return preview_page(request, rubric, error=error)
    except InvalidInput as error:
        return builder_page(request, rubric, wrong=_said(error), status=422)
    messages.success(
        request, _("Version %(number)d of the rubric is published.") % {"number": version.number}
    )
    return redirect("assessments:rubric_versions", edition_slug=edition_slug, pk=pk)


@require_POST
@sign_in_required
def import_file(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """A file in the place of the working copy, or an earlier version of the rubric."""
    rubric = rubric_to_write(request.user, edition_slug, pk)
    form = RubricFileForm(request.POST, request.FILES)
    number = request.POST.get("version", "")
    try:
        if number:
            versions = rubric.versions.prefetch_related("criteria__levels")
            whole = int(number) if number.isdecimal() and len(number) < 9 else 0
            content = content_of(get_object_or_404(versions, number=whole))
        elif not form.is_valid():
            return builder_page(request, rubric, file_form=form, status=422)
        else:
            sent = form.cleaned_data["file"]
            content = read_rubric(sent.read(), name=sent.name)
        replace_rubric_draft(
            rubric=rubric,
            base_version=base_version_in(request.POST),
            content=content,
            by=request.user,
            at=clock.now(),
        )
    except (InvalidInput, TooLarge) as error:
        show_errors(form, error)
        return builder_page(request, rubric, file_form=form, status=error.status)
    except StaleVersion as error:
        return builder_page(request, rubric, error=error)
    messages.success(
        request,
        _("It stands below, and nothing is published yet. What stood there can be brought back."),
    )
    return redirect("assessments:rubric", edition_slug=edition_slug, pk=pk)


def builder_page(
    request: SignedInRequest,
    rubric: Rubric,
    *,
    typed: QueryDict | None = None,
    error: DomainError | None = None,
    wrong: Mapping[str, list[str]] | None = None,
    file_form: RubricFileForm | None = None,
    status: int | None = None,
) -> HttpResponse:
    """`typed`: what is not saved yet and must not be lost; after a StaleVersion it stands
    beside what is stored. `wrong`: what keeps the working copy from being published."""
    draft = working_copy_of(rubric)
    version = rubric_in_force(rubric.pk)
    read = checked(draft)
    is_stale = isinstance(error, StaleVersion)
    texts = texts_in(typed) if typed is not None else {}
    refused = _said(error) if isinstance(error, InvalidInput) else {}
    sent_version = typed.get("base_version", "") if typed is not None and not is_stale else ""
    context = {
        "edition": rubric.edition,
        "rubric": rubric,
        "draft": draft,
        "version": version,
        "builder": builder_of(
            draft.content, typed=texts, refused=refused, wrong=wrong or {}, shows_stored=is_stale
        ),
        "base_version": sent_version if sent_version.isdecimal() else draft.version,
        "is_same": version is not None and version.sha256 == read.sha256,
        "is_stale": is_stale,
        "error": error,
        "title_form": RubricTitleForm(initial={"title": rubric.title}),
        "file_form": file_form or RubricFileForm(),
        "at": request.GET.get("at", ""),
        "after": request.GET.get("after", ""),
        "use": use_of(rubric),
        "autosave": reverse("assessments:rubric_draft", args=[rubric.edition.slug, rubric.pk]),
    }
    if status is None:
        status = error.status if error else 200
    return render(request, "assessments/rubric.html", context, status=status)


def texts_in(posted: Mapping[str, Any]) -> dict[str, str]:
    """Field name → text, of the page sent by one of its buttons."""
    return {
        name: str(text)
        for name, text in posted.items()
        if name == "pass_percent" or name.startswith(("c.", "l."))
    }


def _said(error: InvalidInput) -> dict[str, list[str]]:
    return {where: [str(sentence) for sentence in said] for where, said in error.errors.items()}
