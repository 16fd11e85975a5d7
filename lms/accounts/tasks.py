from celery import shared_task

from lms.accounts import notifications
from lms.accounts.models import User


@shared_task
def send_invitation(user_id: int, occasion: str) -> None:
    notifications.invitation(User.objects.get(pk=user_id), occasion=occasion)
