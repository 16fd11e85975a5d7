from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.core import clock
from lms.dashboard.selectors import duties, participant_view
from lms.programme.models import Edition
from lms.programme.selectors import standing_of
from modules.models import LessonPage


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page for strangers; for people of an edition, what is next."""
    if not request.user.is_authenticated:
        return _front_page(request)
    standing = standing_of(request.user)
    at = clock.now()
    places = [participant_view(enrolment, at) for enrolment in standing.enrolments.values()]
    editions = list(Edition.objects.visible_to(request.user))
    work = [
        {"edition": edition, "duties": found}
        for edition in editions
        if (found := duties(request.user, edition, standing, at))
    ]
    return render(
        request,
        "dashboard/home.html",
        {
            "places": places,
            "work": work,
            "may_edit_pages": request.user.has_perm("wagtailadmin.access_admin"),
        },
    )


def _front_page(request: HttpRequest) -> HttpResponse:
    edition = Edition.objects.select_related("programme").order_by("-starts_on").first()
    lessons = (
        LessonPage.objects.live()
        .filter(path__startswith=edition.course.page.path)
        .order_by("number")
        if edition and hasattr(edition, "course")
        else []
    )
    return render(
        request,
        "dashboard/front.html",
        {
            "edition": edition,
            "lessons": lessons,
            "skills": edition.programme.skills.all() if edition else [],
        },
    )
