from celery import shared_task

from peer_exchange import notifications
from peer_exchange.models import CityExperience


@shared_task
def send_experience_published(experience_id: int) -> None:
    notifications.tell_authors_published(CityExperience.objects.get(pk=experience_id))


@shared_task
def send_experience_returned(experience_id: int) -> None:
    notifications.tell_authors_returned(CityExperience.objects.get(pk=experience_id))
