"""A machine is heard because the recovery sheet in service named it: no stranger, no revoked machine, no former sheet can do that."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from permanence.accounts.actions import slots
from permanence.accounts.queries import sheets
from permanence.journal import keyring, vault
from permanence.journal.doors import Actor
from permanence.lib import suite
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries, rules
from tests.sync.machines import Machine, Machines, anybody, pull
from tests.sync.practice_life import Two, reader
from tests.testapp import actions as written
from tests.testapp.models import Person

SHEET, OTHER = bytes(range(20)), bytes(range(1, 21))
CONSOLE, SYNC = Actor.machine("console"), Actor.machine("sync")


@pytest.fixture
def office(two: Two) -> Machine:
    """The machine that made the practice, with its sheet."""
    with two.a:
        slots.record_slot(uuid4(), kind="sheet", sheet=keyring.sheet_keys(SHEET, vault.current().practice), by=CONSOLE)
        actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=b"t" * 32, box=b"b" * 32, by=SYNC)
    return two.a


def named(machine: Machine, vouched: bytes | None) -> None:
    """Its first entry."""
    with machine:
        actions.introduce_oneself(name="Neuf", kind="office", hosts=["neuf"], transport=b"n" * 32, box=b"x" * 32, vouched=vouched, by=SYNC)
        written.register(by=anybody(), family="NEUF")


def signed(machine: Machine, secret: bytes) -> bytes:
    """What that sheet says of this machine."""
    with machine:
        v = vault.current()
        return suite.sign(rules.BY_SHEET + v.practice + v.verify_key, keyring.sheet_voucher(secret, v.practice))


def heard(office: Machine, new: Machine) -> bool:
    pull(office, new, judge=queries.standing)
    with office:
        return Person.objects.filter(family="NEUF").exists()


def replace_sheet(office: Machine) -> None:
    with office:
        former = [sheet.slot for sheet in sheets()]
        slots.record_slot(uuid4(), kind="sheet", sheet=keyring.sheet_keys(OTHER, vault.current().practice), by=CONSOLE)
        vault.use(replace(vault.current(), folder=None))  # no seal record lies there
        slots.remove_slots(former, by=CONSOLE)


def test_the_sheet_in_service_names_a_machine_that_everybody_hears(office: Machine, two: Two, machines: Machines) -> None:
    new = machines.new()
    named(new, signed(new, SHEET))
    assert heard(office, new)
    replace_sheet(office)  # it is used up after that: who was named stays
    with new:
        written.register(by=anybody(), family="ENSUITE")
    pull(office, new, judge=queries.standing)
    pull(two.b, office)
    with office:
        assert Person.objects.filter(family="ENSUITE").exists()
        assert UUID(bytes=new.replica) in dict(queries.told())
        assert [one.name for one in queries.machines(reader=reader(two.cast["moreau"])) if one.by_sheet] == ["Neuf"]
    with two.b:
        assert Person.objects.filter(family="ENSUITE").exists()


@pytest.mark.parametrize("by", ["nobody", "another sheet", "a former sheet", "another machine's word", "the root"])
def test_nothing_else_does(office: Machine, machines: Machines, by: str) -> None:
    new = machines.new()
    if by == "a former sheet":
        replace_sheet(office)
    with new:
        v = vault.current()
        said = rules.BY_SHEET + v.practice + v.verify_key
        rooted = suite.sign(said, suite.signing_pair(_seed=v.root)[1])  # who was revoked still has the root, and every key
    word = {"nobody": None, "another sheet": signed(new, OTHER), "a former sheet": signed(new, SHEET),
            "another machine's word": signed(machines.new(), SHEET), "the root": rooted}[by]  # fmt: skip
    named(new, word)
    assert not heard(office, new)
    with office:
        aside = run("default", "SELECT count(*) FROM journal_quarantined WHERE replica = ?", new.replica).fetchone()[0]
        assert aside == 2 or by == "nobody"
        assert UUID(bytes=new.replica) not in dict(queries.told())


def test_one_that_was_revoked_goes_on_under_no_other_id(office: Machine, machines: Machines, two: Two) -> None:
    new = machines.new()
    named(new, signed(new, SHEET))
    assert heard(office, new)
    with office:
        actions.revoke_replica(UUID(bytes=new.replica), by=two.cast["moreau"])
    with new:
        former, secret = vault.current().replica, vault.current().signing
    new.renew()
    with new:
        key = vault.current().verify_key
        actions.introduce_oneself(name="Neuf", kind="office", hosts=["neuf"], transport=b"n" * 32, box=b"x" * 32,
                                  succeeds=UUID(bytes=former), vouched=suite.sign(rules.LABEL + key, secret), by=SYNC)  # fmt: skip
        written.register(by=anybody(), family="ENCORE")
    pull(office, new, judge=queries.standing)
    with office:
        assert not Person.objects.filter(family="ENCORE").exists()
