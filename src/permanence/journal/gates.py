"""Gates that need no room. `Holder` keeps objects to the files they were asked under.

`Open` admits everyone for now; containment replaces it when reasons can be judged."""

from collections.abc import Collection, Sequence
from uuid import UUID

from permanence.journal.doors import Ask, Reader


class Open:
    """Asks for no reason. Its name stands in each access entry, so that a dossier can say how reads were gated then."""

    name = "open"

    def judge(self, reader: Reader, asks: Sequence[Ask]) -> Sequence[str]:
        return [""] * len(asks)


class Holder:
    """Refuses an object of other files than those it is asked under: it would be read for a reason that is not its own (ADR 29)."""

    name = "holder"

    def __init__(self, objects: Collection[UUID], files: Collection[UUID]) -> None:
        self._objects, self._files = frozenset(objects), frozenset(files)

    def judge(self, reader: Reader, asks: Sequence[Ask]) -> Sequence[str]:
        return ["holder" if ask.object in self._objects and ask.patient not in self._files else "" for ask in asks]
