"""What a replica may be, and what the practice hears of it. Plain values."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

KINDS: Mapping[str, str] = {
    "office": "Machine du cabinet", "hosted": "Machine hébergée", "laptop": "Portable", "limited": "Portable limité", "spare": "Secours",
}  # fmt: skip
ALWAYS_THERE = frozenset({"office", "hosted", "spare"})  # a silence of theirs is told at once; laptops come and go
LABEL = b"permanence/succession/v1\0"  # what a former id signs to name its successor
BY_SHEET = b"permanence/rebuilt/v1\0"  # what a recovery sheet signs to name a machine that was made with it


@dataclass(frozen=True, slots=True)
class Known:
    """One replica as the practice's entries describe it."""

    id: UUID
    verify_key: bytes
    succeeds: UUID | None
    vouched: bool  # the signature of the one it succeeds holds
    added: bool  # a member added it
    revoked: bool
    heard_until: Mapping[str, Any]
    kind: str = "office"
    orders_until: Mapping[str, int] = field(default_factory=dict)
    by_sheet: bool = False  # a recovery sheet named it; while that sheet was in service, which is asked when it comes


def heard(replica: UUID, known: Mapping[UUID, Known]) -> Mapping[int, int] | bool | None:
    """How much is heard of a replica: False nothing, None all, or {stream: last entry}.

    One that was added or made with a recovery sheet, or that an unbroken line of vouching leads back to such a one. After one in that
    line was revoked, no more than a person accepted, for a stolen machine could otherwise go on under a new id.
    """
    one, seen = known.get(replica), set[UUID]()
    if one is None:
        return False
    if one.revoked:
        return places(one.heard_until)
    while one.succeeds is not None or not (one.added or one.by_sheet):  # who succeeds another stands or falls with it
        seen.add(one.id)
        before = known.get(one.succeeds) if one.succeeds and one.vouched else None
        if before is None or before.id in seen:
            return False
        if before.revoked:
            accepted = places(before.heard_until.get(replica.hex))
            return accepted or False
        one = before
    return None


def places(said: object) -> dict[int, int]:
    """{stream: last entry} as a row keeps it; what has another shape, of another version, is not heard."""
    if not isinstance(said, Mapping):
        return {}
    return {int(stream): seq for stream, seq in said.items() if str(stream).isdecimal() and type(seq) is int}


def place_of(said: str) -> tuple[UUID, int, int] | None:
    """`id:stream:seq`, as a form sends it back; None for anything else."""
    replica, stream, seq = (*said.split(":"), "", "")[:3]
    if len(said) > 60 or len(replica) != 32 or not stream.isdecimal() or not seq.isdecimal() or said.count(":") != 2:
        return None
    try:
        return UUID(hex=replica), int(stream), int(seq)
    except ValueError:
        return None


def answerable(replica: UUID, known: Mapping[UUID, Known]) -> UUID | None:
    """The machine whose revocation keeps this one from being heard: itself, or the nearest one that it succeeds; None: nobody's."""
    one, seen = known.get(replica), set[UUID]()
    while one is not None and one.id not in seen:
        if one.revoked:
            return one.id
        seen.add(one.id)
        one = known.get(one.succeeds) if one.succeeds else None
    return None


# ---- orders

PORTABLE = frozenset({"laptop", "limited"})  # machines that are carried away, and may be stolen open


def is_portable(kind: str) -> bool:
    """Whether it leaves the practice with somebody."""
    return kind in PORTABLE


MOST_IDS = 64  # that one machine takes one after the other
HARMLESS = frozenset({"name", "hosts", "origin", "root_key", "root_epoch", "root_lacks"})  # what such a machine may say of itself
# What others say of a machine, never itself.
GIVEN = frozenset({"added_at", "revoked_at", "revoked_reason", "wipe", "heard_until", "orders_until"})
ERASE, PRUNE, REPLICA, SLOT = "journal.erase", "journal.prune", "sync.replica", "accounts.unlockslot"
ROOTS = frozenset({"sync.root", "sync.rootbox"})
JUDGED = ("journal.", "sync.", "accounts.")  # kinds among which there are orders
SHEET = frozenset({"box_key", "speaks_key", "vouches_key"})  # of a recovery sheet, which may name machines


def is_grave(kind: str, object: bytes | None, values: Mapping[str, Any] | None, *, author: bytes, others: int) -> bool:
    """Whether an entry of a portable machine waits for a person: it destroys for ever, or says which machines are the practice's.

    `others`: how many of the entries it destroys are not the author's own.
    """
    if kind == ERASE or kind in ROOTS:
        return True
    if kind == PRUNE:
        return values is None or others > 0
    if kind == SLOT:
        back = values is not None and not values.get("kind") and values.get("removed_at", True) is None  # a former sheet in service again
        return values is None or back or any(values.get(name) for name in SHEET)
    if kind != REPLICA:
        return False
    return object != author or values is None or not set(values) <= HARMLESS or not can_be_shown(values)


def can_be_shown(values: Mapping[str, Any]) -> bool:
    """What a machine says of itself stands on the page on which it is revoked."""
    hosts = values.get("hosts") or []
    words = [values.get("name") or "", values.get("origin") or "", *(hosts if type(hosts) is list else [None])]
    return len(words) <= 22 and all(type(one) is str and len(one) <= 300 for one in words)


# ---- a new root

GENERATION = 1 << 16


def next_epoch(known: Iterable[int], mark: int, *, alone: bool) -> int:
    """The epoch of a root that is drawn now: above all that are known. `mark`: drawn from the root, so that two machines that draw one
    without hearing each other give it two numbers, of which the larger wins everywhere. `alone`: nobody ever was beside."""
    last = max(known)
    return last + 1 if alone else (last // GENERATION + 1) * GENERATION + mark % GENERATION


def draws(here: UUID, kinds: Mapping[UUID, str], authors: Collection[UUID]) -> bool:
    """Whether it is this machine's turn to draw a root, of those that are heard: of machines that are not carried about, the one on which
    it was decided that somebody is shut out, else the first. `kinds`: of every machine that is heard."""
    whole = sorted(id for id, kind in kinds.items() if kind != "limited")
    able = [id for id in whole if kinds[id] not in PORTABLE] or whole
    return here in able and (here in authors or (not set(authors) & set(able) and here == able[0]))


def is_address(origin: str, rp_id: str, like: str) -> bool:
    """Whether browsers of the practice may be sent there: below the practice's own name, by the same scheme as here (`like`).

    A machine says by itself where it is found; one that was stolen open could say anything.
    """
    found, ours = urlsplit(origin), urlsplit(like)
    return found.scheme == ours.scheme and bool(found.hostname) and f".{found.hostname}".endswith(f".{rp_id}") and not found.path


def first_free(names: Sequence[Any], wanted: str) -> str:
    """A name that no other replica has: « Portable 2 »."""
    if wanted not in names:
        return wanted
    number = 2
    while f"{wanted} {number}" in names:
        number += 1
    return f"{wanted} {number}"


SKEWED_MS, FAR_MS = 2 * 60_000, 24 * 3_600_000


def clock_said(wall: int, logical: int, arrived: int) -> str:
    """Whether a machine's clock was right when it wrote, all in ms UTC: "", "mark" (over 2 minutes), "far" (over a day ahead).

    Ahead: it wrote later than it was heard. Behind: it had already heard of a later instant (`logical`). That an entry comes long
    after it was written says nothing: that is what a cut is.
    """
    if wall - arrived > FAR_MS:
        return "far"
    return "mark" if wall - arrived > SKEWED_MS or logical - wall > SKEWED_MS else ""


def reads_until(held: int, said: tuple[int, int] | None, cut_at: int | None) -> tuple[int | None, int]:
    """Until when a machine's reads are known, in ms UTC, and how many more it says there are.

    `said`: (how many it had served, when it said so); `cut_at`: when the newest piece that is here was cut.
    """
    if said is None or said[0] < held:
        return cut_at, 0
    if said[0] > held:
        return cut_at, said[0] - held
    return max(said[1], cut_at or 0), 0
