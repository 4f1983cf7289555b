"""The people that scenes rely on, with the mess of a real practice; then the crowd around them. Plain Python."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from permanence.demo.people import Person, make_nir, make_person, place_name, with_contacts


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of the fictional practice. `of` names the replaced or the senior one; `days` bounds the membership."""

    key: str
    profession: str
    status: str
    title: str
    given_name: str
    name: str
    rpps: str = ""  # fictional, with a valid key
    of: str = ""
    days: int = 0


PRACTICE, TOWN, LABEL = "Maison de santé des Tilleuls", "Saint-Aubin-sur-Orge", "tilleuls"


def rpps(body: str) -> str:
    """A fictional RPPS: ten figures and their Luhn key."""
    total = 0
    for place, figure in enumerate(reversed(body)):
        value = int(figure) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


COLLEAGUES = (
    Colleague("moreau", "medecin", "titulaire", "Dr", "Claire", "MOREAU", rpps("1000000001")),
    Colleague("benali", "medecin", "titulaire", "Dr", "Karim", "BENALI", rpps("1000000002")),
    Colleague("petit", "medecin", "remplacant", "Dr", "Léa", "PETIT", rpps("1000000003"), of="moreau", days=30),
    Colleague("hugo", "medecin", "interne", "", "Hugo", "LEMAIRE", rpps("1000000004"), of="moreau", days=180),
    Colleague("sophie", "secretaire", "salarie", "", "Sophie", "GARNIER"),
    Colleague("nadia", "ide", "salarie", "", "Nadia", "FERHAT", rpps("1000000005")),
)


def cast_people(today: date) -> list[Person]:
    """The first patients of the practice, always the same, ages kept whatever the day."""
    made: list[Person] = []

    def add(cast: str, sex: str, name: str, given: str, years: int, *, day: tuple[int, int] = (6, 14),
            place: str = "91326", nir: bool = True, born: date | None = None, **more: object) -> int:
        number = len(made)
        birth = born or _born(today, years, day)
        rng = random.Random(f"tilleuls:cast:{number}")
        person = Person(number, sex, name, tuple(given.split(", ")), birth, place, place_name(place),
                        nir=make_nir(sex, birth, place, 101 + number) if nir else "",
                        identity_status="qualified" if nir else "provisional", cast=cast)
        made.append(replace(with_contacts(person, rng, years), **more))  # type: ignore[arg-type]
        return number

    add("girard", "M", "GIRARD", "Jean-Pierre, Marcel", 68, job="retraité", email="jp.girard58@courriel.example")
    add("forty_years", "F", "BÉRANGER", "Simone, Yvonne", 84, used_name="LHERMITTE", place="91345", email="")
    mother = add("mother", "F", "NGUYEN", "Linh", 31, used_name="CARON", place="75113", job="comptable")
    add("lina", "F", "CARON", "Lina", 0, born=today - timedelta(days=275), parent=mother, email="",
        mobile=made[mother].mobile, address=made[mother].address, postcode=made[mother].postcode, town=made[mother].town)
    add("costa", "M", "COSTA", "António", 34, place="99139", job="maçon")
    add("diallo", "F", "DIALLO", "Aminata", 82, used_name="SOW", place="99341", declared=False, email="")
    add("pregnant", "F", "LEFÈVRE-BÉRANGER", "Inès", 29, place="59350", job="enseignante")
    add("chest_pain", "M", "N'GUESSAN", "Serge", 57, place="75114", job="conducteur de bus")
    add("potassium", "M", "LE GOFF", "Yves, Marie", 76, place="29019", email="")
    add("newborn", "M", "D'ANGELO", "Côme", 0, born=today - timedelta(days=9), nir=False, parent=mother, email="",
        mobile="0639981207", place="91345")
    # Homonyms: same names, neighbouring birth dates; and a father and son.
    add("homonym", "M", "MARTIN", "Jean", 68, day=(3, 12), place="75112")
    add("homonym", "M", "MARTIN", "Jean", 68, day=(3, 21), place="31555", email="")
    add("homonym", "F", "MARTIN", "Jeanne", 68, day=(3, 12), place="33063")
    add("homonym", "M", "MARTIN", "Jean, Philippe", 41, day=(12, 3), place="91228")
    # One woman, two charts: under her own name with a number, and under her husband's, typed by a locum without one.
    add("two_charts", "F", "LAMBERT", "Sandrine, Odile", 52, used_name="", day=(9, 5), mobile="0639984455")
    add("two_charts", "F", "ROUSSEAU", "Sandrine", 52, day=(9, 5), nir=False, mobile="0639984455", email="",
        declared=False)
    add("minor_secret", "F", "HAŸ DES NÉTUMIÈRES", "Éléonore", 16, parent=mother, email="", mobile="0639983311")
    add("staff", "F", "GARNIER", "Sophie", 38, protected="staff", job="secrétaire")
    add("two_letters", "M", "LY", "Duc", 46, place="99243")
    add("two_letters", "F", "OH", "Mi-Sook", 27, place="75113")
    add("corsica", "M", "COLONNA D'ISTRIA", "Pierre-Marie", 71, place="2B033", email="")
    add("prevention", "F", "ŒUVRARD", "Anne-Sophie", 49, place="44109", job="cadre commercial")
    add("deceased", "M", "DU PLESSIS D'ARGENTRÉ", "Émile, Gaston", 91, deceased=today - timedelta(days=47), email="")
    add("opposed", "F", "KOWALSKI", "Anna", 44, place="99122", opposed="ide")
    add("depression", "F", "VASSEUR", "Élodie", 36, job="aide-soignante")
    add("asthma", "M", "SY", "Ibrahima", 12, parent=mother, place="91174", email="")
    return made


def population(count: int, today: date) -> list[Person]:
    """`count` people: the cast of the scenes first (as many as fit), then the crowd, minors given a parent."""
    people = cast_people(today)[:count]
    people += [make_person(number, today) for number in range(len(people), count)]
    return _with_families(people, today)


def _with_families(people: list[Person], today: date) -> list[Person]:
    """Each minor of the crowd gets as representative an adult 20 to 42 years older, whose name and address it shares."""
    adults = [person for person in people if 24 <= person.age(today) <= 58 and not person.cast and not person.deceased]
    return [_with_parent(person, adults) if not person.cast and person.age(today) < 18 else person for person in people]


def _with_parent(child: Person, adults: list[Person]) -> Person:
    rng = random.Random(f"family:{child.number}")
    fitting = [adult for adult in rng.sample(adults, min(60, len(adults)))
               if 20 <= child.birth.year - adult.birth.year <= 42]
    if not fitting:
        return child
    parent = fitting[0]
    return replace(child, parent=parent.number, birth_name=parent.used_name or parent.birth_name, address=parent.address,
                   postcode=parent.postcode, town=parent.town, mobile=parent.mobile, phone="", email="",
                   doctor=parent.doctor)


def _born(today: date, years: int, day: tuple[int, int]) -> date:
    """The birthday that makes someone `years` old today."""
    month, number = day
    year = today.year - years - (1 if (month, number) > (today.month, today.day) else 0)
    return date(year, month, number)
