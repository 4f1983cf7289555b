"""SQLCipher for Django: keys, which thread may write which file, and `run`, raw SQL with Django's exceptions.

The backend itself is in `base`; queries compiled once are in `compiled`; no table is described here.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import connections

keys: dict[str, bytes] = {}  # alias -> raw 32-byte key; set at unlock, emptied at seal, never in settings
_thread = threading.local()
STEPS = 100_000  # of SQLite's machine, between two looks at whether to go on


class Sealed(Exception):
    """No key in memory for this file: the practice is not open."""


class WrongKey(Exception):
    """The key does not open the file, or the file's first page is damaged."""


def may_write(alias: str) -> bool:
    """Whether connections that this thread opens on `alias` may write."""
    return alias in getattr(_thread, "aliases", ())


@contextmanager
def permitted(*aliases: str) -> Iterator[None]:
    """Let this thread's new connections on `aliases` write. Only the writer and `journal.writer.writing` use it."""
    before: frozenset[str] = getattr(_thread, "aliases", frozenset())
    _thread.aliases = before | set(aliases)
    try:
        yield
    finally:
        _thread.aliases = before


def seal() -> None:
    """Forget the keys; each thread's open connection must be closed by that thread."""
    keys.clear()


def run(alias: str, sql: str, *values: Any) -> Any:
    """Execute on this thread's raw connection, `?` marks, plain SQLite values; returns the cursor.

    Errors are Django's (`django.db.IntegrityError`...). Query counts see the statement; values are never kept. A bound limit is written
    `LIMIT ? + 0`: of a bare `LIMIT ?` SQLite looks at the value, and compiles the statement anew each time that one is bound.
    """
    wrapper = connections[alias]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": sql, "time": "0"})
    with wrapper.wrap_database_errors:
        return wrapper.connection.execute(sql, values)


def unsound_tables(alias: str) -> Iterator[tuple[str, bool]]:
    """Each table with its indexes, every page of it read: its name, and whether it is unsound. DatabaseError: unreadable.

    Table by table: over the whole file, a full-text table may find fault with what this connection remembers of it.
    """
    tables = run(alias, "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").fetchall()
    for (name,) in tables:
        yield name, run(alias, f"PRAGMA quick_check('{name}')").fetchone()[0] != "ok"


@contextmanager
def while_(going_on: Callable[[], bool], alias: str) -> Iterator[None]:
    """Let what this thread reads meanwhile be interrupted (an OperationalError) as soon as `going_on()` is false."""
    raw = connections[alias].connection
    raw.set_progress_handler(lambda: not going_on(), STEPS)
    try:
        yield
    finally:
        with suppress(Exception):  # closed meanwhile
            raw.set_progress_handler(None, 0)


def run_many(alias: str, sql: str, rows: Any) -> Any:
    """`run` for many rows of values (executemany)."""
    wrapper = connections[alias]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": sql, "time": "0"})
    with wrapper.wrap_database_errors:
        return wrapper.connection.executemany(sql, rows)
