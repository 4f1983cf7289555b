"""A full disk: writes stop in plain words, reads go on from the reserve, then stop; room made, all goes on."""

import subprocess
import sys

import pytest

from tests.powercut import record

pytestmark = pytest.mark.skipif(not record.possible() or not sys.platform.startswith("linux"),
                                reason="this SQLite library does not show its VFS: no disk can be pretended full")


def test_a_full_disk_refuses_writes_then_reads_and_loses_nothing(folder, env):
    done = subprocess.run([sys.executable, "-m", "tests.powercut.full", str(folder)], env=env, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("written")
