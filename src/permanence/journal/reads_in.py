"""Segments of other machines' access streams: checked whole in the asking thread, then kept in small slices beside what is served here.

Nothing that comes is dropped: what does not follow, tells another story or does not check is kept aside, as it came, with its reason.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from nacl.exceptions import CryptoError

from permanence.journal import access, chain, exchange, merkle, segments, vault, wire, writer
from permanence.journal.categories import Stream
from permanence.journal.exchange import Result
from permanence.lib import cbor, clock, suite
from permanence.lib.sqlcipher import run

log = logging.getLogger(__name__)
AT_ONCE = 4  # entries of one part of a slice: some of them list fifty patients
CHECKED_AT_ONCE, REST_S = 8, 0.010  # a few ms of Python, then a rest: pages are served by the same process
MOST_WAITING = 8  # segments given to us that nobody has looked at yet
MOST_ASIDE_BYTES = 256 << 20
Rest = Callable[[float], object]
_waiting: deque[bytes] = deque()
_taking = threading.Lock()


@dataclass(frozen=True, slots=True)
class Read:
    """One entry that checks, and what it puts into the index of reads."""

    seq: int
    hash: bytes
    previous: bytes
    sealed: wire.Sealed
    inner: wire.Inner
    index: list[tuple[bytes, int, int]]


class _Aside(Exception):
    """It is not kept, and stays aside with this reason."""


def receive(data: bytes) -> bool:
    """Given by another machine: looked at in a moment, by whoever goes between the machines. False: no room, to be given again."""
    if len(_waiting) >= MOST_WAITING:
        return False
    _waiting.append(data)
    return True


def take_received(keys: Mapping[bytes, bytes], rest: Rest = lambda seconds: None) -> int:
    """All that was given meanwhile; how many new entries."""
    found = 0
    while _waiting:
        with suppress(exchange.Malformed):
            found += take(_waiting.popleft(), keys, rest)[1]
    return found


def forget() -> None:
    """At seal: what was given and not looked at is given again."""
    _waiting.clear()


def take(data: bytes, keys: Mapping[bytes, bytes], rest: Rest = lambda seconds: None) -> tuple[Result, int]:
    """Check and keep one segment: what became of it, and how many new entries. Raises exchange.Malformed for what is none of ours.

    `keys`: the public key of each replica that is, or was, one of the practice's; revoked ones are heard to their end, for what a thief
    read counts most. Of a stranger nothing is kept: whoever has it gives it again once its row has come.
    """
    content = segments.Content.decode(data)
    if content.practice != vault.current().practice:
        raise exchange.Malformed("another practice")
    key = keys.get(content.head.replica)
    if key is None:
        return Result.WAITING, 0
    with _taking:
        result, new = _taken(data, content, key, rest)
        while result is Result.ACCEPTED and (later := _next_aside(content.head.replica)) is not None:
            result, more = _taken(later, segments.Content.decode(later), key, rest)
            new += more
        return (Result.ACCEPTED if new else result), new


def _taken(data: bytes, content: segments.Content, key: bytes, rest: Rest) -> tuple[Result, int]:
    try:
        new = _keep(content, key, rest)
    except (_Aside, wire.Broken, CryptoError, cbor.Malformed) as error:
        _put_aside(data, content, (str(error) or "does not open")[:200])
        return Result.QUARANTINED, 0
    _forget_aside(suite.sha256(data))
    return (Result.DUPLICATE if new is None else Result.ACCEPTED), new or 0


# -- checking


def _keep(content: segments.Content, key: bytes, rest: Rest) -> int | None:
    """How many of its entries are new; None: the segment is held. Raises _Aside, wire.Broken, CryptoError."""
    replica, head = content.head.replica, content.head
    if not head.check(key):
        raise wire.Broken(wire.Reason.SIGNATURE, "the head is not its replica's")
    end, _ = segments.end_of(replica)
    if head.size <= end or replica == vault.current().replica:  # more of our own than we have: a machine put back without knowing it
        if _hash_at(replica, head.size) != head.last:
            raise _Aside(segments.FORK)
        return None
    if content.first > end + 1:
        raise _Aside(segments.GAP)
    if content.first <= end:
        raise _Aside(segments.FORK)  # cut twice
    size, last, frontier = _chain(replica)
    found = _checked(content, key, rest)
    here = size - content.first  # the last of them that is here already: keeping it was cut short
    if (found[here].hash if 0 <= here < len(found) else found[0].previous) != last:
        raise _Aside(segments.FORK)
    new = found[max(0, here + 1):]
    for one in new:
        frontier.append(one.hash)
    if (frontier.size, frontier.root(), found[-1].hash) != (head.size, head.root, head.last):
        raise wire.Broken(wire.Reason.PLACE, "the head is not that of its entries")
    groups = [new[at:at + AT_ONCE] for at in range(0, len(new), AT_ONCE)]
    for _, error in writer.current("access").bulk(lambda group: _insert(replica, key, group), groups, name="segments:take"):
        raise error
    segments.keep(content, frontier)
    return len(new)


def _checked(content: segments.Content, key: bytes, rest: Rest) -> list[Read]:
    """Every entry's format, signature, place and parts. Raises wire.Broken, CryptoError."""
    v, found = vault.current(), list[Read]()
    previous = wire.Outer.decode(content.entries[0].outer).previous
    for at, sealed in enumerate(content.entries):
        wire.check(sealed, seq=content.first + at, previous=previous, verify_key=key, practice=v.practice, stream=Stream.ACCESS)
        inner = wire.open_inner(sealed.inner, v.metadata, v.practice)
        found.append(Read(content.first + at, sealed.hash, previous, sealed, inner, access.indexed(inner, sealed.body, trusted=False)))
        previous = found[-1].hash
        if at % CHECKED_AT_ONCE == CHECKED_AT_ONCE - 1:
            rest(REST_S)
    return found


def _chain(replica: bytes) -> tuple[int, bytes, merkle.Frontier]:
    found = run("access", "SELECT size, head, frontier FROM journal_chain WHERE replica = ? AND stream = ?", replica,
                int(Stream.ACCESS)).fetchone()  # fmt: skip
    return (found[0], found[1], merkle.Frontier.from_bytes(found[2])) if found else (0, wire.FIRST, merkle.Frontier())


def _hash_at(replica: bytes, seq: int) -> bytes | None:
    found = run("access", "SELECT hash FROM journal_entry WHERE replica = ? AND stream = ? AND seq = ?", replica, int(Stream.ACCESS),
                seq).fetchone()  # fmt: skip
    return found[0] if found else None


# -- keeping, on the appender


def _insert(replica: bytes, key: bytes, group: Sequence[Read]) -> None:
    """The next few entries of a chain, with what they put into the index of reads."""
    size, last, frontier = _chain(replica)
    now = clock.ms()  # reads « of tomorrow » would stand before all others in every list
    if (group[0].seq, group[0].previous) != (size + 1, last):
        raise RuntimeError("the chain grew meanwhile")
    for one in group:
        entry = run("access", chain.INSERT_ENTRY, one.hash, replica, int(Stream.ACCESS), one.seq, one.sealed.outer, one.sealed.signature,
                    one.sealed.inner, one.inner.kind, one.inner.object, one.inner.ref, one.inner.hlc).lastrowid  # fmt: skip
        run("access", "INSERT INTO journal_body (entry, sealed) VALUES (?, ?)", one.hash, one.sealed.body)
        access.index(entry, one.index, one.inner.member, one.inner.session, min(one.inner.wall, now))
        frontier.append(one.hash)
    newest = max(one.inner.hlc for one in group)
    chain.keep_head("access", replica, Stream.ACCESS, group[-1].seq, group[-1].hash, clock.hlc_merge(0, newest, clock.ms()), frontier, key)


# -- what is kept aside


def _put_aside(data: bytes, content: segments.Content, why: str) -> None:
    """Whole, so that a person can look at it; and what comes after a gap is tried again when that is filled."""
    log.error("reads of another machine were kept aside", extra={"kind": "segments.aside"})
    held = run("access", "SELECT coalesce(sum(length(data)), 0) FROM journal_segmentaside").fetchone()[0]
    if held + len(data) > MOST_ASIDE_BYTES:
        return
    row = suite.sha256(data), content.head.replica, content.first, why, clock.ms(), data
    _write("INSERT INTO journal_segmentaside (hash, replica, first, why, at, data) VALUES (?,?,?,?,?,?)"
           " ON CONFLICT(hash) DO UPDATE SET why = excluded.why", *row)  # fmt: skip


def _write(statement: str, *values: object) -> None:
    writer.current("access").run_job(lambda: run("access", statement, *values) and None, urgent=False, name="segments:aside")


def _next_aside(replica: bytes) -> bytes | None:
    """The segment after a gap that follows now."""
    found = run("access", "SELECT data FROM journal_segmentaside WHERE replica = ? AND first = ? AND why = ?", replica,
                segments.end_of(replica)[0] + 1, segments.GAP).fetchone()  # fmt: skip
    return found[0] if found else None


def _forget_aside(hash: bytes) -> None:
    if is_aside(hash):
        _write("DELETE FROM journal_segmentaside WHERE hash = ?", hash)


def is_aside(hash: bytes) -> bool:
    """Whether a segment was looked at already and stays aside: it need not be fetched again."""
    return run("access", "SELECT 1 FROM journal_segmentaside WHERE hash = ?", hash).fetchone() is not None
