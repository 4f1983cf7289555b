"""What this machine knows of the reads that the others served, and what it does not: said beside every list of readings."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from permanence.journal.doors import Reader
from permanence.journal.queries import Access
from permanence.lib import clock
from permanence.lib.text import NBSP, plural
from permanence.sync import queries
from permanence.web import jinja


@dataclass(frozen=True, slots=True)
class KnownReads:
    """One machine. `tone`: how its name looks; `warnings`: what is wrong with what came of it."""

    id: UUID
    name: str
    here: bool
    text: str
    missing: str
    warnings: tuple[str, ...]
    alarm: bool


class Machines:
    """The machines of the practice beside a list of readings; none is spoken of while there is only one."""

    def __init__(self, reader: Reader) -> None:
        found = queries.reads(reader=reader)
        self._several = len(found) > 1
        self._names = queries.machine_names() if self._several else {}
        self._by_id = {one.id: one for one in found}
        self.known = [_known(one) for one in found] if self._several else []

    def name(self, machine: UUID) -> str:
        """Where a reading was served: nothing when there is one machine only."""
        return self._names.get(machine, "Machine inconnue d’ici") if self._several else ""

    def is_late(self, access: Access) -> bool:
        """Whether it came after its machine was revoked."""
        one = self._by_id.get(access.replica)
        return one is not None and one.is_late(access)


def of_machines(reader: Reader) -> dict[UUID, KnownReads]:
    """For the list of machines, by id."""
    return {one.id: one for one in Machines(reader).known}


def _known(one: queries.ReadsOf) -> KnownReads:
    return KnownReads(one.id, one.name, one.here, _text(one), _missing(one), tuple(_warnings(one)), bool(one.forked or one.broken))


def _text(one: queries.ReadsOf) -> str:
    if one.here:
        return "Toutes ses lectures sont ici."
    if one.until is None:
        return "Aucune de ses lectures n’est arrivée ici."
    return f"Lectures connues {_until(one.until)}."


def _until(at: datetime.datetime) -> str:
    hour, day = jinja.time(at), jinja.date(at)
    return f"jusqu’à {hour}" if day == jinja.date(clock.now()) else f"jusqu’au {day} à {hour}"


def _missing(one: queries.ReadsOf) -> str:
    return f"{plural(one.missing, 'lecture n’est pas encore arrivée', 'lectures ne sont pas encore arrivées')}." if one.missing else ""


def _warnings(one: queries.ReadsOf) -> Iterator[str]:
    if one.revoked_at:
        yield f"Retirée le {jinja.date(one.revoked_at)}{NBSP}: ses lectures arrivées depuis sont marquées, et peuvent être incomplètes."
    if one.forked:
        yield (f"Elle raconte deux histoires de ses lectures{NBSP}: {_kept(one.forked)} à part, ne rien effacer et prévenir qui entretient "
               "les machines.")  # fmt: skip
    if one.broken:
        yield f"{_kept(one.broken)} à part{NBSP}: le contenu ne se vérifie pas."
    if one.gap:
        yield f"Il manque des lectures au milieu{NBSP}: {_kept(one.gap)} à part, en attendant celles d’avant."


def _kept(count: int) -> str:
    return plural(count, "relevé gardé", "relevés gardés")
