"""The Merkle tree of a chain (RFC 9162, SHA-256): frontier, proofs, signed heads. Entries are known by their hashes only."""

from collections.abc import Sequence
from dataclasses import dataclass

from permanence.lib import cbor, suite

EMPTY = suite.sha256()
_HEAD = b"permanence/head/v1\0"


def leaf_hash(leaf: bytes) -> bytes:
    """RFC 9162, 2.1.1. A leaf is an entry's hash."""
    return suite.sha256(b"\0", leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162, 2.1.1."""
    return suite.sha256(b"\1", left, right)


class Frontier:
    """The roots of the perfect subtrees, largest first: all that appending needs, at most 64 hashes."""

    __slots__ = ("nodes", "size")

    def __init__(self) -> None:
        self.size = 0
        self.nodes: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add the next entry's hash."""
        node, size = leaf_hash(leaf), self.size
        while size & 1:
            node = node_hash(self.nodes.pop(), node)
            size >>= 1
        self.nodes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree of all leaves so far; of nothing, the hash of the empty string."""
        if not self.nodes:
            return EMPTY
        root = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            root = node_hash(node, root)
        return root

    def to_bytes(self) -> bytes:
        """Size in 8 bytes, big-endian, then the hashes."""
        return self.size.to_bytes(8, "big") + b"".join(self.nodes)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Frontier":
        """Raises ValueError when the number of hashes is not the one that the size gives."""
        frontier = cls()
        frontier.size = int.from_bytes(data[:8], "big")
        frontier.nodes = [data[at:at + 32] for at in range(8, len(data), 32)]
        if len(data) != 8 + 32 * frontier.size.bit_count():
            raise ValueError("not a frontier")
        return frontier


# ---- proofs ----


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of these leaves, from nothing."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves), RFC 9162, 2.1.3.1. `index` from 0. Raises IndexError."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*inclusion_proof(leaves[:middle], index), root_of(leaves[middle:])]
    return [*inclusion_proof(leaves[middle:], index - middle), root_of(leaves[:middle])]


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """PROOF(size, leaves), RFC 9162, 2.1.4.1: that the tree of `size` leaves begins this one. Raises IndexError."""
    if not 0 < size <= len(leaves):
        raise IndexError(size)
    return _subproof(leaves, size, True)


def _subproof(leaves: Sequence[bytes], size: int, whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = _split(len(leaves))
    if size <= middle:
        return [*_subproof(leaves[:middle], size, whole), root_of(leaves[middle:])]
    return [*_subproof(leaves[middle:], size - middle, False), root_of(leaves[:middle])]


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << (count - 1).bit_length() - 1


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf_hash(leaf)
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = node_hash(step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, step)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: that the tree grew from the older one by additions only. Any tree grew from the empty one."""
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY
    if not 0 < old_size < size or not proof:
        return False
    steps = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = node_hash(new, step)
        node, last = node >> 1, last >> 1
    return last == 0 and old == old_root and new == root


# ---- heads ----


@dataclass(frozen=True, slots=True)
class Head:
    """What a chain was at a moment, signed by its replica. `last` is the last entry's hash, `wall_ms` is ms UTC."""

    practice: bytes
    replica: bytes
    stream: int
    size: int
    root: bytes
    last: bytes
    wall_ms: int
    signature: bytes = b""

    @classmethod
    def signed(cls, *, practice: bytes, replica: bytes, stream: int, size: int, root: bytes, last: bytes, wall_ms: int,
               signing: bytes) -> "Head":
        """`signing` is the replica's Ed25519 secret of 64 bytes."""
        bare = cls(practice, replica, int(stream), size, root, last, wall_ms)
        return cls(practice, replica, int(stream), size, root, last, wall_ms, suite.sign(bare.message(), signing))

    def message(self) -> bytes:
        """What is signed."""
        return _HEAD + cbor.dumps({
            1: 1, 2: suite.SUITE, 3: self.practice, 4: self.replica, 5: self.stream, 6: self.size, 7: self.root,
            8: self.last, 9: self.wall_ms})

    def check(self, verify_key: bytes) -> bool:
        """Whether this is that replica's signature, and the key that replica's."""
        return (len(verify_key) == 32 and suite.replica_id(verify_key) == self.replica
                and suite.check_signature(self.signature, self.message(), verify_key))

    def encode(self) -> bytes:
        """CBOR [what is signed, without its label; signature]."""
        return cbor.dumps([self.message()[len(_HEAD):], self.signature])

    @classmethod
    def decode(cls, data: bytes) -> "Head":
        """Raises ValueError for another version or shape. The signature is not checked here."""
        try:
            inside, signature = cbor.loads(data)
            found = cbor.loads(inside)
            head = cls(found[3], found[4], found[5], found[6], found[7], found[8], found[9], signature)
            good = head.message() == _HEAD + inside
        except (ValueError, TypeError, LookupError) as error:
            raise ValueError("not a head") from error
        if not good:
            raise ValueError("not a head")
        return head
