"""The oracle: what people did on machines that did not hear each other, and what must still be there afterwards.

It never looks at what an entry says of its own base. It remembers which value each author had in front of them: a value is answered
only by who was shown it. Every other value must still stand, on every machine.
"""

from dataclasses import dataclass, field
from uuid import UUID

from permanence.journal import chain, conflicts, verify
from permanence.lib.sqlcipher import run
from tests.sync.machines import Machine, anybody
from tests.testapp import actions
from tests.testapp.models import Note, Person

FIELDS = ("family", "phone", "given")
TABLES = ("testapp_person", "testapp_note", "testapp_item", "testapp_setting", "sync_replica", "journal_objectstate", "journal_conflict")
Slot = tuple[UUID, str]


class Lost(AssertionError):
    """Something that somebody wrote is gone, or differs between machines."""


@dataclass
class Oracle:
    """What was written, in whose sight."""

    written: dict[Slot, set[str]] = field(default_factory=dict)
    answered: dict[Slot, set[str]] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    _next: int = 0

    def _value(self) -> str:
        self._next += 1
        return f"v{self._next}"

    def register(self, at: Machine) -> UUID:
        values = {name: self._value() for name in FIELDS}
        with at:
            person = actions.register(by=anybody(), **values)
        for name, value in values.items():
            self.written.setdefault((person, name), set()).add(value)
        return person

    def amend(self, at: Machine, person: UUID, name: str) -> None:
        """Somebody changes what they have in front of them."""
        with at:
            row = Person.objects.filter(id=person).first()
            if row is None:
                return
            shown, value = getattr(row, name), self._value()
            actions.amend(person, by=anybody(), **{name: value})
        self._say(person, name, value, {shown})

    def settle(self, at: Machine) -> None:
        """Somebody looks at every value of each field in question, and writes another."""
        with at:
            for person, kind, names in conflicts.objects():
                if kind != "testapp.person":
                    continue
                for name in names:
                    found = conflicts.values(chain.load_state(person.bytes))[name]
                    value = self._value()
                    actions.amend(person, by=anybody(), seen={name: [one.entry for one in found]}, **{name: value})
                    self._say(person, name, value, {one.value for one in found})

    def write_note(self, at: Machine, person: UUID) -> None:
        with at:
            if Person.objects.filter(id=person).exists():
                text = self._value()
                actions.write_note(person, text, by=anybody())
                self.notes.add(text)

    def _say(self, person: UUID, name: str, value: str, shown: set[str]) -> None:
        self.written.setdefault((person, name), set()).add(value)
        self.answered.setdefault((person, name), set()).update(shown)

    def check(self, machines: list[Machine]) -> None:
        """Once everybody has heard everybody. Raises Lost."""
        dumps = [_dump(one) for one in machines]
        if any(dump != dumps[0] for dump in dumps[1:]):
            raise Lost("the machines do not agree")
        with machines[0]:
            for (person, name), values in self.written.items():
                standing = values - self.answered.get((person, name), set())
                shown = getattr(Person.objects.get(id=person), name)
                live = {value for _, value in chain.load_state(person.bytes)[name].live.values()}
                if live != standing or shown not in standing:
                    raise Lost(f"{name}: {sorted(live)} stand, {sorted(standing)} should; {shown} is shown")
            if set(Note.objects.values_list("text", flat=True)) != self.notes:
                raise Lost("a note is missing")
        for one in machines:
            with one:
                if found := list(verify.differences()):
                    raise Lost(str(found[0]))


def _dump(one: Machine) -> list[object]:
    with one:
        return [run("default", f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES]
