"""Is the journal whole, and are the tables what it says? Findings name what is wrong; nothing is repaired here.

`quick` checks chains from their last checkpoints, `full` recomputes every chain and signature and rebuilds every object.
What a replica alone cannot find is said in SECURITY.md: a chain re-signed with its own signing key.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from nacl.exceptions import CryptoError

from permanence.journal import chain, fold, keyring, keys, merkle, vault, wire
from permanence.journal.categories import Scope, Stream
from permanence.journal.tables import journaled_models, of_model, table
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run

ALIASES = ("default", "access")
_CHECKPOINT = b"permanence/checkpoint/v1\0"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: `where` names it with ids and places only, `what` says what is wrong."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a verification. Times are ms UTC; `entries` were read, `objects` rebuilt."""

    full: bool
    entries: int
    objects: int
    findings: tuple[Finding, ...]
    started: int
    ended: int

    @property
    def sound(self) -> bool:
        return not self.findings


def verify(*, full: bool = False, saved_heads: Iterable[merkle.Head] = (), most: int = 100) -> Report:
    """Check both files; stop after `most` findings. `saved_heads` come from `seal/`: truncation is found against them."""
    started, counts = clock.ms(), {"entries": 0, "objects": 0}
    found: list[Finding] = []
    try:
        for finding in itertools.islice(_findings(full, list(saved_heads), counts), most):
            found.append(finding)
    except (DatabaseError, CryptoError, wire.Broken, cbor.Malformed, ValueError, TypeError, LookupError) as error:
        # What is damaged may not even be readable: that is a finding, and the last one.
        found.append(Finding("verification", f"stopped: {type(error).__name__}: {error}"))
    return Report(full, counts["entries"], counts["objects"], tuple(found), started, clock.ms())


def _findings(full: bool, saved: list[merkle.Head], counts: dict[str, int]) -> Iterator[Finding]:
    for alias in ALIASES:
        yield from _chains(alias, full, counts)
    yield from _against(saved)
    if full:
        yield from _strays()
        yield from _keyring()
        yield from _orders()
        yield from _access_index()
        yield from differences(counts)


# -- chains


def _chains(alias: str, full: bool, counts: dict[str, int]) -> Iterator[Finding]:
    known = {(replica, stream): rest for replica, stream, *rest in run(
        alias, "SELECT replica, stream, size, head, frontier, verify_key FROM journal_chain").fetchall()}
    there = run(alias, "SELECT DISTINCT replica, stream FROM journal_entry").fetchall()
    for replica, stream in there:
        if (replica, stream) not in known:
            yield Finding(_place(replica, stream), "entries without the head of their chain")
    for (replica, stream), (size, last, frontier, verify_key) in known.items():
        yield from _chain(alias, replica, stream, size, last, frontier, verify_key, full, counts)


def _chain(alias: str, replica: bytes, stream: int, size: int, last: bytes, frontier: bytes, verify_key: bytes, full: bool,
           counts: dict[str, int]) -> Iterator[Finding]:
    v = vault.current()
    if suite.replica_id(verify_key) != replica or (replica == v.replica and verify_key != v.verify_key):
        yield Finding(_place(replica, stream), "the key of this chain is not its replica's")
        return
    seq, previous, tree, wrong = _checkpoint(alias, replica, stream, full)
    if wrong:
        yield wrong
    rows = run(alias, "SELECT e.seq, e.outer, e.signature, e.inner, b.sealed, e.hash, e.kind, e.object, e.ref, e.hlc"
               " FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash"
               " WHERE e.replica = ? AND e.stream = ? AND e.seq > ? ORDER BY e.seq", replica, stream, seq)
    for row_seq, outer, signature, inner, body, hash, *index in rows:
        entry = wire.Sealed(outer, signature, inner, body)
        seq += 1
        counts["entries"] += 1
        try:
            wire.check(entry, seq=seq, previous=previous, verify_key=verify_key, practice=v.practice,
                       stream=stream)
            what = _beside(entry, hash, row_seq, seq, index, v)
        except (wire.Broken, CryptoError, cbor.Malformed) as error:
            what = str(error) or type(error).__name__
        if what:
            yield Finding(f"{_place(replica, stream)} entry {seq}", what)
            return  # what follows a broken entry proves nothing
        previous = entry.hash
        tree.append(previous)
    if (seq, previous, tree.to_bytes()) != (size, last, frontier):
        yield Finding(_place(replica, stream), f"the chain ends at {seq}, its head says {size}" if seq != size
                      else "the head of the chain is not its last entry's")


def _beside(entry: wire.Sealed, hash: bytes, row_seq: int, seq: int, index: list[Any], v: vault.Vault) -> str:
    """What the columns beside a sound entry get wrong, or why its missing body is not explained."""
    if hash != entry.hash or row_seq != seq:
        return "stored under another name or place"
    inner = wire.open_inner(entry.inner, v.metadata, v.practice)
    if tuple(index) != (inner.kind, inner.object, inner.ref, inner.hlc):
        return "its index columns are not what it says"
    if entry.body is None and not _absence_explained(entry.hash, inner):
        return "its body is missing and no order explains it"
    return ""


def _absence_explained(hash: bytes, inner: wire.Inner) -> bool:
    if run("default", "SELECT 1 FROM journal_pruned WHERE entry = ?", hash).fetchone():
        return True
    if inner.scope != Scope.PATIENT:
        return False
    return run("default", "SELECT 1 FROM journal_entry WHERE kind = ? AND object = ?", chain.ERASE,
               inner.ref).fetchone() is not None


def _checkpoint(alias: str, replica: bytes, stream: int, full: bool) -> tuple[int, bytes, merkle.Frontier, Finding | None]:
    start = 0, wire.FIRST, merkle.Frontier()
    found = run(alias, "SELECT size, head, frontier, at, signature FROM journal_checkpoint WHERE replica = ? AND stream = ?",
                replica, stream).fetchone()
    if found is None:
        return *start, None
    size, head, frontier, at, signature = found
    message = _message(replica, stream, size, head, frontier, at)
    if not suite.check_signature(signature, message, vault.current().verify_key):
        return *start, Finding(_place(replica, stream), "its checkpoint is not signed by this replica")
    here = run(alias, "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?", replica, stream,
               size).fetchone()
    if here is None or here[0] != head:
        return *start, Finding(_place(replica, stream), f"entry {size} is not the one verified before")
    return (*start, None) if full else (size, head, merkle.Frontier.from_bytes(frontier), None)


def _message(replica: bytes, stream: int, size: int, head: bytes, frontier: bytes, at: int) -> bytes:
    return _CHECKPOINT + cbor.dumps([vault.current().practice, replica, stream, size, head, frontier, at])


def keep_checkpoints(alias: str) -> None:
    """Sign the present heads as verified. On the writer of `alias`, after a sound report only."""
    v, at = vault.current(), clock.ms()
    for replica, stream, size, head, frontier in run(
            alias, "SELECT replica, stream, size, head, frontier FROM journal_chain").fetchall():
        signature = suite.sign(_message(replica, stream, size, head, frontier, at), v.signing)
        run(alias, "INSERT INTO journal_checkpoint (replica, stream, size, head, frontier, at, signature)"
            " VALUES (?,?,?,?,?,?,?) ON CONFLICT (replica, stream) DO UPDATE SET size = excluded.size,"
            " head = excluded.head, frontier = excluded.frontier, at = excluded.at, signature = excluded.signature",
            replica, stream, size, head, frontier, at, signature)


def _against(saved: list[merkle.Head]) -> Iterator[Finding]:
    """The heads kept in `seal/`: a chain never shrinks, and what it held at that size it still holds."""
    v = vault.current()
    for head in saved:
        place = _place(head.replica, head.stream)
        alias = "access" if head.stream == Stream.ACCESS else "default"
        known = run(alias, "SELECT verify_key FROM journal_chain WHERE replica = ? AND stream = ?", head.replica,
                    head.stream).fetchone()
        if head.practice != v.practice or not head.check(known[0] if known else v.verify_key):
            yield Finding(place, "the head in seal/ is not signed by its replica")
            continue
        found = run(alias, "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?", head.replica,
                    head.stream, head.size).fetchone()
        if head.size and found is None:
            yield Finding(place, f"truncated: seal/ saw {head.size} entries")
        elif head.size and found[0] != head.last:
            yield Finding(place, f"entry {head.size} is not the one that seal/ saw")


# -- what no chain explains


def _strays() -> Iterator[Finding]:
    for alias in ALIASES:
        for (entry,) in run(alias, "SELECT b.entry FROM journal_body b LEFT JOIN journal_entry e ON e.hash = b.entry"
                            " WHERE e.hash IS NULL").fetchall():
            yield Finding(f"body {_hex(entry)}", "no entry has this body")


def _keyring() -> Iterator[Finding]:
    """Each fixed key once; one key per patient, the one that the patient's entries cite, or a tombstone that an order
    explains."""
    v = vault.current()
    cited = dict(_cited())
    erased = {row[0] for row in run("default", "SELECT object FROM journal_entry WHERE kind = ?", chain.ERASE).fetchall()}
    owners: dict[tuple[str, bytes | None], int] = {}
    for commitment, label, ref, wrapped in run("default", "SELECT commitment, label, ref, wrapped FROM journal_key").fetchall():
        where = f"key {_hex(commitment)} ({label})"
        owners[label, ref] = owners.get((label, ref), 0) + 1
        if label not in keyring.LABELS:
            yield Finding(where, "is of no known use")
        elif wrapped is None and (label != "patient" or ref not in erased):
            yield Finding(where, "destroyed, and no order explains it")
        elif wrapped is not None and (wrong := _unwrapped(wrapped, label, commitment, v)):
            yield Finding(where, wrong)
        elif label == "patient" and ref in cited and commitment != cited[ref]:
            yield Finding(where, "is not the key that this patient's entries cite")
        elif label == "patient" and ref not in cited and ref not in erased:
            yield Finding(where, "no entry explains it")
    expected = {*(("patient", ref) for ref in {*cited, *erased}), *((label, None) for label in vault.FIXED),
                ("signing", v.replica)}
    chains = {row[0] for alias in ALIASES for row in run(alias, "SELECT replica FROM journal_chain").fetchall()}
    for label, ref in expected | set(owners):
        if owners.get((label, ref), 0) != 1 and (label, ref) in expected:
            yield Finding(f"key {label} {_hex(ref)}", f"{owners.get((label, ref), 0)} keys")
        elif (label, ref) not in expected and label != "authority" and not (label == "signing" and ref in chains):
            yield Finding(f"key {label} {_hex(ref)}", "nothing explains it")


def _unwrapped(wrapped: bytes, label: str, commitment: bytes, v: vault.Vault) -> str:
    try:
        key = keyring.unwrap(wrapped, v.root, v.practice, label)
    except CryptoError:
        return "does not open under the practice root"
    if suite.commitment(key) != commitment:
        return "is not the key it says"
    return "" if v.fixed.get(label, key) == key else "is not the key in use"


def _cited() -> Iterator[tuple[bytes, bytes]]:
    """Per patient, the commitment of the key that one of its entries cites."""
    v = vault.current()
    for ref, sealed in run("default", "SELECT ref, inner FROM journal_entry WHERE stream = ? AND ref IS NOT NULL"
                           " GROUP BY ref HAVING min(id)", int(Stream.RECORD)).fetchall():
        inner = wire.open_inner(sealed, v.metadata, v.practice)
        if inner.scope == Scope.PATIENT:
            yield ref, inner.body_key


def _orders() -> Iterator[Finding]:
    """Each pruned entry is named by the prune order that it cites."""
    v = vault.current()
    for entry, reason in run("default", "SELECT entry, reason FROM journal_pruned").fetchall():
        found = run("default", "SELECT e.inner, b.sealed FROM journal_entry e JOIN journal_body b ON b.entry = e.hash"
                    " WHERE e.hash = ? AND e.kind = ?", reason, chain.PRUNE).fetchone()
        named: Any = ()
        if found:
            named = (chain.open_values(found[1], wire.open_inner(found[0], v.metadata, v.practice)) or {}).get("entries", ())
        if entry not in named:
            yield Finding(f"pruned {_hex(entry)}", "no order names it")


def _access_index() -> Iterator[Finding]:
    """The index of reads says what the sealed bodies say, row for row."""
    v = vault.current()
    index: dict[int, list[tuple[Any, ...]]] = {}
    for entry, *row in run("access", "SELECT entry, patient, level, categories, member, session FROM journal_accessindex"):
        index.setdefault(entry, []).append(tuple(row))
    for id, seq, sealed, body in run("access", "SELECT e.id, e.seq, e.inner, b.sealed FROM journal_entry e"
                                     " JOIN journal_body b ON b.entry = e.hash WHERE e.kind = 'access.read'"):
        inner = wire.open_inner(sealed, v.metadata, v.practice)
        said = [(patient, level, mask, inner.member, inner.session)
                for patient, levels, *_ in wire.open_body(body, v.access, v.practice)["patients"] for level, mask in levels]
        if sorted(said, key=repr) != sorted(index.pop(id, []), key=repr):
            yield Finding(f"access entry {seq}", "the index of reads does not say what it says")
    for entry in index:
        yield Finding(f"access index of {entry}", "no entry explains it")


# -- the tables


def differences(counts: dict[str, int] | None = None) -> Iterator[Finding]:
    """Rebuild every object from its entries alone and compare with states and rows, one object at a time."""
    seen: dict[str, set[str]] = {}
    for kind, object, state, wrong in _rebuilt():
        if counts is not None:
            counts["objects"] += 1
        if wrong:
            yield Finding(f"{kind} {object.hex()}", wrong)
            continue
        known = table(kind)
        where = f"{kind} {object.hex()}"
        if known is None or not known.append_only:
            stored = run("default", "SELECT registers, kind FROM journal_objectstate WHERE object = ?", object).fetchone()
            if stored is None or stored[0] != chain.pack(state) or stored[1] != kind:
                yield Finding(where, "its state is not what its entries give")
        if known:
            row = chain.append_only_row(known, state) if known.append_only else known.row(state)
            found = run("default", known.select, object.hex()).fetchone()
            if found != row:
                yield Finding(where, "its row is not what its entries give")
        seen.setdefault(kind, set()).add(object.hex())
    yield from _unexplained(seen)


def _rebuilt() -> Iterator[tuple[str, bytes, fold.State, str]]:
    v, opened = vault.current(), dict[tuple[int, bytes | None], bytes | None]()
    rows = run("default", "SELECT e.object, e.hash, e.inner, b.sealed FROM journal_entry e LEFT JOIN journal_body b"
               " ON b.entry = e.hash WHERE e.object IS NOT NULL AND e.kind NOT LIKE 'journal.%' ORDER BY e.object")
    for object, group in itertools.groupby(rows, lambda row: row[0]):
        kind, writes, wrong = "", [], ""
        for _, hash, sealed, body in group:
            try:
                inner = wire.open_inner(sealed, v.metadata, v.practice)
                owner = inner.scope, inner.ref
                if owner not in opened:
                    opened[owner] = keys.readable(*owner)
                key = opened[owner]
                values = wire.open_body(body, key, v.practice) if body is not None and key is not None else None
            except (wire.Broken, CryptoError) as error:
                wrong = f"an entry does not open: {error}"
                break
            kind = inner.kind
            writes.append(fold.Write(hash, inner.hlc, inner.base, values))
        yield kind, object, fold.whole(writes), wrong


def _unexplained(seen: dict[str, set[str]]) -> Iterator[Finding]:
    for model in journaled_models():
        known = of_model(model)
        for (id,) in run("default", f'SELECT id FROM "{known.name}"'):
            if id not in seen.get(known.kind, ()):
                yield Finding(f"{known.kind} {id}", "no entry explains this row")
    everything = set().union(*seen.values()) if seen else set()
    for (object,) in run("default", "SELECT object FROM journal_objectstate"):
        if not isinstance(object, bytes) or object.hex() not in everything:
            yield Finding(f"state {_hex(object)}", "no entry explains it")


def _hex(id: object) -> str:
    """Enough of an id to find it; whatever a damaged table holds in its place is said as it is."""
    return id.hex()[:16] if isinstance(id, bytes) else repr(id)


def _place(replica: bytes, stream: int) -> str:
    name = Stream(stream).name.lower() if stream in list(Stream) else str(stream)
    return f"chain {_hex(replica)[:8]}/{name}"
