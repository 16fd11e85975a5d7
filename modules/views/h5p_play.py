"""The document in which an activity is played."""

import secrets
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from h5p.own import NAME as OWN_TYPE
from h5p.playing import Addresses, frame_html, frame_policy, integration
from h5p.problems import H5PError
from lms.accounts.models import User
from lms.core import clock
from modules.actions.h5p_bundles import bundle_for
from modules.h5p_code import Code, code_at
from modules.h5p_core import SCRIPT, STYLE, core_integrity
from modules.h5p_frames import Player, activity_iri, read_frame, sign_files
from modules.h5p_staging import Stage, stage_of
from modules.h5p_words import core_words
from modules.models import H5PBundle, H5PVersion
from modules.models.course import edits_pages
from modules.selectors.h5p import is_playable
from modules.views.h5p_files import PRIVATE, is_frame_host

# Seconds between looks at the state; our own type also says when it has changed.
SAVE_EVERY = 10


# Nothing in it is somebody else's choice: its length tells nothing about what is secret in it.
@gzip_page
@require_safe
@xframe_options_exempt
def frame(request: HttpRequest, token: str) -> HttpResponse:
    """For whom the address was made, as long as they may read the activity. No cookie is
    read: the frame is a stranger to the page around it. Their browser keeps the document for
    the next load: what they did, and the token that says so, stand in that page alone."""
    player = read_frame(token)
    if player is None or not is_frame_host(request):
        raise Http404
    user = User.objects.filter(pk=player.user_id, is_active=True).first()
    if user is None or not _may_see(user, player):
        raise Http404
    try:
        stage = stage_of(player.version_id)
        bundle = bundle_for(resolution=stage.resolution, at=clock.now())
    except (H5PError, H5PVersion.DoesNotExist) as error:
        raise Http404 from error

    host = settings.H5P_ORIGIN or f"{request.scheme}://{request.get_host()}"
    nonce = secrets.token_urlsafe(18)
    code = code_at(host, bundle.key)
    html = frame_html(
        _settings(stage, player, host, code),
        nonce=nonce,
        language=_language(stage.metadata),
        follows_theme=_is_own(stage),
        integrity=_integrity(code, bundle),
    )
    response = HttpResponse(html)
    response["Content-Security-Policy"] = frame_policy(
        nonce=nonce,
        # Nothing else of this host, even where it has no host of its own.
        origins=[f"{host}{settings.H5P_PATH}"],
        parents=[player.parent],
        evaluates=bundle.needs_eval,
        media=stage.outside.media,
        embeds=stage.outside.embeds,
        scripts=stage.outside.scripts,
    )
    # While servers are replaced, one may be asked for the document of another: a browser that
    # kept it would have addresses of code that is gone.
    response["Cache-Control"] = PRIVATE if player.is_played_so else "private, no-store"
    # Players of other hosts do not start for a page that does not say where it is.
    response["Referrer-Policy"] = "strict-origin" if stage.outside.embeds else "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _may_see(user: User, player: Player) -> bool:
    if player.activity_id is None:
        return edits_pages(user)
    return is_playable(user, player.activity_id, player.version_id)


def _settings(stage: Stage, player: Player, host: str, code: Code) -> dict[str, Any]:
    def at(name: str, *args: str) -> str:
        # Core puts a path behind it, without a slash between.
        return f"{host}{reverse(name, args=args)}".removesuffix("/-")

    files = sign_files(stage.version_id)
    return integration(
        content_id=str(stage.content_id),
        resolution=stage.resolution,
        metadata=stage.metadata,
        content=stage.content,
        words=core_words(_language(stage.metadata)),
        addresses=Addresses(
            core_scripts=[code.core_script],
            core_styles=[code.core_style],
            script=code.script,
            style=code.style,
            content=at("h5p:content", files, "-"),
            library=f"{host}{settings.H5P_PATH}libraries",
            base=at("h5p:by_name", files, "-"),
            activity=activity_iri(player.activity_id),
        ),
        parent_origin=player.parent,
        save_every=SAVE_EVERY,
        marks=stage.question_set is not None,
        refused=[each.url for each in stage.outside.refused],
        refused_words=[
            # Translators: %s is the name of a host, such as www.youtube.com.
            _("This is on %s and is not shown here."),
            _("Open it in a new tab"),
        ],
    )


def _is_own(stage: Stage) -> bool:
    """Our own question type knows the theme, also when it comes in an uploaded package."""
    return stage.resolution.main.name.machine == OWN_TYPE.machine


def _integrity(code: Code, bundle: H5PBundle) -> dict[str, str]:
    """The SHA-256 of all the code, by address."""

    def of_bundle(kind: str) -> str:
        return f"sha256-{b64encode(bytes.fromhex(bundle.blob(kind, ''))).decode()}"

    return {
        code.core_style: core_integrity(STYLE),
        code.style: of_bundle("css"),
        code.core_script: core_integrity(SCRIPT),
        code.script: of_bundle("js"),
    }


def _language(metadata: Mapping[str, Any]) -> str:
    language = metadata.get("language") or metadata.get("defaultLanguage")
    return language if isinstance(language, str) and language != "und" else "en"
