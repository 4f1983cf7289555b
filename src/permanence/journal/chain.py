"""Appending and applying: every entry, ours or another replica's, reaches the tables through `apply`.

Erasing, pruning and verifying are elsewhere; here an act becomes entries, and entries become states and rows.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

import permanence
from permanence.journal import acts, conflicts, fold, heads, keys, live, merkle, registry, vault, wire, writer
from permanence.journal.categories import Scope, Stream
from permanence.journal.tables import Table, table
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run, run_many

ERASE, PRUNE = "journal.erase", "journal.prune"


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before its place is known: its parts sealed, and the index columns that go beside them."""

    kind: str
    object: bytes | None
    ref: bytes | None
    hlc: int
    inner: bytes
    body: bytes


# -- chains


def head(alias: str, stream: int) -> tuple[int, bytes, int, merkle.Frontier]:
    """Size, last hash, last HLC and Merkle frontier of our own chain in the open transaction: read, never remembered."""
    v = vault.current()
    found = run(alias, "SELECT size, head, hlc, frontier FROM journal_chain WHERE replica = ? AND stream = ?", v.replica,
                int(stream)).fetchone()
    if found is None:
        return 0, wire.FIRST, 0, merkle.Frontier()
    size, last, hlc, frontier = found
    return size, last, hlc, merkle.Frontier.from_bytes(frontier)


def extend(alias: str, stream: int, drafts: Collection[Draft]) -> list[wire.Sealed]:
    """Give drafts their places at the end of our chain, sign and keep them. Call it in a writer's transaction."""
    v = vault.current()
    size, previous, _, frontier = head(alias, stream)
    entries, rows, bodies = [], [], []
    for draft in drafts:
        size += 1
        entry = wire.write(practice=v.practice, replica=v.replica, stream=int(stream), seq=size, previous=previous, inner=draft.inner,
                           body=draft.body, epoch=v.epoch, signing_key=v.signing)
        previous = entry.hash
        frontier.append(previous)
        entries.append(entry)
        rows.append((previous, v.replica, int(stream), size, entry.outer, entry.signature, entry.inner, draft.kind, draft.object,
                     draft.ref, draft.hlc))
        bodies.append((previous, draft.body))
        last_hlc = draft.hlc
    if entries:
        run_many(alias, INSERT_ENTRY, rows)
        run_many(alias, "INSERT INTO journal_body (entry, sealed) VALUES (?, ?)", bodies)
        keep_head(alias, v.replica, stream, size, previous, last_hlc, frontier, v.verify_key)
        heads.note(alias)
    return entries


INSERT_ENTRY = ("INSERT INTO journal_entry (hash, replica, stream, seq, outer, signature, inner, kind, object, ref, hlc)"
                 " VALUES (?,?,?,?,?,?,?,?,?,?,?)")


def keep_head(alias: str, replica: bytes, stream: int, size: int, last: bytes, hlc: int, frontier: merkle.Frontier, verify_key: bytes
              ) -> None:
    run(alias, "INSERT INTO journal_chain (replica, stream, size, head, hlc, frontier, verify_key) VALUES (?,?,?,?,?,?,?)"
        " ON CONFLICT (replica, stream) DO UPDATE SET size = excluded.size, head = excluded.head, hlc = max(journal_chain.hlc,"
        " excluded.hlc), frontier = excluded.frontier", replica, int(stream), size, last, hlc, frontier.to_bytes(), verify_key)


def last_hlc() -> int:
    """The newest clock of any chain of practice.db: a new entry is later than all that this replica has seen."""
    found: int | None = run("default", "SELECT max(hlc) FROM journal_chain").fetchone()[0]
    return found or 0


def draft_of(act: acts.Act, *, kind: str, version: int, scope: Scope, ref: bytes | None, object: bytes | None, values: Mapping[str, Any],
             base: Mapping[str, Collection[bytes]], hlc: int, place: tuple[int, int], key: bytes) -> Draft:
    """Seal one entry's inner header and body. Sealing needs no place in the chain, so bulk work does it beforehand."""
    v = vault.current()
    body, _ = wire.seal_body(dict(values), key, v.practice)
    actor = act.actor
    inner = wire.Inner(
        kind=kind, kind_version=version, application=permanence.__version__, hlc=hlc, wall=clock.ms(), zone=settings.TIME_ZONE,
        clock_good=clock.clock_known_good(), member=_bytes(actor.member), post=_bytes(actor.post), session=_bytes(actor.session),
        assurance=actor.assurance, scope=int(scope), ref=ref, object=object, act=(act.id, *place), base=base,
        body_key=suite.commitment(key), purpose=actor.purpose, action=act.action)
    return Draft(kind, object, ref, hlc, wire.seal_inner(inner, v.metadata, v.practice), body)


def _bytes(id: UUID | None) -> bytes | None:
    return None if id is None else id.bytes


# -- an act becomes entries


def flush(act: acts.Act) -> None:
    """The end of the outermost action: its orders, then one entry per object written, contiguous in each stream, folded; orders take
    effect last. Raises IntegrityError when an added object has a history already, Erased when its patient's key is gone."""
    survivors = act.survivors()
    orders = [pending for pending in survivors if isinstance(pending, Order)]
    writes = sorted(_coalesced([pending for pending in survivors if not isinstance(pending, Order)]),
                    key=lambda write: write.table.stream)  # control first; Python's sort keeps the order within a stream
    states = [None if write.table.append_only else load_state(write.object, write.table.kind) for write in writes]
    hlc, scope_keys, count = last_hlc(), dict[tuple[Scope, bytes | None], bytes](), len(orders) + len(writes)
    given: list[Draft] = []
    for i, order in enumerate(orders, 1):
        hlc = clock.hlc_tick(hlc, clock.ms())
        given.append(draft_of(act, kind=order.kind, version=1, scope=Scope.CONTROL, ref=None, object=order.object, values=order.values,
                              base={}, hlc=hlc, place=(i, count), key=vault.current().control))
    drafts: list[Draft] = []
    for i, (write, state) in enumerate(zip(writes, states, strict=True), len(orders) + 1):
        if write.adding and (state or (state is None and _has_history(write.object))):
            raise IntegrityError(f"{write.table.kind} {write.object.hex()} has a history")
        hlc = clock.hlc_tick(hlc, clock.ms())
        owner = (write.table.scope, write.ref)
        if owner not in scope_keys:
            scope_keys[owner] = keys.of_scope(*owner)
        of = write.table
        drafts.append(draft_of(act, kind=of.kind, version=of.version, scope=of.scope, ref=write.ref, object=write.object,
                               values=write.values, base=_base(write, state), hlc=hlc, place=(i, count), key=scope_keys[owner]))
    given_entries = extend("default", Stream.CONTROL, given) if given else []
    for stream in sorted({write.table.stream for write in writes}):
        mine = [i for i, write in enumerate(writes) if write.table.stream == stream]
        for i, entry in zip(mine, extend("default", stream, [drafts[i] for i in mine]), strict=True):
            write = writes[i]
            fold_in(fold.Write(entry.hash, drafts[i].hlc, _base(write, states[i]), write.values), write.table.kind, write.object, states[i])
    for order, entry in zip(orders, given_entries, strict=True):
        _HANDLERS[order.kind](entry.hash, order.object, order.values)
    live.tell((write.table.kind, write.object) for write in writes)


@dataclass(frozen=True, slots=True)
class Order:
    """One of the journal's own orders (erase, prune), waiting for the end of its act."""

    kind: str
    object: bytes
    values: Mapping[str, Any]


def give(kind: str, object: bytes, values: Mapping[str, Any]) -> None:
    """Add an order to the act under way: an entry of the control stream, effective at the act's end."""
    act = acts.current_act()
    if act is None:
        raise RuntimeError("an order is given inside an action")
    act.pend(Order(kind, object, values))


@dataclass(slots=True)
class _Write:
    table: Table
    object: bytes
    ref: bytes | None
    values: dict[str, Any]
    seen: dict[str, Collection[bytes]]
    adding: bool


def _coalesced(pendings: list[Any]) -> Iterator[_Write]:
    """One write per object, in the order of first touch: within an act the later value simply replaces the earlier."""
    by_object: dict[bytes, _Write] = {}
    for p in pendings:
        write = by_object.setdefault(p.object, _Write(p.table, p.object, p.ref, {}, {}, p.adding))
        for name in p.values:
            if name not in write.values and p.seen and name in p.seen:
                write.seen[name] = p.seen[name]
        write.values.update(p.values)
        write.adding = write.adding or p.adding
    yield from by_object.values()


def _base(write: _Write, state: fold.State | None) -> dict[str, list[bytes]]:
    """Per field the entries its author had seen: what the form showed, else the one value shown when it was loaded."""
    base: dict[str, list[bytes]] = {}
    for name in write.values:
        if name in write.seen:
            base[name] = list(write.seen[name])
        else:
            shown = state[name].shown if state and name in state else None
            base[name] = [shown[0]] if shown else []
    return base


def _has_history(object: bytes) -> bool:
    return run("default", "SELECT 1 FROM journal_entry WHERE object = ?", object).fetchone() is not None


# -- entries become states and rows


Opened = dict[wire.Opener, bytes]  # the keys that an act opened already


def apply(hash: bytes, body: bytes | None, inner: wire.Inner, opened: Opened) -> None:
    """Fold one kept entry of another replica. Idempotence is the caller's (`arrival`); the order is free."""
    if inner.object is None:
        return
    values = open_values(body, inner, opened.get(inner.opener))
    if is_waiting(body, values):
        keys.note_lacking(*inner.opener)
    if inner.kind in _HANDLERS:
        _HANDLERS[inner.kind](hash, inner.object, values or {})
        opened.clear()  # it may have destroyed one of them
        return
    write, known = write_of(hash, inner, body, values), table(inner.kind)
    if known is None or not known.append_only:
        kind, state = _stored(inner.object)
        fold_in(write, inner.kind, inner.object, state) if kind in ("", inner.kind) else refold(inner.object)
    elif len(run("default", "SELECT 1 FROM journal_entry WHERE object = ? LIMIT 2", inner.object).fetchall()) == 1:
        fold_in(write, inner.kind, inner.object, None)
    else:
        refold(inner.object)


def is_waiting(body: bytes | None, values: Mapping[str, Any] | None) -> bool:
    """Whether the key of a body is not here yet."""
    return values is None and body is not None


def write_of(hash: bytes, inner: wire.Inner, body: bytes | None, values: Mapping[str, Any] | None) -> fold.Write:
    """What an entry says of its object. While its key is not here it takes nothing's place: nobody could read what it says instead."""
    return fold.Write(hash, inner.hlc, {} if is_waiting(body, values) else inner.base, values)


def open_values(body: bytes | None, inner: wire.Inner, key: bytes | None = None) -> Mapping[str, Any] | None:
    """The body's values; None when it is pruned or its key is not here. Raises wire.Broken when it does not open."""
    if key is None and body is not None:
        key = keys.readable(*inner.opener)
    if body is None or key is None:
        return None
    return wire.open_body(body, key, vault.current().practice, trusted=True)


def fold_in(write: fold.Write, kind: str, object: bytes, state: fold.State | None) -> None:
    """Fold a write and project its object. `state` None: an append-only object whose only entry this is."""
    if state is None:
        if (known := table(kind)) is None:
            raise LookupError(f"{kind} is not a kind of this version")
        _write_row(known, object, None if write.values is None else known.row_of(write.values))
        return
    fold.add(state, write, lambda entry: run("default", "SELECT 1 FROM journal_entry WHERE hash = ?", entry).fetchone() is not None)
    project(kind, object, state)


def refold(object: bytes) -> None:
    """Compute an object again from all its entries: after an erasure, a pruning, a late key, an upgrade."""
    found = states_from_entries(object)
    registers = kind_of(found)
    if found and not registers:
        for beside in ("journal_objectstate", "journal_conflict"):  # kept while this version did not know the kind
            run("default", f"DELETE FROM {beside} WHERE object = ?", object)
    for kind, state in found.items():
        known = table(kind)
        if known is not None and known.append_only:
            _write_row(known, object, append_only_row(known, state))
        elif kind == registers:
            project(kind, object, state, strict=False)
        elif known is not None:
            _write_row(known, object, known.row(state, strict=False))


def unpark() -> int:
    """After an upgrade: what the version before kept without knowing it, and this one knows, becomes rows. How many objects did."""
    done = 0
    for object, kind, parked in run("default", "SELECT object, kind, parked FROM journal_objectstate WHERE parked <> ''").fetchall():
        known = table(kind)
        names = parked.removeprefix("fields ").split(", ")
        if known is not None and (parked.startswith("type ") or any(name in known.names for name in names)):
            with transaction.atomic():
                refold(object)
            done += 1
    return done


def append_only_row(known: Table, state: fold.State) -> tuple[Any, ...] | None:
    """The row of an append-only object: its one entry's values (of several, the first by clock and hash)."""
    first = {name: min((hlc, entry) for entry, (hlc, _) in register.live.items()) for name, register in state.items() if register.live}
    return known.row_of({name: state[name].live[entry][1] for name, (_, entry) in first.items()}, strict=False)


def project(kind: str, object: bytes, state: fold.State, *, strict: bool = True) -> None:
    """Keep the object's registers and write the row they give; park what this version does not know."""
    known = table(kind)
    unknown = sorted(set(state) - known.names) if known else []
    parked = f"type {kind}" if known is None else f"fields {', '.join(unknown)}" if unknown else ""
    run("default", "INSERT INTO journal_objectstate (object, kind, registers, parked) VALUES (?, ?, ?, ?)"
        " ON CONFLICT(object) DO UPDATE SET registers = excluded.registers, parked = excluded.parked, kind = excluded.kind",
        object, kind, pack(state), parked[:120])
    conflicts.keep(kind, object, state)
    if known:
        _write_row(known, object, known.row(state, strict=strict))


def _write_row(known: Table, object: bytes, row: tuple[Any, ...] | None) -> None:
    if row is None:
        run("default", f'DELETE FROM "{known.name}" WHERE id = ?', object.hex())
    else:
        run("default", known.upsert, object.hex(), *row)
    if listeners := registry.projections(known.kind):
        named = None if row is None else dict(zip((c.name for c in known.columns), row, strict=True))
        for listener in listeners:
            listener(UUID(bytes=object), named)


def pack(state: fold.State) -> bytes:
    """An object's registers as deterministic bytes: alike on every replica that has folded the same entries.

    The map {field: [[[entry, hlc, value], ...], [early, ...]]}; a field of one value, as most are, is written by hand.
    """
    parts = [cbor.head(0xA0, len(state))]
    for name, encoded in cbor.ordered_names(tuple(state)):
        register, live = state[name], state[name].live
        parts.append(encoded)
        if len(live) == 1 and not register.early:
            (entry, (hlc, value)), = live.items()
            parts += (b"\x82\x81\x83\x58\x20", entry, cbor.head(0x00, hlc), cbor.dumps(value), b"\x80")
        else:
            parts.append(cbor.dumps([[[entry, hlc, value] for entry, (hlc, value) in sorted(live.items())], sorted(register.early)]))
    return b"".join(parts)


def load_state(object: bytes, kind: str = "") -> fold.State:
    """The stored registers; empty for an object that has none. `kind`: those that its entries of this kind gave, and no others."""
    stored, state = _stored(object)
    return state if kind in ("", stored) or not stored else states_from_entries(object).get(kind, {})


def _stored(object: bytes) -> tuple[str, fold.State]:
    found = run("default", "SELECT kind, registers FROM journal_objectstate WHERE object = ?", object).fetchone()
    if found is None:
        return "", {}
    return found[0], {name: fold.Register({entry: (hlc, value) for entry, hlc, value in live}, set(early))
                      for name, (live, early) in cbor.loads_trusted(found[1]).items()}


def kind_of(found: Iterable[str]) -> str:
    """Of the kinds that entries give one object, that of its stored registers: no action gives it two, whoever has a stolen key may."""
    return min((kind for kind in found if (known := table(kind)) is None or not known.append_only), default="")


def states_from_entries(object: bytes) -> dict[str, fold.State]:
    """An object's registers from its entries alone, by kind: the definition that states and rows are checked against.

    Each kind has its own: what is written of an object under another name than its own never reaches its row.
    """
    v, writes = vault.current(), dict[str, list[fold.Write]]()
    of = "SELECT e.hash, e.inner, b.sealed FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash WHERE e.object = ?"
    for hash, sealed, body in run("default", of, object).fetchall():
        inner = wire.open_inner(sealed, v.metadata, v.practice, trusted=True)
        if inner.kind not in _HANDLERS:
            writes.setdefault(inner.kind, []).append(write_of(hash, inner, body, open_values(body, inner)))
    return {kind: fold.whole(mine) for kind, mine in sorted(writes.items())}


# -- erasing and pruning, as entries that every replica applies


def _apply_erase(order: bytes, patient: bytes, values: Mapping[str, Any]) -> None:
    objects = {row[0] for row in run("default", "SELECT DISTINCT object FROM journal_entry WHERE ref = ?", patient)}
    for gone in keys.destroy(patient):
        heads.erased(gone)
    run("default", "DELETE FROM journal_body WHERE entry IN (SELECT hash FROM journal_entry WHERE ref = ?"
        " AND kind NOT LIKE 'journal.%')", patient)
    for erase in registry.erasers():
        erase(UUID(bytes=patient))
    for object in objects:
        if object is not None:
            refold(object)
    writer.current().destroyed()


def _apply_prune(order: bytes, object: bytes, values: Mapping[str, Any]) -> None:
    for target in values.get("entries", ()):
        run("default", "INSERT INTO journal_pruned (entry, reason) VALUES (?, ?) ON CONFLICT DO NOTHING", target, order)
        run("default", "DELETE FROM journal_body WHERE entry = ?", target)
        found = run("default", "SELECT object FROM journal_entry WHERE hash = ?", target).fetchone()
        if found and found[0] is not None:
            refold(found[0])
    writer.current().destroyed()


_HANDLERS = {ERASE: _apply_erase, PRUNE: _apply_prune}
