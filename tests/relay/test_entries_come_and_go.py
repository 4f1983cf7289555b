"""Entries go in by one machine and come out at another, whole batches, in the order of their coming, whatever was cut or sent twice."""
import socket
import threading
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from permanence.journal.exchange import Asked, Batch, Result
from permanence.journal.peers import Peer, Refused
from permanence.journal.wire import Sealed
from permanence.lib import cbor, signing, suite
from tests.relay.authors import Author, batch, new_id
from tests.relay.serving import Relay

FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck))


def all_of(peer: Peer, asked: Asked | None = None) -> list[Batch]:
    """Everything that the relay gives, question after question."""
    asked, found = asked or Asked({}), []
    while True:
        given = peer.pull(asked)
        found += given.batches
        if not given.more:
            return found
        assert given.until > asked.since
        asked = Asked(asked.held, given.until, asked.most)


def entries_of(batches: list[Batch]) -> list[Sealed]:
    return [entry for one in batches for entry in one.entries]


def test_what_one_machine_gives_another_gets(relay: Relay) -> None:
    practice, office = relay.member()
    laptop_secret = suite.signing_pair()[1]
    office.add_key(laptop_secret[32:], "laptop")
    laptop = relay.peer(practice, laptop_secret)
    mine, theirs = Author(practice), Author(practice, stream=1)
    pushed = office.push(batch(mine, mine.write(3), b"keys"))
    assert [outcome.result for outcome in pushed.outcomes] == [Result.ACCEPTED] * 3
    assert pushed.held == {mine.place: 3}
    laptop.push(batch(theirs, theirs.write(2)))
    given = laptop.pull(Asked({theirs.place: 2}))
    assert given.batches == (batch(mine, keys=b"keys"),)
    assert (given.held, given.more) == ({mine.place: 3, theirs.place: 2}, False)
    assert laptop.pull(Asked({}, given.until)).batches == ()
    assert entries_of(all_of(office)) == mine.entries + theirs.entries


@FEW
@given(data=st.data())
def test_duplicates_reorderings_and_cuts_give_the_same_result(relay: Relay, data: st.DataObject) -> None:
    """Whatever was sent, in whatever pieces and order: once each chain was sent to its end, the relay holds it once, in its order."""
    practice, peer = relay.member()
    authors = [Author(practice, stream=stream) for stream in (1, 2, 2)]
    for author in authors:
        author.write(data.draw(st.integers(1, 12)))
    pieces = []
    for author in authors:
        cuts = sorted(data.draw(st.sets(st.integers(1, len(author.entries)), max_size=3)) | {0, len(author.entries)})
        pieces += [author.entries[a:b] for a, b in pairwise(cuts)]
    sent = data.draw(st.permutations([*pieces, *data.draw(st.lists(st.sampled_from(pieces), max_size=4))]))
    for piece in sent:
        result = {outcome.result for outcome in peer.push(Batch(practice, tuple(piece), b"k")).outcomes}
        assert result <= {Result.ACCEPTED, Result.DUPLICATE, Result.GAP}
    for author in authors:
        peer.push(batch(author, keys=b"k"))
    again = peer.push(batch(authors[0], keys=b"k"))
    assert {outcome.result for outcome in again.outcomes} == {Result.DUPLICATE}
    assert again.held == {author.place: len(author.entries) for author in authors}
    found = entries_of(all_of(peer, Asked({}, 0, data.draw(st.integers(1, 9)))))
    for author in authors:
        assert [entry for entry in found if entry in author.entries] == author.entries
    assert len(found) == sum(len(author.entries) for author in authors)
    half = {author.place: len(author.entries) // 2 for author in authors}
    lacking = entries_of(all_of(peer, Asked(half)))
    assert sorted(entry.hash for entry in lacking) == sorted(
        entry.hash for author in authors for entry in author.entries[len(author.entries) // 2:])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_connection_cut_in_the_middle_of_a_batch_leaves_nothing(relay: Relay, share: float) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    author.write(200)
    body = batch(author).encode()
    peer.status()
    url = peer.place.url("entries")
    headers = {"Host": relay.authority, "Content-Length": str(len(body)), **signing.sign("POST", url, body, peer._nonce, peer._secret)}
    with socket.create_connection(("127.0.0.1", relay.port)) as wire:
        head = f"POST {peer.place.path}entries HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        wire.sendall(head.encode() + body[: int(len(body) * share)])
    assert peer.status().entries == 0
    assert {outcome.result for outcome in peer.push(batch(author)).outcomes} == {Result.ACCEPTED}


def test_many_machines_push_at_once(relay: Relay) -> None:
    practice, first = relay.member()
    secrets = [suite.signing_pair()[1] for _ in range(6)]
    for secret in secrets:
        first.add_key(secret[32:], "office")
    authors = [Author(practice) for _ in secrets]
    failed: list[Any] = []

    def work(author: Author, peer: Peer) -> None:
        try:
            for _ in range(6):
                peer.push(batch(author, author.write(5)))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(author, relay.peer(practice, secret)))
               for author, secret in zip(authors, secrets, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    found = entries_of(all_of(first))
    assert len(found) == 180
    for author in authors:
        assert [entry for entry in found if entry in author.entries] == author.entries


def test_an_answer_is_bounded_and_a_batch_is_never_split(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    for _ in range(5):
        peer.push(batch(author, author.write(30, "x" * 60_000)))  # 2 MB each
    given = peer.pull(Asked({}))
    assert given.more
    assert [len(one.entries) for one in given.batches] == [30] * 4
    assert sum(len(one.encode()) for one in given.batches) < 9 << 20
    assert [len(one.entries) for one in peer.pull(Asked({}, 0, 1)).batches] == [30]


def test_pruned_bodies_travel_without_them(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    author.write(2)
    author.entries[0] = Sealed(*[getattr(author.entries[0], part) for part in ("outer", "signature", "inner")], None)
    peer.push(batch(author))
    assert entries_of(all_of(peer)) == author.entries


def test_keys_without_entries_are_carried_once(relay: Relay) -> None:
    practice, peer = relay.member()
    for _ in range(2):
        peer.push(Batch(practice, (), b"for a new replica"))
    assert [one.keys for one in all_of(peer)] == [b"for a new replica"]


def test_another_practices_batch_is_refused(relay: Relay) -> None:
    _, peer = relay.member()
    other = Author(new_id())
    with pytest.raises(Refused, match="403 practice"):
        peer.push(batch(other, other.write(1)))


def test_what_does_not_check_is_kept_aside_with_its_reason(relay: Relay) -> None:
    practice, peer = relay.member()
    author, other = Author(practice), Author(practice)
    author.write(4)
    broken = list(author.entries)
    broken[2] = Sealed(broken[2].outer, broken[2].signature, broken[2].inner, b"swapped")
    pushed = peer.push(Batch(practice, (*broken, *other.write(2))))
    assert [(outcome.result, outcome.why) for outcome in pushed.outcomes] == [
        (Result.ACCEPTED, ""), (Result.ACCEPTED, ""), (Result.QUARANTINED, "body content"), (Result.GAP, ""), (Result.ACCEPTED, ""),
        (Result.ACCEPTED, "")]  # fmt: skip
    (what, replica, stream, seq, why, data), = peer.aside()
    assert (what, replica, stream, seq, why) == ("entry", *author.place, 3, "body content")
    assert b"swapped" in data
    assert peer.status().aside == 1
    assert {outcome.result for outcome in peer.push(batch(author)).outcomes} == {Result.DUPLICATE, Result.ACCEPTED}


def test_a_listener_is_told_within_a_third_of_a_second(relay: Relay) -> None:
    practice, peer = relay.member()
    listener, author = relay.peer(practice, peer._secret), Author(practice)
    news = listener.news()
    assert next(news) == 0
    took = []
    for i in range(1, 6):
        began = time.monotonic()
        peer.push(batch(author, author.write(1)))
        assert next(news) == i
        took.append(time.monotonic() - began)
    listener.close()
    assert list(news) == []
    assert min(took) < 0.3  # one that looks from time to time would make each wait: every push follows the news of the last


def test_listeners_do_not_hold_the_others(relay: Relay) -> None:
    practice, peer = relay.member()
    listeners = [relay.peer(practice, peer._secret) for _ in range(30)]
    news = [one.news() for one in listeners]
    assert [next(one) for one in news] == [0] * 30
    began = time.monotonic()
    for _ in range(10):
        peer.status()
    assert time.monotonic() - began < 10  # less than one of the beats for which a listener's thread would be held
    author = Author(practice)
    peer.push(batch(author, author.write(1)))
    assert [next(one) for one in news] == [1] * 30
    for one in listeners:
        one.close()


def test_an_answer_ends_even_when_all_that_is_looked_at_is_held(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    peer.push(batch(author, author.write(1)))
    relay.sql("INSERT INTO relay_batch (practice, number, first, last, bytes, spans, keys, keys_hash) SELECT %s, n, 1, 1, 0, %s, '', ''"
              " FROM generate_series(2, 10100) n", practice, cbor.dumps([[*author.place, 1, 1]]))  # fmt: skip
    given = peer.pull(Asked({author.place: 1}))
    assert (given.batches, given.until, given.more) == ((), 10_000, True)
    assert all_of(peer, Asked({author.place: 1})) == []
