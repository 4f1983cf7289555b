"""What holds for imports: whose document it is, what differs from the file, what is wrong in it. Plain values only.

What each item becomes is in `mapping`.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from permanence.interop.cda.items import Summary
from permanence.interop.cda.values import Patient, Person
from permanence.lib import identifiers
from permanence.lib.text import NBSP, fold

KINDS = {
    "history": "Antécédent", "allergy": "Allergie", "no_allergy": "Allergies", "treatment": "Traitement",
    "vaccination": "Vaccination", "result": "Résultat", "measure": "Mesure", "plan": "À faire", "absence": "Absence",
    "finding": "Observation", "text": "Texte",
}  # fmt: skip
ABSENCES = {"allergies": "Allergies", "problems": "Pathologies", "treatments": "Traitements", "vaccinations": "Vaccinations",
            "procedures": "Actes", "devices": "Dispositifs médicaux"}  # fmt: skip
ADDED, UPDATED, ALREADY, LEFT_OUT = "ajouté", "mis à jour", "déjà présent", "non repris"
TRAITS = {
    "birth_name": "Nom de naissance", "first_given_name": "Premier prénom", "given_names": "Prénoms",
    "birth_date": "Date de naissance", "birth_date_text": "Date de naissance", "birth_sex": "Sexe",
    "birth_place_insee": "Lieu de naissance", "used_name": "Nom utilisé", "used_given_name": "Prénom utilisé",
    "ins": "Matricule INS", "nir": "NIR", "mobile": "Mobile", "phone": "Téléphone", "email": "Courriel",
    "address": "Adresse", "postal_code": "Code postal", "city": "Ville",
}  # fmt: skip

CONTACT_TRAITS = frozenset({"mobile", "phone", "email", "address", "postal_code", "city"})


# -- identity


def identity(patient: Patient) -> dict[str, Any]:
    """The fields of a new file. Only what the document says; empty values are left out."""
    mobile, phone = _phones(patient)
    fields: dict[str, Any] = {
        "birth_name": patient.birth_family or patient.used_family,
        "first_given_name": patient.first_given or patient.used_given,
        "given_names": " ".join(patient.given_names), "birth_date": patient.birth.date,
        "birth_date_text": "" if patient.birth.date else patient.birth.text,
        "birth_sex": {"M": "M", "F": "F"}.get(patient.sex, "U"), "birth_place_insee": patient.birth_place_insee,
        "birth_place_label": patient.birth_place_name, "used_name": _other(patient.used_family, patient.birth_family),
        "used_given_name": _other(patient.used_given, patient.first_given), "nir": patient.nir, "mobile": mobile,
        "phone": phone, "email": next((t.value for t in patient.telecoms if t.kind == "email"), ""),
        "address": "\n".join(patient.address.lines), "postal_code": patient.address.postal_code,
        "city": patient.address.city,
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value not in ("", None)}


def _other(used: str, born: str) -> str:
    return "" if fold(used) == fold(born) else used


def _phones(patient: Patient) -> tuple[str, str]:
    """Mobile and other number, by use or by prefix."""
    mobile = phone = ""
    for telecom in patient.telecoms:
        if telecom.kind != "phone":
            continue
        digits = re.sub(r"\D", "", telecom.value)
        if "MC" in telecom.use or re.match(r"(0|33|0033)[67]", digits):
            mobile = mobile or telecom.value
        else:
            phone = phone or telecom.value
    return mobile, phone


def differences(here: Mapping[str, Any], there: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(field in French, value here, value in the document) where both say something and not the same.

    An import never changes an identity: a person looks at these.
    """
    found = []
    for name, label in TRAITS.items():
        mine, theirs = _text(here.get(name)), _text(there.get(name))
        if mine and theirs and not _same(name, mine, theirs):
            found.append((label, mine, theirs))
    return found


def _text(value: Any) -> str:
    return value.strftime("%d/%m/%Y") if hasattr(value, "strftime") else str(value or "")


def _same(name: str, mine: str, theirs: str) -> bool:
    if name in ("mobile", "phone"):
        return re.sub(r"\D", "", mine)[-9:] == re.sub(r"\D", "", theirs)[-9:]
    if name == "birth_sex" and "U" in (mine, theirs):
        return True
    return fold(mine) == fold(theirs)


def identity_warnings(summary: Summary) -> list[str]:
    """What is wrong in the identifiers: said, never refused (8 of 11 published examples fail their key)."""
    patient, said = summary.patient, []
    for name, number in (("matricule INS", patient.ins), ("NIR", patient.nir)):
        if number:
            try:
                identifiers.check_nir(number)
            except identifiers.Invalid as wrong:
                said.append(f"Le {name} du document n’est pas valable{NBSP}: {_lowered(str(wrong))}")
    if patient.ins and patient.ins_oid not in identifiers.INS_OIDS:
        said.append("Le matricule INS du document vient d’un domaine de démonstration : il n’est pas repris.")
    if patient.birth_place_insee:
        try:
            identifiers.check_insee_place(patient.birth_place_insee)
        except identifiers.Invalid:
            said.append(f"Le code du lieu de naissance ({patient.birth_place_insee}) n’est pas un code INSEE de commune.")
    for author in summary.header.authors:
        try:
            if author.rpps:
                identifiers.check_rpps(author.rpps)
        except identifiers.Invalid:
            said.append(f"Le numéro RPPS de l’auteur ({author.name or author.rpps}) n’est pas valable.")
    if not patient.birth.date:
        said.append("La date de naissance n’est pas complète dans le document.")
    return said


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


# -- whose document


def clash(here: Mapping[str, Any], there: Mapping[str, Any], *, places: bool = False) -> str:
    """Why two identities cannot be one person's: the trait in French, or "". Silence on either side is no clash.

    Names may be spelt, ordered or completed otherwise; a different birth date or sex, or names without a word in common,
    are another person. `places`: a different birth place too.
    """
    if _both(here, there, "birth_date") and here["birth_date"] != there["birth_date"]:
        return "date de naissance"
    if {here.get("birth_sex"), there.get("birth_sex")} == {"M", "F"}:
        return "sexe"
    mine, theirs = (_words_of(side, "birth_name", "used_name") for side in (here, there))
    if mine and theirs and not mine & theirs:
        return "nom"
    mine, theirs = (_words_of(side, "first_given_name", "given_names", "used_given_name") for side in (here, there))
    if mine and theirs and not mine & theirs:
        return "prénom"
    if places and _both(here, there, "birth_place_insee") and here["birth_place_insee"] != there["birth_place_insee"]:
        return "lieu de naissance"
    return ""


def _both(here: Mapping[str, Any], there: Mapping[str, Any], name: str) -> bool:
    return bool(here.get(name) and there.get(name))


def _words_of(side: Mapping[str, Any], *names: str) -> set[str]:
    return {word for name in names for word in fold(str(side.get(name) or "")).split() if len(word) > 1}


def person_text(person: Person) -> str:
    """« Dr Inès ROUSSEL, Cabinet des Peupliers, 91530 SAINT-AUBIN (RPPS 10001234561) », as far as it is said."""
    town = f"{person.address.postal_code} {person.address.city}".strip()
    said = ", ".join(part for part in (person.name, person.organization, town) if part)
    return f"{said} (RPPS{NBSP}{person.rpps})"[:200] if said and person.rpps else said[:200]


_ROLES = {"personne de confiance": "confiance", "personne à prévenir": "a_prevenir", "représentant": "representant",
          "tuteur": "tuteur"}  # fmt: skip


def contact(person: Person) -> dict[str, str]:
    """Somebody around the patient, as `patients.add_contact` takes them; {} without a name."""
    name = " ".join(part for part in (person.given, person.family) if part) or person.organization
    if not name:
        return {}
    return {
        "role": _ROLES.get(person.role, "autre"), "name": name[:200], "relation": person.relation[:200],
        "phone_number": next((t.value for t in person.telecoms if t.kind == "phone"), ""),
        "email": next((t.value for t in person.telecoms if t.kind == "email"), ""), "note": "",
    }  # fmt: skip


def counted(count: Callable[[str], int]) -> str:
    """« 12 ajoutés, 3 déjà présents »; « rien de nouveau »."""
    said = [f"{n} {word if n < 2 else many}" for outcome, word, many in (
        (ADDED, "ajouté", "ajoutés"), (UPDATED, "mis à jour", "mis à jour"), (ALREADY, "déjà présent", "déjà présents"),
        (LEFT_OUT, "non repris", "non repris")) if (n := count(outcome))]  # fmt: skip
    return ", ".join(said) or "rien à reprendre"


# -- items

NAMES = {"history": ("label", "cim10", "start"), "allergy": ("substance", "", ""), "treatment": ("label", "code", "end"),
         "vaccination": ("vaccine", "code", "given"), "measure": ("", "", "")}  # fmt: skip


def same_item(kind: str, here: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether the file already says this in other words: the same code or the same words, and the same beginning."""
    name, code, start = NAMES.get(kind, ("", "", ""))
    if not name or (start and (here.get(start) or "") != (there.get(start) or "")):
        return False
    if kind == "history" and (here.get("kind") == "familial") != (there.get("kind") == "familial"):
        return False
    same_code = bool(code and there.get(code)) and here.get(code) == there.get(code)
    return same_code or fold(str(here.get(name) or "")) == fold(str(there.get(name) or ""))
