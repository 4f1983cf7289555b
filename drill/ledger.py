"""What the people of the exercise did, kept by the exercise itself on paper of its own: never read from the journal.

A value is answered only by somebody who had it in front of them. Whatever was written and not answered must still be there afterwards.
"""

from collections import Counter
from dataclasses import dataclass, field

Slot = tuple[str, str, str]  # kind, object, field


@dataclass
class Ledger:
    """Every write that a screen has confirmed, and every answer that a machine gave."""

    patients: dict[str, str] = field(default_factory=dict)  # id: birth name
    notes: dict[str, str] = field(default_factory=dict)  # text: patient
    appointments: dict[str, str] = field(default_factory=dict)  # reason: patient
    tasks: dict[str, str] = field(default_factory=dict)  # text: patient
    lines: dict[str, tuple[str, str]] = field(default_factory=dict)  # substance or DCI: kind, patient
    written: dict[Slot, set[str]] = field(default_factory=dict)
    answered: dict[Slot, set[str]] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)  # objects of which a person chose one version among those shown
    statuses: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # moment, machine, status
    failed: list[str] = field(default_factory=list)  # what a person asked and did not get
    refusals: Counter[str] = field(default_factory=Counter)  # by machine: of somebody who had no access any more, as it must be
    sent_again: int = 0  # after a machine died with the question on its way

    def value(self, slot: Slot, value: str, *, shown: str | None) -> None:
        """Somebody wrote `value` where `shown` stood in front of them (None: nothing did, it is new)."""
        self.written.setdefault(slot, set()).add(value)
        if shown is not None:
            self.answered.setdefault(slot, set()).add(shown)

    def standing(self, slot: Slot) -> set[str]:
        """What nobody has answered."""
        return self.written[slot] - self.answered.get(slot, set())

    def counts(self) -> dict[str, int]:
        """How many of each."""
        things = {name: len(getattr(self, name)) for name in ("patients", "notes", "appointments", "tasks", "lines")}
        return {**things, "values": sum(map(len, self.written.values()))}

    @property
    def writes(self) -> int:
        """How many things were written in all."""
        return sum(self.counts().values())
