"""What a content has on other hosts: videos of YouTube and Vimeo, pictures, sound, pages.

    >>> named_outside({"video": {"path": "https://youtu.be/6mGfomhKRQw", "mime": "video/YouTube"}})
    (Outside(url='https://youtu.be/6mGfomhKRQw', host='www.youtube.com', is_embed=True),)

Other hosts learn who looks at the activity: which of them may be asked is the caller's to say.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

YOUTUBE: Final = "www.youtube.com"
VIMEO: Final = "player.vimeo.com"

_PLAYERS: Final = {
    "youtube.com": YOUTUBE, "www.youtube.com": YOUTUBE, "m.youtube.com": YOUTUBE,
    "youtu.be": YOUTUBE, "y2u.be": YOUTUBE, "www.youtube-nocookie.com": YOUTUBE,
    "vimeo.com": VIMEO, "www.vimeo.com": VIMEO, "player.vimeo.com": VIMEO,
}  # fmt: skip
_EMBEDS: Final = {YOUTUBE: (f"https://{YOUTUBE}", "https://www.youtube-nocookie.com")}
_WITH_A_SCRIPT: Final = (YOUTUBE, VIMEO)
_PAGES: Final = "H5P.IFrameEmbed"
_DEEPEST: Final = 60


@dataclass(frozen=True)
class Outside:
    """``host`` is what has to be allowed for it: that of the player for YouTube and Vimeo."""

    url: str
    host: str
    is_embed: bool

    @property
    def is_secure(self) -> bool:
        return self.url.startswith("https://")


@dataclass(frozen=True)
class Allowance:
    """``media``, ``embeds``, ``scripts`` are for `h5p.playing.frame_policy`."""

    media: tuple[str, ...] = ()
    embeds: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    refused: tuple[Outside, ...] = ()


def named_outside(content: Any, main_library: str = "") -> tuple[Outside, ...]:
    """Each address once, in the order of the content. ``main_library``: ``H5P.Foo``."""
    found = dict.fromkeys(_walk({"library": main_library, "params": content}, 0))
    return tuple(found)


def allowance(named: Sequence[Outside], hosts: Collection[str]) -> Allowance:
    """What of it is to be had where only these hosts may be asked, and only over https."""
    allowed = [each for each in named if each.is_secure and each.host in hosts]
    embedded = list(dict.fromkeys(each.host for each in allowed if each.is_embed))
    media = dict.fromkeys(f"https://{each.host}" for each in allowed if not each.is_embed)
    return Allowance(
        media=tuple(media),
        embeds=tuple(url for host in embedded for url in _EMBEDS.get(host, (f"https://{host}",))),
        scripts=tuple(f"https://{host}" for host in embedded if host in _WITH_A_SCRIPT),
        refused=tuple(each for each in named if each not in allowed),
    )


def _walk(value: Any, depth: int) -> Iterator[Outside]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        yield from _outside(value.get("path"), is_page=False)
        params = value.get("params")
        machine = str(value.get("library", "")).partition(" ")[0]
        if machine == _PAGES and isinstance(params, dict):
            yield from _outside(params.get("source"), is_page=True)
        for each in value.values():
            yield from _walk(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            yield from _walk(each, depth + 1)


def _outside(url: Any, *, is_page: bool) -> Iterator[Outside]:
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(f"https:{url}" if url.startswith("//") else url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return
    # A host goes into a policy: letters, digits, dots and hyphens only.
    if parts.scheme not in {"http", "https"} or not _is_host(host) or "@" in parts.netloc:
        return
    player = _PLAYERS.get(host)
    shown = player or (f"{host}:{port}" if port else host)
    yield Outside(parts.geturl(), shown, is_embed=is_page or player is not None)


def _is_host(host: str) -> bool:
    return bool(host) and host.isascii() and all(c.isalnum() or c in ".-" for c in host)
