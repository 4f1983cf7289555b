"""The only ways to read prescriptions, their PDFs, what is to be handed over today, and the stock of secured forms."""

import datetime
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from permanence.accounts.permissions import check_read
from permanence.documents import blobs
from permanence.documents.queries import LATEST
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.journal.written import Head, Written
from permanence.lib.dates import format_date
from permanence.lib.sqlcipher import run
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param, stored
from permanence.lib.text import NBSP
from permanence.prescriptions import rules
from permanence.prescriptions.models import FormStock, Prescription
from permanence.prescriptions.written import ask_of, heads

UNKNOWN = "Cette ordonnance est introuvable, ou vous n’y avez pas accès\u00a0: revenez au dossier."
KINDS, OUTINGS, STOPPAGES = rules.KINDS, rules.OUTINGS, rules.PROLONGATIONS
_FLAGS = ("id", "patient_id", "author_id", "addressee_id", "sensitive", "minor_secret")
_ROW = (
    "id",
    "patient_id",
    "kind",
    "template",
    "title",
    "text",
    "long_term_text",
    "number",
    "author_id",
    "addressee_id",
    "signed_at",
    "replaces_id",
    "stoppage_from",
    "stoppage_until",
    "stoppage_kind",
    "outings",
    "outings_from",
    "reason_code",
    "reason_text",
    "form_serial",
    "sensitive",
    "minor_secret",
)
_heads = Compiled(
    lambda: (
        Prescription.objects.filter(patient_id__in=Many("files"), signed_at__lt=Param("before"))
        .order_by("-signed_at")
        .values_list(*_FLAGS)[:200]
    )
)
_rows = Compiled(lambda: Prescription.objects.filter(id__in=Many("ids")).order_by("-signed_at").values_list(*_ROW))


@dataclass(frozen=True, slots=True)
class PrescriptionRow:
    """A signed prescription. `replaces_id`: the one that it corrects."""

    id: UUID
    patient: UUID
    kind: str
    template: str
    title: str
    text: str
    long_term_text: str
    number: str
    author_id: UUID | None
    addressee_id: UUID | None
    signed_at: datetime.datetime | None
    replaces_id: UUID | None
    stoppage_from: datetime.date | None
    stoppage_until: datetime.date | None
    stoppage_kind: str
    outings: str
    outings_from: datetime.date | None
    reason_code: str
    reason_text: str
    form_serial: str
    sensitive: bool
    minor_secret: bool

    @property
    def kind_label(self) -> str:
        return rules.KINDS.get(self.kind, "Ordonnance")


@dataclass(frozen=True, slots=True)
class Stock:
    """Secured forms of one prescriber: how many are left, and what moved, newest first, as (at, count, first, last, note)."""

    left: int
    received: int
    used: int
    spoilt: int
    moves: tuple[tuple[datetime.datetime, int, str, str, str], ...]


def _ask(head: tuple[UUID, UUID, UUID | None, UUID | None, bool, bool], reader: Reader) -> Ask:
    return ask_of(head, reader.actor.member)


def prescriptions(
    files: Collection[UUID], *, reader: Reader, limit: int = 60, before: datetime.datetime | None = None
) -> list[PrescriptionRow]:
    """Signed prescriptions of a person's files, newest first; those this reader may see. Two queries, one when there is none."""
    heads = _heads.rows(files=files, before=before or LATEST)[:limit]
    admitted = reader.admit_objects([_ask(head, reader) for head in heads]) if heads else set()
    return _rows.into(PrescriptionRow, ids=admitted) if admitted else []


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A signed paper of either room as a timeline shows it. `room`: prescription or letter."""

    room: str
    id: UUID
    patient: UUID
    template: str
    title: str
    text: str
    author_id: UUID | None
    signed_at: datetime.datetime
    replaces_id: UUID | None
    stoppage_from: datetime.date | None
    stoppage_until: datetime.date | None
    sensitive: bool
    minor_secret: bool


_TABLES = (
    ("prescription", "prescriptions_prescription", "addressee_id", "long_term_text || char(10) || text", "stoppage_from, stoppage_until"),
    ("letter", "documents_letter", "NULL", "text", "NULL, NULL"),
)
_LINE_HEADS = " UNION ALL ".join(
    f"SELECT * FROM (SELECT '{room}', id, patient_id, author_id, {addressee}, sensitive, minor_secret, signed_at FROM {table}"  # noqa: S608
    " WHERE patient_id IN (SELECT value FROM json_each(?1)) AND signed_at < ?2 ORDER BY signed_at DESC LIMIT ?3 + 0)"
    for room, table, addressee, _, _ in _TABLES
)
_LINE_ROWS = " UNION ALL ".join(
    f"SELECT '{room}', id, patient_id, template, title, {text}, author_id, signed_at, replaces_id, {dates}, sensitive, minor_secret"  # noqa: S608
    f" FROM {table} WHERE id IN (SELECT value FROM json_each(?1))"
    for room, table, _, text, dates in _TABLES
)


def paper_lines(
    files: Collection[UUID], *, reader: Reader, limit: int = 60, before: datetime.datetime | None = None
) -> list[PaperLine]:
    """Signed prescriptions and letters of a person's files for a timeline, newest first. Two queries, one when there is none."""
    heads = run("default", _LINE_HEADS, json.dumps([file.hex for file in files]), stored(before or LATEST), limit).fetchall()
    asks = []
    for room, id, patient, author, addressee, sensitive, minor, _ in heads:
        owner = _uuid(addressee) if addressee and _uuid(addressee) == reader.actor.member else _uuid(author)
        category = Category.PRESCRIPTIONS if room == "prescription" else Category.DOCUMENTS
        asks.append(Ask(UUID(patient), category, UUID(id), owner, bool(sensitive), bool(minor)))
    admitted = reader.admit_objects(asks) if asks else set()
    if not admitted:
        return []
    rows = run("default", _LINE_ROWS, json.dumps([id.hex for id in admitted])).fetchall()
    return sorted((_line(row) for row in rows), key=lambda line: (line.signed_at, line.id.int), reverse=True)[:limit]


def _line(row: Sequence[Any]) -> PaperLine:
    room, id, patient, template, title, text, author, signed_at, replaces, start, end, sensitive, minor = row
    return PaperLine(
        room,
        UUID(id),
        UUID(patient),
        template,
        title,
        text,
        _uuid(author),
        _instant(signed_at),
        _uuid(replaces),
        _day(start),
        _day(end),
        bool(sensitive),
        bool(minor),
    )


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _instant(value: Any) -> datetime.datetime:
    found = value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(str(value))
    return found.replace(tzinfo=datetime.UTC)  # the column holds UTC


def _day(value: Any) -> datetime.date | None:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


def prescription(id: UUID, *, reader: Reader) -> PrescriptionRow:
    """One prescription. Raises Refused alike for one that is unknown and one that is not for this reader."""
    _admit(id, reader)
    return _rows.into(PrescriptionRow, ids=[id])[0]


def prescription_bytes(id: UUID, *, reader: Reader) -> bytes:
    """Its PDF as it was signed. Raises Refused: unknown, absent, damaged."""
    _admit(id, reader)
    return blobs.read(*Prescription.objects.filter(id=id).values_list("blob_hash", "blob_key").get())


def _admit(id: UUID, reader: Reader) -> None:
    heads = list(Prescription.objects.filter(id=id).values_list(*_FLAGS))
    if not heads or id not in reader.admit_objects([_ask(heads[0], reader)]):
        raise Refused(UNKNOWN, code="unknown")


def prescription_heads(id: UUID, *, reader: Reader) -> tuple[UUID, datetime.datetime, str] | None:
    """Patient, instant and size of paper of one that this reader may at least hand over; None for any other."""
    heads = list(Prescription.objects.filter(id=id).values_list(*_FLAGS, "signed_at", "template"))
    if not heads or id not in reader.admit_objects([_ask(heads[0][:6], reader)], level=Level.LISTED):
        return None
    return heads[0][1], heads[0][6], heads[0][7]


def to_hand_over(since: datetime.datetime, *, reader: Reader, limit: int = 200) -> list[tuple[UUID, UUID, datetime.datetime, UUID | None]]:
    """(id, patient, signed at, author) of what was signed since, oldest first: who prints without reading sees no more."""
    heads = list(
        Prescription.objects.filter(signed_at__gte=since).order_by("signed_at").values_list(*_FLAGS, "signed_at")[:limit]
    )
    admitted = reader.admit_objects([_ask(head[:6], reader) for head in heads], level=Level.LISTED) if heads else set()
    return [(head[0], head[1], head[6], head[2]) for head in heads if head[0] in admitted]


# -- written beside another software


def written_heads(
    since: datetime.datetime, *, reader: Reader, files: Collection[UUID] | None = None, level: Level = Level.LISTED
) -> list[Head]:
    """The heads of what was signed since that this reader may see, of these files or of all."""
    where = Q(signed_at__gte=since) if files is None else Q(signed_at__gte=since, patient_id__in=files)
    found = heads(where, reader.actor.member)
    admitted = reader.admit_objects([head.ask for head in found], level=level) if found else set()
    return [head for head in found if head.id in admitted]


def written_since(files: Collection[UUID], since: datetime.datetime, *, reader: Reader) -> list[Written]:
    """What was signed of a person since, with its words; only what this reader may see."""
    found = {head.id: head for head in written_heads(since, reader=reader, files=files, level=Level.READ)}
    rows = _rows.into(PrescriptionRow, ids=set(found)) if found else []
    return [Written(found[row.id], row.title or row.kind_label, _words(row)) for row in rows]


def _words(row: PrescriptionRow) -> str:
    stop = ""
    if row.stoppage_from and row.stoppage_until:
        stop = f"Du {format_date(row.stoppage_from)} au {format_date(row.stoppage_until)} inclus"
    reason = " ".join(filter(None, (row.reason_code, row.reason_text)))
    ald = f"En rapport avec l’ALD{NBSP}:\n{row.long_term_text}" if row.long_term_text else ""
    outings = OUTINGS.get(row.outings, "") if stop else ""
    return "\n".join(filter(None, (stop, outings, f"Motif{NBSP}: {reason}" if reason else "", ald, row.text,
                                   f"N°{NBSP}{row.number}" if row.number else "",
                                   "Remplace un papier signé avant lui." if row.replaces_id else "")))  # fmt: skip


def stock(*, reader: Reader) -> Stock:
    """The secured forms of who reads: their own orders, their own arrêts. Counts and serials only, of no patient."""
    check_read(reader, Category.PRESCRIPTIONS)
    me = reader.actor.member
    moves = list(
        FormStock.objects.filter(owner_id=me).order_by("-at").values_list("at", "count", "first_serial", "last_serial", "note")
    )
    received = sum(count for _, count, *_ in moves if count > 0)
    spoilt = -sum(count for _, count, *_ in moves if count < 0)
    serials = Prescription.objects.filter(author_id=me, kind="work_stoppage").exclude(form_serial="")
    used = len(set(serials.values_list("form_serial", flat=True)))
    return Stock(rules.remaining(received, used, spoilt), received, used, spoilt, tuple(moves))
