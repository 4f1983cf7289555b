"""Replicas of the relay's tests: they write real sealed chains, and show real heads. Nothing of a practice's tables is needed."""

import itertools
from dataclasses import dataclass, field

from permanence.journal import merkle, wire
from permanence.journal.exchange import Batch
from permanence.journal.merkle import Head
from permanence.journal.witness import Shown
from permanence.lib import suite

METADATA = suite.new_key()
BODY = suite.new_key()
_count = itertools.count()


def new_id() -> bytes:
    return suite.new_key()[:16]


def sealed_inner(practice: bytes, text: str = "") -> bytes:
    inner = wire.Inner(
        kind="consultations.note", kind_version=1, application="0", hlc=next(_count), wall=0, zone="Europe/Paris", clock_good=True,
        member=None, post=None, session=None, assurance="passkey", scope=1, ref=bytes(16), object=bytes(16), act=(bytes(16), 1, 1),
        base={}, body_key=suite.commitment(BODY), purpose=text[:60])  # fmt: skip
    return wire.seal_inner(inner, METADATA, practice)


@dataclass
class Author:
    """One replica's chain."""

    practice: bytes
    stream: int = 2
    secret: bytes = field(default_factory=lambda: suite.signing_pair()[1])
    entries: list[wire.Sealed] = field(default_factory=list)

    @property
    def key(self) -> bytes:
        return self.secret[32:]

    @property
    def replica(self) -> bytes:
        return suite.replica_id(self.key)

    @property
    def place(self) -> tuple[bytes, int]:
        return self.replica, self.stream

    @property
    def leaves(self) -> list[bytes]:
        return [entry.hash for entry in self.entries]

    def write(self, count: int = 1, text: str = "une note") -> list[wire.Sealed]:
        """The next entries of the chain."""
        for _ in range(count):
            body, _ = wire.seal_body({"text": text}, BODY, self.practice)
            self.entries.append(wire.write(
                practice=self.practice, replica=self.replica, stream=self.stream, seq=len(self.entries) + 1,
                previous=self.entries[-1].hash if self.entries else wire.FIRST, inner=sealed_inner(self.practice, text), body=body,
                epoch=1, signing_key=self.secret))  # fmt: skip
        return self.entries[-count:] if count else []

    def fork(self, at: int) -> "Author":
        """The same replica, whose history is another from there on."""
        return Author(self.practice, self.stream, self.secret, self.entries[:at])

    def head(self, size: int = 0) -> Head:
        leaves = self.leaves[: size or len(self.entries)]
        return Head.signed(practice=self.practice, replica=self.replica, stream=self.stream, size=len(leaves), root=merkle.root_of(leaves),
                           last=leaves[-1], wall_ms=1, signing=self.secret)

    def shown(self, other: int = 0, size: int = 0) -> Shown:
        """The head, with its proof between it and the size `other` by this author's own history."""
        small, large = sorted((other, size or len(self.entries)))
        proof = merkle.consistency_proof(self.leaves[:large], small) if 0 < small < large <= len(self.entries) else []
        return Shown(self.head(size), self.key, other, tuple(proof))


def batch(author: Author, entries: list[wire.Sealed] | None = None, keys: bytes = b"") -> Batch:
    return Batch(author.practice, tuple(author.entries if entries is None else entries), keys)
