"""What each machine leaves at a relay for who has nothing but the recovery sheet: the practice's keys and names, sealed to the sheet.

Specified in `docs/format/deposit.md`. The relay sees whose sheet it is for, and a length.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.accounts.queries import SheetInfo, sheets
from permanence.journal import arrival, authority, exchange, keyring, peers, vault
from permanence.journal.exchange import Asked, Vector
from permanence.journal.folder import Joined
from permanence.journal.seal import Seal, load_erased
from permanence.lib import cbor, clock, suite
from permanence.sync import queries, rules
from permanence.sync.models import Replica

FORMAT, BEYOND = 1, 1 << 60
AGAIN_S = 3_600.0  # without anything new but entries: how old what it says of them may be
MOST_ERASED = 5_000  # the orders themselves come with the entries
_INFO, _SIGNED = b"permanence/deposit/v1\0", b"permanence/deposit/signed/v1\0"
Heard = tuple[tuple[UUID, dict[int, int] | None], ...]


@dataclass(frozen=True, slots=True)
class Deposit:
    """All that a new machine needs besides the entries. `held`: what the relay then had, so that it cannot give less unseen."""

    replica: bytes  # who left it
    verify_key: bytes
    kind: str
    wall: int
    keys: Joined = field(repr=False)
    sheet: bytes  # the slot of the sheet
    rp_id: str
    hosts: tuple[str, ...]
    relays: tuple[str, ...]
    authority: bytes = field(repr=False)  # the practice's own, where that machine holds it; empty otherwise
    heard: Heard
    held: Vector

    def values(self) -> dict[int, Any]:
        """As it is written."""
        return {1: self.replica, 2: self.verify_key, 3: self.kind, 4: self.wall, 5: self.keys.practice, 6: self.keys.epoch,
                7: self.keys.root, 8: dict(self.keys.fixed), 9: sorted(self.keys.erased), 10: self.sheet, 11: self.rp_id,
                12: list(self.hosts), 13: list(self.relays), 14: self.authority,
                15: [[id.bytes, until] for id, until in self.heard], 16: exchange.listed(self.held),
                17: dict(self.keys.roots)}  # fmt: skip

    @classmethod
    def of(cls, found: Mapping[int, Any]) -> "Deposit":
        """Raises ValueError, TypeError, LookupError."""
        keys = Joined(found[5], found[6], found[7], {name: found[8][name] for name in vault.FIXED}, tuple(found[9]),
                      roots=dict(found.get(17, {})))  # fmt: skip
        heard = tuple((UUID(bytes=id), None if until is None else dict(until)) for id, until in found[15])
        return cls(found[1], found[2], found[3], found[4], keys, found[10], found[11], tuple(map(str, found[12])),
                   tuple(map(str, found[13])), found[14], heard, exchange.vector(found[16]))  # fmt: skip


# -- leaving


@dataclass(frozen=True, slots=True)
class Left:
    """What was last left at one relay: of which content, when."""

    content: bytes
    at: float


def leave(path: Path, line: peers.Peer, before: Left | None) -> Left | None:
    """Leave it anew when its content changed, or when what it says of the entries is an hour old. Raises peers' errors.

    A machine whose content is not the whole practice's leaves nothing; nor does anybody for a sheet made before its keys were kept.
    """
    v, live = vault.current(), [sheet for sheet in sheets() if sheet.live]
    row = Replica.objects.filter(id=UUID(bytes=v.replica)).first()
    if not live or v.other is not None or row is None or row.kind == "limited":
        return before
    made = _made(path, live[-1], row)
    content = suite.sha256(cbor.dumps({**made.values(), 4: 0, 16: []}))
    if before is not None and before.content == content and clock.monotonic() - before.at < AGAIN_S:
        return before
    line.put_seal(v.replica, sealed(replace(made, held=_given_there(line)), live[-1], v.signing))
    _take_away(line, v.replica)
    return Left(content, clock.monotonic())


def _made(path: Path, sheet: SheetInfo, row: Replica) -> Deposit:
    v, record, pair = vault.current(), Seal.load(path / "seal"), authority.current()
    keys = Joined(v.practice, v.epoch, v.root, v.fixed, tuple(load_erased(path / "seal"))[:MOST_ERASED], roots=v.roots)
    return Deposit(v.replica, v.verify_key, row.kind, clock.ms(), keys, sheet.slot.bytes, record.rp_id, record.hosts,
                   tuple(queries.relays()), authority.packed(pair) if pair else b"", tuple(queries.told()), {})


def _given_there(line: peers.Peer) -> Vector:
    """Of what is held here, what the relay says that it has."""
    mine = arrival.held()
    theirs = line.pull(Asked(mine, BEYOND, 1)).held
    return {place: min(size, theirs.get(place, 0)) for place, size in mine.items()}


def sealed(deposit: Deposit, sheet: SheetInfo, signing: bytes) -> bytes:
    """For that sheet alone, signed by who leaves it."""
    body, practice = cbor.dumps(deposit.values()), deposit.keys.practice
    plain = suite.pad(cbor.dumps({1: body, 2: suite.sign(_SIGNED + practice + body, signing)}))
    return cbor.dumps({1: FORMAT, 2: suite.SUITE, 3: sheet.speaks, 4: suite.hpke_seal(sheet.box, plain, _INFO + practice + sheet.speaks)})


def _take_away(line: peers.Peer, own: bytes) -> None:
    """What others left for a sheet that was replaced, or before they were revoked: it should open nothing to whom finds the paper. And
    what nobody of the practice left: who had a key to speak there could have a rebuild begin from a word of its own."""
    old = {sheet.speaks for sheet in sheets() if not sheet.live}
    heard = {id.bytes for id, until in queries.told() if until is None}
    for replica, record in line.seals().items():
        if replica != own and (replica not in heard or _sheet_of(record) in old):
            line.put_seal(replica, b"")


def _sheet_of(record: bytes) -> bytes:
    try:
        found = cbor.loads(record)
        return bytes(found[3]) if type(found) is dict else b""
    except (ValueError, TypeError, LookupError):
        return b""


# -- opening


def opened(records: Iterable[bytes], secret: bytes, practice: bytes) -> list[Deposit]:
    """Those that this sheet opens and that are signed by who says to have left them, of who knew most first. No clock is believed."""
    found = [one for record in records if (one := _opened(record, secret, practice)) is not None]
    return sorted(found, key=lambda one: (one.keys.epoch, sum(one.held.values()), one.wall), reverse=True)


def with_all_roots(found: Sequence[Deposit]) -> Deposit:
    """The first, with the roots of all: machines that did not hear each other may have left keys there under different ones."""
    roots = {epoch: root for one in reversed(found) for epoch, root in (*one.keys.roots.items(), (one.keys.epoch, one.keys.root))}
    roots.pop(found[0].keys.epoch)
    return replace(found[0], keys=replace(found[0].keys, roots=roots))


def _opened(record: bytes, secret: bytes, practice: bytes) -> Deposit | None:
    try:
        outer = cbor.loads(record)
        if (outer[1], outer[2]) != (FORMAT, suite.SUITE):
            return None
        info = _INFO + practice + keyring.sheet_speaker(secret)[32:]
        plain = cbor.loads_padded(suite.hpke_open(keyring.sheet_slot(secret, practice)[1], outer[4], info))
        found = Deposit.of(cbor.loads(plain[1]))
        good = (found.keys.practice == practice and suite.replica_id(found.verify_key) == found.replica and found.kind in rules.KINDS
                and suite.check_signature(plain[2], _SIGNED + practice + plain[1], found.verify_key))  # fmt: skip
        return found if good else None
    except (CryptoError, ValueError, TypeError, LookupError):
        return None

