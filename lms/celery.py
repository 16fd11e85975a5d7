"""The Celery application: workers consume the outbox, beat sweeps it."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

app = Celery("rambla")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
