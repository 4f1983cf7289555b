"""A small chain to break, made by our own code with random keys."""

from dataclasses import dataclass, field, replace
from typing import Any

from permanence.journal import bundle, merkle, wire
from permanence.lib import suite

PRACTICE = bytes(range(16))
WALL = 1_800_000_000_000


def inner(**changed: Any) -> wire.Inner:
    values: dict[str, Any] = {
        "kind": "patients.patient", "kind_version": 1, "application": "0.1.0", "hlc": WALL << 16, "wall": WALL,
        "zone": "Europe/Paris", "clock_good": True, "member": bytes(16), "post": None, "session": bytes(16),
        "assurance": "passkey", "scope": 1, "ref": bytes(16), "object": bytes(16), "act": (bytes(16), 1, 1),
        "base": {"name": [], "birth_date": []}, "body_key": bytes(32), "action": "patients:register"}
    return wire.Inner(**(values | changed))


@dataclass
class Replica:
    """One replica writing one stream."""

    stream: int = 2
    pair: tuple[bytes, bytes] = field(default_factory=suite.signing_pair)
    metadata: bytes = field(default_factory=suite.new_key)
    key: bytes = field(default_factory=suite.new_key)
    entries: list[wire.Sealed] = field(default_factory=list)

    @property
    def id(self) -> bytes:
        return suite.replica_id(self.pair[0])

    def append(self, values: dict[str, Any] | None = None, *, practice: bytes = PRACTICE, **changed: Any) -> wire.Sealed:
        body, _ = wire.seal_body(values or {"name": "MOREAU"}, self.key, PRACTICE)
        header = replace(inner(body_key=suite.commitment(self.key)), **changed)
        entry = wire.write(
            practice=practice, replica=self.id, stream=self.stream, seq=len(self.entries) + 1, body=body, epoch=1,
            previous=self.entries[-1].hash if self.entries else wire.FIRST,
            inner=wire.seal_inner(header, self.metadata, PRACTICE), signing_key=self.pair[1])
        self.entries.append(entry)
        return entry

    def resign(self, entry: wire.Sealed, **changed: Any) -> wire.Sealed:
        """The same entry with another outer header, signed by its own replica: a lying author, not a lying carrier."""
        outer = replace(wire.Outer.decode(entry.outer), **changed).encode()
        return self.sign(outer, entry)

    def sign(self, outer: bytes, entry: wire.Sealed) -> wire.Sealed:
        message = b"permanence/signature/v1\0" + suite.sha256(b"permanence/entry/v1\0", outer)
        return wire.Sealed(outer, suite.sign(message, self.pair[1]), entry.inner, entry.body)

    def head(self, entries: int | None = None, **changed: Any) -> merkle.Head:
        hashes = [entry.hash for entry in self.entries][:entries]
        values: dict[str, Any] = {
            "practice": PRACTICE, "replica": self.id, "stream": self.stream, "size": len(hashes),
            "root": merkle.root_of(hashes), "last": hashes[-1], "wall_ms": WALL, "signing": self.pair[1]}
        return merkle.Head.signed(**(values | changed))

    def bundle(self, **changed: Any) -> bundle.Bundle:
        values: dict[str, Any] = {
            "practice": PRACTICE, "chains": {(self.id, self.stream): list(self.entries)}, "heads": [self.head()],
            "keys": {suite.commitment(key): key for key in (self.metadata, self.key)},
            "metadata": [suite.commitment(self.metadata)]}
        return bundle.Bundle(**(values | changed))


def three() -> Replica:
    replica = Replica()
    for number in range(3):
        replica.append({"name": f"MOREAU {number}"})
    return replica
