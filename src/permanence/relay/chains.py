"""A practice's chains as they are held: read for those of a batch, written when they grew or a head of theirs was accepted."""

from collections.abc import Collection, Mapping

from permanence.journal import wire
from permanence.journal.exchange import Place
from permanence.journal.merkle import Frontier
from permanence.journal.witness import Point
from permanence.relay import db
from permanence.relay.asking import Refusal
from permanence.relay.checking import Chain
from permanence.relay.shares import MOST_CHAINS, QUOTA


def load(practice: bytes, places: Collection[Place]) -> dict[Place, Chain]:
    """Those chains; one that is not held yet begins empty."""
    found = {place: Chain() for place in places}
    replicas = sorted({replica for replica, _ in places})
    if replicas:
        marks = ", ".join(["%s"] * len(replicas))
        for replica, stream, size, last, key, frontier, head_size, head_root in db.rows(
                "SELECT replica, stream, size, last, key, frontier, head_size, head_root FROM relay_chain"
                f" WHERE practice = %s AND replica IN ({marks})", practice, *replicas):
            if (replica, stream) in found:
                found[replica, stream] = Chain(size, last if size else wire.FIRST, key, Frontier.from_bytes(frontier) if size
                                               else Frontier(), Point(head_size, head_root) if head_size else None)  # fmt: skip
    return found


def save(practice: bytes, chains: Mapping[Place, Chain]) -> None:
    """Write the chains that have entries."""
    for (replica, stream), chain in sorted(chains.items()):
        db.run("INSERT INTO relay_chain (practice, replica, stream, size, last, key, frontier, head_size, head_root, head, marks)"
               " VALUES (%s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s) ON CONFLICT (practice, replica, stream) DO UPDATE SET"
               " size = excluded.size, last = excluded.last, frontier = excluded.frontier",
               practice, replica, stream, chain.size, chain.last, chain.key, chain.frontier.to_bytes(), b"", b"", b"")  # fmt: skip
    _refuse_too_many(practice)


def save_head(practice: bytes, place: Place, key: bytes, point: Point, head: bytes, marks: bytes) -> None:
    """Write the largest head accepted of a chain, which may have no entry yet."""
    db.run("INSERT INTO relay_chain (practice, replica, stream, size, last, key, frontier, head_size, head_root, head, marks)"
           " VALUES (%s, %s, %s, 0, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (practice, replica, stream) DO UPDATE SET"
           " head_size = excluded.head_size, head_root = excluded.head_root, head = excluded.head, marks = excluded.marks",
           practice, *place, b"", key, b"", point.size, point.root, head, marks)  # fmt: skip
    _refuse_too_many(practice)


def held(practice: bytes) -> dict[Place, int]:
    """The vector of the practice."""
    found = db.rows("SELECT replica, stream, size FROM relay_chain WHERE practice = %s AND size > 0", practice)
    return {(replica, stream): size for replica, stream, size in found}


def _refuse_too_many(practice: bytes) -> None:
    if db.one("SELECT count(*) FROM relay_chain WHERE practice = %s", practice)[0] > MOST_CHAINS:
        raise Refusal(507, "quota", QUOTA)
