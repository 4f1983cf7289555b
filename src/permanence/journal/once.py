"""One-use ids of write forms: a repeat of a committed action gives the first result instead of acting again."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

import cbor2

from permanence.lib import clock
from permanence.lib.sqlcipher import run


class _Form:
    """The form under way in a request, and how many actions of each name it has called so far."""

    def __init__(self, id: UUID, calls: dict[str, int]) -> None:
        self.id, self.calls = id, calls


_form: ContextVar[_Form | None] = ContextVar("form", default=None)


@contextmanager
def once(id: UUID, calls: dict[str, int] | None = None) -> Iterator[None]:
    """Each action called in the body happens once for this form: its nth call is known by id, name and n.

    `calls`: what a request counts through several bodies: the second measure of a line is not the first one sent again.
    """
    token = _form.set(_Form(id, {} if calls is None else calls))
    try:
        yield
    finally:
        _form.reset(token)


def key_of_call(action: str, explicit: UUID | None, member: UUID | None) -> bytes | None:
    """16 bytes naming this call: the explicit id, or one derived from the form under way and who sends it; else None.

    Somebody else who sends the same form acts for themselves: the first one's result is not theirs.
    """
    if explicit is not None:
        return explicit.bytes
    form = _form.get()
    if form is None:
        return None
    n = form.calls[action] = form.calls.get(action, 0) + 1
    who = b"" if member is None else member.bytes
    return hashlib.sha256(b"%s %s %d %s" % (form.id.bytes, action.encode(), n, who)).digest()[:16]


def remembered(key: bytes, action: str) -> tuple[Any] | None:
    """The result of a committed call, in a 1-tuple; None when there was none. ValueError: another action's id."""
    found = run("default", "SELECT action, result FROM journal_once WHERE once = ?", key).fetchone()
    if found is None:
        return None
    if found[0] != action:
        raise ValueError(f"this one-use id was used by {found[0]}")
    return (cbor2.loads(found[1]),)


def remember(key: bytes, action: str, result: Any) -> Any:
    """Keep the result in the action's own transaction. Returns it as a repeat will get it (tuples become lists).

    TypeError: not a plain value (None, bool, int, str, bytes, UUID, lists and mappings of them).
    """
    _plain(result)
    kept = cbor2.dumps(result)
    run("default", "INSERT INTO journal_once (once, action, result, at) VALUES (?, ?, ?, ?)",
        key, action, kept, clock.ms())
    return cbor2.loads(kept)


def _plain(value: Any) -> None:
    if isinstance(value, (list, tuple)):
        for item in value:
            _plain(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _plain(name)
            _plain(item)
    elif not (value is None or isinstance(value, (bool, int, str, bytes, UUID))):
        raise TypeError(f"an action returns ids and plain values, not {type(value).__name__}")


def forget(before_ms: int) -> int:
    """Drop the results kept before this time, on the writer; returns how many."""
    return int(run("default", "DELETE FROM journal_once WHERE at < ?", before_ms).rowcount)
