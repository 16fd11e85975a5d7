"""Uploading a package: everything that is wrong with it, or what it would install, then in."""

from typing import Any, cast

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
from modules.actions.h5p_content import create_content_from_package, replace_with_package
from modules.actions.h5p_libraries import CheckedPackage, PackageRefused, check_package
from modules.h5p_admin.access import Screen
from modules.h5p_uploads import LIMITS, forget_upload, keep_upload, open_upload
from modules.models import H5PContent

NOVELTY = {
    Novelty.NEW: gettext_lazy("New here"),
    Novelty.NEWER_PATCH: gettext_lazy("Newer than the installed one"),
    Novelty.OLDER_PATCH: gettext_lazy("Older than the installed one"),
    Novelty.DIFFERENT_CONTENT: gettext_lazy("Same version, other files"),
    Novelty.SAME: gettext_lazy("Installed already"),
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("H5P file"),
        widget=forms.FileInput(attrs={"accept": ".h5p"}),
        help_text=gettext_lazy(
            "A file that ends in .h5p, as H5P editors export it. Nothing is stored before "
            "every check has passed."
        ),
    )


class UploadView(Screen, View):
    """A new content, or (with `pk`) the next version of one."""

    template_name = "modules/h5p_admin/upload.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        pk = kwargs.get("pk")
        contents = H5PContent.objects.select_related("current")
        self.content = get_object_or_404(contents, pk=pk, origin="uploaded") if pk else None

    def get_page_title(self) -> str:
        return _("Replace with another file") if self.content else _("Upload an H5P file")

    def trail(self) -> list[tuple[str, str]]:
        if self.content is None:
            return []
        return [(self.content.title, reverse("h5p_library:content", args=[self.content.pk]))]

    def get(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        return self.answer(form=UploadForm())

    def post(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.answer(status=422, form=form)
        upload = form.cleaned_data["file"]
        try:
            if not upload.name.lower().endswith(".h5p"):
                said = _("“%(name)s” does not end in .h5p. Is it the right file?")
                raise PackageRefused([Problem("extension", "", said % {"name": upload.name})])
            checked = check_package(file=upload, by=self.author)
            if checked.brings:
                return self.review(request, checked, upload)
            return accept(request, upload, upload.name, self.content, self.base_version)
        except PackageRefused as error:
            return self.answer(
                status=422, form=UploadForm(), problems=error.problems, refused=upload.name
            )

    @property
    def base_version(self) -> int:
        current = self.content.current if self.content else None
        return current.number if current else 0

    def review(self, request: HttpRequest, checked: CheckedPackage, upload: Any) -> HttpResponse:
        token = keep_upload(
            upload,
            name=upload.name,
            by=self.author,
            at=clock.now(),
            content_id=self.content.pk if self.content else None,
            base_version=self.base_version,
        )
        return self.answer(
            template="modules/h5p_admin/review.html",
            token=token,
            name=upload.name,
            title=checked.package.metadata.get("title") or upload.name,
            main=checked.package.main,
            files=len(checked.package.content_files),
            added=[described(planned) for planned in checked.plan.libraries if is_added(planned)],
            known=len(checked.plan.same),
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
        if "cancel" in request.POST:
            forget_upload(token)
            messages.info(request, _("Nothing was installed."))
            return redirect("h5p_library:index")
        waiting = open_upload(token, by=self.author)
        content = (
            get_object_or_404(H5PContent, pk=waiting.content_id) if waiting.content_id else None
        )
        with waiting.file as file:
            answer = accept(request, file, waiting.name, content, waiting.base_version)
        forget_upload(token)
        return answer


def accept(
    request: HttpRequest, file: Any, name: str, content: H5PContent | None, base_version: int
) -> HttpResponse:
    by, at = cast(User, request.user), clock.now()
    if content is None:
        title = name.rsplit("/", 1)[-1].removesuffix(".h5p")
        content = create_content_from_package(file=file, by=by, at=at, title=title)
        messages.success(
            request,
            _("“%(title)s” is in the library. Choose it in an activity of a lesson.")
            % {"title": content.title},
        )
    else:
        version = replace_with_package(
            content=content,
            file=file,
            base_version=base_version,
            by=by,
            at=at,
            note=_("Replaced with %(name)s") % {"name": name},
        )
        messages.success(
            request,
            _("Version %(number)d is played from now on.") % {"number": version.number},
        )
    return redirect("h5p_library:content", content.pk)


def is_added(planned: PlannedLibrary) -> bool:
    return planned.novelty is not Novelty.SAME


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
