"""Uploading a package: everything that is wrong with it, or what it would install, then in."""

from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import View
from wagtail.admin import messages

from h5p.install import Novelty, PlannedLibrary
from h5p.problems import Problem
from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import Conflict, StaleVersion
from modules.actions.h5p_content import create_content, replace_content
from modules.actions.h5p_libraries import install_libraries
from modules.actions.h5p_packages import prepare_package
from modules.enums import H5POrigin
from modules.h5p_admin.access import Screen
from modules.h5p_checking import PackageRefused
from modules.h5p_drafts import Prepared
from modules.h5p_uploads import LIMITS, discard, keep_upload, open_upload, upload_of
from modules.models import H5PContent, H5PVersion
from modules.selectors.h5p_library import arrival_of

NOVELTY = {
    Novelty.NEW: gettext_lazy("New here"),
    Novelty.NEWER_PATCH: gettext_lazy("Newer than the installed one"),
    Novelty.OLDER_PATCH: gettext_lazy("Older than the installed one"),
    Novelty.DIFFERENT_CONTENT: gettext_lazy("Same version, other files"),
    Novelty.SAME: gettext_lazy("Installed already"),
}
OVERTAKEN = gettext_lazy(
    "Somebody stored another version meanwhile, so yours was not. Look at it first."
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("H5P file"),
        widget=forms.FileInput(attrs={"accept": ".h5p"}),
        help_text=gettext_lazy(
            "A file that ends in .h5p, as H5P editors export it. Nothing is stored before "
            "every check has passed."
        ),
    )
    # What the page showed when the file was chosen: 0 for a new content.
    base_version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
    # Of this form: pressed twice, or sent again when no answer came, it uploads once.
    once = forms.UUIDField(widget=forms.HiddenInput, required=False)


class UploadView(Screen, View):
    """A new content, or (with `pk`) the next version of one."""

    template_name = "modules/h5p_admin/upload.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = kwargs.get("pk")
        contents = H5PContent.objects.select_related("current")
        self.content = get_object_or_404(contents, pk=pk, origin=H5POrigin.UPLOADED) if pk else None

    def get_page_title(self) -> str:
        return _("Replace with another file") if self.content else _("Upload an H5P file")

    def trail(self) -> list[tuple[str, str]]:
        if self.content is None:
            return []
        return [(self.content.title, reverse("h5p_library:content", args=[self.content.pk]))]

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self.answer(form=self.form_for(self.shown_version))

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.answer(status=422, form=form)
        upload, base = form.cleaned_data["file"], form.cleaned_data["base_version"] or 0
        try:
            if not upload.name.lower().endswith(".h5p"):
                said = _("“%(name)s” does not end in .h5p. Is it the right file?")
                raise PackageRefused([Problem("extension", "", said % {"name": upload.name})])
            title = self.content.title if self.content else plain_name(upload.name)
            prepared = prepare_package(file=upload, by=self.author, at=clock.now(), title=title)
        except PackageRefused as error:
            return self.answer(
                status=422,
                form=self.form_for(base),
                problems=error.problems,
                lacks_libraries=any(each.code == "no-libraries" for each in error.problems),
                refused=upload.name,
            )
        if prepared.brings:
            return self.review(prepared, upload.name, base)
        if once := form.cleaned_data["once"]:
            # Another file chosen in the same form is another upload.
            what = prepared.draft.sha256[:16]
            prepared = replace(prepared, arrival=f"form {self.author.pk} {once} {what}")
        try:
            return accept(request, prepared, upload.name, self.content, base)
        finally:
            discard(prepared)

    @property
    def shown_version(self) -> int:
        current = self.content.current if self.content else None
        return current.number if current else 0

    @staticmethod
    def form_for(base_version: int) -> UploadForm:
        return UploadForm(initial={"base_version": base_version, "once": uuid4()})

    def review(self, prepared: Prepared, name: str, base_version: int) -> HttpResponse:
        token = keep_upload(
            prepared,
            name=name,
            by=self.author,
            content_id=self.content.pk if self.content else None,
            base_version=base_version,
        )
        assert prepared.plan is not None
        planned = prepared.plan.libraries
        return self.answer(
            template="modules/h5p_admin/review.html",
            token=token,
            name=name,
            title=prepared.draft.title,
            main=prepared.plan.package.main,
            files=len(prepared.draft.files),
            added=[described(each) for each in planned if each.novelty is not Novelty.SAME],
            known=len(prepared.plan.same),
        )

    def answer(self, *, status: int = 200, template: str = "", **context: Any) -> HttpResponse:
        self.template_name = template or "modules/h5p_admin/upload.html"
        most = LIMITS.package_bytes // 2**20
        shown = self.get_context_data(
            content=self.content,
            most=most,
            may_install=self.author.has_perm("modules.install_h5p"),
            **context,
        )
        return self.render_to_response(shown, status=status)


class InstallView(Screen, View):
    """What was reviewed comes in."""

    def post(self, request: HttpRequest) -> HttpResponse:
        token = request.POST.get("token", "")
        try:
            waiting = open_upload(token, by=self.author)
        except Conflict:
            arrival = arrival_of(upload_of(token, by=self.author))
            if arrival is None:
                raise
            # The second click of two: it reads what came of the first.
            return tell(request, arrival.version)
        prepared = waiting.prepared
        if "cancel" in request.POST:
            discard(prepared)
            messages.info(request, _("Nothing was installed."))
            return redirect("h5p_library:index")
        if "libraries" in request.POST:
            install_libraries(prepared=prepared, by=self.author, at=clock.now())
            discard(prepared)
            return tell(request, None)
        content = (
            get_object_or_404(H5PContent, pk=waiting.content_id) if waiting.content_id else None
        )
        answer = accept(request, prepared, waiting.name, content, waiting.base_version)
        # Only now: who was interrupted may press the button again.
        discard(prepared)
        return answer


def plain_name(name: str) -> str:
    return name.rsplit("/", 1)[-1].removesuffix(".h5p")


def accept(
    request: HttpRequest,
    prepared: Prepared,
    name: str,
    content: H5PContent | None,
    base_version: int,
) -> HttpResponse:
    by, at = cast(User, request.user), clock.now()
    if content is None:
        return tell(request, create_content(prepared=prepared, by=by, at=at).current)
    try:
        version = replace_content(
            content=content,
            prepared=prepared,
            base_version=base_version,
            by=by,
            at=at,
            note=_("Replaced with %(name)s") % {"name": name},
        )
    except StaleVersion:
        messages.error(request, OVERTAKEN)
        return redirect("h5p_library:content", content.pk)
    return tell(request, version)


def tell(request: HttpRequest, version: H5PVersion | None) -> HttpResponse:
    """What came of a package; None: only its libraries were wanted."""
    if version is None:
        said = _("The libraries are installed. Editors can upload what needs them.")
        messages.success(request, said)
        return redirect("h5p_library:libraries")
    if version.number == 1:
        said = _("“%(title)s” is in the library. To use it, add it to the text of an activity.")
        messages.success(request, said % {"title": version.content.title})
    elif version.pk == version.content.current_id:
        said = _("Version %(number)d is played from now on.")
        messages.success(request, said % {"number": version.number})
    return redirect("h5p_library:content", version.content_id)


def described(planned: PlannedLibrary) -> dict[str, Any]:
    library = planned.library
    return {
        "title": library.metadata.get("title") or library.name.machine,
        "name": library.name,
        "author": library.metadata.get("author") or "",
        "license": library.metadata.get("license") or "",
        "novelty": NOVELTY[planned.novelty],
        "is_new": planned.novelty is Novelty.NEW,
        "installed": ", ".join(str(other.name) for other in planned.installed),
        "scripts": len(library.metadata.get("preloadedJs") or []),
        "files": len(library.files),
        "kilobytes": -(-sum(file.size for file in library.files.values()) // 1024),
        "is_runnable": library.metadata.get("runnable") in (1, "1", True),
    }
