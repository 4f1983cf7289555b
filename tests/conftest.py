"""How tests meet the practice. `practice`: the test's own transaction, rolled back. `live`: real files, real commits."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connections
from hypothesis import settings
from sqlcipher3 import dbapi2 as Database

from permanence.journal import folder, heads, vault, writer
from permanence.journal.doors import Actor
from permanence.lib import sqlcipher

settings.register_profile("no clock", deadline=None)  # a busy machine is no finding
settings.load_profile("no clock")
ALIASES = ("default", "access")
MEMORY, ROOM = Path("/dev/shm"), 4 << 30  # noqa: S108  # nothing here is real
PRACTICE_ID = bytes(range(16))
pytest_plugins = ["tests.cast"]
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    # Folders of tests lie in memory, those of the processes that they start too: half of the time was a disk that keeps each COMMIT.
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


# The long files first, those of one folder together: two workers then end at the same time, and each serves one practice to its browser.
LONG = ("tests/browser/", "tests/drill/", "tests/powercut/", "tests/sync/test_killed", "tests/relay/", "tests/web/test_served",
        "tests/attacks/", "tests/faults/", "tests/journal/", "tests/cli/")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((place for place, one in enumerate(LONG) if item.nodeid.startswith(one)), len(LONG)))
    for item in items:
        if "practice" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db(databases=list(ALIASES)))


def pytest_collection_finish() -> None:
    """Five thousand tests and all modules stay to the end: the collector need not walk over them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    """Before the test databases are made: this thread may write them."""
    with sqlcipher.permitted(*ALIASES):
        yield


@pytest.fixture(scope="session")
def keys() -> vault.Vault:
    return vault.fresh(PRACTICE_ID, os.urandom(32))


@pytest.fixture
def practice(db: None, keys: vault.Vault) -> Iterator[vault.Vault]:
    """An empty unlocked practice inside the test's transaction: actions run on a real writer thread, all is rolled back."""
    vault.use(keys)
    heads.forget()
    sharing = {alias: connections[alias] for alias in ALIASES}
    for connection in sharing.values():
        connection.inc_thread_sharing()
    for alias in ALIASES:
        writer.use(writer.Writer(alias, sharing=sharing))
    vault.keep(keys)
    yield keys
    writer.shutdown()
    for connection in sharing.values():
        connection.dec_thread_sharing()
    vault.use(None)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any, keys: vault.Vault) -> Path:
    """An empty practice's two files, made once and copied by `live`."""
    folder = tmp_path_factory.mktemp("template")
    with django_db_blocker.unblock(), _named(folder), sqlcipher.permitted(*ALIASES):
        for alias in ALIASES:
            call_command("migrate", database=alias, run_syncdb=True, verbosity=0)
        vault.keep(keys)
        for alias in ALIASES:
            connections[alias].close()
    return folder


_migrate = folder.migrate


def _migrated() -> None:
    """`folder.migrate`: two new files take their empty tables from two that were migrated once in this process, under their own key."""
    if any(Path(connections.settings[alias]["NAME"]).exists() for alias in ALIASES):
        _migrate()
        return
    for alias, (kept, key) in _empty().items():
        with closing(Database.connect(str(kept))) as raw:
            raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            raw.execute("ATTACH ? AS made KEY ?", (connections.settings[alias]["NAME"], f"x'{sqlcipher.keys[alias].hex()}'"))
            raw.execute("SELECT sqlcipher_export('made')").fetchone()
    with writer.writing():  # their log
        for alias in ALIASES:
            connections[alias].ensure_connection()


@cache
def _empty() -> dict[str, tuple[Path, bytes]]:
    """Two files that only migrations have written, with their keys."""
    place, before = Path(tempfile.mkdtemp(prefix="permanence-empty-")), dict(sqlcipher.keys)
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    made = {alias: (place / alias, os.urandom(32)) for alias in ALIASES}
    names = {alias: connections.settings[alias]["NAME"] for alias in ALIASES}
    try:
        for alias, (path, key) in made.items():
            connections.settings[alias]["NAME"], sqlcipher.keys[alias] = str(path), key
        _migrate()
    finally:
        sqlcipher.keys.update(before)
        for alias, name in names.items():
            connections.settings[alias]["NAME"] = name
    return made


folder.migrate = _migrated


@pytest.fixture
def live(template: Path, django_db_blocker: Any, tmp_path: Path, keys: vault.Vault) -> Iterator[Any]:
    """A copy of the template with writers of its own; this thread's connections only read, as a request's do."""
    for name in ("practice.db", "access.db"):
        shutil.copyfile(template / name, tmp_path / name)
    with django_db_blocker.unblock(), _named(tmp_path):
        vault.use(keys)
        heads.forget()
        before, sqlcipher._thread.aliases = getattr(sqlcipher._thread, "aliases", frozenset()), frozenset()
        yield SimpleNamespace(folder=tmp_path, keys=keys)
        writer.shutdown()
        vault.use(None)
        sqlcipher._thread.aliases = before


class _named:
    """Point both aliases at a folder's files, this thread's connections closed before and after."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> None:
        self.before = {alias: connections.settings[alias]["NAME"] for alias in ALIASES}
        self.kept = {alias: getattr(connections._connections, alias, None) for alias in ALIASES}
        for alias, name in zip(ALIASES, ("practice.db", "access.db"), strict=True):
            if hasattr(connections._connections, alias):
                delattr(connections._connections, alias)
            connections.settings[alias]["NAME"] = str(self.folder / name)

    def __exit__(self, *_: object) -> None:
        for alias in ALIASES:
            connections[alias].close()
            connections.settings[alias]["NAME"] = self.before[alias]
            if hasattr(connections._connections, alias):
                delattr(connections._connections, alias)
            if self.kept[alias] is not None:
                setattr(connections._connections, alias, self.kept[alias])


@pytest.fixture
def own_files(django_db_blocker: Any) -> Iterator[None]:
    """For tests that open folders themselves: this thread only reads, and both aliases are given back afterwards."""
    kept = dict(sqlcipher.keys)
    with django_db_blocker.unblock(), _named(Path("nowhere")):
        before, sqlcipher._thread.aliases = getattr(sqlcipher._thread, "aliases", frozenset()), frozenset()
        yield
        writer.shutdown()
        vault.use(None)
        sqlcipher._thread.aliases = before
    sqlcipher.keys.update(kept)


@pytest.fixture
def anyone() -> Actor:
    """An actor of no profession, for the journal's own tests."""
    return Actor(UUID(int=1), session=UUID(int=2), post=UUID(int=3))
