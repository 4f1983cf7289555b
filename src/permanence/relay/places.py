"""Where the relay keeps things: its database as Django wants it said, its files, its own key."""

from pathlib import Path
from typing import Any

from django.conf import settings

from permanence.lib import host, suite

THREADS = 4  # more would share one interpreter, and make every batch end later


def database_of(address: str, folder: Path | None) -> dict[str, Any]:
    """`postgresql://…` as psycopg reads it; nothing: a SQLite file in the folder, for the demo (no folder: for checks of migrations)."""
    if not address:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "relay.db") if folder else ":memory:", "CONN_MAX_AGE": None,
                "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20,
                            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"}}  # fmt: skip
    from psycopg.conninfo import conninfo_to_dict

    said = dict(conninfo_to_dict(address))
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found: dict[str, Any] = {known: str(said.pop(name)) for name, known in names.items() if said.get(name)}
    options = {**said, "server_side_binding": True, "pool": {"min_size": 2, "max_size": THREADS + 8, "timeout": 10}}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": "relay", **found, "OPTIONS": options}


def chosen(name: str) -> Any:
    """One of the relay's own settings."""
    return getattr(settings, name)


def blob_path(folder: Path, practice: bytes, hash: bytes) -> Path:
    """A file each, and not a row: the database's log would write every one twice, and a copy of the folder is a backup."""
    return folder / "blobs" / practice.hex() / hash[:1].hex() / hash.hex()


def segment_path(folder: Path, practice: bytes, replica: bytes, first: int) -> Path:
    """Named by its first entry: two segments of a replica never overlap."""
    return folder / "access" / practice.hex() / replica.hex() / str(first)


def own_key(folder: Path) -> bytes:
    """The relay's own Ed25519 secret, 64 bytes, which countersigns heads: drawn once."""
    path = folder / "relay.key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        host.atomic_write(path, suite.signing_pair()[1][:32])
    return suite.signing_pair(_seed=path.read_bytes())[1]
