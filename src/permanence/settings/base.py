"""What every process shares. No secret stands here: keys come at unlock, the folder's path at start."""

import os
import secrets
from pathlib import Path
from typing import Any

SECRET_KEY = secrets.token_urlsafe(50)  # signs nothing that outlives the process
DEBUG = False
USE_TZ = True
TIME_ZONE = "Europe/Paris"
LANGUAGE_CODE = "fr"
USE_I18N = False
ROOT_URLCONF = "permanence.web.urls"
WSGI_APPLICATION = "permanence.web.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "lucide",
    "permanence.journal",
    "permanence.accounts",
    "permanence.capabilities",
    "permanence.patients",
    "permanence.agenda",
    "permanence.documents",
    "permanence.tasks",
    "permanence.consultations",
    "permanence.prescriptions",
    "permanence.billing",
    "permanence.sync",
    "permanence.interop",
    "permanence.continuity",
    "permanence.handover",
    "permanence.web",
]

# Two files, one key each, derived from the replica's database key (`journal.folder` sets names and keys at unlock).
_NOWHERE = f"{os.devnull}/sealed"  # a name that no system lets anybody create
DATABASES: dict[str, dict[str, Any]] = {
    "default": {"ENGINE": "permanence.lib.sqlcipher", "NAME": _NOWHERE, "CONN_MAX_AGE": None, "OPTIONS": {}},
    "access": {"ENGINE": "permanence.lib.sqlcipher", "NAME": _NOWHERE, "CONN_MAX_AGE": None, "OPTIONS": {}},
}
DATABASE_ROUTERS = ["permanence.journal.router.Router"]

MIDDLEWARE = [
    "permanence.web.proof.headers.SecurityHeaders",
    "permanence.web.compress.Compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "permanence.web.proof.middleware.ProofMiddleware",
    "permanence.web.proof.csrf.CsrfMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
PERMANENCE_ORIGIN = "http://localhost:8000"  # `cli.prepare` says the replica's own name
PERMANENCE_RP_ID = "localhost"
PERMANENCE_CONSOLE_ORIGIN = ""
PERMANENCE_LIVE_ORIGIN = ""  # where live screens listen; none: they read again by themselves
PERMANENCE_TLS = "own-ca"  # whose certificate this name has: own-ca, files, localhost
PERMANENCE_DEMO = False
CSRF_FAILURE_VIEW = "permanence.web.http.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [Path(__file__).parent.parent / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "permanence.web.jinja.environment"},
    },
]
FORM_RENDERER = "django.forms.renderers.Jinja2"

STATIC_URL = "/static/"
_FONT = Path(__file__).parents[3] / "build" / "static"  # cut by `make setup` from Debian's Inter; without it, the system's
STATICFILES_DIRS: list[Path] = [_FONT] if _FONT.is_dir() else []
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Strict"
DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024  # an import of up to 20 MB, and its form
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6_000  # a return note has three for each patient: 1 900 of them, in months of replacement
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # never a clear temporary file
FILE_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
USE_X_FORWARDED_HOST = False
SECURE_CONTENT_TYPE_NOSNIFF = True
LOGGING_CONFIG = None
