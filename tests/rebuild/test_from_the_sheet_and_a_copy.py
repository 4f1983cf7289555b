"""From a copy and the paper: all that the copy held, under a new id; with the relay, also what was written after it."""

from pathlib import Path
from uuid import UUID

from permanence.consultations import actions as clinical
from permanence.journal import actions as journal
from permanence.journal import backup, vault, verify, writer
from permanence.journal.folder import Folder
from permanence.lib.sqlcipher import run
from permanence.sync import rebuilding
from permanence.sync.models import Replica
from tests.rebuild.practices import CONSOLE, SHEET, Cabinet, opened, person, quiet, tables, talk

MACHINES = ("sync_replica", "journal_objectstate")  # a machine put back is one more


def copied(cabinet: Cabinet, copies: Path) -> Path:
    copies.mkdir()
    with cabinet.open() as here:
        cabinet.dump = tables()
        for alias in ("default", "access"):  # as after each night: signed by the machine that is copied
            writer.current(alias).run_job(lambda alias=alias: verify.keep_checkpoints(alias))
        return backup.make(here, here.keys, copies)


def without_machines(dump: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in dump.items() if name not in MACHINES}


def test_a_copy_alone_gives_all_that_it_held(cabinet: Cabinet, tmp_path: Path) -> None:
    copy = copied(cabinet, tmp_path / "disque")
    with rebuilding.from_copy(tmp_path / "neuf", copy, SHEET, speaks=False) as here:
        outcome = rebuilding.verified(here)
        assert without_machines(tables()) == without_machines(cabinet.dump)
        assert (outcome.files, outcome.absent) == (1, 0)
        assert (here.seal_path / "tls" / "cert.pem").exists()
        row = Replica.objects.get(id=UUID(bytes=vault.current().replica))
        assert row.succeeds_id is not None  # nobody knows what the machine that was copied wrote since: another id
    with opened(tmp_path / "neuf", cabinet.practice, SHEET):  # once
        assert Replica.objects.get(id=UUID(bytes=vault.current().replica)) == row


def test_a_copy_and_the_relay_give_what_came_after_it_and_erase_what_was_erased(cabinet: Cabinet, tmp_path: Path) -> None:
    by, gone = cabinet.cast["moreau"], UUID(int=0)

    def before(here: Folder, _: Cabinet) -> None:
        nonlocal gone
        gone = person(by, "PARTI", "Léon")

    def after(here: Folder, _: Cabinet) -> None:
        clinical.add_allergy(cabinet.jeanne, by=by, fields={"substance": "Arachide"})
        journal.erase(gone, by=CONSOLE)

    cabinet.work(before)
    copy = copied(cabinet, tmp_path / "disque")
    cabinet.work(after)
    found = rebuilding.find(cabinet.address, SHEET)
    with rebuilding.from_copy(tmp_path / "neuf", copy, SHEET, speaks=True, since=cabinet.path) as here:
        first = run("default", "SELECT kind FROM journal_entry WHERE replica = ? ORDER BY stream, seq LIMIT 1", vault.current().replica)
        assert first.fetchone() == ("sync.replica",)  # before the erasure that is done again: else nobody would hear of it
        rebuilding.fetch(here, found.base, found.speaks, quiet, floor=found.deposit.held)
        rebuilding.verified(here)
        rebuilding.admit(here, found.base, SHEET)
        talk(here, found.base)
        new = tables()
    assert {name: new[name] for name in cabinet.dump if name not in MACHINES} == without_machines(cabinet.dump)
    cabinet.work()
    assert cabinet.dump == new  # the machine that was copied hears the one that was put back, row for row
