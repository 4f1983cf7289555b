"""Settings of the processes that these tests start, stop and kill: only the rooms named in PERMANENCE_ROOMS."""

import os

from permanence.settings.base import *  # noqa: F403

INSTALLED_APPS = os.environ.get("PERMANENCE_ROOMS", "permanence.journal,tests.testapp").split(",")
ALLOWED_HOSTS = ["*"]
