"""A doctor with every right of a doctor tries to make themselves trusted in a file where others reserved something."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from permanence.consultations import actions as clinical
from permanence.consultations import queries
from permanence.documents import actions as documents
from permanence.documents import queries as papers
from permanence.interop import queries as imports
from permanence.interop.actions import import_vsm
from permanence.journal.doors import Actor, Refused
from permanence.patients import actions
from permanence.patients.actions.claims import reserving
from tests.attacks.conftest import make_patient
from tests.interop import building
from tests.interop.conftest import folder
from tests.patients.conftest import opened

__all__ = ["folder"]
SECRET = "IVG en 2011"


@pytest.fixture
def reserved(cast: Mapping[str, Actor]) -> UUID:
    """A file without médecin traitant, in which the sage-femme reserved a note and an antécédent."""
    patient = make_patient(cast["sophie"], "Sansmedecin")
    clinical.sign_note(patient, by=cast["lucie"], fields={"motif": SECRET}, sensitive=True)
    clinical.add_history(patient, by=cast["lucie"], fields={"label": SECRET, "sensitive": True})
    return patient


def sees(actor: Actor, patient: UUID) -> bool:
    chart = queries.chart(patient, reader=opened(actor))
    return SECRET in repr(chart)


CLAIMS: Mapping[str, Callable[[Actor, UUID], object]] = {
    "medecin_traitant": lambda me, patient: actions.set_medecin_traitant(patient, by=me, member=me.member),
    "controller": lambda me, patient: actions.set_controller(patient, by=me, controller=me.member),
    "protection": lambda me, patient: actions.set_protection(patient, by=me, kind="known_person"),
    "sensitive_file": lambda me, patient: actions.set_protection(patient, by=me, kind="", sensitive=True),
    "named": lambda me, patient: actions.set_protection(patient, by=me, kind="", named=[me.member or uuid4()]),
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("who", ["moreau", "petit", "hugo"])
def test_who_claims_a_file_does_not_read_what_others_reserved_in_it(
    claim: str, who: str, reserved: UUID, cast: Mapping[str, Actor]
) -> None:
    with pytest.raises(Refused):
        CLAIMS[claim](cast[who], reserved)
    assert not sees(cast[who], reserved)


def test_once_somebody_else_records_the_choice_the_new_doctor_reads(reserved: UUID, cast: Mapping[str, Actor]) -> None:
    actions.set_medecin_traitant(reserved, by=cast["sophie"], member=cast["moreau"].member)
    assert sees(cast["moreau"], reserved)
    assert not sees(cast["benali"], reserved)


def test_a_file_where_nobody_reserved_anything_is_claimed_and_what_comes_later_is_read(cast: Mapping[str, Actor]) -> None:
    patient = make_patient(cast["sophie"], "Libre")
    actions.set_medecin_traitant(patient, by=cast["moreau"], member=cast["moreau"].member)
    clinical.sign_note(patient, by=cast["lucie"], fields={"motif": SECRET}, sensitive=True)
    assert sees(cast["moreau"], patient)


def test_what_one_reserved_oneself_or_took_back_prevents_no_claim(cast: Mapping[str, Actor]) -> None:
    patient = make_patient(cast["sophie"], "Soi")
    line = clinical.add_history(patient, by=cast["lucie"], fields={"label": "erreur", "sensitive": True})
    clinical.remove_line("history", line, by=cast["lucie"])
    clinical.sign_note(patient, by=cast["moreau"], fields={"motif": "à moi"}, minor_secret=True)
    actions.set_medecin_traitant(patient, by=cast["moreau"], member=cast["moreau"].member)


def test_taking_the_former_doctor_away_first_does_not_help(reserved: UUID, cast: Mapping[str, Actor]) -> None:
    actions.set_medecin_traitant(reserved, by=cast["sophie"], member=cast["moreau"].member)
    actions.set_medecin_traitant(reserved, by=cast["benali"], member=None)
    with pytest.raises(Refused, match="réservés"):
        actions.set_medecin_traitant(reserved, by=cast["benali"], member=cast["benali"].member)
    assert not sees(cast["benali"], reserved)


def test_a_made_up_file_merged_with_the_other_opens_nothing(reserved: UUID, cast: Mapping[str, Actor]) -> None:
    mine = make_patient(cast["benali"], "Inventé")
    actions.set_medecin_traitant(mine, by=cast["benali"], member=cast["benali"].member)
    for kept, merged in ((mine, reserved), (reserved, mine)):
        with pytest.raises(Refused, match="réservés"):
            actions.merge(kept, by=cast["benali"], merged=merged)
    assert not sees(cast["benali"], reserved)


def test_merged_first_and_claimed_after_opens_nothing(reserved: UUID, cast: Mapping[str, Actor]) -> None:
    mine = make_patient(cast["benali"], "Inventé")
    actions.merge(mine, by=cast["benali"], merged=reserved)
    with pytest.raises(Refused, match="réservés"):
        actions.set_medecin_traitant(mine, by=cast["benali"], member=cast["benali"].member)
    assert not sees(cast["benali"], mine)


@pytest.mark.parametrize("who", ["nadia", "sophie", "lucie", "petit", "hugo", "bruno"])
def test_only_a_doctor_of_the_practice_becomes_medecin_traitant(who: str, cast: Mapping[str, Actor]) -> None:
    patient = make_patient(cast["sophie"], "Choix")
    with pytest.raises(Refused):
        actions.set_medecin_traitant(patient, by=cast["sophie"], member=cast[who].member)


def test_a_departed_doctor_does_not_become_medecin_traitant(cast: Mapping[str, Actor]) -> None:
    from permanence.accounts import actions as accounts

    patient = make_patient(cast["sophie"], "Choix")
    accounts.depart_member(cast["benali"].member, by=cast["moreau"])  # type: ignore[arg-type]
    with pytest.raises(Refused):
        actions.set_medecin_traitant(patient, by=cast["sophie"], member=cast["benali"].member)


@pytest.mark.parametrize("whom", [{"profession": "medecin"}, {"everyone": True}])
def test_a_doctor_whom_the_patient_refuses_neither_claims_the_file_nor_lifts_the_refusal(
    whom: dict[str, object], cast: Mapping[str, Actor]
) -> None:
    patient = make_patient(cast["sophie"], "Refus")
    clinical.sign_note(patient, by=cast["lucie"], fields={"motif": SECRET})
    opposition = actions.object_to_sharing(patient, by=cast["sophie"], **whom)  # type: ignore[arg-type]
    for claim in CLAIMS.values():
        with pytest.raises(Refused):
            claim(cast["benali"], patient)
    with pytest.raises(Refused, match="vous concerne"):
        actions.lift_opposition(opposition, by=cast["benali"])
    assert not sees(cast["benali"], patient)
    actions.lift_opposition(opposition, by=cast["sophie"])
    assert sees(cast["benali"], patient)


def test_who_is_kept_out_of_merged_files_does_not_separate_them_to_read_one(cast: Mapping[str, Actor]) -> None:
    kept, other = make_patient(cast["moreau"], "Gardé"), make_patient(cast["moreau"], "Réuni")
    clinical.sign_note(other, by=cast["moreau"], fields={"motif": SECRET})
    alias = actions.merge(kept, by=cast["moreau"], merged=other)
    actions.object_to_sharing(kept, by=cast["sophie"], member=cast["benali"].member)
    assert not sees(cast["benali"], other)
    with pytest.raises(Refused, match="opposé"):
        actions.unmerge(alias, by=cast["benali"])
    assert not sees(cast["benali"], other)


def test_every_kind_that_may_be_reserved_counts() -> None:
    assert {model.__name__ for model in reserving()} >= {
        "Note",
        "HistoryItem",
        "Allergy",
        "Treatment",
        "Vaccination",
        "Measure",
        "PrivateNote",
        "Document",
        "Result",
        "Import",
    }


def test_a_made_up_summary_does_not_find_out_what_is_reserved(folder: Path, cast: Mapping[str, Actor]) -> None:
    """Two imports of the same guesses, into a file that holds one of them in secret and into one that does not."""
    told = []
    for name in ("Porteur", "Sans"):
        patient = actions.register(
            by=cast["moreau"], birth_name=name, given_names="Camille", birth_sex="F", birth_date=date(1961, 5, 9), despite=True
        )
        if name == "Porteur":
            clinical.add_history(
                patient, by=cast["lucie"], fields={"label": "Infection par le VIH", "cim10": "B24", "start": "2011", "sensitive": True}
            )
        body = building.section(
            "11450-4",
            "Problèmes",
            building.table(["Problème"], ["Infection par le VIH"]),
            building.problem(str(uuid4()).upper(), "B24", "Infection par le VIH", low="2011"),
        )
        content = building.document(body).encode()
        done = import_vsm(content + name.encode().join((b"<!--", b"-->")), "a.xml", by=cast["benali"], patient=patient, despite=True)
        assert done.import_id is not None, done
        report = imports.report(done.import_id, reader=opened(cast["benali"]))
        told.append([(line.kind, line.label, line.outcome, line.why) for line in report.lines])
    assert told[0] == told[1]
    assert any("VIH" in line[1] for line in told[0])


def test_an_original_set_aside_is_for_who_brought_it(folder: Path, cast: Mapping[str, Actor]) -> None:
    aside = documents.keep_refused(b"<x/>", by=cast["lucie"], file_name="IVG DUPONT.xml", reason="illisible")
    assert papers.refused_content(aside, reader=opened(cast["lucie"])).data == b"<x/>"
    reader = opened(cast["benali"])
    with pytest.raises(Refused):
        papers.refused_content(aside, reader=reader)
    assert papers.refused(reader=reader) == []


def test_a_doctor_whom_the_patient_left_reads_no_longer_through_a_merged_file(cast: Mapping[str, Actor]) -> None:
    kept, other = make_patient(cast["moreau"], "Gardé"), make_patient(cast["moreau"], "Réuni")
    actions.set_medecin_traitant(other, by=cast["moreau"], member=cast["moreau"].member)
    actions.merge(kept, by=cast["moreau"], merged=other)
    clinical.sign_note(kept, by=cast["lucie"], fields={"motif": SECRET}, sensitive=True)
    assert sees(cast["moreau"], kept)
    with pytest.raises(Refused, match="Un autre membre"):
        actions.set_medecin_traitant(kept, by=cast["benali"], member=cast["benali"].member)
    actions.set_medecin_traitant(kept, by=cast["sophie"], member=cast["benali"].member)
    assert not sees(cast["moreau"], kept)
    assert sees(cast["benali"], kept)


def test_who_is_not_named_any_more_is_named_in_none_of_the_merged_files(cast: Mapping[str, Actor]) -> None:
    kept, other = make_patient(cast["moreau"], "Gardé"), make_patient(cast["moreau"], "Réuni")
    for one in (kept, other):
        actions.set_medecin_traitant(one, by=cast["moreau"], member=cast["moreau"].member)
        actions.set_protection(one, by=cast["moreau"], kind="staff", named=[cast["petit"].member])  # type: ignore[list-item]
    actions.merge(kept, by=cast["moreau"], merged=other)
    clinical.sign_note(kept, by=cast["lucie"], fields={"motif": SECRET})
    assert sees(cast["petit"], kept)
    actions.set_protection(kept, by=cast["moreau"], kind="staff")
    assert not sees(cast["petit"], kept)
