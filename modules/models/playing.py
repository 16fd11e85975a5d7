"""What a page plays, as its body says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from lms.core.errors import Conflict
from modules.models.body_blocks import IN_THE_ARCHIVE, INTERACTIVE
from modules.models.h5p import H5PContent


class InTheArchive(Conflict):
    """What the page would play was archived."""

    code = "h5p_in_the_archive"


class PlaysInteractive:
    """The place in the body decides what is played; `h5p` is what queries, results and the
    database's own protection use. A draft has its own."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        if "body" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "h5p"}
        with self._kept_from_the_archive():
            super().save(*args, **kwargs)  # type: ignore[misc]

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self._take_interactive_from_body()
        super().full_clean(*args, **kwargs)  # type: ignore[misc]

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        with self._kept_from_the_archive():
            return super().save_revision(*args, **kwargs)  # type: ignore[misc]

    def interactive_ids(self: Any) -> list[int]:
        blocks = [block for block in self.body.raw_data if block["type"] == INTERACTIVE]
        return [block["value"] for block in blocks if block["value"] is not None]

    def _take_interactive_from_body(self: Any) -> None:
        chosen = self.interactive_ids()
        if (chosen[0] if chosen else None) != self.h5p_id:
            self.h5p = H5PContent.objects.filter(pk__in=chosen[:1]).first()

    @contextmanager
    def _kept_from_the_archive(self: Any) -> Iterator[None]:
        """Whoever makes a page play a content, and whoever archives it, compete for its row."""
        self._take_interactive_from_body()
        with transaction.atomic():
            if self.h5p_id is not None:
                contents = H5PContent.objects.select_for_update().filter(pk=self.h5p_id)
                row = contents.values_list("title", "archived_at").first()
                if row and row[1] is not None:
                    raise InTheArchive(IN_THE_ARCHIVE % {"title": row[0]})
            yield
