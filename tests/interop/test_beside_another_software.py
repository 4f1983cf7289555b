"""The filet: what is written here is listed to be copied over there, the watched folder comes by itself, one step ends it."""

import datetime
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

import pytest

from permanence.consultations import actions as clinical
from permanence.documents.models import Document
from permanence.interop import actions, queries, watching
from permanence.interop.actions import beside
from permanence.interop.actions.inbox import of_folder
from permanence.interop.models import Filet, Issue, Run
from permanence.interop.watching import Watcher
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock, typesetting
from permanence.patients import actions as patients
from permanence.patients.models import Patient
from tests.interop import export

Read = Callable[[Actor], Reader]


def _note(patient: UUID, by: Actor, text: str = "=Toux depuis deux jours", **more: object) -> UUID:
    return clinical.sign_note(patient, by=by, fields={"motif": "Toux", "text": text}, **more)  # type: ignore[arg-type]


@pytest.fixture
def jeanne(folder: Path, cast: Mapping[str, Actor]) -> UUID:
    return patients.register(by=cast["moreau"], birth_name="MARTIN", first_given_name="Jeanne", birth_date=datetime.date(1958, 7, 14))


@pytest.fixture
def on(folder: Path, cast: Mapping[str, Actor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    outside = tmp_path_factory.mktemp("export")
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder=str(outside), minutes=60)
    return outside


def test_what_was_written_before_is_not_to_be_copied(jeanne: UUID, cast: Mapping[str, Actor], read_as: Read,
                                                     tmp_path_factory: pytest.TempPathFactory) -> None:
    _note(jeanne, cast["moreau"])
    assert queries.to_copy(reader=read_as(cast["moreau"])) == []
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder="", minutes=60)
    assert queries.to_copy(reader=read_as(cast["moreau"])) == []
    note = _note(jeanne, cast["moreau"])
    (row,) = queries.to_copy(reader=read_as(cast["moreau"]))
    assert (row.patient, row.count) == (jeanne, 1)
    (one,) = queries.written(jeanne, reader=read_as(cast["moreau"]))
    assert (one.id, one.copied, one.text) == (note, False, "=Toux depuis deux jours")


def test_a_tick_takes_it_off_and_may_be_taken_back(jeanne: UUID, on: Path, cast: Mapping[str, Actor], read_as: Read) -> None:
    note = _note(jeanne, cast["moreau"])
    actions.tick_copied("note", note, by=cast["benali"])
    assert queries.to_copy(reader=read_as(cast["moreau"])) == []
    actions.tick_copied("note", note, by=cast["benali"], done=False)
    assert len(queries.to_copy(reader=read_as(cast["moreau"]))) == 1


def test_measures_are_listed_too(jeanne: UUID, on: Path, cast: Mapping[str, Actor], read_as: Read) -> None:
    clinical.add_measure(jeanne, by=cast["nadia"], loinc="29463-7", values=[["29463-7", 725, 1]], taken_at=clock.now())
    (one,) = queries.written(jeanne, reader=read_as(cast["moreau"]))
    assert one.kind == "measure"
    assert "72,5" in one.text


@pytest.mark.parametrize("who", ["sophie", "ines", "bruno", "yann"])
def test_who_reads_no_note_sees_none_and_ticks_none(jeanne: UUID, on: Path, cast: Mapping[str, Actor], read_as: Read, who: str) -> None:
    note = _note(jeanne, cast["moreau"])
    try:
        found = queries.to_copy(reader=read_as(cast[who]))
    except Refused:
        found = []
    assert found == []
    with pytest.raises(Refused):
        actions.tick_copied("note", note, by=cast[who])


def test_a_reserved_note_is_not_listed_to_a_colleague(jeanne: UUID, on: Path, cast: Mapping[str, Actor], read_as: Read) -> None:
    note = _note(jeanne, cast["moreau"], sensitive=True)
    assert queries.to_copy(reader=read_as(cast["benali"])) == []
    with pytest.raises(Refused):
        actions.tick_copied("note", note, by=cast["benali"])


def test_the_page_says_the_words_and_runs_none() -> None:
    item = {"title": "Toux", "kind": "Note", "at": "x", "author": "Dr", "text": "=Toux #panic()", "copied": False}
    data = {"title": "À recopier", "practice": "C", "patient": "M", "said": "", "items": [item]}
    made = typesetting.pdf("interop/typst/recopier.typ", data)
    assert made.startswith(b"%PDF")


def _leave(folder: Path, name: str, people: list[export.Someone], *, ago: int = 120) -> None:
    """A file as the other software left it some seconds ago."""
    (folder / name).write_bytes(export.table(people).text.encode("cp1252"))
    then = clock.now().timestamp() - ago
    os.utime(folder / name, (then, then))


def test_the_watched_folder_comes_by_itself_and_only_when_it_changed(on: Path, cast: Mapping[str, Actor],
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(on, "patients.csv", export.crowd(12))
    monkeypatch.setattr(beside, "due", lambda last, minutes: True)
    monkeypatch.setattr("permanence.interop.watching.due", lambda last, minutes: True)
    watcher = Watcher()
    assert watcher.tick()
    assert Patient.objects.count() == 12
    assert not watcher.tick()
    assert Run.objects.count() == 1
    _leave(on, "plus.csv", export.crowd(14))
    assert watcher.tick()
    assert Patient.objects.count() == 14


def test_an_export_never_touches_what_was_written_here(on: Path, cast: Mapping[str, Actor], read_as: Read,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    people = export.crowd(5)
    _leave(on, "patients.csv", people)
    monkeypatch.setattr("permanence.interop.watching.due", lambda last, minutes: True)
    watcher = Watcher()
    watcher.tick()
    mine = Patient.objects.get(birth_name=people[0].surname, birth_date=people[0].born).id
    note = _note(mine, cast["moreau"])
    people[0].mobile = "0699999999"
    _leave(on, "patients.csv", people)
    watcher.tick()
    assert Patient.objects.get(id=mine).mobile == "0699999999"
    assert [one.id for one in queries.written(mine, reader=read_as(cast["moreau"]))] == [note]


def test_one_step_makes_it_the_main_software(jeanne: UUID, on: Path, cast: Mapping[str, Actor], read_as: Read,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    _note(jeanne, cast["moreau"])
    actions.become_main(by=cast["moreau"])
    assert queries.to_copy(reader=read_as(cast["moreau"])) == []
    monkeypatch.setattr("permanence.interop.watching.due", lambda last, minutes: True)
    _leave(on, "patients.csv", export.crowd(3))
    assert not Watcher().tick()
    with pytest.raises(Refused):
        actions.become_main(by=cast["moreau"])


@pytest.mark.parametrize("who", ["petit", "sophie", "nadia", "yann"])
def test_only_a_titulaire_sets_it(folder: Path, cast: Mapping[str, Actor], who: str) -> None:
    with pytest.raises(Refused):
        actions.watch_beside(by=cast[who], source="Ancien", folder="", minutes=60)
    with pytest.raises(Refused):
        actions.become_main(by=cast[who])
    assert not Filet.objects.exists()


def test_the_folder_is_not_looked_at_before_its_time() -> None:
    now = clock.now()
    assert beside.due(None, 60)
    assert not beside.due(now - datetime.timedelta(minutes=59), 60)
    assert beside.due(now - datetime.timedelta(minutes=61), 60)


def test_the_laboratorys_reports_come_from_their_own_folder_as_what_they_are(on: Path, cast: Mapping[str, Actor],
                                                                             tmp_path_factory: pytest.TempPathFactory,
                                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("permanence.interop.watching.due", lambda last, minutes: True)
    laboratory, people = tmp_path_factory.mktemp("labo"), export.crowd(4)
    for twice in (on, on / "labo"):
        twice.mkdir(exist_ok=True)
        with pytest.raises(Refused):  # a report would come twice
            actions.watch_beside(by=cast["moreau"], source="Ancien", folder=str(on), minutes=60, laboratory=str(twice))
    (on / "labo").rmdir()
    actions.watch_beside(by=cast["moreau"], source="Ancien", folder=str(on), minutes=60, laboratory=str(laboratory))
    _leave(on, "patients.csv", people)
    one = people[0]
    for name, words in (("a.pdf", f"Concerne {one.given} {one.surname}, ne(e) le {one.born:%d/%m/%Y}"), ("b.pdf", "HbA1c 7,1 %")):
        (laboratory / name).write_bytes(export.pdf("Laboratoire des Lilas", words))
        os.utime(laboratory / name, (1_700_000_000, 1_700_000_000))
    watcher = Watcher()
    assert watcher.tick()
    [filed] = Document.objects.all()
    assert (filed.type_code, filed.type_label) == ("11502-2", "Compte rendu d’examens biologiques")
    assert Patient.objects.get(id=filed.patient_id).birth_name == one.surname
    [waits] = Issue.objects.filter(kind="file")
    somebody = Patient.objects.get(birth_name=people[1].surname, birth_date=people[1].born).id
    actions.settle_for(waits.id, by=cast["moreau"], patient=somebody)
    assert Document.objects.get(patient_id=somebody).type_code == "11502-2"
    assert not watcher.tick()


# -- a file that is still being written


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Watcher:
    monkeypatch.setattr("permanence.interop.watching.due", lambda last, minutes: True)
    return Watcher()


def test_an_export_still_being_written_is_left_until_it_rests(on: Path, watcher: Watcher) -> None:
    people = export.crowd(6)
    _leave(on, "patients.csv", people[:3], ago=0)
    assert not watcher.tick()
    _leave(on, "patients.csv", people, ago=0)  # longer than at the beat before
    assert not watcher.tick()
    assert not Run.objects.exists()
    assert watcher.tick()
    assert Patient.objects.count() == 6


def test_papers_wait_for_the_table_that_comes_with_them(on: Path, watcher: Watcher) -> None:
    people = export.crowd(2)
    one = people[0]
    paper = on / f"{one.surname} {one.given} {one.born:%d-%m-%Y}.pdf"
    paper.write_bytes(export.pdf("Rien"))
    os.utime(paper, (1, 1))
    _leave(on, "patients.csv", people, ago=0)
    assert not watcher.tick()
    assert watcher.tick()
    assert Document.objects.count() == 1


def test_what_never_rests_does_not_hold_the_others_for_ever(on: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(on, "patients.csv", export.crowd(4))
    for beat in range(4):
        _leave(on, "journal.csv", export.crowd(5 + beat), ago=0)
        if beat == 3:
            monkeypatch.setattr(watching, "PATIENCE", datetime.timedelta())
        assert watcher.tick() is (beat == 3)
    assert Patient.objects.count() == 4


# -- a link put in the place of a file


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="the platform follows links")
@pytest.mark.parametrize("name", ["patients.csv", "scan.pdf", "volet.xml"])
def test_a_link_put_in_the_place_of_a_listed_file_is_not_read(on: Path, cast: Mapping[str, Actor], tmp_path_factory: pytest.TempPathFactory,
                                                              name: str) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_bytes(export.table(export.crowd(3)).text.encode("cp1252") if name.endswith("csv") else export.pdf("Secret"))
    (on / name).write_bytes(b"x;y\n1;2\n")
    inbox = of_folder(on)
    (on / name).unlink()
    (on / name).symlink_to(secret)
    mover = actions.Mover(inbox, by=cast["moreau"], source="Ancien")
    for _ in mover.go():
        pass
    assert not Patient.objects.exists()
    assert not Document.objects.exists()
    assert any("illisible" in told.text for told in mover.report.told)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipe")
def test_a_pipe_put_in_the_place_of_a_listed_file_does_not_hold_the_import(on: Path) -> None:
    (on / "patients.csv").write_bytes(b"x")
    [entry] = of_folder(on).entries
    (on / "patients.csv").unlink()
    os.mkfifo(on / "patients.csv")
    with pytest.raises(OSError, match="regular"):
        entry.read(10)
