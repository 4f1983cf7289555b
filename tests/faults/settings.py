"""Settings of the processes that these tests start, stop and kill: only the rooms named in PERMANENCE_ROOMS."""

import os

from permanence.settings.base import *  # noqa: F403
from permanence.settings.base import DATABASES

INSTALLED_APPS = os.environ.get("PERMANENCE_ROOMS", "permanence.journal,tests.testapp").split(",")
ALLOWED_HOSTS = ["*"]
for _alias in DATABASES:
    DATABASES[_alias]["OPTIONS"] = {"init_command": os.environ.get("PERMANENCE_PRAGMAS", "")}
