"""Is the journal whole, and are the tables what it says? Findings name what is wrong; nothing is repaired here.

`quick` checks chains from their last checkpoints, `full` recomputes every chain and signature and rebuilds every object.
What a replica alone cannot find is said in SECURITY.md: a chain re-signed with its own signing key.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from nacl.exceptions import CryptoError

from permanence.journal import chain, contents, keyring, keys, keys_in, merkle, registry, segments, vault, wire
from permanence.journal.categories import Stream
from permanence.journal.contents import differences
from permanence.journal.findings import Finding, place, short
from permanence.lib import cbor, clock, sqlcipher, suite
from permanence.lib.sqlcipher import run

ALIASES = ("default", "access")
OWN = ("authority", vault.ROOT, "box")  # keys that a replica holds or not
BATCH = 1024  # entries whose signatures are checked together, half of them on a second core
GENTLE_BATCH, REST_S = 64, 0.030  # while people work: about 10 ms of Python, then a rest
ROOM_KB = 32_000  # page cache of a full verification: the indexes it goes through are in the order of random ids
Rest = Callable[[float], bool]
_CHECKPOINT = b"permanence/checkpoint/v1\0"


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


class Stopped(Exception):
    """The practice is being sealed: the verification ends without a result."""


def verify(*, full: bool = False, saved_heads: Iterable[merkle.Head] = (), most: int = 100, rest: Rest | None = None) -> Report:
    """Check both files; stop after `most` findings. `saved_heads` come from `seal/`: truncation is found against them.

    `rest`: in a process that serves pages, called with seconds after each few entries, for Python runs one thread at a
    time; True ends it. Raises Stopped then.
    Each file is read as it stands when this begins: people may go on working.
    """
    started, counts = clock.ms(), {"entries": 0, "objects": 0}
    found: list[Finding] = []
    with ExitStack() as stack:
        for alias in ALIASES:
            stack.enter_context(transaction.atomic(using=alias))
            stack.callback(transaction.set_rollback, True, using=alias)  # nothing was written; a damaged file cannot COMMIT
            if full:
                stack.callback(_leave_room, alias, _room(alias, -ROOM_KB))
        try:
            for finding in itertools.islice(_findings(full, list(saved_heads), counts, rest), most):
                found.append(finding)
        except (DatabaseError, CryptoError, wire.Broken, cbor.Malformed, ValueError, TypeError, LookupError) as error:
            # What is damaged may not even be readable: that is a finding, and the last one.
            found.append(Finding("verification", f"stopped: {type(error).__name__}: {error}"))
    return Report(full, counts["entries"], counts["objects"], tuple(found), started, clock.ms())


def _room(alias: str, pages: int) -> int:
    """Set the page cache of this connection (negative: kB); returns what it was."""
    before: int = run(alias, "PRAGMA cache_size").fetchone()[0]
    run(alias, f"PRAGMA cache_size = {pages}").fetchone()
    return before


def _leave_room(alias: str, pages: int) -> None:
    with suppress(DatabaseError):
        _room(alias, pages)


def _findings(full: bool, saved: list[merkle.Head], counts: dict[str, int], rest: Rest | None) -> Iterator[Finding]:
    if full:
        yield from _pages()
    with ThreadPoolExecutor(1, "signatures") as helper:
        for alias in ALIASES:
            yield from _chains(alias, full, counts, helper, rest)
    yield from _against(saved)
    yield from segments.unsound(full=full)
    if full:
        yield from _strays()
        yield from _orders()
        yield from contents.orders_and_sessions()
        yield from contents.access_index()
        cited = contents.Cited()
        yield from differences(counts, cited)
        yield from _keyring(cited)


def _pages() -> Iterator[Finding]:
    """Every page of every table and index, those of no entry too: what opening a large practice has no time for."""
    for alias in ALIASES:
        for name, unsound in sqlcipher.unsound_tables(alias):
            if unsound:
                yield Finding(f"table {name}", "its pages are not whole")


# -- chains


def _chains(alias: str, full: bool, counts: dict[str, int], helper: ThreadPoolExecutor,
            rest: Rest | None = None) -> Iterator[Finding]:
    known = {(replica, stream): rest for replica, stream, *rest in run(
        alias, "SELECT replica, stream, size, head, frontier, verify_key FROM journal_chain").fetchall()}
    there = run(alias, "SELECT DISTINCT replica, stream FROM journal_entry").fetchall()
    for replica, stream in there:
        if (replica, stream) not in known:
            yield Finding(place(replica, stream), "entries without the head of their chain")
    for (replica, stream), (size, last, frontier, verify_key) in known.items():
        v = vault.current()
        if suite.replica_id(verify_key) != replica or (replica == v.replica and verify_key != v.verify_key):
            yield Finding(place(replica, stream), "the key of this chain is not its replica's")
            continue
        walk = _Chain(alias, replica, stream, verify_key, full, counts, helper, rest)
        yield from walk.findings(size, last, frontier)


class _Chain:
    """One chain being walked: every hash and place in order, signatures a batch at a time."""

    def __init__(self, alias: str, replica: bytes, stream: int, verify_key: bytes, full: bool, counts: dict[str, int],
                 helper: ThreadPoolExecutor, rest: Rest | None) -> None:
        self.rest = rest
        self.alias, self.replica, self.stream, self.verify_key, self.full = alias, replica, stream, verify_key, full
        self.counts, self.helper, self.vault = counts, helper, vault.current()
        self.epoch = self.vault.epoch
        self.seq, self.previous, self.tree, self.wrong = _checkpoint(alias, replica, stream, full)

    def findings(self, size: int, last: bytes, frontier: bytes) -> Iterator[Finding]:
        """What is wrong; after a broken entry nothing more, for what follows it proves nothing."""
        if self.wrong:
            yield self.wrong
        rows = run(self.alias, "SELECT e.seq, e.outer, e.signature, e.inner, b.sealed, e.hash, e.kind, e.object, e.ref,"
                   " e.hlc FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash"
                   " WHERE e.replica = ? AND e.stream = ? AND e.seq > ? ORDER BY e.seq", self.replica, self.stream, self.seq)
        while batch := rows.fetchmany(GENTLE_BATCH if self.rest else BATCH):
            if broken := self._batch(batch):
                yield broken
                return
            if self.rest is not None and self.rest(REST_S):
                raise Stopped
        if (self.seq, self.previous, self.tree.to_bytes()) != (size, last, frontier):
            yield Finding(place(self.replica, self.stream),
                          f"the chain ends at {self.seq}, its head says {size}" if self.seq != size
                          else "the head of the chain is not its last entry's")

    def _batch(self, batch: list[Any]) -> Finding | None:
        first, signed, broken = self.seq + 1, list[tuple[bytes, bytes]](), None
        for row_seq, outer, signature, inner, body, hash, *index in batch:
            entry = wire.Sealed(outer, signature, inner, body)
            self.seq += 1
            self.counts["entries"] += 1
            name = entry.hash
            what = self._link(entry) or self._beside(entry, name, hash, row_seq, index)
            if what:
                broken = Finding(f"{place(self.replica, self.stream)} entry {self.seq}", what)
                break
            signed.append((signature, name))
            self.previous = name
            self.tree.append(name)
        forged = _first_forged(signed, self.verify_key, self.helper)
        if forged is not None:
            return Finding(f"{place(self.replica, self.stream)} entry {first + forged}", str(wire.Reason.SIGNATURE))
        return broken

    def _link(self, entry: wire.Sealed) -> str:
        """What is wrong with the header, its place or its parts. Nearly all headers are the one that is expected here."""
        if entry.body is not None:
            expected = wire.Outer(self.vault.practice, self.replica, self.stream, self.seq, self.previous,
                                  suite.sha256(entry.inner), suite.sha256(entry.body), len(entry.body) - suite.OVERHEAD,
                                  self.epoch, self.verify_key if self.seq == 1 else None)
            if expected.encode() == entry.outer:
                return ""
        try:
            self.epoch = wire.check(entry, seq=self.seq, previous=self.previous, verify_key=self.verify_key,
                                    practice=self.vault.practice, stream=self.stream).epoch
        except (wire.Broken, CryptoError, cbor.Malformed) as error:
            return str(error) or type(error).__name__
        return ""

    def _beside(self, entry: wire.Sealed, name: bytes, hash: bytes, row_seq: int, index: list[Any]) -> str:
        """What the columns beside a sound entry get wrong, or why its missing body is not explained.

        A full verification compares the index columns where it opens the contents (`journal.contents`).
        """
        if hash != name or row_seq != self.seq:
            return "stored under another name or place"
        if self.full and entry.body is not None:
            return ""
        try:
            inner = wire.open_inner(entry.inner, self.vault.metadata, self.vault.practice)
        except (wire.Broken, CryptoError, cbor.Malformed) as error:
            return str(error) or type(error).__name__
        if tuple(index) != (inner.kind, inner.object, inner.ref, inner.hlc):
            return contents.COLUMNS
        if entry.body is None and not _absence_explained(name, inner):
            return "its body is missing and no order explains it"
        return ""


def _first_forged(signed: list[tuple[bytes, bytes]], verify_key: bytes, helper: ThreadPoolExecutor) -> int | None:
    """The index of the first (signature, entry hash) that this key did not sign. libsodium runs without Python's lock."""
    middle = len(signed) // 2
    later = helper.submit(_forged, signed[middle:], verify_key)
    found = _forged(signed[:middle], verify_key)
    after = later.result()
    return found if found is not None else None if after is None else middle + after


def _forged(signed: list[tuple[bytes, bytes]], verify_key: bytes) -> int | None:
    return next((at for at, (signature, hash) in enumerate(signed)
                 if not wire.signed(signature, hash, verify_key)), None)


def _absence_explained(hash: bytes, inner: wire.Inner) -> bool:
    if run("default", "SELECT 1 FROM journal_pruned WHERE entry = ?", hash).fetchone():
        return True
    if vault.current().limited is not None and registry.is_withheld(inner.kind):
        return True
    if inner.ref is None:
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
        return *start, Finding(place(replica, stream), "its checkpoint is not signed by this replica")
    here = run(alias, "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?", replica, stream,
               size).fetchone()
    if here is None or here[0] != head:
        return *start, Finding(place(replica, stream), f"entry {size} is not the one verified before")
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
        where = place(head.replica, head.stream)
        alias = "access" if head.stream == Stream.ACCESS else "default"
        known = run(alias, "SELECT verify_key FROM journal_chain WHERE replica = ? AND stream = ?", head.replica,
                    head.stream).fetchone()
        if head.practice != v.practice or not head.check(known[0] if known else v.verify_key):
            yield Finding(where, "the head in seal/ is not signed by its replica")
            continue
        found = run(alias, "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?", head.replica,
                    head.stream, head.size).fetchone()
        if head.size and found is None:
            yield Finding(where, f"truncated: seal/ saw {head.size} entries")
        elif head.size and found[0] != head.last:
            yield Finding(where, f"entry {head.size} is not the one that seal/ saw")


# -- what no chain explains


def _strays() -> Iterator[Finding]:
    for alias in ALIASES:
        for (entry,) in run(alias, "SELECT b.entry FROM journal_body b LEFT JOIN journal_entry e ON e.hash = b.entry"
                            " WHERE e.hash IS NULL").fetchall():
            yield Finding(f"body {short(entry)}", "no entry has this body")


def _keyring(cited: contents.Cited) -> Iterator[Finding]:
    """Each fixed key once; of each patient the keys that their entries cite, or tombstones that an order explains."""
    v, patients = vault.current(), set[bytes]()
    erased = {row[0] for row in run("default", "SELECT object FROM journal_entry WHERE kind = ?", chain.ERASE).fetchall()}
    owners: dict[tuple[str, bytes | None], int] = {}
    for commitment, label, ref, epoch, wrapped in run(
            "default", "SELECT commitment, label, ref, epoch, wrapped FROM journal_key").fetchall():
        where = f"key {short(commitment)} ({label})"
        if label == "patient":
            patients.add(ref + commitment)
        else:
            owners[label, ref] = owners.get((label, ref), 0) + 1
        if label not in keyring.LABELS:
            yield Finding(where, "is of no known use")
        elif wrapped is None and (label != "patient" or ref not in erased):
            yield Finding(where, "destroyed, and no order explains it")
        elif wrapped is not None and (wrong := _unwrapped(wrapped, label, epoch, commitment, v)):
            yield Finding(where, wrong)
        elif label == "patient" and ref + commitment not in cited and (wrapped is not None or commitment != keys.never_held(ref)):
            yield Finding(where, "is not a key that this patient's entries cite")
    yield from _lacking(cited, patients, erased)
    chains = {row[0] for alias in ALIASES for row in run(alias, "SELECT replica FROM journal_chain").fetchall()}
    expected = {*((label, None) for label in vault.FIXED), ("signing", v.replica),
                *(((label, None) for label in ("intake", "entrusted")) if v.limited else ())}
    for label, ref in expected | set(owners):
        if owners.get((label, ref), 0) != 1 and (label, ref) in expected:
            yield Finding(f"key {label} {short(ref)}", f"{owners.get((label, ref), 0)} keys")
        elif (label, ref) not in expected and label not in OWN and not (label == "signing" and ref in chains):
            yield Finding(f"key {label} {short(ref)}", "nothing explains it")


def _lacking(cited: contents.Cited, here: set[bytes], erased: set[bytes]) -> Iterator[Finding]:
    """Keys that ought to be here. A limited machine has none of those that it was not given, and rightly; of one that never came
    the file says that it is incomplete: who has a machine's keys can cite what nobody ever had, and no copy would be sound any more."""
    gone = {one[:16] for one in here} & erased
    for patient in sorted(erased - gone):
        yield Finding(f"key patient {short(patient)}", "0 keys")
    if vault.current().limited is None:
        for one in sorted(cited - here - keys_in.apart() - keys_in.noted()):
            if one[:16] not in erased:
                yield Finding(f"key patient {short(one[:16])}", "an entry cites a key that is not here")


def _unwrapped(wrapped: bytes, label: str, epoch: int, commitment: bytes, v: vault.Vault) -> str:
    try:
        key = keyring.unwrap(wrapped, v.root_of(epoch), v.practice, label)
    except CryptoError:
        return "does not open under the practice root"
    if suite.commitment(key) != commitment:
        return "is not the key it says"
    return "" if v.fixed.get(label, key) == key else "is not the key in use"


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
            yield Finding(f"pruned {short(entry)}", "no order names it")


__all__ = ["Finding", "Report", "differences", "keep_checkpoints", "verify"]
