"""The two files of this process: which ones, with which keys, brought to this version, and whether they can be read."""

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.backends.signals import connection_created
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from permanence.journal import keyring, outcomes, writer
from permanence.lib import host, sqlcipher

FILES = {"default": "practice.db", "access": "access.db"}
AT_ONCE = 32 << 20  # bytes: what is gone through before opening, in about 0.3 s; the pages of larger files follow it
NO_ROOM = 1 << 20  # bytes: under it, SQLite's « disk I/O error » at opening is a disk without room, not a damaged file


class Damaged(host.Unsuitable):
    """A file of the folder cannot be read as what it is. `file` names it; nothing was overwritten."""

    def __init__(self, file: str, why: str = "illisible") -> None:
        super().__init__(f"Le fichier {file} du cabinet est abîmé ({why}). Rien n’a été écrasé\u00a0: gardez ce dossier tel "
                         "quel, et ouvrez la dernière copie vérifiée avec «\u00a0permanence restore\u00a0».", code="damaged")
        self.file, self.why = file, why


def point_at(path: Path, database_key: bytes) -> None:
    """Let both aliases mean this folder's files, each with its own key."""
    close_connections()
    for alias, name in FILES.items():
        connections.settings[alias]["NAME"] = str(path / name)
        sqlcipher.keys[alias] = keyring.file_key(database_key, name)


def migrate() -> None:
    """Bring both files to this version. No writer may be running."""
    with writer.writing():
        for alias in FILES:
            call_command("migrate", database=alias, verbosity=0, interactive=False)


def missing_migrations() -> bool:
    """Whether this version's tables are not all there yet: before an upgrade, a copy is made first."""
    return any(_of_this_version() - set(MigrationRecorder(connections[alias]).applied_migrations()) for alias in FILES)


@cache
def _of_this_version() -> frozenset[tuple[str, str]]:
    """Every migration by application and name, read from the program once: each opening asks."""
    return frozenset(MigrationLoader(None).graph.nodes)


def refuse_damage(path: Path) -> None:
    """Raises Damaged for a file that is not there, does not open with its key, is cut, or whose pages are not whole, as far
    as that can be known at once: `Folder.check_pages` goes on where a file is large."""
    for alias, name in FILES.items():
        if not (path / name).exists():
            raise Damaged(name, "absent")
        _readable(alias, name)


def _readable(alias: str, name: str) -> None:
    """Raises Damaged when the file does not open with its key, is cut, or, if it is small, has a page that is not whole."""
    small = Path(connections.settings[alias]["NAME"]).stat().st_size <= AT_ONCE
    with _damage_named(alias, name):
        sqlcipher.run(alias, "SELECT count(*) FROM journal_chain").fetchone()  # SQLite itself sees here that a file is cut
        if small and sqlcipher.run(alias, "PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise Damaged(name, "contenu incohérent")


def go_through(alias: str, name: str, going_on: Callable[[], bool] = lambda: True) -> None:
    """Every page of a file. Raises Damaged."""
    with _damage_named(alias, name):
        connections[alias].ensure_connection()
        with sqlcipher.while_(going_on, alias):
            for _, unsound in sqlcipher.unsound_tables(alias):
                if unsound:
                    raise Damaged(name, "contenu incohérent")
                if not going_on():
                    return


@contextmanager
def _damage_named(alias: str, name: str) -> Iterator[None]:
    """What SQLite says of a file that it cannot read becomes Damaged; a disk without room is not damage."""
    try:
        with connections[alias].wrap_database_errors:  # reading a row may fail too, not only asking for it
            yield
    except sqlcipher.WrongKey as error:
        raise Damaged(name, "il ne s’ouvre pas avec sa clé") from error
    except DatabaseError as error:
        if outcomes.is_full(error) or host.free_bytes(Path(connections.settings[alias]["NAME"]).parent) < NO_ROOM:
            full = outcomes.DiskFull()
            raise host.Unsuitable(full.sentence, code=full.code) from error
        raise Damaged(name, str(error)) from error


_wrappers: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _opened(sender: object, connection: Any, **_: object) -> None:
    if connection.alias in FILES:
        _wrappers.add(connection)


connection_created.connect(_opened, dispatch_uid="permanence.journal.files")


def close_connections() -> None:
    """Close both files in every thread: after it a query in flight fails, and nothing reads with a forgotten key."""
    for wrapper in list(_wrappers):
        raw, wrapper.connection = wrapper.connection, None
        if raw is not None:
            raw.close()
    _wrappers.clear()
