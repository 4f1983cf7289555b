"""What a deputy did, as ids and flags first and as French words once admitted: one statement for each, over the rooms below."""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from permanence.accounts.permissions import PARIS, today
from permanence.accounts.queries import member_names
from permanence.accounts.rules import PROFESSION_LABELS
from permanence.consultations import rules as clinical
from permanence.handover import rules
from permanence.handover.queries.views import Item
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.lib.dates import format_date, read_partial
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import stored
from permanence.lib.text import NBSP
from permanence.patients.permissions import about_nobody

CATEGORIES = {
    "note": Category.NOTES,
    "treatment": Category.TREATMENTS,
    "prescription": Category.PRESCRIPTIONS,
    "letter": Category.DOCUMENTS,
    "task": Category.TASKS,
    "vaccination": Category.VACCINATIONS,
    "reminder": Category.HISTORY,
}
UUID_DIGITS = 32
VERBS = {"started": "commencé", "stopped": "arrêté", "changed": "modifié", "removed": "retiré, saisi par erreur"}
_LIVE = "COALESCE(removed_revision, '') <> revision"
# A paper that its author redid in the same days: the new one is there.
_NOT_REDONE = (
    "id NOT IN (SELECT replaces_id FROM {table} WHERE replaces_id IS NOT NULL AND author_id = ?1 AND signed_at >= ?2 AND signed_at <= ?3)"
)
_TASKS = (
    "SELECT 'task', id, {patient}, requester_id, 0, 0, '', '', '', 0 FROM {table} WHERE status = 'requested'"
    " AND (owner_id = ?1 OR (requester_id = ?1 AND authored_on >= ?2))"
)
# (kind, id, patient, author, sensitive, minor_secret, verb, end, changed, edited) of all that one member signed, changed or still owes.
_WRITTEN = (
    "SELECT 'note', id, patient_id, author_id, sensitive, minor_secret, '', '', '', 0 FROM consultations_note"  # noqa: S608 -- fixed text
    " WHERE signatory_id = ?1 AND author_id = ?1 AND signed_at >= ?2 AND signed_at <= ?3"
    " UNION ALL SELECT 'treatment', id, patient_id, author_id, sensitive, minor_secret,"
    f" CASE WHEN NOT {_LIVE} THEN 'removed' WHEN author_id = ?1 AND recorded_at >= ?2 THEN 'started' ELSE 'changed' END,"
    " \"end\", CAST(changed_at AS TEXT), changed_at > recorded_at OR stop_reason <> '' FROM consultations_treatment"
    " WHERE changed_by_id = ?1 AND changed_at >= ?2 AND changed_at <= ?3"
    f" AND NOT (NOT {_LIVE} AND author_id = ?1 AND recorded_at >= ?2)"
    " UNION ALL SELECT 'prescription', id, patient_id, author_id, sensitive, minor_secret, '', '', '', 0 FROM prescriptions_prescription"
    f" WHERE author_id = ?1 AND signed_at >= ?2 AND signed_at <= ?3 AND {_NOT_REDONE.format(table='prescriptions_prescription')}"
    " UNION ALL SELECT 'letter', id, patient_id, author_id, sensitive, minor_secret, '', '', '', 0 FROM documents_letter"
    f" WHERE author_id = ?1 AND signed_at >= ?2 AND signed_at <= ?3 AND {_NOT_REDONE.format(table='documents_letter')}"
    " UNION ALL SELECT 'vaccination', id, patient_id, author_id, sensitive, minor_secret, '', '', '', 0 FROM consultations_vaccination"
    f" WHERE author_id = ?1 AND recorded_at >= ?2 AND recorded_at <= ?3 AND {_LIVE}"
    " UNION ALL SELECT 'reminder', id, patient_id, author_id, sensitive, minor_secret, '', '', '', 0 FROM consultations_historyitem"
    f" WHERE alert_on >= date(?2) AND alert_on <= date(?3, '+30 days') AND active = 1 AND {_LIVE}"
    " AND patient_id IN (SELECT patient_id FROM consultations_note WHERE signatory_id = ?1"
    " AND author_id = ?1 AND signed_at >= ?2 AND signed_at <= ?3)"
    f" UNION ALL {_TASKS.format(patient='patient_id', table='tasks_task')}"
    f" UNION ALL {_TASKS.format(patient='NULL', table='tasks_practicetask')}"
)
_TABLES = {
    "note": ("consultations_note", "patient_id", "author_id", "sensitive", "minor_secret"),
    "treatment": ("consultations_treatment", "patient_id", "author_id", "sensitive", "minor_secret"),
    "prescription": ("prescriptions_prescription", "patient_id", "author_id", "sensitive", "minor_secret"),
    "letter": ("documents_letter", "patient_id", "author_id", "sensitive", "minor_secret"),
    "vaccination": ("consultations_vaccination", "patient_id", "author_id", "sensitive", "minor_secret"),
    "reminder": ("consultations_historyitem", "patient_id", "author_id", "sensitive", "minor_secret"),
}
_IN = " WHERE id IN (SELECT value FROM json_each(?1))"
_HEADS = " UNION ALL ".join(
    (
        *(f"SELECT '{kind}', id, {', '.join(columns)} FROM {table}{_IN}" for kind, (table, *columns) in _TABLES.items()),  # noqa: S608
        f"SELECT 'task', id, patient_id, requester_id, 0, 0 FROM tasks_task{_IN}",  # noqa: S608
        f"SELECT 'task', id, NULL, requester_id, 0, 0 FROM tasks_practicetask{_IN}",  # noqa: S608
    )
)
_TASK = (
    "CAST(authored_on AS TEXT), description, CAST(due_on AS TEXT), status, code, caller, '', 0, COALESCE(owner_id, performer_type) FROM "
)
_REDONE = "EXISTS (SELECT 1 FROM {table} n WHERE n.replaces_id = x.id AND n.patient_id = x.patient_id)"
# (id, at, five words, end, gone, owner). `gone`: taken out of the file, or replaced by another paper.
_ROWS = " UNION ALL ".join(
    (
        f"SELECT id, CAST(signed_at AS TEXT), motif, assessment, text, plan,"  # noqa: S608 -- fixed text
        f" CASE WHEN amends_id IS NULL THEN kind ELSE 'rectificatif' END, '', 0, NULL FROM consultations_note{_IN}",
        "SELECT id, CAST(changed_at AS TEXT), dci, label, posology, stop_reason, dose, \"end\","  # noqa: S608 -- fixed text
        f" NOT {_LIVE}, NULL FROM consultations_treatment{_IN}",
        "SELECT id, CAST(signed_at AS TEXT), title, kind, CAST(stoppage_from AS TEXT), CAST(stoppage_until AS TEXT), NULL, '',"  # noqa: S608
        f" {_REDONE.format(table='prescriptions_prescription')}, NULL FROM prescriptions_prescription x{_IN}",
        "SELECT id, CAST(signed_at AS TEXT), title, '', '', '', NULL, '',"  # noqa: S608 -- fixed text
        f" {_REDONE.format(table='documents_letter')}, NULL FROM documents_letter x{_IN}",
        "SELECT id, CAST(recorded_at AS TEXT), vaccine, lot, CAST(next_due AS TEXT), '', NULL, '',"  # noqa: S608 -- fixed text
        f" NOT {_LIVE}, NULL FROM consultations_vaccination{_IN}",
        "SELECT id, CAST(recorded_at AS TEXT), label, CAST(alert_on AS TEXT), '', '', NULL, '',"  # noqa: S608 -- fixed text
        f" NOT {_LIVE} OR active = 0, NULL FROM consultations_historyitem{_IN}",
        f"SELECT id, {_TASK} tasks_task{_IN}",
        f"SELECT id, {_TASK} tasks_practicetask{_IN}",
    )
)


class Ref(NamedTuple):
    """One thing of a return note: what kind, which object, and of a treatment what was done."""

    kind: str
    id: UUID
    verb: str = ""


class Found(NamedTuple):
    """A reference with what the gates must know of it. `patient` None: a promise about nobody."""

    ref: Ref
    patient: UUID | None
    author: UUID | None
    sensitive: bool
    minor_secret: bool


def written(member: UUID, since: datetime.datetime, until: datetime.datetime) -> list[Found]:
    """All that a member did from one instant to another, both included; what they asked or owe and is not done; reminders of the
    patients seen that are due within a month. Ids and flags only."""
    rows = run("default", _WRITTEN, member.hex, stored(since), stored(until)).fetchall()
    return [_found(row[0], row[1], _deed(*row[6:]), *row[2:6]) for row in rows]


def _deed(verb: str, end: str, changed: str, edited: int) -> str:
    """Of a treatment: what was done. An end that was still to come when it was written is no stop; the day of an edit is one."""
    if verb not in ("started", "changed"):
        return verb
    day = datetime.datetime.fromisoformat(changed).replace(tzinfo=datetime.UTC).astimezone(PARIS).date()
    return "stopped" if rules.is_over(end, day, stopped=bool(edited)) else verb


def cited(refs: Iterable[Ref]) -> list[Found]:
    """The objects of a signed note that still are: what was erased, or moved to another file, is not among them."""
    verbs = {one.id: one.verb for one in refs}
    rows = run("default", _HEADS, _json(verbs)).fetchall() if verbs else []
    return [_found(row[0], row[1], verbs[UUID(row[1])], *row[2:6]) for row in rows]


def _found(kind: str, id: str, verb: str, patient: str | None, author: str | None, sensitive: Any, minor: Any) -> Found:
    whose, who = UUID(patient) if patient else None, UUID(author) if author else None
    return Found(Ref(kind, UUID(id), verb), whose, who, bool(sensitive), bool(minor))


def asks(found: Iterable[Found], reader: Reader) -> list[Ask]:
    """What the gates judge. A promise handed to this reader is theirs (docs/rights.md, `O`); notes keep their own author."""
    return [
        Ask(
            one.patient or about_nobody(one.ref.id, reader=reader),
            CATEGORIES[one.ref.kind],
            one.ref.id,
            reader.actor.member if one.ref.kind == "task" else one.author,
            one.sensitive,
            one.minor_secret,
        )
        for one in found
    ]


def items(found: Sequence[Found], reader: Reader) -> dict[UUID, Item]:
    """The words of those that this reader may see, by id; each counts as a row of a list."""
    admitted = reader.admit_objects(asks(found, reader), level=Level.LISTED) if found else set()
    rows = run("default", _ROWS, _json(admitted)).fetchall() if admitted else []
    known, me = {one.ref.id: one for one in found}, reader.actor.member.hex if reader.actor.member else ""
    return {one.id: one for row in rows for one in [_item(known[UUID(row[0])], row[1], *row[2:-1], "" if row[-1] == me else row[-1])]}


def _item(one: Found, at: str | None, *values: Any) -> Item:
    when = datetime.datetime.fromisoformat(at).replace(tzinfo=datetime.UTC) if at else None
    label, text, done, due = _WORDS[one.ref.kind](one.ref.verb, *values)
    return Item(one.ref.kind, one.ref.id, one.patient or one.ref.id, when, label, text, done, due)


Words = tuple[str, str, bool, datetime.date | None]


def _note(_: str, motif: str, assessment: str, text: str, plan: str, kind: str, *__: Any) -> Words:
    label = clinical.NOTE_KINDS.get(kind, "Note")
    said = rules.conclusion(assessment, text, plan)
    return label, " — ".join(dict.fromkeys(word for word in (motif, said) if word)), False, None


def _treatment(
    verb: str, dci: str, label: str, posology: str, reason: str, dose: str | None, end: str, gone: int, _owner: None
) -> Words:
    """What was done, and what became of it since: the posology of nothing that is no longer taken is said."""
    name, deed = dci or label, f"Traitement {VERBS.get(verb, 'modifié')}"
    if dose:
        held = json.loads(dose)
        name = f"{name} {clinical.dose(held['value'], held['scale'], held['unit'])}" if held else name
    over = rules.is_over(end, today(), stopped=bool(reason) or verb == "stopped")
    since, said = "", [posology, rules.until(end)]
    if gone:
        since, said = "" if verb == "removed" else ", retiré depuis", []
    elif over and verb == "stopped":
        said = [reason]
    elif over:
        since, said = f", {'arrêté' if reason else 'terminé'} depuis", [f"le {end}" if read_partial(end).date else end]
    elif verb in ("stopped", "removed"):
        since = ", repris depuis"
    return deed + since, " — ".join(word for word in (name, *said) if word), False, None


def _prescription(_: str, title: str, kind: str, start: str, until: str, __: None, ___: str, redone: int, *____: Any) -> Words:
    since = ", remplacé depuis" if redone else ""
    if kind != "work_stoppage":
        return f"Papier{since}", title, False, None
    days = f"du {_day(start)} au {_day(until)}" if start and until else ""
    return f"Arrêt de travail{since}", days or title, False, None


def _letter(_: str, title: str, *more: Any) -> Words:
    return "Papier, remplacé depuis" if more[5] else "Papier", title, False, None


def _vaccination(_: str, vaccine: str, lot: str, due: str | None, *more: Any) -> Words:
    if more[3]:
        return "Vaccination retirée depuis", vaccine, False, None
    said = (vaccine, f"lot {lot}" if lot else "", f"prochaine le {_day(due)}" if due else "")
    return "Vaccination", ", ".join(word for word in said if word), False, None


def _reminder(_: str, label: str, due: str | None, *more: Any) -> Words:
    if more[4] or not due:
        return "Rappel retiré depuis", label, False, None
    return "Rappel", label, False, datetime.date.fromisoformat(due[:10])


def _task(_: str, text: str, due: str | None, status: str, code: str, caller: str, _end: str, _gone: int, owner: str) -> Words:
    words = text or ("Renouvellement demandé par téléphone" if code == "renewal" else f"Rappeler{NBSP}: {caller}" if caller else "Rappeler")
    label = {"completed": "Fait depuis", "cancelled": "Annulé depuis"}.get(status, "À faire")
    words = f"{words} ({_whom(owner)})" if owner and status == "requested" else words
    return label, words, status != "requested", datetime.date.fromisoformat(due) if due else None


def _whom(owner: str) -> str:
    """« confié à Sophie GARNIER »: a promise says whose it is now."""
    if len(owner) == UUID_DIGITS:
        return f"confié à {member_names([UUID(owner)]).get(UUID(owner), 'un membre')}"
    return f"confié à{NBSP}: {next((label for profession, label in PROFESSION_LABELS.items() if profession == owner), owner)}"


_WORDS: Mapping[str, Callable[..., Words]] = {
    "note": _note,
    "treatment": _treatment,
    "prescription": _prescription,
    "letter": _letter,
    "task": _task,
    "vaccination": _vaccination,
    "reminder": _reminder,
}


def _json(ids: Iterable[UUID]) -> str:
    return json.dumps([id.hex for id in ids])


def _day(text: str) -> str:
    return format_date(datetime.date.fromisoformat(text[:10]))
