"""Appointments and other times that people booked, moved or cancelled here since an instant; those of another agenda are not."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.agenda import rules, times
from permanence.agenda.models import Appointment, AppointmentType, Slot
from permanence.agenda.permissions import agendas_of
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.journal.written import Hand, Head, Written, by_hand
from permanence.lib import clock
from permanence.lib.dates import format_long
from permanence.lib.text import NBSP
from permanence.patients.queries import IN_THE_FILE, kept_secret

KIND = "appointment"
# What another agenda is told. Who arrived and when is not: that is of the day itself.
_TOLD = frozenset({"start", "minutes", "practitioner_id", "type_id", "reason", "note", "home_visit", "no_hour", "place", "patient_id"})
_CLOCK = frozenset({"arrived_at", "started_at", "ended_at"})
_HEAD = ("id", "patient_id", "practitioner_id", "status", "booked_at")


def heads(since: datetime.datetime, of: Collection[UUID] | None = None) -> list[Head]:
    """What people did of these appointments or of all, whoever may see it: for this room's own doors."""
    hands: dict[UUID, list[Hand]] = {}
    for hand in by_hand("agenda.appointment", since, of=of, among=partial(_here, Appointment)):
        hands.setdefault(hand.object, []).append(hand)
    rows = [row for part in _parts(list(hands)) for row in Appointment.objects.filter(id__in=part).values_list(*_HEAD)]
    return [head for row in rows if (head := _head(row, hands[row[0]], since)) is not None]


def _here(model: type[Appointment | Slot], ids: Collection[UUID]) -> set[UUID]:
    """Those that are not another agenda's."""
    return {id for part in _parts(list(ids)) for id in model.objects.filter(id__in=part, origin="here").values_list("id", flat=True)}


def _parts(ids: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _head(row: tuple[Any, ...], hands: Sequence[Hand], since: datetime.datetime) -> Head | None:
    id, patient, practitioner, status, booked = row
    gone, told = status in rules.GONE, _told(hands, status)
    if not told:
        return None
    return Head(KIND, Ask(patient, Category.APPOINTMENTS, id, practitioner), told[-1].at, told[-1].member,
                new=bool(booked and booked >= since), gone=gone)  # fmt: skip


def _told(hands: Sequence[Hand], status: str) -> list[Hand]:
    """Those of which another agenda is told: where and when it is, that it is cancelled, that it is not any more.

    A state written without an hour of the day itself was cancelled, put back, or absent; the next one may have put it back.
    """
    states = [hand for hand in hands if "status" in hand.fields]
    if status == "noshow":
        states = states[:-1]
    if status not in rules.GONE:
        bare = [place for place, hand in enumerate(states) if not hand.fields & _CLOCK]
        states = states[: bare[-1] + 2] if bare else []
    return [hand for hand in hands if hand.fields & _TOLD or hand in states]


def written_heads(
    since: datetime.datetime, *, reader: Reader, files: Collection[UUID] | None = None, level: Level = Level.LISTED
) -> list[Head]:
    """The heads that this reader may see, of these files or of all."""
    of = None if files is None else list(Appointment.objects.filter(patient_id__in=files).values_list("id", flat=True))
    found = heads(since, of)
    admitted = reader.admit_objects([head.ask for head in found], level=level) if found else set()
    return [head for head in found if head.id in admitted]


def written_since(files: Collection[UUID], since: datetime.datetime, *, reader: Reader) -> list[Written]:
    """What was booked, moved or cancelled of a person, with its words; only what this reader may see."""
    found = {head.id: head for head in written_heads(since, reader=reader, files=files, level=Level.READ)}
    rows = list(Appointment.objects.filter(id__in=set(found)))
    types = dict(AppointmentType.objects.filter(id__in=[row.type_id for row in rows if row.type_id]).values_list("id", "name"))
    names = member_names([row.practitioner_id for row in rows if row.practitioner_id])
    secret = kept_secret({row.patient_id for row in rows}, reader=reader) if reader.leaves else frozenset()
    return [Written(found[row.id], *_words(row, names.get(row.practitioner_id, ""), types.get(row.type_id, ""),
                                           IN_THE_FILE if row.place and row.patient_id in secret else row.place))
            for row in rows]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Caller:
    """A time kept here for somebody without a file, still to come: nobody's key seals it, so nobody ticks it; its day takes it away."""

    id: UUID
    start: datetime.datetime
    minutes: int
    who: str
    label: str
    phone: str
    reason: str
    state: str  # "" while it stands


def callers_since(since: datetime.datetime, *, reader: Reader) -> list[Caller]:
    """What people wrote or cancelled since in the agendas that this reader opens, of no patient, from now on. Raises Refused."""
    seen, now = agendas_of(reader), clock.now()
    touched = {hand.object for hand in by_hand("agenda.slot", since, among=partial(_here, Slot))}
    rows = [row for part in _parts(list(touched)) for row in Slot.objects.filter(id__in=part, start__gte=now)
            if seen is None or row.practitioner_id in seen]  # fmt: skip
    kept = [row for row in rows if row.status not in rules.GONE or (row.booked_at and row.booked_at < since)]
    names = member_names([row.practitioner_id for row in kept if row.practitioner_id])
    found = [Caller(row.id, row.start, row.minutes, names.get(row.practitioner_id, ""), row.label or rules.SLOT_KINDS.get(row.kind, ""),
                    row.phone, row.reason, rules.STATUSES[row.status].lower() if row.status in rules.GONE else "")
             for row in kept if row.start]  # fmt: skip
    return sorted(found, key=lambda one: (one.start, one.id))


def _words(row: Appointment, who: str, type: str, place: str) -> tuple[str, str]:
    on, minute = times.wall(row.start) if row.start else (datetime.date.min, 0)
    title = f"Visite du {format_long(on)}, sans heure" if row.no_hour else f"Rendez-vous du {format_long(on)} à {times.hour_text(minute)}"
    if row.status in rules.GONE:
        title += f"{NBSP}: {rules.STATUSES[row.status].lower()}"
    first = ", ".join(filter(None, (who, f"{row.minutes}{NBSP}min", type, "sans rendez-vous" if row.walk_in else "",
                                    "visite à domicile" if row.home_visit else "", place)))  # fmt: skip
    why = f"Motif{NBSP}: {row.reason}" if row.reason else ""
    return title, "\n".join(filter(None, (first, why, row.note, row.status_reason)))
