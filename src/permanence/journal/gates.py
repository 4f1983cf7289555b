"""Gates that need no room. `Open` admits everyone for now; containment replaces it when reasons can be judged."""

from collections.abc import Sequence

from permanence.journal.doors import Ask, Reader


class Open:
    """Asks for no reason. Its name stands in each access entry, so that a dossier can say how reads were gated then."""

    name = "open"

    def judge(self, reader: Reader, asks: Sequence[Ask]) -> Sequence[str]:
        return [""] * len(asks)
