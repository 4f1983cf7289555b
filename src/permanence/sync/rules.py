"""What a replica may be, and what the practice hears of it. Plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

KINDS: Mapping[str, str] = {
    "office": "Machine du cabinet", "hosted": "Machine hébergée", "laptop": "Portable", "limited": "Portable limité", "spare": "Secours",
}  # fmt: skip
ALWAYS_THERE = frozenset({"office", "hosted", "spare"})  # a silence of theirs is told at once; laptops come and go
LABEL = b"permanence/succession/v1\0"  # what a former id signs to name its successor


@dataclass(frozen=True, slots=True)
class Known:
    """One replica as the practice's entries describe it."""

    id: UUID
    verify_key: bytes
    succeeds: UUID | None
    vouched: bool  # the signature of the one it succeeds holds
    added: bool  # a member added it
    revoked: bool
    heard_until: Mapping[str, int]


def heard(replica: UUID, known: Mapping[UUID, Known]) -> Mapping[int, int] | bool | None:
    """How much is heard of a replica: False nothing, None all, or {stream: last entry}.

    One that was added, or that an unbroken line of vouching leads back to one that was added; nobody in that line revoked, for a
    stolen machine could otherwise go on under a new id.
    """
    one, seen = known.get(replica), set[UUID]()
    if one is None:
        return False
    if one.revoked:
        return {int(stream): size for stream, size in one.heard_until.items()}
    while one.succeeds is not None or not one.added:  # who succeeds another stands or falls with it, whatever its own row says
        seen.add(one.id)
        before = known.get(one.succeeds) if one.succeeds and one.vouched else None
        if before is None or before.id in seen or before.revoked:
            return False
        one = before
    return None


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
