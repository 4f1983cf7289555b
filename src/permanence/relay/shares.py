"""What a practice may keep here, and what it keeps: counters that change in the transaction of what they count.

A machine that is carried about, and that another one named, may add a part of it only, and nothing to the last of it: whoever steals it
leaves the others room.
"""

from dataclasses import dataclass

from permanence.lib import cbor, clock
from permanence.relay import db
from permanence.relay.asking import NBSP, Asker, Refusal

MOST_ASIDE, MOST_CHAINS = 1_000, 2_000
PART, LAST = 8, 16  # one such key adds an eighth at most; the last sixteenth is for the others
QUOTA = (f"Ce cabinet a rempli sa part du relais{NBSP}: rien n’a été gardé de cet envoi. Les dossiers restent sur vos machines{NBSP}; "
         "demandez plus de place à l’hébergeur du relais.")  # fmt: skip
OF_KEY = (f"Ce portable a rempli ce qu’un portable peut garder sur le relais{NBSP}: rien n’a été gardé de cet envoi. Rapportez-le au "
          f"cabinet, où les machines s’accordent sans relais{NBSP}; s’il ne l’a pas rempli lui-même, révoquez-le.")  # fmt: skip
LAST_OF_IT = ("La part de ce cabinet sur le relais est presque pleine, et le reste est gardé pour les machines qui restent au "
              f"cabinet{NBSP}: rien n’a été gardé de cet envoi. Rapportez ce portable au cabinet, ou demandez plus de place à "
              "l’hébergeur du relais.")  # fmt: skip
Parts = dict[bytes, list[int]]  # by key: bytes, entries, files, chains


@dataclass(slots=True)
class Share:
    """One practice's row, held until the end of the transaction. `part`: what the key that asks has added, if it is counted."""

    parts: Parts
    part: list[int] | None
    practice: bytes
    arrivals: int
    batches: int
    bytes: int
    most_bytes: int
    entries: int
    most_entries: int
    blobs: int
    most_blobs: int

    def take(self, *, bytes: int = 0, entries: int = 0, blobs: int = 0, freed: int = 0) -> None:
        """Count this much more. `freed`: bytes that go for it, which give no key its part back. Raises Refusal when it is too much."""
        self.bytes, self.entries, self.blobs = self.bytes + bytes - freed, self.entries + entries, self.blobs + blobs
        now, most = (self.bytes, self.entries, self.blobs), (self.most_bytes, self.most_entries, self.most_blobs)
        if any(one > limit for one, limit in zip(now, most, strict=True)):
            raise Refusal(507, "quota", QUOTA)
        if self.part is not None:
            more = max(0, bytes - freed), entries, blobs
            _count(self.part, (*more, 0), (*most, 0))
            if any(one and kept > limit - limit // LAST for one, kept, limit in zip(more, now, most, strict=True)):
                raise Refusal(507, "quota", LAST_OF_IT)

    def take_chains(self, count: int) -> None:
        """Count chains that are new here. Raises Refusal."""
        if self.part is not None:
            _count(self.part, (0, 0, 0, count), (0, 0, 0, MOST_CHAINS))

    def save(self) -> None:
        """Write the counters."""
        parts = cbor.dumps(self.parts) if self.parts else None
        db.run("UPDATE relay_practice SET arrivals = %s, batches = %s, bytes = %s, entries = %s, blobs = %s, parts = %s"
               " WHERE practice = %s", self.arrivals, self.batches, self.bytes, self.entries, self.blobs, parts, self.practice)  # fmt: skip


def _count(part: list[int], more: tuple[int, ...], most: tuple[int, ...]) -> None:
    for at, one in enumerate(more):
        part[at] += one
        if one and part[at] > most[at] // PART:
            raise Refusal(507, "quota", OF_KEY)


def hold(asker: Asker) -> Share:
    """The practice's share, locked: whoever adds to a practice waits here for whoever is adding to it. Call it in a transaction."""
    *counters, kept = db.one("SELECT practice, arrivals, batches, bytes, most_bytes, entries, most_entries, blobs, most_blobs, parts"
                             " FROM relay_practice WHERE practice = %s" + db.locking(), asker.practice)  # fmt: skip
    parts: Parts = cbor.loads_trusted(bytes(kept)) if kept else {}
    part = parts.setdefault(asker.key, [0, 0, 0, 0]) if asker.bounded else None
    return Share(parts, part, *counters)


def put_aside(share: Share, what: str, replica: bytes, stream: int, seq: int, why: str, data: bytes, digest: bytes, by: bytes) -> None:
    """Keep what did not check, once, up to a thousand of a practice: beyond that it is named in the answer and not kept."""
    kept, theirs = db.one("SELECT count(*), count(CASE WHEN given_by = %s THEN 1 END) FROM relay_aside WHERE practice = %s", by,
                          share.practice)  # fmt: skip
    if kept >= MOST_ASIDE or (share.part is not None and theirs >= MOST_ASIDE // PART):
        return
    added = db.run(
        "INSERT INTO relay_aside (practice, digest, what, replica, stream, seq, why, data, given_by, since)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        share.practice, digest, what, replica, stream, seq, why, data, by, clock.ms())  # fmt: skip
    if added:
        share.take(bytes=len(data))
