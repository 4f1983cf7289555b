"""SQLCipher for Django: keys, which thread may write which file, and `run`, raw SQL with Django's exceptions.

The backend itself is in `base`; queries compiled once are in `compiled`; no table is described here.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connections

keys: dict[str, bytes] = {}  # alias -> raw 32-byte key; set at unlock, emptied at seal, never in settings
_thread = threading.local()


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

    Errors are Django's (`django.db.IntegrityError`...). Query counts see the statement; values are never kept.
    """
    wrapper = connections[alias]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    wrapper.validate_no_broken_transaction()
    if wrapper.queries_logged:
        wrapper.queries_log.append({"sql": sql, "time": "0"})
    with wrapper.wrap_database_errors:
        return wrapper.connection.execute(sql, values)


def log_frames(path: Path) -> tuple[int, int]:
    """Frames in the write-ahead log of this file, and how many of them are in the file already; (0, 0) without an index.

    Read from the shared index beside it: `mxFrame` at 16, `nBackfill` at 96 (SQLite, "WAL-mode File Format", 2.1 and 2.2).
    """
    try:
        with path.with_name(path.name + "-shm").open("rb", buffering=0) as index:
            head = index.read(100)
    except OSError:
        return 0, 0
    return (0, 0) if len(head) < 100 else (_frames(head, 16), _frames(head, 96))


def _frames(head: bytes, at: int) -> int:
    return int.from_bytes(head[at:at + 4], sys.byteorder)


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
