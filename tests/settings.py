"""Settings of the tests: RAMBLA_ENV=test, watched for N+1 queries, without slow hashing."""

import os
import tempfile

os.environ["RAMBLA_ENV"] = "test"

from lms.settings import *  # noqa: F403
from lms.settings import (
    DATABASES,
    INSTALLED_APPS,
    MIDDLEWARE,
    REDIS_URL,
    REST_FRAMEWORK,
    STORAGES,
)

# tests.template_database comes first: it has a `flush` of its own.
INSTALLED_APPS = ["tests.template_database", *INSTALLED_APPS]

# An answer of the API that is not as the schema describes it fails its test.
MIDDLEWARE = ["tests.described_answers.DescribedAnswers", *MIDDLEWARE]

# A request that asks the same question once a row fails its test: on SQLite, as it would
# on any database, and watching every query takes its time.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]
    MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
ZEAL_RAISE = True
# A request may run two or three actions, each of which locks the same row.
ZEAL_NPLUSONE_THRESHOLD = 4
# Others' code, and what Django itself remembers after the first time.
ZEAL_ALLOWLIST = [
    {"model": "wagtail*"},
    {"model": "taggit*"},
    {"model": "contenttypes.ContentType"},
    # The CMS reads the page at hand several times in one request.
    {"model": "modules.*Page", "field": "get()"},
    {"model": "assessments.*Page", "field": "get()"},
]

# Static files come from where they are built; nothing is collected for a test.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# A folder of this process alone: several test runs may go on beside each other.
TEST_SCRATCH = f"{tempfile.gettempdir()}/rambla-tests-{os.getpid()}"
MEDIA_ROOT = f"{TEST_SCRATCH}/media"
STORAGES["evidence"]["OPTIONS"]["location"] = f"{TEST_SCRATCH}/evidence"
UPLOADS_ROOT = f"{TEST_SCRATCH}/uploads"
STORAGES["h5p"]["OPTIONS"]["location"] = f"{TEST_SCRATCH}/h5p"
# A test that forgets to ask for the database finds one without tables, never a real one.
_database = DATABASES["default"]
if _database["ENGINE"].endswith("sqlite3"):
    _database["NAME"] = f"{TEST_SCRATCH}/empty.sqlite3"
    # A file, not memory: the server that the browser talks to has threads of its own.
    _database["TEST"] = {"NAME": f"{TEST_SCRATCH}/test.sqlite3"}
else:
    _database["TEST"] = {"NAME": f"test_{_database['NAME']}"}
    _database["NAME"] = "postgres"

# The CMS's indexes for search and for what refers to what, after every save of a page:
# the fixture `indexed` asks for them.
TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}

# Tasks run in process after commit on both databases; what a broker changes is
# tested with a real worker (tests/core/test_worker.py).
CELERY_TASK_ALWAYS_EAGER = True
if REDIS_URL:
    # Workers of one run share the Redis server, each with a database of its own.
    _worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    REDIS_URL = f"{REDIS_URL.rstrip('/')}/{int(_worker) % 16}"
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }
    CELERY_BROKER_URL = REDIS_URL

REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": {
        **REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"],
        "anon": "100000/min",
        "user": "100000/min",
    },
}
