"""What a revoked machine wrote after it was cut off: who, what kind of thing, when, act by act; never its words."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.accounts.queries import member_names
from permanence.journal import arrival, vault, wire
from permanence.journal.doors import Reader
from permanence.lib import cbor, clock
from permanence.lib.sqlcipher import run
from permanence.sync import permissions
from permanence.sync.kinds import french
from permanence.sync.rules import clock_said

MOST = 300  # entries read for one page


@dataclass(frozen=True, slots=True)
class Kept:
    """One act kept aside, in the order of its chain. `until`: the last place of each stream up to it, as `stream:seq`."""

    number: int
    by: str
    what: tuple[str, ...]
    at: datetime.datetime | None
    clock: str
    until: tuple[str, ...]
    readable: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    stream: int
    seq: int
    act: bytes
    kind: str
    member: UUID | None
    wall: int
    hlc: int


def kept_aside(replica: UUID, *, reader: Reader) -> tuple[Kept, ...]:
    """Acts that came after a revocation. Raises Refused: titulaires."""
    permissions.check_settle(reader)
    rows = run("default", "SELECT entry FROM journal_quarantined WHERE replica = ? AND why = ? ORDER BY stream, seq LIMIT ?", replica.bytes,
               str(arrival.Why.LATE), MOST).fetchall()  # fmt: skip
    entries = sorted((_read(sealed) for (sealed,) in rows), key=lambda one: (one.hlc, one.stream, one.seq))
    acts: dict[bytes, list[_Entry]] = {}
    for one in entries:
        acts.setdefault(one.act, []).append(one)
    names = member_names({one.member for one in entries if one.member})
    found, until = list[Kept](), dict[int, int]()
    for number, act in enumerate(acts.values(), 1):
        for one in act:
            until[one.stream] = max(until.get(one.stream, 0), one.seq)
        found.append(_shown(number, act, names, until))
    return tuple(found)


def _read(sealed: bytes) -> _Entry:
    """Its header: what says who and when. One that does not open is shown as such."""
    v, parts = vault.current(), wire.Sealed(*cbor.loads_trusted(sealed))
    outer = wire.Outer.decode(parts.outer)
    try:
        inner = wire.open_inner(parts.inner, v.metadata, v.practice)
    except (wire.Broken, CryptoError):
        return _Entry(outer.stream, outer.seq, parts.hash, "", None, 0, 0)
    member = UUID(bytes=inner.member) if inner.member else None
    return _Entry(outer.stream, outer.seq, inner.act[0], inner.kind, member, inner.wall, inner.hlc)


def _shown(number: int, act: Iterable[_Entry], names: dict[UUID, str], until: dict[int, int]) -> Kept:
    act = list(act)
    first, now = act[0], int(clock.now().timestamp() * 1000)
    by = names.get(first.member, "un membre inconnu ici") if first.member else "une tâche du cabinet"
    at = datetime.datetime.fromtimestamp(first.wall / 1000, datetime.UTC) if first.kind else None
    places = tuple(f"{stream}:{seq}" for stream, seq in sorted(until.items()))
    said = clock_said(first.wall, clock.hlc_ms(first.hlc), now) if first.kind else ""
    return Kept(number, by, tuple(dict.fromkeys(french(one.kind) for one in act if one.kind)), at, said, places, bool(first.kind))
