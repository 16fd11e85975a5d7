"""One content: played, where it is used, every version of it; and the installed libraries."""

import json
from typing import Any, cast
from uuid import uuid4

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.generic.base import View
from wagtail.admin import messages

from lms.accounts.models import User
from lms.core import clock
from lms.core.errors import StaleVersion
from lms.core.numbers import whole_number
from modules.actions.h5p_content import restore_version
from modules.actions.h5p_results import try_answer
from modules.enums import H5POrigin
from modules.h5p_admin.access import AuthorsOnly, Screen
from modules.h5p_frames import Play
from modules.models import H5PContent, H5PLibrary, H5PVersion
from modules.selectors.h5p import load_player
from modules.selectors.h5p_library import package_of, places_of


class ContentView(Screen, View):
    template_name = "modules/h5p_admin/content.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        contents = H5PContent.objects.select_related("current", "archived_by")
        self.content = get_object_or_404(contents, pk=kwargs["pk"], current__isnull=False)

    def get_page_title(self) -> str:
        return self.content.title

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        versions = list(
            self.content.versions.select_related("main_library", "created_by").defer(
                "parameters", "questions", "files"
            )
        )
        wanted = whole_number(request.GET.get("version")) or self.content.current.number  # type: ignore[union-attr]
        shown = next((version for version in versions if version.number == wanted), None)
        if shown is None:
            raise Http404
        parent = f"{request.scheme}://{request.get_host()}"
        context = self.get_context_data(
            content=self.content,
            version=shown,
            versions=versions,
            is_current=shown.pk == self.content.current_id,
            places=places_of(self.content),
            player=load_player(self.author, shown.pk, None, parent, clock.now()),
            libraries=sorted(shown.pins),
            outside=shown.allowed_outside.refused,
            is_written=self.content.origin == H5POrigin.QUESTIONS,
            mark_url=reverse("h5p_library:mark", args=[shown.pk]),
            frame_origin=settings.H5P_ORIGIN,
        )
        return self.render_to_response(context)


class DownloadView(AuthorsOnly, View):
    """A version as .h5p, for any other player. It has its answers in it."""

    def get(self, request: HttpRequest, version: int) -> HttpResponse:
        found = get_object_or_404(
            H5PVersion.objects.select_related("main_library", "content"), pk=version
        )
        name = f"{slugify(found.content.title) or 'activity'}.h5p"
        return HttpResponse(
            package_of(found),
            headers={
                "Content-Type": "application/zip",
                "Content-Disposition": content_disposition_header(True, name),
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )


class RestoreView(Screen, View):
    def post(self, request: HttpRequest, version: int) -> HttpResponse:
        found = get_object_or_404(
            H5PVersion.objects.select_related("main_library", "content"), pk=version
        )
        base = whole_number(request.POST.get("base_version"))
        try:
            made = restore_version(
                version=found, base_version=base or 0, by=self.author, at=clock.now()
            )
        except StaleVersion:
            messages.error(
                request,
                _("Somebody stored another version meanwhile. Look at it before you decide."),
            )
        else:
            messages.success(
                request,
                _("What was version %(old)d is played from now on, as version %(new)d.")
                % {"old": found.number, "new": made.number},
            )
        return redirect("h5p_library:content", found.content_id)


class MarkView(AuthorsOnly, View):
    """Marks an answer in a preview; nothing is kept."""

    def post(self, request: HttpRequest, version: int) -> HttpResponse:
        found = get_object_or_404(H5PVersion.objects.exclude(questions=None), pk=version)
        try:
            asked = json.loads(request.body)
            question, response = str(asked["question"]), asked["response"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return JsonResponse({}, status=400)
        play = Play(cast(User, request.user).pk, None, found.pk, uuid4(), "")
        return JsonResponse(try_answer(play=play, question=question, response=response))


class LibrariesView(Screen, View):
    """What is installed, and how much content needs it."""

    template_name = "modules/h5p_admin/libraries.html"

    def get_page_title(self) -> str:
        return _("Installed libraries")

    def get(self, request: HttpRequest) -> HttpResponse:
        libraries = (
            H5PLibrary.objects.select_related("installed_by")
            .defer("semantics", "languages", "files")
            .annotate(contents=Count("versions__content", distinct=True))
        )
        context = self.get_context_data(
            libraries=libraries, may_install=self.author.has_perm("modules.install_h5p")
        )
        return self.render_to_response(context)
