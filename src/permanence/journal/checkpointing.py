"""Takes the write-ahead log into its file beside the writer, so that nobody's COMMIT waits for a thousand pages.

SQLite would do it inside the COMMIT that makes the log long: some 60 ms for everybody who waits, every seventy pages read.
"""

import logging
import threading
from pathlib import Path

from django.db import DatabaseError, connections

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
        """On the writer's thread, between two transactions, when whoever waited has been released."""
        written, taken = sqlcipher.log_frames(Path(connections[self._alias].settings_dict["NAME"]))
        if self._passed and written - taken <= FEW:
            self._passed = False
            sqlcipher.run(self._alias, "PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        elif written - taken > FRAMES:
            self._wanted.set()

    def stop(self) -> None:
        self._stopping = True
        self._wanted.set()
        self.join()

    def run(self) -> None:
        with sqlcipher.permitted(self._alias):
            try:
                while self._wanted.wait() and not self._stopping:
                    self._wanted.clear()
                    self._take()
            finally:
                connections[self._alias].close()

    def _take(self) -> None:
        try:
            sqlcipher.run(self._alias, "PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._passed = True
        except (DatabaseError, sqlcipher.Sealed) as error:
            log.warning("the log could not be taken into its file: %s", type(error).__name__)
