"""The relay countersigns heads that grew and names those that lie, with entries or, as a witness, without."""
import random

import pytest

from permanence.journal import messages, witness
from permanence.journal.exchange import Asked, Result
from permanence.journal.messages import Reads, Segment
from permanence.journal.peers import Refused
from permanence.journal.witness import Verdict
from permanence.lib import cbor
from tests.relay.authors import Author, batch
from tests.relay.serving import Relay


def verdicts(found: list[messages.Judged]) -> list[Verdict]:
    return [one.verdict for one in found]


def test_a_head_of_entries_that_are_held_is_countersigned(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    peer.push(batch(author, author.write(5)))
    assert verdicts(peer.put_heads([author.shown()])) == [Verdict.ACCEPTED]
    kept, = peer.heads()
    assert (kept.head, kept.key) == (author.head(), author.key)
    assert [mark[0] for mark in kept.countersignatures] == [peer.status().witness]
    assert all(witness.countersigned(kept.head, mark) for mark in kept.countersignatures)
    assert verdicts(peer.put_heads([author.shown()])) == [Verdict.DUPLICATE]


def test_a_head_ahead_of_the_entries_wants_its_proof_and_binds_them(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    peer.push(batch(author, author.write(5)))
    author.write(10)
    asked, = peer.put_heads([author.shown()])
    assert (asked.verdict, asked.known and asked.known.size) == (Verdict.PROOF, 5)
    assert verdicts(peer.put_heads([author.shown(5)])) == [Verdict.ACCEPTED]
    liar = author.fork(7)
    liar.write(9)
    results = [(outcome.result, outcome.why) for outcome in peer.push(batch(liar)).outcomes]
    assert results[13:15] == [(Result.ACCEPTED, ""), (Result.QUARANTINED, "fork")]
    assert peer.status().aside == 1


def test_a_head_behind_the_entries_is_proved_too(relay: Relay) -> None:
    practice, peer = relay.member()
    author = Author(practice)
    peer.push(batch(author, author.write(9)))
    assert verdicts(peer.put_heads([author.shown(size=4)])) == [Verdict.PROOF]
    assert verdicts(peer.put_heads([author.shown(9, size=4)])) == [Verdict.ACCEPTED]
    assert verdicts(peer.put_heads([author.shown()])) == [Verdict.ACCEPTED]
    assert verdicts(peer.put_heads([author.shown(9, size=4)])) == [Verdict.OLDER]


def lies(author: Author, chance: random.Random) -> dict[str, list[messages.Shown]]:
    """What a lying replica shows after its honest head: its histories cut, changed, made longer, edited."""
    size = len(author.entries)
    cut = chance.randrange(1, size)
    fork = author.fork(cut)
    fork.write(size - cut)
    longer = author.fork(cut)
    longer.write(size - cut + chance.randrange(1, 6))
    edited = author.fork(size - 1)
    edited.write(1 + chance.randrange(1, 6))
    return {"rollback": [author.shown(size=cut)], "fork": [fork.shown()], "longer fork": [longer.shown(size)],
            "edit and extend": [edited.shown(size)]}  # fmt: skip


@pytest.mark.parametrize("kind", ["rollback", "fork", "longer fork", "edit and extend"])
def test_300_lies_of_each_kind_are_refused_named_and_kept(relay: Relay, kind: str) -> None:
    practice, peer = relay.member(mode="witness")
    chance, wanted = random.Random(kind), Verdict.ROLLBACK if kind == "rollback" else Verdict.FORK
    authors = [Author(practice) for _ in range(300)]
    for author in authors:
        author.write(chance.randrange(2, 9))
    found: list[Verdict] = []
    for at in range(0, 300, 100):
        some = authors[at:at + 100]
        assert verdicts(peer.put_heads([author.shown() for author in some])) == [Verdict.ACCEPTED] * 100
        found += verdicts(peer.put_heads([lie for author in some for lie in lies(author, chance)[kind]]))
    assert found == [wanted] * 300
    kept = relay.sql("SELECT why, data FROM relay_aside WHERE practice = %s", practice)
    assert [why for why, _ in kept] == [str(wanted)] * 300
    lying, honest = cbor.loads(bytes(kept[0][1]))  # both signed by the same replica: that is the evidence
    assert lying != honest
    assert {head.head for head in peer.heads()} == {author.head() for author in authors}


def test_a_witness_takes_heads_and_nothing_else(relay: Relay) -> None:
    practice, peer = relay.member(mode="witness")
    author = Author(practice)
    author.write(3)
    assert peer.status().mode == "witness"
    assert verdicts(peer.put_heads([author.shown()])) == [Verdict.ACCEPTED]
    author.write(4)
    assert verdicts(peer.put_heads([author.shown(3)])) == [Verdict.ACCEPTED]
    calls = (lambda: peer.push(batch(author)), lambda: peer.pull(Asked({})), lambda: peer.put_blob(bytes(32), b""), peer.seals,
             lambda: peer.put_seal(bytes(16), b""), lambda: peer.missing_blobs([bytes(32)]), lambda: peer.reads(Reads()),
             lambda: peer.put_segment(Segment(bytes(16), 1, 2), b""))  # fmt: skip
    for call in calls:
        with pytest.raises(Refused, match="403 witness"):
            call()
    for table in ("entry", "batch", "blob", "segment", "seal"):
        assert relay.sql(f"SELECT count(*) FROM relay_{table} WHERE practice = %s", practice) == [(0,)]


def test_other_witnesses_marks_are_kept_when_they_hold(relay: Relay) -> None:
    from dataclasses import replace

    practice, peer = relay.member()
    author, other = Author(practice), Author(practice)
    author.write(2)
    good, bad = witness.countersign(author.head(), other.secret), (other.key, bytes(64))
    peer.put_heads([replace(author.shown(), countersignatures=(bad, good))])
    assert good in peer.heads()[0].countersignatures
    assert bad not in peer.heads()[0].countersignatures
