"""What the writer's tests share: the two template files, a live copy of them, and a flush that needs no chain."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from permanence.journal import acts
from permanence.journal import models as journal_models
from permanence.journal import writer as w
from permanence.lib import sqlcipher
from tests.journal.writer import room as models

ALIASES = ("default", "access")
KEY = bytes(range(32))


def make_files(folder: Path) -> None:
    """Two files with the tests' tables, closed by their last connection: no -wal beside them."""
    with at(folder), w.writing():
        for alias in ALIASES:
            with connections[alias].schema_editor() as editor:
                for model in (models.Item, models.Line, models.Sealed, journal_models.Once):
                    editor.create_model(model)


@contextmanager
def at(folder: Path) -> Iterator[None]:
    """Both aliases on this folder's files, with the tests' key."""
    names = {"default": "practice.db", "access": "access.db"}
    before = {alias: (connections.settings[alias]["NAME"], sqlcipher.keys.get(alias)) for alias in ALIASES}
    connections.close_all()
    for alias in ALIASES:
        connections.settings[alias]["NAME"] = connections[alias].settings_dict["NAME"] = str(folder / names[alias])
        sqlcipher.keys[alias] = KEY
    try:
        yield
    finally:
        connections.close_all()
        for alias, (name, key) in before.items():
            connections.settings[alias]["NAME"] = connections[alias].settings_dict["NAME"] = name
            if key is None:
                sqlcipher.keys.pop(alias, None)
            else:
                sqlcipher.keys[alias] = key


def flush(act: acts.Act) -> None:
    """Stands for `chain.flush`: a row per surviving write."""
    found = act.survivors()
    for i, what in enumerate(found, 1):
        sqlcipher.run(act.alias, 'INSERT INTO writerapp_sealed (act, i, n, what, "by", action) '
                      "VALUES (?, ?, ?, ?, ?, ?)", act.id, i, len(found), str(what), act.actor.purpose, act.action)
