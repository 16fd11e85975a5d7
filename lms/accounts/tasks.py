from celery import shared_task

from lms.accounts import notifications
from lms.accounts.enums import MailKind
from lms.accounts.models import User
from lms.core import clock


@shared_task
def send_invitation(user_id: int, occasion: str) -> None:
    notifications.invitation(User.objects.get(pk=user_id), occasion=occasion)


@shared_task
def promise_digests() -> int:
    from lms.accounts.actions.mail import promise_digests as promise

    return promise(by=None, at=clock.now())


@shared_task
def send_digest_lines(user_id: int, kind: str) -> None:
    from lms.accounts.actions.mail import send_lines

    user = User.objects.get(pk=user_id)
    send_lines(user=user, kind=MailKind(kind), by=None, at=clock.now())


@shared_task
def forget_answers() -> int:
    from lms.accounts.actions.answers import forget_answers as forget

    return forget(by=None, at=clock.now())
