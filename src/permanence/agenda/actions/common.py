"""What the agenda's actions share: the row that is changed, and what a practitioner, a length and a type must be."""

import datetime
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from permanence.accounts import rules as rights
from permanence.accounts.models import Member
from permanence.agenda import rules
from permanence.agenda.models import Appointment, AppointmentType, Slot
from permanence.agenda.permissions import check_agenda
from permanence.agenda.queries.outside import breaches
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Refused
from permanence.lib import clock
from permanence.lib.text import collapse
from permanence.patients.permissions import check_object

UNKNOWN = "Ce rendez-vous est introuvable\u00a0: revenez à l’agenda."
ELSEWHERE = "Ce rendez-vous vient d’un autre agenda\u00a0: déplacez-le ou annulez-le là-bas."
Row = Appointment | Slot


class Outside(Refused):
    """Rules that this appointment would not follow: `breaches`. Book again with `despite` naming their codes."""

    def __init__(self, breaches: Iterable[rules.Breach]) -> None:
        self.breaches = tuple(breaches)
        super().__init__(" ".join(one.words for one in self.breaches), code="outside")


@contextmanager
def typed() -> Iterator[None]:
    """What the rules refuse becomes a refusal of the door."""
    try:
        yield
    except ValueError as error:
        raise Refused(str(error), code="invalid") from None


def load(id: UUID, by: Actor) -> Row:
    """The appointment or the slot, in this action, if `by` may write in its agenda. Raises Refused."""
    found: Row | None = Appointment.objects.filter(id=id).first() or Slot.objects.filter(id=id).first()
    if found is None:
        raise Refused(UNKNOWN, code="unknown")
    check_agenda(by, found.practitioner_id)
    if isinstance(found, Appointment):
        check_object(by, Ask(found.patient_id, Category.APPOINTMENTS, found.id, found.practitioner_id))
    return found


def check_practitioner(id: UUID) -> UUID:
    """An agenda is a clinician's of the practice; a remplaçant's is that of whom they replace. Returns whose it is."""
    row = Member.objects.filter(id=id, departed_at=None).values_list("profession", "status", "of_id").first()
    if row is None or row[0] not in {str(one) for one in rights.CLINICIANS}:
        raise Refused("Cette personne n’a pas d’agenda\u00a0: choisissez un soignant du cabinet.", code="invalid")
    return row[2] if row[1] == rights.Status.REMPLACANT and row[2] else id


def length(minutes: int | None, type: UUID | None) -> int:
    """The minutes said, else the type's, else fifteen. Raises Refused."""
    known = AppointmentType.objects.filter(id=type).values_list("minutes", flat=True).first() if type and minutes is None else None
    found = minutes if minutes is not None else known or 15
    with typed():
        rules.check_minutes(found)
    return int(found)


def check_type(type: UUID | None) -> UUID | None:
    if type is not None and not AppointmentType.objects.filter(id=type).exists():
        raise Refused("Ce type n’est pas dans la liste\u00a0: choisissez-en un autre.", code="invalid")
    return type


def check_start(start: datetime.datetime) -> datetime.datetime:
    """An aware instant of our time. Raises Refused."""
    if start.tzinfo is None or not 2000 <= start.year < 2100:
        raise Refused("Cette date n’est pas possible\u00a0: vérifiez l’année.", code="invalid")
    return start.replace(second=0, microsecond=0)


def line(typed: str) -> str:
    """One line as it is kept."""
    return collapse(typed)[:200]


def clock_in(found: Appointment, status: str) -> None:
    """The hours of arrival, beginning and end follow the state; going back takes the later ones away."""
    now = clock.now()
    if status == "booked":
        found.arrived_at = found.started_at = found.ended_at = None
    elif status == "arrived":
        found.arrived_at, found.started_at, found.ended_at = found.arrived_at or now, None, None
    elif status == "in-progress":
        found.started_at, found.ended_at = found.started_at or now, None
    elif status == "fulfilled":
        found.ended_at = found.ended_at or now


def told(found: Row, despite: Collection[str] | None, reason: str = "") -> None:
    """Keep which rules it does not follow. Raises Outside when one of them is not in `despite`; None agrees to all.

    What was said about the same rules before stays.
    """
    patient = found.patient_id if isinstance(found, Appointment) else None
    if found.practitioner_id is None or found.start is None or (isinstance(found, Appointment) and found.no_hour):
        return  # a visit of the round has no hour that a rule could judge
    broken = breaches(found.practitioner_id, found.start, found.minutes, found.type_id, patient=patient, but=found.id)
    codes = [one.code for one in broken]
    if despite is not None and not set(codes) <= set(despite):
        raise Outside(broken)
    if not set(codes) <= set(found.waived_rules):
        found.waived_reason = ""
    found.waived_rules = codes
    found.waived_reason = (line(reason) or found.waived_reason) if codes else ""
