"""Taking a content off the list, and bringing it back."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.ui.tables import DateColumn

from lms.core import clock
from modules.actions.h5p_archive import StillPlayed, archive_content, bring_back_content
from modules.h5p_admin.access import Screen
from modules.h5p_admin.library import ContentListView
from modules.models import H5PContent
from modules.selectors.h5p_library import contents_with_use

ARCHIVE = gettext_lazy("Archive")


class ArchiveView(Screen, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = get_object_or_404(H5PContent, pk=pk)
        try:
            archive_content(content=content, by=self.author, at=clock.now())
        except StillPlayed as error:
            pages = format_html_join(
                "",
                '<li><a href="{}">{}</a></li>',
                (
                    (reverse("wagtailadmin_pages:edit", args=[page["id"]]), page["title"])
                    for page in error.extra["pages"]
                ),
            )
            messages.error(request, format_html("{}<ul>{}</ul>", error.sentence, pages))
        else:
            messages.success(
                request,
                _("“%(title)s” is in the archive: off the list, nothing is deleted.")
                % {"title": content.title},
            )
        return redirect("h5p_library:content", pk)


class BringBackView(Screen, View):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        content = get_object_or_404(H5PContent, pk=pk)
        bring_back_content(content=content, by=self.author, at=clock.now())
        messages.success(request, _("“%(title)s” is on the list again.") % {"title": content.title})
        return redirect("h5p_library:content", pk)


class ArchivedListView(ContentListView):
    """What was taken off the list."""

    page_title = ARCHIVE
    index_url_name = "h5p_library:archived"
    index_results_url_name = "h5p_library:archived_results"
    default_ordering = "-archived_at"
    no_results_message = gettext_lazy("Nothing in the archive has these words in its title.")
    columns: Any = (
        *ContentListView.columns[:3],
        DateColumn(
            "archived",
            label=gettext_lazy("Archived"),
            accessor="archived_at",
            sort_key="archived_at",
        ),
    )
    header_buttons: Any = ()
    header_more_buttons: Any = ()

    def get_base_queryset(self) -> QuerySet[H5PContent]:
        return contents_with_use(archived=True)

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        home, library = super().get_breadcrumbs_items()
        library["url"] = reverse("h5p_library:index")
        return [home, library, {"url": "", "label": str(ARCHIVE)}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        is_empty = not H5PContent.objects.filter(archived_at__isnull=False).exists()
        return context | {"is_empty": False, "is_empty_archive": is_empty}
