"""Inside actions: which kit gave a number, what was said of it so far, the scans that wait for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from permanence.continuity import rules
from permanence.continuity.models import FormReturn, KitCopy, ScannedPage, pages
from permanence.continuity.queries.kits import numbered_on, numbers_in, numbers_of
from permanence.journal.doors import Refused

NOT_A_NUMBER = "Ce numéro n’est pas celui d’une fiche du kit\u00a0: le recopier tel qu’il est écrit en haut, par exemple 3F2A-261122-07."
NOT_GIVEN = ("Aucun kit n’a donné ce numéro\u00a0: relire les chiffres. Si la fiche vient d’une autre machine, attendre que les deux se "
             "soient parlé.")
SETTLED = "Cette fiche est déjà rendue\u00a0: voir la liste des fiches."


@dataclass(frozen=True, slots=True)
class Given:
    """A number that a kit gave."""

    copy: UUID
    kind: str
    made_at: datetime


def kit_of(number: str) -> Given | None:
    """The kit that gave this number; None for a number that no kit gave."""
    for copy in numbered_on(number):
        kind = next((kind for kind, one in numbers_in(copy) if one == number), None)
        if kind is not None and copy.made_at is not None:
            return Given(copy.id, kind, copy.made_at)
    return None


def said_of(number: str) -> str:
    return rules.settled(set(FormReturn.objects.filter(number=number).values_list("outcome", flat=True)))


def open_form(typed: str) -> tuple[str, Given]:
    """The number as it is kept and the kit that gave it. Raises Refused: no number, given by none, returned already."""
    number = rules.normal_number(typed)
    if not number:
        raise Refused(NOT_A_NUMBER, code="invalid")
    found = kit_of(number)
    if found is None:
        raise Refused(NOT_GIVEN, code="unknown")
    if said_of(number) in rules.FINAL:
        raise Refused(SETTLED, code="settled")
    return number, found


def scans_of(number: str) -> list[ScannedPage]:
    return list(pages().filter(number=number))


def numbers_left(copy: UUID) -> list[str]:
    """Of one kit, the numbers of which nothing final was said, nor joined to a file."""
    if not KitCopy.objects.filter(id=copy).exists():
        raise Refused("Ce kit est introuvable\u00a0: revenir à la liste.", code="unknown")
    said = set(FormReturn.objects.filter(copy_id=copy).values_list("number", flat=True))
    return [number for _, number in numbers_of(copy) if number not in said]
