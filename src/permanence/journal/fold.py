"""Merging, as plain functions on plain values: each field of an object keeps every value that no later author had seen."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Hash = bytes


@dataclass(frozen=True, slots=True)
class Write:
    """What one entry says of one object: per field the entries its author had seen, and the values unless unreadable."""

    entry: Hash
    hlc: int
    base: Mapping[str, Iterable[Hash]]
    values: Mapping[str, Any] | None  # None: pruned, erased; or, with no base, its key is not here: nothing is said yet


@dataclass(slots=True)
class Register:
    """One field: the values still standing, and the entries superseded before they arrived."""

    live: dict[Hash, tuple[int, Any]] = field(default_factory=dict)
    early: set[Hash] = field(default_factory=set)

    @property
    def shown(self) -> tuple[Hash, Any] | None:
        """The newest value and the entry that wrote it; equal clocks are settled by the hash, alike on every replica."""
        winner = max(((hlc, entry) for entry, (hlc, _) in self.live.items()), default=None)
        return (winner[1], self.live[winner[1]][1]) if winner else None


State = dict[str, Register]


def add(state: State, write: Write, arrived: Callable[[Hash], bool]) -> None:
    """Fold one entry into its object's state, in place. Each entry is folded once; the order among entries is free.

    `arrived(hash)` says whether an entry is already here: a superseded entry that is not must be refused when it comes.
    """
    if not write.base:
        for register in state.values():
            register.early.discard(write.entry)
    for name, seen in write.base.items():
        register = state.setdefault(name, Register())
        for entry in seen:
            if register.live.pop(entry, None) is None and not arrived(entry):
                register.early.add(entry)
        if write.entry in register.early:
            register.early.discard(write.entry)
        elif write.values is not None and name in write.values:
            register.live[write.entry] = (write.hlc, write.values[name])


def whole(writes: Iterable[Write]) -> State:
    """The same state from all entries at once, by the definition: what is live is what nobody's base names."""
    writes = list(writes)
    if len(writes) == 1:  # what most objects are
        return _of_one(writes[0])
    superseded = {(name, entry) for write in writes for name, base in write.base.items() for entry in base}
    known = {write.entry for write in writes}
    state: State = {}
    for name in sorted({name for write in writes for name in write.base}):
        live = {w.entry: (w.hlc, w.values[name]) for w in writes
                if name in w.base and w.values is not None and name in w.values and (name, w.entry) not in superseded}
        state[name] = Register(live, {entry for n, entry in superseded if n == name} - known)
    return state


def _of_one(write: Write) -> State:
    state, values = dict[str, Register](), write.values
    for name in sorted(write.base):
        seen = set(write.base[name])
        stands = values is not None and name in values and write.entry not in seen
        state[name] = Register({write.entry: (write.hlc, values[name])} if stands and values is not None else {},
                               seen - {write.entry})
    return state
