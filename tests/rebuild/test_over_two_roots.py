"""The practice changed its root twice: a new machine, from the paper and the relay, from an older copy, or by a code, opens all of it."""

from pathlib import Path

import pytest

from permanence.accounts import unlocking
from permanence.accounts.actions import slots
from permanence.journal import keys_in, vault
from permanence.journal.doors import Refused
from permanence.journal.folder import Folder
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.sync import joining, pairing, rebuilding, roots
from permanence.sync.models import Root
from tests.rebuild.practices import CONSOLE, SHEET, Cabinet, opened, person, quiet, rebuilt, tables, talk
from tests.rebuild.test_from_the_sheet_and_a_copy import MACHINES, copied, without_machines
from tests.rebuild.test_from_the_sheet_and_the_relay import allergy


def shut_out(here: Folder, cabinet: Cabinet) -> None:
    """Somebody's way to open this machine is taken away; then people work."""
    slot = unlocking.let_open(here, suite.x25519_pair()[0], "machine", by=CONSOLE)
    before = here.keys.root
    slots.remove_slots([slot], by=CONSOLE)
    assert here.keys.root != before
    person(cabinet.cast["moreau"], "NOUVEAU", f"Racine{Root.objects.count()}")
    allergy("Iode")(here, cabinet)


def test_the_paper_and_the_relay(cabinet: Cabinet, tmp_path: Path) -> None:
    for _ in range(2):
        cabinet.work(shut_out)
    _, dump = rebuilt(cabinet, tmp_path / "neuf")
    assert dump == cabinet.dump
    with opened(tmp_path / "neuf", cabinet.practice, SHEET) as here:
        roots.tend(here)  # it is one of the practice's machines, and is told the next root
        talk(here, cabinet.base)
        here_now = vault.current().root
    cabinet.work(lambda office, cabinet: roots.tend(office))
    with cabinet.open():
        assert vault.current().root == here_now
    cabinet.work(shut_out)
    with opened(tmp_path / "neuf", cabinet.practice, SHEET) as here:
        talk(here, cabinet.base)
        roots.tend(here)
        assert vault.current().root != here_now
        assert rebuilding.verified(here).absent == 0
        talk(here, cabinet.base)
        new = tables()
    cabinet.work()
    assert cabinet.dump == new


def test_a_relay_that_keeps_a_later_key_back_is_found(cabinet: Cabinet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet.work(shut_out)
    with cabinet.open():
        (later,) = run("default", "SELECT commitment FROM journal_key WHERE label = 'patient' AND ref = ? ORDER BY made DESC",
                       cabinet.jeanne.bytes).fetchone()  # fmt: skip
    offered, found = keys_in.offered, rebuilding.find(cabinet.address, SHEET)
    monkeypatch.setattr(keys_in, "offered", lambda sealed: {one: row for one, row in offered(sealed).items() if one != later})
    with rebuilding.begin(tmp_path / "neuf", found, SHEET, hosts=["a.cabinet.example"]) as here:
        rebuilding.fetch(here, found.base, found.speaks, quiet, floor=found.deposit.held)
        with pytest.raises(Refused, match="attendent une clé"):
            rebuilding.verified(here)


def test_a_copy_of_before_and_the_relay(cabinet: Cabinet, tmp_path: Path) -> None:
    copy = copied(cabinet, tmp_path / "disque")
    for _ in range(2):
        cabinet.work(shut_out)
    found = rebuilding.find(cabinet.address, SHEET)
    with rebuilding.from_copy(tmp_path / "sans", copy, SHEET, speaks=True) as here:
        rebuilding.fetch(here, found.base, found.speaks, quiet, floor=found.deposit.held)
        with pytest.raises(Refused, match="attendent une clé"):
            rebuilding.verified(here)
    with rebuilding.from_copy(tmp_path / "neuf", copy, SHEET, speaks=True, later=found.deposit.keys) as here:
        rebuilding.fetch(here, found.base, found.speaks, quiet, floor=found.deposit.held)
        rebuilding.verified(here)
        assert {name: tables()[name] for name in cabinet.dump if name not in MACHINES} == without_machines(cabinet.dump)
        assert vault.current().root == found.deposit.keys.root


def test_a_machine_that_joins_by_a_code(cabinet: Cabinet, tmp_path: Path) -> None:
    fresh = joining.Fresh.new()
    with cabinet.open() as here:
        shut_out(here, cabinet)
        shown = pairing.codes.show(name="Portable", kind="laptop", host="portable.cabinet.example", by=CONSOLE)
        given = joining.Practice.decode(joining.invite(here, shown, fresh.told(), base="https://bureau.cabinet.example/").encode())
        former = vault.current().roots
    assert given.keys.roots == former != {}
    cabinet.work()
    joining.make(tmp_path / "portable", given, fresh, hosts=["portable.cabinet.example"]).close()
    with opened(tmp_path / "portable", cabinet.practice, SHEET) as here:
        talk(here, cabinet.base)
        assert rebuilding.verified(here).absent == 0
        assert tables() == cabinet.dump
