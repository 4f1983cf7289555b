"""The frame of the agenda: types, opening hours, absences and who replaces."""

import datetime
from uuid import UUID

from permanence.accounts.permissions import check_write
from permanence.agenda import rules
from permanence.agenda.actions.common import check_practitioner, check_start, line, typed
from permanence.agenda.models import Absence, AppointmentType, Opening
from permanence.agenda.permissions import check_agenda
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action

UNKNOWN = "Ce réglage est introuvable\u00a0: actualisez la page."


@action
def save_type(
    *,
    by: Actor,
    name: str,
    colour: str = "blue",
    minutes: int = 15,
    walk_in: bool = False,
    place: int = 0,
    limits: rules.Limits = rules.ANY,
    type: UUID | None = None,
) -> UUID:
    """A type of appointment, new or amended (`type`), with what it allows. Raises Refused."""
    check_write(by, Category.APPOINTMENTS)
    if not line(name):
        raise Refused("Donnez un nom à ce type\u00a0: c’est lui que le secrétariat choisit.", code="invalid")
    if colour not in rules.COLOURS:
        raise Refused("Choisissez la couleur dans la liste.", code="invalid")
    with typed():
        rules.check_minutes(minutes)
        rules.check_limits(limits)
    found = AppointmentType() if type is None else AppointmentType.objects.filter(id=type).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    found.name, found.colour, found.minutes = line(name)[:60], colour, minutes
    found.walk_in, found.place = walk_in, min(max(place, 0), 999)
    found.new_patients, found.known_patients = limits.new_patients, limits.known_patients
    found.from_months, found.below_months = limits.from_months, limits.below_months
    found.hours = [[day, *span] for day in range(1, 8) for span in (rules.hours_on(limits, day) if limits.hours else ())]
    found.practitioner_ids = [check_practitioner(one).hex for one in dict.fromkeys(limits.practitioners)]
    found.most_a_day, found.notice_hours, found.buffer_minutes = limits.most_a_day, limits.notice_hours, limits.buffer_minutes
    found.save()
    return UUID(str(found.id))


@action
def remove_type(type: UUID, *, by: Actor, removed: bool = True) -> None:
    """Out of the list, or back in it; appointments that have it lose its name and colour. Raises Refused."""
    check_write(by, Category.APPOINTMENTS)
    found = AppointmentType.objects.filter(id=type).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    found.removed = removed
    found.save()


@action
def open_hours(
    *,
    by: Actor,
    practitioner: UUID,
    weekday: int,
    from_minute: int,
    to_minute: int,
    kind: str = "appointments",
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> UUID:
    """A period of every week, in minutes of the day; `weekday` 1 is Monday. Raises Refused."""
    whose = check_practitioner(practitioner)
    check_agenda(by, whose)
    with typed():
        rules.check_hours(from_minute, to_minute)
    if not 1 <= weekday <= 7 or kind not in rules.KINDS:
        raise Refused("Choisissez le jour et la sorte de plage dans la liste.", code="invalid")
    if since is not None and until is not None and until < since:
        raise Refused("La date de fin est avant la date de début\u00a0: corrigez l’une des deux.", code="invalid")
    return Opening.objects.create(
        practitioner_id=whose, weekday=weekday, from_minute=from_minute, to_minute=to_minute, kind=kind, since=since, until=until
    ).id


@action
def remove_hours(opening: UUID, *, by: Actor, removed: bool = True) -> None:
    """Take a period away, or give it back. Raises Refused."""
    found = Opening.objects.filter(id=opening).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    check_agenda(by, found.practitioner_id)
    found.removed = removed
    found.save()


@action
def be_away(
    *, by: Actor, practitioner: UUID, start: datetime.datetime, end: datetime.datetime, reason: str = "", replacement: UUID | None = None
) -> UUID:
    """An absence. What was booked stays booked, and is shown: somebody calls these patients. Raises Refused."""
    whose = check_practitioner(practitioner)
    check_agenda(by, whose)
    if check_start(end) <= check_start(start):
        raise Refused("La fin est avant le début\u00a0: corriger l’une des deux dates.", code="invalid")
    if replacement is not None and check_practitioner(replacement) != whose:
        raise Refused("Ce remplaçant n’est pas enregistré comme celui de ce médecin\u00a0: voir les membres du cabinet.", code="invalid")
    return Absence.objects.create(practitioner_id=whose, start=start, end=end, reason=line(reason), replacement_id=replacement).id


@action
def remove_absence(absence: UUID, *, by: Actor, removed: bool = True) -> None:
    """They are there after all, or not. Raises Refused."""
    found = Absence.objects.filter(id=absence).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    check_agenda(by, found.practitioner_id)
    found.removed = removed
    found.save()
