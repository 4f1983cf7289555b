"""Doors of the tests' room."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from permanence.journal.doors import Actor
from permanence.journal.writer import action
from tests.testapp.models import Item, Note, Person


@action
def register(*, by: Actor, **values: Any) -> UUID:
    person = Person(**values)
    person.save()
    return person.id


@action
def amend(person: UUID, *, by: Actor, seen: Any = None, **changes: Any) -> None:
    found = Person.objects.get(id=person)
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(seen=seen)


@action
def add_item(person: UUID, label: str, *, by: Actor, **values: Any) -> UUID:
    item = Item(person_id=person, label=label, **values)
    item.save()
    return item.id


@action
def write_note(person: UUID, text: str, *, by: Actor) -> UUID:
    note = Note(person_id=person, text=text, author_id=by.member)
    note.save()
    return note.id


@action
def call(function: Callable[[], Any], *, by: Actor) -> Any:
    return function()
