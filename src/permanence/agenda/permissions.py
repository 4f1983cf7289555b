"""Whose agenda one may see and write: the column `APPOINTMENTS` of docs/rights.md, an agenda being its practitioner's own."""

from uuid import UUID

from permanence.accounts import rules as rights
from permanence.accounts.permissions import check_member, check_write, is_own, standing_of
from permanence.accounts.rules import Mode
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader, ReaderClosed, Refused

CLOSED = "Votre profession n’ouvre pas l’agenda\u00a0: demandez à un titulaire."


def agendas_of(reader: Reader) -> frozenset[UUID] | None:
    """The practitioners whose hours this reader may see; None: all. For rows of no patient. Raises Refused: right, purpose."""
    if reader.closed:
        raise ReaderClosed("the access entry of this response is already on its way")
    if reader.purpose is not None:
        if Category.APPOINTMENTS not in reader.purpose.categories:
            raise Refused("Cette tâche automatique ne lit pas l’agenda.", code="purpose")
        return None
    standing = check_member(reader.actor)
    mode = rights.cell(standing, Category.APPOINTMENTS).read
    if mode is Mode.ALL:
        return None
    if mode in (Mode.OWN, Mode.ASSIGNED):
        return rights.owners(standing, Category.APPOINTMENTS)
    raise Refused(CLOSED, code="right")


def readable_agendas(by: Actor) -> frozenset[UUID] | None:
    """The same for who writes: whose appointments an action may copy words from; None: all."""
    if by.member is None:
        return None
    standing = standing_of(by.member)
    return None if rights.cell(standing, Category.APPOINTMENTS).read is Mode.ALL else rights.owners(standing, Category.APPOINTMENTS)


def check_agenda(by: Actor, practitioner: UUID | None) -> None:
    """Whether `by` may write in this practitioner's agenda. Raises Refused."""
    check_write(by, Category.APPOINTMENTS, own=is_own(by, Category.APPOINTMENTS, practitioner))


def can_write_agenda(by: Actor, practitioner: UUID | None) -> bool:
    try:
        check_agenda(by, practitioner)
    except Refused:
        return False
    return True


def can_open(member: UUID) -> bool:
    """Whether the agenda is a screen of theirs at all: for menus."""
    return rights.cell(standing_of(member), Category.APPOINTMENTS).read > Mode.MASKED


def own_agendas(by: Actor) -> frozenset[UUID]:
    """One's own agenda, and for a remplaçant that of whom they replace: what stands first on their screens."""
    return frozenset() if by.member is None else rights.owners(standing_of(by.member), Category.APPOINTMENTS)
