"""Who has a word, beside the rights, before a line of the synthesis is changed: rooms above declare it."""

from collections.abc import Callable
from uuid import UUID

from permanence.consultations.models import Line
from permanence.journal import acts

Guard = Callable[[UUID, UUID | None], None]
guards: list[Guard] = []  # each called with a line and its revision; raises Refused


def check_line(line: Line) -> None:
    """Ask them all, unless an import is at work: it brings what it brought before. Raises Refused."""
    act = acts.current_act()
    if act is not None and act.action.startswith("interop:"):
        return
    for guard in guards:
        guard(line.id, line.revision)
