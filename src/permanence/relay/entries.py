"""Entries in, as whole batches, and out again, in the order in which they came."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from django.db import transaction

from permanence.journal.exchange import MOST_BYTES, Asked, Batch, Given, Place, Pushed, Vector
from permanence.journal.wire import Sealed
from permanence.lib import cbor, suite
from permanence.relay import chains, checking, db, events, shares
from permanence.relay.asking import NBSP, Asker, Refusal
from permanence.relay.checking import Read

LOOKED_AT, MOST_LOOKS = 500, 20  # batches looked at in one go; goes in one answer, which may then give nothing yet
_ENTRY = {"practice": "bytea", "replica": "bytea", "stream": "int2", "seq": "int8", "hash": "bytea", "arrival": "int8", "batch": "int8",
          "outer_header": "bytea", "signature": "bytea", "inner_header": "bytea", "body": "bytea"}  # fmt: skip


# -- in


def push(asker: Asker, data: bytes) -> bytes:
    """What became of each entry. All that is accepted is on the disk when this returns, or nothing is."""
    batch = Batch.decode(data)
    if batch.practice != asker.practice:
        raise Refusal(403, "practice", f"Ces écritures sont d’un autre cabinet{NBSP}: elles ne sont pas gardées ici.")
    read = [checking.read(entry, asker.practice) for entry in batch.entries]
    with transaction.atomic():
        share = shares.hold(asker)
        known = chains.load(asker.practice, {entry.place for entry in read if entry.outer})
        new = {place for place, chain in known.items() if chain.key is None}
        found = checking.check(read, known, partial(_stored, asker.practice))
        number = _keep(share, batch.keys, found.kept)
        if found.kept:
            grown = {entry.place for entry in found.kept}
            share.take_chains(len(grown & new))
            chains.save(asker.practice, {place: known[place] for place in grown})
        for entry in found.mended:
            _mend(asker.practice, entry)
        for entry, why in found.aside:
            _put_aside(share, entry, why, asker.key)
        share.save()
        held = chains.held(asker.practice)
    if number:
        events.streams.told(asker.practice, number)
    return Pushed(tuple(found.outcomes), held).encode()


def _stored(practice: bytes, place: Place, first: int, last: int) -> Mapping[int, tuple[bytes, bytes]]:
    found = db.rows("SELECT seq, hash, signature FROM relay_entry WHERE practice = %s AND replica = %s AND stream = %s"
                    " AND seq BETWEEN %s AND %s", practice, *place, first, last)  # fmt: skip
    return {seq: (bytes(hash), bytes(signature)) for seq, hash, signature in found}


def _mend(practice: bytes, entry: Read) -> None:
    db.run("UPDATE relay_entry SET signature = %s WHERE practice = %s AND replica = %s AND stream = %s AND seq = %s",
           entry.sealed.signature, practice, *entry.place, entry.seq)  # fmt: skip


def _keep(share: shares.Share, keys: bytes, kept: Sequence[Read]) -> int:
    """Write the batch; its number, 0 when there is nothing new in it."""
    keys_hash = suite.sha256(keys) if keys else b""
    if not kept and (not keys or db.one("SELECT 1 FROM relay_batch WHERE practice = %s AND keys_hash = %s", share.practice, keys_hash)):
        return 0
    size = sum(entry.size for entry in kept) + len(keys)
    share.take(bytes=size, entries=len(kept))
    first, share.batches = share.arrivals + 1, share.batches + 1
    db.put("relay_entry", _ENTRY, (
        (share.practice, *entry.place, entry.seq, entry.hash, first + i, share.batches, entry.sealed.outer, entry.sealed.signature,
         entry.sealed.inner, entry.sealed.body) for i, entry in enumerate(kept)))  # fmt: skip
    share.arrivals += len(kept)
    db.run("INSERT INTO relay_batch (practice, number, first, last, bytes, spans, keys, keys_hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
           share.practice, share.batches, first, share.arrivals, size, _spans(kept), keys, keys_hash)  # fmt: skip
    return share.batches


def _spans(kept: Iterable[Read]) -> bytes:
    """Which entries of which chains: who holds them all need not read them."""
    found: dict[Place, list[int]] = {}
    for entry in kept:
        found.setdefault(entry.place, [entry.seq, entry.seq])[1] = entry.seq
    return cbor.dumps([[*place, *span] for place, span in found.items()])


def _put_aside(share: shares.Share, entry: Read, why: str, by: bytes) -> None:
    one = entry.sealed
    data = cbor.dumps([one.outer, one.signature, one.inner, one.body])
    shares.put_aside(share, "entry", *entry.place, entry.seq, why, data, suite.sha256(data), by)


# -- out


def give(asker: Asker, data: bytes) -> bytes:
    """Whole batches that came after `since`, without what the asker holds."""
    asked = Asked.decode(data)
    wanted, until, more = _choose(asker.practice, asked)
    found = tuple(_batches(asker.practice, wanted, asked.held))
    return Given(found, until, more, chains.held(asker.practice)).encode()


def _choose(practice: bytes, asked: Asked) -> tuple[list[Any], int, bool]:
    """Rows of the batches to give, the place up to which all was looked at, and whether there is more after it."""
    wanted: list[Any] = []
    until, size, count = asked.since, 0, 0
    for _ in range(MOST_LOOKS):
        found = db.rows("SELECT number, first, last, bytes, spans, keys FROM relay_batch WHERE practice = %s AND number > %s"
                        " ORDER BY number LIMIT %s", practice, until, LOOKED_AT)  # fmt: skip
        for row in found:
            number, first, last, bytes_, spans = row[:5]
            if first > last or _lacks(spans, asked.held):
                if wanted and (size + bytes_ > MOST_BYTES or count + last - first + 1 > asked.most):
                    return wanted, until, True
                wanted.append(row)
                size, count = size + bytes_, count + last - first + 1
            until = number
        if len(found) < LOOKED_AT:
            return wanted, until, False
    return wanted, until, True


def _lacks(spans: bytes, held: Vector) -> bool:
    return any(held.get((replica, stream), 0) < last for replica, stream, _, last in cbor.loads_trusted(spans))


def _batches(practice: bytes, wanted: Sequence[Any], held: Vector) -> Iterable[Batch]:
    """Many batches in one reading, when they lie side by side; else one by one."""
    together = all(after[0] == before[0] + 1 for before, after in pairwise(wanted))
    if not together:
        for row in wanted:
            yield from _batch(practice, row, held)
        return
    entries = _entries(practice, wanted[0][1], wanted[-1][2]) if wanted else []
    at = 0
    for _, first, last, _, _, keys in wanted:
        count = last - first + 1
        yield Batch(practice, _lacking(entries[at:at + count], held), bytes(keys))
        at += count


def _batch(practice: bytes, row: Any, held: Vector) -> Iterable[Batch]:
    yield Batch(practice, _lacking(_entries(practice, row[1], row[2]), held), bytes(row[5]))


def _entries(practice: bytes, first: int, last: int) -> list[Any]:
    return db.rows("SELECT replica, stream, seq, outer_header, signature, inner_header, body FROM relay_entry WHERE practice = %s"
                   " AND arrival BETWEEN %s AND %s ORDER BY arrival", practice, first, last) if first <= last else []  # fmt: skip


def _lacking(found: Iterable[Any], held: Vector) -> tuple[Sealed, ...]:
    return tuple(Sealed(*parts) for replica, stream, seq, *parts in found if seq > held.get((replica, stream), 0))
