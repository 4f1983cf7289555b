"""What holds for identities: how a name is shown, who looks alike, which INS status follows which, who is one person.

Plain values only. The search grammar is in `grammar`.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.lib.text import NBSP, fold

SEXES = {"M": "Masculin", "F": "Féminin", "U": "Indéterminé"}
PROTECTED_KINDS = {
    "": "",
    "staff": "Membre du cabinet",
    "relative": "Proche d’un membre",
    "known_person": "Personne connue",
}

# Statuses and attributes: référentiel national d'identitovigilance (RNIV), confidence of a numerical identity.
PROVISIONAL, RETRIEVED, VALIDATED, QUALIFIED = "provisoire", "recuperee", "validee", "qualifiee"
STATUSES = {PROVISIONAL: "Provisoire", RETRIEVED: "Récupérée", VALIDATED: "Validée", QUALIFIED: "Qualifiée"}
PROOFS = {
    "cni": "Carte nationale d’identité",
    "passeport": "Passeport",
    "titre_sejour": "Titre de séjour",
    "acte_naissance": "Acte de naissance et pièce du parent",
    "livret_famille": "Livret de famille et pièce du parent",
    "france_identite": "France Identité",
}
STRICT_TRAITS = frozenset(
    {"birth_name", "first_given_name", "given_names", "birth_date", "birth_date_text", "birth_sex", "birth_place_insee"}
)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one identity, as stored."""

    birth_name: str
    first_given_name: str = ""
    used_name: str = ""
    used_given_name: str = ""
    sex: str = "U"


def given_case(name: str) -> str:
    """A given name for display: INS traits come in capitals and become « Jeanne », « Jean-Pierre »; others stay as typed."""
    return name.title() if name.isupper() else name


def usual_name(names: Names) -> str:
    """The surname in use, in capitals, hyphens and apostrophes kept; unknown is written out (NHS CUI PAB-0050)."""
    return (names.used_name or names.birth_name).upper() or "NOM INCONNU"


def short_name(names: Names) -> str:
    """« MARTIN Jeanne »: for buttons, lists and titles."""
    given = names.used_given_name or names.first_given_name
    return f"{usual_name(names)} {given_case(given) or 'prénom inconnu'}"


def birth_line(names: Names) -> str:
    """« née MARTIN » when another surname is in use; else empty."""
    if not names.used_name or not names.birth_name or fold(names.used_name) == fold(names.birth_name):
        return ""
    born = {"F": "née", "M": "né"}.get(names.sex, "nom de naissance")
    return f"{born}{NBSP}{names.birth_name.upper()}"


def display_name(names: Names) -> str:
    """The first line of a banner: the name in use first, the birth name beside it (interface 5.6)."""
    birth = birth_line(names)
    return f"{short_name(names)}, {birth}" if birth else short_name(names)


def name_key(birth_name: str, first_given_name: str) -> str:
    """What two homonyms share: birth surname and first given name, without case, accents, hyphens."""
    return f"{fold(birth_name)}|{fold(first_given_name)}"


def distance(a: str, b: str, most: int = 3) -> int:
    """Edits (one letter added, dropped, changed, or two neighbours swapped) between two folded names; stops past `most`."""
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def close_names(a: str, b: str) -> bool:
    """Whether two `name_key`s could be one misspelt person: surname and given name each within one edit (two when long),
    one contained in the other word by word, or surname and given name exchanged."""
    (family_a, given_a), (family_b, given_b) = a.split("|", 1), b.split("|", 1)
    return (_close(family_a, family_b) and _close(given_a, given_b)) or (
        _close(family_a, given_b) and _close(given_a, family_b)
    )


def _close(a: str, b: str) -> bool:
    words_a, words_b = set(a.split()), set(b.split())
    if words_a and words_b and (words_a <= words_b or words_b <= words_a):
        return True
    allowed = 0 if min(len(a), len(b)) < 3 else 1 if min(len(a), len(b)) < 8 else 2
    return distance(a.replace(" ", ""), b.replace(" ", ""), allowed) <= allowed


def alike(a: tuple[str, str], b: tuple[str, str]) -> bool:
    """Homonyms (interface 5.6): same name, or same birth date and a close name. Each is (name_key, ISO date or "")."""
    return a[0] == b[0] or (bool(a[1]) and a[1] == b[1] and close_names(a[0], b[0]))


# -- INS


class NotAllowed(ValueError):
    """A change of identity that the rules refuse; `str()` is a French sentence."""


def check_typed_status(status: str, *, proof: str, doubtful: bool, fictional: bool) -> None:
    """Whether a person may set this status by hand. Only INSi retrieves and qualifies; validating needs a document (RNIV).

    Raises NotAllowed.
    """
    if status not in STATUSES:
        raise NotAllowed("Statut d’identité inconnu : choisir Provisoire ou Validée.".replace(" :", f"{NBSP}:"))
    if status in (RETRIEVED, QUALIFIED):
        raise NotAllowed(f"Le statut {STATUSES[status]} ne se saisit pas{NBSP}: il vient du téléservice INSi.")
    if status == VALIDATED and (doubtful or fictional):
        raise NotAllowed(f"Une identité douteuse ou fictive reste provisoire{NBSP}: retirer d’abord l’attribut.")
    if status == VALIDATED and proof not in PROOFS:
        raise NotAllowed(
            f"Pour valider l’identité, indiquer le document vérifié{NBSP}: carte d’identité, passeport, titre de séjour…"
        )


def status_after_insi(current: str, *, proof: str) -> str:
    """The status once INSi has returned the identity: qualified if a document was checked too. Raises NotAllowed."""
    if current not in STATUSES:
        raise NotAllowed("Statut d’identité inconnu.")
    return QUALIFIED if proof in PROOFS else RETRIEVED


def status_after_amendment(current: str, changed: Collection[str], *, proof: str) -> str:
    """What a typed change of strict traits leaves: the INS is lost, and with it what only INSi gives."""
    if not STRICT_TRAITS & set(changed):
        return current
    return VALIDATED if proof in PROOFS else PROVISIONAL


def shown_matricule(ins: str, status: str) -> str:
    """The matricule INS, only when qualified (HL7 FR Core: it may be carried only for a qualified identity)."""
    return ins if status == QUALIFIED else ""


# -- merging files


def one_person(start: UUID, aliases: Iterable[tuple[UUID, UUID]]) -> tuple[UUID, tuple[UUID, ...]]:
    """The file kept and all files of one person, from live (merged, kept) pairs. Same answer from any of them.

    Two replicas may have merged crosswise: the kept file is then the smallest id of the circle, alike everywhere.
    """
    pairs = set(aliases)
    if not pairs:
        return start, (start,)
    family, grown = {start}, True
    while grown:
        wider = family | {i for pair in pairs if family & set(pair) for i in pair}
        grown, family = wider != family, wider
    leaving = {merged for merged, kept in pairs if merged in family and merged != kept}
    kept = min(family - leaving or family, key=lambda i: i.bytes)
    return kept, (kept, *sorted(family - {kept}, key=lambda i: i.bytes))


def with_first_name(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The first given name taken from the list of given names, or the list from it, when a new file lacks one of them."""
    first, names = str(fields.get("first_given_name", "")), str(fields.get("given_names", ""))
    return {**fields, "first_given_name": first or (names.split() or [""])[0], "given_names": names or first}


# -- what the patient has said, and how they were born

DIRECTIVES = {"": "Non renseigné", "oui": "Rédigées", "non": "Pas de directives"}
_TERM = re.compile("([0-9]{2})\\s*(?:sa)?\\s*(?:\\+\\s*([0-6])\\s*j?)?", re.IGNORECASE)
EARLIEST_TERM, LATEST_TERM = 22 * 7, 44 * 7  # days


def birth_term(typed: str) -> int | None:
    """« 32+4 », « 32 SA + 4 j », « 39 SA » in days; None when empty. Raises ValueError with a French sentence."""
    if not typed.strip():
        return None
    found = _TERM.fullmatch(typed.strip())
    days = int(found[1]) * 7 + int(found[2] or 0) if found else 0
    if not EARLIEST_TERM <= days <= LATEST_TERM:
        raise ValueError("Le terme de naissance s’écrit en semaines d’aménorrhée et jours, de 22 à 44 SA\u00a0: par exemple 32+4.")
    return days


def term_text(days: int | None) -> str:
    """« 32 SA + 4 j »."""
    if days is None:
        return ""
    weeks, rest = divmod(days, 7)
    return f"{weeks}{NBSP}SA" + (f" + {rest}{NBSP}j" if rest else "")
