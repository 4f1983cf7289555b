"""What a signed head is worth beside what is known of its chain, and who countersigned it. No database, no clock; keys are lent.

Comparing heads alone accepts a longer fork, so a tree that grew comes with its RFC 9162 consistency proof. Who holds a chain and who
only witnesses its heads judge alike. Specified in `docs/format/exchange.md`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from permanence.journal import merkle
from permanence.journal.exchange import Malformed
from permanence.lib import suite

_COUNTERSIGNED = b"permanence/countersigned/v1\0"
MOST_PROOF, MOST_COUNTERSIGNATURES = 128, 16
Countersignature = tuple[bytes, bytes]  # public key of the witness, its signature


class Verdict(StrEnum):
    """What became of a head."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    OLDER = "older"  # an earlier state of the same chain, proved: nothing new
    PROOF = "proof"  # not decided: a proof between its size and `known` is wanted
    SIGNATURE = "signature"  # not that replica's, or not a head of this practice
    ROLLBACK = "rollback"  # smaller than one that was accepted
    FORK = "fork"  # another history than the one that was accepted


LIES = (Verdict.ROLLBACK, Verdict.FORK)  # kept as evidence, with the replica's own signature


@dataclass(frozen=True, slots=True)
class Point:
    """A chain as it is known: the root of its first `size` entries."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """A head as it travels: with its replica's key, a proof between it and the size `other`, and who has countersigned it."""

    head: merkle.Head
    key: bytes
    other: int = 0
    proof: tuple[bytes, ...] = ()
    countersignatures: tuple[Countersignature, ...] = ()

    def row(self) -> list[Any]:
        """As it is written."""
        return [self.head.encode(), self.key, self.other, list(self.proof), [list(one) for one in self.countersignatures]]

    @classmethod
    def of(cls, row: Any) -> "Shown":
        """Raises Malformed. Nothing is checked but the shape."""
        try:
            head, key, other, proof, marks = row
            good = (type(key) is bytes and len(key) == 32 and type(other) is int and other >= 0 and len(proof) <= MOST_PROOF
                    and len(marks) <= MOST_COUNTERSIGNATURES and all(type(one) is bytes and len(one) == 32 for one in proof)
                    and all([type(part) for part in mark] == [bytes, bytes] for mark in marks))  # fmt: skip
            found = merkle.Head.decode(head)
            good = good and type(found.size) is int and found.size > 0 and type(found.stream) is int and len(found.root) == 32
        except (ValueError, TypeError) as error:
            raise Malformed("head") from error
        if not good:
            raise Malformed("head")
        return cls(found, key, other, tuple(proof), tuple((mark[0], mark[1]) for mark in marks))


def countersign(head: merkle.Head, secret: bytes) -> Countersignature:
    """A witness says: I saw this head, and none before it that it contradicts. `secret`: 64 bytes."""
    return secret[32:], suite.sign(_COUNTERSIGNED + suite.sha256(head.encode()), secret)


def countersigned(head: merkle.Head, mark: Countersignature) -> bool:
    """Whether that witness signed this head."""
    return suite.check_signature(mark[1], _COUNTERSIGNED + suite.sha256(head.encode()), mark[0])


def judge(shown: Shown, *, practice: bytes, last: Point | None = None, held: Point | None = None) -> Verdict:
    """`last`: the largest head accepted of this chain; `held`: what the entries held of it give. The proof is to the larger of both,
    which whoever keeps both has seen to grow from the other."""
    head = shown.head
    if head.practice != practice or not head.check(shown.key):
        return Verdict.SIGNATURE
    known = max((point for point in (last, held) if point is not None), key=lambda point: point.size, default=None)
    beside = Verdict.ACCEPTED if known is None else _beside(shown, known)
    if last is None or head.size > last.size:
        return beside
    if beside is Verdict.PROOF:
        same = (head.size, head.root) == (last.size, last.root)
        return Verdict.DUPLICATE if same else Verdict.FORK if head.size == last.size else Verdict.ROLLBACK
    if beside is Verdict.FORK:
        return Verdict.FORK
    return Verdict.DUPLICATE if head.size == last.size else Verdict.OLDER


def _beside(shown: Shown, known: Point) -> Verdict:
    head = shown.head
    if head.size == known.size:
        return Verdict.ACCEPTED if head.root == known.root else Verdict.FORK
    if shown.other != known.size:
        return Verdict.PROOF
    small, large = sorted(((head.size, head.root), (known.size, known.root)))
    return Verdict.ACCEPTED if merkle.check_consistency(*small, *large, shown.proof) else Verdict.FORK
