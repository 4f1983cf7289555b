"""Importing a summary: whose file, what is added, what a second or newer document does, what is kept aside."""

import datetime
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from permanence.consultations import actions as consultations
from permanence.consultations.models import Allergy, AllergyStatement, HistoryItem, Measure, Treatment, Vaccination
from permanence.documents import queries as documents
from permanence.documents.models import Document, Result, SetAside
from permanence.interop import actions, queries
from permanence.interop.models import Import, Origin
from permanence.journal import actions as journal
from permanence.journal.doors import Actor, Reader, Refused
from permanence.patients import actions as patients
from permanence.patients.models import Contact, Patient
from tests.interop.building import (
    P1,
    allergy,
    code,
    document,
    full_body,
    observation,
    patient_element,
    pq,
    problem,
    section,
    summary,
    table,
    tag,
    treatment,
    vaccination,
)
from tests.interop.test_no_mutation_breaks_the_reading import mutated

MACHINE = Actor.machine("import")
Rows = Callable[..., list[Any]]
ReadAs = Callable[[Actor], Reader]


def bring(content: bytes, by: Actor = MACHINE, name: str = "synthese.xml", **more: Any) -> queries.ImportReport:
    return actions.import_vsm(content, name, by=by, **more)


def everything() -> dict[str, int]:
    models = (
        Patient,
        Contact,
        HistoryItem,
        Allergy,
        AllergyStatement,
        Treatment,
        Vaccination,
        Measure,
        Result,
        Document,
        Import,
        Origin,
        SetAside,
    )
    return {model.__name__: model.objects.count() for model in models}


# -- a new file


def test_a_new_patient_is_opened_with_all_that_the_document_says(cast: object, folder: Path, rows: Rows) -> None:
    report = bring(summary())
    assert (report.status, report.patient_created, report.updated, report.already) == ("imported", True, 0, 0)
    patient = Patient.objects.get(id=report.patient)
    assert (patient.birth_name, patient.first_given_name, patient.given_names) == ("LACOSTE", "ODILE", "ODILE JEANNE-MARIE")
    assert (patient.birth_date, patient.birth_sex, patient.birth_place_insee) == (datetime.date(1958, 7, 14), "F", "14118")
    assert (patient.used_name, patient.mobile, patient.phone) == ("VERNET-DUMAS", "0612345678", "0169000000")
    assert (patient.ins, patient.ins_oid, patient.identity_status) == (
        "258071411802517",
        "1.2.250.1.213.1.4.10",
        "provisoire",
    )
    assert "Inès ROUSSEL" in patient.medecin_traitant_text
    assert [(c.role, c.name) for c in rows(Contact)] == [("confiance", "Claire DUMAS")]
    history = {(h.label, h.cim10, h.kind, h.start, h.active) for h in rows(HistoryItem)}
    assert ("Hypertension artérielle", "I10", "medical", "2014", True) in history
    assert ("Appendicite aiguë", "K35.8", "medical", "12/05/2001", False) in history
    assert ("Infarctus du myocarde", "I21.9", "familial", "", True) in history
    assert any(kind == "facteur_risque" for _, _, kind, _, _ in history)
    assert [(a.substance, a.reaction, a.since) for a in rows(Allergy)] == [("Pénicilline", "Urticaire", "1998")]
    assert {(t.label, t.posology, t.start, t.source, t.code) for t in rows(Treatment)} == {
        ("BISOPROLOL 5 mg, comprimé", "1 cp/j", "01/06/2014", "prescrit_ailleurs", "cis:60000001"),
        ("METFORMINE 1000 mg, comprimé", "2 cp/j", "03/2019", "prescrit_ailleurs", "cis:60000002"),
    }
    assert [(v.vaccine, v.given, v.given_on, v.lot, v.rank) for v in rows(Vaccination)] == [
        ("REPEVAX", "10/09/2019", datetime.date(2019, 9, 10), "X12Y", 4)
    ]
    assert [(r.loinc, r.number, r.scale, r.unit, r.abnormal) for r in rows(Result)] == [("4548-4", 72, 1, "%", "H")]
    assert [(m.code, m.values) for m in rows(Measure)] == [("29463-7", [["29463-7", 725, 1]])]
    assert report.added == len(rows(HistoryItem)) + 1 + 2 + 1 + 1 + 1


def test_the_original_is_kept_word_for_word(cast: object, folder: Path, moreau: Actor, read_as: ReadAs) -> None:
    content = summary()
    report = bring(content, moreau)
    kept = documents.content(report.document, reader=read_as(moreau))  # type: ignore[arg-type]
    assert kept.data == content
    assert Document.objects.get(id=report.document).type_code == "SYNTH"


def test_the_report_is_read_again_through_the_reader(cast: object, folder: Path, moreau: Actor, read_as: ReadAs) -> None:
    done = bring(summary(dose="2"), moreau)
    reader = read_as(moreau)
    report = queries.report(done.import_id, reader=reader)  # type: ignore[arg-type]
    assert report.row.added == done.added
    assert any("BISOPROLOL" in warning for warning in report.warnings)
    assert [line.section for line in report.unmapped] == ["Mode de vie"]
    assert any(line.kind_label == "Observation" and "pression" in line.why for line in report.lines)
    assert [row.id for row in queries.reports(done.patient, reader=reader)] == [done.import_id]  # type: ignore[arg-type]
    assert reader.close().patients[0].patient == done.patient


def test_a_reader_without_right_gets_no_report(
    cast: object, folder: Path, moreau: Actor, bruno: Actor, read_as: ReadAs
) -> None:
    done = bring(summary(), moreau)
    with pytest.raises(Refused):
        queries.report(done.import_id, reader=read_as(bruno))  # type: ignore[arg-type]
    assert queries.reports(done.patient, reader=read_as(bruno)) == []  # type: ignore[arg-type]


def test_each_line_knows_the_document_it_comes_from(
    cast: object, folder: Path, moreau: Actor, read_as: ReadAs, rows: Rows
) -> None:
    done = bring(summary(), moreau)
    found = queries.sources(done.patient, reader=read_as(moreau))  # type: ignore[arg-type]
    assert {t.id for t in rows(Treatment)} <= set(found)
    assert {source.document_id for source in found.values()} == {done.document}


def test_a_doctor_imports_what_the_machine_imports(cast: object, folder: Path, moreau: Actor) -> None:
    assert bring(summary(), moreau).added == 13


@pytest.mark.parametrize("name", ["sophie", "bruno", "ines", "yann"])
def test_who_may_not_write_the_file_imports_nothing(cast: dict[str, Actor], folder: Path, name: str) -> None:
    before = everything()
    with pytest.raises(Refused):
        bring(summary(), cast[name])
    assert everything() == before


# -- whose file


def test_the_file_is_found_by_its_ins(cast: object, folder: Path) -> None:
    first = bring(summary())
    other = bring(summary(set_id="1.2.250.1.999.8", identifier="9"))
    assert (other.patient, other.patient_created) == (first.patient, False)


def test_the_file_is_found_by_strict_traits(cast: object, folder: Path, moreau: Actor) -> None:
    here = patients.register(
        by=moreau,
        birth_name="Lacoste",
        first_given_name="Odile",
        birth_date=datetime.date(1958, 7, 14),
        birth_sex="F",
        birth_place_insee="14118",
        mobile="0600000000",
    )
    report = bring(summary(), moreau)
    assert (report.patient, report.patient_created) == (here, False)
    assert report.differences


def test_an_identity_that_exists_is_never_changed(cast: object, folder: Path, moreau: Actor, read_as: ReadAs) -> None:
    here = patients.register(
        by=moreau,
        birth_name="Lacoste",
        first_given_name="Odile",
        birth_date=datetime.date(1958, 7, 14),
        birth_sex="F",
        mobile="0600000000",
        city="Étampes",
    )
    before = Patient.objects.filter(id=here).values().get()
    report = bring(summary(), moreau)
    assert report.patient == here
    assert Patient.objects.filter(id=here).values().get() == before
    told = queries.report(report.import_id, reader=read_as(moreau))  # type: ignore[arg-type]
    assert {(d.trait, d.here) for d in told.differences} >= {
        ("Mobile", "0600000000"),
        ("Ville", "Étampes"),
        ("Matricule INS", "absent"),
    }
    assert any("lieu de naissance" in warning for warning in told.warnings)


def test_a_homonym_born_elsewhere_is_another_person(cast: object, folder: Path, moreau: Actor) -> None:
    patients.register(
        by=moreau,
        birth_name="Lacoste",
        first_given_name="Odile",
        birth_date=datetime.date(1958, 7, 14),
        birth_sex="F",
        birth_place_insee="75113",
    )
    assert bring(summary(), moreau).patient_created


def test_a_look_alike_gets_a_file_of_its_own_and_a_warning(
    cast: object, folder: Path, moreau: Actor, read_as: ReadAs
) -> None:
    patients.register(by=moreau, birth_name="Lacosta", first_given_name="Odile", birth_date=datetime.date(1958, 7, 14))
    report = bring(summary(), moreau)
    assert report.patient_created
    assert any("ressemble" in w for w in queries.report(report.import_id, reader=read_as(moreau)).warnings)  # type: ignore[arg-type]


def test_two_possible_files_are_left_to_a_person(cast: object, folder: Path, moreau: Actor) -> None:
    for _ in range(2):
        patients.register(
            by=moreau,
            birth_name="Lacoste",
            first_given_name="Odile",
            birth_date=datetime.date(1958, 7, 14),
            birth_sex="F",
            despite=True,
        )
    report = bring(summary(), moreau)
    assert (report.status, report.code, report.patient) == ("aside", "several", None)
    assert SetAside.objects.get(id=report.set_aside).blob_hash


def test_the_document_of_another_person_is_not_put_in_the_chosen_file(
    cast: object, folder: Path, moreau: Actor, rows: Rows
) -> None:
    other = patients.register(
        by=moreau, birth_name="Martin", first_given_name="Jeanne", birth_date=datetime.date(1960, 1, 2)
    )
    report = bring(summary(), moreau, patient=other)
    assert (report.status, report.code) == ("aside", "other_patient")
    assert rows(HistoryItem, patient_id=other) == []
    despite = bring(summary(), moreau, patient=other, despite=True)
    assert (despite.status, despite.patient) == ("imported", other)
    assert despite.differences


def test_an_ins_whose_identity_differs_stops_the_import(cast: object, folder: Path, moreau: Actor) -> None:
    bring(summary(), moreau)
    names = '<family qualifier="BR">GARCIA</family><given qualifier="BR">PAUL</given>'
    report = bring(summary(patient=patient_element(names=names, sex="M"), set_id="1.2.3", identifier="7"), moreau)
    assert (report.status, report.code) == ("aside", "identity")
    assert Patient.objects.count() == 1


def test_a_wrong_ins_key_is_a_warning(cast: object, folder: Path, moreau: Actor, read_as: ReadAs) -> None:
    report = bring(summary(patient=patient_element(ins="258071411802500")), moreau)
    assert report.status == "imported"
    assert Patient.objects.get(id=report.patient).ins == ""
    assert any("INS" in w for w in queries.report(report.import_id, reader=read_as(moreau)).warnings)  # type: ignore[arg-type]
    again = bring(summary(patient=patient_element(ins="258071411802500"), identifier="3", set_id="1.2.4"), moreau)
    assert again.patient == report.patient


def test_a_document_that_names_nobody_is_kept_aside(cast: object, folder: Path, moreau: Actor) -> None:
    report = bring(summary(patient=patient_element(ins="", names="")), moreau)
    assert (report.status, report.code) == ("aside", "nobody")
    chosen = patients.register(
        by=moreau, birth_name="Lacoste", first_given_name="Odile", birth_date=datetime.date(1958, 7, 14)
    )
    assert bring(summary(patient=patient_element(ins="", names="")), moreau, patient=chosen).status == "imported"


def test_the_treating_doctor_is_a_member_when_the_number_is_a_members(cast: object, folder: Path, moreau: Actor) -> None:
    content = summary().replace(b"10001234565", b"10003456786")
    assert Patient.objects.get(id=bring(content).patient).medecin_traitant_id == moreau.member


def test_merged_files_are_one_file(cast: object, folder: Path, moreau: Actor) -> None:
    first = bring(summary(), moreau)
    kept = patients.register(
        by=moreau, birth_name="Lacoste", first_given_name="Odile", birth_date=datetime.date(1958, 7, 14), despite=True
    )
    patients.merge(kept, by=moreau, merged=first.patient)  # type: ignore[arg-type]
    again = bring(summary(version="2", identifier="2"), moreau)
    assert (again.patient, again.added) == (kept, 0)


# -- twice


def test_the_same_file_twice_adds_nothing(cast: object, folder: Path, moreau: Actor) -> None:
    content = summary()
    first = bring(content, moreau)
    before = everything()
    again = bring(content, moreau, name="copie.xml")
    assert (again.status, again.added, again.patient, again.import_id) == ("already", 0, first.patient, first.import_id)
    assert everything() == before
    assert bring(content, moreau, patient=first.patient).status == "already"
    assert everything() == before


def test_the_same_content_in_other_bytes_adds_only_the_document(cast: object, folder: Path, moreau: Actor) -> None:
    first = bring(summary(), moreau)
    before = everything()
    again = bring(summary() + b"\n<!-- other bytes -->", moreau)
    after = everything()
    assert (again.status, again.added, again.updated) == ("updated", 0, 0)
    assert again.already == first.added
    assert {name for name in after if after[name] != before[name]} == {"Document", "Import"}


def test_what_the_file_already_says_is_not_said_twice(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    here = patients.register(
        by=moreau,
        birth_name="Lacoste",
        first_given_name="Odile",
        birth_date=datetime.date(1958, 7, 14),
        birth_sex="F",
        birth_place_insee="14118",
    )
    mine = consultations.add_history(here, by=moreau, fields={"label": "HTA", "cim10": "I10", "start": "2014"})
    consultations.add_treatment(here, by=moreau, fields={"label": "Bisoprolol 5 mg, comprimé"})
    report = bring(summary(), moreau)
    assert report.already == 2
    assert [h.label for h in rows(HistoryItem, cim10="I10")] == ["HTA"]
    bring(summary(version="2", identifier="2", problem_label="Hypertension sévère"), moreau)
    assert HistoryItem.objects.get(id=mine).label == "HTA"


# -- newer and older versions


def test_a_newer_version_brings_up_to_date_what_nobody_changed(
    cast: object, folder: Path, moreau: Actor, rows: Rows
) -> None:
    first = bring(summary(), moreau)
    extra = section("11450-4", "Pathologies", "", problem("new-1", "J45.9", "Asthme", low="2023"))
    second = bring(summary(version="2", identifier="2", problem_label="HTA compliquée", extra=extra), moreau)
    assert (second.status, second.patient, second.added, second.updated) == ("updated", first.patient, 1, 1)
    assert {h.label for h in rows(HistoryItem, kind="medical")} == {
        "HTA compliquée",
        "Diabète de type 2",
        "Appendicite aiguë",
        "Asthme",
    }


def test_a_line_changed_here_is_the_files_own(
    cast: object, folder: Path, moreau: Actor, rows: Rows, read_as: ReadAs
) -> None:
    bring(summary(), moreau)
    line = rows(HistoryItem, cim10="I10")[0]
    consultations.edit_history(line.id, by=moreau, fields={"label": "HTA, mesures à domicile"})
    second = bring(summary(version="2", identifier="2", problem_label="HTA compliquée"), moreau)
    assert HistoryItem.objects.get(id=line.id).label == "HTA, mesures à domicile"
    told = queries.report(second.import_id, reader=read_as(moreau)).lines  # type: ignore[arg-type]
    assert any("modifié ici" in row.why for row in told)


def test_a_line_removed_here_does_not_come_back(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    bring(summary(), moreau)
    line = rows(HistoryItem, cim10="I10")[0]
    consultations.remove_line("history", line.id, by=moreau)
    bring(summary(version="2", identifier="2"), moreau)
    bring(summary(version="3", identifier="3", problem_label="HTA compliquée"), moreau)
    assert rows(HistoryItem, cim10="I10") == []


def test_a_line_that_a_newer_version_leaves_out_stays_and_is_told(
    cast: object, folder: Path, moreau: Actor, rows: Rows, read_as: ReadAs
) -> None:
    bring(summary(extra=section("10160-0", "Traitements", "", treatment("t-9", "9", "ASPIRINE 75 mg"))), moreau)
    second = bring(summary(version="2", identifier="2"), moreau)
    assert "ASPIRINE 75 mg" in {t.label for t in rows(Treatment)}
    told = queries.report(second.import_id, reader=read_as(moreau)).lines  # type: ignore[arg-type]
    assert [row.label for row in told if "n’est plus dans" in row.why] == ["ASPIRINE 75 mg"]


def test_an_older_version_changes_nothing(cast: object, folder: Path, moreau: Actor) -> None:
    bring(summary(version="4", identifier="4", problem_label="HTA compliquée"), moreau)
    before = everything()
    report = bring(summary(version="3", identifier="3"), moreau)
    after = everything()
    assert (report.status, report.added, report.updated) == ("older", 0, 0)
    assert {name for name in after if after[name] != before[name]} == {"Document", "Import"}


def test_a_corrected_result_is_a_result_more(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    bring(summary(), moreau)
    corrected = summary(version="2", identifier="2").replace(b'value="7.2"', b'value="6.9"')
    assert bring(corrected, moreau).updated == 1
    assert sorted(r.number for r in rows(Result)) == [69, 72]


# -- allergies


def test_no_known_allergy_is_a_state(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    body = section("48765-2", "Allergies", "", allergy("a-1", "", value="716186003"))
    report = bring(document(body).encode(), moreau)
    assert [(s.none_known, s.patient_id) for s in AllergyStatement.objects.all()] == [(True, report.patient)]


def test_no_known_allergy_never_contradicts_the_file(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    bring(summary(), moreau)
    body = section("48765-2", "Allergies", "", allergy("a-1", "", value="716186003"))
    report = bring(document(body, set_id="1.2.9", identifier="8").encode(), moreau)
    assert AllergyStatement.objects.count() == 0
    assert len(rows(Allergy)) == 1
    assert report.left_out >= 1


def test_no_information_about_allergies_changes_no_state(cast: object, folder: Path, moreau: Actor) -> None:
    body = section("48765-2", "Allergies", "", allergy("a-1", "", value="no-allergy-info"))
    assert bring(document(body).encode(), moreau).added == 0
    assert AllergyStatement.objects.count() == 0


# -- measures


def test_both_pressures_are_one_measure_in_the_catalogues_units(
    cast: object, folder: Path, moreau: Actor, rows: Rows
) -> None:
    parts = "".join(
        tag("component", observation(f"m-{i}", loinc, label, pq(value, unit)))
        for i, (loinc, label, value, unit) in enumerate(
            [
                ("8480-6", "PAS", "148", "mm[Hg]"),
                ("8462-4", "PAD", "86", "mm[Hg]"),
                ("8302-2", "Taille", "1.62", "m"),
                ("8310-5", "Température", "370", "Cel"),
                ("39156-5", "IMC", "27.4", "kg/m2"),
            ]
        )
    )
    group = tag(
        "organizer",
        code("code", "46680005", "2.16.840.1.113883.6.96", "Signes vitaux"),
        tag("effectiveTime", value="20240305101500+0100"),
        parts,
        classCode="CLUSTER",
        moodCode="EVN",
    )
    report = bring(document(section("8716-3", "Mesures", "", group)).encode(), moreau)
    assert {(m.code, tuple(map(tuple, m.values))) for m in rows(Measure)} == {
        ("85354-9", (("8480-6", 148, 0), ("8462-4", 86, 0))),
        ("8302-2", (("8302-2", 16200, 2),)),
    }
    assert report.left_out == 2


# -- other documents, refusals


def test_another_kind_of_document_is_classed_without_its_data(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    first = bring(summary(), moreau)
    before = everything()
    letter = document(
        full_body(),
        kind="11490-0",
        kind_system="2.16.840.1.113883.6.1",
        identifier="55",
        set_id="1.2.5",
        templates=("1.2.250.1.213.1.1.1.29",),
        title="Lettre de liaison",
    )
    report = bring(letter.encode(), moreau)
    assert (report.status, report.patient, report.added) == ("filed", first.patient, 0)
    assert "n’est pas un volet de synthèse médicale (c’est une lettre de liaison" in report.sentence
    assert everything()["HistoryItem"] == before["HistoryItem"]


def test_another_kind_of_document_of_somebody_unknown_is_kept_aside(cast: object, folder: Path, moreau: Actor) -> None:
    report = bring(document("", kind="11502-2", templates=("1.2.250.1.213.1.1.1.55",)).encode(), moreau)
    assert (report.status, report.code) == ("aside", "not_summary")
    assert "examens biologiques" in report.sentence
    assert Patient.objects.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7",
        b"<facture/>",
        summary()[:2000],
        summary().replace(
            b"<ClinicalDocument", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><ClinicalDocument', 1
        ),
    ],
)
def test_a_refused_file_is_kept_aside_with_its_reason(
    cast: object, folder: Path, moreau: Actor, read_as: ReadAs, content: bytes
) -> None:
    report = bring(content, moreau, name="dossier/étrange.xml")
    assert (report.status, report.patient, report.import_id) == ("refused", None, None)
    aside = SetAside.objects.get(id=report.set_aside)
    assert (aside.reason, aside.size, aside.sha256) == (report.sentence, len(content), hashlib.sha256(content).hexdigest())
    assert documents.refused_content(report.set_aside, reader=read_as(moreau)).data == content  # type: ignore[arg-type]
    again = bring(content, moreau, name="étrange.xml")
    assert again.set_aside == report.set_aside
    assert Patient.objects.count() == 0


def test_above_twenty_megabytes_only_name_size_and_hash_are_kept(cast: object, folder: Path, moreau: Actor) -> None:
    content = summary() + b" " * (20 * 1024 * 1024)
    report = bring(content, moreau, name="gros.xml")
    aside = SetAside.objects.get(id=report.set_aside)
    assert (report.code, aside.size, aside.blob_hash, aside.file_name) == ("too_large", len(content), None, "gros.xml")
    assert aside.sha256 == hashlib.sha256(content).hexdigest()


def test_a_confidential_document_gives_reserved_lines(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    content = summary().replace(
        b'code="N" codeSystem="2.16.840.1.113883.5.25"', b'code="R" codeSystem="2.16.840.1.113883.5.25"'
    )
    report = bring(content, moreau)
    assert all(row.sensitive for row in rows(HistoryItem) + rows(Treatment))
    assert Import.objects.get(id=report.import_id).sensitive


def test_a_line_that_a_room_refuses_does_not_stop_the_others(
    cast: object, folder: Path, moreau: Actor, rows: Rows, read_as: ReadAs
) -> None:
    body = section(
        "11369-6", "Vaccins", "", vaccination("v-1", "VACCIN FUTUR", "20991231"), vaccination("v-2", "BCG", "1990")
    )
    report = bring(document(body).encode(), moreau)
    assert [v.vaccine for v in rows(Vaccination)] == ["BCG"]
    told = queries.report(report.import_id, reader=read_as(moreau)).lines  # type: ignore[arg-type]
    assert any(row.label == "VACCIN FUTUR" and "avenir" in row.why for row in told)


def test_sections_in_words_only_become_lines(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    body = (
        section("11450-4", "Pathologies", table(["Date", "Pathologie"], ["2009", "Migraine"], ["-", "Aucune autre"]))
        + section("10160-0", "Traitements", table(["Médicament", "Posologie"], ["PARACETAMOL 1 g", "si besoin"]))
        + section("48765-2", "Allergies", "Aucune allergie connue")
        + section("30954-2", "Points de vigilance", "<list><item>Bloc de branche gauche</item></list>")
    )
    bring(document(body).encode(), moreau)
    assert {(h.label, h.start, h.kind) for h in rows(HistoryItem)} == {
        ("Migraine", "2009", "medical"),
        ("Bloc de branche gauche", "", "alerte"),
    }
    assert [(t.label, t.posology) for t in rows(Treatment)] == [("PARACETAMOL 1 g", "si besoin")]
    assert AllergyStatement.objects.count() == 1


def test_keys_of_another_series_do_not_meet(cast: object, folder: Path, moreau: Actor, rows: Rows) -> None:
    """Two practices' documents may give one identifier to two things."""
    bring(document(section("11450-4", "A", "", problem(P1, "I10", "Hypertension", low="2014"))).encode(), moreau)
    other = document(
        section("11450-4", "B", "", problem(P1, "J45.9", "Asthme", low="2000")), set_id="1.2.77", identifier="4"
    )
    assert bring(other.encode(), moreau).added == 1
    assert {h.label for h in rows(HistoryItem)} == {"Hypertension", "Asthme"}


def test_an_erased_patient_can_be_imported_again(cast: object, folder: Path, moreau: Actor) -> None:
    content = summary()
    first = bring(content, moreau)
    journal.erase(first.patient, by=moreau)  # type: ignore[arg-type]
    again = bring(content, moreau)
    assert again.status == "imported"
    assert again.patient != first.patient
    assert isinstance(again.patient, UUID)


def test_a_stopped_treatment_of_the_file_is_not_the_documents_current_one(
    cast: object, folder: Path, moreau: Actor, rows: Rows
) -> None:
    here = patients.register(
        by=moreau, birth_name="Lacoste", first_given_name="Odile", birth_date=datetime.date(1958, 7, 14), birth_sex="F"
    )
    line = consultations.add_treatment(here, by=moreau, fields={"label": "BISOPROLOL 5 mg, comprimé"})
    consultations.stop_treatment(line, by=moreau, reason="bradycardie")
    bring(summary(), moreau)
    assert sorted(bool(t.end) for t in rows(Treatment) if "BISOPROLOL" in t.label) == [False, True]


def test_mutated_summaries_are_imported_set_aside_or_refused(cast: object, folder: Path) -> None:
    statuses = {bring(mutated(seed, 1 + seed % 12), name=f"{seed}.xml").status for seed in range(60)}
    assert "imported" in statuses
    assert statuses <= set(queries.STATUSES)
