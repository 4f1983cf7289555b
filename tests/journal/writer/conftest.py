"""Fixtures of the writer's tests: `live` has real files, commits, both writers; `rolled_back` lends a transaction."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction

from permanence.journal import acts
from permanence.journal import writer as w
from permanence.lib import sqlcipher
from tests.journal.writer import tools


@pytest.fixture(scope="session")
def writer_files(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Path:
    folder = tmp_path_factory.mktemp("writer")
    with django_db_blocker.unblock():
        tools.make_files(folder)
    return folder


@pytest.fixture
def live(writer_files: Path, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
         ) -> Iterator[w.Writer]:
    """A copy of the empty files, a writer of its own for each, readers that cannot write."""
    for file in writer_files.iterdir():
        shutil.copyfile(file, tmp_path / file.name)
    monkeypatch.setattr(acts, "flush", tools.flush)
    monkeypatch.setattr(acts, "head_committed", [])
    monkeypatch.setattr(w, "_writers", {})
    monkeypatch.setattr(sqlcipher._thread, "aliases", frozenset(), raising=False)  # the suite's own database permits more
    with django_db_blocker.unblock(), tools.at(tmp_path):
        yield w.current()
        w.shutdown()


@pytest.fixture
def rolled_back(writer_files: Path, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
                ) -> Iterator[w.Writer]:
    """As Django's TestCase: a transaction on this thread's connection, lent to a real writer thread."""
    for file in writer_files.iterdir():
        shutil.copyfile(file, tmp_path / file.name)
    monkeypatch.setattr(acts, "flush", tools.flush)
    monkeypatch.setattr(w, "_writers", {})
    with django_db_blocker.unblock(), tools.at(tmp_path):
        connection = connections["default"]
        with sqlcipher.permitted("default"):
            connection.ensure_connection()
            outer = transaction.atomic()
            outer._from_testcase = True
            outer.__enter__()
        connection.inc_thread_sharing()
        w.use(shared := w.Writer(sharing={"default": connection}))
        yield shared
        w.shutdown()
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)
        connection.dec_thread_sharing()


@pytest.fixture
def threads() -> Callable[..., list[Any]]:
    """Call a function with 0..count-1, each on its own thread, all at once; results or the exceptions raised."""
    def run(function: Callable[[int], Any], count: int) -> list[Any]:
        barrier = Barrier(count)

        def one(i: int) -> Any:
            barrier.wait()
            try:
                return function(i)
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(one, range(count)))

    return run
