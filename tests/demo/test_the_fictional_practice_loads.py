"""The demo is a real practice: made by the same doors, verified whole, its members and its mess found again."""

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest

from permanence.accounts.models import Member, Practice
from permanence.consultations.models import Draft, Measure, Note
from permanence.demo import load
from permanence.demo.rows import patient_id
from permanence.journal import folder, gates, keyring, verify
from permanence.journal import queries as journal
from permanence.journal.doors import Actor, Reader
from permanence.patients.models import NameRow, Patient
from tests import folders

COUNT = 45


@cache
def _made() -> tuple[Path, load.Loaded]:
    steps: list[tuple[int, int]] = []
    path = folders.place() / "demo"
    loaded = load.make(path, COUNT, progress=lambda done, total: steps.append((done, total)))
    assert steps[-1] == (COUNT, COUNT)
    return path, loaded


@pytest.fixture
def demo(own_files: None, tmp_path: Path) -> Iterator[tuple[folder.Folder, load.Loaded]]:
    """A small fictional practice, open: a copy of the one made for this file."""
    path, loaded = _made()
    shutil.copytree(path, tmp_path / "demo")
    with folder.open_folder(tmp_path / "demo") as here:
        here.unlock_with(keyring.machine_slot(load.machine_key(here.path).read_bytes())[1])
        yield here, loaded


def test_the_practice_is_flagged_fictional_and_verifies(demo: tuple[folder.Folder, load.Loaded]) -> None:
    here, loaded = demo
    assert Practice.objects.get().fictional
    assert Patient.objects.count() == COUNT
    assert not Patient.objects.filter(fictional=True).exclude(identity_status="provisoire").exists()  # RNIV: never beside another status
    report = verify.verify(full=True, saved_heads=here.saved_heads())
    assert report.findings == ()
    assert report.entries >= loaded.entries > COUNT * 10


def test_members_have_their_status(demo: tuple[folder.Folder, load.Loaded]) -> None:
    members = demo[1].members
    petit, hugo = Member.objects.get(id=members["petit"]), Member.objects.get(id=members["hugo"])
    assert (petit.status, petit.of_id, petit.until is not None) == ("remplacant", members["moreau"], True)
    assert (hugo.status, hugo.of_id) == ("interne", members["moreau"])
    titulaires = set(Member.objects.filter(is_titulaire=True).values_list("id", flat=True))
    assert titulaires == {members["moreau"], members["benali"]}


def test_files_can_be_searched_and_read(demo: tuple[folder.Folder, load.Loaded]) -> None:
    girard: UUID = patient_id(0)
    assert Patient.objects.get(id=girard).birth_name == "GIRARD"
    assert NameRow.objects.count() == COUNT
    assert Note.objects.filter(patient_id=girard).count() > 30
    pressures = list(Measure.objects.filter(patient_id=girard, code="85354-9").values_list("values", flat=True))
    assert pressures
    assert all([code for code, _, _ in values] == ["8480-6", "8462-4"] for values in pressures)


def test_an_intern_s_note_is_signed_by_the_senior(demo: tuple[folder.Folder, load.Loaded]) -> None:
    members = demo[1].members
    for note in Note.objects.filter(author_id=members["hugo"]):
        assert note.signatory_id == members["moreau"]


def test_the_morning_left_readings_and_a_note_to_sign(demo: tuple[folder.Folder, load.Loaded]) -> None:
    members = demo[1].members
    moreau = Reader(Actor(members["moreau"], assurance="demo"), [gates.Open()])
    readers = {seen.member for seen in journal.readers_of(patient_id(0), reader=moreau)}
    assert readers == {members[key] for key in ("sophie", "moreau", "hugo")}
    waiting = Draft.objects.get(author_id=members["moreau"])
    assert waiting.patient_id == patient_id(7)
