"""Settings for the writer's own tests and for their child processes: no room but the journal."""

import os

from permanence.lib import sqlcipher

SECRET_KEY = "not a secret"
USE_TZ = True
INSTALLED_APPS = ["tests.journal.writer.bare.Journal"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
_OPTIONS = {"init_command": os.environ.get("PERMANENCE_PRAGMAS", "")}
DATABASES = {
    alias: {"ENGINE": "permanence.lib.sqlcipher", "NAME": os.environ.get(f"PERMANENCE_{alias.upper()}", "absent.db"),
            "CONN_MAX_AGE": None, "OPTIONS": _OPTIONS, "TEST": {"NAME": None, "MIGRATE": False}}
    for alias in ("default", "access")
}
if "PERMANENCE_KEY" in os.environ:
    sqlcipher.keys.update({alias: bytes.fromhex(os.environ["PERMANENCE_KEY"]) for alias in DATABASES})
