"""RFC 9162: the frontier, inclusion and consistency against the recursive definition; signed heads."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.journal import merkle
from permanence.lib import suite

SIZES = st.integers(1, 70)


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(str(n).encode()).digest() for n in range(count)]


def naive(entries: list[bytes]) -> bytes:
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\0" + entries[0]).digest()
    half = 1
    while half * 2 < len(entries):
        half *= 2
    return hashlib.sha256(b"\1" + naive(entries[:half]) + naive(entries[half:])).digest()


def test_the_frontier_has_the_root_of_the_definition_at_every_size() -> None:
    frontier, entries = merkle.Frontier(), leaves(130)
    assert frontier.root() == naive([])
    for size, leaf in enumerate(entries, start=1):
        frontier.append(leaf)
        frontier = merkle.Frontier.from_bytes(frontier.to_bytes())
        assert (frontier.size, frontier.root()) == (size, naive(entries[:size]))


@given(SIZES, st.data())
def test_every_entry_is_proved_included_and_no_other(size: int, data: st.DataObject) -> None:
    entries, index = leaves(size), data.draw(st.integers(0, size - 1))
    proof, root = merkle.inclusion_proof(entries, index), naive(entries)
    assert merkle.check_inclusion(entries[index], index, size, proof, root)
    assert not merkle.check_inclusion(b"other" * 6, index, size, proof, root)
    assert not merkle.check_inclusion(entries[index], index, size, [*proof, bytes(32)], root)
    assert not merkle.check_inclusion(entries[index], size, size, proof, root)
    assert not merkle.check_inclusion(entries[index], index, size, proof, bytes(32))
    if size > 1:
        assert not merkle.check_inclusion(entries[index], (index + 1) % size, size, proof, root)
        assert not merkle.check_inclusion(entries[index], index, size, proof[:-1], root)


@given(SIZES, st.data())
def test_growth_is_proved_and_a_fork_is_not(size: int, data: st.DataObject) -> None:
    entries, old = leaves(size), data.draw(st.integers(1, size))
    proof, root, old_root = merkle.consistency_proof(entries, old), naive(entries), naive(entries[:old])
    assert merkle.check_consistency(old, old_root, size, root, proof)
    forked = [*entries[:old - 1], bytes(32)]
    assert not merkle.check_consistency(old, naive(forked), size, root, proof)
    assert not merkle.check_consistency(size + 1, root, size, root, proof)
    assert not merkle.check_consistency(old, old_root, size, root, [*proof, bytes(32)])
    if old < size:
        assert not merkle.check_consistency(old, old_root, size, bytes(32), proof)
        assert not merkle.check_consistency(old, old_root, size, root, [])
        assert not merkle.check_consistency(old, old_root, size, root, proof[:-1])


def test_any_tree_grew_from_the_empty_one() -> None:
    assert merkle.check_consistency(0, merkle.EMPTY, 3, naive(leaves(3)), [])
    assert not merkle.check_consistency(0, bytes(32), 3, naive(leaves(3)), [])


def test_proofs_of_what_is_not_there_are_refused() -> None:
    for call in (lambda: merkle.inclusion_proof(leaves(2), 2), lambda: merkle.consistency_proof(leaves(2), 3),
                 lambda: merkle.consistency_proof(leaves(2), 0)):
        with pytest.raises(IndexError):
            call()


def test_a_frontier_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="frontier"):
        merkle.Frontier.from_bytes((3).to_bytes(8, "big") + bytes(32))


def test_a_head_is_signed_by_its_replica_alone() -> None:
    (verify_key, signing), (other_key, other) = suite.signing_pair(), suite.signing_pair()
    values = {"practice": bytes(16), "replica": suite.replica_id(verify_key), "stream": 2, "size": 3, "root": bytes(32),
              "last": bytes(32), "wall_ms": 1}
    head = merkle.Head.signed(**values, signing=signing)  # type: ignore[arg-type]
    assert head.check(verify_key)
    assert merkle.Head.decode(head.encode()) == head
    assert not head.check(other_key)
    assert not head.check(b"")
    forged = merkle.Head.signed(**values, signing=other)  # type: ignore[arg-type]
    assert not forged.check(verify_key)
    assert not forged.check(other_key)


def test_what_is_not_a_head_is_refused() -> None:
    for data in (b"", b"\x80", b"\x82\x40\x40", b"\x82\x41\xa0\x40"):
        with pytest.raises(ValueError, match=r"head|CBOR"):
            merkle.Head.decode(data)
