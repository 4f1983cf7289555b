"""From nothing but the paper and the relay's address: everything is back, verified, and the other machines hear the new one."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from permanence.accounts import unlocking
from permanence.accounts.queries import sheets
from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy
from permanence.journal import folder, keyring, vault, wire
from permanence.journal.categories import Stream
from permanence.journal.doors import Refused
from permanence.journal.exchange import Asked, Given
from permanence.journal.peers import Peer
from permanence.journal.witness import Shown
from permanence.lib import suite
from permanence.sync import deposits, rebuilding
from permanence.sync.lines import line_to
from permanence.sync.models import Peer as Known
from permanence.sync.models import Told
from tests.rebuild.practices import CONSOLE, SHEET, Cabinet, founded, opened, quiet, rebuilt, tables, talk
from tests.relay.serving import ROOT, Relay

OTHER, THIRD = bytes(range(1, 21)), bytes(range(2, 22))


def allergy(substance: str) -> Callable[[Any, Cabinet], None]:
    return lambda here, cabinet: clinical.add_allergy(cabinet.jeanne, by=cabinet.cast["moreau"], fields={"substance": substance}) and None


def test_everything_is_back_and_both_machines_go_on(cabinet: Cabinet, tmp_path: Path) -> None:
    outcome, dump = rebuilt(cabinet, tmp_path / "neuf")
    assert dump == cabinet.dump
    assert (outcome.files, outcome.absent) == (1, 0)
    assert "Machine du cabinet" in outcome.others
    with opened(tmp_path / "neuf", cabinet.practice, SHEET) as here:
        assert not Told.objects.exists()
        assert (here.seal_path / "tls" / "cert.pem").exists()
        allergy("Iode")(here, cabinet)
        talk(here, cabinet.base)  # with its own key, no longer the sheet's
        new = tables()
    cabinet.work()  # the office was not lost after all: it hears the new machine
    assert cabinet.dump == new
    with cabinet.open():
        assert "Iode" in Allergy.objects.values_list("substance", flat=True)


def test_nothing_at_the_relay_opens_without_the_paper(cabinet: Cabinet) -> None:
    records = [bytes(record) for (record,) in cabinet.relay.sql("SELECT record FROM relay_seal")]
    assert len(deposits.opened(records, SHEET, cabinet.practice)) >= 1
    assert deposits.opened(records, OTHER, cabinet.practice) == []
    with cabinet.open():
        v = vault.current()
    kept = b"".join(path.read_bytes() for path in cabinet.relay.folder.rglob("*") if path.is_file())
    for secret in (v.root, *v.fixed.values(), v.signing[:32], SHEET, b"bureau.cabinet.example", b"PRIVATE KEY"):
        assert secret not in kept


@pytest.mark.parametrize(("sheet", "address", "code"), [
    (OTHER, "", "sheet"), (SHEET, "http://127.0.0.1:9", "far"), (SHEET, "ftp://relais.example", "address"),
    (SHEET, "http://relais.example", "address")])  # fmt: skip
def test_what_cannot_be_is_said_and_leaves_nothing(cabinet: Cabinet, sheet: bytes, address: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        rebuilding.find(address or cabinet.address, sheet)
    assert refused.value.code == code


def test_a_folder_with_something_in_it_is_never_covered(cabinet: Cabinet, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(folder.NotAPractice):
        rebuilding.begin(tmp_path, rebuilding.find(cabinet.address, SHEET), SHEET, hosts=["a.cabinet.example"])
    assert [path.name for path in tmp_path.iterdir()] == ["photo.jpg"]


# -- a relay that lies


class Less(Peer):
    """It hides the last entries of every record, and what it holds of them."""

    hides, heads_too = 2, False

    def pull(self, asked: Asked) -> Given:
        given = super().pull(asked)
        most = {place: size - self.hides * (place[1] == Stream.RECORD) for place, size in given.held.items()}

        def shown(entry: wire.Sealed) -> bool:
            outer = wire.Outer.decode(entry.outer)
            return outer.seq <= most[outer.replica, outer.stream]

        batches = tuple(replace(batch, entries=tuple(filter(shown, batch.entries))) for batch in given.batches)
        return replace(given, batches=batches, held=most)

    def heads(self) -> list[Shown]:
        return [] if self.heads_too else super().heads()


def lying(monkeypatch: pytest.MonkeyPatch, kind: type[Less], **more: Any) -> None:
    made = type("Made", (kind,), more)
    monkeypatch.setattr(rebuilding, "line_to", lambda base, speaks, context=None: made(base, speaks))


def test_a_relay_that_gives_less_than_was_seen_there_is_refused(cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = rebuilding.find(cabinet.address, SHEET)
    lying(monkeypatch, Less)
    with rebuilding.begin(tmp_path / "neuf", found, SHEET, hosts=["a.cabinet.example"]) as here:
        with pytest.raises(Refused) as refused:
            rebuilding.fetch(here, found.base, found.speaks, quiet, floor=found.deposit.held)
        assert refused.value.code == "withheld"
        fetched = rebuilding.fetch(here, found.base, found.speaks, quiet)  # an older word of what it had would not tell
        assert fetched.ahead > 0  # the heads that it once countersigned do
        lying(monkeypatch, Less, heads_too=True)
        assert rebuilding.fetch(here, found.base, found.speaks, quiet).ahead == 0  # older all through: nobody here can know
        monkeypatch.undo()


def test_what_no_machine_of_the_practice_left_is_taken_away(cabinet: Cabinet) -> None:
    """Who had a key there, and the practice's, seals a word of its own to the sheet: one that « knows more » would come first."""
    verify_key, signing = suite.signing_pair()
    with cabinet.open() as here:
        honest = rebuilding.find(cabinet.address, SHEET).deposit
        false = replace(honest, replica=suite.replica_id(verify_key), verify_key=verify_key, heard=(), held={(bytes(16), 2): 10**9})
        (sheet,) = [one for one in sheets() if one.live]
        with closing(line_to(Known.objects.get(replica=None).base, here)) as line:
            line.put_seal(false.replica, deposits.sealed(false, sheet, signing))
    assert rebuilding.find(cabinet.address, SHEET).deposit.replica == false.replica
    cabinet.work(allergy("Pollens"))
    assert rebuilding.find(cabinet.address, SHEET).deposit.replica == honest.replica


# -- cut anywhere


@pytest.mark.parametrize("steps", [(2, 3), (8, 5)])  # the machine's folder is made; entries come, it is let in
def test_killed_at_any_step_it_goes_on_to_the_same_end(cabinet: Cabinet, tmp_path: Path, steps: tuple[int, ...]) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = None
    for step in (*steps, 0):
        done = subprocess.run(
            [sys.executable, "-m", "tests.rebuild.killed", str(step), "rebuild", "--folder", str(tmp_path / "neuf"), "--relay",
             cabinet.address],
            input=keyring.show_sheet(cabinet.sheet) + "\n", env=environment, cwd=ROOT, capture_output=True, text=True,
            timeout=300, check=False)  # fmt: skip
        assert done.returncode in ((-9, 0) if step else (0,)), (step, done.stdout, done.stderr)  # what is left may have fewer steps
    assert done is not None
    assert "Le cabinet est de retour et vérifié" in done.stdout
    assert "1\u00a0fichier ouvert" in done.stdout
    assert keyring.show_sheet(cabinet.sheet)[:5] not in done.stdout + done.stderr
    assert not (tmp_path / f"neuf{rebuilding.ASIDE}").exists()
    cabinet.work()
    with opened(tmp_path / "neuf", cabinet.practice, SHEET) as here:
        talk(here, cabinet.base)
        assert tables() == cabinet.dump


# -- a sheet that is replaced


def test_a_sheet_that_was_replaced_opens_nothing_at_the_relay_and_the_new_one_everything(small: Relay, tmp_path: Path) -> None:
    alone = founded(tmp_path, small, OTHER)
    alone.work(lambda here, _: unlocking.replace_sheet(here, THIRD, by=CONSOLE))  # alone: it has a new root with it
    with pytest.raises(Refused) as refused:
        rebuilding.find(alone.address, OTHER)
    assert refused.value.code == "sheet"
    (record,) = [bytes(record) for (record,) in small.sql("SELECT record FROM relay_seal WHERE practice = %s", alone.practice)]
    assert deposits.opened([record], OTHER, alone.practice) == []
    alone.sheet = THIRD
    alone.work(allergy("Latex"))
    assert rebuilding.find(alone.address, THIRD).deposit.keys.epoch == 2
    _, dump = rebuilt(alone, tmp_path / "neuf")
    assert dump == alone.dump
