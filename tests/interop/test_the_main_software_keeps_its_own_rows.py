"""Beside another software: what it brought is changed there; what was written here, no import changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from permanence.agenda import actions as agenda
from permanence.agenda.models import Appointment
from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy, HistoryItem, Measure, Note, Treatment, Vaccination
from permanence.documents.models import Document, Letter
from permanence.interop import actions, queries
from permanence.interop.permissions import main_software
from permanence.journal.doors import Actor, Reader, Refused
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from permanence.prescriptions.models import Prescription
from tests.agenda.test_calendars_in_and_out import calendar, event
from tests.interop import building, export
from tests.interop.test_a_practice_moves_in import move
from tests.interop.test_everything_written_here_is_listed import Desk, write_everything

Read = Callable[[Actor], Reader]
WRITTEN: tuple[Any, ...] = (Note, HistoryItem, Allergy, Treatment, Vaccination, Measure, Prescription, Letter, Document, Appointment)


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("export")


def archive(outside: Path, version: str = "1", dose: str = "1") -> None:
    patient = outside / "IHE_XDM" / "PAT00001"
    patient.mkdir(parents=True, exist_ok=True)
    (patient / "DOC0001.XML").write_bytes(building.summary(version=version, identifier=version, dose=dose))


@pytest.fixture
def brought(folder: Path, outside: Path, cast: Mapping[str, Actor]) -> Patient:
    """A patient whose lines came by the main software's export."""
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder="", minutes=60)
    archive(outside)
    move(outside, cast["moreau"], source="Ancien")
    return Patient.objects.get()


def test_what_the_main_software_brought_is_changed_there(brought: Patient, outside: Path, cast: Mapping[str, Actor]) -> None:
    line = Treatment.objects.filter(patient_id=brought.id).order_by("label")[0]
    with pytest.raises(Refused, match="Ancien, encore le logiciel principal") as refused:
        clinical.edit_treatment(line.id, by=cast["benali"], fields={"posology": "1 le soir"})
    assert refused.value.code == "main"
    with pytest.raises(Refused, match="Ancien"):
        clinical.remove_line("treatment", line.id, by=cast["moreau"])
    archive(outside, version="2", dose="2")
    before = {one.id: one.revision for one in Treatment.objects.filter(patient_id=brought.id)}
    assert "1 mis à jour" in move(outside, cast["moreau"], source="Ancien").told[0].text
    assert {one.id: one.revision for one in Treatment.objects.filter(patient_id=brought.id)} != before
    line.refresh_from_db()
    with pytest.raises(Refused, match="Ancien"):
        clinical.edit_treatment(line.id, by=cast["benali"], fields={"posology": "1 le soir"})


def test_once_this_is_the_main_software_every_line_is_changed_here(brought: Patient, cast: Mapping[str, Actor]) -> None:
    line = Treatment.objects.filter(patient_id=brought.id)[0]
    actions.become_main(by=cast["moreau"])
    assert main_software() is None
    clinical.edit_treatment(line.id, by=cast["benali"], fields={"posology": "1 le soir"})
    line.refresh_from_db()
    assert line.posology == "1 le soir"


def test_a_summary_from_elsewhere_and_what_is_typed_here_are_changed_here(brought: Patient, cast: Mapping[str, Actor]) -> None:
    mine = clinical.add_treatment(brought.id, by=cast["moreau"], fields={"label": "Ventoline"})
    clinical.edit_treatment(mine, by=cast["benali"], fields={"posology": "si besoin"})
    clinical.remove_line("treatment", mine, by=cast["moreau"])


def test_each_row_says_where_it_comes_from_beside_another_software_only(brought: Patient, cast: Mapping[str, Actor], read_as: Read) -> None:
    found = queries.brought([brought.id], reader=read_as(cast["moreau"]))
    lines = set(HistoryItem.objects.filter(patient_id=brought.id).values_list("id", flat=True))
    papers = set(Document.objects.filter(patient_id=brought.id).values_list("id", flat=True))
    assert lines
    assert papers
    assert lines | papers <= found.keys()
    assert {(one.source, one.main) for one in found.values()} == {("Ancien", True)}
    actions.become_main(by=cast["moreau"])
    assert queries.brought([brought.id], reader=read_as(cast["moreau"])) == {}


@pytest.mark.parametrize("seed", range(6))
def test_no_import_touches_what_was_written_here(folder: Path, cast: Mapping[str, Actor], read_as: Read, outside: Path, seed: int) -> None:
    """Whatever the next exports say of the same people: tables, documents, archives and agendas."""
    moreau, people = cast["moreau"], export.crowd(30, seed=seed)
    export.folder(outside, people, pdfs=6)
    actions.watch_beside(by=moreau, source="Ancien", folder="", minutes=60)
    move(outside, moreau, source="Ancien")
    one = people[seed % 5]
    desk = Desk(cast, read_as, Patient.objects.get(birth_name=one.surname, birth_date=one.born).id)
    made = write_everything(desk)
    assert moreau.member is not None
    before, listed = _kept(made), {(row.kind, row.id, row.text) for row in desk.written()}
    for person in people:
        person.mobile, person.married = f"07{person.number:08}", "AUTREMENT"
    for number in range(2):
        export.folder(outside, people, pdfs=8 + number)
        archive(outside, version=str(number + 1))
        move(outside, moreau, source="Ancien")
        agenda.import_calendar(calendar(event(str(made["appointment"]))), by=moreau, practitioner=moreau.member)
    assert _kept(made) == before
    assert {(row.kind, row.id, row.text) for row in desk.written()} == listed


def _kept(made: Mapping[str, UUID]) -> list[Any]:
    found = [row for model in WRITTEN for row in model.objects.filter(id__in=made.values()).values().order_by("id")]
    sheet = Patient.objects.filter(id=made["identity"]).values("used_name", "mobile").get()
    assert len(found) == len(made) - 2
    return [*found, sheet]


def test_only_the_machine_s_own_import_passes_the_guard(brought: Patient, cast: Mapping[str, Actor]) -> None:
    """Who corrects an identity beside it is not held back: the desk must reach people; the change is listed to be copied."""
    patients.amend_identity(brought.id, by=cast["sophie"], changes={"mobile": "0612345678"})
    assert Patient.objects.get().mobile
