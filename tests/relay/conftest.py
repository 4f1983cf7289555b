"""One PostgreSQL and one relay for all these tests; each test has practices of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.relay.serving import ROOT, Relay

SCRIPT = ROOT / "scripts" / "postgresql.sh"
_shared = Path("/dev/shm")  # noqa: S108  # mkdtemp below makes private folders there
MEMORY = _shared if os.access(_shared, os.W_OK) and shutil.disk_usage(_shared).free > 1 << 30 else None
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """The address of a private PostgreSQL."""
    folder = Path(tempfile.mkdtemp(prefix="permanence-pg-", dir=MEMORY))
    started = subprocess.run(["bash", str(SCRIPT), "start", str(folder), *FAST], capture_output=True, text=True, check=False)
    if started.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL cannot be had here: {started.stderr.strip().splitlines()[-1:]}")
    yield started.stdout.strip().splitlines()[-1]
    subprocess.run(["bash", str(SCRIPT), "stop", str(folder)], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def new_database(cluster: str, name: str) -> str:
    """An empty database in it."""
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return cluster.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def relay(cluster: str) -> Iterator[Relay]:
    with tempfile.TemporaryDirectory(prefix="permanence-relay-", dir=MEMORY) as folder:
        one = Relay(Path(folder), new_database(cluster, "relay"))
        yield one.start()
        one.stop()


@pytest.fixture(scope="module")
def own(cluster: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Relay]:
    """A relay that this file's tests may kill."""
    one = Relay(tmp_path_factory.mktemp("own"), new_database(cluster, f"own_{request.module.__name__.rpartition('.')[2]}"))
    yield one.start()
    one.stop()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    """On SQLite, as in the demo."""
    one = Relay(tmp_path_factory.mktemp("small"), "")
    yield one.start()
    one.stop()
