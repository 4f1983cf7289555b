"""« Les dix patients à connaître »: who is proposed and why, ids and flags first; words only of the ten, once admitted."""

import datetime
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import PARIS, today
from permanence.consultations import rules as clinical
from permanence.documents import rules as documents
from permanence.handover import rules
from permanence.handover.models import Flag
from permanence.handover.queries.periods import Period, period
from permanence.handover.queries.views import Known, KnownList
from permanence.handover.rules import Signal
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.lib import clock
from permanence.lib.dates import format_date, format_long
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param, stored
from permanence.lib.text import NBSP
from permanence.patients.permissions import family_of, files_of

CATEGORIES = {
    "flag": Category.NOTES,
    "booked": Category.APPOINTMENTS,
    "task": Category.TASKS,
    "result": Category.RESULTS,
    "treatment": Category.TREATMENTS,
    "long_term": Category.HISTORY,
}
_HIS = " JOIN patients_patient p ON p.id = x.patient_id AND p.medecin_traitant_id = ?1"
# (kind, id, patient, author, sensitive, minor_secret, when, word, place): what may be a reason to know somebody.
_SIGNALS = (
    "SELECT 'flag', id, patient_id, author_id, sensitive, minor_secret, NULL, status, place FROM handover_flag"  # noqa: S608 -- fixed text
    " WHERE replacement_id = ?2"
    " UNION ALL SELECT 'booked', id, patient_id, practitioner_id, 0, 0, CAST(start AS TEXT), '', 0 FROM agenda_appointment"
    " WHERE start >= ?3 AND start < ?4 AND practitioner_id = ?1 AND status NOT IN ('cancelled', 'entered-in-error', 'noshow')"
    " UNION ALL SELECT 'task', id, patient_id, ?1, 0, 0, CAST(due_on AS TEXT), priority, 0 FROM tasks_task"
    " WHERE status = 'requested' AND owner_id = ?1"
    " UNION ALL SELECT 'result', x.id, x.patient_id, x.author_id, x.sensitive, x.minor_secret, CAST(x.at AS TEXT), x.abnormal, 0"
    f" FROM documents_result x{_HIS} WHERE x.at >= ?5 AND x.abnormal NOT IN ('', 'N')"
    " UNION ALL SELECT 'treatment', x.id, x.patient_id, x.author_id, x.sensitive, x.minor_secret, CAST(x.changed_at AS TEXT), '', 0"
    f" FROM consultations_treatment x{_HIS} WHERE x.changed_at >= ?5 AND COALESCE(x.removed_revision, '') <> x.revision"
    " AND COALESCE(x.external_key, '') = ''"
)
# Of those: who lives, who has an ALD, the ends of their treatments, when they were last seen.
_FACTS = (
    "SELECT p.id, p.ald = 1, p.deceased_on IS NOT NULL, (SELECT json_group_array(t.\"end\") FROM consultations_treatment t"
    " WHERE t.patient_id = p.id AND COALESCE(t.removed_revision, '') <> t.revision),"
    " (SELECT CAST(MAX(n.at) AS TEXT) FROM consultations_note n WHERE n.patient_id = p.id)"
    " FROM patients_patient p WHERE p.id IN (SELECT value FROM json_each(?1))"
)
_IN = " WHERE id IN (SELECT value FROM json_each(?1))"
_WORDS = (
    f"SELECT id, text, '', '', '' FROM handover_flag{_IN}"  # noqa: S608 -- fixed text
    f" UNION ALL SELECT id, no_hour, '', '', '' FROM agenda_appointment{_IN}"
    f" UNION ALL SELECT id, description, CAST(due_on AS TEXT), code, caller FROM tasks_task{_IN}"
    f" UNION ALL SELECT id, label, abnormal, CAST(at AS TEXT), TRIM(value_text || ' ' || unit) FROM documents_result{_IN}"
    f" UNION ALL SELECT id, COALESCE(NULLIF(dci, ''), label), \"end\", CAST(changed_at AS TEXT), stop_reason"
    f" FROM consultations_treatment{_IN}"
)
_flags = Compiled(
    lambda: (
        Flag.objects.filter(replacement_id=Param("replacement"), patient_id__in=Many("files"), status="active")
        .values_list("id", "patient_id", "author_id", "sensitive", "minor_secret", "text")
    )
)
Heads = dict[UUID, list[tuple[Signal, Ask]]]


def known(replacement: UUID, *, reader: Reader) -> KnownList:
    """The ten of one replacement as this reader may know them, each with why. Raises Refused for who takes no part in it."""
    one = period(replacement, reader=reader)
    flags, heads = _signals(one, reader)
    chosen = [patient for patient, (status, *_) in sorted(flags.items(), key=lambda row: row[1][1]) if status == "active"]
    left_out = {patient for patient, (status, *_) in flags.items() if status == "inactive"}
    picked, admitted = _pick(chosen, left_out, heads, flags, reader)
    words = _words(admitted)
    lines = []
    for patient in picked:
        by_hand, flag = patient in chosen, flags.get(patient, ("", 0, None))[2]
        text = words[flag.object][0] if by_hand and flag and flag.object in words else ""
        reasons = _reasons([signal for signal, ask in heads.get(patient, ()) if _open(ask, admitted)], words)
        closed = bool(by_hand and flag and flag.object not in admitted)
        lines.append(Known(patient, by_hand, text, closed, tuple(reasons) or ("Choisi à la main",)))
    return KnownList(tuple(lines), tuple(left_out))


def sentence(replacement: UUID, patient: UUID, *, reader: Reader) -> str:
    """What was said by hand of one patient, if this reader may read it; empty when nothing was."""
    period(replacement, reader=reader)
    heads = _flags.rows(replacement=replacement, files=family_of(patient, reader=reader))
    asks = [Ask(whose, Category.NOTES, id, author, *flags) for id, whose, author, *flags, _ in heads]
    admitted = reader.admit_objects(asks, level=Level.LISTED) if asks else set()
    return next((text for id, *_, text in heads if id in admitted), "")


def _signals(one: Period, reader: Reader) -> tuple[dict[UUID, tuple[str, int, Ask | None]], Heads]:
    """Per person: what the doctor decided, and every reason with what the gates must know of it. Two statements and the files."""
    now = clock.now()
    values = one.doctor.hex, one.id.hex, stored(max(one.start, now - datetime.timedelta(days=1))), stored(one.end)
    rows = run("default", _SIGNALS, *values, stored(now - rules.LATELY)).fetchall()
    patients = {UUID(row[2]) for row in rows}
    files = files_of(patients, reader=reader) if patients else {}
    facts = {UUID(row[0]): row[1:] for row in run("default", _FACTS, json.dumps([p.hex for p in patients])).fetchall()} if patients else {}
    flags: dict[UUID, tuple[str, int, Ask | None]] = {}
    heads: Heads = defaultdict(list)
    for kind, id, patient, author, sensitive, minor, at, word, place in rows:
        whose, kept = UUID(patient), files[UUID(patient)].kept
        mine = reader.actor.member if kind == "task" else UUID(author) if author else None
        ask = Ask(whose, CATEGORIES[kind], UUID(id), mine, bool(sensitive), bool(minor))
        if kind == "flag":
            flags[kept] = (word, place, ask)
        elif not facts.get(whose, (0, 1))[1]:
            strong = word in rules.CRITICAL if kind == "result" else word == "urgent"
            heads[kept].append((Signal(kind, _at(at), UUID(id), strong), ask))
    day = today()
    for patient_id, (ald, dead, ends, seen) in facts.items():
        treatments = sum(clinical.is_current(end, day) for end in json.loads(ends))
        lately = seen is not None and (at_ := _at(seen)) is not None and at_ >= now - rules.SEEN_LATELY
        if (ald or treatments >= rules.MANY_TREATMENTS) and lately and not dead:
            category = Category.HISTORY if ald else Category.TREATMENTS
            heads[files[patient_id].kept].append((Signal("long_term", _at(seen), None, bool(ald)), Ask(patient_id, category)))
    return flags, heads


def _at(text: str | None) -> datetime.datetime | None:
    if not text:
        return None
    found = datetime.datetime.fromisoformat(text)
    return found.replace(tzinfo=PARIS if len(text) == 10 else datetime.UTC)


Admitted = set[UUID | tuple[UUID, Category]]


def _open(ask: Ask, admitted: Admitted) -> bool:
    return (ask.object or (ask.patient, ask.category)) in admitted


def _pick(
    chosen: Sequence[UUID], left_out: set[UUID], heads: Heads, flags: Mapping[UUID, tuple[str, int, Ask | None]], reader: Reader
) -> tuple[list[UUID], Admitted]:
    """The ten whose reasons this reader may see: what a gate refuses weighs nothing, so the next one takes the place."""
    asked: set[UUID] = set()
    admitted: Admitted = set()
    while True:
        signals = {patient: [signal for signal, ask in found if patient not in asked or _open(ask, admitted)]
                   for patient, found in heads.items()}
        picked = rules.choose(chosen, left_out, signals)
        new = [patient for patient in picked if patient not in asked]
        if not new:
            return picked, admitted
        asked.update(new)
        asks = [ask for patient in new for _, ask in heads.get(patient, ())]
        asks += [flag for patient in new if (flag := flags.get(patient, ("", 0, None))[2]) is not None]
        admitted |= reader.admit_objects([ask for ask in asks if ask.object], level=Level.LISTED)
        for category in {ask.category for ask in asks if ask.object is None}:
            whole = [ask.patient for ask in asks if ask.object is None and ask.category == category]
            admitted |= reader.admit(whole, [category], level=Level.LISTED).admitted


def _words(admitted: Admitted) -> dict[UUID, tuple[Any, ...]]:
    ids = [one.hex for one in admitted if isinstance(one, UUID)]
    return {UUID(row[0]): row[1:] for row in run("default", _WORDS, json.dumps(ids)).fetchall()} if ids else {}


def _reasons(signals: Sequence[Signal], words: Mapping[UUID, tuple[Any, ...]]) -> list[str]:
    """French, the heaviest first, one for each kind: the strongest or the newest of it speaks for the others."""
    found: dict[str, list[Signal]] = defaultdict(list)
    for one in signals:
        found[one.code].append(one)
    order = sorted(found, key=lambda code: (-rules.weight(found[code]), list(rules.WEIGHTS).index(code)))
    return [_SAID[code](sorted(found[code], key=_last, reverse=True), words) for code in order]


def _last(one: Signal) -> tuple[bool, float]:
    return one.strong, one.at.timestamp() if one.at else 0.0


def _day(at: datetime.datetime | None) -> str:
    return format_date(at.astimezone(PARIS).date()) if at else ""


def _more(count: int) -> str:
    return f" (et {count - 1} autre{'s' if count > 2 else ''})" if count > 1 else ""


def _result(found: Sequence[Signal], words: Mapping[UUID, tuple[Any, ...]]) -> str:
    label, flag, _, value = words[found[0].object] if found[0].object else ("", "", "", "")
    said = f"{label}{NBSP}: {value}" if value else label
    return f"Résultat {documents.ABNORMAL.get(flag, 'anormal')} le {_day(found[0].at)}{NBSP}: {said}{_more(len(found))}"


def _task(found: Sequence[Signal], words: Mapping[UUID, tuple[Any, ...]]) -> str:
    text, due, _, caller = words[found[0].object] if found[0].object else ("", "", "", "")
    said = text or (f"rappeler {caller}" if caller else "à rappeler")
    when = f", pour le {_day(_at(due))}" if due else ""
    return f"{'Tâche urgente' if found[0].strong else 'Tâche ouverte'}{NBSP}: {said}{when}{_more(len(found))}"


def _treatment(found: Sequence[Signal], words: Mapping[UUID, tuple[Any, ...]]) -> str:
    name, end, _, reason = words[found[0].object] if found[0].object else ("", "", "", "")
    over = rules.is_over(end, today(), stopped=bool(reason))
    until = f", {rules.until(end)}" if end and not over else ""
    return f"Traitement {'arrêté' if over else 'changé'} le {_day(found[0].at)}{NBSP}: {name}{until}{_more(len(found))}"


def _booked(found: Sequence[Signal], words: Mapping[UUID, tuple[Any, ...]]) -> str:
    first = min(((one.at, one.object) for one in found if one.at and one.object), default=None)
    if first is None:
        return "Rendez-vous"
    when, (no_hour, *_) = first[0].astimezone(PARIS), words.get(first[1], (False,))
    if no_hour:
        return f"Visite de la tournée, {format_long(when.date())}{_more(len(found))}"
    return f"Rendez-vous {format_long(when.date())} à {when:%H:%M}{_more(len(found))}"


def _long_term(found: Sequence[Signal], _: Mapping[UUID, tuple[Any, ...]]) -> str:
    return f"{'ALD' if found[0].strong else 'Nombreux traitements'}, vu le {_day(found[0].at)}"


_SAID = {"result": _result, "task": _task, "treatment": _treatment, "booked": _booked, "long_term": _long_term}
