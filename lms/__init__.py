"""Rambla: the platform's own apps, from the ground (core) up (dashboard)."""

from lms.celery import app as celery_app

__all__ = ["celery_app"]
