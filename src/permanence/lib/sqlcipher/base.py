"""The Django backend: the stock SQLite one on another module, its connections read-only unless the thread may write."""

import datetime
import decimal
import itertools
from collections.abc import Iterable
from typing import Any

import django.db.backends.sqlite3._functions as functions  # type: ignore[import-untyped]
import django.db.backends.sqlite3.base as stock
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from sqlcipher3 import dbapi2 as Database

from permanence.lib import sqlcipher

for _name, _parse in (("date", parse_date), ("time", parse_time), ("datetime", parse_datetime),
                      ("timestamp", parse_datetime)):
    Database.register_converter(_name, stock.decoder(_parse))
Database.register_converter("bool", b"1".__eq__)
Database.register_adapter(decimal.Decimal, str)
Database.register_adapter(datetime.date, stock.adapt_date)
Database.register_adapter(datetime.datetime, stock.adapt_datetime)

KEY_BYTES = 32
PRAGMAS = (
    "foreign_keys = ON",
    "legacy_alter_table = OFF",
    "synchronous = FULL",  # NORMAL gains nothing over grouping and loses the promise
    "cache_size = -4000",  # each thread has its own; twice as much is 30 MB more and hardly faster
    "wal_autocheckpoint = 16000",  # journal.checkpointing does it long before, beside the writer
    "temp_store = MEMORY",
    "journal_size_limit = 67108864",
    "secure_delete = ON",  # what is pruned or erased leaves the pages too
    "trusted_schema = OFF",
)
PENDING = "CREATE TEMP TABLE IF NOT EXISTS pending_write (i INTEGER PRIMARY KEY)"  # see journal.acts


class Cursor(Database.Cursor):  # type: ignore[misc]  # the module has no types
    """Django's %s parameters on a cursor of this module."""

    def execute(self, query: str, params: Any = None) -> Any:
        return super().execute(query) if params is None else super().execute(self._qmark(query, params), params)

    def executemany(self, query: str, rows: Iterable[Any]) -> Any:
        rows, peek = itertools.tee(iter(rows))
        return super().executemany(self._qmark(query, next(peek, ())), rows)

    def _qmark(self, query: str, params: Any) -> str:
        names = list(params) if hasattr(params, "keys") else None
        return stock.SQLiteCursorWrapper.convert_query(self, query, param_names=names)


class SchemaEditor(DatabaseSchemaEditor):
    """Foreign keys are checked at once: deferred to COMMIT, one bad key would fail the whole group of actions."""

    sql_create_inline_fk = "REFERENCES %(to_table)s (%(to_column)s)"
    sql_create_column_inline_fk = sql_create_inline_fk


class DatabaseWrapper(stock.DatabaseWrapper):
    """One encrypted file. The key comes from `sqlcipher.keys`; without it connecting raises `Sealed`."""

    Database = Database
    SchemaEditorClass = SchemaEditor
    display_name = "SQLCipher"
    init_commands: list[str]

    def get_connection_params(self) -> dict[str, Any]:
        return {"cached_statements": 512, **super().get_connection_params()}

    def get_new_connection(self, params: dict[str, Any]) -> Any:
        key = sqlcipher.keys.get(self.alias)
        if key is None:
            raise sqlcipher.Sealed(self.alias)
        if len(key) != KEY_BYTES:
            raise ValueError("a database key is 32 raw bytes")
        raw = Database.connect(**params)
        try:
            self._open(raw, key)
        except BaseException:
            raw.close()
            raise
        return raw

    def _open(self, raw: Any, key: bytes) -> None:
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        try:
            raw.execute("SELECT count(*) FROM sqlite_master").fetchone()  # a wrong key fails here, not later
        except Database.DatabaseError as error:
            if getattr(error, "sqlite_errorname", "") == "SQLITE_NOTADB" or "not a database" in str(error):
                raise sqlcipher.WrongKey(self.alias) from error
            raise
        functions.register(raw)
        writes = sqlcipher.may_write(self.alias)
        if writes:
            raw.execute("PRAGMA journal_mode = WAL").fetchone()
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}").fetchone()
        for command in filter(None, map(str.strip, self.init_commands)):
            raw.execute(command)
        raw.execute(PENDING if writes else "PRAGMA query_only = ON")

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def _start_transaction_under_autocommit(self) -> None:
        # A reader's atomic() is a snapshot. The writer takes the lock at once: it never waits for it half-way.
        self.cursor().execute("BEGIN IMMEDIATE" if sqlcipher.may_write(self.alias) else "BEGIN")
