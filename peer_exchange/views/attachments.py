"""Pictures and files beside a text: attaching, taking off, and sending them out."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lms.accounts.typed import SignedInRequest, sign_in_required
from lms.core import clock
from lms.core.downloads import as_attachment
from lms.core.errors import Conflict, InvalidInput, TooLarge
from lms.core.storage import StorageAway, read_chunks
from peer_exchange.actions.attachments import attach, remove_attachment, restore_attachment
from peer_exchange.actions.drafts import stored_values
from peer_exchange.addresses import address_of
from peer_exchange.enums import Attachment
from peer_exchange.forms import DraftForm
from peer_exchange.models import CityExperience, ExperienceFile
from peer_exchange.selectors.shown import is_shared
from peer_exchange.views.drafts import edit_page, save_form
from peer_exchange.views.places import writable_or_404

AN_HOUR = 3600


@require_POST
@sign_in_required
def attach_to_draft(request: SignedInRequest, edition_slug: str, pk: int) -> HttpResponse:
    """The text that was typed goes along and is saved first."""
    experience = writable_or_404(request, edition_slug, pk)
    if refused := _keep_text(request, experience):
        return refused
    kind = request.POST.get("attach", "")
    upload = request.FILES.get(f"{kind}-file")
    try:
        if upload is None:
            raise InvalidInput(errors={"file": [_("Choose a file first.")]})
        file = attach(
            experience=experience, kind=kind, upload=upload, by=request.user, at=clock.now()
        )
    except (InvalidInput, TooLarge, Conflict, StorageAway) as error:
        experience = writable_or_404(request, edition_slug, pk)
        form = DraftForm(None, initial=stored_values(experience), experience=experience)
        return edit_page(
            request,
            experience,
            form,
            base_version=experience.version,
            attach_error=(kind, " ".join(error.sentences)),
            status=error.status,
        )
    if file.kind == Attachment.PICTURE:
        said = _("“%(name)s” is attached. Say what it shows, for those who do not see it.")
    else:
        said = _("“%(name)s” is attached.")
    messages.success(request, said % {"name": file.name})
    return redirect(f"{address_of(experience, 'edit')}#{kind}s")


@require_POST
@sign_in_required
def remove(request: SignedInRequest, pk: UUID) -> HttpResponse:
    said = _("“%(name)s” is removed. You can put it back.")
    return _change(request, pk, remove_attachment, said)


@require_POST
@sign_in_required
def restore(request: SignedInRequest, pk: UUID) -> HttpResponse:
    return _change(request, pk, restore_attachment, _("“%(name)s” is attached again."))


def readable_or_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open where the text beside it is; else behind the sign-in, whether or not there is
    such a file."""
    guarded = sign_in_required(view)

    @wraps(view)
    def opened(request: HttpRequest, pk: UUID, **kwargs: Any) -> HttpResponseBase:
        readable = ExperienceFile.objects.visible_to(request.user).filter(pk=pk)
        if request.user.is_authenticated or readable.exists():
            return view(request, pk=pk, **kwargs)
        return guarded(request, pk=pk, **kwargs)

    return opened


@require_safe
@readable_or_sign_in
def picture(request: HttpRequest, pk: UUID, width: int) -> HttpResponseBase:
    """A picture in one of its widths, for whoever reads the text beside it."""
    file = _visible_or_404(request, pk)
    size = next((one for one in file.sizes if one["width"] == width), None)
    if file.kind != Attachment.PICTURE or size is None:
        raise Http404
    response = StreamingHttpResponse(
        read_chunks(size["stored_as"]),
        headers={
            "Content-Type": file.media_type,
            "Content-Length": str(size["bytes"]),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "ETag": f'"{size["stored_as"].rpartition("/")[2][:32]}"',
        },
    )
    keep_as_far_as_shared(response, file.experience)
    return response


@require_safe
@readable_or_sign_in
def download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    file = _visible_or_404(request, pk)
    if file.kind != Attachment.FILE:
        raise Http404
    return as_attachment(file.stored_as, name=file.name, media_type=file.media_type, size=file.size)


def keep_as_far_as_shared(response: HttpResponseBase, experience: CityExperience) -> None:
    """What anybody reads may be kept by anybody for an hour; the rest by one browser, which
    asks again each time."""
    if is_shared(experience):
        patch_cache_control(response, public=True, max_age=AN_HOUR)
    else:
        patch_cache_control(response, private=True, no_cache=True)


def _visible_or_404(request: HttpRequest, pk: UUID) -> ExperienceFile:
    files = ExperienceFile.objects.visible_to(request.user)
    return get_object_or_404(files.select_related("experience__edition"), pk=pk)


def _change(
    request: SignedInRequest, pk: UUID, action: Callable[..., ExperienceFile], said: str
) -> HttpResponse:
    file = _visible_or_404(request, pk)
    experience = file.experience
    writable_or_404(request, experience.edition.slug, experience.pk)
    if refused := _keep_text(request, experience):
        return refused
    action(file=file, by=request.user, at=clock.now())
    messages.success(request, said % {"name": file.name})
    return redirect(f"{address_of(experience, 'edit')}#{file.kind}s")


def _keep_text(request: SignedInRequest, experience: CityExperience) -> HttpResponse | None:
    """Save the text that came along with a button of the desk; a bare POST has none."""
    return save_form(request, experience) if "base_version" in request.POST else None
