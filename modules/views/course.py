"""The course and its lessons."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lms.accounts.typed import sign_in_required
from modules.models import ActivityProgress
from modules.selectors import lesson_progress, progress_through
from modules.views.readers import Reader, lesson_or_404, reader_of


def states_of(reader: Reader) -> dict[int, str]:
    """Activity id → status; empty for a reader who does not take part."""
    if reader.enrolment is None:
        return {}
    begun = ActivityProgress.objects.filter(enrolment=reader.enrolment)
    return dict(begun.values_list("activity_id", "status"))


@require_safe
@sign_in_required
def course(request: HttpRequest, edition_slug: str) -> HttpResponse:
    reader = reader_of(request, edition_slug)
    progress = progress_through(reader.outline, states_of(reader))
    context = {
        "course": progress,
        "intro": reader.outline.intro,
        "lessons": progress.lessons,
        "takes_part": reader.enrolment is not None,
        "edition_slug": edition_slug,
        "follows": reader.enrolment is None
        and reader.user.has_perm("modules.follow_progress", reader.course),
    }
    return render(request, "modules/course.html", context)


@require_safe
@sign_in_required
def lesson(request: HttpRequest, edition_slug: str, lesson_slug: str) -> HttpResponse:
    reader = reader_of(request, edition_slug)
    outline = lesson_or_404(reader, lesson_slug)
    progress = lesson_progress(outline, states_of(reader))
    place = reader.outline.lessons.index(outline)
    context = {
        "lesson": progress,
        "aims": outline.aims,
        "skills": outline.skills,
        "activities": progress.activities,
        "course_url": reader.outline.url,
        "course_title": reader.outline.title,
        "takes_part": reader.enrolment is not None,
        "previous": reader.outline.lessons[place - 1] if place else None,
        "next": reader.outline.lessons[place + 1]
        if place + 1 < len(reader.outline.lessons)
        else None,
    }
    return render(request, "modules/lesson.html", context)
