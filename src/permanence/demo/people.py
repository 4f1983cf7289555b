"""Fictional people: identity, contacts, numbers with valid keys. Plain Python, seeded: the same people for ever."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from permanence.demo import names

TEST_INS_OID = "1.2.250.1.213.1.4.10"  # the INS test authority: never that of real identities
MINORS, WOMEN, DECEASED_OLD = 0.12, 0.54, 0.05
ADULT_WITHOUT_EMAIL = 0.21  # with the minors, who have none, 30 % of the files


@dataclass(frozen=True, slots=True)
class Person:
    """One fictional identity. `number` is its place in the generator; `cast` names the people that scenes rely on."""

    number: int
    sex: str  # "F" or "M"
    birth_name: str
    given_names: tuple[str, ...]
    birth: date
    birth_place: str  # INSEE code of the commune or of the country
    birth_place_name: str
    used_name: str = ""
    nir: str = ""  # 15 characters, key included; empty: not known yet
    identity_status: str = "provisional"  # provisional | validated | retrieved | qualified
    mobile: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    job: str = ""
    deceased: date | None = None
    parent: int | None = None  # number of the legal representative of a minor
    doctor: str = "moreau"  # who is answerable: "moreau" or "benali"
    declared: bool = True  # whether that doctor is the declared médecin traitant
    cast: str = ""
    protected: str = ""  # "staff" | "relative" | "known"
    opposed: str = ""  # a profession to which the patient objects

    def age(self, today: date) -> int:
        """Whole years at `today`, or at death."""
        end = self.deceased or today
        return end.year - self.birth.year - ((end.month, end.day) < (self.birth.month, self.birth.day))


def nir_key(body: str) -> str:
    """The two figures that complete 13 characters of NIR (Corsica: 2A counts as 19, 2B as 18)."""
    return f"{97 - int(body.replace('2A', '19').replace('2B', '18')) % 97:02d}"


def make_nir(sex: str, birth: date, place: str, order: int) -> str:
    """A fictional NIR with a valid key. Before 1968 the Essonne's births bear Seine-et-Oise's 78."""
    if place.startswith("91") and birth.year < 1968:
        place = "78" + place[2:]
    body = f"{1 if sex == 'M' else 2}{birth:%y%m}{place}{order:03d}"
    return body + nir_key(body)


def given_name(rng: random.Random, sex: str, year: int) -> str:
    """A given name of that generation."""
    pool = next(choices for last, choices in names.GIVEN[sex] if year <= last)
    return rng.choice(pool)


def birth_date(rng: random.Random, today: date) -> date:
    """A birth date in the age pyramid of a French general practice."""
    bands = ((0, 17, MINORS), (18, 39, 0.25), (40, 59, 0.27), (60, 79, 0.26), (80, 97, 0.10))
    low, high, _ = rng.choices(bands, [weight for _, _, weight in bands])[0]
    return today - timedelta(days=rng.randint(low * 365 + 30, high * 365 + 364))


def make_person(number: int, today: date, *, seed: str = "tilleuls") -> Person:
    """The person of that number. The same for ever, whatever else is made."""
    rng = random.Random(f"{seed}:person:{number}")
    birth = birth_date(rng, today)
    sex = "F" if rng.random() < WOMEN else "M"
    foreign = rng.random() < 0.22
    if foreign:
        surnames, women, men, countries = rng.choice(names.ORIGINS)
        surname, given = rng.choice(surnames), rng.choice(women if sex == "F" else men)
        place = rng.choice(countries) if birth.year < 1995 and rng.random() < 0.6 else rng.choice(names.BIRTH_PLACES)[0]
    else:
        surname = rng.choice(names.HARD_SURNAMES) if rng.random() < 0.12 else rng.choice(names.SURNAMES)
        if rng.random() < 0.05:
            surname = f"{surname}-{rng.choice(names.SURNAMES)}"
        given, place = given_name(rng, sex, birth.year), rng.choice(names.BIRTH_PLACES)[0]
    others = tuple(given_name(rng, sex, birth.year - 30) for _ in range(rng.choice((0, 1, 1, 2))))
    age = (today - birth).days // 365
    married = sex == "F" and age > 28 and rng.random() < (0.55 if age > 50 else 0.3)
    deceased = None
    if age > 60 and rng.random() < DECEASED_OLD:
        deceased = today - timedelta(days=rng.randint(20, 1500))
    person = Person(
        number, sex, surname.upper() if "ÿ" not in surname else surname.upper().replace("Ÿ", "Y"),
        (given, *dict.fromkeys(other for other in others if other != given)), birth, place, place_name(place),
        used_name=rng.choice(names.SURNAMES).upper() if married else "",
        nir=make_nir(sex, birth, place, rng.randint(1, 990)), identity_status=_status(rng),
        job=_job(rng, age), deceased=deceased, doctor="moreau" if rng.random() < 0.6 else "benali",
        declared=rng.random() < 0.9, opposed="ide" if rng.random() < 0.01 else "")
    return with_contacts(person, rng, age)


def with_contacts(person: Person, rng: random.Random, age: int) -> Person:
    """Phone numbers of the range kept for fiction (ARCEP, numbering plan: 01 99 00 and 06 39 98), addresses, e-mail."""
    postcode, town, _ = rng.choices(names.TOWNS, [weight for _, _, weight in names.TOWNS])[0]
    email = ""
    if rng.random() >= ADULT_WITHOUT_EMAIL and age >= 15:
        email = f"{_ascii(person.given_names[0])}.{_ascii(person.used_name or person.birth_name)}" \
                f"{rng.randint(1, 99)}@courriel.example"
    return replace(
        person, mobile=f"063998{rng.randint(0, 9999):04d}" if rng.random() < 0.88 else "",
        phone=f"019900{rng.randint(0, 9999):04d}" if age > 45 and rng.random() < 0.7 else "", email=email,
        address=f"{rng.randint(1, 148)}{rng.choice(('', '', '', ' bis'))} {rng.choice(names.STREETS)}",
        postcode=postcode, town=town)


def place_name(code: str) -> str:
    """The name of a place of birth of the tables."""
    return names.COUNTRIES.get(code) or dict(names.BIRTH_PLACES)[code]


def _status(rng: random.Random) -> str:
    return rng.choices(("qualified", "retrieved", "validated", "provisional"), (78, 6, 8, 8))[0]


def _job(rng: random.Random, age: int) -> str:
    if age < 16:
        return ""
    return "étudiant" if age < 20 else "retraité" if age > 66 else rng.choice(names.JOBS[1:-1])


def _ascii(text: str) -> str:
    plain = text.lower()
    for accents, letter in (("àâäã", "a"), ("éèêë", "e"), ("îïí", "i"), ("ôöóõ", "o"), ("ùûüú", "u"), ("ç", "c"),
                            ("ñ", "n"), ("ÿ", "y"), ("œ", "oe"), ("ć", "c")):
        for accent in accents:
            plain = plain.replace(accent, letter)
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in plain).strip("-")
