"""What two machines served passes through a relay that they alone share; a relay that loses, swaps or invents is seen."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from permanence.journal import access, gates, merkle, reads_in, segments, vault
from permanence.journal import queries as journal
from permanence.journal.categories import Category, Stream
from permanence.journal.doors import Reader
from permanence.journal.messages import Reads, Segment
from permanence.journal.peers import Peer, Refused
from permanence.journal.witness import Shown
from permanence.lib import suite
from permanence.sync.segments import Trip
from tests.relay.serving import Relay
from tests.sync.machines import Machine, Machines, anybody

PATIENT = UUID(int=77)
REASON = "canari-motif-4711"


@pytest.fixture
def two(template: Path, keys: vault.Vault, tmp_path: Path, django_db_blocker: Any) -> Iterator[tuple[Machine, Machine]]:
    with django_db_blocker.unblock():
        made = Machines(template, keys, tmp_path)
        yield made.new(), made.new()
        made.stop()
        reads_in.forget()
        access.forget()


def look(at: Machine, *, times: int = 1) -> None:
    """Served and cut."""
    with at:
        for _ in range(times):
            reader = Reader(anybody(), [gates.Open()], reason=REASON)
            reader.admit([PATIENT], [Category.IDENTITY])
            access.submit(reader.close()).wait()
        assert segments.cut(closing=True) == 1


def visit(here: Machine, peer: Peer, two: tuple[Machine, Machine]) -> int:
    with here:
        trip = Trip(type("Row", (), {"base": "", "at": ""})(), peer, type("Here", (), {"path": here.folder})())
        trip.go({one.replica: one.vault.verify_key for one in two}, lambda seconds: False)
        return trip.moved


def seen(at: Machine) -> list[UUID]:
    with at:
        return [one.replica for one in journal.readers_of(PATIENT, reader=Reader(anybody(), [gates.Open()]))]


@pytest.fixture
def both(relay: Relay, two: tuple[Machine, Machine], keys: vault.Vault) -> tuple[Peer, Peer]:
    """The way of each to the relay. One practice for all tests of this file: each has replicas of its own."""
    held = relay.sql("SELECT 1 FROM relay_practice WHERE practice = %s", keys.practice)
    first, second = (relay.peer(keys.practice) for _ in two)
    first.register(relay.code(practice=keys.practice if held else None), "office")
    second.register(relay.code(practice=keys.practice), "laptop")
    return first, second


def test_reads_pass_and_the_relay_learns_nothing(relay: Relay, two: tuple[Machine, Machine], both: tuple[Peer, Peer]) -> None:
    a, b = two
    look(a)
    look(b, times=3)
    assert visit(a, both[0], two) == 1
    assert visit(b, both[1], two) == 2
    assert visit(a, both[0], two) == 1
    for machine in two:
        assert sorted(seen(machine)) == sorted([UUID(bytes=a.replica), *[UUID(bytes=b.replica)] * 3])
    assert visit(a, both[0], two) == visit(b, both[1], two) == 0
    files = [path.read_bytes() for path in (relay.folder / "access").rglob("*") if path.is_file()]
    assert len(files) >= 2
    for data in files:
        assert b"canari" not in data
        assert PATIENT.bytes not in data


def test_a_relay_that_loses_or_swaps_is_seen(relay: Relay, two: tuple[Machine, Machine], both: tuple[Peer, Peer],
                                             keys: vault.Vault) -> None:  # fmt: skip
    a, b = two
    for _ in range(3):
        look(b)
        visit(b, both[1], two)
    folder = relay.folder / "access" / keys.practice.hex() / b.replica.hex()
    kept = (folder / "2").read_bytes()
    relay.sql("DELETE FROM relay_segment WHERE practice = %s AND replica = %s AND first = 2", keys.practice, b.replica)
    for false in (b"swapped", kept):  # the second is another one of the same machine, in its place
        (folder / "3").write_bytes(false)
        visit(a, both[0], two)
        assert len(seen(a)) == 1
    relay.sql("UPDATE relay_segment SET hash = %s WHERE practice = %s AND replica = %s AND first = 3", suite.sha256(kept), keys.practice,
              b.replica)  # fmt: skip
    visit(a, both[0], two)  # it is read for what it is, whatever it is called
    assert len(seen(a)) == 2
    with a:
        assert segments.newest()[b.replica].last == 2


def test_a_fork_given_to_the_relay_is_found_by_who_asks(relay: Relay, two: tuple[Machine, Machine], both: tuple[Peer, Peer],
                                                        tmp_path: Path) -> None:  # fmt: skip
    a, b = two
    twin = b.copy(tmp_path / "twin")
    look(b)
    look(twin)
    with b:
        (one,) = segments.beyond(Reads())
        data = segments.bytes_of(b.replica, one.first, one.last)
    with a:
        reads_in.take(data, {b.replica: b.vault.verify_key})  # on the local network
    visit(twin, both[1], two)
    visit(a, both[0], two)
    with a:
        assert segments.stories() == 1
        assert segments.known()[b.replica].forked == 1
    twin.stop()


def test_nobody_takes_the_place_of_another_machines_reads(relay: Relay, two: tuple[Machine, Machine], both: tuple[Peer, Peer]) -> None:
    """What is held is never replaced: who may speak could fill the office's places, and its reads would reach nobody."""
    a, b = two
    look(a)
    with a:
        (one,) = segments.beyond(Reads())
        data = segments.bytes_of(a.replica, one.first, one.last)
    other = segments.Content.decode(data)
    both[0].put_heads([Shown(other.head, a.vault.verify_key)])
    for false in (b"x" * 100, data, replace(other, head=merkle.Head.signed(
            practice=other.practice, replica=a.replica, stream=Stream.ACCESS, size=1_000_000, root=other.head.root, last=other.head.last,
            wall_ms=1, signing=b.vault.signing)).encode()):  # fmt: skip
        with pytest.raises(Refused):
            both[1].put_segment(Segment(a.replica, 1, 1_000_000, len(false), suite.sha256(false)), false)
    assert visit(a, both[0], two) == 1
    assert visit(b, both[1], two) == 1
