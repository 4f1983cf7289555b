"""SQL that PostgreSQL and SQLite both read, and the fast way in for many rows. Which practice: always the first condition."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import DatabaseError, OperationalError, connection

FULL = ("53100",)  # PostgreSQL: disk full


def rows(sql: str, *values: Any) -> list[Any]:
    """All rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
        return found


def one(sql: str, *values: Any) -> Any:
    """The first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()


def run(sql: str, *values: Any) -> int:
    """How many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        changed: int = cursor.rowcount
        return changed


def locking() -> str:
    """What a SELECT ends with to hold its rows; SQLite's transactions hold the whole file from their start."""
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


def put(table: str, columns: Mapping[str, str], found: Iterable[Sequence[Any]]) -> None:
    """Many rows into a table. `columns`: names and PostgreSQL's types, which must be the table's own."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(list(columns.values()))
                for row in found:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(columns))})", list(found))


def is_full(error: DatabaseError) -> bool:
    """Whether the disk, and nothing else, made it fail."""
    code = getattr(error.__cause__, "sqlstate", "")
    return code in FULL or (isinstance(error, OperationalError) and "full" in str(error.__cause__))
