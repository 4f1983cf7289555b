"""The agenda of the practice that is measured: ninety appointments a day of four practitioners, years of them, one day in an act."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

PRACTITIONERS, A_DAY = ("moreau", "benali", "nadia", "hugo"), 90
AHEAD = 60  # days that are booked already: as many as somebody looks for a place in
SPACE = UUID("6f1c7a52-6a0e-5b1e-9a57-0d0a5e6f8a11")
MORNING, EVENING, LENGTH = 8 * 60, 19 * 60, 15
KINDS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("Consultation", 15, {}), ("Suivi", 15, {"new_patients": False}), ("Enfant", 15, {"below_months": 192}),
    ("Bilan", 30, {"hours": [[4, 600, 720]], "most_a_day": 2, "notice_hours": 24, "buffer_minutes": 10}))  # fmt: skip


def appointment_id(day: date, number: int) -> UUID:
    return uuid5(SPACE, f"{day:%Y-%m-%d}:{number}")


def type_id(name: str) -> UUID:
    return uuid5(SPACE, name)


def days(count: int, today: date) -> list[tuple[date, int]]:
    """Days with their number of appointments, newest first: today whatever its weekday, and no other Sunday."""
    found, day = list[tuple[date, int]](), today + timedelta(days=AHEAD)
    while count > 0:
        if day.isoweekday() < 7 or day == today:
            found.append((day, min(A_DAY, count)))
            count -= found[-1][1]
        day -= timedelta(days=1)
    return found


def groups(count: int, patients: Sequence[UUID], members: Mapping[str, UUID], today: date) -> Iterator[Sequence[Any]]:
    """The frame, then each day as one act."""
    own = [members[key] for key in PRACTITIONERS]
    yield [*_types(), *_hours(own)]
    for turn, (day, booked) in enumerate(days(count, today)):
        yield [_appointment(day, number, patients[(turn * 37 + number * 11) % len(patients)], own, members["sophie"], today)
               for number in range(booked)]


def _types() -> Iterator[Any]:
    from permanence.agenda.models import AppointmentType

    for place, (name, minutes, limits) in enumerate(KINDS):
        yield AppointmentType(id=type_id(name), name=name, minutes=minutes, place=place, **limits)


def _hours(own: Sequence[UUID]) -> Iterator[Any]:
    from permanence.agenda.models import Opening

    for who in own:
        for weekday in range(1, 8):
            yield Opening(id=uuid5(SPACE, f"{who}:{weekday}"), practitioner_id=who, weekday=weekday, from_minute=MORNING,
                          to_minute=EVENING)


def _appointment(day: date, number: int, patient: UUID, own: Sequence[UUID], by: UUID, today: date) -> Any:
    """Each practitioner's share, one after the other from eight, a hole now and then; what is past is done, but for some."""
    from permanence.agenda import times
    from permanence.agenda.models import Appointment

    place, who = divmod(number, len(own))
    start = times.instant(day, MORNING + (place + place // 7) * LENGTH)
    kind = KINDS[number % 3][0]
    came = day < today
    status = "booked" if not came else "noshow" if number % 23 == 7 else "cancelled" if number % 17 == 5 else "fulfilled"
    done = {"arrived_at": start, "started_at": start, "ended_at": times.after(start, LENGTH)} if status == "fulfilled" else {}
    return Appointment(id=appointment_id(day, number), patient_id=patient, practitioner_id=own[who], start=start, minutes=LENGTH,
                       type_id=type_id(kind), reason="Renouvellement", status=status, booked_by_id=by,
                       booked_at=start - timedelta(days=9), **done)
