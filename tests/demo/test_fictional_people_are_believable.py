"""The generator alone: the same people for ever, numbers with valid keys, the mess that a practice really has."""
import re
from collections import Counter
from datetime import date
from functools import cache

import pytest
from stdnum.fr import nir

from permanence.demo import illnesses
from permanence.demo.cast import COLLEAGUES, cast_people, population
from permanence.demo.clinic import make_file
from permanence.demo.files import File
from permanence.demo.people import Person
from permanence.lib.identifiers import check_rpps

DAY = date(2026, 11, 22)


@cache
def people(count: int = 2000) -> tuple[Person, ...]:
    return tuple(population(count, DAY))


@cache
def files(count: int = 300) -> tuple[File, ...]:
    return tuple(make_file(person, DAY) for person in people()[:count])


def of(cast: str) -> list[Person]:
    return [person for person in people() if person.cast == cast]


def file_of(cast: str) -> File:
    return make_file(of(cast)[0], DAY)


def test_the_same_people_for_ever() -> None:
    assert population(60, DAY) == population(60, DAY)
    assert [make_file(person, DAY) for person in people()[:40]] == list(files()[:40])


def test_someone_does_not_depend_on_how_many_others_there_are() -> None:
    few = [person for person in population(120, DAY) if person.age(DAY) >= 18]
    assert few == [person for person in people()[:120] if person.age(DAY) >= 18]


def test_every_number_has_a_valid_key_and_none_is_twice() -> None:
    numbers = [person.nir for person in people() if person.nir]
    assert all(nir.is_valid(number) for number in numbers)
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert any("2B" in number for number in numbers)


def test_colleagues_have_valid_rpps() -> None:
    assert all(check_rpps(colleague.rpps) for colleague in COLLEAGUES if colleague.rpps)


@pytest.mark.parametrize(("what", "low", "high"), [
    (lambda p: p.age(DAY) < 18, 0.10, 0.14), (lambda p: not p.email, 0.26, 0.34), (lambda p: p.sex == "F", 0.5, 0.57),
    (lambda p: p.deceased is not None, 0.005, 0.04), (lambda p: p.age(DAY) > 80, 0.05, 0.13)])
def test_shares_are_those_of_a_practice(what: object, low: float, high: float) -> None:
    assert callable(what)
    assert low <= sum(map(what, people())) / len(people()) <= high


def test_each_minor_has_somebody_who_answers_for_them() -> None:
    minors = [person for person in people() if person.age(DAY) < 18]
    assert minors
    for minor in minors:
        assert minor.parent is not None
        assert people()[minor.parent].age(DAY) >= 20


def test_names_trip_software() -> None:
    surnames = {person.birth_name for person in people()}
    assert any("-" in name for name in surnames)
    assert any("'" in name for name in surnames)
    assert any(len(name) == 2 for name in surnames)
    assert any(re.search("[ÉÈÜŒ]", name) for name in surnames)


def test_the_mess_is_there() -> None:
    first, second = of("two_charts")
    assert (first.birth, first.mobile, bool(first.nir), bool(second.nir)) == (second.birth, second.mobile, True, False)
    assert first.birth_name != second.birth_name
    homonyms = Counter((person.birth_name, person.given_names[0]) for person in of("homonym"))
    assert homonyms["MARTIN", "Jean"] == 3
    assert of("newborn")[0].nir == ""
    assert file_of("forty_years").events > 400
    assert file_of("forty_years").notes[0].at.year < DAY.year - 35
    assert any(note.minor_secret for note in file_of("minor_secret").notes)
    assert of("staff")[0].protected == "staff"
    assert of("opposed")[0].opposed == "ide"
    assert of("deceased")[0].deceased is not None


def test_the_cast_keeps_its_ages_whatever_the_day() -> None:
    for day in (date(2026, 1, 1), date(2027, 2, 28), date(2028, 12, 31)):
        girard = next(person for person in cast_people(day) if person.cast == "girard")
        assert girard.age(day) == 68


def test_phones_and_addresses_are_nobody_s() -> None:
    for person in people():
        assert person.mobile == "" or person.mobile.startswith("063998")
        assert person.phone == "" or person.phone.startswith("019900")
        assert person.email == "" or person.email.endswith("@courriel.example")


def test_nothing_happens_before_birth_or_after_death() -> None:
    for file in files():
        person, end = file.person, file.person.deceased or DAY
        moments = [note.at.date() for note in file.notes] + [measure.at.date() for measure in file.measures]
        assert all(person.birth <= moment <= end for moment in moments)
        assert all(person.birth <= shot.on < end for shot in file.vaccinations)
        assert all(treatment.end is None or treatment.end > treatment.start for treatment in file.treatments)


def test_no_blank_is_left_in_what_was_written() -> None:
    for file in files():
        for note in file.notes:
            whole = "\n".join((note.text, note.subjective, note.objective, note.assessment, note.plan))
            assert not re.search(r"[{}|]", whole)
            assert whole.strip()
        assert not any(re.search(r"[{}|]", letter.text) for letter in file.letters)


def test_treatments_match_what_people_have() -> None:
    drug_of = {drug.dci: illness.code for illness in illnesses.ILLNESSES for step in illness.steps for drug in step}
    for file in files():
        codes = {item.code for item in file.histories}
        for treatment in file.treatments:
            for_what = {illness.code for illness in illnesses.ILLNESSES
                        if any(drug.dci == treatment.dci for step in illness.steps for drug in step)}
            assert treatment.dci in drug_of or treatment.atc == "G03AA07"
            assert for_what & codes or treatment.atc == "G03AA07"


def test_measures_are_plausible() -> None:
    bounds = {"8480-6": (70, 240), "8462-4": (35, 140), "29463-7": (20, 1900), "8302-2": (450, 2050), "4548-4": (45, 130),
              "2823-3": (30, 62), "9843-4": (300, 600), "59408-5": (85, 100)}
    for file in files():
        for measure in file.measures:
            low, high = bounds.get(measure.loinc, (0, 100_000))
            assert low <= measure.value <= high, (file.person.number, measure)


def test_a_child_grows() -> None:
    child = next(file for file in files() if 3 <= file.person.age(DAY) <= 12
                 and sum(measure.loinc == "8302-2" for measure in file.measures) > 3)
    heights = [measure.value for measure in child.measures if measure.loinc == "8302-2"]
    assert heights == sorted(heights)


def test_allergies_are_in_four_states() -> None:
    states = {file.allergy_state for file in files()}
    assert states == {"known", "none", "unknown", "not_asked"}
    assert all(bool(file.allergies) == (file.allergy_state == "known") for file in files())
