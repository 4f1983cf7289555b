"""Exercises of a cut: a list gone through, and a machine that stood alone on purpose. Titulaires begin one; the machine ends it."""

import datetime
from collections.abc import Sequence
from uuid import UUID

from permanence.accounts.permissions import check_administer, check_member
from permanence.continuity.models import Exercise
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import NBSP

Check = tuple[str, bool | None, str]
LENGTHS = (5, 15, 30, 60)  # minutes


@action
def note_list(*, checks: Sequence[Check], by: Actor) -> UUID:
    """A list that was gone through."""
    check_administer(by)
    now = clock.now()
    made = Exercise(kind="list", replica_id=_here(), by_id=by.member, at=now, ended_at=now, checks=[list(one) for one in checks])
    made.save()
    return made.id


@action
def begin_cut(minutes: int, *, checks: Sequence[Check] = (), by: Actor) -> UUID:
    """Before this machine stands alone. Raises Refused: not a titulaire, a length that is not offered, one that has not ended."""
    check_administer(by)
    if minutes not in LENGTHS:
        raise Refused("Choisir une durée dans la liste.", code="length")
    now = clock.now()
    if Exercise.objects.filter(kind="cut", replica_id=_here(), ended_at=None, until__gt=now).exists():
        raise Refused(f"Un exercice est déjà en cours ici{NBSP}: le terminer d’abord.", code="running")
    made = Exercise(kind="cut", replica_id=_here(), by_id=by.member, at=now, until=now + datetime.timedelta(minutes=minutes),
                    checks=[list(one) for one in checks])  # fmt: skip
    made.save()
    return made.id


@action
def end_cut(exercise: UUID, *, ended_at: datetime.datetime, came_in: Sequence[UUID] = (), written: int = 0, received: int = 0,
            copies_equal: bool | None = None, by: Actor) -> None:  # fmt: skip
    """What came of it, once, by the machine itself. A repeat changes nothing."""
    check_member(by)
    if by.purpose != "sync":
        raise Refused(f"Le compte rendu s’écrit de lui-même{NBSP}: terminer l’exercice suffit.", code="purpose")
    row = Exercise.objects.filter(id=exercise, ended_at=None).first()
    if row is not None:
        row.ended_at, row.came_in, row.written, row.received = ended_at, [str(one) for one in came_in], written, received
        row.copies_equal = copies_equal
        row.save()


def _here() -> UUID:
    return UUID(bytes=vault.current().replica)
