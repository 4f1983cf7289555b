"""The bundle: chains in one file, for the independent verifier and later for a USB stick. Specified in `bundle.md`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nacl.exceptions import CryptoError

from permanence.journal import merkle, wire
from permanence.lib import cbor, suite

FORMAT = 1
Place = tuple[bytes, int]  # replica, stream


@dataclass(frozen=True, slots=True)
class Bundle:
    """Whole chains, each from its first entry. `keys` are {commitment: key}; `metadata` names those of inner headers."""

    practice: bytes
    chains: Mapping[Place, Sequence[wire.Sealed]]
    heads: Sequence[merkle.Head] = ()
    keys: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)
    metadata: Sequence[bytes] = ()

    def encode(self) -> bytes:
        """The file. With `keys` it is clear text in all but form: it is handed over as such."""
        return cbor.dumps({
            1: FORMAT, 2: self.practice,
            3: [{1: replica, 2: int(stream), 3: [[e.outer, e.signature, e.inner, e.body] for e in entries]}
                for (replica, stream), entries in sorted(self.chains.items())],
            4: [head.encode() for head in self.heads], 5: dict(self.keys), 6: sorted(self.metadata)})

    @classmethod
    def decode(cls, data: bytes) -> "Bundle":
        """Raises ValueError when the file is no bundle. What it holds is not checked: see `findings`."""
        try:
            found = cbor.loads(data)
            if found[1] != FORMAT:
                raise ValueError("another version of the bundle")
            chains = {(chain[1], chain[2]): [wire.Sealed(*entry) for entry in chain[3]] for chain in found[3]}
            return cls(found[2], chains, [merkle.Head.decode(head) for head in found[4]], found[5], found[6])
        except (TypeError, LookupError, AttributeError) as error:
            raise ValueError("not a bundle") from error

    def findings(self) -> list[str]:
        """What is wrong, one line each, in the words of `tools/verify_entry.py`; empty when sound."""
        found = [f"key {commitment.hex()[:8]}: not the key of this commitment"
                 for commitment, key in self.keys.items() if suite.commitment(key) != commitment]
        sound: dict[Place, list[bytes]] = {}
        keys: dict[Place, bytes] = {}
        broken: set[Place] = set()
        for place, entries in self.chains.items():
            sound[place] = []
            for seq, entry in enumerate(entries, start=1):
                try:
                    outer = self._check(place, entry, seq, sound[place], keys)
                    self._open(entry, outer)
                except wire.Broken as error:
                    found.append(f"{_name(place)} entry {seq}: {error.reason}")
                    broken.add(place)
                    break  # what follows a broken entry proves nothing
                sound[place].append(entry.hash)
        return [*found, *self._check_heads(sound, keys, broken)]

    def _check(self, place: Place, entry: wire.Sealed, seq: int, before: list[bytes],
               keys: dict[Place, bytes]) -> wire.Outer:
        outer = wire.check(entry, seq=seq, previous=before[-1] if before else wire.FIRST, verify_key=keys.get(place),
                           practice=self.practice, stream=place[1])
        if outer.replica != place[0]:
            raise wire.Broken(wire.Reason.PLACE, "another replica")
        if outer.verify_key:
            keys[place] = outer.verify_key
        return outer

    def _open(self, entry: wire.Sealed, outer: wire.Outer) -> None:
        if not self.metadata:
            return
        inner = self._open_inner(entry)
        wire.check_opened(outer, inner)
        key = self.keys.get(inner.body_key)
        if entry.body is None or key is None:
            return
        try:
            wire.open_body(entry.body, key, self.practice)
        except CryptoError as error:
            raise wire.Broken(wire.Reason.BODY, "does not open") from error

    def _open_inner(self, entry: wire.Sealed) -> wire.Inner:
        for commitment in self.metadata:
            try:
                return wire.open_inner(entry.inner, self.keys[commitment], self.practice)
            except (CryptoError, KeyError):
                continue
        raise wire.Broken(wire.Reason.INNER, "does not open")

    def _check_heads(self, sound: dict[Place, list[bytes]], keys: dict[Place, bytes],
                     broken: set[Place]) -> Iterator[str]:
        for head in self.heads:
            place = (head.replica, head.stream)
            hashes = sound.get(place, [])
            where = f"{_name(place)} head {head.size}"
            if head.size > len(hashes):
                if place not in broken:
                    yield f"{where}: truncated"
            elif head.size and (head.practice != self.practice or not head.check(keys[place])):
                yield f"{where}: head signature"
            elif head.size and (head.last, head.root) != (
                    hashes[head.size - 1], merkle.root_of(hashes[:head.size])):
                yield f"{where}: head root"


def _name(place: Place) -> str:
    return f"{place[0].hex()[:8]}/{place[1]}"
