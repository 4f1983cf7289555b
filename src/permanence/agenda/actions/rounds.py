"""The day's round of home visits: who is added to it, and in which order they are seen."""

import datetime
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.agenda import rules, times
from permanence.agenda.actions.booking import book
from permanence.agenda.actions.calling import agenda_of
from permanence.agenda.actions.common import UNKNOWN, load
from permanence.agenda.models import Appointment
from permanence.agenda.permissions import readable_agendas
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.patients.permissions import check_patient

VISIT = 30  # minutes, when nothing says how long


@action
def add_visit(
    patient: UUID, *, by: Actor, practitioner: UUID | None = None, day: datetime.date | None = None, reason: str = "", place: str = ""
) -> UUID:
    """A visit of the round, without an hour, last of the day: today's, in one's own agenda, unless said otherwise.

    How one enters is that of the last visit that one may read, unless said. Raises Refused: `already` when they are in that round.
    """
    whose, on = practitioner or agenda_of(by), day or today()
    if whose is None:
        raise Refused("Vous n’avez pas d’agenda\u00a0: prendre un rendez-vous, en visite à domicile.", code="right")
    kept = check_patient(by, patient, Category.APPOINTMENTS)
    there = _visits(whose, on)
    if any(one.patient_id == kept for one in there):
        raise Refused("Ce patient est déjà dans la tournée de ce jour\u00a0: ouvrir la tournée pour le déplacer.", code="already")
    before = Appointment.objects.filter(patient_id=kept, home_visit=True).exclude(place="").order_by("-start")
    if (read := readable_agendas(by)) is not None:  # a door code is read in the agendas that one reads, nowhere else
        before = before.filter(practitioner_id__in=read)
    made = book(
        kept,
        by=by,
        practitioner=whose,
        start=times.bounds(on)[0],
        minutes=VISIT,
        reason=reason,
        no_hour=True,
        place=place or before.values_list("place", flat=True).first() or "",
    )
    _order([*_ordered(there), made], [*there, Appointment.objects.get(id=made)])
    return made


@action
def step_visit(appointment: UUID, *, by: Actor, step: int) -> None:
    """One place earlier (-1) or later (1) in its round. Raises Refused."""
    found = load(appointment, by)
    if not isinstance(found, Appointment) or not found.home_visit or found.start is None or found.practitioner_id is None:
        raise Refused(UNKNOWN, code="unknown")
    there = _visits(found.practitioner_id, times.wall(found.start)[0])
    order = _ordered(there)
    if found.id in order and step in (-1, 1):
        _order(rules.stepped(order, found.id, step), there)


def _visits(practitioner: UUID, day: datetime.date) -> list[Appointment]:
    """The visits of a day that still stand."""
    begins, ends = times.bounds(day)
    rows = Appointment.objects.filter(practitioner_id=practitioner, start__gte=begins, start__lt=ends, home_visit=True)
    return list(rows.exclude(status__in=rules.GONE))


def _ordered(there: list[Appointment]) -> list[UUID]:
    return rules.round_order(
        rules.Stop(one.id, one.round_rank, None if one.no_hour or one.start is None else times.wall(one.start)[1]) for one in there
    )


def _order(order: list[UUID], there: list[Appointment]) -> None:
    """Write the ranks that change: as many entries as visits that moved."""
    for one in there:
        rank = order.index(one.id) + 1
        if one.round_rank != rank:
            one.round_rank = rank
            one.save()
