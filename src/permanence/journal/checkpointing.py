"""Takes the write-ahead log into its file beside the writer, so that nobody's COMMIT waits for a thousand pages.

SQLite would do it inside the COMMIT that makes the log long: some 60 ms for everybody who waits, every seventy pages read.

The log keeps what was destroyed since until it is written over, which may take weeks on a machine that is seldom used: after a
destruction it is cut to nothing.
"""

import logging
import threading

from django.db import connections

from permanence.lib import sqlcipher

FRAMES = 1_000  # pages of the log not yet in the file: from here on they are taken there
AGAIN_S = 0.5  # until a log that somebody is reading is cut
FEW = 400  # what the writer itself takes, once little is left: only then does the log start again from its beginning
log = logging.getLogger(__name__)


class Checkpointer(threading.Thread):
    """One per writer. Where it fails, SQLite's own checkpoint inside a COMMIT comes later (`wal_autocheckpoint`)."""

    def __init__(self, alias: str) -> None:
        super().__init__(name=f"checkpoints-{alias}", daemon=True)
        self._alias, self._file = alias, connections.settings[alias]["NAME"]  # the writer's, whatever is open when it is needed
        self._wanted, self._stopping, self._passed, self._cut = threading.Event(), False, False, False
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

    def cut_soon(self) -> None:
        """Something was destroyed, and that is on the disk: nothing of it is to stay in the log."""
        self._cut = True
        self._wanted.set()

    def stop(self) -> None:
        self._stopping = True
        self._wanted.set()
        self.join()

    def run(self) -> None:
        own = connections[self._alias]
        own.settings_dict = {**own.settings_dict, "NAME": self._file}
        with sqlcipher.permitted(self._alias):
            try:
                while True:
                    self._wanted.wait(AGAIN_S if self._cut else None)
                    self._wanted.clear()  # before looking: a stop that comes now is seen, or wakes us again
                    if self._stopping:
                        return
                    self._take()
                    if self._cut:
                        self._cut_now()
            finally:
                connections[self._alias].close()

    def _take(self) -> None:
        try:
            sqlcipher.run(self._alias, "PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._passed = True
        except Exception as error:
            _say(error)

    def _cut_now(self) -> None:
        """Nobody who reads is waited for, since nobody could write meanwhile."""
        self._cut = False  # before looking: a destruction that comes now asks again
        try:
            sqlcipher.run(self._alias, "PRAGMA busy_timeout = 0").fetchone()
            busy, _, _ = sqlcipher.run(self._alias, "PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._cut = self._cut or bool(busy)
        except Exception as error:
            self._cut = True
            _say(error)


def log_waiting(alias: str) -> int:
    """Pages of this thread's file that stand in its log only."""
    _, written, taken = sqlcipher.run(alias, "PRAGMA wal_checkpoint(NOOP)").fetchone()
    return int(written) - int(taken)


def _say(error: Exception) -> None:
    log.warning("the log could not be taken into its file: %s", type(error).__name__)
