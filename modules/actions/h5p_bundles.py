"""Building what a player loads: outside of requests where possible."""

from datetime import datetime
from typing import Final

from h5p.bundles import Asset, build_bundles
from h5p.dependencies import Resolution
from modules.h5p_code import key_of
from modules.h5p_staging import library_url
from modules.h5p_store import store
from modules.models import H5PBundle

BEST: Final = 11
QUICK: Final = 9


def bundle_for(*, resolution: Resolution, at: datetime, quality: int = QUICK) -> H5PBundle:
    """The bundle of these libraries, built if there is none yet. The same libraries give
    the same bytes, so that two processes may build at once. Raises `h5p.Refused`."""
    key = key_of(resolution)
    known = H5PBundle.objects.filter(key=key).first()
    if known is not None:
        return known
    blobs = store()
    built = build_bundles(
        resolution,
        blobs,
        lambda _sha256, path: library_url(resolution, path),
        quality=quality,
    )

    def put(kind: str, asset: Asset) -> dict[str, str]:
        return {
            f"{kind}_sha256": blobs.put(asset.data),
            f"{kind}_brotli_sha256": blobs.put(asset.brotli),
            f"{kind}_gzip_sha256": blobs.put(asset.gzip),
        }

    bundle, _is_new = H5PBundle.objects.get_or_create(
        key=key,
        defaults={
            **put("js", built.js),
            **put("css", built.css),
            "needs_eval": built.evaluates,
            "built_at": at,
        },
    )
    return bundle
