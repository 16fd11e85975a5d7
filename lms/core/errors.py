"""What an action may answer instead of doing what it was asked.

Every error has a stable `code` for programs and a sentence for people. The API
turns it into problem+json (`api.errors`), pages into a readable page or a form
error (`lms.core.middleware`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise


class DomainError(Exception):
    """A rule of the programme refused the change; nothing was written."""

    code = "refused"
    status = 409
    sentence: Sentence = _("This cannot be done now.")

    def __init__(self, sentence: Sentence | None = None, **extra: Any) -> None:
        self.sentence = sentence or self.sentence
        self.extra = extra
        super().__init__(str(self.sentence))

    @property
    def sentences(self) -> list[str]:
        """Why not, for where there is no field to say it beside."""
        return [str(self.sentence)]


class PermissionDenied(DomainError):
    """The actor may see the thing but not do this with it."""

    code = "permission_denied"
    status = 403
    sentence = _("You do not have permission to do this.")


class IllegalMove(DomainError):
    """The state machine has no such move from the present state."""

    code = "illegal_move"
    sentence = _("This step is not possible from the present state.")


class StaleVersion(DomainError):
    """Somebody saved a newer version (invariant 3).

    `extra["stored"]` carries what is stored, so that the client keeps both.
    """

    code = "stale_version"
    sentence = _("A newer version was saved meanwhile. Both texts are kept.")


class Conflict(DomainError):
    """The request contradicts something that has already happened."""

    code = "conflict"


class InvalidInput(DomainError):
    """The values cannot be accepted. `errors`: field name → list of sentences."""

    code = "invalid"
    status = 422
    sentence = _("Some values need attention.")

    def __init__(
        self,
        sentence: Sentence | None = None,
        *,
        errors: Mapping[str, Sequence[Sentence]] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(sentence, **extra)
        self.errors: Mapping[str, Sequence[Sentence]] = errors or {}

    @property
    def sentences(self) -> list[str]:
        named = [str(sentence) for said in self.errors.values() for sentence in said]
        return named or super().sentences


class TooLarge(DomainError):
    """A file or text is over its limit."""

    code = "too_large"
    status = 413
    sentence = _("This is larger than allowed.")
