"""A share or a disk that is full, a relay that is killed in the middle: nothing by halves, and the same result afterwards."""
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from permanence.journal.exchange import Batch, Result
from permanence.journal.messages import Segment
from permanence.journal.peers import Peer, Refused, Unreachable
from permanence.lib import suite
from tests.relay.authors import Author, batch
from tests.relay.serving import Relay
from tests.relay.test_entries_come_and_go import all_of, entries_of


@pytest.mark.parametrize("most", ["most_bytes", "most_entries"])
def test_a_full_share_refuses_the_whole_batch_and_keeps_what_it_has(relay: Relay, most: str) -> None:
    practice, peer = relay.member(most={most: 40_000 if most == "most_bytes" else 40})
    author = Author(practice)
    peer.push(batch(author, author.write(20)))
    before = peer.status()
    with pytest.raises(Refused, match="507 quota") as caught:
        peer.push(batch(author, author.write(60)))
    assert "demandez plus de place" in caught.value.sentence
    assert peer.status() == before
    assert len(entries_of(all_of(peer))) == 20
    relay.sql(f"UPDATE relay_practice SET {most} = 100000000 WHERE practice = %s", practice)
    assert {outcome.result for outcome in peer.push(batch(author, author.entries[20:])).outcomes} == {Result.ACCEPTED}


def test_a_full_share_takes_no_file(relay: Relay) -> None:
    practice, peer = relay.member(most={"most_blobs": 2})
    for data in (b"one", b"two"):
        peer.put_blob(suite.sha256(data), data)
    with pytest.raises(Refused, match="507 quota"):
        peer.put_blob(suite.sha256(b"three"), b"three")
    with pytest.raises(Refused, match="507 quota"):
        peer.put_segment(Segment(bytes(16), 1, 2), b"three")
    peer.put_blob(suite.sha256(b"one"), b"one")
    assert len([path for path in (relay.folder / "blobs" / practice.hex()).rglob("*") if path.is_file()]) == 2


def test_what_was_refused_for_lack_of_room_never_counts_twice(relay: Relay) -> None:
    _, peer = relay.member()
    data = bytes(1000)
    for _ in range(3):
        peer.put_blob(suite.sha256(data), data)
    assert peer.status().used_bytes == 1000


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A disk of 2 MB. Skips where none can be mounted."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    return folder


def push_all(peer: Peer, author: Author) -> None:
    for at in range(0, len(author.entries), 50):
        peer.push(batch(author, author.entries[at:at + 50]))


def test_a_full_disk_is_said_and_what_is_held_stays(tiny: Path) -> None:
    """The demo's relay: files and tables on the same full disk."""
    relay = Relay(tiny, "").start()
    try:
        practice, peer = relay.member()
        author = Author(practice)
        peer.push(batch(author, author.write(5)))
        refused = []
        for i in range(30):
            data = bytes([i]) * 150_000
            try:
                peer.put_blob(suite.sha256(data), data)
            except Refused as error:
                refused.append((error.status, error.code))
        assert refused
        assert set(refused) == {(507, "disk")}
        author.write(2000, "x" * 1000)
        with pytest.raises(Refused, match="507 disk"):
            push_all(peer, author)
        assert entries_of(all_of(peer))[:5] == author.entries[:5]
        for path in sorted((tiny / "blobs").rglob("*")):
            if path.is_file():
                path.unlink()
        author.entries = author.entries[:300]
        push_all(peer, author)
        assert entries_of(all_of(peer))[:300] == author.entries
    finally:
        relay.stop()
        subprocess.run(["umount", str(tiny)], check=False)


def test_a_relay_killed_in_the_middle_of_pushes_gives_the_same_result(own: Relay) -> None:
    practice, peer = own.member()
    author = Author(practice)
    author.write(600)
    pieces = [author.entries[at:at + 30] for at in range(0, 600, 30)]
    for round in range(4):
        stop = threading.Timer(0.05 + 0.07 * round, lambda: own.stop(signal.SIGKILL))
        stop.start()
        try:
            for piece in pieces:
                peer.push(Batch(practice, tuple(piece), b"keys"))
        except Unreachable:
            pass
        stop.join()
        own.start()
        assert peer.status().entries % 30 == 0  # a batch whole or not at all
    for piece in pieces:
        peer.push(Batch(practice, tuple(piece), b"keys"))
    assert entries_of(all_of(peer)) == author.entries
    assert peer.status().entries == 600
    assert peer.put_heads([author.shown()])[0].verdict == "accepted"


def test_a_relay_killed_in_the_middle_of_files_holds_whole_ones_only(own: Relay) -> None:
    _, peer = own.member()
    blobs = {suite.sha256(data): data for data in (os.urandom(400_000) for _ in range(20))}
    stop = threading.Timer(0.15, lambda: own.stop(signal.SIGKILL))
    stop.start()
    try:
        for hash, data in blobs.items():
            peer.put_blob(hash, data)
    except Unreachable:
        pass
    stop.join()
    own.start()
    for hash in set(blobs) - peer.missing_blobs(blobs):
        assert peer.get_blob(hash) == blobs[hash]
    for hash in peer.missing_blobs(blobs):
        peer.put_blob(hash, blobs[hash])
    assert peer.missing_blobs(blobs) == set()


def test_a_database_that_is_gone_is_said_and_comes_back(own: Relay) -> None:
    practice, peer = own.member()
    author = Author(practice)
    own.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    author.write(3)
    refused: list[tuple[int, str]] = []
    while len(refused) < 30:
        try:
            assert {outcome.result for outcome in peer.push(batch(author)).outcomes} == {Result.ACCEPTED}
            break
        except Refused as error:
            refused.append((error.status, error.code))
            time.sleep(0.05)
    assert len(refused) < 30
    assert set(refused) <= {(503, "busy")}
