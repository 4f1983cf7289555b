"""How fast the journal is verified: chains, signatures, and every object rebuilt and compared."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import practice
from bench.figures import Figure, middle, spread

ROUNDS, SIGNATURES, OBJECTS = 3, 40_000, 40_000


def verifying(folder: Path) -> list[Figure]:
    """Three throughputs of a full verification. Opens the folder in this process, writes nothing."""
    opened: Any = practice.unlock(folder)
    found: dict[str, list[float]] = {"chains": [], "signatures": [], "rebuild": []}
    wrong = 0
    try:
        for _ in range(ROUNDS):
            for name, measure in (("chains", _chains), ("signatures", _signatures), ("rebuild", _rebuild)):
                rate, findings = measure()
                found[name].append(rate)
                wrong += findings
    finally:
        opened.close()
    if wrong:
        raise SystemExit(f"the practice of the bench does not verify: {wrong} findings")
    return [
        Figure("verify: chains", middle(found["chains"]), "/s", 20_000, most=False,
               data=f"places, hashes, Merkle frontier, both files, signatures apart; {spread(found['chains'])}"),
        Figure("verify: signatures", middle(found["signatures"]), "/s", 8_000, most=False,
               data=f"{SIGNATURES:,} entries as `verify` checks them, on two threads; {spread(found['signatures'])}"),
        Figure("verify: rebuild and compare", middle(found["rebuild"]), "/s", 3_500, most=False,
               data=f"the first {OBJECTS:,} objects; {spread(found['rebuild'])}"),
    ]


@contextmanager
def _room() -> Iterator[None]:
    from permanence.journal import verify

    before = {alias: verify._room(alias, -verify.ROOM_KB) for alias in verify.ALIASES}
    try:
        yield
    finally:
        for alias, pages in before.items():
            verify._room(alias, pages)


def _chains() -> tuple[float, int]:
    """Both files' chains with the signature check answered at once, so that it is measured alone."""
    from permanence.journal import verify, wire

    real, counts, findings = wire.signed, {"entries": 0, "objects": 0}, 0
    wire.signed = lambda *_: True
    try:
        with _room(), ThreadPoolExecutor(1) as helper:
            began = time.perf_counter()
            for alias in verify.ALIASES:
                findings += len(list(verify._chains(alias, True, counts, helper)))
            return counts["entries"] / (time.perf_counter() - began), findings
    finally:
        wire.signed = real


def _signatures() -> tuple[float, int]:
    from permanence.journal import vault, verify
    from permanence.journal.categories import Stream
    from permanence.lib.sqlcipher import run

    v = vault.current()
    signed = run("default", "SELECT signature, hash FROM journal_entry WHERE replica = ? AND stream = ? LIMIT ?", v.replica,
                 int(Stream.RECORD), SIGNATURES).fetchall()
    with ThreadPoolExecutor(1) as helper:
        began = time.perf_counter()
        forged = [verify._first_forged(signed[at:at + verify.BATCH], v.verify_key, helper)
                  for at in range(0, len(signed), verify.BATCH)]
        return len(signed) / (time.perf_counter() - began), sum(one is not None for one in forged)


class _Enough(Exception):
    """As many objects as this round measures were rebuilt."""


class _Counts(dict[str, int]):
    def __setitem__(self, name: str, value: int) -> None:
        super().__setitem__(name, value)
        if name == "objects" and value >= OBJECTS:
            raise _Enough


def _rebuild() -> tuple[float, int]:
    from permanence.journal import verify

    counts, findings = _Counts(entries=0, objects=0), 0
    with _room():
        began = time.perf_counter()
        try:
            for _ in verify.differences(counts):
                findings += 1
        except _Enough:
            pass
        return counts["objects"] / (time.perf_counter() - began), findings
