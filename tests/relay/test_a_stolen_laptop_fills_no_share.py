"""A laptop's key in a thief's hands, before it is revoked: whatever it sends, the other machines have room."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from permanence.journal.exchange import Result
from permanence.journal.messages import Segment
from permanence.journal.peers import Peer, Refused
from permanence.lib import suite
from permanence.relay import shares
from tests.relay.authors import Author, batch, new_id
from tests.relay.serving import ROOT, Relay

KEPT = {"most_bytes": 4_000_000, "most_entries": 800, "most_blobs": 80}
BLOB, MANY = 20_000, 2_000  # bytes of one file; of what nobody may add without end


class Stolen:
    """A practice with an office, another laptop, and the key that the thief has."""

    def __init__(self, relay: Relay, kind: str = "laptop") -> None:
        self.practice, self.office = relay.member(most=KEPT)
        self.thief, self.laptop = self.named(relay, kind), self.named(relay, "laptop")

    def named(self, relay: Relay, kind: str) -> Peer:
        secret = suite.signing_pair()[1]
        self.office.add_key(secret[32:], kind)
        return relay.peer(self.practice, secret)


def entries(practice: bytes, peer: Peer, number: int) -> None:
    author = Author(practice)
    peer.push(batch(author, author.write(20)))


def keys_alone(practice: bytes, peer: Peer, number: int) -> None:
    peer.push(batch(Author(practice), [], b"%d" % number + bytes(BLOB)))


def files(practice: bytes, peer: Peer, number: int) -> None:
    data = b"%d" % number + bytes(BLOB)
    peer.put_blob(suite.sha256(data), data)


def small_files(practice: bytes, peer: Peer, number: int) -> None:
    data = b"%d" % number
    peer.put_blob(suite.sha256(data), data)


def reads(practice: bytes, peer: Peer, number: int) -> None:
    peer.put_segment(Segment(new_id(), 1, 9), b"%d" % number + bytes(BLOB))


def records(practice: bytes, peer: Peer, number: int) -> None:
    peer.put_seal(new_id(), bytes(BLOB))


def strange_entries(practice: bytes, peer: Peer, number: int) -> None:
    """Entries of another practice: kept as evidence."""
    author = Author(new_id())
    author.write(50, "x" * 60)
    peer.push(batch(Author(practice), author.entries))


@pytest.fixture
def stolen(relay: Relay) -> Stolen:
    return Stolen(relay)


def sent_until_refused(practice: bytes, peer: Peer, send: Callable[[bytes, Peer, int], None], most: int = 400) -> Refused | None:
    for number in range(most):
        try:
            send(practice, peer, number)
        except Refused as refused:
            return refused
    return None


@pytest.mark.parametrize("send", [entries, keys_alone, files, small_files, reads, records])
def test_it_stops_long_before_the_share_is_full(stolen: Stolen, send: Callable[[bytes, Peer, int], None]) -> None:
    refused = sent_until_refused(stolen.practice, stolen.thief, send)
    assert refused is not None
    assert (refused.status, refused.code) == (507, "quota")
    assert "révoquez-le" in refused.sentence
    status = stolen.office.status()
    assert status.used_bytes <= KEPT["most_bytes"] / shares.PART
    for other in (stolen.laptop, stolen.office):
        for one in (entries, files, records):
            one(stolen.practice, other, MANY)
            one(stolen.practice, other, MANY + 1)


def test_all_at_once_leave_the_practice_most_of_its_share(stolen: Stolen) -> None:
    for send in (entries, keys_alone, files, small_files, reads, records, strange_entries):
        sent_until_refused(stolen.practice, stolen.thief, send, most=60)
    assert stolen.office.status().used_bytes <= KEPT["most_bytes"] / shares.PART
    author = Author(stolen.practice)
    author.write(600)
    for at in range(0, 600, 200):
        pushed = stolen.office.push(batch(author, author.entries[at:at + 200]))
        assert {one.result for one in pushed.outcomes} == {Result.ACCEPTED}


def test_it_leaves_room_for_the_chains_of_the_practice_s_machines(relay: Relay) -> None:
    stolen = Stolen(relay)
    for at in range(shares.MOST_CHAINS // shares.PART // 25):
        authors = [Author(stolen.practice) for _ in range(25)]
        verdicts = stolen.thief.put_heads([one.shown() for one in authors if one.write()])
        assert {one.verdict for one in verdicts} == {"accepted"}, at
    with pytest.raises(Refused, match="507 quota"):
        entries(stolen.practice, stolen.thief, 0)
    another = Author(stolen.practice)
    another.write()
    with pytest.raises(Refused, match="507 quota"):
        stolen.thief.put_heads([another.shown()])
    assert stolen.office.put_heads([another.shown()])[0].verdict == "accepted"
    entries(stolen.practice, stolen.laptop, 0)


def test_what_it_brings_aside_hides_no_other_evidence(stolen: Stolen) -> None:
    for _ in range(6):
        strange_entries(stolen.practice, stolen.thief, 0)
    author = Author(stolen.practice)
    author.write(3)
    stolen.office.push(batch(author))
    stolen.office.put_heads([author.shown()])
    assert stolen.office.put_heads([author.fork(2).shown(0)])[0].verdict == "rollback"
    assert len(stolen.office.aside()) == shares.MOST_ASIDE // shares.PART + 1


def test_the_last_of_the_share_is_for_the_machines_that_stay(stolen: Stolen) -> None:
    for number in range(KEPT["most_blobs"] - KEPT["most_blobs"] // shares.LAST):
        small_files(stolen.practice, stolen.office, number)
    with pytest.raises(Refused, match="507 quota") as caught:
        small_files(stolen.practice, stolen.laptop, MANY)
    assert "demandez plus de place" in caught.value.sentence
    entries(stolen.practice, stolen.laptop, 0)  # of these there is room
    small_files(stolen.practice, stolen.office, MANY)


def test_what_it_left_and_replaces_gives_it_nothing_back(stolen: Stolen) -> None:
    """Nor the office's record that it takes away: its own part never grows by it."""
    replica = new_id()
    stolen.office.put_seal(replica, bytes(BLOB))
    for _ in range(KEPT["most_bytes"] // shares.PART // BLOB - 1):
        stolen.thief.put_seal(replica, b"")
        stolen.thief.put_seal(replica, bytes(BLOB))
    stolen.thief.put_seal(replica, b"")
    sent = sent_until_refused(stolen.practice, stolen.thief, files)
    assert sent is not None
    assert stolen.office.status().used_bytes <= KEPT["most_bytes"] / shares.PART
    assert stolen.office.status().used_bytes < 3 * BLOB


def test_asking_the_same_again_counts_nothing(stolen: Stolen) -> None:
    author = Author(stolen.practice)
    author.write(90)
    for _ in range(5):
        stolen.laptop.push(batch(author, keys=b"keys"))
        files(stolen.practice, stolen.laptop, 1)
        stolen.laptop.put_seal(author.replica, bytes(200_000))
        stolen.laptop.put_heads([author.shown()])
    assert stolen.office.status().entries == 90


def test_alone_with_a_code_a_laptop_has_the_whole_share_until_a_machine_that_stays_is_there(relay: Relay) -> None:
    """The office burnt, and a laptop that has everything enters another relay."""
    practice = new_id()
    laptop = relay.peer(practice)
    laptop.register(relay.code(most=KEPT), "laptop")
    for number in range(20):
        entries(practice, laptop, number)
    office = relay.peer(practice)
    office.register(relay.code(practice=practice), "office")
    for number in range(5):
        entries(practice, laptop, number)
    with pytest.raises(Refused, match="507 quota") as caught:
        entries(practice, laptop, 5)
    assert "révoquez-le" in caught.value.sentence
    entries(practice, office, 6)


def test_counting_costs_no_statement(tmp_path: Path) -> None:
    """A push of a laptop's runs those of the office's: what it adds stands in the row that is read and written anyway."""
    said = subprocess.run([sys.executable, "-m", "tests.relay.statements", str(tmp_path)], cwd=ROOT, text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}, check=False)  # fmt: skip
    assert said.returncode == 0, said.stderr[-2000:]
    office, laptop = (one.split(": ") for one in said.stdout.split("\n")[:2])
    assert (office[0], laptop[0]) == ("office", "laptop")
    assert laptop[1] == office[1]
    assert len(office[1].split()) == 9


def test_on_sqlite_too(small: Relay) -> None:
    stolen = Stolen(small, "limited")
    for send in (entries, files, records):
        assert sent_until_refused(stolen.practice, stolen.thief, send) is not None
        send(stolen.practice, stolen.office, MANY)


