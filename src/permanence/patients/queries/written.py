"""Files opened here and fields of the sheet that people changed since an instant, one head for each category of the sheet.

What nothing else than this software needs (who answers for the file, its protection) is not listed, nor an INS: INSi gives it there.
"""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.journal.written import Hand, Head, Written, by_hand
from permanence.lib.dates import format_date
from permanence.lib.identifiers import format_nir
from permanence.lib.text import NBSP, phone_fr
from permanence.patients import rules
from permanence.patients.models import Patient
from permanence.patients.queries.counts import IN_THE_FILE, kept_secret

# The kind of each category, its title, and its fields with their words.
SHEETS: Mapping[str, tuple[Category, str, Mapping[str, str]]] = {
    "identity": (Category.IDENTITY, "Identité", {
        "birth_name": "Nom de naissance", "given_names": "Prénoms", "first_given_name": "Premier prénom",
        "birth_date": "Date de naissance", "birth_date_text": "Date de naissance (partielle)", "birth_sex": "Sexe",
        "birth_place_label": "Lieu de naissance", "birth_place_insee": "Code INSEE du lieu", "used_name": "Nom utilisé",
        "used_given_name": "Prénom utilisé", "deceased_on": "Décès", "medecin_traitant_id": "Médecin traitant",
        "medecin_traitant_text": "Médecin traitant (ailleurs)", "interpreter_language": "Interprète",
        "research_objection": "Refuse la recherche"}),
    "national": (Category.NATIONAL_ID, "Numéro de sécurité sociale", {"nir": "NIR de l’assuré", "insured_rank": "Rang"}),
    "contact": (Category.CONTACT, "Coordonnées", {
        "mobile": "Mobile", "phone": "Fixe", "email": "Courriel", "address": "Adresse", "postal_code": "Code postal", "city": "Ville",
        "address_at_risk": "Adresse à ne donner à personne", "contact_consent": "Accepte d’être écrit ou rappelé"}),
    "rights": (Category.SOCIAL_RIGHTS, "Droits", {"regime": "Régime", "caisse": "Caisse", "c2s": "C2S", "mutuelle": "Complémentaire",
                                                  "ald": "ALD"}),
    "wishes": (Category.HISTORY, "ALD et directives", {
        "ald_text": "ALD", "directives": "Directives anticipées", "directives_where": "Où elles sont", "directives_on": "Leur date"}),
    "term": (Category.MEASURES, "Terme de naissance", {"birth_term_days": "Terme"}),
    "desk": (Category.ADMINISTRATIVE_TEXT, "Note administrative", {"administrative_text": "Note administrative"}),
}  # fmt: skip


def heads(since: datetime.datetime, of: Collection[UUID] | None = None) -> list[tuple[Head, frozenset[str]]]:
    """What people wrote in these sheets or in all, and the fields of each, whoever may see it: for this room's own doors."""
    hands: dict[UUID, list[Hand]] = {}
    for hand in by_hand("patients.patient", since, of=of):
        hands.setdefault(hand.object, []).append(hand)
    opened = {id: (at, by) for part in _parts(list(hands))
              for id, at, by in Patient.objects.filter(id__in=part).values_list("id", "opened_at", "opened_by_id")}  # fmt: skip
    found = []
    for id, (at, by) in opened.items():
        for kind, (category, _, words) in SHEETS.items():
            told = [hand for hand in hands[id] if hand.fields & words.keys()]
            if told:
                head = Head(kind, Ask(id, category, id), told[-1].at, told[-1].member, new=bool(by and at and at >= since))
                found.append((head, frozenset.union(*(hand.fields for hand in told)) & words.keys()))
    return found


def _parts(ids: Sequence[UUID]) -> list[Sequence[UUID]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _admitted(since: datetime.datetime, of: Collection[UUID] | None, reader: Reader, level: Level) -> list[tuple[Head, frozenset[str]]]:
    """A whole category of a sheet is asked for, not an object in it."""
    found, kept = heads(since, of), []
    for category in dict.fromkeys(head.ask.category for head, _ in found):
        mine = [pair for pair in found if pair[0].ask.category is category]
        may = reader.admit([head.ask.patient for head, _ in mine], [category], level=level).patients(category)
        mine = [pair for pair in mine if pair[0].ask.patient in may]
        full = _filled([pair for pair in mine if pair[0].new])
        kept += [pair for pair in mine if not pair[0].new or pair[0].ask.patient in full]
    return kept


def _filled(opened: Sequence[tuple[Head, frozenset[str]]]) -> set[UUID]:
    """Files opened here of which this part says anything at all: what is empty is not to be copied."""
    names = sorted(frozenset[str]().union(*(fields for _, fields in opened)))
    found = set()
    for part in _parts([head.ask.patient for head, _ in opened]):
        for id, *values in Patient.objects.filter(id__in=part).values_list("id", *names):
            if any(value not in ("", None, False, "U") for value in values):
                found.add(id)
    return found


def written_heads(
    since: datetime.datetime, *, reader: Reader, files: Collection[UUID] | None = None, level: Level = Level.LISTED
) -> list[Head]:
    """The heads that this reader may see, of these files or of all."""
    return [head for head, _ in _admitted(since, files, reader, level)]


def written_since(files: Collection[UUID], since: datetime.datetime, *, reader: Reader) -> list[Written]:
    """What was written in the sheets of a person, as it now stands; of a file opened here, what is not empty."""
    found, secret = [], kept_secret(files, reader=reader) if reader.leaves else frozenset()
    for head, fields in _admitted(since, files, reader, Level.READ):
        _, title, words = SHEETS[head.kind]
        row = Patient.objects.filter(id=head.ask.patient).values(*fields).get()
        told = {name: _word(name, row[name]) for name in words if name in fields}
        if head.ask.patient in secret:
            told.update({name: IN_THE_FILE for name in told if name in _WHERE and told[name]})
        lines = [f"{words[name]}{NBSP}: {text or '(effacé)'}" for name, text in told.items() if text or not head.new]
        opened = head.new and head.kind == "identity"
        found.append(Written(head, f"{title}{NBSP}: dossier créé ici" if opened else title, "\n".join(lines)))
    return found


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime.date):
        return format_date(value)
    if name == "medecin_traitant_id":
        return member_names([value]).get(value, "") if value else ""
    said: str | None = {"birth_sex": rules.SEXES, "directives": rules.DIRECTIVES}.get(name, {}).get(value)
    if said is not None:
        return said
    return _SPOKEN.get(name, str)(value) if value not in (None, "") else ""


_WHERE = frozenset({"address", "postal_code", "city"})
_SPOKEN: Mapping[str, Callable[[Any], str]] = {"nir": format_nir, "mobile": phone_fr, "phone": phone_fr,
                                               "birth_term_days": rules.term_text}  # fmt: skip
