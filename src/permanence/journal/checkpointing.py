"""Takes the write-ahead log into its file beside the writer, so that nobody's COMMIT waits for a thousand pages.

SQLite would do it inside the COMMIT that makes the log long: some 60 ms for everybody who waits, every seventy pages read.
"""

import logging
import threading

from django.db import connections

from permanence.lib import sqlcipher

FRAMES = 1_000  # pages of the log not yet in the file: from here on they are taken there
FEW = 400  # what the writer itself takes, once little is left: only then does the log start again from its beginning
log = logging.getLogger(__name__)


class Checkpointer(threading.Thread):
    """One per writer. Where it fails, SQLite's own checkpoint inside a COMMIT comes later (`wal_autocheckpoint`)."""

    def __init__(self, alias: str) -> None:
        super().__init__(name=f"checkpoints-{alias}", daemon=True)
        self._alias = alias
        self._wanted, self._stopping, self._passed = threading.Event(), False, False
        self.start()

    def after_commit(self) -> None:
        """On the writer's thread, between two transactions, when whoever waited has been released. Never raises."""
        try:
            waiting = log_waiting(self._alias)
            if self._passed and waiting <= FEW:
                self._passed = False
                sqlcipher.run(self._alias, "PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            elif waiting > FRAMES:
                self._wanted.set()
        except Exception as error:
            _say(error)

    def stop(self) -> None:
        self._stopping = True
        self._wanted.set()
        self.join()

    def run(self) -> None:
        with sqlcipher.permitted(self._alias):
            try:
                while True:
                    self._wanted.wait()
                    self._wanted.clear()  # before looking: a stop that comes now is seen, or wakes us again
                    if self._stopping:
                        return
                    self._take()
            finally:
                connections[self._alias].close()

    def _take(self) -> None:
        try:
            sqlcipher.run(self._alias, "PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._passed = True
        except Exception as error:
            _say(error)


def log_waiting(alias: str) -> int:
    """Pages of this thread's file that stand in its log only."""
    _, written, taken = sqlcipher.run(alias, "PRAGMA wal_checkpoint(NOOP)").fetchone()
    return int(written) - int(taken)


def _say(error: Exception) -> None:
    log.warning("the log could not be taken into its file: %s", type(error).__name__)
