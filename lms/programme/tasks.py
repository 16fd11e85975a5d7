from celery import shared_task

from lms.programme import notifications
from lms.programme.models import Enrolment


@shared_task
def send_place(enrolment_id: int) -> None:
    notifications.place(Enrolment.objects.select_related("user", "edition").get(pk=enrolment_id))
