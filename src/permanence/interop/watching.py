"""Folders looked at by the server, the main software's exports and the laboratory's reports: what is new there comes, what is not stays."""

import datetime
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from django.db import connections

from permanence.interop import queries
from permanence.interop.actions import Mover, alone, of_folder, profile_fields
from permanence.interop.actions.beside import due
from permanence.interop.actions.inbox import Inbox, of_laboratory
from permanence.journal import vault
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock, host

log = logging.getLogger(__name__)
EVERY_S = 60.0
QUIET_S = 60  # a file changed less than this ago may still be written
PATIENCE = datetime.timedelta(minutes=30)  # then what is ready comes without what never rests


class Beat(threading.Thread):
    """Something that an open practice looks at by itself, once a minute."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Before sealing: what is under way ends at its next slice."""
        self._stopping.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def run(self) -> None:
        host.give_way()
        try:
            while not self._stopping.wait(EVERY_S):
                try:
                    self.tick()
                except Exception:  # a file replaced while it was read, a full disk: the next look tries again
                    if vault.is_sealed():
                        return
                    log.exception("%s: not this time", self.name)
        finally:
            connections.close_all()

    def tick(self) -> bool:
        """Look if it is time; whether something came."""
        raise NotImplementedError


class _Folder:
    """One watched folder as it was at the last beats."""

    def __init__(self) -> None:
        self.seen: object = None
        self._sizes: dict[str, tuple[int, int]] = {}
        self._waiting_since: datetime.datetime | None = None

    def settled(self, inbox: Inbox) -> Inbox | None:
        """The folder once nothing in it is being written: an export comes whole, since its papers are found by its table. None
        until then, for at most PATIENCE; after it, the files that rest.

        A file rests when it is as it was at the beat before, or was last written QUIET_S ago.
        """
        now, before = clock.now(), self._sizes
        self._sizes = {entry.name: (entry.size, entry.stamp) for entry in inbox.entries}
        old = (now.timestamp() - QUIET_S) * 1e9
        rest = tuple(one for one in inbox.entries if one.stamp < old or before.get(one.name) == (one.size, one.stamp))
        if len(rest) == len(inbox.entries):
            self._waiting_since = None
            return inbox
        self._waiting_since = self._waiting_since or now
        return replace(inbox, entries=rest) if now - self._waiting_since >= PATIENCE else None


class Watcher(Beat):
    """One per open practice: the exports, then the laboratory. A folder in which nothing changed since the last look is not read again."""

    def __init__(self) -> None:
        super().__init__("watcher")
        self._last: datetime.datetime | None = None
        self._exports, self._laboratory = _Folder(), _Folder()

    def tick(self) -> bool:
        """Look if it is time; whether something was imported."""
        setting = queries.beside(reader=Reader.for_purpose("import"))
        if setting is None or not setting.on or not due(self._last, setting.minutes):
            return False
        self._last, source = clock.now(), setting.source
        came = self._look(self._exports, setting.folder, source, of_folder)
        came = self._look(self._laboratory, setting.laboratory, f"{source} · laboratoire"[:200], of_laboratory) or came
        return came

    def _look(self, watched: _Folder, folder: str, source: str, read: Callable[[Path], Inbox]) -> bool:
        if not folder or self._stopping.is_set():
            return False
        try:
            inbox = watched.settled(read(Path(folder)))
            if inbox is None:
                self._last = None  # the next beat looks again
                return False
            seen = [(entry.name, entry.size, entry.stamp) for entry in inbox.entries]
            if seen == watched.seen:
                return False
            with alone():
                for _ in Mover(inbox, by=Actor.machine("import"), source=source, fields=profile_fields(source)).go():
                    if self._stopping.is_set():
                        return True  # the run stays open: the next look goes on with it
        except Refused as refused:
            log.warning("a watched folder was not read", extra={"kind": refused.code})
            return False
        watched.seen = seen
        return True
