"""The reference section, open to everybody (A1)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from wagtail.models import ReferenceIndex

from modules.models import Course, ReferenceIndexPage, TermPage
from modules.selectors import ActivityOutline, LessonOutline, outline_of


def _section_or_404() -> ReferenceIndexPage:
    page = ReferenceIndexPage.objects.live().first()
    if page is None:
        raise Http404
    return page


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    page = _section_or_404()
    terms = TermPage.objects.child_of(page).live().defer_streamfields().order_by("title")
    return render(request, "modules/reference/index.html", {"page": page, "terms": terms})


@require_safe
def term(request: HttpRequest, slug: str) -> HttpResponse:
    section = _section_or_404()
    page = get_object_or_404(TermPage.objects.child_of(section).live(), slug=slug)
    context = {"term": page, "section": section, "used_in": _used_in(request, page)}
    return render(request, "modules/reference/term.html", context)


def _used_in(
    request: HttpRequest, page: TermPage
) -> list[tuple[LessonOutline, list[ActivityOutline]]]:
    """The activities that link to the term, in the courses open to the reader."""
    user: Any = request.user
    if not user.is_authenticated:
        return []
    links = ReferenceIndex.get_references_to(page).values_list("object_id", flat=True)
    activity_ids = {int(object_id) for object_id in links if object_id.isdigit()}
    found = []
    for course in Course.objects.visible_to(user):
        for lesson in outline_of(course).lessons:
            activities = [a for a in lesson.activities if a.id in activity_ids]
            if activities:
                found.append((lesson, activities))
    return found
