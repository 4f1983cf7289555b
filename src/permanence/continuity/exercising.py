"""What follows a cut made on purpose: when it ends, by itself or by hand, the machines find each other again and its report is kept."""

import datetime
import logging
import threading
from uuid import UUID

from django.db import connections

from permanence.accounts import entering
from permanence.continuity import actions, queries
from permanence.journal import vault
from permanence.journal.doors import Actor
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import apart
from permanence.sync import queries as sync

log = logging.getLogger(__name__)
EVERY_S = 1.0
BACK_S = 90.0  # the time left to the machines to find each other again; then the report says what is known


class Cut(threading.Thread):
    """One exercise, from its beginning to its report."""

    def __init__(self, exercise: UUID, *, began: datetime.datetime) -> None:
        super().__init__(name="exercise", daemon=True)
        self.exercise, self._began, self._stopping = exercise, began, threading.Event()
        self._place = _newest()

    def run(self) -> None:
        try:
            while apart.standing() is not None:
                if self._stopping.wait(EVERY_S):
                    return
            ended, end = clock.now(), clock.monotonic() + BACK_S
            while not self._stopping.wait(EVERY_S) and clock.monotonic() < end and not all_back(ended):
                pass
            self.finish(ended)
        except Exception:
            if not vault.is_sealed():
                log.exception("an exercise could not be closed")
        finally:
            connections.close_all()

    def stop(self) -> None:
        """Before sealing: the report says that it was interrupted."""
        self._stopping.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def finish(self, ended: datetime.datetime) -> None:
        """Keep what came of it."""
        here = vault.current().replica
        written, received = run("default", "SELECT coalesce(sum(replica = ?), 0), coalesce(sum(replica <> ?), 0) FROM journal_entry"
                                " WHERE id > ?", here, here, self._place).fetchone()  # fmt: skip
        equal = copies_equal(ended)
        actions.end_cut(self.exercise, ended_at=ended, came_in=entering.touched_since(self._began), written=written, received=received,
                        copies_equal=equal, by=Actor.machine("sync"))  # fmt: skip


def _newest() -> int:
    found: int = run("default", "SELECT coalesce(max(id), 0) FROM journal_entry").fetchone()[0]
    return found


def all_back(since: datetime.datetime) -> bool:
    """Whether every machine that was there before has spoken again, and holds what is held here."""
    expected = [one for one in sync.sisters() if one.last_at is not None and not one.gone]
    return bool(expected) and all(one.last_at and one.last_at >= since for one in expected) and copies_equal(since) is True


def copies_equal(since: datetime.datetime) -> bool | None:
    """Of the machines that spoke since; None while none did."""
    compared = sync.compared()
    spoken = [compared[one.id] for one in sync.sisters() if one.last_at and one.last_at >= since and one.id in compared]
    return all(lack == (0, 0) for lack in spoken) if spoken else None


_running: Cut | None = None


def begin(minutes: int, *, unplugged: bool, by: Actor) -> UUID:
    """Cut this machine off for so long. Raises Refused."""
    global _running
    checks = [("La ligne d’Internet du cabinet était débranchée", unplugged, "")]  # without it, nobody proved that they can come in
    exercise = actions.begin_cut(minutes, checks=checks, by=by)
    if _running is not None and _running.exercise == exercise:  # the same form, sent twice
        return exercise
    made = Cut(exercise, began=clock.now())
    apart.begin(datetime.timedelta(minutes=minutes), unplugged=unplugged)
    _running = made
    made.start()
    return exercise


def stop() -> None:
    """Before sealing."""
    global _running
    found, _running = _running, None
    apart.end()
    if found is not None:
        found.stop()


def close_interrupted() -> None:
    """Exercises of this machine that a restart ended: kept as such."""
    running = _running.exercise if _running is not None else None
    for one in queries.unfinished():
        if one.id != running and one.until is not None:
            actions.end_cut(one.id, ended_at=min(one.until, clock.now()), by=Actor.machine("sync"))
