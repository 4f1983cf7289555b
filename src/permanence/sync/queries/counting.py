"""How many things wait for somebody to settle them, and which: for the strip and for marks beside a field. Ids and field names only."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps

from permanence.journal import chain, conflicts, vault
from permanence.journal.values import python_of
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.sync.kinds import KINDS, LINE, Kind, Part

FRESH_S = 2.0  # seconds an answer is believed: every page asks, and batches arrive at any moment
REMOVAL, REREAD = "removal", "reread"  # questions that are about no part: retired here and edited there; edited on both sides


@dataclass(frozen=True, slots=True)
class Waiting:
    """One object with what is asked of it: names of parts, or REMOVAL or REREAD alone."""

    object: UUID
    kind: str
    asked: tuple[str, ...]
    fields: tuple[str, ...]  # all those with several values, bookkeeping included


class _Kept:
    """The last answer of this machine, and when."""

    def __init__(self) -> None:
        self.lock, self.at, self.of = threading.Lock(), 0.0, b""
        self.found: tuple[Waiting, ...] = ()


_kept = _Kept()


def waiting() -> tuple[Waiting, ...]:
    """Everything that waits, by kind. At most FRESH_S old."""
    here, now = vault.current().replica, clock.monotonic()
    with _kept.lock:
        if _kept.of == here and now - _kept.at < FRESH_S:
            return _kept.found
    found = tuple(one for object, kind, fields in conflicts.objects() if (one := of(object, kind, fields)) is not None)
    with _kept.lock:
        _kept.of, _kept.at, _kept.found = here, now, found
    return found


def forget() -> None:
    """Ask again at the next page: something was settled."""
    with _kept.lock:
        _kept.of = b""


def of(object: UUID, name: str, fields: tuple[str, ...]) -> Waiting | None:
    """What is asked of one object; None when only bookkeeping differs, or when it is removed and asks nothing any more."""
    kind = KINDS.get(name)
    if kind is None:
        return None
    shown = shown_of(object, name, fields)
    if gone(shown, fields):
        return None
    if kind.line and _contested(shown, fields):
        return Waiting(object, name, (REMOVAL,), fields)
    asked = tuple(part.name for part in kind.asked(fields))
    if not asked and kind.line and "revision" in fields:
        asked = (REREAD,)
    return Waiting(object, name, asked, fields) if asked else None


def shown_of(object: UUID, name: str, fields: Iterable[str]) -> dict[str, Any]:
    """What says whether an object still stands, as its registers show it."""
    model, state = apps.get_model(name), chain.load_state(object.bytes, name)
    found: dict[str, Any] = {}
    for one in ("removed", "revision", "removed_revision"):
        if one in state and (shown := state[one].shown) is not None:
            found[one] = python_of(model._meta.get_field(one), shown[1])
    return found


def gone(shown: dict[str, Any], fields: Iterable[str]) -> bool:
    """Taken out of the file by everybody who had a say."""
    if shown.get("removed") is True and "removed" not in fields:
        return True
    return bool(shown.get("removed_revision")) and shown["removed_revision"] == shown.get("revision")


def _contested(shown: dict[str, Any], fields: Iterable[str]) -> bool:
    """Removed by somebody who had not seen its last edit, or removed here and brought back there."""
    removed = shown.get("removed_revision")
    return "removed_revision" in fields or (bool(removed) and removed != shown.get("revision"))


def to_settle_of(spans: Mapping[tuple[bytes, int], tuple[int, int]]) -> int:
    """Of how many objects that wait one of the versions stands on an entry of these places, {(replica, stream): (first, last)}."""
    if not spans:
        return 0
    forget()
    return sum(_stands_on(one, spans) for one in waiting())


def _stands_on(one: Waiting, spans: Mapping[tuple[bytes, int], tuple[int, int]]) -> bool:
    state, asked = chain.load_state(one.object.bytes, one.kind), [name for part in parts(one) for name in part.fields]
    live = {entry for name in asked or LINE if name in state for entry in state[name].live}
    for entry in live:
        replica, stream, seq = run("default", "SELECT replica, stream, seq FROM journal_entry WHERE hash = ?", entry).fetchone()
        first, last = spans.get((replica, stream), (1, 0))
        if first <= seq <= last:
            return True
    return False


def parts(one: Waiting) -> list[Part]:
    """The parts in question, none for REMOVAL and REREAD."""
    kind: Kind = KINDS[one.kind]
    return [part for part in kind.parts if part.name in one.asked]


def marks(objects: Iterable[UUID]) -> dict[UUID, Waiting]:
    """Those of these objects of which something waits: for « 2 valeurs » beside a line that a page shows anyway."""
    wanted = set(objects)
    return {one.object: one for one in waiting() if one.object in wanted}
