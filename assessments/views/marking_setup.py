"""How the projects of an edition are marked: its policy, and calibration rounds."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.actions.calibration import open_calibration
from assessments.actions.marking_policy import set_marking_policy
from assessments.forms import base_version_in
from assessments.marking_setup_forms import CalibrationForm, PolicyForm
from assessments.models import CalibrationRound, Project
from assessments.selectors.policy import policy_of
from assessments.selectors.project import project_of
from assessments.views.places import edition_of
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import Conflict, InvalidInput, StaleVersion
from lms.core.forms import show_errors


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def policy(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Two markers, hidden names, release and appeals: one form."""
    project = _project_to_set_up(request, edition_slug)
    stored = policy_of(project)
    if request.method != "POST":
        typed = typed_before_sign_in(request)
        kept = typed.of_form(request.path) if typed is not None else None
        return _page(request, project, PolicyForm(kept, instance=stored))
    form = PolicyForm(request.POST, instance=stored)
    version = stored.version
    if form.is_valid():
        try:
            set_marking_policy(
                project=project,
                base_version=base_version_in(request.POST),
                changes={name: form.cleaned_data[name] for name in form.Meta.fields},
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        except StaleVersion as error:
            form.add_error(None, str(error.sentence))
            return _page(request, project, form, version=version, status=error.status)
        else:
            messages.success(request, _("This is how projects are marked from now on."))
            return redirect("assessments:marking_setup", edition_slug=edition_slug)
    return _page(request, project, form, version=version, status=422)


@require_POST
@sign_in_required
def begin_calibration(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    project = _project_to_set_up(request, edition_slug)
    form = CalibrationForm(request.POST)
    if form.is_valid():
        try:
            calibration = open_calibration(
                project=project, by=request.user, at=clock.now(), **form.cleaned_data
            )
        except InvalidInput as error:
            show_errors(form, error)
        except Conflict as error:
            form.add_error(None, str(error.sentence))
        else:
            messages.success(request, _("The round is open: markers find it above their queue."))
            return redirect("assessments:calibration", edition_slug=edition_slug, pk=calibration.pk)
    policy_form = PolicyForm(instance=policy_of(project))
    return _page(request, project, policy_form, calibration_form=form, status=422)


def _page(
    request: SignedInRequest,
    project: Project,
    form: PolicyForm,
    *,
    calibration_form: CalibrationForm | None = None,
    version: int | None = None,
    status: int = 200,
) -> HttpResponse:
    rounds = list(CalibrationRound.objects.filter(project=project))
    return render(
        request,
        "assessments/marking_setup.html",
        {
            "edition": project.edition,
            "form": form,
            "base_version": form.instance.version if version is None else version,
            "rounds": rounds,
            "has_open": any(one.closed_at is None for one in rounds),
            "calibration_form": calibration_form or CalibrationForm(),
        },
        status=status,
    )


def _project_to_set_up(request: SignedInRequest, edition_slug: str) -> Project:
    edition = edition_of(request.user, edition_slug)
    if not request.user.has_perm("assessments.set_marking_policy", edition):
        raise Http404
    project = project_of(edition)
    if project is None:
        raise Http404
    return project
