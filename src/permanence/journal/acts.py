"""An act: what one action writes, bound together; writes wait here until the action ends, `chain` seals them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from permanence.lib.sqlcipher import run

if TYPE_CHECKING:
    from permanence.journal.doors import Actor


class Act:
    """One action by one actor. Inside it saves are pending; those whose savepoint survived are flushed at its end."""

    __slots__ = ("_writes", "action", "actor", "alias", "id")

    def __init__(self, id: bytes, actor: "Actor", action: str, alias: str = "default") -> None:
        self.id, self.actor, self.action, self.alias = id, actor, action, alias
        self._writes: list[object] = []

    def pend(self, what: object) -> int:
        """Keep a write for the end of the act, unless the innermost atomic() is rolled back. Returns its index.

        The index is a row of a temporary table, so SQLite itself forgets it with the savepoint it was made in.
        """
        index = len(self._writes)
        self._writes.append(what)
        run(self.alias, "INSERT INTO temp.pending_write (i) VALUES (?)", index)
        return index

    def survivors(self) -> list[object]:
        """The writes that no roll-back dropped, in the order they were made."""
        if not self._writes:
            return []
        found = run(self.alias, "SELECT i FROM temp.pending_write ORDER BY i").fetchall()
        return [self._writes[index] for (index,) in found]

    def close(self) -> None:
        """Empty the temporary table for the next act of this transaction."""
        if self._writes:
            run(self.alias, "DELETE FROM temp.pending_write")


_current: ContextVar[Act | None] = ContextVar("act", default=None)

flush: Callable[[Act], None] | None = None  # seals and appends `act.survivors()`; set when the journal's app is ready
head_committed: list[Callable[[str], None]] = []  # called with the alias after a COMMIT, on the writer: must not wait


def current_act() -> Act | None:
    """The act under way in this context; None outside an action."""
    return _current.get()


@contextmanager
def opened(act: Act) -> Iterator[Act]:
    """Run the body as `act`, then flush it, inside the caller's savepoint. If either raises, nothing stays."""
    token = _current.set(act)
    try:
        yield act
        if act._writes:
            if flush is None:
                raise RuntimeError("nothing can seal this act: acts.flush is not set")
            flush(act)
            act.close()
    finally:
        _current.reset(token)
