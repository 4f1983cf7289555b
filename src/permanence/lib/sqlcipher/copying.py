"""A consistent copy of a living encrypted file, by SQLite's own backup: writers go on, pages stay encrypted."""

import os
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as Database


def copy(source: Path, target: Path, key: bytes) -> None:
    """Copy one file under the same raw 32-byte key, and see it on the disk. OSError, or the module's DatabaseError."""
    reading = _open(source, key)
    try:
        writing = _open(target, key)
        try:
            reading.backup(writing)
        finally:
            writing.close()
    finally:
        reading.close()
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def _open(path: Path, key: bytes) -> Any:
    connection = Database.connect(path)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection
