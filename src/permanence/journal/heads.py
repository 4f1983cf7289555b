"""The last head of each chain, saved in clear in `seal/` after COMMIT, at most once a second: it can only lag.

Truncation is found against it. Nobody waits for it, and a head of a group that was lost never leaves memory.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from permanence.journal import merkle, vault
from permanence.lib import clock
from permanence.lib.sqlcipher import run

log = logging.getLogger(__name__)
EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class Latest:
    """One of our own chains as last committed."""

    stream: int
    size: int
    last: bytes
    root: bytes


_dirty: set[str] = set()
_committed: dict[int, Latest] = {}
_erased: list[bytes] = []
_lock = threading.Lock()
_wake = threading.Event()
_saver: threading.Thread | None = None
_stop = threading.Event()


def note(alias: str) -> None:
    """On the writer, before COMMIT: a chain of this file grew, unless its savepoint or its group is lost."""
    _dirty.add(alias)


def erased(commitment: bytes) -> None:
    """A key was destroyed: its bare commitment goes to `seal/`, so that a restore replays the erasure."""
    with _lock:
        _erased.append(commitment)


def committed(alias: str) -> None:
    """On the writer, after COMMIT. The head is read again: what was noted may have been rolled back."""
    if alias not in _dirty or not vault.held():
        return
    _dirty.discard(alias)
    rows = run(alias, "SELECT stream, size, head, frontier FROM journal_chain WHERE replica = ?",
               vault.current().replica).fetchall()
    with _lock:
        for stream, size, last, frontier in rows:
            _committed[stream] = Latest(stream, size, last, merkle.Frontier.from_bytes(frontier).root())
    _wake.set()


def take() -> tuple[list[Latest], list[bytes]]:
    """What is to be saved now: the heads by stream, and the erased keys' commitments not yet saved."""
    with _lock:
        return sorted(_committed.values(), key=lambda head: head.stream), list(_erased)


def saved(gone: list[bytes]) -> None:
    """These commitments are on the disk now; until then each attempt is given them again."""
    with _lock:
        _erased[:] = [commitment for commitment in _erased if commitment not in gone]


def forget() -> None:
    """At seal, and between tests."""
    with _lock:
        _committed.clear()
        _erased.clear()
        _dirty.clear()


def signed(heads: list[Latest]) -> list[merkle.Head]:
    """Heads as `seal/heads.cbor` keeps them: signed by this replica."""
    v, at = vault.current(), clock.ms()
    return [merkle.Head.signed(practice=v.practice, replica=v.replica, stream=head.stream, size=head.size, root=head.root,
                               last=head.last, wall_ms=at, signing=v.signing) for head in heads]


def keep_saving(save: Callable[[list[Latest], list[bytes]], None]) -> None:
    """Start the thread that calls `save` after commits, at most once a second."""
    global _saver
    _stop.clear()

    def loop() -> None:
        while not _stop.is_set():
            _wake.wait()
            _wake.clear()
            try:
                save(*take())
            except Exception:
                log.exception("the head could not be saved")
            _stop.wait(EVERY_S)

    _saver = threading.Thread(target=loop, name="heads", daemon=True)
    _saver.start()


def stop_saving() -> None:
    """Stop the thread; what was committed last is saved by `journal.folder` when it closes."""
    _stop.set()
    _wake.set()
    if _saver is not None:
        _saver.join(5)
