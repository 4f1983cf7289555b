"""What two people wrote of one field without having seen each other: a table beside the states, to be listed, counted and settled.

It is a pure function of the state, as a row is: alike on every replica that has folded the same entries.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.journal import fold, vault, wire
from permanence.lib.sqlcipher import run


def fields(state: fold.State) -> list[str]:
    """Those with several different values standing. The same value written twice is no conflict."""
    return sorted(name for name, register in state.items() if len(register.live) > 1 and _differ(register.live.values()))


def _differ(values: Iterable[tuple[int, Any]]) -> bool:
    first, *rest = (value for _, value in values)
    return any(value != first for value in rest)


def keep(kind: str, object: bytes, state: fold.State) -> None:
    """Beside the state, in its transaction."""
    if found := fields(state):
        run("default", "INSERT INTO journal_conflict (object, kind, fields) VALUES (?, ?, ?) ON CONFLICT(object) DO UPDATE SET fields ="
            " excluded.fields, kind = excluded.kind", object, kind, json.dumps(found))  # fmt: skip
    else:
        run("default", "DELETE FROM journal_conflict WHERE object = ?", object)


@dataclass(frozen=True, slots=True)
class Value:
    """One of the values standing, and who wrote it where and when. `wall`: ms UTC by that machine's clock."""

    entry: bytes
    value: Any
    member: UUID | None
    replica: UUID
    wall: int
    shown: bool


def count() -> int:
    """How many objects wait for somebody to settle them."""
    found: int = run("default", "SELECT count(*) FROM journal_conflict").fetchone()[0]
    return found


def objects() -> list[tuple[UUID, str, tuple[str, ...]]]:
    """Each object with its kind and the fields in question."""
    rows = run("default", "SELECT object, kind, fields FROM journal_conflict ORDER BY kind, object").fetchall()
    return [(UUID(bytes=object), kind, tuple(json.loads(names))) for object, kind, names in rows]


def values(state: fold.State) -> dict[str, list[Value]]:
    """The standing values of each field in question, the newest first. Who asks has passed the gates for them."""
    return {name: _values(state[name]) for name in fields(state)}


def _values(register: fold.Register) -> list[Value]:
    v, shown, found = vault.current(), register.shown, list[tuple[int, Value]]()
    for entry, (hlc, value) in register.live.items():
        outer, sealed = run("default", "SELECT outer, inner FROM journal_entry WHERE hash = ?", entry).fetchone()
        inner = wire.open_inner(sealed, v.metadata, v.practice, trusted=True)
        member = UUID(bytes=inner.member) if inner.member else None
        replica = UUID(bytes=wire.Outer.decode(outer).replica)
        found.append((hlc, Value(entry, value, member, replica, inner.wall, shown is not None and shown[0] == entry)))
    return [value for _, value in sorted(found, key=lambda pair: (pair[0], pair[1].entry), reverse=True)]
