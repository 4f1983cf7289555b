"""What this replica gives to others of all that it holds, its own entries and theirs: whole acts, in the order in which they came here."""

from collections.abc import Iterator

from permanence.journal import arrival, keys_in, vault, wire
from permanence.journal.categories import Scope
from permanence.journal.exchange import MOST_BYTES, Asked, Batch, Given, Malformed, Place, Vector, lacking
from permanence.lib.sqlcipher import run

CEILING = 64 << 20  # bytes of one answer, whatever the acts
Row = tuple[int, bytes, int, int, bytes, bytes, bytes, bytes | None, bytes | None]
_AFTER = ("SELECT e.id, e.replica, e.stream, e.seq, e.outer, e.signature, e.inner, b.sealed, e.ref FROM journal_entry e"
          " LEFT JOIN journal_body b ON b.entry = e.hash WHERE e.id > ? ORDER BY e.id LIMIT 2000")  # fmt: skip


def give(asked: Asked, *, keys: bool = True) -> Given:
    """One batch of what the asker lacks, from its place on; `until` is the place to ask from next.

    A batch ends where no act is open: no act is ever cut. What the asker holds already is passed over. `keys`: with the patients'.
    """
    only = own_only()
    taken, until, size, more, open_acts = list[Row](), asked.since, 0, False, dict[bytes, int]()
    cited = set[bytes]()
    for row in _rows(asked.since):
        if not open_acts and taken and (len(taken) >= asked.most or size > MOST_BYTES // 2):
            more = True
            break
        until = row[0]
        if only is not None and row[1] not in only:
            continue
        inner = _count(row, open_acts)  # those passed over too: an act held in part would otherwise stay open for ever
        if row[3] <= asked.held.get((row[1], row[2]), 0):
            continue
        taken.append(row)
        if inner.scope == Scope.PATIENT:
            cited.add(inner.body_key)
        size += 400 + len(row[7] or b"")
        if size > CEILING:
            raise Malformed("an act without an end")
    v = vault.current()
    batches = (Batch(v.practice, tuple(wire.Sealed(*row[4:8]) for row in taken), keys_in.sealed_keys(cited if keys else ())),)
    return Given(batches if taken else (), until, more, arrival.held())


def _rows(since: int) -> Iterator[Row]:
    while rows := run("default", _AFTER, since).fetchall():
        yield from rows
        since = rows[-1][0]


def _count(row: Row, open_acts: dict[bytes, int]) -> wire.Inner:
    """An act is open from its first entry to its last. The entry's inner header."""
    v = vault.current()
    inner = wire.open_inner(row[6], v.metadata, v.practice, trusted=True)
    id, _, count = inner.act
    left = open_acts.get(row[1] + id, count) - 1
    if left:
        open_acts[row[1] + id] = left
    else:
        open_acts.pop(row[1] + id, None)
    return inner


def before(theirs: Vector) -> int:
    """The place after which everything lies that they lack of what is here: what they refused is offered again from there."""
    first = "SELECT id FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?"
    places = [run("default", first, *place, size + 1).fetchone() for place, (size, _) in lacking(giveable(), theirs).items()]
    return min((found[0] for found in places if found), default=1) - 1


def own_only() -> set[bytes] | None:
    """A limited machine gives what it wrote, under every id that it has had, and nothing else: it has no keys to send along, and a whole
    machine that had the entries from it would never be given them with the keys. None: all."""
    if vault.current().limited is None:
        return None
    return {ref for (ref,) in run("default", "SELECT ref FROM journal_key WHERE label = 'signing'").fetchall()}


def giveable() -> dict[Place, int]:
    """Of what is held, what this machine may give."""
    only = own_only()
    return {place: size for place, size in arrival.held().items() if only is None or place[0] in only}


def newest() -> int:
    """The place of what came last."""
    found: int = run("default", "SELECT coalesce(max(id), 0) FROM journal_entry").fetchone()[0]
    return found
