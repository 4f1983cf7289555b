"""What the machine itself can do: the disk's fsync, one SQLCipher commit, one signature. Nothing of the product is slower."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from bench.figures import Figure, middle, spread

ROUNDS = 3


def floors(folder: Path) -> list[Figure]:
    """The raw floors, each the median of interleaved rounds."""
    measures: list[tuple[str, str, str, Callable[[Path], float]]] = [
        ("fsync of 4 kB", "ms", "append and fsync in the practice's folder", fsync_ms),
        ("one SQLCipher commit, synchronous FULL", "ms", "one row of 1 kB in WAL mode, raw key", commit_ms),
        ("sign and hash", "/s", "Ed25519 and SHA-256 of 1 kB, one thread, PyNaCl", sign_rate),
        ("check a signature", "/s", "Ed25519, one thread, PyNaCl", check_rate),
    ]
    found: dict[str, list[float]] = {name: [] for name, *_ in measures}
    for _ in range(ROUNDS):
        for name, _, _, measure in measures:
            found[name].append(measure(folder))
    return [Figure(f"floor: {name}", middle(found[name]), unit, data=f"{data}; {spread(found[name])}")
            for name, unit, data, _ in measures]


def fsync_ms(folder: Path) -> float:
    """The median time of a write made durable, in ms."""
    probe, took = folder / "run" / "fsync.bench", []
    with probe.open("wb", buffering=0) as file:
        for _ in range(100):
            file.write(b"\0" * 4096)
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    probe.unlink()
    return middle(took) * 1000


def commit_ms(folder: Path) -> float:
    """The median time of a transaction of one row, in ms."""
    from sqlcipher3 import dbapi2

    path, took = folder / "run" / "commit.bench", []
    connection = dbapi2.connect(path, isolation_level=None)
    try:
        connection.execute(f"PRAGMA key = \"x'{os.urandom(32).hex()}'\"")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE line (id INTEGER PRIMARY KEY, text BLOB)")
        for _ in range(200):
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO line (text) VALUES (?)", (os.urandom(1024),))
            connection.execute("COMMIT")
            took.append(time.perf_counter() - began)
    finally:
        connection.close()
        for left in path.parent.glob("commit.bench*"):
            left.unlink()
    return middle(took) * 1000


def sign_rate(_: Path) -> float:
    from permanence.lib import suite

    key = suite.signing_pair()[1]
    data = os.urandom(1024)
    return _rate(lambda: suite.sign(suite.sha256(data), key))


def check_rate(_: Path) -> float:
    from permanence.lib import suite

    public, key = suite.signing_pair()
    digest = os.urandom(32)
    signature = suite.sign(digest, key)
    return _rate(lambda: suite.check_signature(signature, digest, public))


def _rate(do: Callable[[], object], *, seconds: float = 0.5) -> float:
    began, done = time.perf_counter(), 0
    while time.perf_counter() - began < seconds:
        for _ in range(50):
            do()
        done += 50
    return done / (time.perf_counter() - began)
