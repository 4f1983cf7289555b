"""Actions of the writer's tests."""

from collections.abc import Callable
from typing import Any

from permanence.journal import acts
from permanence.journal.doors import Actor
from permanence.journal.writer import action
from tests.journal.writer.room import Item


def save(what: str) -> int:
    """A row and the pending write that explains it, as a journaled model's save() does."""
    item = Item.objects.create(owner=what)
    act = acts.current_act()
    assert act is not None, "saved inside an action only"
    act.pend(what)
    return item.pk


@action
def register(*, by: Actor, owner: str) -> int:
    return save(owner)


@action
def call(function: Callable[[], Any], *, by: Actor) -> Any:
    return function()
