"""The document in which an activity is played, from one script and one stylesheet.

H5P core finds everything through ``window.H5PIntegration``. The functions here write that object
and the document around it; every address, token and nonce is an argument, nothing is fetched.

The document is meant for ``<iframe sandbox="allow-scripts …" allow="fullscreen">`` without
allow-same-origin, loaded by an address (not srcdoc: core builds addresses from the location):

1. `STORAGE_SCRIPT`, since core and libraries stop where storage throws;
2. ``H5PIntegration``, and `START_SCRIPT`, which adds what the name of the frame says;
3. at the end of the page core's scripts, `BRIDGE_SCRIPT` or another between core and libraries,
   and the bundle. Core starts the activity when the document is ready. They must not be deferred:
   the document counts as interactive while deferred scripts run, jQuery then calls it ready at
   once, and core would start the activity before the bundle has arrived.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any, Final

from h5p.dependencies import Resolution
from h5p.words import CORE_WORDS

_SOURCES: Final = files("h5p") / "frame"


def _inline(name: str) -> str:
    """Without what is for its readers alone: every document carries it."""
    text = (_SOURCES / name).read_text("utf-8")
    return re.sub(r"^ *(?://.*)?\n?", "", text, flags=re.MULTILINE)


STORAGE_SCRIPT: Final = _inline("storage.js")
"""Stands in for storage and cookies; must run before core."""

START_SCRIPT: Final = _inline("start.js")
"""Adds what is of one load of the document: see `frame_name`."""

BRIDGE_SCRIPT: Final = _inline("bridge.js")
"""Tells the page around the frame about statements, state and size. Says at its top what."""

LOADER_SCRIPT: Final = _inline("loader.js")
"""Gets styles and scripts, from their addresses or from the page around the frame."""

FRAME_STYLE: Final = (_SOURCES / "frame.css").read_text("utf-8")
"""The document's own: the sheet of paper, and what stands in the place of refused media."""

REFUSED_WORDS: Final = ("This is on %s and is not shown here.", "Open it in a new tab")

_CONTENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

_ABOUT: Final = (
    "title", "authors", "source", "license", "licenseVersion", "licenseExtras", "yearFrom",
    "yearTo", "changes", "defaultLanguage", "a11yTitle",
)  # fmt: skip


@dataclass(frozen=True)
class Addresses:
    """Where the frame finds things. All absolute (with https://host), without a slash at the end.

    ``core_scripts``, ``core_styles``  files of H5P core, in order (h5p-standalone:
                  frame.bundle.js and styles/h5p.css; its styles ask for ../fonts and ../images)
    ``script``, ``style``  the bundles
    ``content``   ``<content>/images/a.png`` is asked for the content's file images/a.png
    ``library``   ``<library>/<content hash>/<path>`` is asked for a file of a library when a
                  script looks it up with H5P.getLibraryPath (or CSS at run time)
    ``base``      old scripts put addresses together by themselves:
                  ``<base>/libraries/H5P.Foo-1.2/<path>`` (`Resolution.file` finds it) and
                  ``<base>/content/<content id>/<path>``
    ``activity``  the activity's IRI in statements; parts of it get ``?subContentId=…``
    """

    core_scripts: Sequence[str]
    core_styles: Sequence[str]
    script: str
    style: str
    content: str
    library: str
    base: str
    activity: str


def integration(
    *,
    content_id: str,
    resolution: Resolution,
    metadata: Mapping[str, Any],
    content: Any,
    addresses: Addresses,
    token: str = "",
    parent_origin: str = "*",
    save_every: int | None = None,
    state: Mapping[str, Mapping[str, str]] | None = None,
    saved_at: int | None = None,
    now: int | None = None,
    words: Mapping[str, str] | None = None,
    marks: bool = False,
    refused: Sequence[str] = (),
    refused_words: Sequence[str] = REFUSED_WORDS,
) -> dict[str, Any]:
    """``window.H5PIntegration`` for one activity.

    ``content_id``  letters, digits, - and _ (raises ValueError otherwise). Core makes a number of
                    one that looks like a number.
    ``metadata``, ``content``  h5p.json and content.json, sanitised
    ``token``, ``parent_origin``  for `BRIDGE_SCRIPT`: what it signs messages with, who gets them
    ``save_every``  seconds between looks at the state; None: no state is saved *or restored*,
                    because core restores only where it saves
    ``state``       what was saved: sub-content id ("0" for the activity) → data type ("state") →
                    JSON text, as `BRIDGE_SCRIPT` sent it
    ``saved_at``, ``now``  when the state was saved, and what the server's clock says: for the page
                    around, which may have kept a newer one on the device (milliseconds)
    ``marks``       our own question type asks the page around the frame to mark
                    (h5p/own/README.md), with ``token`` as the nonce
    ``refused``     addresses on other hosts that the policy does not allow: a sentence with a link
                    stands in their place; ``refused_words`` are the sentence (with ``%s`` for the
                    host) and the words of the link
    ``words``       translations of core's own words (`h5p.words.CORE_WORDS`), by key
    """
    if _CONTENT_ID.fullmatch(content_id) is None:
        raise ValueError(f"not a content id: {content_id!r}")
    main = resolution.main
    about = {key: metadata[key] for key in _ABOUT if key in metadata}
    about.setdefault("title", main.metadata.get("title", ""))
    about.setdefault("license", "U")
    return {
        "url": addresses.base,
        "baseUrl": addresses.base,
        "siteUrl": addresses.base,
        "urlLibraries": addresses.library,
        # H5P.getLibraryPath('H5P.Foo-1.2') becomes <library>/<hash>: the pinned content.
        "libraryDirectories": {
            library.name.folder: library.content_hash for library in resolution.libraries
        },
        "core": {"scripts": [*addresses.core_scripts], "styles": [*addresses.core_styles]},
        # Without a user core makes no request of its own: neither state nor scores.
        "postUserStatistics": False,
        "reportingIsEnabled": False,
        "saveFreq": save_every or False,
        "ajax": {"setFinished": "", "contentUserData": ""},
        "l10n": {"H5P": {**CORE_WORDS, **(words or {})}},
        # Pictures must be readable from a canvas although the frame has no origin.
        "crossorigin": "anonymous",
        "bridge": {
            "token": token,
            "parentOrigin": parent_origin,
            "saves": save_every is not None,
            "savedAt": saved_at,
            "now": now,
            "refused": [*refused],
            "refusedWords": [*refused_words],
        },
        "contents": {
            f"cid-{content_id}": {
                "library": main.name.api,
                "jsonContent": json.dumps(content),
                "metadata": about,
                "title": about["title"],
                "url": addresses.activity,
                "contentUrl": addresses.content,
                "scripts": [addresses.script],
                "styles": [addresses.style],
                "fullScreen": 1 if main.metadata.get("fullscreen") == 1 else 0,
                "exportUrl": "",
                "embedCode": "",
                "resizeCode": "",
                "mainId": content_id,
                **(
                    {"rambla": {"mark": "postMessage", "nonce": token, "origin": parent_origin}}
                    if marks
                    else {}
                ),
                "contentUserData": {sub: dict(kinds) for sub, kinds in (state or {}).items()},
                "displayOptions": dict.fromkeys(
                    ("frame", "export", "embed", "copyright", "icon", "copy"), False
                ),
            }
        },
    }


def frame_html(
    settings: Mapping[str, Any],
    *,
    nonce: str,
    language: str = "en",
    direction: str = "ltr",
    after_core: str = BRIDGE_SCRIPT,
    follows_theme: bool = False,
    integrity: Mapping[str, str] | None = None,
) -> str:
    """The whole document, for what `integration` returned.

    Inline scripts, and those with an address, carry ``nonce``. ``after_core`` is a script between
    core and the libraries: `BRIDGE_SCRIPT`, or one of your own.
    Libraries assume white paper and get a sheet of it after dark, unless the activity
    ``follows_theme``.
    ``integrity``: the SHA-256 of what is at each address of a style or script
    (``sha256-…``, in base64). With it the page around the frame may bring what is there
    (`LOADER_SCRIPT` says how); the policy must allow connections to these addresses.
    """
    ((key, activity),) = settings["contents"].items()
    core = settings["core"]
    styles = [*core["styles"], *activity["styles"]]
    if integrity is None:
        head = "\n".join(f'<link rel="stylesheet" href="{escape(url)}">' for url in styles)
        foot = "\n".join(
            [
                *(_tag(url, nonce) for url in core["scripts"]),
                f'<script nonce="{escape(nonce)}">\n{after_core}</script>',
                *(_tag(url, nonce) for url in activity["scripts"]),
            ]
        )
    else:
        files: list[dict[str, Any]] = [
            *({"url": url, "integrity": integrity[url], "style": True} for url in styles),
            *({"url": url, "integrity": integrity[url]} for url in core["scripts"]),
            {"text": after_core},
            *({"url": url, "integrity": integrity[url]} for url in activity["scripts"]),
        ]
        bridge = settings["bridge"]
        load = {"files": files, "token": bridge["token"], "parentOrigin": bridge["parentOrigin"]}
        head = f'<script nonce="{escape(nonce)}">\n{LOADER_SCRIPT}({script_json(load)});</script>'
        foot = ""
    title = escape(str(activity["title"]))
    sheet = "" if follows_theme else " is-paper"
    return f"""<!DOCTYPE html>
<html class="h5p-iframe{sheet}" lang="{escape(language)}" dir="{escape(direction)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<base target="_blank">
{head}
<style>
{FRAME_STYLE}</style>
<script nonce="{escape(nonce)}">
{STORAGE_SCRIPT}
window.H5PIntegration = {script_json(settings)};
{START_SCRIPT}</script>
</head>
<body>
<div class="h5p-content" data-content-id="{escape(key.removeprefix("cid-"))}"></div>
{foot}
</body>
</html>
"""


def _tag(url: str, nonce: str) -> str:
    return f'<script nonce="{escape(nonce)}" src="{escape(url)}"></script>'


def frame_name(
    token: str,
    state: Mapping[str, Mapping[str, str]] | None = None,
    saved_at: int | None = None,
    now: int | None = None,
    brings: bool = False,
) -> str:
    """The ``name`` of the ``<iframe>``: what differs from one load of the document to the next.

    With it `integration` needs no ``token``, ``state``, ``saved_at`` and ``now``, and the document
    of one activity may be kept by the browser. A frame whose name is another plays all the same,
    with what `integration` was given.
    ``brings``: the page around brings the code, as `LOADER_SCRIPT` says.
    """
    load = {"token": token, "state": state or {}, "savedAt": saved_at, "now": now}
    if brings:
        load["brings"] = True
    return f"h5p-frame {json.dumps(load)}"


def frame_policy(
    *,
    nonce: str,
    origins: Sequence[str],
    parents: Sequence[str],
    evaluates: bool = False,
    media: Sequence[str] = (),
    embeds: Sequence[str] = (),
    scripts: Sequence[str] = (),
) -> str:
    """The Content-Security-Policy of the document: two policies, both of which hold. By the
    first only what carries ``nonce`` runs; but libraries can read the nonce, and what carries it
    may come from anywhere. By the second scripts come from the hosts given here alone.

    ``origins``    hosts of core, bundles, libraries and content (``https://h5p.example``).
                   'self' is of no use: the frame has no origin.
    ``parents``    who may show the frame
    ``evaluates``  `h5p.bundles.Bundles.evaluates`: allow making code from text
    Other hosts learn who looks at the activity, so none is allowed unless given:
    ``media``      for pictures, sound and video (``https:``)
    ``embeds``     for frames inside (``https://www.youtube-nocookie.com``)
    ``scripts``    for scripts (YouTube's player: ``https://www.youtube.com``)
    """
    here = " ".join(origins)
    elsewhere = " ".join((here, *media))
    evaluation = " 'unsafe-eval'" if evaluates else ""
    hosts = " ".join((here, *scripts))
    nonced = "; ".join(
        (
            "default-src 'none'",
            " ".join((f"script-src 'nonce-{nonce}' {here}{evaluation}", *scripts)),
            # Libraries write style attributes throughout.
            f"style-src {here} 'unsafe-inline'",
            f"img-src {elsewhere} data: blob:",
            f"media-src {elsewhere} data: blob:",
            f"font-src {here} data:",
            f"connect-src {here}",
            "worker-src blob:",
            "frame-src " + (" ".join(embeds) or "'none'"),
            # Some libraries set the base to the page itself.
            f"base-uri {here}",
            "form-action 'none'",
            f"frame-ancestors {' '.join(parents)}",
            "sandbox allow-scripts allow-forms allow-popups allow-modals",
        )
    )
    return f"{nonced}, script-src 'unsafe-inline' 'unsafe-eval' {hosts}; worker-src blob:"


def script_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment there."""
    text = json.dumps(value)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
