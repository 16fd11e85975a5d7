from celery import shared_task

from lms.accounts import notifications
from lms.accounts.actions.mail import send_lines
from lms.accounts.enums import MailKind
from lms.accounts.models import DigestLine, User
from lms.core import clock, outbox


@shared_task
def send_invitation(user_id: int, occasion: str) -> None:
    notifications.invitation(User.objects.get(pk=user_id), occasion=occasion)


@shared_task
def promise_digests() -> int:
    """Promise a look at each person's lines that wait; whether they are due is asked then."""
    waiting = (
        DigestLine.objects.filter(sent_at__isnull=True)
        .order_by()
        .values_list("user", "kind")
        .distinct()
    )
    promised = 0
    for user_id, kind in waiting:
        if not outbox.waits(send_digest_lines, user_id=user_id, kind=kind):
            outbox.enqueue(send_digest_lines, user_id=user_id, kind=kind)
            promised += 1
    return promised


@shared_task
def send_digest_lines(user_id: int, kind: str) -> None:
    user = User.objects.get(pk=user_id)
    send_lines(user=user, kind=MailKind(kind), by=None, at=clock.now())
