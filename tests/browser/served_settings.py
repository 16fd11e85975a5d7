"""Settings of a gunicorn beside a test: the site's own, with static files as they are built."""

from scripts.chaos.settings import *  # noqa: F403

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Its cache is its own: a session that the test deletes has ended at once.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as tests.settings
