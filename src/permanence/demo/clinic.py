"""The medical file of one fictional person: what they have, take and had measured, and what was written. Plain Python."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from permanence.demo import illnesses, prose
from permanence.demo.course import Body
from permanence.demo.files import Allergy, File, History, Letter, Measure, Note, Treatment, Vaccination
from permanence.demo.illnesses import Illness
from permanence.demo.people import Person
from permanence.demo.writing import decimal, pick, write

PARIS = ZoneInfo("Europe/Paris")


@dataclass(slots=True)
class Making:
    """What one file is being made from."""

    person: Person
    today: date
    rng: random.Random
    body: Body
    ill: dict[str, date]
    since: date
    notes: list[Note] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    drawn: dict[str, date] = field(default_factory=dict)  # when each blood value was last measured

    @property
    def end(self) -> date:
        return self.person.deceased or self.today


# Conditions that scenes rely on: illness -> years since it began.
CAST_ILLNESSES = {
    "girard": {"hta": 14, "diabetes": 9, "lipids": 9, "heart_failure": 2}, "forty_years": {"hta": 31, "arthrosis": 22,
    "thyroid": 27, "af": 8, "reflux": 15}, "potassium": {"heart_failure": 4, "hta": 20}, "depression": {"depression": 1},
    "asthma": {"asthma": 6}, "diallo": {"hta": 25, "diabetes": 16, "heart_failure": 3, "arthrosis": 15, "osteoporosis": 6},
    "chest_pain": {"lipids": 4}, "costa": {}, "pregnant": {}, "lina": {}, "newborn": {}, "mother": {}, "minor_secret": {},
}
VISITS_OF = {"forty_years": 190, "girard": 58, "newborn": 1, "lina": 9, "two_charts": 6}
SINCE_OF = {"forty_years": 41, "girard": 15, "diallo": 3, "potassium": 12}  # years in this practice


def make_file(person: Person, today: date, *, seed: str = "tilleuls") -> File:
    """The file of a person: the same for ever for the same day."""
    rng = random.Random(f"{seed}:file:{person.number}")
    ill = _illnesses(person, today, rng)
    made = Making(person, today, rng, Body(rng, person.sex, person.birth, ill), ill, _since(person, today, rng))
    visits = _visits(made)
    for index, at in enumerate(visits):
        _visit(made, at, last=index == len(visits) - 1)
    _special(made)
    state, allergies = _allergies(made)
    return File(person, made.since, state, tuple(_histories(made)), allergies, tuple(_treatments(made)),
                tuple(_vaccinations(made)), tuple(made.measures), tuple(sorted(made.notes, key=lambda note: note.at)),
                tuple(made.letters))


def _illnesses(person: Person, today: date, rng: random.Random) -> dict[str, date]:
    given = CAST_ILLNESSES.get(person.cast)
    if given is not None:
        return {key: today - timedelta(days=365 * years + 40) for key, years in given.items()}
    age, found = person.age(today), {}
    for illness in illnesses.ILLNESSES:
        met = (age - illness.start) / (illness.peak - illness.start)
        if (not illness.sex or illness.sex == person.sex) and age > illness.start:
            if rng.random() < illness.share * min(1.0, max(0.05, met)):
                span = min(age - illness.start, 25) * 365
                found[illness.key] = (person.deceased or today) - timedelta(days=rng.randint(30, max(31, span)))
    return found


def _since(person: Person, today: date, rng: random.Random) -> date:
    if person.cast in SINCE_OF:
        return date(today.year - SINCE_OF[person.cast], 3, 4)
    end = person.deceased or today
    return max(person.birth + timedelta(days=8 if person.cast == "newborn" else 12),
               end - timedelta(days=rng.randint(200, 365 * 22)))


def _visits(made: Making) -> list[datetime]:
    """Consultations from the first to the last: many where there is illness or childhood, on weekdays, 8:00 to 18:45."""
    age, rng = made.person.age(made.today), made.rng
    usual = 5 + 3 * len(made.ill) + (6 if age < 6 else 0) + (3 if age > 70 else 0)
    count = VISITS_OF.get(made.person.cast, max(1, round(rng.gauss(usual, 3))))
    first, span = made.since, max((made.end - made.since).days - 1, 1)
    power = 0.9 if made.person.cast in SINCE_OF else 0.45  # a file thickens with the years
    apart, kept = 12 if age < 2 else 25, -999
    days = []
    for day in sorted(min(span, round(span * rng.random()**power)) for _ in range(count)):
        if day - kept >= apart or rng.random() < 0.08:  # sometimes seen again within the week
            days.append(day)
            kept = day
    return [_at(rng, first + timedelta(days=day), made.end) for day in days]


def _at(rng: random.Random, day: date, end: date) -> datetime:
    while day.weekday() == 6 or day >= end:
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, rng.randint(8, 18), rng.randrange(0, 60, 15), tzinfo=PARIS)


def _author(made: Making, at: datetime) -> str:
    if at.date() < made.today - timedelta(days=365 * 8):
        return made.person.doctor
    recent = at.date() > made.today - timedelta(days=25)
    choices = (made.person.doctor, "benali" if made.person.doctor == "moreau" else "moreau", "petit", "hugo")
    return made.rng.choices(choices, (82, 10, 4 if recent else 0, 4 if recent else 0))[0]


def _visit(made: Making, at: datetime, *, last: bool) -> None:
    """One consultation: measures taken, then the note that speaks of them."""
    rng, sex = made.rng, made.person.sex
    following = [key for key, since in made.ill.items() if since < at.date() and key in prose.FOLLOW]
    given = _examine(made, at, following)
    if following and (rng.random() < 0.72 or last):
        made.notes.append(_follow_up(made, at, following, given))
        if rng.random() < 0.06:
            _letters(made, at, following, given)
        return
    age = (at.date() - made.person.birth).days // 365
    fitting = [e for e in prose.EPISODES if e.ages[0] <= age <= e.ages[1] and (not e.season or at.month in e.season)
               and (e.code != "N30.0" or sex == "F")]
    if (age < 2 and rng.random() < 0.6) or not fitting:
        made.notes.append(_child(made, at, given))
        return
    episode = rng.choices(fitting, [e.weight for e in fitting])[0]
    given.setdefault("temp", decimal(rng.randint(370, 392), 1))
    parts = [pick(rng, variants, sex, given) for variants in (episode.s, episode.o, episode.a, episode.p)]
    if rng.random() < 0.3:  # many doctors write in one go
        made.notes.append(Note(at, _author(made, at), episode.motif, episode.code, text="\n".join(parts)))
    else:
        made.notes.append(_note(made, at, episode.motif, episode.code, parts))


def _follow_up(made: Making, at: datetime, following: list[str], given: dict[str, object]) -> Note:
    """A renewal: one paragraph per condition in each part."""
    rng, sex = made.rng, made.person.sex
    columns = [[pick(rng, prose.FOLLOW[key][part], sex, given) for key in following] for part in range(4)]
    parts = [" ".join(dict.fromkeys(filter(None, column))) for column in columns]
    first = next(illness for illness in illnesses.ILLNESSES if illness.key == following[0])
    motif = "Renouvellement" if rng.random() < 0.7 else f"Suivi : {first.label.lower()}"
    return _note(made, at, motif, first.code, parts)


def _child(made: Making, at: datetime, given: dict[str, object]) -> Note:
    age, sex = round((at.date() - made.person.birth).days / 30.4), made.person.sex
    motif = f"Examen du nourrisson, {age} mois" if age else "Examen du premier mois"
    parts = [pick(made.rng, variants, sex, given) for variants in prose.INFANT]
    return _note(made, at, motif, "Z00.1", parts)


def _note(made: Making, at: datetime, motif: str, code: str, parts: list[str]) -> Note:
    subjective, objective, assessment, plan = parts
    return Note(at, _author(made, at), motif, code, subjective, objective, assessment, plan)


def _examine(made: Making, at: datetime, following: list[str]) -> dict[str, object]:
    """Take the measures that such a visit calls for, keep them, and return the figures that the note may quote."""
    body, rng, day = made.body, made.rng, at.date()
    age = (day - made.person.birth).days / 365
    wanted = {name for key in following for name in _illness(key).follows}
    if age < 16 or rng.random() < 0.25:
        wanted |= {"weight"} | ({"height"} if age < 16 else set()) | ({"head"} if age < 2 else set())
    if age > 40 and rng.random() < 0.5:
        wanted.add("bp")
    given: dict[str, object] = {}
    if "bp" in wanted:
        wanted.discard("bp")
        systolic = body.systolic(day)
        diastolic = body.diastolic(day, systolic)
        given.update(sys=systolic, dia=diastolic)
        made.measures += [_measure("systolic", systolic, at), _measure("diastolic", diastolic, at)]
    laboratory = {"creatinine", "potassium", "ldl", "hba1c", "tsh"}
    for name in sorted(wanted):
        if name in laboratory:
            if (day - made.drawn.get(name, date.min)).days < (85 if name == "hba1c" else 160):
                continue
            made.drawn[name] = day
        value = getattr(body, name)(day)
        measure = _measure(name, value, at - timedelta(days=3, hours=2) if name in laboratory else at)
        given[name] = decimal(value, measure.places)
        made.measures.append(measure)
    return given


def _measure(name: str, value: int, at: datetime) -> Measure:
    loinc, label, unit, places = illnesses.MEASURES[name]
    return Measure(loinc, label, unit, value, places, at)


def _illness(key: str) -> Illness:
    return next(illness for illness in illnesses.ILLNESSES if illness.key == key)


def _letters(made: Making, at: datetime, following: list[str], given: dict[str, object]) -> None:
    """A letter to a colleague, and most often the answer some weeks later."""
    rng, person = made.rng, made.person
    name = f"{person.given_names[0]} {person.used_name or person.birth_name}"
    age = (at.date() - person.birth).days // 365
    facts = {**given, "civility": "Mme" if person.sex == "F" else "M.", "name": name, "age": f"{age} ans",
             "history": ", ".join(_illness(key).label.lower() for key in following),
             "treatments": ", ".join(drug.dci for key in following for drug in _illness(key).steps[0]) or "aucun"}
    fitting = [letter for letter in prose.LETTERS if letter.illness in ("", *following)]
    letter = rng.choice(fitting)
    made.letters.append(Letter(at, person.doctor, letter.title, write(rng, letter.text, person.sex, facts), False))
    back = at + timedelta(days=rng.randint(12, 60))
    if letter.reply and back.date() < made.end and rng.random() < 0.8:
        answer = write(rng, letter.reply, person.sex, facts)
        made.letters.append(Letter(back, letter.by, letter.reply_title, answer, True))


def _histories(made: Making) -> Iterator[History]:
    age, rng = made.person.age(made.today), made.rng
    for key, since in made.ill.items():
        illness = _illness(key)
        yield History(illness.label, illness.code, since.isoformat() if rng.random() < 0.6 else str(since.year), True,
                      ald=illness.ald)
    for code, label, earliest, share in illnesses.PAST:
        if age > earliest + 1 and rng.random() < share:
            year = made.person.birth.year + rng.randint(earliest, age - 1)
            surgery = any(word in label.lower() for word in ("opér", "tomie", "cure", "prothèse"))
            yield History(label, code, str(year), False, "surgery" if surgery else "personal")
    if age > 15 and rng.random() < 0.35:
        label, code = rng.choice(illnesses.FAMILY)
        yield History(label, code, "", True, "family")


def _allergies(made: Making) -> tuple[str, tuple[Allergy, ...]]:
    """One of the four states, never an empty list that could mean anything."""
    rng, age = made.rng, made.person.age(made.today)
    state = rng.choices(("none", "known", "not_asked", "unknown"), (58, 17, 21, 4))[0]
    if made.person.cast in ("girard", "forty_years", "pregnant"):
        state = "known"
    if state != "known":
        return state, ()
    found = []
    for substance, reaction, kind in rng.sample(illnesses.ALLERGIES, rng.choice((1, 1, 2))):
        year = made.today.year - rng.randint(0, max(0, min(age, 30) - 1))
        found.append(Allergy(substance, reaction.format(year=year), kind, year))
    return state, tuple(found)


def _treatments(made: Making) -> Iterator[Treatment]:
    """Each step of each condition, a new one every few years; sometimes one that was stopped, or prescribed elsewhere."""
    rng, seen = made.rng, set()
    for key, since in made.ill.items():
        start = since + timedelta(days=30)
        for step in _illness(key).steps:
            if start >= made.end:
                break
            for drug in (drug for drug in step if drug.dci not in seen):
                seen.add(drug.dci)
                stopped = not made.person.cast and rng.random() < 0.08 and (made.end - start).days > 400
                end = start + timedelta(days=rng.randint(60, 380)) if stopped else None
                heart = key in ("af", "coronary", "heart_failure") and rng.random() < 0.4
                yield Treatment(drug.dci, drug.name, drug.atc, drug.dose, start, end, "cardiologue" if heart else "")
            start += timedelta(days=rng.randint(240, 1500))
    if made.person.sex == "F" and 17 <= made.person.age(made.today) <= 40 and not made.ill and rng.random() < 0.35:
        drug = illnesses.LEVONORGESTREL
        yield Treatment(drug.dci, drug.name, drug.atc, drug.dose, made.end - timedelta(days=rng.randint(100, 1500)))


def _vaccinations(made: Making) -> Iterator[Vaccination]:
    """The calendar of that age, as far as this practice knows it."""
    birth, end = made.person.birth, made.end
    if made.person.age(made.today) < 18:
        plan = [("hexa", 61, 1), ("pneumo", 62, 1), ("hexa", 122, 2), ("pneumo", 123, 2), ("hexa", 335, 3), ("ror", 366, 1),
                ("menacwy", 367, 1), ("ror", 500, 2), ("dtp", 2200, 4), ("dtp", 4200, 5), ("hpv", 4250, 1)]
        for key, days, rank in plan:
            on = birth + timedelta(days=days + made.rng.randint(0, 12))
            if on < end:
                yield _shot(made, key, on, rank)
        return
    for age in (25, 45, 65, 75, 85):
        on = date(birth.year + age, made.rng.randint(1, 12), made.rng.randint(1, 28))
        if made.since < on < end and made.rng.random() < 0.8:
            yield _shot(made, "dtp", on, 1)
    if made.person.age(made.today) > 64 or {"diabetes", "copd"} & set(made.ill):
        for year in range(max(made.since.year, end.year - 6), end.year + 1):
            on = date(year, made.rng.choice((10, 11)), made.rng.randint(2, 28))
            if made.since < on < end and made.rng.random() < 0.7:
                yield _shot(made, "flu", on, 1)


def _shot(made: Making, key: str, on: date, rank: int) -> Vaccination:
    vaccine, disease, letters, _ = illnesses.VACCINES[key]
    lot = f"{letters}{on.year % 10}{made.rng.randint(100, 999)}{made.rng.choice('ABCDEF')}"
    site = "cuisse droite" if (on - made.person.birth).days < 600 else made.rng.choice(("deltoïde gauche", "deltoïde droit"))
    return Vaccination(vaccine, disease, on, lot, site, rank)


def _special(made: Making) -> None:
    """What some people of the cast must have."""
    scene, day = made.person.cast, made.today - timedelta(days=12)
    if not scene or day <= made.since or day >= made.end:
        return
    at = _at(made.rng, day, made.end)
    if scene == "girard":  # seen on the day of the scene: the renewal of 08:30 comes three months later
        _visit(made, at, last=True)
    if scene in prose.SCENES:
        motif, code, parts = prose.SCENES[scene]
        made.notes.append(Note(at, "moreau", motif, code, *parts, minor_secret=scene == "minor_secret"))
    if scene == "potassium":
        made.measures.append(_measure("potassium", 59, at))
    if scene == "girard":
        made.measures.append(_measure("hba1c", 89, at))
    if scene in ("depression", "diallo", "mother"):
        text = made.rng.choice(prose.PRIVATE)
        made.notes.append(Note(at + timedelta(minutes=15), "moreau", "Pour moi", "", text=text, private=True))
