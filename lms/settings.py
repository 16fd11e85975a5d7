"""Settings. The environment is read here and nowhere else.

Development needs no variable: SQLite, an in-process cache, Celery tasks run in
process after commit. `RAMBLA_ENV=production` refuses to start without its
secrets. `DATABASE_URL` and `REDIS_URL` bring the real servers (docs/deploying.md).
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from lms.beat import BEAT_SCHEDULE
from lms.logs import logging_to_console
from lms.openapi import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)
env = environ.Env()

RAMBLA_ENV = env.str("RAMBLA_ENV", default="development")
if RAMBLA_ENV not in {"development", "test", "production"}:
    raise ImproperlyConfigured("RAMBLA_ENV is development, test or production.")
PRODUCTION = RAMBLA_ENV == "production"
DEBUG = env.bool("DEBUG", default=RAMBLA_ENV == "development") and not PRODUCTION

if PRODUCTION:
    SECRET_KEY = env.str("SECRET_KEY")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY is fifty random characters or more.")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    SITE_URL = env.str("SITE_URL")
else:
    SECRET_KEY = "development-only-key-that-signs-nothing-of-value"  # noqa: S105
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
    SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000")

# --- Applications -----------------------------------------------------------

INSTALLED_APPS = [
    "lms.core",
    "lms.accounts",
    "lms.programme",
    "modules",
    "lms.timetable",
    "lms.billing",
    "lms.admissions",
    "peer_exchange",
    "assessments",
    "lms.dashboard",
    "lms.diploma",
    "api",
    "wagtail.contrib.settings",
    "wagtail.contrib.typed_table_block",
    "wagtail.embeds",
    "wagtail.sites",
    "lms.accounts.apps.PeopleInTheCMSConfig",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "rules.apps.AutodiscoverRulesConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    # Widgets render through the same template engine as pages (FORM_RENDERER).
    "django.forms",
]

MIDDLEWARE = [
    "lms.core.middleware.RequestIdMiddleware",
    "lms.core.middleware.PlayerHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.core.middleware.ContentPolicyMiddleware",
    "lms.core.middleware.PrivatePagesMiddleware",
    "lms.core.middleware.ReadableRequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lms.accounts.middleware.ReaderTimeZoneMiddleware",
    "lms.core.middleware.FormAddressMiddleware",
    "lms.core.middleware.DomainErrorMiddleware",
    "modules.middleware.ArchivedMeanwhileMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.dashboard.context_processors.navigation",
            ],
        },
    },
]
FORM_RENDERER = "lms.core.forms.RamblaFormRenderer"

# --- Data ---------------------------------------------------------------------

_database_url = env.str("DATABASE_URL", default="")
if _database_url:
    DATABASES = {"default": env.db_url_config(_database_url)}
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
elif PRODUCTION:
    raise ImproperlyConfigured("Production needs DATABASE_URL.")
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": env.str("SQLITE_PATH", default=str(VAR_DIR / "rambla.sqlite3")),
            "OPTIONS": {
                "timeout": 20,
                # A write transaction takes its lock when it begins, so that two
                # of them wait for each other instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "init_command": (
                    "PRAGMA journal_mode=WAL;"
                    "PRAGMA synchronous=NORMAL;"
                    "PRAGMA foreign_keys=ON;"
                    "PRAGMA busy_timeout=20000;"
                ),
            },
        }
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# SQLite leaves out what an index carries beside its key: there it is merely less quick.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }
elif PRODUCTION:
    raise ImproperlyConfigured("Production needs REDIS_URL.")
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- Background work ------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A dead broker must not hold a request: the sweep delivers later.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "max_retries": 1}
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

# --- People ---------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dashboard:home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_FORMS = {"login": "lms.accounts.forms.SignInForm"}
# Places are offered by the programme; nobody signs themselves up for an edition.
ACCOUNT_ADAPTER = "lms.accounts.adapter.InvitationOnlyAdapter"
ACCOUNT_LOGOUT_REDIRECT_URL = "dashboard:home"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]

# --- CMS ------------------------------------------------------------------------

WAGTAIL_SITE_NAME = "Rambla"
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_I18N_ENABLED = False
# Passwords are allauth's business, with its limits (see lms.urls).
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
# No request ever goes to a third party, not for a portrait either.
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "pptx", "odt", "csv"]
TAGGIT_CASE_INSENSITIVE = True

# --- Files ----------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "static_collected"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "dist"]
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Evidence has no public URL: every download passes a permission check.
    "evidence": {
        "BACKEND": "lms.core.storage.EvidenceStorage",
        "OPTIONS": {"location": env.str("EVIDENCE_ROOT", default=str(VAR_DIR / "evidence"))},
    },
    # Libraries and files of interactive content, by their hashes; served by our own views.
    "h5p": {
        "BACKEND": "modules.h5p_store.H5PFileStorage",
        "OPTIONS": {"location": env.str("H5P_ROOT", default=str(VAR_DIR / "h5p"))},
    },
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
# An S3-compatible store for evidence instead of the folder (EVIDENCE_S3_BUCKET_NAME, …).
# Without keys boto3 looks where it always does: the role of the machine.
EVIDENCE_S3 = {
    option: value
    for option in (
        "bucket_name", "location", "endpoint_url", "region_name", "access_key", "secret_key",
        "addressing_style",
    )
    if (value := env.str(f"EVIDENCE_S3_{option.upper()}", default=""))
}  # fmt: skip
if EVIDENCE_S3:
    STORAGES["evidence"] = {
        "BACKEND": "lms.core.s3_storage.S3EvidenceStorage", "OPTIONS": EVIDENCE_S3,
    }  # fmt: skip
# Files on their way in, until they are whole; on the disk of the evidence nothing is copied.
UPLOADS_ROOT: str = env.str("UPLOADS_ROOT", default=str(VAR_DIR / "uploads"))
UPLOAD_EXPIRES_HOURS = env.int("UPLOAD_EXPIRES_HOURS", default=24)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# Where interactive content is played: a host name of its own (https://h5p.example.org) that
# leads to this same server. Empty: this host, in a frame without an origin.
H5P_ORIGIN = env.str("H5P_ORIGIN", default="").rstrip("/")
if H5P_ORIGIN:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, H5P_ORIGIN.split("://")[-1].split(":")[0]]
# All that a player asks for is below this, and nothing else is.
H5P_PATH = "/h5p/"
# Hosts that contents may fetch pictures, sound and video from, and whose players they may
# show. None unless the operator says so: each of them learns who looks at which lesson.
H5P_MEDIA_HOSTS = env.list("H5P_MEDIA_HOSTS", default=[])
# A learning record store that statements are forwarded to. Empty: nothing leaves this server.
H5P_LRS_URL = env.str("H5P_LRS_URL", default="")
H5P_LRS_KEY = env.str("H5P_LRS_KEY", default="")
H5P_LRS_SECRET = env.str("H5P_LRS_SECRET", default="")
# Real packages, for tests only.
H5P_PACKAGES_DIR = env.str("H5P_PACKAGES_DIR", default=str(BASE_DIR.parent / "shared" / "h5p"))

# --- Language and time ------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Mail -------------------------------------------------------------------------

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Rambla <diploma@rambla.example>")
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")

# --- The web, defensively -----------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    # The editors' admin and the API's browser bring inline code of their own;
    # their looser policy is set in lms.core.middleware for those paths only.
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        # The page keeps the code of players (docs/adr/0014), which is on their host.
        "connect-src": [SELF, *([H5P_ORIGIN] if H5P_ORIGIN else [])],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [H5P_ORIGIN or SELF],
        "frame-ancestors": [NONE],
    }
}
# Wagtail's admin and its previews (frame-ancestors) and Swagger UI.
CSP_STAFF_DIRECTIVES = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "frame-src": [SELF, *([H5P_ORIGIN] if H5P_ORIGIN else [])],
    "frame-ancestors": [SELF],
}
CSP_STAFF_PATHS = ("/cms/", "/django-admin/", "/api/v1/docs/")
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lms.core.views.csrf_failure"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [SITE_URL]

# How many proxies of ours a request passes: the client's address is the one the outermost
# of them added to X-Forwarded-For; what a client writes there itself is not believed.
# Production stands behind one (docs/deploying.md); without any, the header is ignored.
NUM_PROXIES = env.int("NUM_PROXIES", default=1 if PRODUCTION else 0)
ALLAUTH_TRUSTED_PROXY_COUNT = NUM_PROXIES

# --- API ------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.PersonalTokenAuthentication",
        "api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "api.permissions.TokenScopeAllows",
    ],
    "DEFAULT_PARSER_CLASSES": [
        "api.parsers.JSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.CursorPagination",
    "PAGE_SIZE": 30,
    "DEFAULT_FILTER_BACKENDS": ["api.filters.FilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "anon": env.str("THROTTLE_ANON", default="120/min"),
        "user": env.str("THROTTLE_USER", default="600/min"),
        "failed_token": env.str("THROTTLE_FAILED_TOKEN", default="10/min"),
        "failed_receipt": env.str("THROTTLE_FAILED_RECEIPT", default="10/min"),
        # A PDF takes a second to make, a card for shared links some hundredths.
        "document": env.str("THROTTLE_DOCUMENT", default="10/min"),
        "card": env.str("THROTTLE_CARD", default="60/min"),
        "upload": env.str("THROTTLE_UPLOAD", default="3000/min"),
    },
    "NUM_PROXIES": NUM_PROXIES,
    "EXCEPTION_HANDLER": "api.errors.problem_json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "TOKEN_MODEL": "accounts.PersonalToken",
    "SECURE_HASH_ALGORITHM": "hashlib.sha512",
    "TOKEN_TTL": None,
    "AUTH_HEADER_PREFIX": "Token",
}
KNOX_TOKEN_MODEL = "accounts.PersonalToken"  # noqa: S105

# --- Logs -------------------------------------------------------------------------------

LOGGING = logging_to_console(as_json=PRODUCTION, level=env.str("LOG_LEVEL", default="INFO"))
