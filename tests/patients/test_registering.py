"""Opening a file: who may, what is refused, what looks alike, and what an import may keep with a warning."""

import datetime

import pytest

from permanence.journal.doors import Actor, Refused
from permanence.patients import actions, queries
from tests.patients.conftest import opened

D = datetime.date
GOOD_NIR = "2 95 10 99 126 111 93"


def test_a_file_is_opened_and_its_banner_read(jeanne, moreau, sophie):
    banner = queries.banner(jeanne, reader=opened(sophie))
    assert (banner.name, banner.birth, banner.status_label) == ("MARTIN Jeanne", "14/07/1958", "Provisoire")
    assert banner.title == "MARTIN Jeanne · 14/07/1958"
    assert banner.medecin_traitant_id == moreau.member


def test_the_same_name_or_birth_date_with_a_close_name_is_shown_first(jeanne, moreau):
    for name, given, birth in (
        ("MARTIN", "jeanne", D(1958, 7, 14)),
        ("Martins", "Jeane", D(1958, 7, 14)),
        ("Jeanne", "Martin", D(1958, 7, 14)),
        ("Martin", "Jeanne", None),
    ):
        with pytest.raises(actions.LooksAlike) as refused:
            actions.register(by=moreau, birth_name=name, first_given_name=given, birth_date=birth)
        assert refused.value.candidates == (jeanne,)
    other = actions.register(
        by=moreau, birth_name="Martins", first_given_name="Jeanne", birth_date=D(1958, 7, 14), despite=[jeanne]
    )
    with pytest.raises(actions.LooksAlike) as refused:
        actions.register(
            by=moreau, birth_name="Martin", first_given_name="Jeanne", birth_date=D(1958, 7, 14), despite=[jeanne]
        )
    assert set(refused.value.candidates) == {jeanne, other}


def test_a_namesake_born_another_day_is_registered_without_a_question(jeanne, moreau):
    assert actions.register(by=moreau, birth_name="Martin", first_given_name="Jeanne", birth_date=D(1990, 1, 1)) != jeanne


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"birth_name": " "}, "nom de naissance"),
        ({"birth_name": "A", "birth_date": D(2999, 1, 1)}, "avenir"),
        ({"birth_name": "A", "birth_sex": "X"}, "sexe"),
        ({"birth_name": "A", "nir": "295109912611192"}, "clé"),
        ({"birth_name": "A", "birth_place_insee": "12"}, "INSEE"),
    ],
)
def test_what_is_typed_wrong_is_refused_with_a_way_out(practice, moreau, fields, says):
    with pytest.raises(Refused, match=says):
        actions.register(by=moreau, **fields)


def test_an_import_keeps_a_wrong_nir_with_a_warning(moreau):
    machine = Actor.machine("import")
    patient = actions.register(by=machine, birth_name="Garnier", nir="295109912611192")
    sheet = queries.identity_sheet(patient, reader=opened(moreau))
    assert sheet.national_id.nir == "295109912611192"
    assert "clé" in sheet.national_id.nir_warning


def test_a_telesecretary_may_open_a_file_but_neither_correct_it_nor_see_its_nir(ines, moreau):
    patient = actions.register(by=ines, birth_name="Nouveau", first_given_name="Paul", mobile="+33 6 12 34 56 78")
    with pytest.raises(Refused):
        actions.amend_identity(patient, by=ines, changes={"birth_name": "Autre"})
    with pytest.raises(Refused):
        actions.register(by=ines, birth_name="Autre", nir=GOOD_NIR)
    sheet = queries.identity_sheet(patient, reader=opened(ines))
    assert (sheet.national_id, sheet.rights, sheet.ald_text) == (None, None, None)
    assert sheet.coordinates.mobile == "0612345678"


def test_who_has_no_right_opens_nothing(yann, bruno):
    for actor in (yann, bruno):
        with pytest.raises(Refused):
            actions.register(by=actor, birth_name="Martin")


def test_the_accountant_sees_a_masked_row_only(jeanne, bruno):
    reader = opened(bruno)
    assert queries.banner(jeanne, reader=reader).masked
    (row,) = queries.rows([jeanne], reader=reader)
    assert (row.name, row.birth) == ("Patient masqué", "")
    with pytest.raises(Refused):
        queries.identity_sheet(jeanne, reader=reader)


def test_the_secretary_reads_ald_yes_or_no_but_not_its_name(jeanne, moreau, sophie):
    actions.set_ald(jeanne, by=moreau, ald=True, text="Diabète de type 2")
    sheet = queries.identity_sheet(jeanne, reader=opened(sophie))
    assert (sheet.rights.ald, sheet.ald_text) == (True, None)
    actions.set_ald(jeanne, by=sophie, ald=False)
    with pytest.raises(Refused):
        actions.set_ald(jeanne, by=sophie, ald=True, text="Diabète")
    assert queries.identity_sheet(jeanne, reader=opened(moreau)).ald_text == "Diabète de type 2"
