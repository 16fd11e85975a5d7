"""Evidence in an S3-compatible store: the same promises as on a disk (lms.core.storage).

Imported only where settings name a bucket.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage


class StoreAway(OSError):
    """The store does not answer, or refuses. An OSError, as of a disk."""


class S3EvidenceStorage(S3Storage):
    """Refuses to name a URL: a download always passes a permission check. An object is
    there whole or not at all, by the protocol itself."""

    def __init__(self, *, addressing_style: str = "auto", **options: Any) -> None:
        super().__init__(
            **options,
            addressing_style=addressing_style,
            default_acl=None,
            querystring_auth=True,
            client_config=Config(
                s3={"addressing_style": addressing_style},
                connect_timeout=5,
                read_timeout=30,
                retries={"mode": "standard", "total_max_attempts": 3},
                # Stores that only resemble S3 do not know the newer checksums.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def url(self, name: str | None, *args: Any, **kwargs: Any) -> str:
        raise ValueError("Evidence has no public URL.")

    def exists(self, name: str) -> bool:
        with _said_as_of_a_disk():
            return bool(super().exists(name))

    def _save(self, name: str, content: File) -> str:
        with _said_as_of_a_disk():
            return str(super()._save(name, content))

    def stream(self, name: str, chunk_size: int) -> Iterator[bytes]:
        """The content as it comes, without a copy on our disk or in memory."""
        with _said_as_of_a_disk():
            body = self.bucket.Object(self._normalize_name(name)).get()["Body"]
            yield from body.iter_chunks(chunk_size)


@contextmanager
def _said_as_of_a_disk() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreAway(str(error)) from error
