"""The served settings, with letters that can be counted and a sweep that comes often."""

import os

from lms.beat import BEAT_SCHEDULE
from scripts.stack.settings import *  # noqa: F403

EMAIL_BACKEND = "scripts.chaos.mailbox.MailboxBackend"
EMAIL_FILE_PATH = os.environ["CHAOS_MAILBOX"]
# What a dead worker leaves behind is due after 30 seconds (`lms.core.outbox`); a sweep
# every minute would only make everybody wait longer.
CELERY_BEAT_SCHEDULE = {
    **BEAT_SCHEDULE,
    "sweep-outbox": {**BEAT_SCHEDULE["sweep-outbox"], "schedule": 5.0},
}
