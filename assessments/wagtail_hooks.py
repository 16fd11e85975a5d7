from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.models import Page

from assessments.enums import SubmissionStatus
from assessments.models import GuidelinesPage, Submission
from assessments.selectors.project import project_with_page


@hooks.register("after_publish_page")
def say_who_keeps_older_guidelines(request: HttpRequest, page: Page) -> None:
    """An editor should know that publishing moves nobody's draft."""
    project = project_with_page(page) if isinstance(page.specific, GuidelinesPage) else None
    newest = project.guidelines.first() if project else None
    if newest is None:
        return
    behind = (
        Submission.objects.filter(project=project, status=SubmissionStatus.DRAFT)
        .exclude(guidelines=newest)
        .count()
    )
    said = _("Participants now read version %(number)d of the guidelines.") % {
        "number": newest.number
    }
    if behind:
        said += " " + ngettext(
            "%(count)d draft keeps its older version until its participant moves it.",
            "%(count)d drafts keep their older version until their participants move them.",
            behind,
        ) % {"count": behind}
    messages.info(request, said)


class GuidelinesPanel(Component):
    """The guidelines of final projects, one click away from an editor's first page."""

    name = "guidelines"
    template_name = "assessments/admin/guidelines_panel.html"
    order = 60

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"guidelines": GuidelinesPage.objects.order_by("-latest_revision_created_at")}


@hooks.register("construct_homepage_panels")
def show_guidelines(request: HttpRequest, panels: list[Any]) -> None:
    panels.append(GuidelinesPanel())
