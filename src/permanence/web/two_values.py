"""« 2 valeurs » beside a line or a field that a page shows anyway: what waits on « À rapprocher »."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from permanence.lib.text import NBSP, plural
from permanence.sync import queries
from permanence.web.presenters import Chip

TWO = Chip(f"2{NBSP}valeurs", "sys", "git-merge")
WHOLE = Chip("À rapprocher", "sys", "git-merge")  # retired here and edited there, or edited on both sides
# What the identity sheet calls its fields: label -> fields of the patient's row.
_SHEET = {
    "Nom de naissance": ("birth_name",),
    "Prénoms": ("first_given_name", "given_names"),
    "Date de naissance": ("birth_date", "birth_date_text"),
    "Sexe": ("birth_sex",),
    "Lieu de naissance": ("birth_place_insee", "birth_place_label"),
    "Nom utilisé": ("used_name",),
    "Prénom utilisé": ("used_given_name",),
    "Décès": ("deceased_on",),
    "Matricule INS": ("ins",),
    "NIR de l’assuré": ("nir",),
    "Régime": ("regime",),
    "Caisse": ("caisse",),
    "Complémentaire": ("mutuelle",),
    "C2S": ("c2s",),
    "Mobile": ("mobile",),
    "Fixe": ("phone",),
    "Courriel": ("email",),
    "Adresse": ("address", "postal_code", "city"),
    "Interprète": ("interpreter_language",),
    "Être écrit ou rappelé": ("contact_consent",),
    "Directives anticipées": ("directives", "directives_where", "directives_on"),
    "Recherche": ("research_objection",),
    "Médecin traitant": ("medecin_traitant_id", "medecin_traitant_text"),
    "Responsable": ("controller_id", "controller_is_practice"),
}


class Fact(NamedTuple):
    """One line of the identity sheet; `mark` when two values stand."""

    label: str
    value: str
    mark: str = ""


def chips(object: UUID) -> tuple[Chip, ...]:
    """For a line of the synthesis."""
    found = queries.marks([object])
    if not found:
        return ()
    return (WHOLE,) if found[object].asked in ((queries.REMOVAL,), (queries.REREAD,)) else (TWO,)


def sentence(objects: Iterable[UUID]) -> str:
    """How many of the lines shown wait; empty for none."""
    count = len(queries.marks(objects))
    if not count:
        return ""
    return f"{plural(count, 'ligne de ce dossier a été écrite', 'lignes de ce dossier ont été écrites')} sur deux machines à la fois."


def marked(facts: Sequence[Fact], files: Iterable[UUID]) -> list[Fact]:
    """The lines of a sheet with « 2 valeurs » where somebody has to choose."""
    differing = {field for one in queries.marks(files).values() for field in one.fields}
    return [fact._replace(mark=TWO.text) if differing.intersection(_SHEET.get(fact.label, ())) else fact for fact in facts]
