"""A participant appeals the grade of their project."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assessments.actions.appeals import make_appeal
from assessments.marking_forms import AppealForm
from assessments.models import Grade
from assessments.selectors.appeals import appeal_place_of
from assessments.views.places import own_submission, require_meant
from lms.accounts.typed import SignedInRequest, sign_in_required, typed_before_sign_in
from lms.core import clock
from lms.core.errors import DomainError, InvalidInput
from lms.core.forms import show_errors
from lms.core.numbers import whole_number


@require_http_methods(["GET", "HEAD", "POST"])
@sign_in_required
def appeal(request: SignedInRequest, edition_slug: str) -> HttpResponse:
    """Ask that a released grade be looked at again, with the reasons."""
    submission = own_submission(request.user, edition_slug)
    require_meant(request, submission)
    grades = Grade.objects.visible_to(request.user).select_related(
        "current__rubric", "edition", "submission"
    )
    grade = get_object_or_404(grades, submission=submission)
    if grade.current is None or not grade.is_visible_to_participant:
        raise Http404
    is_posted = request.method == "POST"
    typed: Any = request.POST if is_posted else typed_before_sign_in(request)
    form = AppealForm(typed)
    if is_posted and form.is_valid():
        try:
            make_appeal(
                grade=grade,
                revision=whole_number(request.POST.get("revision")) or 0,
                reason=form.cleaned_data["reason"],
                by=request.user,
                at=clock.now(),
            )
        except InvalidInput as error:
            show_errors(form, error)
        except DomainError as error:
            form.add_error(None, str(error.sentence))
        else:
            messages.success(
                request, _("Your appeal has arrived. A colleague looks at it; you get a message.")
            )
            return redirect("assessments:project", edition_slug=edition_slug)
    context = {
        "edition": submission.edition,
        "submission": submission,
        "grade": grade,
        "revision": grade.current,
        "place": appeal_place_of(grade, request.user, clock.now()),
        "form": form,
    }
    return render(request, "assessments/own_appeal.html", context, status=422 if is_posted else 200)
