"""Reading documents, their bytes, results, and what imports refused."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_read
from permanence.documents import blobs, rules
from permanence.documents.models import Document, Result, SetAside
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param
from permanence.lib.text import number_fr
from permanence.patients.permissions import family_of

UNKNOWN = "Ce document est introuvable, ou vous n’y avez pas accès\u00a0: revenez au dossier."


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document without its bytes. `at` orders it: the day it bears, else the instant it arrived."""

    id: UUID
    patient: UUID
    title: str
    type_code: str
    type_label: str
    author_text: str
    author_id: UUID | None
    dated_on: datetime.date | None
    received_at: datetime.datetime | None
    mime: str
    file_name: str
    origin: str
    size: int
    sensitive: bool
    minor_secret: bool


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes as they came."""

    data: bytes
    mime: str
    file_name: str


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One result. `shown` is the number in French, else the text; `flag` the word for its abnormality."""

    id: UUID
    patient: UUID
    document_id: UUID | None
    loinc: str
    label: str
    value_text: str
    number: int | None
    scale: int
    unit: str
    reference: str
    abnormal: str
    at: datetime.datetime | None
    at_text: str
    performer: str
    sensitive: bool

    @property
    def shown(self) -> str:
        return self.value_text if self.number is None else number_fr(self.number, self.scale)

    @property
    def flag(self) -> str:
        return rules.ABNORMAL.get(self.abnormal, "anormal")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """An original set aside by an import. `kept` is False when only its name, size and hash were."""

    id: UUID
    file_name: str
    size: int
    sha256: str
    reason: str
    by_id: UUID | None
    at: datetime.datetime | None
    kept: bool


_FLAGS = ("id", "patient_id", "author_id", "sensitive", "minor_secret")
_ROW = (
    "id",
    "patient_id",
    "title",
    "type_code",
    "type_label",
    "author_text",
    "author_id",
    "dated_on",
    "received_at",
    "mime",
    "file_name",
    "origin",
    "size",
    "sensitive",
    "minor_secret",
)
_RESULT = (
    "id",
    "patient_id",
    "document_id",
    "loinc",
    "label",
    "value_text",
    "number",
    "scale",
    "unit",
    "reference",
    "abnormal",
    "at",
    "at_text",
    "performer",
    "sensitive",
)
MOST_HEADS, ALL_HEADS = 200, 5_000


def _newest(most: int) -> Compiled:
    return Compiled(
        lambda: (
            Document.objects.filter(patient_id__in=Many("files"), received_at__lt=Param("before"))
            .order_by("-received_at")
            .values_list(*_FLAGS)[:most]
        )
    )


_heads, _all_heads = _newest(MOST_HEADS), _newest(ALL_HEADS)
_rows = Compiled(lambda: Document.objects.filter(id__in=Many("ids")).order_by("-received_at").values_list(*_ROW))
_result_heads = Compiled(
    lambda: Result.objects.filter(patient_id__in=Many("files")).order_by("-at").values_list(*_FLAGS, "loinc")
)
_result_rows = Compiled(lambda: Result.objects.filter(id__in=Many("ids")).order_by("-at").values_list(*_RESULT))
LATEST = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


def _asks(heads: Sequence[tuple[object, ...]], category: Category) -> list[Ask]:
    return [
        Ask(patient, category, id, author, sensitive, minor)  # type: ignore[arg-type]
        for id, patient, author, sensitive, minor, *_ in heads
    ]


def listing(
    files: Collection[UUID],
    *,
    reader: Reader,
    limit: int = 60,
    before: datetime.datetime | None = None,
) -> list[DocumentRow]:
    """Documents of a person's files, newest received first, without their bytes; those this reader may see. Two queries."""
    newest = _heads if limit <= MOST_HEADS else _all_heads
    heads = newest.rows(files=files, before=before or LATEST)[:limit]
    admitted = reader.admit_objects(_asks(heads, Category.DOCUMENTS)) if heads else set()
    return _rows.into(DocumentRow, ids=admitted) if admitted else []


def document(id: UUID, *, reader: Reader) -> DocumentRow:
    """One document without its bytes. Raises Refused alike for one that is unknown and one that is not for this reader."""
    _admit(id, reader)
    return _rows.into(DocumentRow, ids=[id])[0]


def content(id: UUID, *, reader: Reader) -> Content:
    """A document's bytes. Raises Refused: unknown, absent, damaged."""
    _admit(id, reader)
    mime, name, hash, key = Document.objects.filter(id=id).values_list("mime", "file_name", "blob_hash", "blob_key").get()
    return Content(blobs.read(hash, key), mime, name)


def _admit(id: UUID, reader: Reader) -> None:
    heads = list(Document.objects.filter(id=id).values_list(*_FLAGS))
    if not heads or id not in reader.admit_objects(_asks(heads, Category.DOCUMENTS)):
        raise Refused(UNKNOWN, code="unknown")


def results(patient: UUID, *, reader: Reader, loinc: str = "", limit: int = 200) -> list[ResultRow]:
    """A person's results, newest first, of one LOINC code or of all. Two queries and the file's own."""
    heads = [head for head in _result_heads.rows(files=family_of(patient, reader=reader)) if loinc in ("", head[-1])]
    admitted = reader.admit_objects(_asks(heads[:limit], Category.RESULTS))
    return _result_rows.into(ResultRow, ids=admitted) if admitted else []


def results_of(document: UUID, *, reader: Reader) -> list[ResultRow]:
    """The results that came with one document."""
    heads = list(Result.objects.filter(document_id=document).values_list(*_FLAGS))
    admitted = reader.admit_objects(_asks(heads, Category.RESULTS))
    return _result_rows.into(ResultRow, ids=admitted) if admitted else []


def refused(*, reader: Reader, limit: int = 100) -> list[RefusedRow]:
    """What imports refused, newest first: name, size, hash and reason; one's own, and what a task of the practice set aside."""
    check_read(reader, Category.DOCUMENTS)
    heads = list(SetAside.objects.order_by("-at").values_list("id", "by_id")[:limit])
    admitted = reader.admit_objects([_aside(id, author) for id, author in heads], level=Level.LISTED) if heads else set()
    found = SetAside.objects.filter(id__in=admitted).order_by("-at").values_list(
        "id", "file_name", "size", "sha256", "reason", "by_id", "at", "blob_hash"
    )
    rows: list[list[Any]] = [[*row[:7], row[7] is not None] for row in found]
    return [RefusedRow(*row) for row in rows]


def _aside(id: UUID, author: UUID | None) -> Ask:
    """Nobody knows whose data an original set aside holds, nor whether that person objects to anybody: it is its author's,
    and the access entry names the object in the patient's place."""
    return Ask(id, Category.DOCUMENTS, id, author, sensitive=author is not None)


def refused_content(id: UUID, *, reader: Reader) -> Content:
    """The bytes of a refused original (`_aside` says for whom)."""
    check_read(reader, Category.DOCUMENTS)
    row = SetAside.objects.filter(id=id).values_list("by_id", "mime", "file_name", "blob_hash", "blob_key").first()
    if row is None or id not in reader.admit_objects([_aside(id, row[0])]):
        raise Refused(UNKNOWN, code="unknown")
    return Content(blobs.read(row[3], row[4]), row[1], row[2])
