"""The dialog in which a lesson's editor chooses what is played."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.choosers import BaseFilterForm, SearchFilterMixin
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import chooser

from modules.h5p_admin.library import ROOMY, made_of, use_in_words
from modules.models import H5PContent
from modules.selectors.h5p_library import contents_with_use


class TitleSearch(SearchFilterMixin, BaseFilterForm):
    """By the words of the title: contents are not in the search index."""

    def filter(self, objects: Any) -> Any:
        words = self.cleaned_data.get("q")
        if not words:
            return objects
        self.is_searching, self.search_query = True, words
        return objects.filter(title__icontains=words)


class _Listed:
    filter_form_class = TitleSearch

    def get_object_list(self) -> QuerySet[H5PContent]:
        return contents_with_use()

    @property
    def columns(self) -> list[Column]:
        own = super().columns  # type: ignore[misc]
        return [
            *own,
            Column("kind", label=gettext_lazy("Made of"), accessor=made_of, classname=ROOMY),
            Column("uses", label=gettext_lazy("Used in"), accessor=use_in_words),
            DateColumn("changed", label=gettext_lazy("Changed"), accessor="current.created_at"),
        ]


class ChooseView(_Listed, chooser.ChooseView):
    pass


class ChooseResultsView(_Listed, chooser.ChooseResultsView):
    pass
