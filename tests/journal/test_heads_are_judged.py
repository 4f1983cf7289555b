"""A chain grows and never otherwise: rollback, fork, longer fork, edit and extend are named, whatever is known of it and from whom."""
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.journal import messages, witness
from permanence.journal.exchange import Malformed
from permanence.journal.merkle import Head, consistency_proof, root_of
from permanence.journal.witness import Point, Shown, Verdict
from permanence.lib import suite

PRACTICE = bytes(range(16))
KEY, SECRET = suite.signing_pair()


def leaves(count: int, salt: bytes = b"") -> list[bytes]:
    return [suite.sha256(salt, i.to_bytes(4, "big")) for i in range(count)]


def head(tree: list[bytes], *, secret: bytes = SECRET, practice: bytes = PRACTICE) -> Head:
    return Head.signed(practice=practice, replica=suite.replica_id(secret[32:]), stream=2, size=len(tree), root=root_of(tree),
                       last=tree[-1], wall_ms=1, signing=secret)


def shown(tree: list[bytes], other: int = 0) -> Shown:
    """As its author shows it, proving between it and the size `other` by its own leaves."""
    proof: list[bytes] = []
    if 0 < other < len(tree):
        proof = consistency_proof(tree, other)
    return Shown(head(tree), KEY, other, tuple(proof))


def point(tree: list[bytes]) -> Point:
    return Point(len(tree), root_of(tree))


def judged(one: Shown, last: Point | None = None, held: Point | None = None) -> Verdict:
    return witness.judge(one, practice=PRACTICE, last=last, held=held)


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_tree_that_grew_is_accepted_with_its_proof_and_only_with_it(small: int, more: int) -> None:
    tree = leaves(small + more)
    known = point(tree[:small])
    assert judged(shown(tree, small), known) is Verdict.ACCEPTED
    assert judged(shown(tree), known) is Verdict.PROOF
    assert judged(shown(tree, small), None, known) is Verdict.ACCEPTED
    assert judged(shown(tree)) is Verdict.ACCEPTED  # of a chain that nobody knows


@given(st.integers(2, 60), st.data())
def test_a_head_behind_the_entries_is_proved_from_them(size: int, data: st.DataObject) -> None:
    tree = leaves(size)
    mine = data.draw(st.integers(1, size - 1))
    behind = Shown(head(tree[:mine]), KEY, size, tuple(consistency_proof(tree, mine)))
    assert judged(behind, None, point(tree)) is Verdict.ACCEPTED
    assert judged(behind, point(tree)) is Verdict.OLDER
    assert judged(shown(tree[:mine]), point(tree)) is Verdict.ROLLBACK
    assert judged(shown(tree), point(tree)) is Verdict.DUPLICATE


def test_each_of_300_lies_of_each_kind_is_named() -> None:
    chance = random.Random(5)
    named = {"rollback": 0, "fork": 0, "longer fork": 0, "edit and extend": 0}
    for _ in range(300):
        size = chance.randrange(2, 80)
        honest = leaves(size)
        known = point(honest)
        cut = chance.randrange(1, size)
        other = [*honest[:cut], *leaves(size - cut, b"other")]
        longer = [*other, *leaves(chance.randrange(1, 40), b"more")]
        edited = list(honest)
        edited[chance.randrange(size)] = suite.sha256(b"edited")
        extended = [*edited, *leaves(chance.randrange(1, 40), b"more")]
        named["rollback"] += judged(shown(honest[:cut]), known) is Verdict.ROLLBACK
        named["fork"] += judged(shown(other), known) is Verdict.FORK
        named["longer fork"] += judged(shown(longer, size), known) is Verdict.FORK
        named["edit and extend"] += judged(shown(extended, size), known) is Verdict.FORK
    assert named == dict.fromkeys(named, 300)


@given(st.integers(1, 40), st.integers(1, 40), st.lists(st.binary(min_size=32, max_size=32), max_size=8))
def test_no_invented_proof_passes(small: int, more: int, proof: list[bytes]) -> None:
    lie = leaves(small + more, b"other")
    assert judged(Shown(head(lie), KEY, small, tuple(proof)), point(leaves(small))) is Verdict.FORK


def test_a_head_is_its_replicas_and_this_practices() -> None:
    tree = leaves(3)
    other = suite.signing_pair()
    assert judged(Shown(head(tree), other[0])) is Verdict.SIGNATURE
    assert judged(Shown(head(tree, practice=bytes(16)), KEY)) is Verdict.SIGNATURE
    changed = Head(PRACTICE, suite.replica_id(KEY), 2, 3, root_of(leaves(3, b"x")), tree[-1], 1, head(tree).signature)
    assert judged(Shown(changed, KEY)) is Verdict.SIGNATURE


def test_a_countersignature_is_one_witnesss_for_one_head() -> None:
    one, other = head(leaves(3)), head(leaves(4))
    mark = witness.countersign(one, SECRET)
    assert witness.countersigned(one, mark)
    assert not witness.countersigned(other, mark)
    assert not witness.countersigned(one, (suite.signing_pair()[0], mark[1]))


def test_heads_travel_whole() -> None:
    one = Shown(head(leaves(5)), KEY, 3, tuple(consistency_proof(leaves(5), 3)), (witness.countersign(head(leaves(5)), SECRET),))
    assert messages.heads_of(messages.heads([one, one])) == [one, one]


@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers(0, 9) | st.binary(max_size=4), st.lists, max_leaves=8))
def test_whatever_comes_is_read_or_malformed(value: object) -> None:
    from permanence.lib import cbor

    data = value if isinstance(value, bytes) else cbor.dumps({1: 1, 2: [value]})
    for decode in (messages.heads_of, messages.hashes_of, messages.Reads.decode, messages.Offered.decode, messages.judged_of,
                   messages.Status.decode):  # fmt: skip
        try:
            decode(data)
        except Malformed:
            continue


def test_the_small_messages_travel_whole() -> None:
    segment = messages.Segment(bytes(16), 1, 9, 100, bytes(32))
    reads = messages.Reads((segment,), (b"a head",))
    assert messages.Reads.decode(reads.encode()) == reads
    assert messages.Offered.decode(messages.Offered((segment,), reads).encode()) == messages.Offered((segment,), reads)
    assert messages.hashes_of(messages.hashes([bytes(32)])) == [bytes(32)]
    verdict = messages.Judged(bytes(16), 2, 9, Verdict.PROOF, Point(4, bytes(32)))
    assert messages.judged_of(messages.judged([verdict])) == [verdict]
    status = messages.Status(bytes(32), 4, "full", 1, 2, 3, 4)
    assert messages.Status.decode(status.encode()) == status
    with pytest.raises(Malformed):
        messages.Reads.decode(messages.Reads((messages.Segment(bytes(16), 9, 1, 0, bytes(32)),)).encode())
