"""What was written by hand in the clinical file since an instant: notes and lines, those changed and those taken away too."""

import datetime
from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from django.db.models import Q

from permanence.accounts.permissions import PARIS
from permanence.consultations import measuring, rules
from permanence.consultations.models import Allergy, AllergyStatement, HistoryItem, Line, Measure, Note, NoteMove, Treatment, Vaccination
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.journal.written import Head, Written
from permanence.lib.dates import format_date
from permanence.lib.text import NBSP

LINES: dict[str, type[Line]] = {"history": HistoryItem, "allergy": Allergy, "treatment": Treatment, "vaccination": Vaccination,
                                "measure": Measure}  # fmt: skip
MODELS: dict[str, Any] = {"note": Note, "move": NoteMove, "statement": AllergyStatement, **LINES}
_LINE = ("id", "patient_id", "author_id", "sensitive", "minor_secret", "recorded_at", "changed_at", "changed_by_id", "revision",
         "removed_revision", "external_key")  # fmt: skip


def heads(kind: str, since: datetime.datetime, where: Q) -> list[Head]:
    """What people wrote of one kind, whoever may see it: for this room's own doors."""
    if kind in LINES:
        rows = LINES[kind].objects.filter(where, changed_at__gte=since).exclude(changed_by_id=None).values_list(*_LINE)
        return [_line(kind, since, row) for row in rows if not (row[-1] and row[5] == row[6])]  # as an import wrote it
    if kind == "note":
        notes = Note.objects.filter(where, Q(signed_at__gte=since) | Q(moved_at__gte=since)).values_list(
            "id", "patient_id", "author_id", "sensitive", "minor_secret", "signed_at", "moved_at")  # fmt: skip
        return [Head(kind, Ask(patient, Category.NOTES, id, author, sensitive, minor), max(filter(None, (signed, moved))), author)
                for id, patient, author, sensitive, minor, signed, moved in notes]  # fmt: skip
    if kind == "move":
        moves = NoteMove.objects.filter(where, at__gte=since).values_list("id", "patient_id", "author_id", "at", "by_id")
        return [Head(kind, Ask(patient, Category.NOTES, id, author), at, by, new=False, gone=True) for id, patient, author, at, by in moves]
    said = AllergyStatement.objects.filter(where, at__gte=since).exclude(author_id=None).values_list("id", "patient_id", "author_id", "at")
    return [Head(kind, Ask(patient, Category.ALLERGIES, id, author), at, author) for id, patient, author, at in said]


def _line(kind: str, since: datetime.datetime, row: tuple[Any, ...]) -> Head:
    id, patient, author, sensitive, minor, recorded, changed, by, revision, removed, key = row
    category = next(iter(LINES[kind].Journal.categories))
    ask, new = Ask(patient, category, id, author, sensitive, minor), bool(recorded and recorded >= since and not key)
    return Head(kind, ask, changed, by, new=new, gone=removed == revision, brought=bool(key), revision=revision)


def written_heads(
    since: datetime.datetime, *, reader: Reader, files: Collection[UUID] | None = None, level: Level = Level.LISTED
) -> list[Head]:
    """The heads that this reader may see, of these files or of all."""
    where = Q() if files is None else Q(patient_id__in=files)
    found = [head for kind in MODELS for head in heads(kind, since, where)]
    admitted = reader.admit_objects([head.ask for head in found], level=level) if found else set()
    return [head for head in found if head.id in admitted]


def written_since(files: Collection[UUID], since: datetime.datetime, *, reader: Reader) -> list[Written]:
    """What was written in a person's files, with its words; only what this reader may see."""
    found = {head.id: head for head in written_heads(since, reader=reader, files=files, level=Level.READ)}
    kinds = {head.kind for head in found.values()}
    rows = [(kind, row) for kind in MODELS if kind in kinds
            for row in MODELS[kind].objects.filter(id__in=[id for id, head in found.items() if head.kind == kind])]  # fmt: skip
    return [Written(found[row.id], *_WORDS[kind](row)) for kind, row in rows]


# -- words


def _joined(*parts: str, by: str = "\n") -> str:
    return by.join(part.strip() for part in parts if part and part.strip())


def _note(row: Note) -> tuple[str, str]:
    kind = str(rules.NOTE_KINDS.get(row.kind, "Note"))
    parts = (("", row.text), ("S", row.subjective), ("O", row.objective), ("A", row.assessment), ("P", row.plan))
    said = [f"{letter}{NBSP}: {text.strip()}" if letter else text.strip() for letter, text in parts if text.strip()]
    codes = f"CIM-10{NBSP}: {', '.join(row.codes)}" if row.codes else ""
    amends = "Complète ou corrige une note signée avant elle." if row.amends_id else ""
    return f"{kind}{NBSP}: {row.motif}" if row.motif else kind, _joined(amends, *said, codes)


def _move(row: NoteMove) -> tuple[str, str]:
    day = format_date(row.note_at.astimezone(PARIS).date()) if row.note_at else "?"
    return "Note retirée de ce dossier", (f"La note du {day} et ses mesures ne sont pas de ce patient{NBSP}: si elles ont été recopiées "
                                          "là-bas, les en retirer.")  # fmt: skip


def _statement(row: AllergyStatement) -> tuple[str, str]:
    return "Allergies", "Aucune allergie connue, vérifié." if row.none_known else "Allergies non connues."


def _history(row: HistoryItem) -> tuple[str, str]:
    dates = _joined(f"depuis {row.start}" if row.start else "", f"jusqu’à {row.end}" if row.end else "", by=" ")
    state = "" if row.active or row.kind == "familial" else "passé"
    whole = _joined(rules.HISTORY_KINDS.get(row.kind, "Antécédent"), row.relation, row.cim10, dates, state, by=", ")
    return row.label, _joined(whole, row.note)


def _allergy(row: Allergy) -> tuple[str, str]:
    since = f"depuis {row.since}" if row.since else ""
    return row.substance, _joined(_joined(row.reaction, rules.SEVERITIES.get(row.severity, ""), since, row.code, by=", "), row.note)


def _treatment(row: Treatment) -> tuple[str, str]:
    dose = rules.dose(row.dose["value"], row.dose["scale"], row.dose["unit"]) if row.dose else ""
    name = _joined(row.dci if row.dci != row.label else "", dose, row.form, row.route, row.posology, by=", ")
    dates = _joined(f"depuis {row.start}" if row.start else "", f"jusqu’à {row.end}" if row.end else "", by=" ")
    stopped = f"Arrêt{NBSP}: {row.stop_reason}" if row.stop_reason else ""
    source = _joined(dates, rules.TREATMENT_SOURCES.get(row.source, ""), row.prescriber, by=", ")
    return row.label or row.dci, _joined(name, source, stopped, row.note)


def _vaccination(row: Vaccination) -> tuple[str, str]:
    given = row.given or format_date(row.given_on)
    lot = _joined(f"lot {row.lot}" if row.lot else "", f"péremption {row.expiry}" if row.expiry else "", by=", ")
    rank = f"dose {row.rank}" if row.rank else ""
    due = f"Prochaine{NBSP}: {format_date(row.next_due)}" if row.next_due else ""
    how = _joined(row.site, row.route, row.given_by_text, by=", ")
    return row.vaccine, _joined(_joined(given, rank, row.targets, by=", "), lot, how, due)


def _measure(row: Measure) -> tuple[str, str]:
    kind = measuring.CATALOGUE.get(row.code)
    label = kind.short if kind else row.code
    return label, _joined(label, measuring.shown(row.code, row.values), "" if kind else row.unit, by=" ")


_WORDS: dict[str, Callable[[Any], tuple[str, str]]] = {
    "note": _note, "move": _move, "statement": _statement, "history": _history, "allergy": _allergy, "treatment": _treatment,
    "vaccination": _vaccination, "measure": _measure,
}  # fmt: skip
