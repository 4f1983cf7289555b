"""The same bytes for twenty patients are in twenty files; what lies in a wrong file hides nothing; every night adds nothing."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from permanence.documents import actions as documents
from permanence.documents import blobs
from permanence.documents.models import Document
from permanence.interop import actions
from permanence.interop.models import Issue
from permanence.interop.moving import files
from permanence.journal.doors import Actor
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from tests.interop import building, export
from tests.interop.test_a_practice_moves_in import entries, move

LEAFLET = export.pdf("Conseils en cas de lombalgie")


def named(one: export.Someone, what: str = "conseils") -> str:
    return f"{one.surname} {one.given} {one.born:%d-%m-%Y} {what}.pdf"


def of(one: export.Someone) -> Patient:
    return Patient.objects.get(birth_name=one.surname, birth_date=one.born)


def owners(data: bytes = LEAFLET) -> list[object]:
    return sorted(Document.objects.filter(sha256=blobs.sha256_of(data)).values_list("patient_id", flat=True), key=str)


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


@pytest.fixture
def people(folder: Path, outside: Path) -> list[export.Someone]:
    """Twenty people and their table."""
    found = export.crowd(20)
    (outside / "patients.csv").write_bytes(export.table(found).text.encode("cp1252"))
    return found


def test_one_leaflet_of_twenty_patients_is_in_twenty_files(people: list[export.Someone], outside: Path, cast: Mapping[str, Actor]) -> None:
    for one in people:
        (outside / named(one)).write_bytes(LEAFLET)
    first = move(outside, cast["moreau"])
    assert first.counts["filed"] == 20
    assert owners() == sorted((of(one).id for one in people), key=str)
    before = entries()
    again = move(outside, cast["moreau"])
    assert (again.counts["filed"], again.counts["file_same"]) == (0, 20)
    assert entries() - before == 2
    assert first.run_id is not None
    list(actions.undo(first.run_id, by=cast["moreau"]))
    assert owners() == []
    assert move(outside, cast["moreau"]).counts["filed"] == 20


def test_two_copies_for_one_patient_are_one_document(people: list[export.Someone], outside: Path, cast: Mapping[str, Actor]) -> None:
    (outside / named(people[0])).write_bytes(LEAFLET)
    (outside / named(people[0], "copie")).write_bytes(LEAFLET)
    report = move(outside, cast["moreau"])
    assert (report.counts["filed"], report.counts["file_same"]) == (1, 1)
    assert move(outside, cast["moreau"]).counts["file_same"] == 2
    assert len(owners()) == 1


def test_what_lies_in_a_wrong_file_does_not_hide_the_right_one(people: list[export.Someone], outside: Path,
                                                               cast: Mapping[str, Actor]) -> None:
    move(outside, cast["moreau"])
    wrong, right = of(people[0]), of(people[1])
    documents.keep_original(wrong.id, LEAFLET, by=cast["moreau"], title="Conseils", mime="application/pdf")
    (outside / named(people[1])).write_bytes(LEAFLET)
    report = move(outside, cast["moreau"])
    assert report.counts["filed"] == 1
    assert owners() == sorted((wrong.id, right.id), key=str)
    assert report.run_id is not None
    list(actions.undo(report.run_id, by=cast["moreau"]))
    assert owners() == [wrong.id]  # what a person filed is not the run's to take back


def test_a_document_of_a_merged_file_is_there_already(people: list[export.Someone], outside: Path, cast: Mapping[str, Actor]) -> None:
    move(outside, cast["moreau"])
    kept = of(people[0])
    double = patients.register(by=cast["moreau"], despite=True, birth_name=kept.birth_name, first_given_name=kept.first_given_name,
                               birth_date=kept.birth_date)  # fmt: skip
    documents.keep_original(double, LEAFLET, by=cast["moreau"], title="Conseils", mime="application/pdf")
    patients.merge(kept.id, merged=double, by=cast["moreau"])
    (outside / named(people[0])).write_bytes(LEAFLET)
    assert move(outside, cast["moreau"]).counts["file_same"] == 1
    assert owners() == [double]


def test_each_file_without_an_owner_waits_and_once_decided_is_not_asked_again(people: list[export.Someone], outside: Path,
                                                                              cast: Mapping[str, Actor]) -> None:
    for name in ("1201 conseils.pdf", "1202 conseils.pdf"):  # numbers of the other software
        (outside / name).write_bytes(LEAFLET)
    assert move(outside, cast["moreau"]).counts["file_decide"] == 2
    assert Issue.objects.filter(kind="file").count() == 2
    move(outside, cast["moreau"])
    assert Issue.objects.filter(kind="file").count() == 2
    for issue, one in zip(Issue.objects.order_by("place"), people, strict=False):
        actions.settle_for(issue.id, by=cast["moreau"], patient=of(one).id)
    assert owners() == sorted((of(one).id for one in people[:2]), key=str)
    before = entries()
    assert move(outside, cast["moreau"]).counts["file_same"] == 2
    assert entries() - before == 2
    assert not Issue.objects.exists()


def test_a_decision_stands_when_the_document_was_there_by_hand(people: list[export.Someone], outside: Path,
                                                               cast: Mapping[str, Actor]) -> None:
    (outside / "scan.pdf").write_bytes(LEAFLET)
    run_id = move(outside, cast["moreau"]).run_id
    mine = documents.keep_original(of(people[0]).id, LEAFLET, by=cast["moreau"], title="Conseils", mime="application/pdf")
    actions.settle_for(Issue.objects.get().id, by=cast["moreau"], patient=of(people[0]).id)
    move(outside, cast["moreau"])
    assert not Issue.objects.exists()
    assert run_id is not None
    list(actions.undo(run_id, by=cast["moreau"]))
    assert list(Document.objects.values_list("id", flat=True)) == [mine]


def test_the_same_undecided_files_in_tomorrow_s_folder_are_asked_once(people: list[export.Someone], outside: Path,
                                                                      cast: Mapping[str, Actor]) -> None:
    for day in ("2026-11-21", "2026-11-22"):
        (outside / f"Export {day}").mkdir()
        (outside / f"Export {day}" / "scan.pdf").write_bytes(LEAFLET)
        os.utime(outside / f"Export {day}" / "scan.pdf", (1_700_000_000, 1_700_000_000))
        move(outside, cast["moreau"])
    assert Issue.objects.filter(kind="file").count() == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Export 2026-11-21/scan.pdf", "Export 2026-11-22/scan.pdf", True),
        ("MARTIN Jeanne 14-07-1958/scan.pdf", "MARTIN Jeanne 02-03-1990/scan.pdf", False),
        ("1201/scan.pdf", "1202/scan.pdf", False),
        ("scan 2026-11-21.pdf", "scan 2026-11-22.pdf", False),
    ],
)
def test_only_a_folder_s_day_of_export_tells_nothing(one: str, other: str, same: bool) -> None:
    changed = files.Date(2026, 11, 22)
    assert (files.lasting(one, changed) == files.lasting(other, changed)) is same


def test_each_directory_of_an_archive_has_its_own(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> None:
    name = '<family qualifier="BR">AUBRY</family><given>PAUL</given><given qualifier="BR">PAUL</given>'
    other = building.patient_element(ins="", names=name, born="19700102", sex="M", insee="")
    for number, summary in enumerate((building.summary(), building.summary(patient=other, identifier="9", set_id="1.2.250.9.9")), 1):
        patient = outside / "IHE_XDM" / f"PAT0000{number}"
        patient.mkdir(parents=True)
        (patient / "METADATA.XML").write_text("<x/>")
        (patient / "DOC0001.XML").write_bytes(summary)
        (patient / "DOC0002.PDF").write_bytes(LEAFLET)
    assert move(outside, cast["moreau"], dry=True).counts["filed"] == 2
    report = move(outside, cast["moreau"])
    assert Patient.objects.count() == 2
    assert report.counts["filed"] == 2
    assert owners() == sorted(Patient.objects.values_list("id", flat=True), key=str)
    assert move(outside, cast["moreau"]).counts["filed"] == 0


def test_what_went_with_an_erased_patient_stays_away(people: list[export.Someone], outside: Path, cast: Mapping[str, Actor]) -> None:
    (outside / named(people[0])).write_bytes(LEAFLET)
    move(outside, cast["moreau"])
    patients.erase(of(people[0]).id, by=cast["moreau"], reason="demande du patient")
    report = move(outside, cast["moreau"])
    assert owners() == []
    assert not Issue.objects.exists()
    assert report.counts["file_same"] == 1
