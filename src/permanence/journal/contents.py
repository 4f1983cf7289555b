"""What the sealed parts say against all that stands beside them in clear: index columns, states, rows, the index of reads.

Chains and signatures are `journal.verify`'s. Parts are opened as trusted here: their author sealed them, and whoever could
seal others holds the keys. Objects are met in the order they were written, so that pages are read once, not at random.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from nacl.exceptions import CryptoError

from permanence.journal import access, chain, fold, keys, vault, wire
from permanence.journal.categories import Scope
from permanence.journal.findings import Finding, short
from permanence.journal.tables import journaled_models, of_model, table
from permanence.lib import cbor
from permanence.lib.sqlcipher import run

COLUMNS = "its index columns are not what it says"
_PARTS = ("SELECT e.object, e.hash, e.inner, b.sealed, e.kind, e.ref, e.hlc FROM journal_entry e"
          " LEFT JOIN journal_body b ON b.entry = e.hash WHERE e.kind NOT LIKE 'journal.%' AND e.object ")
_Row = tuple[bytes, bytes, bytes, bytes | None, str, bytes | None, int]
_Keys = dict[wire.Opener, bytes | None]
Cited = set[bytes]  # patient and commitment, one after the other: what the entries of files cite


def differences(counts: dict[str, int] | None = None, cited: Cited | None = None) -> Iterator[Finding]:
    """Rebuild every object from its entries alone and compare with index columns, states and rows, one at a time. `cited` is filled."""
    opened: _Keys = {}
    for object, rows in _objects():
        if counts is not None:
            counts["objects"] += 1
        writes, wrong = _opened(object, rows, opened, set() if cited is None else cited)
        if wrong:
            yield Finding(f"{rows[0][4]} {short(object)}", wrong)
        registers = chain.kind_of(writes)
        for kind, mine in ({} if wrong else writes).items():
            yield from _compared(kind, object, mine, stored=kind == registers)
    yield from _unexplained()


def _objects() -> Iterator[tuple[bytes, list[_Row]]]:
    """Each object with its entries. Most have one, and come in the order of the file; the others, each by itself."""
    several = {row[0] for row in run("default", "SELECT object FROM journal_entry WHERE object IS NOT NULL GROUP BY object"
                                     " HAVING count(*) > 1")}
    for row in run("default", _PARTS + "IS NOT NULL ORDER BY e.id"):
        if row[0] not in several:
            yield row[0], [row]
    for object in several:
        if rows := run("default", _PARTS + "= ?", object).fetchall():
            yield object, rows


def _opened(object: bytes, rows: list[_Row], opened: _Keys, cited: Cited) -> tuple[dict[str, list[fold.Write]], str]:
    """What an object's entries write, by kind; what is wrong with one of them."""
    v, writes = vault.current(), dict[str, list[fold.Write]]()
    for _, hash, sealed, body, *index in rows:
        try:
            inner = wire.open_inner(sealed, v.metadata, v.practice, trusted=True)
            if (inner.object, inner.kind, inner.ref, inner.hlc) != (object, *index):
                return {}, COLUMNS
            if inner.opener not in opened:
                opened[inner.opener] = keys.readable(*inner.opener)
            key = opened[inner.opener]
            if inner.scope == Scope.PATIENT and inner.ref is not None:
                cited.add(inner.ref + inner.body_key)
            values = wire.open_body(body, key, v.practice, trusted=True) if body is not None and key is not None else None
        except (wire.Broken, CryptoError, cbor.Malformed) as error:
            return {}, f"an entry does not open: {error}"
        writes.setdefault(inner.kind, []).append(chain.write_of(hash, inner, body, values))
    return writes, ""


def _compared(kind: str, object: bytes, writes: list[fold.Write], *, stored: bool) -> Iterator[Finding]:
    known, where = table(kind), f"{kind} {object.hex()}"
    if known is None or not known.append_only:
        state = fold.whole(writes)
        found = run("default", "SELECT registers, kind FROM journal_objectstate WHERE object = ?", object).fetchone()
        if stored and found != (chain.pack(state), kind):
            yield Finding(where, "its state is not what its entries give")
        row = known.row(state, strict=False) if known else None
    elif len(writes) == 1:
        row = known.row_of(writes[0].values or {}, strict=False)
    else:
        row = chain.append_only_row(known, fold.whole(writes))
    if known and run("default", known.select, object.hex()).fetchone() != row:
        yield Finding(where, "its row is not what its entries give")


def _unexplained() -> Iterator[Finding]:
    """Rows and states of no entry."""
    for known in map(of_model, journaled_models()):
        for (id,) in run("default", f'SELECT t.id FROM "{known.name}" t WHERE NOT EXISTS (SELECT 1 FROM journal_entry e'
                         " WHERE e.object = unhex(t.id) AND e.kind = ?)", known.kind).fetchall():
            yield Finding(f"{known.kind} {id}", "no entry explains this row")
    for object, kind in run("default", "SELECT s.object, s.kind FROM journal_objectstate s WHERE NOT EXISTS (SELECT 1"
                            " FROM journal_entry e WHERE e.object = s.object AND e.kind NOT LIKE 'journal.%')").fetchall():
        yield Finding(f"state {short(object)} ({kind})", "no entry explains it")


# -- entries of no object


def orders_and_sessions() -> Iterator[Finding]:
    """The index columns of practice.db's entries that `differences` does not meet: the journal's own."""
    v = vault.current()
    for seq, sealed, *index in run("default", "SELECT seq, inner, kind, object, ref, hlc FROM journal_entry"
                                   " WHERE object IS NULL OR kind LIKE 'journal.%'"):
        if not _says(wire.open_inner(sealed, v.metadata, v.practice, trusted=True), index):
            yield Finding(f"entry {seq}", COLUMNS)


def access_index() -> Iterator[Finding]:
    """access.db: the index columns of each entry, and that the index of reads says what the sealed bodies say."""
    v = vault.current()
    index = _Index()
    for id, seq, sealed, body, *columns in run(
            "access", "SELECT e.id, e.seq, e.inner, b.sealed, e.kind, e.object, e.ref, e.hlc FROM journal_entry e"
            " LEFT JOIN journal_body b ON b.entry = e.hash ORDER BY e.id"):
        inner = wire.open_inner(sealed, v.metadata, v.practice, trusted=True)
        if not _says(inner, columns):
            yield Finding(f"access entry {seq}", COLUMNS)
        said = [(patient, level, mask, inner.member, inner.session) for patient, level, mask in access.indexed(inner, body)]
        stray, found = index.take(id)
        yield from stray
        if sorted(said, key=repr) != sorted(found, key=repr):
            yield Finding(f"access entry {seq}", "the index of reads does not say what it says")
    yield from index.rest()


def _says(inner: wire.Inner, index: Iterable[Any]) -> bool:
    return (inner.kind, inner.object, inner.ref, inner.hlc) == tuple(index)


class _Index:
    """The index of reads, in the order of its entries: never whole in memory."""

    def __init__(self) -> None:
        self._odd = run("access", "SELECT entry FROM journal_accessindex WHERE typeof(entry) <> 'integer'").fetchall()
        self._rows = iter(run("access", "SELECT entry, patient, level, categories, member, session FROM journal_accessindex"
                              " WHERE typeof(entry) = 'integer' ORDER BY entry"))
        self._next = next(self._rows, None)

    def take(self, entry: int) -> tuple[list[Finding], list[tuple[Any, ...]]]:
        """The rows of an entry; before them, those of no entry."""
        stray, found = list[Finding](), list[tuple[Any, ...]]()
        while self._next is not None and self._next[0] <= entry:
            if self._next[0] < entry:
                stray.append(self._stray(self._next[0]))
            else:
                found.append(self._next[1:])
            self._next = next(self._rows, None)
        return stray, found

    def rest(self) -> Iterator[Finding]:
        while self._next is not None:
            yield self._stray(self._next[0])
            self._next = next(self._rows, None)
        yield from (self._stray(entry) for entry, in self._odd)

    @staticmethod
    def _stray(entry: object) -> Finding:
        return Finding(f"access index of {entry}", "no entry explains it")
