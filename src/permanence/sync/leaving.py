"""A machine that the practice revoked: it is told so and hands over what it wrote. Said to be lost, a laptop empties itself, another locks.

What it is told is the very entry of the revocation, signed by a machine that stays in the practice; nobody else can empty it.
Emptying destroys the boxes that hold its keys, then its files. On a flash disk a copy of a block may outlive both: the disk's own
encryption is what answers for that (SECURITY.md).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.journal import chain, departure, peers, vault, wire
from permanence.journal.exchange import Asked, Batch
from permanence.journal.folder import FILES, Folder
from permanence.lib import cbor, clock
from permanence.lib.sqlcipher import run
from permanence.sync import actions, queries, rules, segments
from permanence.sync.models import Replica

log = logging.getLogger(__name__)
ADDRESS = "revocation"  # where a revoked machine asks why it is refused
EMPTIED = cbor.dumps({1: "emptied"})  # the last thing that it says
AGAIN_S = 60.0  # between two questions of why
emptied: list[Callable[[], None]] = []  # what ends with the practice on this machine
NOTE = "CE-DOSSIER-A-ETE-VIDE.txt"


@dataclass(frozen=True, slots=True)
class Revocation:
    """What the practice says of this machine."""

    wipe: bool


def revocation_of(key: bytes) -> bytes:
    """The entry that revokes the machine of this transport key: [outer, signature, inner, body]. Raises FileNotFoundError."""
    row = Replica.objects.filter(transport_key=key).exclude(revoked_at=None).order_by("-wipe", "id").first()
    if row is None:
        raise FileNotFoundError
    state = chain.load_state(row.id.bytes, rules.REPLICA)
    live = state["wipe" if row.wipe else "revoked_at"].live
    (found,) = run("default", "SELECT e.outer, e.signature, e.inner, b.sealed FROM journal_entry e JOIN journal_body b ON b.entry = e.hash"
                   " WHERE e.hash = ?", max(live, key=lambda entry: (live[entry][0], entry))).fetchall()  # fmt: skip
    return cbor.dumps(list(found))


def was_told(key: bytes, *, emptied: bool = False) -> None:
    """The machine of this transport key has its answer, or says that it is empty: kept here, for who looks at the list."""
    found = dict(Replica.objects.filter(transport_key=key).exclude(revoked_at=None).values_list("id", "revoked_at"))
    if not found:
        raise FileNotFoundError
    actions.record_leaving({id: at for id, at in found.items() if at}, emptied=emptied)


def read_revocation(data: bytes) -> Revocation:
    """Believed when a machine that is heard, and is not carried about, signed it about this one. Raises peers.Malformed."""
    v, known = vault.current(), queries.known()
    try:
        sealed = wire.Sealed(*cbor.loads(data))
        outer = wire.Outer.decode(sealed.outer)
        author = known.get(UUID(bytes=outer.replica))
        if author is None or rules.heard(author.id, known) is not None or author.kind in rules.PORTABLE:
            raise peers.Malformed("nobody who may revoke")
        wire.check(sealed, seq=outer.seq, previous=outer.previous, verify_key=author.verify_key, practice=v.practice)
        inner = wire.open_inner(sealed.inner, v.metadata, v.practice)
        wire.check_opened(outer, inner)
        values = chain.open_values(sealed.body, inner) or {}
    except (wire.Broken, CryptoError, cbor.Malformed, TypeError, ValueError) as error:
        raise peers.Malformed("revocation") from error
    if inner.kind != rules.REPLICA or inner.object != v.replica or not (values.get("revoked_at") or values.get("wipe")):
        raise peers.Malformed("another order")
    here = known.get(UUID(bytes=v.replica))
    if here is not None and not here.revoked and run("default", "SELECT 1 FROM journal_entry WHERE hash = ?", sealed.hash).fetchone():
        raise peers.Malformed("taken back")  # an old one, said again: who keeps every entry could empty a machine that was found
    return Revocation(values.get("wipe") is True)


class Leaving:
    """What a refused machine does at each contact with one other."""

    def __init__(self, folder: Folder) -> None:
        self._folder, self._asked_at, self._handed = folder, -AGAIN_S, 0
        self._reads = segments.Left()

    def heed(self, line: peers.Peer) -> Revocation | None:
        """After a refusal: why; and hand over what was written. None: this machine was not revoked there. Raises peers' errors."""
        if clock.monotonic() - self._asked_at < AGAIN_S and self._handed >= departure.newest():
            return None
        self._asked_at = clock.monotonic()
        try:
            found = read_revocation(line.ask("GET", ADDRESS, most=1 << 20))
        except peers.Refused:
            return None
        self._hand_over(line)
        if found.wipe:
            self._lost(line)
        return found

    def _lost(self, line: peers.Peer) -> None:
        """One that is carried about empties itself. Another locks: no single machine's word destroys what stands in the practice."""
        here = queries.known().get(UUID(bytes=vault.current().replica))
        if here is None or here.kind not in rules.PORTABLE:
            log.warning("lost, as the practice says: locked", extra={"kind": "folder.locked"})
            self._folder.seal()
            return
        log.warning("lost, as the practice says: emptied", extra={"kind": "folder.wiped"})
        wipe(self._folder)
        try:
            line.ask("POST", ADDRESS, EMPTIED, most=1 << 10)  # the line still has its key, in memory
        except Exception:
            log.warning("nobody heard that it is empty", extra={"kind": "folder.wiped"})
        for end in emptied:
            end()

    def _hand_over(self, line: peers.Peer) -> None:
        """Everything they lack, once: they put it aside for a person to look at. Then what was shown here, to whom."""
        theirs = line.push(Batch(vault.current().practice, ())).held
        while True:
            given = departure.give(Asked(theirs, self._handed))
            for batch in given.batches:
                line.push(batch)
            self._handed = given.until
            if not given.more:
                break
        self._reads.give(line)


def wipe(folder: Folder) -> None:
    """Seal, destroy the boxes that hold the keys, then all the rest; a note says why the folder is empty."""
    folder.seal()
    (folder.path / NOTE).write_text(
        "Ce portable a été déclaré perdu par le cabinet. À son premier contact, il a remis au cabinet ce qui y avait été écrit, puis il"
        " s’est vidé.\nPour s’en servir de nouveau, l’associer au cabinet par un code.\n", encoding="utf-8")  # fmt: skip
    for first in (folder.seal_path / "seal.cbor", *sorted(_files(folder.seal_path))):
        _destroy(first)
    for name in FILES.values():
        for part in folder.path.glob(f"{name}*"):
            _destroy(part)
    for part in sorted(_files(folder.path / "blobs")):
        _destroy(part)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _destroy(path: Path) -> None:
    """Write over what holds keys, as far as a disk does so; then remove it."""
    if not path.exists():
        return
    if path.stat().st_size <= 1 << 20:
        path.write_bytes(bytes(path.stat().st_size))
    path.unlink()
