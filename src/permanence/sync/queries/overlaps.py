"""Two appointments of one practitioner at one hour, put there by two machines: both are kept, so somebody is told."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.agenda.models import Appointment
from permanence.agenda.rules import FREE
from permanence.journal import chain
from permanence.journal.categories import Category
from permanence.journal.doors import Ask, Reader
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync import permissions

AHEAD, MOST = datetime.timedelta(days=60), 20


@dataclass(frozen=True, slots=True)
class Booked:
    """One of the two."""

    appointment: UUID
    patient: UUID
    start: datetime.datetime
    minutes: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """Both, the earlier first, and whose agenda it is."""

    practitioner: str
    one: Booked
    other: Booked


def overlaps(*, reader: Reader) -> tuple[Overlap, ...]:
    """Those to come, for who sees both. Raises Refused without a member."""
    permissions.check_see(reader)
    now = clock.now()
    coming = Appointment.objects.filter(start__gte=now, start__lt=now + AHEAD, no_hour=False, practitioner_id__isnull=False)
    rows = coming.exclude(status__in=FREE).order_by("practitioner_id", "start")
    pairs = _pairs(list(rows.values_list("practitioner_id", "id", "patient_id", "start", "minutes")))
    found = [pair for pair in pairs if _put_there(pair[1].appointment) != _put_there(pair[2].appointment)][:MOST]
    asks = [Ask(booked.patient, Category.APPOINTMENTS, booked.appointment, who) for who, *both in found for booked in both]
    seen = reader.admit_objects(asks) if asks else set()
    names = member_names({who for who, _, _ in found})
    return tuple(Overlap(names.get(who, ""), one, other) for who, one, other in found if {one.appointment, other.appointment} <= seen)


def _pairs(rows: list[tuple[UUID, UUID, UUID, datetime.datetime, int]]) -> Iterator[tuple[UUID, Booked, Booked]]:
    """Each appointment with those that begin before it ends, practitioner by practitioner."""
    for place, (who, id, patient, start, minutes) in enumerate(rows):
        end = start + datetime.timedelta(minutes=minutes)
        for whose, other, whom, begins, long in rows[place + 1 :]:
            if whose != who or begins >= end:
                break
            yield who, Booked(id, patient, start, minutes), Booked(other, whom, begins, long)


def _put_there(appointment: UUID) -> bytes:
    """The machine that gave it the hour that it has."""
    shown = chain.load_state(appointment.bytes, "agenda.appointment")["start"].shown
    if shown is None:
        return b""
    found: bytes = run("default", "SELECT replica FROM journal_entry WHERE hash = ?", shown[0]).fetchone()[0]
    return found
