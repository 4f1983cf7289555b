"""What a practice may keep here, and what it keeps: counters that change in the transaction of what they count."""

from dataclasses import dataclass

from permanence.lib import clock
from permanence.relay import db
from permanence.relay.asking import NBSP, Refusal

MOST_ASIDE, MOST_CHAINS = 1_000, 2_000
QUOTA = (f"Ce cabinet a rempli sa part du relais{NBSP}: rien n’a été gardé de cet envoi. Les dossiers restent sur vos machines{NBSP}; "
         "demandez plus de place à l’hébergeur du relais.")  # fmt: skip


@dataclass(slots=True)
class Share:
    """One practice's row, held until the end of the transaction."""

    practice: bytes
    arrivals: int
    batches: int
    bytes: int
    most_bytes: int
    entries: int
    most_entries: int
    blobs: int
    most_blobs: int

    def take(self, *, bytes: int = 0, entries: int = 0, blobs: int = 0) -> None:
        """Count this much more. Raises Refusal when it would be too much."""
        if self.bytes + bytes > self.most_bytes or self.entries + entries > self.most_entries or self.blobs + blobs > self.most_blobs:
            raise Refusal(507, "quota", QUOTA)
        self.bytes, self.entries, self.blobs = self.bytes + bytes, self.entries + entries, self.blobs + blobs

    def save(self) -> None:
        """Write the counters."""
        db.run("UPDATE relay_practice SET arrivals = %s, batches = %s, bytes = %s, entries = %s, blobs = %s WHERE practice = %s",
               self.arrivals, self.batches, self.bytes, self.entries, self.blobs, self.practice)  # fmt: skip


def hold(practice: bytes) -> Share:
    """The practice's share, locked: whoever adds to a practice waits here for whoever is adding to it. Call it in a transaction."""
    found = db.one("SELECT practice, arrivals, batches, bytes, most_bytes, entries, most_entries, blobs, most_blobs FROM relay_practice"
                   " WHERE practice = %s" + db.locking(), practice)  # fmt: skip
    return Share(*found)


def put_aside(share: Share, what: str, replica: bytes, stream: int, seq: int, why: str, data: bytes, digest: bytes, by: bytes) -> None:
    """Keep what did not check, once, up to a thousand of a practice: beyond that it is named in the answer and not kept."""
    if db.one("SELECT count(*) FROM relay_aside WHERE practice = %s", share.practice)[0] >= MOST_ASIDE:
        return
    added = db.run(
        "INSERT INTO relay_aside (practice, digest, what, replica, stream, seq, why, data, given_by, since)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        share.practice, digest, what, replica, stream, seq, why, data, by, clock.ms())  # fmt: skip
    if added:
        share.take(bytes=len(data))
