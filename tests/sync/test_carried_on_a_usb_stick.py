"""A file carried between two machines does what a direct exchange does; changed, cut, foreign or stolen, it harms nothing and says so."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from drill import hand
from permanence.accounts import permissions
from permanence.consultations import actions as clinical
from permanence.consultations.models import Allergy, Note
from permanence.documents import actions as documents
from permanence.journal import arrival, blobs, parcel, registry, vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.seal import Transport
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run
from permanence.patients import actions as patients
from permanence.sync import actions, carrying, queries
from permanence.sync.models import Carried
from tests.sync.machines import Machine, Machines, pull
from tests.sync.practice_life import Two, reader

CONSOLE = Actor.machine("console")


@dataclass
class Here:
    """A folder as far as a file needs one."""

    path: Path

    @property
    def seal_path(self) -> Path:
        return self.path / "seal"


def seal_of(machine: Machine) -> Transport:
    (machine.folder / "seal").mkdir(exist_ok=True)
    Transport.new().save(machine.folder / "seal")
    return Transport.load(machine.folder / "seal")


@pytest.fixture
def both(two: Two) -> Two:
    """Both know of each other, as pairing leaves them, and have been cut since."""
    with two.a:
        key, transport = vault.current().verify_key, seal_of(two.a)
        actions.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=transport.verify_key, box=transport.public,
                                  by=Actor.machine("sync"))  # fmt: skip
    with two.b:
        key, transport = vault.current().verify_key, seal_of(two.b)
    with two.a:
        keys = {"verify": key, "transport": transport.verify_key, "box": transport.public}
        actions.add_replica(id_of(two.b), keys, name="Portable", kind="laptop", hosts=["portable"], by=two.cast["moreau"])
    two.agree()
    return two


def id_of(machine: Machine) -> UUID:
    return UUID(bytes=machine.replica)


def written(at: Machine, *, to: Machine | None = None, whole: bool = False, by: Actor = CONSOLE) -> bytes:
    with at:
        going = carrying.prepare(to=id_of(to) if to else None, whole=whole, by=by)
        return b"".join(carrying.pieces(at.folder, going, by=by))


def taken(at: Machine, data: bytes, *, by: Actor = CONSOLE, step: int = 7001) -> Carried:
    with at:
        id = carrying.Taking(Here(at.folder), by=by).all_of(data[n:n + step] for n in range(0, len(data), step))  # type: ignore[arg-type]
        found: Carried = Carried.objects.get(pk=id)
        permissions.forget()
        return found


def dump(at: Machine) -> tuple[dict[str, str], dict[tuple[bytes, int], int]]:
    with at:
        return hand.tables(), {place: size for place, size in arrival.held().items()}


def a_day_apart(two: Two) -> None:
    """Both write: the same file, a note, a scan."""
    with two.a:
        clinical.add_allergy(two.jeanne, by=two.cast["moreau"], fields={"substance": "latex", "reaction": "urticaire"})
        documents.keep_original(two.jeanne, b"%PDF scan", by=two.cast["moreau"], title="Scan du genou", mime="application/pdf")
        patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"mobile": "0601020304"})
    with two.b:
        clinical.sign_note(two.jeanne, by=two.cast["petit"], fields={"motif": "Visite", "text": "Chute sans gravité."})
        patients.amend_identity(two.jeanne, by=two.cast["sophie"], changes={"mobile": "0699999999"})


def test_both_ways_on_a_stick_equal_a_direct_exchange(both: Two, machines: Machines, tmp_path: Path) -> None:
    a_day_apart(both)
    direct = Two(both.a.copy(tmp_path / "a2"), both.b.copy(tmp_path / "b2"), both.cast, both.jeanne)
    machines.all += [direct.a, direct.b]
    for here, there in ((direct.a, direct.b), (direct.b, direct.a)):
        pull(here, there, judge=queries.standing)
    there = taken(both.b, written(both.a))
    back = taken(both.a, written(both.b, to=both.a))
    assert (there.whole, back.whole, there.why, back.why) == (True, True, "", "")
    assert (there.aside, there.stuck, back.aside, back.stuck) == (0, 0, 0, 0)
    assert there.replica == id_of(both.a)
    assert dump(both.a) == dump(both.b) == dump(direct.a) == dump(direct.b)
    assert (there.files, there.absent) == (1, 0)
    assert there.to_settle == 1
    with both.b:
        assert all(blobs.exists(both.b.folder, hash) for hash in registry.cited_blobs())


def test_once_more_changes_nothing(both: Two) -> None:
    a_day_apart(both)
    data = written(both.a, to=both.b)
    first, before = taken(both.b, data), dump(both.b)
    again = taken(both.b, data)
    assert first.entries > 0
    assert (again.entries, again.files, again.known) == (0, 0, first.entries + first.known)
    assert dump(both.b) == before


def test_only_what_it_lacks_goes_once_it_has_said_what_it_has(both: Two) -> None:
    """Never reached since: the first file holds everything, and tells its reader what its writer has; the answer is small."""
    a_day_apart(both)
    everything = written(both.a, to=both.b)
    taken(both.b, everything)
    answer = written(both.b, to=both.a)
    with both.b:
        mine = run("default", "SELECT count(*) FROM journal_entry WHERE replica = ?", both.b.replica).fetchone()[0]
        assert Carried.objects.get(out=True).entries <= mine
        (target,) = queries.targets(reader=reader(both.cast["sophie"]))
        assert (target.name, target.sure) == ("Bureau", True)
    assert len(answer) * 3 < len(everything)
    back = taken(both.a, answer)
    assert (back.stuck, back.whole) == (0, True)
    assert dump(both.a) == dump(both.b)
    whole = written(both.b, to=both.a, whole=True)
    assert len(whole) > len(answer) * 3


def test_the_last_talk_says_what_it_lacks(both: Two) -> None:
    with both.a:
        newest = run("default", "SELECT max(id) FROM journal_entry").fetchone()[0]
        peer = actions.remember_peer("https://portable.x/", replica=id_of(both.b))
        actions.record_talk(peer, given_until=newest)
        documents.keep_original(both.jeanne, b"%PDF one", by=both.cast["moreau"], title="Un", mime="application/pdf")
    small = written(both.a, to=both.b)
    with both.a:
        one = Carried.objects.get(out=True)
        assert (one.entries, one.files) == (1, 1)  # its note of the file goes with the file
    found = taken(both.b, small)
    assert (found.entries, found.stuck, found.absent) == (1, 0, 0)


def test_what_is_missing_before_is_said(both: Two) -> None:
    a_day_apart(both)
    with both.a:
        newest = run("default", "SELECT max(id) FROM journal_entry").fetchone()[0]
        peer = actions.remember_peer("https://portable.x/", replica=id_of(both.b))
        actions.record_talk(peer, given_until=newest)  # it was put back since, and lacks what it once had
        clinical.add_allergy(both.jeanne, by=both.cast["moreau"], fields={"substance": "iode"})
    found = taken(both.b, written(both.a, to=both.b))
    assert found.stuck > 0
    assert (found.entries, found.why) == (0, "")
    assert taken(both.b, written(both.a, to=both.b, whole=True)).stuck == 0
    with both.b:
        assert {one.substance for one in Allergy.objects.all()} == {"latex", "iode"}


# -- attacks


@pytest.fixture
def file(both: Two) -> bytes:
    a_day_apart(both)
    return written(both.a, to=both.b)


def places(data: bytes) -> Iterator[int]:
    """Where each piece begins."""
    at = len(parcel.MAGIC)
    while at < len(data):
        yield at
        at += 4 + int.from_bytes(data[at:at + 4], "big")


def test_a_file_cut_short_is_taken_as_far_as_it_is_whole(both: Two, file: bytes) -> None:
    *_, heads, blob, end = places(file)
    for at, why in ((end, "cut"), (end + 9, "cut"), (blob + 20, "cut"), (heads, "cut"), (5, "cut"), (0, "damaged")):
        found = taken(both.b, file[:at])
        assert (found.whole, found.why) == (False, why)
    with both.b:
        assert [one.substance for one in Allergy.objects.all()] == ["latex"]  # of the piece that was whole
    found = taken(both.b, file)
    assert (found.whole, found.stuck) == (True, 0)


def test_a_changed_byte_is_found_wherever_it_is(both: Two, file: bytes) -> None:
    starts = list(places(file))
    for at in (3, starts[0] + 6, starts[0] + 60, starts[1] + 2, starts[1] + 30, starts[2] + 40, len(file) - 1):
        changed = bytearray(file)
        changed[at] ^= 1
        found = taken(both.b, bytes(changed))
        assert not found.whole
        assert found.why in ("damaged", "cut", "foreign", "not_for_us")
        with both.b:
            assert run("default", "SELECT count(*) FROM journal_quarantined").fetchone()[0] == 0
    assert taken(both.b, file + b"\0").why == "cut"
    swapped = file[:starts[1]] + file[starts[2]:starts[3]] + file[starts[1]:starts[2]] + file[starts[3]:]
    assert taken(both.b, swapped).why == "damaged"
    assert taken(both.b, b"PK\x03\x04" + bytes(5000)).why == "damaged"
    assert taken(both.b, file).whole


def test_a_piece_of_another_file_does_not_fit(both: Two, file: bytes) -> None:
    other = written(both.a, to=both.b)
    mine, theirs = list(places(file)), list(places(other))
    mixed = file[:mine[2]] + other[theirs[2]:]
    assert taken(both.b, mixed).why == "damaged"


def test_another_practice_opens_nothing_and_says_so(both: Two, file: bytes) -> None:
    with both.b:
        v = vault.current()
        vault.use(vault.fresh(suite.new_key()[:16], suite.new_key()))
        opened = parcel.Reader(vault.current().practice, vault.current().control, Transport.load(both.b.folder / "seal").private)
        vault.use(v)
    with pytest.raises(parcel.Foreign):
        list(opened.feed(file))


def test_the_file_shows_nothing_to_who_finds_it(both: Two, file: bytes) -> None:
    with both.a:
        v = vault.current()
        names = ["Portable", "Bureau", "MARTIN", "urticaire", "Scan du genou", "Moreau"]  # four letters stand in any noise, some day
        secrets = [v.practice, v.control, v.replica, both.b.replica, both.jeanne.bytes, *(name.encode() for name in names)]
    assert not [one for one in secrets if one in file]
    other = written(both.a, to=both.b)
    head = cbor.loads(file[len(parcel.MAGIC) + 4:len(parcel.MAGIC) + 4 + int.from_bytes(file[len(parcel.MAGIC):][:4], "big")])
    assert head[2] not in other
    assert head[3] not in other


def test_a_machine_revoked_before_it_was_written_opens_nothing(both: Two) -> None:
    """The stolen laptop has every key of the practice but cannot open what was written since."""
    with both.a:
        joined(both, "Secours")
        actions.revoke_replica(id_of(both.b), by=both.cast["moreau"])
    data = written(both.a)
    assert taken(both.b, data).why == "not_for_us"
    with both.a, pytest.raises(Refused):
        carrying.prepare(to=id_of(both.b), by=CONSOLE)


def joined(both: Two, name: str) -> UUID:
    """One more machine, that the practice hears."""
    transport, (key, _) = Transport.new(), suite.signing_pair()
    id = UUID(bytes=suite.replica_id(key))
    keys = {"verify": key, "transport": transport.verify_key, "box": transport.public}
    actions.add_replica(id, keys, name=name, kind="spare", hosts=["secours"], by=both.cast["moreau"])
    return id


def test_what_a_revoked_machine_wrote_is_kept_aside_as_ever(both: Two) -> None:
    with both.a:
        actions.revoke_replica(id_of(both.b), by=both.cast["moreau"])
    with both.b:
        clinical.sign_note(both.jeanne, by=both.cast["petit"], fields={"motif": "Visite", "text": "Après."})
    found = taken(both.a, written(both.b, to=both.a))
    assert found.aside > 0
    with both.a:
        assert Note.objects.count() == 0
        assert queries.kept_aside(id_of(both.b), reader=reader(both.cast["moreau"]))


def test_two_stories_of_one_machine_are_told(both: Two, tmp_path: Path, machines: Machines) -> None:
    fork = both.a.copy(tmp_path / "fork")
    shutil.copytree(both.a.folder / "seal", fork.folder / "seal")
    machines.all.append(fork)
    for at, substance in ((both.a, "latex"), (fork, "iode")):
        with at:
            clinical.add_allergy(both.jeanne, by=both.cast["moreau"], fields={"substance": substance})
    taken(both.b, written(both.a, to=both.b))
    assert taken(both.b, written(fork, to=both.b)).lies > 0
    with both.b:
        assert queries.talks().lies == 1


def test_every_member_may_carry_and_nobody_who_left(both: Two) -> None:
    data = b""
    for who in ("moreau", "sophie", "nadia", "petit", "ines", "yann"):
        data = written(both.a, to=both.b, by=both.cast[who])
    assert taken(both.b, data, by=both.cast["sophie"]).member == both.cast["sophie"].member
    stranger = Actor(UUID(int=12345), session=UUID(int=2))
    for at, act in ((both.a, lambda: carrying.prepare(to=None, by=stranger)),
                    (both.b, lambda: carrying.Taking(Here(both.b.folder), by=stranger))):  # type: ignore[arg-type]
        with at, pytest.raises(Refused):
            act()
    with both.a, clock.override(offset=timedelta(days=4000)):
        permissions.forget()
        with pytest.raises(Refused):
            carrying.prepare(to=None, by=both.cast["petit"])
    permissions.forget()


def test_a_machine_alone_has_nobody_to_write_for(machines: Machines) -> None:
    one = machines.new()
    with one, pytest.raises(Refused):
        carrying.prepare(to=None, by=CONSOLE)


def test_nobody_says_for_another_machine_that_it_lacks_nothing(both: Two) -> None:
    """Whoever was revoked knows the practice's keys: a stick of theirs would have the next one leave empty, in the middle of a cut."""
    a_day_apart(both)
    with both.b:
        v, boxes = vault.current(), list(queries.boxes().values())
        made = parcel.Writer(v.practice, v.control, boxes)
        all_of_it = [[both.a.replica, stream, 10**6] for stream in (1, 2)]
        about = {1: 1, 2: v.replica, 3: 0, 4: sorted(all_of_it)}
        false = made.head + b"".join(made.piece(parcel.Kind.ABOUT, cbor.dumps({**about, **more})) for more in ({}, {5: bytes(64)}))
    taken(both.a, false)
    with both.a:
        assert queries.holdings([id_of(both.b)]).get(id_of(both.b), {}) != {(both.a.replica, stream): 10**6 for stream in (1, 2)}
    taken(both.b, written(both.a, to=both.b))
    with both.b:
        assert Allergy.objects.filter(substance="latex").exists()
