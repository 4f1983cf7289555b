"""The access stream as it travels: each machine cuts its own in pieces that it signs, and gives those of all. What comes is `reads_in`'s.

A segment is a range of entries as they are, under the signed head of the chain at its end. It is made once, by its author, and never
changes: whoever holds the entries makes the same bytes again. Specified in `docs/format/exchange.md`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from permanence.journal import merkle, vault, wire, writer
from permanence.journal.arrival import Why
from permanence.journal.categories import Stream
from permanence.journal.exchange import FORMAT, Malformed, Place, shaped
from permanence.journal.findings import Finding, place
from permanence.journal.messages import MOST_HEADS, MOST_OFFERED, Offered, Reads, Segment
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run

MOST, MOST_BYTES = 1_000, 4 << 20  # entries and bytes of one segment
GAP, FORK = "gap", str(Why.FORK)  # why one stays aside; any other word says what does not check
TAIL_MS, QUIET_MS = 5 * 60_000, 2 * 60_000  # an open tail is cut when its oldest entry, or its newest, is older than that
_ROWS = ("SELECT e.seq, e.outer, e.signature, e.inner, b.sealed FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash"
         " WHERE e.replica = ? AND e.stream = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq")  # fmt: skip
COLUMNS = "SELECT replica, first, last, size, hash FROM journal_segment WHERE replica = ?"


@dataclass(frozen=True, slots=True)
class Content:
    """A segment opened one layer: its signed head and its sealed entries. Nothing is checked but the shape."""

    practice: bytes
    head: merkle.Head
    entries: tuple[wire.Sealed, ...]

    def encode(self) -> bytes:
        return cbor.dumps({1: FORMAT, 2: self.practice, 3: self.head.encode(),
                           4: [[one.outer, one.signature, one.inner, one.body] for one in self.entries]})  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> "Content":
        """Raises Malformed."""
        found = shaped(data, {1: int, 2: bytes, 3: bytes, 4: list})
        if any(type(e) is not list or list(map(type, e)) != [bytes] * 4 for e in found[4]) or not 1 <= len(found[4]) <= MOST:
            raise Malformed("entries")
        try:
            head = merkle.Head.decode(found[3])
            good = type(head.size) is int and head.size >= len(found[4]) and len(head.replica) == 16 and head.stream == Stream.ACCESS
        except (ValueError, TypeError) as error:
            raise Malformed("head") from error
        if not good:
            raise Malformed("head")
        return cls(found[2], head, tuple(wire.Sealed(*one) for one in found[4]))

    @property
    def first(self) -> int:
        return self.head.size - len(self.entries) + 1


# -- cutting one's own


def cut(*, closing: bool = False) -> int:
    """Cut what is due of this machine's own chain, the open tail too when it is old enough or the practice closes. How many were cut."""
    done = 0
    while (made := _next(closing)) is not None:
        content, frontier = made
        keep(content, frontier)
        done += 1
    return done


def _next(closing: bool) -> tuple[Content, merkle.Frontier] | None:
    v = vault.current()
    last, frontier = end_of(v.replica)
    size = sizes().get(v.replica, 0)
    if size <= last or (size - last < MOST and not closing and not _is_due(v, last + 1, size)):
        return None
    entries, weight = list[wire.Sealed](), 0
    for _, *parts in run("access", _ROWS, v.replica, int(Stream.ACCESS), last + 1, last + MOST).fetchall():
        entries.append(wire.Sealed(*parts))
        frontier.append(entries[-1].hash)
        weight += sum(map(len, parts))
        if weight > MOST_BYTES:
            break
    if not entries:
        return None  # damaged: verification names it
    head = merkle.Head.signed(practice=v.practice, replica=v.replica, stream=Stream.ACCESS, size=last + len(entries), root=frontier.root(),
                              last=entries[-1].hash, wall_ms=clock.ms(), signing=v.signing)  # fmt: skip
    return Content(v.practice, head, tuple(entries)), frontier


def _is_due(v: vault.Vault, first: int, last: int) -> bool:
    """By the clock, which may have been put back: what was read « later » is due."""
    for seq, most in ((first, TAIL_MS), (last, QUIET_MS)):
        found = run("access", "SELECT inner FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?", v.replica,
                    int(Stream.ACCESS), seq).fetchone()  # fmt: skip
        if found and not 0 <= clock.ms() - wire.open_inner(found[0], v.metadata, v.practice, trusted=True).wall < most:
            return True
    return False


def keep(content: Content, frontier: merkle.Frontier) -> None:
    """Remember where a segment was cut, its entries being held. On any thread."""
    v, data = vault.current(), content.encode()
    walls = [wire.open_inner(content.entries[at].inner, v.metadata, v.practice, trusted=True).wall for at in (0, -1)]
    row = (suite.sha256(data), content.head.replica, content.first, content.head.size, len(data), content.head.encode(),
           frontier.to_bytes(), *sorted(walls), clock.ms())  # fmt: skip
    writer.current("access").run_job(lambda: run(
        "access", "INSERT INTO journal_segment (hash, replica, first, last, size, head, frontier, since, until, kept_at)"
        " VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", *row) and None, urgent=False, name="segments:keep")  # fmt: skip


def end_of(replica: bytes) -> tuple[int, merkle.Frontier]:
    """Where the newest whole segment of a replica ends, and the tree there."""
    found = run("access", "SELECT last, frontier FROM journal_segment WHERE replica = ? ORDER BY first DESC LIMIT 1", replica).fetchone()
    return (found[0], merkle.Frontier.from_bytes(found[1])) if found else (0, merkle.Frontier())


# -- giving


def sizes() -> dict[bytes, int]:
    """How many access entries of each replica are here."""
    return dict(run("access", "SELECT replica, size FROM journal_chain WHERE stream = ?", int(Stream.ACCESS)).fetchall())


def held() -> dict[Place, int]:
    """The same, as a vector."""
    return {(replica, int(Stream.ACCESS)): size for replica, size in sizes().items()}


def mine() -> Reads:
    """What is known here, and our own word of how far our own stream goes now."""
    v, said = vault.current(), list[bytes]()
    found = run("access", "SELECT size, head, frontier FROM journal_chain WHERE replica = ? AND stream = ?", v.replica,
                int(Stream.ACCESS)).fetchone()  # fmt: skip
    size, last, frontier = found or (0, wire.FIRST, merkle.Frontier().to_bytes())
    root = merkle.Frontier.from_bytes(frontier).root()
    said.append(merkle.Head.signed(practice=v.practice, replica=v.replica, stream=Stream.ACCESS, size=size, root=root, last=last,
                                   wall_ms=clock.ms(), signing=v.signing).encode())  # fmt: skip
    said += [head for head, in run("access", "SELECT head FROM journal_heard WHERE replica <> ? ORDER BY until DESC LIMIT ? + 0", v.replica,
                                   MOST_HEADS - 1).fetchall()]  # fmt: skip
    return Reads(tuple(newest().values()), tuple(said))


def newest() -> dict[bytes, Segment]:
    """The last whole segment of each replica."""
    found = (run("access", COLUMNS + " ORDER BY first DESC LIMIT 1", replica).fetchone() for replica in sorted(sizes()))
    return {row[0]: Segment(*row) for row in found if row}


def beyond(theirs: Reads) -> Iterator[Segment]:
    """What they lack of each replica's, oldest first; and the segment in which their newest ends, where ours is another one."""
    held = {one.replica: one for one in theirs.newest}
    for replica in sorted(sizes()):
        known = held.get(replica)
        rows = run("access", COLUMNS + " AND last >= ? ORDER BY first LIMIT ? + 0", replica, known.last if known else 0,
                   MOST_OFFERED).fetchall()  # fmt: skip
        yield from (one for one in (Segment(*row) for row in rows) if one != known)


def lately(within_ms: int, most: int) -> list[Segment]:
    """The newest segments that this machine cut, oldest first."""
    found = run("access", COLUMNS + " AND kept_at >= ? ORDER BY first DESC LIMIT ? + 0", vault.current().replica, clock.ms() - within_ms,
                most).fetchall()  # fmt: skip
    return [Segment(*row) for row in reversed(found)]


def offer(theirs: Reads) -> Offered:
    """The answer to who asks."""
    return Offered(tuple(beyond(theirs)), mine())


def bytes_of(replica: bytes, first: int, last: int) -> bytes:
    """A segment's bytes, made again from its entries. Raises FileNotFoundError."""
    found = run("access", "SELECT head, hash FROM journal_segment WHERE replica = ? AND first = ? AND last = ?", replica, first,
                last).fetchone()  # fmt: skip
    if found is None:
        raise FileNotFoundError
    rows = run("access", _ROWS, replica, int(Stream.ACCESS), first, last).fetchall()
    data = Content(vault.current().practice, merkle.Head.decode(found[0]), tuple(wire.Sealed(*row[1:]) for row in rows)).encode()
    if suite.sha256(data) != found[1]:
        raise FileNotFoundError  # damaged here: nobody is given it
    return data


# -- how far the others say that they have read


def hear(heads: tuple[bytes, ...], keys: Mapping[bytes, bytes]) -> None:
    """Keep the newest word of each replica of the practice (`keys`: its public key), unless its signature does not hold."""
    v, new = vault.current(), list[tuple[bytes, bytes, int, int]]()
    known = {replica: (size, until) for replica, size, until in run("access", "SELECT replica, size, until FROM journal_heard").fetchall()}
    for data in heads:
        try:
            head = merkle.Head.decode(data)
            good = (head.replica != v.replica and head.practice == v.practice and head.stream == Stream.ACCESS
                    and head.check(keys.get(head.replica, b"")))  # fmt: skip
        except (ValueError, TypeError):
            continue
        until = max(0, min(head.wall_ms, clock.ms()))
        size, before = known.get(head.replica, (-1, 0))
        if good and head.size >= size and (head.size > size or until >= before + AGAIN_MS):
            new.append((head.replica, data, head.size, until))
    if new:
        writer.current("access").run_job(lambda: _hear(new), urgent=False, name="segments:heard")


AGAIN_MS = 60_000  # the same word again is not written down more often than this


def _hear(rows: list[tuple[bytes, bytes, int, int]]) -> None:
    for row in rows:
        run("access", "INSERT INTO journal_heard (replica, head, size, until) VALUES (?,?,?,?) ON CONFLICT(replica) DO UPDATE SET"
            " head = excluded.head, size = excluded.size, until = excluded.until", *row)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What is known here of one machine's reads. Instants are ms UTC, by its clock, never later than ours when we learned of them."""

    held: int  # how many are here
    said: tuple[int, int] | None  # how many it had served, when it last said so
    cut_at: int | None  # when the newest piece that is here was cut
    forked: int  # pieces kept aside: another story
    gaps: int  # that came before the ones they follow
    broken: int  # that do not check


_KNOWN = """
SELECT r.replica, c.size, h.size, h.until, s.head, s.kept_at, total(a.why = ?), total(a.why = ?), count(a.why)
FROM (SELECT replica FROM journal_chain WHERE stream = ? UNION SELECT replica FROM journal_heard
      UNION SELECT replica FROM journal_segmentaside) r
LEFT JOIN journal_chain c ON c.replica = r.replica AND c.stream = ?
LEFT JOIN journal_heard h ON h.replica = r.replica
LEFT JOIN journal_segment s ON s.replica = r.replica AND s.first = (SELECT max(first) FROM journal_segment m WHERE m.replica = r.replica)
LEFT JOIN journal_segmentaside a ON a.replica = r.replica
GROUP BY r.replica"""  # one question: it is asked beside a list of readings


def known() -> dict[bytes, Known]:
    """Of every machine that was ever heard of."""
    found = {}
    stream = int(Stream.ACCESS)
    for replica, held, size, until, head, kept_at, forked, gaps, aside in run("access", _KNOWN, FORK, GAP, stream, stream).fetchall():
        cut_at = max(0, min(merkle.Head.decode(head).wall_ms, kept_at)) if head else None
        said = None if size is None else (size, until)
        found[replica] = Known(held or 0, said, cut_at, int(forked), int(gaps), aside - int(forked + gaps))
    return found


def stories() -> int:
    """How many machines tell two stories of what they read."""
    found: int = run("access", "SELECT count(DISTINCT replica) FROM journal_segmentaside WHERE why = ?", FORK).fetchone()[0]
    return found


# -- whether it is whole


def unsound(*, full: bool) -> Iterator[Finding]:
    """The pieces of each access chain follow each other, each ends under its machine’s own signed head; `full`: not the newest alone."""
    keys: dict[bytes, bytes] = dict(run("access", "SELECT replica, verify_key FROM journal_chain WHERE stream = ?", int(Stream.ACCESS)))
    before: tuple[bytes, int] | None = None
    for replica, first, last, data, frontier, hash in run(
            "access", "SELECT s.replica, s.first, s.last, s.head, s.frontier, e.hash FROM journal_segment s LEFT JOIN journal_entry e"
            " ON e.replica = s.replica AND e.stream = ? AND e.seq = s.last WHERE ? OR s.first = (SELECT max(m.first) FROM journal_segment m"
            " WHERE m.replica = s.replica) ORDER BY s.replica, s.first", int(Stream.ACCESS), full):  # fmt: skip
        where = f"{place(replica, Stream.ACCESS)} segment {first}-{last}"
        if full and first != (before[1] + 1 if before and before[0] == replica else 1):
            yield Finding(where, "it does not follow the one before")
        before = replica, last
        try:
            head, tree = merkle.Head.decode(data), merkle.Frontier.from_bytes(frontier)
            good = (head.replica, head.size, head.last, tree.size, tree.root()) == (replica, last, hash, last, head.root)
        except (ValueError, TypeError):
            good = False
        if not good:
            yield Finding(where, "its head is not that of its entries")
        elif not head.check(keys.get(replica, b"")):
            yield Finding(where, "its head is not signed by its replica")
