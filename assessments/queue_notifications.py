"""Messages about who marks what."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.models import AllocationRun, DeclaredConflict
from lms.accounts.models import User
from lms.core.mail import send_message
from lms.programme.enums import Role
from lms.programme.selectors import people_with_role


def allocated(run: AllocationRun, *, to: User, given: int, taken: int) -> None:
    """To a marker: how many more they have to mark now, or how many fewer."""
    paragraphs = []
    if given:
        sentence = ngettext(
            "%(person)s has given you %(count)d project to mark.",
            "%(person)s has given you %(count)d projects to mark.",
            given,
        )
        paragraphs.append(sentence % {"person": run.by, "count": given})
        paragraphs.append(
            _("If you know somebody who wrote one of them, say so on its desk: it goes to a "
              "colleague.")
        )  # fmt: skip
    if taken:
        sentence = ngettext(
            "%(count)d project that you had not begun went to a colleague.",
            "%(count)d projects that you had not begun went to colleagues.",
            taken,
        )
        paragraphs.append(sentence % {"count": taken})
    send_message(
        to=to,
        subject=_("Projects for you to mark") if given else _("You have less to mark"),
        paragraphs=paragraphs,
        action_url=reverse("assessments:queue", args=[run.project.edition.slug]) + "?show=mine",
        action_label=_("See your projects"),
    )


def conflict_declared(conflict: DeclaredConflict, *, handed_back: int) -> None:
    """To the coordinators: somebody else has to mark."""
    edition = conflict.edition
    paragraphs = [
        _("%(person)s has a conflict of interest in “%(edition)s”. The reason:")
        % {"person": conflict.person, "edition": edition.name},
        conflict.reason,
    ]
    if handed_back:
        sentence = ngettext(
            "%(count)d project that they had in hand is free for another marker.",
            "%(count)d projects that they had in hand are free for another marker.",
            handed_back,
        )
        paragraphs.append(sentence % {"count": handed_back})
    for person in people_with_role(edition, Role.COORDINATOR):
        if person.pk == conflict.declared_by_id:
            continue
        send_message(
            to=person,
            subject=_("A conflict of interest: %(person)s") % {"person": conflict.person},
            paragraphs=paragraphs,
            action_url=reverse("assessments:conflicts", args=[edition.slug]),
            action_label=_("See the conflicts of interest"),
        )
