"""Who takes part in a replacement: the replaced doctor prepares the list, who replaces writes the return note, both read."""

from uuid import UUID

from permanence.accounts.permissions import can_write, check_write
from permanence.accounts.rules import Standing
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.lib.text import NBSP

NOT_YOURS = f"Ce remplacement n’est pas le vôtre{NBSP}: seuls la personne remplacée et son remplaçant l’ouvrent."


def can_take_part(by: Actor) -> bool:
    """Whoever writes the notes of everybody: what is handed over is read under those rights (docs/rights.md)."""
    return can_write(by, Category.NOTES)


def check_doctor(by: Actor, doctor: UUID) -> Standing:
    """The replaced doctor alone decides who is on the list. Raises Refused."""
    standing = check_write(by, Category.NOTES)
    if by.member != doctor and not by.purpose:
        raise Refused(f"La liste se prépare par la personne remplacée{NBSP}: proposez-lui ce patient.", code="right")
    return standing


def check_deputy(by: Actor, deputy: UUID) -> Standing:
    """Who replaces writes the return note, in their own name. Raises Refused."""
    standing = check_write(by, Category.NOTES)
    if by.member != deputy:
        raise Refused(f"La relève s’écrit par la personne qui remplace{NBSP}: laissez-lui un message.", code="right")
    return standing
