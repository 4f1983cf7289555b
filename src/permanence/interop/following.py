"""Outside agendas read from their addresses every five minutes: what changed there comes here; while one fails, all stays as last read."""

import datetime
import hashlib
import logging
from dataclasses import dataclass
from uuid import UUID

from permanence.agenda import actions as agenda
from permanence.interop import readings
from permanence.interop.actions.calendars import bring, origin_of, window
from permanence.interop.models import OutsideAgenda
from permanence.interop.readings import Reading
from permanence.interop.watching import Beat
from permanence.journal.doors import Actor, Refused
from permanence.lib import clock, fetching

log = logging.getLogger(__name__)
UNREADABLE = "Cet agenda n’est pas compris\u00a0: exportez-le de nouveau de l’autre logiciel."
EVERY = datetime.timedelta(minutes=5)
CALENDAR = "text/calendar, */*;q=0.1"


@dataclass(slots=True)
class _Known:
    """What the server said of the file last brought, so that it is asked for only if it changed."""

    due: datetime.datetime
    etag: str = ""
    modified: str = ""
    digest: bytes = b""
    days: object = None  # the window it was brought for: it moves each day


class Follower(Beat):
    """One per open practice, outside the writer: a slow server holds nobody."""

    def __init__(self) -> None:
        super().__init__("follower")
        self._known: dict[UUID, _Known] = {}

    def tick(self) -> bool:
        """Read those that are due, one after the other; whether one of them was brought."""
        rows = list(OutsideAgenda.objects.filter(removed=False).values_list("id", "practitioner_id", "address", "local"))
        came = False
        for id, whose, address, local in rows:
            known = self._known.setdefault(id, _Known(clock.now()))
            if known.due > clock.now() or self._stopping.is_set():
                continue
            known.due = clock.now() + EVERY
            came = self._read(id, whose, address, local, known) or came
        return came

    def _read(self, id: UUID, whose: UUID, address: str, local: bool, known: _Known) -> bool:
        before = readings.of(id)
        try:
            came = self._bring(id, whose, address, local, known)
        except (fetching.NotFetched, Refused) as wrong:
            log.warning("an outside agenda was not read", extra={"kind": wrong.code})
            known.etag = known.modified = ""
            readings.remember(id, Reading(before.read_at, before.failing or clock.now(), wrong.sentence))
            return False
        except Exception:  # whatever a file does to its reader, the screen says that it is not read any more
            log.error("an outside agenda could not be read")
            known.etag = known.modified = ""
            readings.remember(id, Reading(before.read_at, before.failing or clock.now(), UNREADABLE))
            return False
        readings.remember(id, Reading(clock.now()))
        return came

    def _bring(self, id: UUID, whose: UUID, address: str, local: bool, known: _Known) -> bool:
        days = window()
        same = known.days == days
        answer = fetching.fetch(address, local=local, accept=CALENDAR, etag=known.etag if same else "",
                                modified=known.modified if same else "")  # fmt: skip
        if answer.data is None:
            return False
        digest = hashlib.sha256(answer.data).digest()
        if same and digest == known.digest:
            return False
        if not self._stopping.is_set() and OutsideAgenda.objects.filter(id=id, removed=False).exists():  # removed while it was read
            bring(id, whose, answer.data, by=Actor.machine("import"))
            if not OutsideAgenda.objects.filter(id=id, removed=False).exists():  # or while it was being kept
                agenda.keep([], days, by=Actor.machine("import"), practitioner=whose, origin=origin_of(id))
            known.etag, known.modified, known.digest, known.days = answer.etag, answer.modified, digest, days
        return True
