"""What somebody chooses of the mails they get, and the digests that come of it."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lms.accounts import tasks
from lms.accounts.enums import MailCadence, MailKind
from lms.accounts.mailing import DIGESTS, digest_cut, due_digests, send_stoppable, wants
from lms.accounts.models import DigestLine, MailChoice, User
from lms.core import audit, outbox
from lms.core.errors import InvalidInput, PermissionDenied

LINES_A_DIGEST = 40


@transaction.atomic
def choose_mail(*, user: User, kind: str, cadence: str, by: User, at: datetime) -> MailChoice:
    """Say how often one wants mails of a kind. `by` is the person: signed in, or holding
    the link of a mail to them. The same choice again is no change. Raises InvalidInput."""
    if by.pk != user.pk:
        raise PermissionDenied
    if kind not in MailKind.values:
        raise InvalidInput(errors={"kind": [gettext_lazy("There is no such kind of mail.")]})
    if cadence not in MailCadence.values:
        raise InvalidInput(errors={"cadence": [gettext_lazy("Choose how often.")]})
    # Two clicks on a link, or two windows: one after the other.
    User.objects.select_for_update().get(pk=user.pk)
    before = wants(user, MailKind(kind))
    choice, _is_new = MailChoice.objects.update_or_create(
        user=user, kind=kind, defaults={"cadence": cadence, "changed_at": at}
    )
    if cadence not in DIGESTS:
        # Nobody gets late what they asked not to get.
        DigestLine.objects.filter(user=user, kind=kind, sent_at__isnull=True).update(sent_at=at)
    if before != cadence:
        audit.record(
            by=by, verb="mail.chosen", target=user, at=at, kind=kind, before=before, after=cadence
        )
    return choice


@transaction.atomic
def promise_digests(*, by: None, at: datetime) -> int:
    """Promise a digest of each kind to each person whose lines are due; how many."""
    waiting = (
        DigestLine.objects.filter(sent_at__isnull=True)
        .order_by()
        .values("user", "kind")
        .annotate(first=Min("created_at"))
        .values_list("user", "kind", "first")
    )
    due = due_digests({(user, kind): first for user, kind, first in waiting}, at)
    return sum(
        outbox.enqueue_once(tasks.send_digest_lines, user_id=user, kind=kind) for user, kind in due
    )


@transaction.atomic
def send_lines(*, user: User, kind: MailKind, by: None, at: datetime) -> int:
    """Send the lines that are due in somebody's digest; how many. Run twice, it sends once."""
    cadence = wants(user, kind)
    waiting = DigestLine.objects.select_for_update().filter(
        user=user, kind=kind, sent_at__isnull=True
    )
    if cadence not in DIGESTS:
        # Chosen otherwise meanwhile: nobody gets late what they asked not to get.
        waiting.update(sent_at=at)
        return 0
    due = list(waiting.filter(created_at__lt=digest_cut(user, cadence, at)))
    if not due:
        return 0
    shown = due[:LINES_A_DIGEST]
    paragraphs = [f"{line.line}\n{_absolute(line.url)}".strip() for line in shown]
    if len(due) > len(shown):
        left = len(due) - len(shown)
        paragraphs.append(
            ngettext("And %(count)d more.", "And %(count)d more.", left) % {"count": left}
        )
    send_stoppable(
        to=user,
        kind=kind,
        subject=_("Your digest: %(kind)s") % {"kind": MailKind(kind).label},
        paragraphs=paragraphs,
    )
    DigestLine.objects.filter(pk__in=[line.pk for line in due]).update(sent_at=at)
    return len(due)


def _absolute(url: str) -> str:
    return settings.SITE_URL.rstrip("/") + url if url.startswith("/") else url
