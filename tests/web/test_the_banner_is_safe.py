"""Identity and allergies as they are shown: four allergy states, names in their parts, drug lines without a trap."""

import datetime
from uuid import uuid4

import pytest

from permanence.consultations.queries import TreatmentRow
from permanence.web import jinja
from permanence.web.dossier import clinical, people
from permanence.web.dossier.people import Allergen, AllergyLine


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (AllergyLine("known", (Allergen("amoxicilline", "— urticaire (2019)"),)), "Allergie"),
        (AllergyLine("known", (Allergen("latex"), Allergen("iode"))), "Allergies"),
        (AllergyLine("none", checked="21/11/2026"), "Aucune allergie connue"),
        (AllergyLine("unasked"), "Allergies non renseignées"),
        (AllergyLine("unavailable"), "Allergies indisponibles"),
        (AllergyLine("something newer"), "Allergies indisponibles"),
    ],
)
def test_the_allergy_line_is_never_blank(line: AllergyLine, words: str) -> None:
    assert words in jinja.env().globals["allergy_line"](line)


@pytest.mark.parametrize(
    ("name", "surname", "given", "birth"),
    [
        ("MARTIN Jeanne", "MARTIN", "Jeanne", ""),
        ("LY Ba", "LY", "Ba", ""),
        ("MARTIN-LE GOFF Anne-Sophie, née\u00a0D’AUBIGNÉ", "MARTIN-LE GOFF", "Anne-Sophie", "D’AUBIGNÉ"),
        ("DE LA TOUR D’AUVERGNE Henri", "DE LA TOUR D’AUVERGNE", "Henri", ""),
        ("NOM INCONNU prénom inconnu", "NOM INCONNU", "prénom inconnu", ""),
    ],
)
def test_a_name_is_split_where_its_capitals_end(name: str, surname: str, given: str, birth: str) -> None:
    found = people.split_name(name)
    assert (found.surname, found.given, found.birth_surname) == (surname, given, birth)


def treatment(**fields: object) -> TreatmentRow:
    values: dict[str, object] = {
        "id": uuid4(),
        "patient": uuid4(),
        "author_id": None,
        "recorded_at": None,
        "changed_at": None,
        "changed_by_id": None,
        "contested": False,
        "sensitive": False,
        "minor_secret": False,
        "revision": None,
        "label": "",
        "dci": "",
        "code": "",
        "dose": None,
        "form": "",
        "route": "",
        "posology": "",
        "start": "",
        "end": "",
        "source": "ici",
        "prescriber": "",
        "stop_reason": "",
        "note": "",
        **fields,
    }
    return TreatmentRow(**values)  # type: ignore[arg-type]


def test_a_drug_line_follows_the_medi_rules() -> None:
    row = treatment(
        label="Lévothyrox",
        dci="Lévothyroxine",
        dose={"value": 750, "scale": 1, "unit": "µg"},
        form="comprimé",
        posology="le matin à jeun",
    )
    shown = jinja.env().globals["drug"](clinical.drug(row))
    assert '<b class="dci">lévothyroxine</b>' in shown
    assert "LÉVOTHYROX" in shown
    assert "75\u00a0microgrammes" in shown
    assert "75,0" not in shown
    assert "µg" not in shown


def test_a_treatment_without_a_dci_keeps_its_name_as_typed() -> None:
    assert clinical.drug(treatment(label="Doliprane")).dci == "Doliprane"


@pytest.mark.parametrize(("born", "minor"), [((2008, 11, 22), False), ((2008, 11, 23), True), (None, False)])
def test_a_minor_is_under_eighteen_on_the_day(born: tuple[int, int, int] | None, minor: bool) -> None:
    assert people.is_minor(datetime.date(*born) if born else None, datetime.date(2026, 11, 22)) is minor
