"""The list: what there is, where it is used, as a page and as a table."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import Button, HeaderButton

from lms.core.csv_files import csv_file
from modules.h5p_admin.access import ICON, LIST, TITLE, AuthorsOnly, AuthorsPolicy
from modules.models import H5PContent
from modules.selectors.h5p_library import contents_with_use

# Columns that a phone has no room for.
ROOMY = "h5p-roomy"


def made_of(content: H5PContent) -> str:
    """“Rambla question set 1.0.0”."""
    return str(content.current.main_library) if content.current else ""


def use_in_words(content: Any) -> str:
    if not content.uses:
        return _("Nowhere yet")
    return ngettext("%(count)d activity", "%(count)d activities", content.uses) % {
        "count": content.uses
    }


def version_in_words(content: H5PContent) -> str:
    return str(content.current.number) if content.current else ""


class ContentListView(AuthorsOnly, IndexView):
    model = H5PContent
    permission_policy = AuthorsPolicy(H5PContent)
    page_title = TITLE
    header_icon = ICON
    template_name = "modules/h5p_admin/list.html"
    results_template_name = "modules/h5p_admin/list_results.html"
    index_url_name = LIST
    index_results_url_name = "h5p_library:index_results"
    search_fields = ("title",)
    is_searchable = True
    list_filter = ("origin",)
    paginate_by = 30
    default_ordering = "title"
    no_results_message = gettext_lazy("No activity has these words in its title.")

    columns = (
        TitleColumn(
            "title",
            label=gettext_lazy("Title"),
            sort_key="title",
            get_url=lambda content: reverse("h5p_library:content", args=[content.pk]),
        ),
        Column("kind", label=gettext_lazy("Made of"), accessor=made_of, classname=ROOMY),
        Column(
            "origin",
            label=gettext_lazy("Comes from"),
            accessor="get_origin_display",
            classname=ROOMY,
            sort_key="origin",
        ),
        Column("uses", label=gettext_lazy("Used in"), accessor=use_in_words, sort_key="uses"),
        Column(
            "version", label=gettext_lazy("Version"), accessor=version_in_words, classname=ROOMY
        ),
        DateColumn(
            "changed",
            label=gettext_lazy("Changed"),
            accessor="current.created_at",
            sort_key="current__created_at",
        ),
    )

    def get_base_queryset(self) -> QuerySet[H5PContent]:
        return contents_with_use()

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        return [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": "", "label": str(TITLE)},
        ]

    @property
    def header_buttons(self) -> list[Any]:
        return [
            HeaderButton(
                _("Upload a file"),
                url=reverse("h5p_library:upload"),
                icon_name="upload",
                priority=10,
            ),
            HeaderButton(
                _("Write questions"),
                url=reverse("h5p_library:write"),
                icon_name="edit",
                priority=20,
            ),
        ]

    @property
    def header_more_buttons(self) -> list[Any]:
        return [
            Button(
                _("Import questions from a table"),
                url=reverse("h5p_library:import"),
                icon_name="table",
                priority=10,
            ),
            Button(
                _("This list as a table (CSV)"),
                url=reverse("h5p_library:csv"),
                icon_name="download",
                priority=20,
            ),
            Button(
                _("Installed libraries"),
                url=reverse("h5p_library:libraries"),
                icon_name="cogs",
                priority=30,
            ),
            Button(
                _("Archive"),
                url=reverse("h5p_library:archived"),
                icon_name="folder-inverse",
                priority=40,
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_empty": not H5PContent.objects.filter(archived_at=None).exists()}


class ContentTableView(AuthorsOnly, View):
    """The whole list as CSV, without the archive."""

    def get(self, request: HttpRequest) -> HttpResponse:
        heading = [
            _("Title"), _("Made of"), _("Comes from"), _("Used in activities"), _("Version"),
            _("Changed (UTC)"), _("Changed by"),
        ]  # fmt: skip
        contents: Iterable[Any] = contents_with_use()
        rows = [
            [
                content.title,
                made_of(content),
                str(content.get_origin_display()),
                content.uses or 0,
                version_in_words(content),
                f"{content.current.created_at:%Y-%m-%d %H:%M}" if content.current else "",
                str((content.current and content.current.created_by) or ""),
            ]
            for content in contents
        ]
        return csv_file("h5p-activities", [heading, *rows])
