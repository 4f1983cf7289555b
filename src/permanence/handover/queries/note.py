"""Return notes: the one being written, the signed ones as this reader may read them, and those that wait to be read."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Subquery

from permanence.handover import rules
from permanence.handover.models import Annotation, DraftLine, Handover, Receipt
from permanence.handover.queries import sources
from permanence.handover.queries.periods import Period, period
from permanence.handover.queries.views import Head, Item, Line, Note
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib import clock
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param
from permanence.lib.text import NBSP
from permanence.patients.permissions import about_nobody, files_of
from permanence.tasks.permissions import reader_is

Row = tuple[Any, ...]
UNKNOWN = f"Cette relève est introuvable, ou ne vous était pas adressée{NBSP}: revenez à votre journée."
_read = Receipt.objects.filter(handover_id=OuterRef("id"), member_id=Param("me")).values("handover_id").annotate(at=Min("read_at"))
_HEAD = ("id", "replacement_id", "author_id", "recipient_id", "first_day", "last_day", "signed_at", "patients", "refs")
_of_replacement = Compiled(
    lambda: (
        Handover.objects.filter(replacement_id=Param("replacement"))
        .order_by("-signed_at")
        .annotate(read_at=Subquery(_read.values("at")[:1]))
        .values_list(*_HEAD, "read_at")
    )
)
_unread = Compiled(
    lambda: (
        Handover.objects.filter(recipient_id__in=Many("owners"))
        .exclude(author_id=Param("me"))
        .exclude(Exists(Receipt.objects.filter(handover_id=OuterRef("id"), member_id=Param("me"))))
        .order_by("-signed_at")
        .annotate(read_at=Subquery(_read.values("at")[:1]))
        .values_list(*_HEAD, "read_at")[:4]
    )
)
_one = Compiled(
    lambda: (
        Handover.objects.filter(id=Param("id"))
        .annotate(read_at=Subquery(_read.values("at")[:1]))
        .values_list(*_HEAD, "read_at", "text")
    )
)
_words = Compiled(
    lambda: (
        Annotation.objects.filter(handover_id=Param("handover"))
        .order_by("at")
        .values_list("id", "patient_id", "author_id", "sensitive", "minor_secret")
    )
)
_texts = Compiled(lambda: Annotation.objects.filter(id__in=Many("ids")).values_list("id", "text"))


def _admitted(rows: Sequence[Row], reader: Reader) -> list[Row]:
    """The notes that are this reader's: who wrote them, whom they were written to, and who replaces that one."""
    owners = reader_is(reader, Category.MESSAGES).owners
    asks = []
    for row in rows:
        id, author, recipient = row[0], row[2], row[3]
        whose = reader.actor.member if recipient in owners else author
        asks.append(Ask(about_nobody(id, reader=reader), Category.MESSAGES, id, whose))
    found = reader.admit_objects(asks, level=Level.LISTED) if asks else set()
    return [row for row in rows if row[0] in found]


def _head(row: Row) -> Head:
    promises = sum(kind == "task" for kind, *_ in row[8])
    values: list[Any] = [*row[:8], promises, row[9]]
    return Head(*values)


def handovers(replacement: UUID, *, reader: Reader) -> list[Head]:
    """The signed notes of one replacement, newest first: those that are this reader's."""
    return [_head(row) for row in _admitted(_of_replacement.rows(replacement=replacement, me=reader.actor.member), reader)]


def unread(*, reader: Reader) -> list[Head]:
    """What was handed over to this reader and waits to be read. Nothing of a patient."""
    owners = reader_is(reader, Category.MESSAGES).owners
    if not owners:
        return []
    return [_head(row) for row in _admitted(_unread.rows(owners=owners, me=reader.actor.member), reader)]


def since_of(one: Period) -> datetime.datetime:
    """From when the next note tells: the last one's signature, else the beginning."""
    last = Handover.objects.filter(replacement_id=one.id, author_id=one.deputy).order_by("-signed_at").values_list("signed_at", flat=True)
    return max(one.start, last.first() or one.start)


def draft(replacement: UUID, *, reader: Reader) -> Note:
    """The note as it would be signed now, with what was typed so far. For who replaces. Raises Refused."""
    one = period(replacement, reader=reader)
    if reader.actor.member != one.deputy:
        raise Refused(f"La relève s’écrit par la personne qui remplace{NBSP}: vous la lirez ici une fois transmise.", code="right")
    since = since_of(one)
    found = sources.written(one.deputy, since, clock.now())
    typed = {
        row[0]: row[1:]
        for row in DraftLine.objects.filter(replacement_id=one.id, author_id=one.deputy).values_list("patient_id", "left_out", "text")
    }
    texts = {patient: text for patient, (_, text) in typed.items() if patient}
    out = {patient for patient, (left_out, _) in typed.items() if patient and left_out}
    lines, others, hidden = _lines(found, reader, texts, frozenset(), out)
    word = typed.get(None, (False, ""))[1]
    return Note(None, one.id, one.deputy, one.doctor, one.first_day, one.last_day, None, word, lines, others, hidden, since=since)


def handover(id: UUID, *, reader: Reader) -> Note:
    """One signed note, composed with this reader's rights. Raises Refused alike for an unknown one and for another's."""
    rows = _admitted(_one.rows(id=id, me=reader.actor.member), reader)
    if not rows:
        raise Refused(UNKNOWN, code="unknown")
    *head, read_at, text = rows[0]
    found = sources.cited(sources.Ref(kind, UUID(object), verb) for kind, object, verb in head[8])
    heads = _words.rows(handover=id)
    files_of({one.patient for one in found if one.patient} | {row[1] for row in heads}, reader=reader)  # of lines and sentences, in one
    texts, closed = _annotations(heads, found, reader)
    lines, others, hidden = _lines(found, reader, texts, closed, frozenset())
    values: list[Any] = [*head[:7], text, lines, others, hidden, read_at]
    return Note(*values)


def _annotations(
    heads: Sequence[tuple[UUID, UUID, UUID, bool, bool]], found: Sequence[sources.Found], reader: Reader
) -> tuple[dict[UUID, str], set[UUID]]:
    """The sentences by file, and the files of those that this reader may not read: a sentence is reserved too when a thing of its
    line has become so since."""
    if not heads:
        return {}, set()
    files = files_of({patient for _, patient, *_ in heads} | {one.patient for one in found if one.patient}, reader=reader)
    asks = []
    for id, patient, author, sensitive, minor in heads:
        beside = [one for one in found if one.patient and files[one.patient].kept == files[patient].kept]
        sensitive, minor = sensitive or any(one.sensitive for one in beside), minor or any(one.minor_secret for one in beside)
        asks.append(Ask(patient, Category.NOTES, id, author, sensitive, minor))
    admitted = reader.admit_objects(asks, level=Level.LISTED)
    said = dict(_texts.rows(ids=admitted)) if admitted else {}
    texts = {files[patient].kept: said[id] for id, patient, *_ in heads if id in said}
    return texts, {files[patient].kept for id, patient, *_ in heads if id not in admitted}


def _lines(
    found: Sequence[sources.Found],
    reader: Reader,
    texts: Mapping[UUID, str],
    closed: Collection[UUID],
    left_out: Collection[UUID],
) -> tuple[tuple[Line, ...], tuple[Item, ...], int]:
    """One line for each person, what was promised first; promises about nobody; how many things are reserved to others."""
    shown = sources.items(found, reader)
    files = files_of({one.patient for one in found if one.patient}, reader=reader)
    of_person: dict[UUID, list[sources.Found]] = defaultdict(list)
    for one in found:
        if one.patient:
            of_person[files[one.patient].kept].append(one)
    for patient in (*texts, *closed):
        of_person.setdefault(patient, [])  # what was said of somebody stays, even when what it was said of is gone
    lines = [_line(patient, group, shown, texts, closed, left_out) for patient, group in of_person.items()]
    others = tuple(shown[one.ref.id] for one in found if one.patient is None and one.ref.id in shown)
    return tuple(sorted(lines, key=_order)), others, sum(line.hidden for line in lines)


def _line(
    patient: UUID,
    group: Sequence[sources.Found],
    shown: Mapping[UUID, Item],
    texts: Mapping[UUID, str],
    closed: Collection[UUID],
    left_out: Collection[UUID],
) -> Line:
    items = sorted((shown[one.ref.id] for one in group if one.ref.id in shown), key=_when)
    words = texts.get(patient, "")
    part = rules.part({one.ref.kind for one in group if one.ref.id in shown}, words=bool(words) or patient in closed)
    return Line(patient, part, tuple(items), len(group) - len(items), words, patient in closed, patient not in left_out)


_KINDS = {kind: place for place, kind in enumerate(("task", "reminder", "treatment", "prescription", "letter", "vaccination", "note"))}


def _when(item: Item) -> tuple[int, datetime.datetime]:
    return _KINDS[item.kind], item.at or datetime.datetime.min.replace(tzinfo=datetime.UTC)


def _order(line: Line) -> tuple[int, datetime.date, float]:
    """By part, then what is due first, then the last seen first."""
    due = min((item.due_on for item in line.items if item.due_on and not item.done), default=datetime.date.max)
    seen = max((item.at.timestamp() for item in line.items if item.at), default=0.0)
    return line.part, due, -seen


def to_sign(one: Period, left_out: Collection[UUID], files: Mapping[UUID, UUID]) -> Iterable[sources.Found]:
    """For the action that signs: everything up to now, but for the people left out. `files`: the kept file of each."""
    return (found for found in sources.written(one.deputy, since_of(one), clock.now())
            if found.patient is None or files.get(found.patient, found.patient) not in left_out)
