"""The served settings with one more address, and everything in one process."""

from lms.settings import STORAGES, VAR_DIR
from scripts.stack.settings import *  # noqa: F403

ROOT_URLCONF = "scripts.bench.urls"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# The outbox is swept by nobody here: tasks run in the request, as without a broker.
CELERY_TASK_ALWAYS_EAGER = True
# Files that are measured, and deleted again.
UPLOADS_ROOT = str(VAR_DIR / "bench-uploads")
STORAGES = {
    **STORAGES,
    "evidence": {
        "BACKEND": "lms.core.storage.EvidenceStorage",
        "OPTIONS": {"location": str(VAR_DIR / "bench-evidence")},
    },
    "plain": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "bench-plain")},
    },
}
# Pages that are looked at in a browser have their script and their styles.
WHITENOISE_USE_FINDERS = True
