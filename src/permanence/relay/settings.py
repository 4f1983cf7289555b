"""The relay's settings, from one variable of its environment: `PERMANENCE_RELAY`, JSON {folder, database, names, plain}."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from permanence.relay.places import database_of

_given: dict[str, Any] = json.loads(os.environ.get("PERMANENCE_RELAY", "{}"))
RELAY_FOLDER = Path(_given.get("folder", os.devnull))
RELAY_NAMES: list[str] = _given.get("names", [])  # authorities under which it answers: relay.example, relay.example:8443
RELAY_PLAIN = bool(_given.get("plain"))  # without TLS, on this machine alone

SECRET_KEY = secrets.token_urlsafe(50)  # signs nothing
DEBUG = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
ROOT_URLCONF = "permanence.relay.urls"
INSTALLED_APPS = ["permanence.relay"]
MIDDLEWARE: list[str] = []
TEMPLATES: list[dict[str, Any]] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database_of(_given.get("database", ""), RELAY_FOLDER if _given else None)}
ALLOWED_HOSTS = ["*"]  # `relay.asking` compares the whole authority, which is stricter
DATA_UPLOAD_MAX_MEMORY_SIZE = None  # `relay.gate` counts before it reads
APPEND_SLASH = False
LOGGING_CONFIG = None
