"""The agenda of the fictional practice: types, hours, a week around today with everything that happens in a waiting room."""

import datetime
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from permanence.agenda import times
from permanence.agenda.models import Absence, Appointment, AppointmentType, Opening, Slot
from permanence.demo.rows import SPACE, patient_id
from permanence.journal.journaled import JournaledModel
from permanence.lib import clock

TYPES = (  # key, name, colour, minutes, new patients, walk-in
    ("consultation", "Consultation", "blue", 15, True, False),
    ("suivi", "Suivi de maladie chronique", "teal", 20, False, False),
    ("enfant", "Enfant, vaccin", "green", 20, True, False),
    ("urgence", "Urgence du jour", "rose", 10, True, True),
    ("long", "Première consultation, bilan", "amber", 30, True, False),
    ("visite", "Visite à domicile", "slate", 30, False, False),
    ("asalee", "Éducation thérapeutique", "teal", 45, False, False),
)
# What these types allow: the others have no rules.
RULES: Mapping[str, Mapping[str, Any]] = {
    "enfant": {"below_months": 16 * 12},
    "long": {"most_a_day": 3, "notice_hours": 24},
    "visite": {"buffer_minutes": 10},
}
# Minutes of the day: from, to, kind. The practice works every day of the demo, so that it is alive on a Sunday too.
HOURS: Mapping[str, tuple[tuple[int, int, str], ...]] = {
    "moreau": ((480, 750, "appointments"), (750, 780, "walk-in"), (840, 1110, "appointments")),
    "benali": ((510, 720, "appointments"), (720, 780, "walk-in"), (870, 1140, "appointments")),
    "hugo": ((540, 720, "appointments"), (840, 1020, "appointments")),
    "nadia": ((540, 720, "appointments"), (810, 990, "appointments")),
}
REASONS: Mapping[str, tuple[str, ...]] = {
    "consultation": ("Toux", "Douleur d’épaule", "Certificat de sport", "Fatigue", "Mal de gorge", "Papiers", "Résultats", ""),
    "suivi": ("Renouvellement", "Diabète, trimestre", "Tension", "Renouvellement et ordonnance de soins"),
    "enfant": ("Vaccins", "Fièvre", "Examen du 9e mois"),
    "long": ("Nouveau patient", "Bilan annuel"),
    "urgence": ("Fièvre", "Plaie de la main", "Mal de dos"),
    "asalee": ("Suivi diabète", "Sevrage tabac", "Repérage BPCO"),
}
BEFORE = ("moreau", -14, 12, "Congés", "petit")  # whose, days after today, how many, why, who replaces
AWAY = (BEFORE, ("benali", 3, 1, "Formation", None), ("moreau", 3, 5, "Congés", "petit"))
CHILDREN = (3, 9, 25)  # of the cast: see demo.cast
VISITS = ((12, "Renouvellement, chute la semaine dernière", "Code 17A3, 3e droite"), (31, "Pansement, fièvre", "Clé chez la voisine"))
DAY = {"moreau": 22, "benali": 17, "hugo": 9, "nadia": 6}


@dataclass(frozen=True, slots=True)
class Booker:
    """Makes the rows of a day, seeded by the day itself."""

    members: Mapping[str, UUID]
    patients: int
    now: datetime.datetime

    def types(self) -> Iterator[JournaledModel]:
        for place, (key, name, colour, minutes, new, walk_in) in enumerate(TYPES):
            yield AppointmentType(
                id=type_id(key),
                name=name,
                colour=colour,
                minutes=minutes,
                new_patients=new,
                walk_in=walk_in,
                place=place,
                practitioner_ids=[self.members["nadia"].hex] if key == "asalee" else [],
                **RULES.get(key, {}),
            )

    def hours(self) -> Iterator[JournaledModel]:
        for key, periods in HOURS.items():
            for weekday in range(1, 8):
                for number, (start, end, kind) in enumerate(periods):
                    yield Opening(
                        id=uuid5(SPACE, f"opening:{key}:{weekday}:{number}"),
                        practitioner_id=self.members[key],
                        weekday=weekday,
                        from_minute=start,
                        to_minute=end,
                        kind=kind,
                    )

    def absence(self, day: datetime.date) -> Iterator[JournaledModel]:
        """Dr Benali is at a course in three days; Dr Moreau was away, and leaves again: her remplaçante covers both."""
        for key, after, length, reason, replacement in AWAY:
            first = day + datetime.timedelta(days=after)
            yield Absence(
                id=absence_id(key, after),
                practitioner_id=self.members[key],
                start=times.instant(first, 0),
                end=times.instant(first + datetime.timedelta(days=length), 0),
                reason=reason,
                replacement_id=self.members[replacement] if replacement else None,
            )

    def day(self, day: datetime.date, today: datetime.date, *, share: float = 1.0) -> Iterator[JournaledModel]:
        """Everybody's appointments of one day."""
        taken: set[int] = set()
        for key, count in DAY.items():
            yield from self._agenda(key, max(1, round(count * share)), day, today, taken)

    def _agenda(self, key: str, count: int, day: datetime.date, today: datetime.date, taken: set[int]) -> Iterator[JournaledModel]:
        rng = random.Random(f"tilleuls:agenda:{key}:{(day - today).days}")
        places = _places(key, count, rng)
        for number, (minute, planned, minutes) in enumerate(places):
            who = self._patient(rng, taken)
            kind = "enfant" if who in CHILDREN and planned in ("consultation", "suivi") else planned
            start = times.instant(day, minute)
            reasons = REASONS.get(kind, ("",))
            yield Appointment(
                id=uuid5(SPACE, f"rdv:{key}:{(day - today).days}:{number}"),
                patient_id=patient_id(who),
                practitioner_id=self.members[key],
                start=start,
                minutes=minutes,
                type_id=type_id(kind),
                reason=rng.choice(reasons),
                booked_by_id=self.members["sophie"],
                booked_at=start - datetime.timedelta(days=rng.randint(1, 20), hours=3),
                home_visit=kind == "visite",
                place="2e étage, code 41B" if kind == "visite" else "",
                **self._state(start, minutes, number, rng),
            )
        if key == "moreau":
            yield from self._slots(day, today)
        if day == today:
            yield from self._walk_ins(key, rng, taken)

    def _patient(self, rng: random.Random, taken: set[int]) -> int:
        for _ in range(200):
            who = rng.randrange(self.patients)
            if who not in taken and who not in (22, 17):  # who has died, and who works here
                break
        taken.add(who)
        return who

    def _state(self, start: datetime.datetime, minutes: int, number: int, rng: random.Random) -> dict[str, Any]:
        """What became of it, seen from now: done, being seen, waiting, not come, cancelled, or to come."""
        late = datetime.timedelta(minutes=rng.randint(0, 12))
        arrived, end = start - datetime.timedelta(minutes=rng.randint(2, 14)), start + datetime.timedelta(minutes=minutes)
        if number % 11 == 7:
            return {"status": "cancelled", "status_reason": "A prévenu la veille"}
        if end + late < self.now:
            if number % 9 == 4:
                return {"status": "noshow"}
            return {"status": "fulfilled", "arrived_at": arrived, "started_at": start + late, "ended_at": end + late}
        if start + late <= self.now:
            return {"status": "in-progress", "arrived_at": arrived, "started_at": start + late}
        if arrived <= self.now:
            return {"status": "arrived", "arrived_at": arrived}
        return {}

    def _slots(self, day: datetime.date, today: datetime.date) -> Iterator[JournaledModel]:
        """A staff meeting, and a caller who has no file yet."""
        common: dict[str, Any] = {"practitioner_id": self.members["moreau"], "booked_by_id": self.members["sophie"], "booked_at": self.now}
        yield Slot(
            id=uuid5(SPACE, f"slot:meeting:{(day - today).days}"),
            start=times.instant(day, 780),
            minutes=60,
            kind="busy",
            label="Réunion de la maison de santé" if day.isoweekday() == 4 or day == today else "Pause",
            **common,
        )
        if day == today + datetime.timedelta(days=1):
            yield Slot(
                id=uuid5(SPACE, "slot:caller"),
                start=times.instant(day, 1095),
                minutes=15,
                kind="caller",
                label="M. Perrin (nouveau)",
                phone="06 39 98 55 01",
                reason="Douleur lombaire",
                type_id=type_id("consultation"),
                **common,
            )

    def visits(self, day: datetime.date) -> Iterator[JournaledModel]:
        """Dr Moreau's round of today: two visits without an hour; a third one is expected at six."""
        for number, (who, reason, place) in enumerate(VISITS):
            if who < self.patients:
                yield Appointment(
                    id=uuid5(SPACE, f"visit:{number}"),
                    patient_id=patient_id(who),
                    practitioner_id=self.members["moreau"],
                    start=times.instant(day, 0),
                    minutes=30,
                    type_id=type_id("visite"),
                    reason=reason,
                    place=place,
                    home_visit=True,
                    no_hour=True,
                    round_rank=number + 1,
                    booked_by_id=self.members["sophie"],
                    booked_at=self.now - datetime.timedelta(days=1),
                )

    def _walk_ins(self, key: str, rng: random.Random, taken: set[int]) -> Iterator[JournaledModel]:
        """Who came without an appointment: two wait now."""
        if key not in ("moreau", "benali"):
            return
        for number, waited in enumerate((31, 9) if key == "benali" else (17,)):
            arrived = self.now - datetime.timedelta(minutes=waited)
            start = arrived.replace(second=0, microsecond=0) - datetime.timedelta(minutes=arrived.minute % 5)
            yield Appointment(
                id=uuid5(SPACE, f"walk-in:{key}:{number}"),
                patient_id=patient_id(self._patient(rng, taken)),
                practitioner_id=self.members[key],
                start=start,
                minutes=10,
                type_id=type_id("urgence"),
                reason=rng.choice(REASONS["urgence"]),
                status="arrived",
                arrived_at=arrived,
                walk_in=True,
                booked_by_id=self.members["sophie"],
                booked_at=arrived,
            )


def absence_id(key: str, after: int) -> UUID:
    return uuid5(SPACE, f"absence:{key}:{after}")


def type_id(key: str) -> UUID:
    return uuid5(SPACE, f"type:{key}")


def _places(key: str, count: int, rng: random.Random) -> Sequence[tuple[int, str, int]]:
    """`count` places one after the other in the opening hours, a hole here and there, one pair at the same time."""
    found: list[tuple[int, str, int]] = []
    kinds = {"nadia": ("asalee",), "hugo": ("consultation", "long")}.get(
        key, ("consultation", "consultation", "suivi", "consultation")
    )
    lengths = {name: minutes for name, _, _, minutes, _, _ in TYPES}
    for start, end, kind in HOURS[key]:
        minute = start
        while kind == "appointments" and minute < end and len(found) < count:
            what = "long" if key == "moreau" and len(found) == 5 else rng.choice(kinds)
            minutes = min(lengths[what], end - minute)
            found.append((minute, what, minutes))
            minute += minutes + (15 if rng.random() < 0.14 else 0)
    if key == "moreau" and len(found) > 8:
        found[8] = (found[7][0], "consultation", 15)  # two at the same time: an agenda has some
        found[-1] = (1080, "visite", 30)
    return found


def groups(count: int, day: datetime.date, members: Mapping[str, UUID]) -> Iterator[Sequence[JournaledModel]]:
    """The agenda's rows, a day in an act: a week behind, a fortnight ahead, less and less full."""
    book = Booker(members, count, clock.now())
    yield [*book.types(), *book.hours(), *book.absence(day)]
    for after in range(-6, 15):
        share = 1.0 if after <= 1 else max(0.15, 0.9 - 0.07 * after)
        yield list(book.day(day + datetime.timedelta(days=after), day, share=share))
    yield list(book.visits(day))
