"""The CMS for those who write lessons."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.ui.components import Component

from modules.h5p_admin.viewset import chooser, library
from modules.models import ActivityProgress, CoursePage, LessonPage, ReferenceIndexPage


def is_evidence(page: Any) -> bool:
    """Whether a participant has worked with the page or one below it (invariant 13)."""
    return bool(ActivityProgress.objects.filter(activity__path__startswith=page.path).exists())


def _refuse(request: HttpRequest, title: str) -> None:
    messages.error(
        request,
        _(
            "“%(title)s” cannot be deleted: participants have worked with it, and their "
            "progress counts for the certificate. Unpublish it instead; participants then "
            "no longer see it and nothing is lost."
        )
        % {"title": title},
    )


@hooks.register("before_delete_page")
def keep_evidence(request: HttpRequest, page: Any) -> HttpResponse | None:
    if not is_evidence(page):
        return None
    _refuse(request, page.title)
    return redirect("wagtailadmin_explore", page.get_parent().pk)


@hooks.register("before_bulk_action")
def keep_evidence_in_bulk(
    request: HttpRequest, action_type: str, objects: Any, action_class_instance: Any
) -> HttpResponse | None:
    if action_type != "delete" or not objects:
        return None
    kept = [page for page in objects if hasattr(page, "path") and is_evidence(page)]
    if not kept:
        return None
    for page in kept:
        _refuse(request, page.title)
    return redirect("wagtailadmin_explore", kept[0].get_parent().pk)


class LessonsPanel(Component):
    """The first thing an editor sees: the courses and their lessons, one click away."""

    name = "lessons"
    template_name = "modules/admin/lessons_panel.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        lessons = LessonPage.objects.order_by("number")
        return {
            "courses": [
                {"page": course, "lessons": lessons.child_of(course)}
                for course in CoursePage.objects.order_by("-edition__starts_on", "title")
            ],
            "reference": ReferenceIndexPage.objects.first(),
        }


@hooks.register("construct_homepage_panels")
def show_lessons(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(LessonsPanel())


@hooks.register("register_admin_viewset")
def register_h5p() -> list[Any]:
    return [library, chooser]


@hooks.register("register_icons")
def register_h5p_icon(icons: list[str]) -> list[str]:
    return [*icons, "modules/h5p_admin/icons/h5p.svg"]


@hooks.register("insert_global_admin_css")
def add_h5p_styles() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', static("cms.css"))
