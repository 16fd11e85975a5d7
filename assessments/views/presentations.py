"""Recording the live presentation, from the desk or from a participant's completion page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assessments.actions.presentations import correct_presentation, record_presentation
from assessments.marking_forms import PresentationForm
from assessments.models import Presentation
from assessments.views.completion import person_page, place_in
from assessments.views.marking import desk_page, submission_to_mark
from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.errors import InvalidInput
from lms.core.forms import show_errors
from lms.programme.models import Enrolment


@require_POST
@sign_in_required
def on_desk(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    submission = submission_to_mark(request.user, edition_slug, pk)
    form = PresentationForm(request.POST)
    if _is_recorded(request, submission.owner, form):
        return redirect("assessments:desk", edition_slug=edition_slug, pk=pk)
    return desk_page(request, submission, forms={"presentation_form": form})


@require_POST
@sign_in_required
def of_person(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    enrolment = place_in(request.user, edition_slug, pk)
    form = PresentationForm(request.POST)
    if _is_recorded(request, enrolment, form):
        return redirect("assessments:completion_person", edition_slug=edition_slug, pk=pk)
    return person_page(request, enrolment, presentation_form=form)


def _is_recorded(request: SignedInRequest, enrolment: Enrolment, form: PresentationForm) -> bool:
    """Record it, or correct what is recorded (D15c); False leaves errors in the form."""
    if not form.is_valid():
        return False
    recorded = Presentation.objects.standing().filter(enrolment=enrolment).first()
    fields = {**form.cleaned_data, "by": request.user, "at": clock.now()}
    try:
        if recorded is None:
            record_presentation(enrolment=enrolment, **fields)
        else:
            correct_presentation(presentation=recorded, **fields)
    except InvalidInput as error:
        show_errors(form, error)
        return False
    messages.success(request, _("The presentation is recorded."))
    return True
