"""The banner of a page about one patient, with its allergy line: one call for every screen of the file."""

from uuid import UUID

from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.patients import queries
from permanence.web import presenters
from permanence.web.dossier import clinical, people


def banner_of(patient: UUID, reader: Reader) -> people.Banner:
    """Raises Refused when the file is unknown or its identity is not open to this reader."""
    found = queries.banner(patient, reader=reader)
    return people.banner(found, allergy_line(found.patient, reader), me=reader.actor.member)


def allergy_line(patient: UUID, reader: Reader) -> people.AllergyLine:
    """Never blank: what is refused or missing says « indisponibles »."""
    if not reader.may(patient, Category.ALLERGIES):
        return people.AllergyLine("unavailable", why="non ouvertes pour vous")
    try:
        return clinical.allergies(patient, reader)
    except Refused as refused:
        return people.AllergyLine("unavailable", why=presenters.refusal(refused.code))
