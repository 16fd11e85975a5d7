"""The product's settings without DEBUG, one more address, and no throttle in the way."""

from lms.settings import *  # noqa: F403
from lms.settings import REST_FRAMEWORK, STORAGES, VAR_DIR

ROOT_URLCONF = "scripts.bench.urls"
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": {
        "anon": "10000000/min",
        "user": "10000000/min",
        "upload": "10000000/min",
    },
}
# No static file is asked for; whitenoise warns of a folder that is not there.
STATIC_ROOT = VAR_DIR / "bench-static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
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
