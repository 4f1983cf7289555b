"""Tests: no real path, a key of the day, rooms of the tests beside ours."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from permanence.lib import sqlcipher
from permanence.settings.base import *  # noqa: F403
from permanence.settings.base import DATABASES, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, *os.environ.get("PERMANENCE_TEST_APPS", "tests.testapp").split(",")]
_memory = Path("/dev/shm")  # noqa: S108  # mkdtemp below makes a private folder there
_folder = Path(tempfile.mkdtemp(prefix="permanence-test-", dir=_memory if _memory.is_dir() else None))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _alias in DATABASES:
    sqlcipher.keys[_alias] = os.urandom(32)
    DATABASES[_alias]["TEST"] = {"NAME": str(_folder / f"{_alias}.db"), "MIGRATE": True}
ALLOWED_HOSTS = ["*"]
