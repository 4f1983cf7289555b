"""What holds for documents and results: sizes, kinds, abnormal flags. Plain values only."""

import re
from collections.abc import Collection, Mapping

LARGEST = 20 * 1024 * 1024  # bytes; above it only name, size and hash are kept
ORIGINS = ("import", "scan", "message", "device", "written", "demo", "photo")
# LOINC document types of the French DMP (ANS, jeu de valeurs JDV_J07-XdsTypeCode-CISIS), the few that imports bring.
TYPES = {
    "SYNTH": "Volet de synthèse médicale",
    "11502-2": "Compte rendu d’examens biologiques",
    "18748-4": "Compte rendu d’imagerie",
    "34133-9": "Synthèse d’épisode de soins",
    "11488-4": "Compte rendu de consultation",
    "34112-3": "Compte rendu d’hospitalisation",
    "57833-6": "Ordonnance",
    "51851-4": "Courrier",
    "28570-0": "Compte rendu opératoire",
    "11524-6": "Électrocardiogramme",
    "74207-2": "Certificat médical",
}
# HL7 v2 table 0078 and v3 ObservationInterpretation.
ABNORMAL = {
    "": "",
    "N": "",
    "L": "bas",
    "H": "élevé",
    "LL": "très bas",
    "HH": "très élevé",
    "A": "anormal",
    "AA": "très anormal",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069/\\]+")


def safe_name(name: str) -> str:
    """A file name to show and to download: no path, no control or direction character, 120 characters at most."""
    return _CONTROL.sub("_", name.strip()).strip(". ")[:120] or "document"


def type_label(code: str, given: str = "") -> str:
    """The label of a document type: what the document says, else what the code means."""
    return given.strip() or TYPES.get(code, "Document")


def abnormal(flag: str) -> str:
    """A known interpretation code; anything else is kept as abnormal, never lost."""
    flag = flag.strip().upper()
    return flag if flag in ABNORMAL else "A"


def judged(number: int | None, scale: int, low: tuple[int, int] | None, high: tuple[int, int] | None) -> str:
    """ "L", "H" or "" for a number against its reference range; each bound is (integer, scale). Exact: no float."""
    if number is None:
        return ""
    if low is not None and number * 10 ** low[1] < low[0] * 10**scale:
        return "L"
    if high is not None and number * 10 ** high[1] > high[0] * 10**scale:
        return "H"
    return ""


# -- papers

LONGEST_PAPER = 60_000  # characters of one printed paper
PAPERS = ("a4", "a5")
EMPTY = "Ce papier est vide\u00a0: écrivez son texte avant de le signer."
REPLACED_UNKNOWN = "Le papier à corriger est introuvable dans ce dossier\u00a0: revenez au dossier."
NOT_YOURS = "Seul son auteur corrige un papier signé\u00a0: écrivez le vôtre, ou demandez-lui de le corriger."
# Who signs what: a certificate engages a health professional (médecin: CSP R.4127-76; sage-femme: R.4127-347; the IPA's from memory [K]).
_SIGNS = {
    "certificat": frozenset({"medecin", "sage_femme", "ipa"}),
    "courrier": frozenset({"medecin", "sage_femme", "ipa", "ide", "kine"}),
}
_VARIABLE = re.compile(r"\{([^{}\n]{1,40})\}")


def refuses_signature(profession: str, family: str) -> str:
    """Why this profession signs no paper of this family; "" when it does."""
    if profession in _SIGNS.get(family, ()):
        return ""
    if family == "certificat":
        return "Un certificat est signé par un médecin, une sage-femme ou une IPA\u00a0: laissez-leur une tâche."
    return "Un courrier du dossier est signé par un soignant\u00a0: laissez-lui une tâche."


def fill(text: str, values: Mapping[str, str]) -> str:
    """A template's text with the variables that are known; the others stay as {name} for the writer to see."""
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)


def unfilled(text: str, known: Collection[str]) -> list[str]:
    """The variables of the template that are still in the text, in order, each once."""
    return list(dict.fromkeys(name for name in _VARIABLE.findall(text) if name in known))


def without_unfilled(text: str, known: Collection[str]) -> str:
    """The text without its unfilled variables: a line that has nothing else goes with it, and one of the blanks around it.
    Other braces are only braces.
    """
    kept: list[str] = []
    gone = False
    for line in text.split("\n"):
        bare = _VARIABLE.sub(lambda found: "" if found[1] in known else found[0], line)
        if gone and not line and (not kept or not kept[-1]):
            gone = False
            continue
        gone = bare != line and not re.search(r"\w", bare)
        if bare == line:
            kept.append(line)
        elif re.search(r"\w", bare):
            kept.append(re.sub(r"[ \t]{2,}", " ", bare).rstrip())
    return "\n".join(kept)
