"""Setting up the final project of an edition: rubric, guidelines, deadline."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.deadlines import require_deadline, set_deadline, set_reminders
from assessments.actions.guidelines import require_guidelines
from assessments.actions.projects import make_project
from assessments.deadline_forms import RemindersForm, RequireGuidelinesForm
from assessments.models import Project
from assessments.selectors.guidelines import followers_of, said_of_followers
from assessments.selectors.marking import rubric_in_force
from assessments.selectors.project import project_of
from assessments.selectors.setup import DeadlineChange, deadline_change, rubric_of
from assessments.setup_forms import (
    DeadlineForm,
    ProjectForm,
    stored_deadline,
)
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import Conflict, InvalidInput
from lms.core.forms import show_errors
from lms.programme.models import Edition


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def set_up_project(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Make the project of an edition; once it is there, set its deadline."""
    edition = _edition_to_set_up(request, edition_slug)
    project = project_of(edition)
    if project is not None:
        return _set_deadline(request, project)
    form = ProjectForm(request.POST or None, initial=_typed(request), edition=edition)
    if form.is_valid() and form.chosen_rubric is not None:
        try:
            make_project(
                edition=edition,
                guidelines_page=form.cleaned_data["guidelines_page"],
                rubric=form.chosen_rubric,
                by=request.user,
                at=clock.now(),
                **form.deadline,
            )
        except InvalidInput as error:
            show_errors(form, error)
        except Conflict as error:
            form.add_error(None, str(error.sentence))
        else:
            messages.success(request, _("The project is open: participants can begin to write."))
            return redirect("assessments:setup", edition_slug=edition.slug)
    return _setup_page(request, edition, None, form)


def _set_deadline(request: SignedInRequest, project: Project) -> HttpResponse:
    """First what a new deadline would mean, then the change itself."""
    at = clock.now()
    initial = stored_deadline(project) | _typed(request)
    form = DeadlineForm(request.POST or None, initial=initial)
    preview = None
    if form.is_valid():
        try:
            if request.POST.get("step") == "set":
                set_deadline(project=project, by=request.user, at=at, **form.deadline)
                messages.success(request, _("The new deadline is set."))
                return redirect("assessments:setup", edition_slug=project.edition.slug)
            sent = form.deadline
            require_deadline(
                sent["wall"],
                sent["zone"],
                sent["grace_minutes"],
                sent.get("upload_window_minutes"),
            )
            preview = deadline_change(project, at=at, **sent)
        except InvalidInput as error:
            show_errors(form, error)
    return _setup_page(request, project.edition, project, form, preview)


def _setup_page(
    request: SignedInRequest,
    edition: Edition,
    project: Project | None,
    form: DeadlineForm,
    preview: DeadlineChange | None = None,
    **other_forms: Any,
) -> HttpResponse:
    rubric = rubric_of(edition)
    context: dict[str, Any] = {
        "edition": edition,
        "project": project,
        "form": form,
        "preview": preview,
        "rubric": rubric_in_force(rubric.pk) if rubric else None,
    }
    if project is not None:
        context |= {
            "newest": project.guidelines.first(),
            "followers": said_of_followers(project),
            "reminders_form": RemindersForm(project=project),
            "require_form": _require_form(project),
            **other_forms,
        }
    is_refused = (form.is_bound and preview is None) or bool(other_forms)
    return render(request, "assessments/setup.html", context, status=422 if is_refused else 200)


@require_POST
@sign_in_required
def reminders(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """When people are reminded of the deadline."""
    edition = _edition_to_set_up(request, edition_slug)
    project = _project_or_404(edition)
    form = RemindersForm(request.POST, project=project)
    if form.is_valid():
        try:
            set_reminders(
                project=project,
                hours=[int(hours) for hours in form.cleaned_data["hours"]],
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("The reminders are set."))
            return redirect("assessments:setup", edition_slug=edition.slug)
    deadline_form = DeadlineForm(initial=stored_deadline(project))
    return _setup_page(request, edition, project, deadline_form, reminders_form=form)


@require_POST
@sign_in_required
def required_guidelines(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Which version of the guidelines projects are handed in on, at least."""
    edition = _edition_to_set_up(request, edition_slug)
    project = _project_or_404(edition)
    form = _require_form(project, request.POST)
    if form.is_valid():
        try:
            require_guidelines(
                project=project,
                number=form.cleaned_data["number"],
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            messages.success(request, _("It is set, and those it concerns are told."))
            return redirect("assessments:setup", edition_slug=edition.slug)
    deadline_form = DeadlineForm(initial=stored_deadline(project))
    return _setup_page(request, edition, project, deadline_form, require_form=form)


def _require_form(project: Project, posted: Any = None) -> RequireGuidelinesForm:
    newest = project.guidelines.first()
    required = project.required_guidelines
    return RequireGuidelinesForm(
        posted,
        newest=newest.number if newest else 0,
        followers=followers_of(project),
        required=required.number if required else 0,
    )


def _project_or_404(edition: Edition) -> Project:
    project = project_of(edition)
    if project is None:
        raise Http404
    return project


def _typed(request: SignedInRequest) -> dict[str, Any]:
    """What had been typed before the session ended."""
    typed = typed_before_sign_in(request) if request.method != "POST" else None
    return typed.dict() if typed else {}


def _edition_to_set_up(request: SignedInRequest, slug: str) -> Edition:
    edition = get_object_or_404(Edition, slug=slug)
    if not request.user.has_perm("assessments.make_project", edition):
        raise Http404
    return edition
