"""From a read summary to the lines of a file: history, allergies, treatments, vaccinations, measures, results. Plain Python.

Each `Line` is one item; its `values` are the fields of the room that keeps it, and equal values give an equal `content`.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from permanence.interop.cda import codes
from permanence.interop.cda.items import (
    Absence,
    Allergy,
    Device,
    FamilyHistory,
    Finding,
    Problem,
    Procedure,
    Summary,
    Text,
    Treatment,
    Vaccination,
)
from permanence.interop.cda.values import NO_CODE, NO_TIME, Code, When
from permanence.interop.rules import ABSENCES
from permanence.lib.text import NBSP, fold

MOST = 1_000  # lines of one document; an act holds the writer while it files them
TOO_LONG = "document trop long, reste dans le document"


@dataclass(frozen=True, slots=True)
class Line:
    """One item to put in the file, or to leave out (`left_out` says why)."""

    kind: str
    key: str
    label: str
    values: Mapping[str, Any] = field(default_factory=dict)
    left_out: str = ""

    @property
    def content(self) -> str:
        """A hash of what it says: equal in two versions of a document that say the same."""
        said = "\x1f".join(f"{name}={value!r}" for name, value in sorted(self.values.items()))
        return hashlib.sha256(f"{self.kind}\x1f{said}".encode()).hexdigest()


def lines(summary: Summary) -> list[Line]:
    """All that the document says of the patient, in the order of a file: history first."""
    found = [*map(_problem, summary.problems), *map(_procedure, summary.procedures), *map(_family, summary.family)]
    found += map(_device, summary.devices)
    found += map(_allergy, summary.allergies)
    found += [_absence(item, bool(summary.allergies)) for item in summary.absences]
    found += map(_treatment, summary.treatments)
    found += map(_vaccination, summary.vaccinations)
    found += measures(summary.of_kind("measure"))
    found += [_finding(item) for item in summary.findings if item.kind != "measure"]
    found += [Line("plan", item.key, item.label, left_out="à faire selon son auteur, reste dans le document")
              for item in summary.plans]  # fmt: skip
    found += [line for item in summary.texts for line in _words(item)]
    return [*found[:MOST], *(replace(line, left_out=TOO_LONG) for line in found[MOST : 2 * MOST])]


def _note(*parts: str) -> str:
    return " ; ".join(dict.fromkeys(part for part in parts if part))


def _named(name: str, value: str) -> str:
    return f"{name}{NBSP}: {value}" if value else ""


def _date(when: When) -> str:
    """JJ/MM/AAAA, MM/AAAA or AAAA, as the file keeps dates known in part."""
    return when.text


def _unread(name: str, when: When) -> str:
    """A date that could not be read stays in the note, as it was written."""
    return _named(name, when.raw) if when.raw and not when.iso else ""


def _icd(code: Code) -> str:
    """The CIM-10 code when it has the form of one."""
    found = code.in_system(codes.CIM10).upper()
    return found if re.fullmatch(r"[A-Z]\d{2}(\.?[0-9+]{1,4})?", found, re.ASCII) else ""


def _other_code(code: Code) -> str:
    """Codes of other terminologies, kept in words: « code CISP-2 : K86 »."""
    icd = _icd(code)
    return _note(*(_named(f"code {c.system_name or c.system}".strip(), c.code) for c in (code, *code.translations)
                   if c.code and c.code.upper() != icd))  # fmt: skip


def _history(key: str, label: str, kind: str, code: Code, *notes: str, relation: str = "", start: When = NO_TIME,
             end: When = NO_TIME, active: bool = True, left_out: str = "") -> Line:  # fmt: skip
    icd = _icd(code)
    said = _named("libellé de la CIM-10", code.display) if icd and fold(code.display) != fold(label) else ""
    return Line("history", key, f"{relation}{NBSP}: {label}" if relation else label, {
        "label": label[:200], "cim10": icd, "kind": kind, "relation": relation[:60], "start": _date(start),
        "end": _date(end), "active": active,
        "note": _note(label if len(label) > 200 else "", *notes, said, _other_code(code), _unread("début", start),
                      _unread("fin", end)),
    }, left_out)  # fmt: skip


def _problem(item: Problem) -> Line:
    why = "le document dit que le patient ne l’a pas" if item.negated else ""
    return _history(item.key, item.label, "medical", item.code, _named("gravité", item.severity), item.comment,
                    start=item.period.start, end=item.period.end, active=item.status != "past", left_out=why)  # fmt: skip


def _procedure(item: Procedure) -> Line:
    why = "le document dit que cet acte n’a pas eu lieu" if item.negated else ""
    return _history(item.key, item.label, "chirurgical", item.code, _named("motif", item.reason),
                    _named("localisation", item.site), _named("réalisé par", item.author), item.comment, start=item.when,
                    active=False, left_out=why)  # fmt: skip


def _family(item: FamilyHistory) -> Line:
    why = "le document dit que ce parent ne l’a pas" if item.negated else ""
    return _history(item.key, item.label, "familial", item.code, _named("âge de survenue", item.age), item.comment,
                    relation=item.relation, start=item.period.start, left_out=why)  # fmt: skip


def _device(item: Device) -> Line:
    return _history(item.key, item.label, "medical", item.code, "dispositif médical", _named("identifiant", item.identifier),
                    item.comment, start=item.period.start, end=item.period.end)  # fmt: skip


def _allergy(item: Allergy) -> Line:
    grade = next((grade for word, grade in _SEVERITIES if word in fold(f"{item.severity} {item.criticality}")), "")
    inactive = f"dite inactive dans le document{NBSP}: à vérifier avec le patient" if item.status == "inactive" else ""
    return Line("allergy", item.key, item.label, {
        "substance": item.label[:200], "code": _drug_code(item.agent), "reaction": _note(*item.reactions)[:200],
        "severity": grade, "since": _date(item.when),
        "note": _note(inactive, item.kind.label, _named("gravité", item.severity), _named("criticité", item.criticality),
                      _named("certitude", item.certainty), item.comment, _unread("date", item.when)),
    })  # fmt: skip


_SEVERITIES = (("vital", "vitale"), ("fatal", "vitale"), ("anaphyla", "vitale"), ("sever", "severe"), ("grave", "severe"),
               ("moder", "moderee"), ("leger", "legere"), ("benin", "legere"), ("mild", "legere"))  # fmt: skip


def _drug_code(code: Code) -> str:
    """A product's code with its system, the most precise first: "cis:60234100", "atc:C07AB07"."""
    found = next(
        (f"{name.lower()}:{value}" for name, oid in codes.DRUG_SYSTEMS.items() if (value := code.in_system(oid))), ""
    )
    return found[:40]


def _absence(item: Absence, allergic: bool) -> Line:
    """Allergies have explicit states; other absences stay in the document."""
    partial = item.code.code in codes.PARTIAL_ABSENCES
    if item.kind == "allergies" and item.known and not partial:
        why = "le document cite aussi une allergie" if allergic else ""
        return Line("no_allergy", item.key, item.label or "Aucune allergie connue", {"none_known": True}, why)
    what = ABSENCES.get(item.kind, item.section)
    why = "ne concerne qu’une partie des allergies" if partial else "rien à ajouter" if item.known else "non renseigné"
    return Line("absence", item.key, f"{what}{NBSP}: {item.label}" if item.label else what, left_out=why)


def _treatment(item: Treatment) -> Line:
    why = ""
    if item.negated:
        why = "le document dit de ne pas le donner"
    elif item.planned:
        why = "ligne d’ordonnance, pas un traitement en cours"
    elif item.status in ("stopped", "administered"):
        why = "arrêté, ou donné pendant un séjour"
    coded = ", ".join(part for part in (item.dose, item.frequency) if part)
    written = item.written or coded
    return Line("treatment", item.key, item.label, {
        "label": item.label[:200],
        "dci": next((t.display for t in item.code.translations if t.system == codes.ATC), "")[:200],
        "code": _drug_code(item.code), "route": item.route[:60], "posology": written[:200],
        "start": _date(item.period.start), "end": _date(item.period.end),
        "source": "prescrit_ailleurs", "prescriber": item.author[:200],
        "note": _note("suspendu selon le document" if item.status == "suspended" else "", _named("motif", item.reason),
                      _named("à vérifier, la posologie codée diffère", coded) if item.conflict else "", item.instructions,
                      _named("dose maximale", item.max_dose), _named("débit", item.rate), item.comment,
                      written if len(written) > 200 else "", _unread("début", item.period.start),
                      _unread("fin", item.period.end)),
    }, why)  # fmt: skip


def _vaccination(item: Vaccination) -> Line:
    if not item.given:
        return Line("history", item.key, f"Vaccin non fait ou refusé{NBSP}: {item.label}", {
            "label": f"Vaccin non fait ou refusé{NBSP}: {item.label}"[:200], "cim10": "", "kind": "alerte", "relation": "",
            "start": _date(item.when), "end": "", "active": True,
            "note": _note(_named("motif", item.reason), item.comment, _unread("date", item.when)),
        })  # fmt: skip
    rank = int(item.rank) if re.fullmatch(r"\d{1,2}", item.rank, re.ASCII) else None
    return Line("vaccination", item.key, item.label, {
        "vaccine": item.label[:200], "code": _drug_code(item.code), "targets": _note(*item.diseases)[:200],
        "given": _date(item.when), "lot": item.lot[:40], "rank": rank, "site": item.site[:60], "route": item.route[:40],
        "given_by_text": item.performer[:200],
    })  # fmt: skip


def _finding(item: Finding) -> Line:
    label = f"{item.label}{NBSP}: {item.value}" if item.value else item.label
    if item.kind == "lifestyle":
        return _history(item.key, label, "mode_vie", NO_CODE, item.comment, start=item.when)
    if item.kind == "result":
        number, scale = exact(item.quantity.value)
        at_noon = item.when.instant
        return Line("result", item.key, label, {
            "loinc": item.code.in_system(codes.LOINC)[:20], "label": item.label[:200], "value_text": item.value,
            "number": number, "scale": scale, "unit": codes.UNITS.get(item.quantity.unit, item.quantity.unit)[:40],
            "reference": _note(*item.ranges)[:200], "abnormal": item.interpretation.code[:4], "at": at_noon,
            "at_text": item.when.said[:30], "performer": item.author[:200],
        })  # fmt: skip
    return Line("finding", item.key, label, left_out="pas encore de place dans le dossier, reste dans le document")


def exact(value: str) -> tuple[int | None, int]:
    """A decimal as an integer and its scale: "72.5" gives (725, 1); (None, 0) for what is not a plain number."""
    found = re.fullmatch(r"([+-]?\d{1,15})(?:\.(\d{1,6}))?", value, re.ASCII)
    return (int(found[1] + (found[2] or "")), len(found[2] or "")) if found else (None, 0)


# -- measures


def measures(findings: Iterable[Finding]) -> list[Line]:
    """Measures with both pressures of one group and instant together; a lone pressure stays in the document."""
    found: list[Line] = []
    waiting: dict[tuple[str, str], Finding] = {}
    for item in findings:
        loinc = item.code.in_system(codes.LOINC)
        if loinc not in (SYSTOLIC, DIASTOLIC):
            found.append(_measure(item, loinc))
            continue
        place = (item.group, item.when.raw)
        other = waiting.pop(place, None)
        if other is None or other.code.in_system(codes.LOINC) == loinc:
            waiting[place] = item
            found += [_alone(other)] if other is not None else []
        else:
            high, low = (item, other) if loinc == SYSTOLIC else (other, item)
            found.append(_pressure(high, low))
    return found + [_alone(item) for item in waiting.values()]


def _alone(item: Finding) -> Line:
    return Line(
        "finding",
        item.key,
        f"{item.label}{NBSP}: {item.value}",
        left_out="une pression sans l’autre, reste dans le document",
    )


def _pressure(high: Finding, low: Finding) -> Line:
    values = [(code, *exact(item.quantity.value)) for code, item in ((SYSTOLIC, high), (DIASTOLIC, low))]
    label = f"Pression artérielle{NBSP}: {high.quantity.value}/{low.quantity.value} mmHg"
    if any(number is None for _, number, _ in values) or {high.quantity.unit, low.quantity.unit} - {"mm[Hg]", "mmHg"}:
        return Line("finding", high.key, label, left_out="valeur ou unité inattendue, reste dans le document")
    return Line("measure", high.key, label, {"code": PRESSURE, "values": values, "unit": "mm[Hg]", **_taken(high.when)})


def _measure(item: Finding, loinc: str) -> Line:
    label = f"{item.label}{NBSP}: {item.value}"
    number, scale = exact(item.quantity.value)
    unit, factor = _UNITS.get(loinc, {}).get(item.quantity.unit, ("", 0))
    if number is None or not unit:
        return Line("finding", item.key, label, left_out="mesure ou unité hors du catalogue, reste dans le document")
    values = [(loinc, number * 10**factor, scale) if factor >= 0 else (loinc, number, scale - factor)]
    return Line("measure", item.key, label, {"code": loinc, "values": values, "unit": unit, **_taken(item.when)})


def _taken(when: When) -> dict[str, Any]:
    """The instant, or the day alone (`day`) when the hour is not said."""
    return {"taken_at": when.instant, "day": when.date}


SYSTOLIC, DIASTOLIC, PRESSURE = "8480-6", "8462-4", "85354-9"
# LOINC -> the document's unit -> (the unit kept, power of ten).
_UNITS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "29463-7": {"kg": ("kg", 0), "g": ("kg", -3)}, "3141-9": {}, "8302-2": {"cm": ("cm", 0), "m": ("cm", 2)},
    "8867-4": {"/min": ("/min", 0), "{beats}/min": ("/min", 0), "bpm": ("/min", 0)},
    "8310-5": {"Cel": ("Cel", 0), "°C": ("Cel", 0)}, "59408-5": {"%": ("%", 0)}, "9279-1": {"/min": ("/min", 0)},
    "9843-4": {"cm": ("cm", 0), "mm": ("cm", -1)}, "8280-0": {"cm": ("cm", 0)}, "41653-7": {"g/L": ("g/L", 0)},
    "33452-4": {"L/min": ("L/min", 0)},
}  # fmt: skip


# -- sections in words only

_NOTHING = re.compile(r"(aucune?|neant|ras|sans objet|non renseigne|pas d|absence d|rien a signaler|0)\b", re.ASCII)
_HISTORY = {"problems": ("medical", True), "past": ("medical", False), "procedures": ("chirurgical", False),
            "family": ("familial", True), "results": ("alerte", True), "history": ("medical", True),
            "synthesis": ("medical", True), "lifestyle": ("mode_vie", True), "work_risks": ("facteur_risque", True),
            "risks": ("facteur_risque", True), "pregnancy": ("obstetrical", True)}  # fmt: skip


def _words(item: Text) -> Iterable[Line]:
    """A section without coded entries: each line becomes a free-text item of the section's kind."""
    for place, cells in enumerate(item.cells, 1):
        row = {fold(head): cell for head, cell in cells if head}
        said = " · ".join(cell for _, cell in cells if cell not in ("", "-"))
        yield _word(item, f"{item.key}/{place}", said, row)


def _word(item: Text, key: str, said: str, row: Mapping[str, str]) -> Line:
    if item.kind == "allergies" and re.search(r"\b(aucune?|pas d|absence d|sans)\b.*(allergi|intoleran)", fold(said)):
        return Line("no_allergy", key, said, {"none_known": True})
    if _NOTHING.match(fold(said)):
        return Line("absence", key, f"{item.section}{NBSP}: {said}", left_out="rien à ajouter")
    if item.kind == "allergies":
        label = _cell(row, "agent", "allerg", "substance", "produit") or said
        return Line("allergy", key, label, {
            "substance": label[:200], "code": "", "severity": "", "since": _year(_cell(row, "date", "depuis")),
            "reaction": _cell(row, "reaction", "manifestation")[:200], "note": said if label != said else "",
        })  # fmt: skip
    if item.kind in ("treatments", "long_treatments"):
        label = _cell(row, "medicament", "produit", "traitement", "specialite", "libelle") or said
        return Line("treatment", key, label, {
            "label": label[:200], "dci": "", "code": "", "route": _cell(row, "voie")[:60],
            "posology": _cell(row, "posologie", "dose", "frequence")[:200],
            "start": _year(_cell(row, "debut", "depuis", "date")),
            "end": _year(_cell(row, "fin")), "source": "prescrit_ailleurs", "prescriber": "",
            "note": said if label != said or len(said) > 200 else "",
        })  # fmt: skip
    if item.kind not in _HISTORY:
        return Line(
            "text", key, f"{item.section}{NBSP}: {said}"[:300], left_out="texte sans donnée codée, reste dans le document"
        )
    kind, active = _HISTORY[item.kind]
    label = _cell(row, "pathologie", "antecedent", "probleme", "libelle", "acte", "maladie") or said
    return Line("history", key, label, {
        "label": label[:200], "cim10": "", "kind": kind, "relation": _cell(row, "lien", "parent")[:60],
        "start": _year(_cell(row, "debut", "date", "depuis", "annee")), "end": _year(_cell(row, "fin")), "active": active,
        "note": _note(item.section if kind in ("alerte", "facteur_risque") else "", said if label != said else "",
                      said if len(said) > 200 else ""),
    })  # fmt: skip


def _year(cell: str) -> str:
    """A date written in a cell, when it is one: 11/08/2019, 08/2019, 2019."""
    return cell if re.fullmatch(r"(\d{2}/)?(\d{2}/)?(18|19|20)\d{2}", cell, re.ASCII) else ""


def _cell(row: Mapping[str, str], *words: str) -> str:
    """The first filled cell whose heading begins with or contains one of the words, in their order."""
    for word in words:
        for head, cell in row.items():
            if word in head and cell not in ("", "-"):
                return cell
    return ""
