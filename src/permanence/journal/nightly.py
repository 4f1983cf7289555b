"""What an open practice does by itself: verify its journal at opening, make the night's copy, drop what has expired.

Nothing here is awaited by a person; results are kept for the morning's screen.
"""

import datetime
import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connections

from permanence.journal import backup, once, rotation, vault, verify, writer
from permanence.journal.folder import FILES, Folder
from permanence.lib import clock, host

log = logging.getLogger(__name__)
EVERY_S = 60.0
FORMS_KEPT_MS = 7 * 86_400_000  # a form older than a week is shown again, not sent again


class Nightly(threading.Thread):
    """One per open practice. `copies` gives the disk of copies chosen on this machine, None when there is none."""

    def __init__(self, here: Folder, copies: Callable[[], Path | None], *, zone: str = "Europe/Paris") -> None:
        super().__init__(name="nightly", daemon=True)
        self.verified: verify.Report | None = None
        self._here, self._copies, self._zone = here, copies, ZoneInfo(zone)
        self._stopping = threading.Event()
        self._tried: datetime.datetime | None = None

    def stop(self) -> None:
        """Before sealing: what is under way is finished first, unless it is a copy, which starts again another night."""
        self._stopping.set()
        if self.is_alive() and threading.current_thread() is not self:
            self.join(5)

    def run(self) -> None:
        host.give_way(host.LEAST)  # what other machines bring comes first
        try:
            self._here.check_pages(lambda: not self._stopping.is_set())
            self._verify()
            while not self._stopping.wait(EVERY_S):
                self.tick()
        except verify.Stopped:
            pass
        except Exception:
            if not vault.is_sealed():
                log.exception("nightly work stopped")
        finally:
            for alias in FILES:
                connections[alias].close()

    def tick(self) -> None:
        """Whatever is due now."""
        now, last = clock.now().astimezone(self._zone), self._last()
        copies = self._copies()
        if copies is not None and rotation.due(now, last):
            self._tried = now
            backup.run(self._here, self._here.keys, copies, zone=self._zone.key)
            writer.current().run_job(lambda: once.forget(clock.ms() - FORMS_KEPT_MS), urgent=False, name="once:forget")

    def _last(self) -> datetime.datetime | None:
        """The last copy made or, when it failed, tried: a disk that is away is asked again the next night only, or at once
        after a restart."""
        last = backup.last_result(self._here)
        made = datetime.datetime.fromtimestamp(last.at / 1000, self._zone) if last and last.ok else None
        return max((at for at in (made, self._tried) if at is not None), default=None)

    def _verify(self) -> None:
        self.verified = verify.verify(saved_heads=self._here.saved_heads(), rest=self._stopping.wait)
        if self.verified.sound:
            for alias in FILES:
                writer.current(alias).run_job(partial(verify.keep_checkpoints, alias), urgent=False, name="checkpoint")
        else:
            log.error("the journal does not verify", extra={"kind": "verify.unsound"})
