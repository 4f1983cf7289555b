"""What the agenda declares to the journal: what explains that a file is opened, and what open screens want to hear of."""

import datetime
from uuid import UUID

from permanence.accounts.permissions import today
from permanence.agenda import times
from permanence.journal.registry import explains, live
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.patients.permissions import FAMILY

for _model in ("agenda.Appointment", "agenda.Slot"):
    live(_model, "agenda")  # one id, one card
for _model in ("agenda.Opening", "agenda.Absence", "agenda.AppointmentType"):
    live(_model, "agenda-frame")  # no card of their own: the page is read again

_COMES = (
    FAMILY  # noqa: S608 -- fixed text
    + " SELECT 1 FROM family f CROSS JOIN agenda_appointment a ON a.patient_id = f.id WHERE a.start >= ? AND a.start < ?"
    " AND a.status NOT IN ('cancelled', 'entered-in-error')"
    " AND a.practitioner_id IN (SELECT ? UNION SELECT of_id FROM accounts_member WHERE id = ? AND status = 'remplacant') LIMIT 1"
)
_WAITS = (
    FAMILY  # noqa: S608 -- fixed text
    + " SELECT 1 FROM family f CROSS JOIN agenda_appointment a ON a.patient_id = f.id WHERE a.start >= ? AND a.start < ?"
    " AND a.status IN ('arrived', 'in-progress') LIMIT 1"
)


@explains("appointment")
def appointment(member: UUID, patient: UUID) -> bool:
    """They come, or came yesterday, to this member or to the doctor whom this member replaces."""
    day = today()
    begins, ends = times.bounds(day - datetime.timedelta(days=1))[0], times.bounds(day)[1]
    values = f'["{patient.hex}"]', stored(begins), stored(ends), member.hex, member.hex
    return run("default", _COMES, *values).fetchone() is not None


@explains("waiting_room")
def waiting_room(member: UUID, patient: UUID) -> bool:
    """They are here now, whoever is to see them: whoever receives them may have to open their file."""
    begins, ends = times.bounds(today())
    return run("default", _WAITS, f'["{patient.hex}"]', stored(begins), stored(ends)).fetchone() is not None
