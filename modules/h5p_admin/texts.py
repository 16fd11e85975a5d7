"""“Edit texts and answers” of an uploaded content, as a form made from its semantics."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import View

from h5p.libraries import Shelf
from h5p.semantics import Semantics
from lms.core import clock
from lms.core.errors import StaleVersion
from lms.core.forms import StorableTextMixin
from modules.actions.h5p_content import LONGEST_TITLE, save_texts
from modules.enums import H5POrigin
from modules.h5p_admin.access import Screen, tell_what_is_played
from modules.h5p_admin.text_fields import SEPARATOR, Branch, Leaf, Tree, build_tree
from modules.h5p_shelf import pinned_shelf
from modules.models import H5PContent, H5PVersion

COUNT = "count:"


class AboutForm(StorableTextMixin, forms.Form):
    title = forms.CharField(max_length=LONGEST_TITLE, label=gettext_lazy("Title"))
    note = forms.CharField(
        required=False,
        max_length=250,
        label=gettext_lazy("What has changed"),
        help_text=gettext_lazy("For the history of versions."),
    )
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class TextsView(Screen, View):
    template_name = "modules/h5p_admin/texts.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        contents = H5PContent.objects.filter(origin=H5POrigin.UPLOADED, current__isnull=False)
        self.content = get_object_or_404(
            contents.select_related("current__main_library"), pk=kwargs["pk"]
        )
        self.interface = request.GET.get("part") == "interface"

    def get_page_title(self) -> str:
        return _("Edit texts and answers")

    def trail(self) -> list[tuple[str, str]]:
        return [(self.content.title, reverse("h5p_library:content", args=[self.content.pk]))]

    @property
    def version(self) -> H5PVersion:
        assert self.content.current is not None
        return self.content.current

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        tree = tree_of(self.version, interface=self.interface)
        about = AboutForm(
            initial={"title": self.content.title, "base_version": self.version.number}
        )
        return self.answer(tree, about, form_of(tree))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        counts = counts_in(request.POST)
        added = request.POST.get("add", "")
        if added in counts:
            counts[added] += 1
        tree = tree_of(self.version, interface=self.interface, counts=counts)
        about = AboutForm(request.POST)
        if added:
            # Only another row is wanted: what was typed stays, nothing is checked yet.
            return self.answer(tree, about, form_of(tree, request.POST, is_checked=False))
        form = form_of(tree, request.POST)
        if not (about.is_valid() & form.is_valid()):
            return self.answer(tree, about, form, status=422)
        said = about.cleaned_data
        try:
            version = save_texts(
                content=self.content,
                parameters=changed_content(tree, form.cleaned_data, request.POST),
                title=said["title"],
                base_version=said["base_version"],
                by=self.author,
                at=clock.now(),
                note=said["note"] or _("Texts edited"),
            )
        except StaleVersion as error:
            about.add_error(
                None,
                _(
                    "Somebody stored version %(number)d while you were writing. Nothing was "
                    "stored; your words are still here. Open the newer version in another "
                    "window and take over what you need."
                )
                % {"number": error.extra["version"]},
            )
            return self.answer(tree, about, form, status=409)
        tell_what_is_played(request, version, before=said["base_version"])
        return redirect("h5p_library:content", self.content.pk)

    def answer(
        self, tree: Tree, about: AboutForm, form: forms.Form, status: int = 200
    ) -> HttpResponse:
        shown = self.get_context_data(
            content=self.content,
            about=about,
            form=form,
            tree=shown_branch(tree.root, form),
            lists=tree.lists,
            uncovered=tree.uncovered,
            left_out=tree.left_out,
            interface=self.interface,
            media=form.media,
        )
        return self.render_to_response(shown, status=status)


def tree_of(
    version: H5PVersion, *, interface: bool, counts: Mapping[str, int] | None = None
) -> Tree:
    main = version.main_library
    return build_tree(
        version.parameters,
        main.semantics,
        partial(_find, pinned_shelf(version.pins)),
        interface=interface,
        counts=counts,
    )


def _find(shelf: Shelf, api: str) -> tuple[str, Semantics] | None:
    library = shelf.find(api)
    if library is None:
        return None
    return str(library.metadata.get("title") or library.name.machine), library.semantics or []


def counts_in(post: QueryDict) -> dict[str, int]:
    return {
        name.removeprefix(COUNT): int(value)
        for name, value in post.items()
        if name.startswith(COUNT) and isinstance(value, str) and value.isdigit() and len(value) < 6
    }


class ValuesForm(StorableTextMixin, forms.Form):
    """The fields of a tree."""


def form_of(tree: Tree, post: QueryDict | None = None, *, is_checked: bool = True) -> forms.Form:
    form = ValuesForm(post if is_checked else None)
    for name, leaf in tree.leaves.items():
        form.fields[name] = leaf.form_field
    if post is not None and not is_checked:
        # Rows that have just been added were in no form yet: they keep their defaults.
        form.initial = {
            name: field.widget.value_from_datadict(post, {}, name)
            for name, field in form.fields.items()
            if name in post or isinstance(field, forms.BooleanField)
        }
    if post is not None and is_checked:
        for name, field in form.fields.items():
            stored_row = name in post or isinstance(field, forms.BooleanField)
            if not stored_row:
                field.required = False
    return form


def changed_content(tree: Tree, cleaned: Mapping[str, Any], post: QueryDict) -> dict[str, Any]:
    """The content with what was typed, and without the rows that were ticked."""
    for name, leaf in tree.leaves.items():
        is_sent = name in cleaned and (name in post or leaf.field.type == "boolean")
        if is_sent and leaf.is_changed(cleaned[name]):
            _put(tree.content, leaf.path, leaf.stored(cleaned[name]))
    for rows in tree.lists:
        kept = _at(tree.content, rows.path)
        for number in reversed(range(len(kept))):
            if f"remove:{rows.name}{SEPARATOR}{number}" in post:
                del kept[number]
    return tree.content


def _at(content: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


def _put(content: Any, path: tuple[str | int, ...], value: Any) -> None:
    _at(content, path[:-1])[path[-1]] = value


def shown_branch(branch: Branch, form: forms.Form) -> dict[str, Any]:
    """A branch with its bound fields, for the template."""
    return {
        "label": branch.label,
        "rows": branch.rows,
        "remove": branch.remove,
        "is_new": branch.is_new,
        "children": [
            {"field": form[child.name], "source": child.keeps_markup}
            if isinstance(child, Leaf)
            else {"branch": shown_branch(child, form)}
            for child in branch.children
        ],
    }
