"""A folder of another software becomes files: every row is placed or told, and the same folder again changes nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from permanence.consultations import actions as consultations
from permanence.documents.models import Document
from permanence.interop import actions
from permanence.interop.models import Issue, Moved, Run, SourceRow
from permanence.journal.doors import Actor, Refused
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from tests.interop import building, export

ROWS, PDFS = 300, 200


def move(path: Path, by: Actor, **more: Any) -> actions.Report:
    mover = actions.Mover(actions.of_folder(path), by=by, **more)
    assert list(mover.go())[-1].phase == "terminé"
    return mover.report


def entries() -> int:
    return int(run("default", "SELECT count(*) FROM journal_entry").fetchone()[0])


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


def test_a_messy_folder_is_placed_row_by_row_and_twice_is_once(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    made = export.folder(outside, export.crowd(ROWS), pdfs=PDFS)
    first = move(outside, cast["moreau"])
    sound = ROWS - len(made.broken)
    assert first.counts["new"] == sound
    assert first.counts["refused"] == len(made.broken) == 9
    assert first.counts["empty"] == made.empty
    assert first.unmapped == ["Fumeur"]
    assert Patient.objects.count() == sound
    kept = {issue.line: issue for issue in Issue.objects.filter(kind="row")}
    assert sorted(kept) == made.broken
    assert all(issue.raw and issue.reason for issue in kept.values())
    assert first.counts["filed"] + first.counts["file_decide"] == PDFS
    assert first.counts["filed"] >= PDFS * 9 // 10
    assert Document.objects.count() == first.counts["filed"]
    before = entries()
    again = move(outside, cast["moreau"])
    assert entries() - before == 2  # the run's own: begun, ended
    assert again.counts["same"] == sound
    assert not again.counts["new"] + again.counts["updated"] + again.counts["filed"]
    assert Patient.objects.count() == sound == SourceRow.objects.count()


def test_a_dry_run_writes_nothing(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    export.folder(outside, export.crowd(60), pdfs=20)
    before = entries()
    report = move(outside, cast["moreau"], dry=True)
    assert report.dry
    assert report.counts["new"] == 59
    assert entries() == before
    assert not Run.objects.exists()
    assert not Moved.objects.exists()


@pytest.mark.parametrize("who", ["petit", "hugo", "sophie", "nadia", "lucie", "amel", "theo", "ines", "bruno", "yann"])
def test_only_a_titulaire_moves_a_practice_in(folder: Path, outside: Path, cast: Mapping[str, Actor], who: str) -> None:
    with pytest.raises(Refused):
        actions.Mover(actions.of_folder(outside), by=cast[who])


# -- again, with what people changed meanwhile


def _table(outside: Path, people: list[export.Someone]) -> None:
    (outside / "patients.csv").write_bytes(export.table(people).text.encode("cp1252"))


def test_an_update_of_the_source_changes_that_field_alone(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(20)
    _table(outside, people)
    move(outside, cast["moreau"])
    people[4].mobile = "0699999999"
    _table(outside, people)
    before = entries()
    report = move(outside, cast["moreau"])
    assert (report.counts["updated"], report.counts["same"]) == (1, 19)
    assert Patient.objects.filter(mobile="0699999999").count() == 1
    assert entries() - before == 2 + 4  # the run; the patient, what stood there, what the source said, the link


def test_what_a_person_changed_here_stays_theirs(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(20)
    _table(outside, people)
    move(outside, cast["moreau"])
    mine = Patient.objects.get(birth_name=people[4].surname, birth_date=people[4].born)
    patients.amend_identity(mine.id, by=cast["sophie"], changes={"mobile": "0600000001"})
    people[4].mobile, people[4].surname = "0699999999", "AUTREMENT"
    _table(outside, people)
    report = move(outside, cast["moreau"])
    mine = Patient.objects.get(id=mine.id)
    assert (mine.mobile, mine.birth_name) == ("0600000001", "AUTREMENT")
    assert any("gardé tel quel" in told.text for told in report.told)


def test_a_validated_identity_is_not_changed_by_an_export(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(20)
    _table(outside, people)
    move(outside, cast["moreau"])
    mine = Patient.objects.get(birth_name=people[4].surname, birth_date=people[4].born)
    patients.validate_identity(mine.id, by=cast["sophie"], proof="cni")
    people[4].surname = "AUTREMENT"
    _table(outside, people)
    move(outside, cast["moreau"])
    assert Patient.objects.get(id=mine.id).birth_name == mine.birth_name


def test_a_file_that_exists_is_recognised_and_only_completed(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(6)
    one = people[0]
    here = patients.register(by=cast["moreau"], birth_name=one.surname.title(), first_given_name=one.given, birth_date=one.born,
                             birth_sex=one.sex, city="Évry")  # fmt: skip
    _table(outside, people)
    report = move(outside, cast["moreau"])
    assert report.counts["updated"] == 1
    found = Patient.objects.get(id=here)
    assert (found.city, found.mobile, found.birth_name) == ("Évry", one.mobile, one.surname.title())


def test_somebody_who_only_looks_alike_waits_for_a_person(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(6)
    one = people[0]
    patients.register(by=cast["moreau"], birth_name=f"{one.surname}S", first_given_name=one.given, birth_date=one.born, birth_sex=one.sex)
    _table(outside, people)
    report = move(outside, cast["moreau"])
    assert (report.counts["decide"], report.counts["new"]) == (1, 5)
    assert len(Issue.objects.get(code="near").candidates) == 1


def test_an_erased_patient_does_not_come_back_each_night(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(6)
    _table(outside, people)
    move(outside, cast["moreau"])
    gone = Patient.objects.get(birth_name=people[0].surname, birth_date=people[0].born)
    patients.erase(gone.id, reason="Demande écrite du patient", by=cast["moreau"])
    report = move(outside, cast["moreau"])
    assert (report.counts["gone"], report.counts["new"]) == (1, 0)


# -- undone


def seen() -> list[tuple[Any, ...]]:
    """All that a person sees of identities and documents."""
    rows = [tuple(str(value) for value in row) for row in Patient.objects.order_by("id").values_list()]
    return rows + list(Document.objects.order_by("id").values_list("id", "patient_id", "sha256"))


def test_a_run_is_undone_as_one_and_may_be_done_again(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(60)
    one = people[0]
    patients.register(by=cast["moreau"], birth_name=one.surname, first_given_name=one.given, birth_date=one.born, birth_sex=one.sex)
    before = seen()
    export.folder(outside, people, pdfs=40)
    report = move(outside, cast["moreau"])
    assert len(seen()) > len(before) + 90
    assert report.run_id is not None
    list(actions.undo(report.run_id, by=cast["moreau"]))
    assert seen() == before
    assert not Issue.objects.exists()
    assert not list(folder.glob("blobs/*/*/*")) + list(folder.glob("blobs/*/*.blob"))
    again = move(outside, cast["moreau"])
    assert (again.counts["new"], again.counts["updated"]) == (report.counts["new"], report.counts["updated"])
    assert again.counts["filed"] == report.counts["filed"]


def test_undoing_keeps_what_somebody_wrote_in_since(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(12)
    _table(outside, people)
    report = move(outside, cast["moreau"])
    mine = Patient.objects.get(birth_name=people[2].surname, birth_date=people[2].born)
    consultations.add_history(mine.id, by=cast["moreau"], fields={"label": "Asthme"})
    assert report.run_id is not None
    list(actions.undo(report.run_id, by=cast["moreau"]))
    assert [row.id for row in Patient.objects.all()] == [mine.id]
    run_row = Run.objects.get(id=report.run_id)
    assert run_row.state == "undone"
    assert [str(mine.id), 0, "kept", "quelqu’un y a écrit depuis l’import"] in run_row.told


def test_undoing_gives_back_fields_unless_they_changed_since(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(12)
    _table(outside, people)
    move(outside, cast["moreau"])
    for place in (2, 3):
        people[place].mobile = f"069999999{place}"
    _table(outside, people)
    second = move(outside, cast["moreau"])
    touched = Patient.objects.get(mobile="0699999993")
    patients.amend_identity(touched.id, by=cast["sophie"], changes={"mobile": "0600000001"})
    assert second.run_id is not None
    list(actions.undo(second.run_id, by=cast["moreau"]))
    assert not Patient.objects.filter(mobile="0699999992").exists()
    assert Patient.objects.get(id=touched.id).mobile == "0600000001"
    third = move(outside, cast["moreau"])
    assert third.counts["updated"] == 1
    assert Patient.objects.filter(mobile="0699999992").exists()


@pytest.mark.parametrize("who", ["petit", "sophie", "nadia", "yann"])
def test_only_a_titulaire_undoes(folder: Path, outside: Path, cast: Mapping[str, Actor], who: str) -> None:
    _table(outside, export.crowd(3))
    report = move(outside, cast["moreau"])
    assert report.run_id is not None
    with pytest.raises(Refused):
        list(actions.undo(report.run_id, by=cast[who]))
    assert Patient.objects.count() == 3


# -- documents


def test_a_document_is_filed_by_its_name_else_by_its_text_else_waits(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    people = export.crowd(6)
    one, other = people[0], people[1]
    _table(outside, people)
    files = {
        f"{one.surname}_{one.given}_{one.born:%d%m%Y}_CR.pdf": export.pdf("Rien"),
        "scan1.pdf": export.pdf(f"Concerne {one.given} {one.surname}, né le {one.born:%d/%m/%Y}", "autre"),
        "scan2.pdf": export.pdf(f"Concerne {one.given} {one.surname}"),
        "scan3.pdf": export.pdf("Facture"),
        f"{one.surname} {one.given} {one.born:%d-%m-%Y}.pdf": export.pdf(f"{other.given} {other.surname} né le {other.born:%d/%m/%Y}"),
        "abime.pdf": b"%PDF-1.4 rien de plus",
        "menteur.pdf": b"MZ\x90\x00",
        "vide.pdf": b"",
    }
    for name, data in files.items():
        (outside / name).write_bytes(data)
    (outside / "copie.pdf").write_bytes(files["scan1.pdf"])
    report = move(outside, cast["moreau"])
    assert report.counts["filed"] == 2
    assert report.counts["file_same"] == 1
    waiting = {issue.place: issue for issue in Issue.objects.filter(kind="file")}
    assert set(waiting) == {"scan2.pdf", "scan3.pdf", f"{one.surname} {one.given} {one.born:%d-%m-%Y}.pdf", "abime.pdf", "menteur.pdf",
                            "vide.pdf"}  # fmt: skip
    assert len(waiting["scan2.pdf"].candidates) == 1
    assert len(waiting[f"{one.surname} {one.given} {one.born:%d-%m-%Y}.pdf"].candidates) == 2
    assert waiting["abime.pdf"].reason == "PDF abîmé ou incomplet"
    assert ".pdf" not in str(Run.objects.get().told)  # a file's name may be a patient's: it goes with the issue
    before = entries()
    move(outside, cast["moreau"])
    assert entries() - before == 2


def test_names_that_would_harm_are_only_names(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    head = "Nom;Prénom;Date de naissance\n"
    rows = "\u202eDUPONT\x07;<script>alert(1)</script>;14/07/58\n\"';DROP TABLE x;--\";Zoé;01/02/60\n"
    (outside / "liste.csv").write_bytes((head + rows).encode())
    (outside / "a\u202efdp.pdf").write_bytes(export.pdf("x"))
    (outside / "x..%2f..%2fetc.pdf").write_bytes(export.pdf("y"))
    (outside / "lien.pdf").symlink_to("/etc/passwd")
    (outside / ".cache.pdf").write_bytes(export.pdf("z"))
    report = move(outside, cast["moreau"])
    assert report.counts["new"] == 2
    assert {row.birth_name for row in Patient.objects.all()} == {"DUPONT", "';DROP TABLE x;--"}
    assert report.counts["file_decide"] == 2  # neither the link nor the hidden file


@pytest.mark.parametrize("where", ["", "blobs", ".."])
def test_the_practice_does_not_import_itself(folder: Path, cast: Mapping[str, Actor], where: str) -> None:
    (folder / "blobs").mkdir(exist_ok=True)
    with pytest.raises(Refused, match="celui du cabinet"):
        actions.of_folder(folder / where)


def test_a_portability_archive_files_each_directory_with_its_summary(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    patient = outside / "IHE_XDM" / "PAT00001"
    patient.mkdir(parents=True)
    for name in ("INDEX.HTM", "MANIFEST.XML"):
        (outside / name).write_text("<x/>")
    (patient / "METADATA.XML").write_text("<x/>")
    (patient / "DOC0001.XML").write_bytes(building.summary())
    (patient / "DOC0002.PDF").write_bytes(export.pdf("Compte rendu sans nom"))
    dry = move(outside, cast["moreau"], dry=True)
    report = move(outside, cast["moreau"])
    assert (report.counts["summary"], report.counts["filed"], report.counts["summary_refused"]) == (1, 1, 0)
    assert (dry.counts["summary"], dry.counts["filed"]) == (1, 1)
    assert Patient.objects.count() == 1
    assert Document.objects.filter(patient_id=Patient.objects.get().id).count() == 2
    assert not report.counts["not_taken"]
    assert report.run_id is not None
    list(actions.undo(report.run_id, by=cast["moreau"]))
    assert not Patient.objects.exists()


RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"


def _described(*files: tuple[str, str]) -> str:
    """METADATA.XML as IHE ITI XDM has it."""
    objects = "".join(
        f'<ExtrinsicObject id="d{number}" mimeType="application/pdf"><Slot name="URI"><ValueList>{uri}</ValueList></Slot>'
        f'<Name><LocalizedString value="{title}"/></Name></ExtrinsicObject>'
        for number, (uri, title) in enumerate(files)
    )
    return f'<SubmitObjectsRequest xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"><RegistryObjectList xmlns="{RIM}">{objects}' \
           "</RegistryObjectList></SubmitObjectsRequest>"  # fmt: skip


def test_a_portability_archive_s_titles_are_those_of_its_metadata(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    patient = outside / "IHE_XDM" / "PAT00001"
    (patient / "LETTRES").mkdir(parents=True)
    (patient / "METADATA.XML").write_text(_described(
        ("<Value>DOC0002.PDF</Value>", "Échographie  cardiaque"),
        ("<Value>2|RES/DOC3.PDF</Value><Value>1|LETT</Value>", "Avis &amp; suite"),
        ("<Value>../../hors.pdf</Value>", "Dehors"), ("<Value>DOC0004.PDF</Value>", "")), encoding="utf-8")  # fmt: skip
    (patient / "DOC0001.XML").write_bytes(building.summary())
    for name in ("DOC0002.PDF", "LETTRES/DOC3.PDF", "DOC0004.PDF"):
        (patient / name).write_bytes(export.pdf(f"Compte rendu {name}"))
    report = move(outside, cast["moreau"])
    assert report.counts["filed"] == 3
    titles = set(Document.objects.filter(mime="application/pdf").values_list("title", flat=True))
    assert {"Échographie cardiaque", "Avis & suite"} < titles
    assert len(titles) == 3


@pytest.mark.parametrize("metadata", ["<x/>", "", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>" * 500])
def test_metadata_that_does_not_read_leaves_the_titles_of_the_names(folder: Path, outside: Path, cast: Mapping[str, Actor],
                                                                    metadata: str) -> None:
    patient = outside / "IHE_XDM" / "PAT00001"
    patient.mkdir(parents=True)
    (patient / "METADATA.XML").write_text(metadata, encoding="utf-8")
    (patient / "DOC0001.XML").write_bytes(building.summary())
    (patient / "Echographie.pdf").write_bytes(export.pdf("Compte rendu"))
    assert move(outside, cast["moreau"]).counts["filed"] == 1
    assert Document.objects.get(mime="application/pdf").title == "Echographie"
