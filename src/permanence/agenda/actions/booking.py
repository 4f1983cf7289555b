"""Booking, moving, and what becomes of an appointment. Two at the same time are never refused: the page shows both."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from permanence.agenda import rules, times
from permanence.agenda.actions.common import (
    ELSEWHERE,
    check_practitioner,
    check_start,
    check_type,
    clock_in,
    length,
    line,
    load,
    told,
    typed,
)
from permanence.agenda.actions.undoing import Mark, Undo, leave_round
from permanence.agenda.models import Appointment, Slot
from permanence.agenda.permissions import check_agenda
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import plain
from permanence.patients.permissions import check_patient

EDITED = ("type_id", "reason", "note", "home_visit", "place", "label", "phone", "waived_reason")


@action
def book(
    patient: UUID,
    *,
    by: Actor,
    practitioner: UUID,
    start: datetime.datetime,
    minutes: int | None = None,
    type: UUID | None = None,
    reason: str = "",
    note: str = "",
    home_visit: bool = False,
    no_hour: bool = False,
    place: str = "",
    despite: Collection[str] | None = (),
    waived_reason: str = "",
) -> UUID:
    """An appointment for a file; `minutes` None takes the type's. `no_hour`: a home visit of that day's round.

    Raises Outside with the rules that it does not follow, unless `despite` names their codes (None: all of them), and Refused.
    """
    whose = check_practitioner(practitioner)
    check_agenda(by, whose)
    kept = check_patient(by, patient, Category.APPOINTMENTS)
    made = Appointment(
        patient_id=kept,
        practitioner_id=whose,
        start=times.bounds(times.wall(check_start(start))[0])[0] if no_hour else check_start(start),
        minutes=length(minutes, type),
        type_id=check_type(type),
        reason=line(reason),
        note=plain(note),
        home_visit=home_visit or no_hour,
        no_hour=no_hour,
        place=line(place),
        booked_by_id=by.member,
        booked_at=clock.now(),
    )
    told(made, despite, waived_reason)
    made.save()
    return UUID(str(made.id))


@action
def queue(patient: UUID, *, by: Actor, practitioner: UUID, type: UUID | None = None, reason: str = "", minutes: int | None = None) -> UUID:
    """Somebody who comes without an appointment: they wait from now on, in their order of arrival. Raises Refused."""
    whose = check_practitioner(practitioner)
    check_agenda(by, whose)
    kept, now = check_patient(by, patient, Category.APPOINTMENTS), clock.now()
    mark = now.replace(second=0, microsecond=0) - datetime.timedelta(minutes=now.minute % rules.STEP)
    return Appointment.objects.create(
        patient_id=kept,
        practitioner_id=whose,
        start=mark,
        minutes=length(minutes, type),
        type_id=check_type(type),
        reason=line(reason),
        status="arrived",
        arrived_at=now,
        walk_in=True,
        booked_by_id=by.member,
        booked_at=now,
    ).id


@action
def hold(
    *,
    by: Actor,
    practitioner: UUID,
    start: datetime.datetime,
    minutes: int | None = None,
    kind: str = "busy",
    label: str = "",
    phone: str = "",
    reason: str = "",
    type: UUID | None = None,
    despite: Collection[str] | None = (),
    waived_reason: str = "",
) -> UUID:
    """Take time without a file: something else to do (`busy`), or a caller who has none yet (`caller`). Raises Outside, Refused."""
    whose = check_practitioner(practitioner)
    check_agenda(by, whose)
    if kind not in ("busy", "caller"):
        raise Refused("Choisissez «\u00a0indisponible\u00a0» ou «\u00a0sans dossier\u00a0».", code="invalid")
    if kind == "caller" and not line(label):
        raise Refused("Écrivez le nom de la personne\u00a0: c’est ce qui la fera reconnaître.", code="invalid")
    made = Slot(
        practitioner_id=whose,
        start=check_start(start),
        minutes=length(minutes, type),
        type_id=check_type(type),
        kind=kind,
        label=line(label),
        phone=line(phone)[:40],
        reason=line(reason),
        booked_by_id=by.member,
        booked_at=clock.now(),
    )
    if kind == "caller":
        told(made, despite, waived_reason)
    made.save()
    return UUID(str(made.id))


@action
def identify(slot: UUID, *, by: Actor, patient: UUID) -> UUID:
    """The caller has a file now: an appointment takes the slot's place. Returns it. Raises Refused."""
    found = load(slot, by)
    if not isinstance(found, Slot) or found.kind == "busy" or found.status in rules.GONE:
        raise Refused("Ce créneau n’attend pas de patient\u00a0: prenez un rendez-vous.", code="invalid")
    kept = check_patient(by, patient, Category.APPOINTMENTS)
    made = Appointment.objects.create(
        patient_id=kept,
        practitioner_id=found.practitioner_id,
        start=found.start,
        minutes=found.minutes,
        type_id=found.type_id,
        reason=found.reason,
        booked_by_id=found.booked_by_id,
        booked_at=found.booked_at,
        origin=found.origin,
        external_key=found.external_key,
        read_only=found.read_only,
        waived_rules=found.waived_rules,
        waived_reason=found.waived_reason,
    )
    found.status, found.external_key = "entered-in-error", ""
    found.save()
    return made.id


@action
def move(
    appointment: UUID, *, by: Actor, start: datetime.datetime | None = None, minutes: int | None = None, practitioner: UUID | None = None
) -> str:
    """Another hour, another length, another agenda; what is not said stays. Rules that it leaves are kept with it.

    Returns what `take_back` needs. Raises Refused.
    """
    found = load(appointment, by)
    before = Mark.of(found)
    if found.read_only:
        raise Refused(ELSEWHERE, code="elsewhere")
    if practitioner is not None:
        found.practitioner_id = check_practitioner(practitioner)
        check_agenda(by, found.practitioner_id)
    if start is not None:
        found.start = check_start(start)
        if isinstance(found, Appointment):
            found.no_hour = found.no_hour and times.wall(found.start)[1] == 0  # who is given an hour has one
    leave_round(found, before)
    if minutes is not None:
        found.minutes = length(minutes, None)
    told(found, None)
    found.save()
    return str(Undo(before, Mark.of(found)))


@action
def edit(appointment: UUID, *, by: Actor, changes: Mapping[str, Any]) -> None:
    """Why, a note, the type, a home visit and where; of a slot, its words too. Raises Refused, TypeError."""
    found = load(appointment, by)
    fields = {field.attname for field in found._meta.concrete_fields}
    if unknown := set(changes) - set(EDITED):
        raise TypeError(f"not edited here: {sorted(unknown)}")
    for name, value in changes.items():
        if name == "type_id":
            check_type(value)
        if name in fields:
            kept = plain(value) if name == "note" else line(value) if isinstance(value, str) else value
            setattr(found, name, kept[:40] if name == "phone" else kept)
    if isinstance(found, Appointment) and found.no_hour and changes.get("home_visit") is False:  # neither round nor hours would show it
        raise Refused("Cette visite n’a pas d’heure\u00a0: donner d’abord une heure, puis retirer «\u00a0Visite à domicile\u00a0».",
                      code="invalid")  # fmt: skip
    if "type_id" in changes:
        told(found, None, changes.get("waived_reason", ""))
    found.save()


@action
def set_status(appointment: UUID, *, by: Actor, status: str, reason: str = "") -> str:
    """What becomes of it: `arrived`, `in-progress`, `fulfilled`, `noshow`, `cancelled`, back to `booked`.

    The hours of arrival, beginning and end follow; going back takes the later ones away. Returns what
    `take_back` needs. Raises Refused.
    """
    found = load(appointment, by)
    before = Mark.of(found)
    if found.read_only and status in rules.GONE:
        raise Refused(ELSEWHERE, code="elsewhere")
    if isinstance(found, Slot) and status not in ("booked", "cancelled"):
        raise Refused("Cette personne n’a pas encore de dossier\u00a0: créez-le, elle pourra alors arriver.", code="invalid")
    with typed():
        rules.check_status(before.status, status)
    found.status, found.status_reason = status, line(reason)
    if isinstance(found, Appointment):
        clock_in(found, status)
    found.save()
    return str(Undo(before, Mark.of(found)))
