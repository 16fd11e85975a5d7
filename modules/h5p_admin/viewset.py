"""The addresses of the library, its place in the menu, and its chooser."""

from typing import Any

from django.http import HttpRequest
from django.urls import path
from django.utils.translation import gettext_lazy as _
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.permissions import register_permission_policy

from modules.h5p_admin.access import ICON, AuthorsPolicy
from modules.h5p_admin.archiving import ArchivedListView, ArchiveView, BringBackView
from modules.h5p_admin.choosing import ChooseResultsView, ChooseView
from modules.h5p_admin.library import ContentListView, ContentTableView
from modules.h5p_admin.showing import (
    ContentView,
    DownloadView,
    LibrariesView,
    MarkView,
    RestoreView,
)
from modules.h5p_admin.texts import TextsView
from modules.h5p_admin.uploading import InstallView, UploadView
from modules.h5p_admin.writing import ImportView, QuestionsView, TemplateView
from modules.models import H5PContent

register_permission_policy(H5PContent, AuthorsPolicy(H5PContent))


class AuthorsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("modules.author_h5p"))


class LibraryViewSet(ViewSet):
    name = "h5p_library"
    url_prefix = "h5p"
    icon = ICON
    menu_label = _("H5P")
    menu_name = "h5p"
    menu_order = 250
    menu_item_class = AuthorsMenuItem
    add_to_admin_menu = True

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", ContentListView.as_view(), name="index"),
            path("results/", ContentListView.as_view(results_only=True), name="index_results"),
            path("csv/", ContentTableView.as_view(), name="csv"),
            path("libraries/", LibrariesView.as_view(), name="libraries"),
            path("upload/", UploadView.as_view(), name="upload"),
            path("install/", InstallView.as_view(), name="install"),
            path("archive/", ArchivedListView.as_view(), name="archived"),
            path(
                "archive/results/",
                ArchivedListView.as_view(results_only=True),
                name="archived_results",
            ),
            path("write/", QuestionsView.as_view(), name="write"),
            path("import/", ImportView.as_view(), name="import"),
            path("import/example/", TemplateView.as_view(), name="import_example"),
            path("<int:pk>/", ContentView.as_view(), name="content"),
            path("<int:pk>/archive/", ArchiveView.as_view(), name="archive"),
            path("<int:pk>/bring-back/", BringBackView.as_view(), name="bring_back"),
            path("<int:pk>/replace/", UploadView.as_view(), name="replace"),
            path("<int:pk>/questions/", QuestionsView.as_view(), name="edit_questions"),
            path("<int:pk>/import/", ImportView.as_view(), name="import_into"),
            path("<int:pk>/texts/", TextsView.as_view(), name="texts"),
            path("versions/<int:version>/download/", DownloadView.as_view(), name="download"),
            path("versions/<int:version>/restore/", RestoreView.as_view(), name="restore"),
            path("versions/<int:version>/mark/", MarkView.as_view(), name="mark"),
        ]


library = LibraryViewSet()

chooser = ChooserViewSet(
    "h5p_chooser",
    model=H5PContent,
    icon=ICON,
    choose_one_text=_("Choose an H5P activity"),
    choose_another_text=_("Choose another"),
    edit_item_text=_("Open in the library"),
    per_page=12,
    choose_view_class=ChooseView,
    choose_results_view_class=ChooseResultsView,
)
"""Gives the block of a lesson's body its widget (`InteractiveBlock`)."""
