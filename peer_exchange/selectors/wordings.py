"""Every wording a response has had, as far as the reader may look back."""

from dataclasses import dataclass
from typing import Any

from lms.accounts.models import User
from peer_exchange.models import Response, ResponseRevision, WithheldWording
from peer_exchange.rules import may_hide_response


@dataclass(frozen=True)
class Wording:
    """`before`: the wording shown before it, which it is compared with. `withheld`: a
    moderator took it away; its words are then for its author and the moderators alone."""

    revision: ResponseRevision
    before: ResponseRevision | None
    withheld: WithheldWording | None
    is_readable: bool
    is_newest: bool
    abilities: dict[str, bool]

    @property
    def body(self) -> str:
        return self.revision.body if self.is_readable else ""

    @property
    def reason(self) -> str:
        return self.withheld.reason if self.withheld and self.is_readable else ""


def wordings_of(user: User | Any, response: Response) -> list[Wording]:
    """From the first to the newest. What was taken away is compared with nothing: the
    words that are struck through would tell it."""
    moderates = may_hide_response(user, response)
    reads_all = moderates or response.author_id == user.pk
    revisions = list(response.revisions.select_related("withheld").order_by("number"))
    wordings = []
    before: ResponseRevision | None = None
    for revision in revisions:
        withheld = getattr(revision, "withheld", None)
        is_newest = revision is revisions[-1]
        wordings.append(
            Wording(
                revision=revision,
                before=None if withheld else before,
                withheld=withheld,
                is_readable=withheld is None or reads_all,
                is_newest=is_newest,
                abilities={
                    "withhold": moderates and not withheld and not is_newest,
                    "bring_back": moderates and withheld is not None,
                },
            )
        )
        if withheld is None:
            before = revision
    return wordings
