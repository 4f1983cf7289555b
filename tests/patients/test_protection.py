"""Opposition, protected files, sensitive items and the secrecy of minors: refused item by item, whatever the profession."""

from uuid import uuid4

import pytest

from permanence.journal.categories import Category
from permanence.journal.doors import Ask, Refused
from permanence.patients import actions, queries
from permanence.patients.permissions import check_patient
from tests.patients.conftest import at_most, opened

CARE = (Category.NOTES, Category.HISTORY, Category.ALLERGIES, Category.MEASURES)


def reads(actor, patient, *, author=None, sensitive=False, minor_secret=False, category=Category.NOTES):
    ask = Ask(patient, category, uuid4(), author, sensitive, minor_secret)
    return bool(opened(actor).admit_objects([ask]))


def test_an_opposition_to_one_member_closes_care_data_but_not_the_desk(jeanne, moreau, benali, sophie):
    assert reads(benali, jeanne)
    opposition = actions.object_to_sharing(jeanne, by=sophie, member=benali.member)
    reader = opened(benali)
    assert reader.admit([jeanne], CARE).refusals == {(jeanne, category): "opposition" for category in CARE}
    assert queries.banner(jeanne, reader=opened(benali)).name == "MARTIN Jeanne"
    assert reads(moreau, jeanne)
    assert reads(benali, jeanne, author=benali.member), "what one wrote oneself stays readable"
    with pytest.raises(Refused):
        actions.lift_opposition(opposition, by=benali)
    actions.lift_opposition(opposition, by=moreau)
    assert reads(benali, jeanne)


def test_an_opposition_to_a_profession_spares_the_medecin_traitant(jeanne, moreau, benali, nadia):
    actions.object_to_sharing(jeanne, by=moreau, profession="medecin")
    assert (reads(moreau, jeanne), reads(benali, jeanne), reads(nadia, jeanne, category=Category.MEASURES)) == (
        True,
        False,
        True,
    )
    actions.object_to_sharing(jeanne, by=moreau, everyone=True)
    assert not reads(nadia, jeanne, category=Category.MEASURES)
    assert reads(moreau, jeanne)


def test_an_opposition_names_exactly_one_target(jeanne, moreau, benali):
    for more in ({}, {"member": benali.member, "everyone": True}):
        with pytest.raises(Refused, match="à qui"):
            actions.object_to_sharing(jeanne, by=moreau, **more)


def test_a_protected_file_opens_to_author_medecin_traitant_and_named_members(jeanne, moreau, benali, petit):
    actions.set_protection(jeanne, by=moreau, kind="staff", named=[petit.member])
    assert [reads(actor, jeanne) for actor in (moreau, petit, benali)] == [True, True, False]
    assert reads(benali, jeanne, author=benali.member)
    banner = queries.banner(jeanne, reader=opened(benali))
    assert banner.protected == "Membre du cabinet"
    with pytest.raises(Refused, match="protégé"):
        actions.set_protection(jeanne, by=benali, kind="")
    actions.set_protection(jeanne, by=moreau, kind="")
    assert reads(benali, jeanne)


def test_who_protects_a_file_is_not_locked_out_of_it(register, benali, moreau):
    patient = register("Voisin")
    actions.set_protection(patient, by=benali, kind="known_person")
    assert reads(benali, patient)
    assert not reads(moreau, patient)


def test_the_member_answerable_for_a_file_reads_it(register, benali, moreau):
    patient = register("Voisin")
    actions.set_controller(patient, by=moreau, controller=benali.member)
    actions.set_protection(patient, by=benali, kind="relative")
    assert (reads(benali, patient), reads(moreau, patient)) == (True, False)


@pytest.mark.parametrize("flag", ["sensitive", "minor_secret"])
def test_sensitive_items_and_the_secrecy_of_minors_are_judged_item_by_item(jeanne, moreau, benali, flag):
    assert reads(moreau, jeanne, **{flag: True})
    assert not reads(benali, jeanne, **{flag: True})
    assert reads(benali, jeanne)
    assert reads(benali, jeanne, author=benali.member, **{flag: True})
    reader = opened(benali)
    reader.admit_objects([Ask(jeanne, Category.NOTES, uuid4(), None, **{flag: True})])
    assert reader.close().refused == ((jeanne, int(Category.NOTES), flag),)


def test_writing_is_refused_where_reading_is_but_ones_own_note_never(jeanne, moreau, benali):
    actions.object_to_sharing(jeanne, by=moreau, member=benali.member)
    with pytest.raises(Refused) as refused:
        check_patient(benali, jeanne, Category.ALLERGIES)
    assert refused.value.code == "opposition"
    assert check_patient(benali, jeanne, Category.NOTES, own=True) == jeanne
    with pytest.raises(Refused, match="introuvable"):
        check_patient(moreau, uuid4(), Category.NOTES)


def test_the_gate_asks_once_for_all_patients_and_remembers(jeanne, register, moreau):
    patients = [jeanne, *(register(f"Personne{i}") for i in range(5))]
    reader = opened(moreau)
    with at_most(1):
        reader.admit(patients, CARE)
        reader.admit(patients, [Category.TREATMENTS])


def test_nobody_puts_themselves_in_the_medecin_traitants_place(jeanne, benali, sophie):
    with pytest.raises(Refused, match="secrétariat"):
        actions.set_medecin_traitant(jeanne, by=benali, member=benali.member)
    for change in (
        lambda: actions.set_controller(jeanne, by=benali, controller=benali.member),
        lambda: actions.set_protection(jeanne, by=benali, kind="", named=[benali.member]),
    ):
        with pytest.raises(Refused, match="protégé"):
            change()
    assert not reads(benali, jeanne, sensitive=True)
    actions.set_medecin_traitant(jeanne, by=sophie, member=benali.member)
    assert reads(benali, jeanne, sensitive=True)
