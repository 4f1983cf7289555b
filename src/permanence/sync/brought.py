"""What one machine brought here: how much, and which places of which chains, so that what is to be settled is counted by who brought it.

What it pushes by itself is kept in memory until the talk with that machine asks for it.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from permanence.journal.exchange import Outcome, Result

Place = tuple[bytes, int]  # replica, stream


@dataclass(slots=True)
class Brought:
    """Entries that were new here, those kept aside, and of each chain the first and the last that was new."""

    taken: int = 0
    aside: int = 0
    spans: dict[Place, tuple[int, int]] = field(default_factory=dict)

    def note(self, outcomes: Iterable[Outcome]) -> None:
        for one in outcomes:
            self.aside += one.result is Result.QUARANTINED
            if one.result is Result.ACCEPTED:
                self.taken += 1
                self._span((one.replica, one.stream), one.seq, one.seq)

    def add(self, other: "Brought") -> None:
        self.taken, self.aside = self.taken + other.taken, self.aside + other.aside
        for place, (first, last) in other.spans.items():
            self._span(place, first, last)

    def _span(self, place: Place, first: int, last: int) -> None:
        known = self.spans.get(place, (first, last))
        self.spans[place] = min(known[0], first), max(known[1], last)


_lock = threading.Lock()
_pushed: dict[UUID, Brought] = {}


def pushed(by: UUID | None, outcomes: Iterable[Outcome]) -> None:
    """A machine of the practice gave these without being asked."""
    if by is not None:
        with _lock:
            _pushed.setdefault(by, Brought()).note(outcomes)


def collect(by: UUID | None) -> Brought:
    """What it gave so since the last time, and nothing of it is remembered."""
    with _lock:
        return _pushed.pop(by, Brought()) if by is not None else Brought()


def begin() -> None:
    """At each opening: nothing of before is remembered here."""
    with _lock:
        _pushed.clear()
