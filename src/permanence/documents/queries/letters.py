"""Reading signed certificates and letters: in lists, one by one, as PDF, and what is to be handed over today."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from permanence.documents import blobs
from permanence.documents.models import Letter
from permanence.documents.queries.originals import UNKNOWN
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param

_FLAGS = ("id", "patient_id", "author_id", "sensitive", "minor_secret")
_ROW = (
    "id",
    "patient_id",
    "template",
    "title",
    "recipient",
    "text",
    "number",
    "author_id",
    "signed_at",
    "replaces_id",
    "sensitive",
    "minor_secret",
)
_heads = Compiled(
    lambda: (
        Letter.objects.filter(patient_id__in=Many("files"), signed_at__lt=Param("before"))
        .order_by("-signed_at")
        .values_list(*_FLAGS)[:200]
    )
)
_rows = Compiled(lambda: Letter.objects.filter(id__in=Many("ids")).order_by("-signed_at").values_list(*_ROW))
LATEST = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A signed letter. `replaces_id`: the one that it corrects."""

    id: UUID
    patient: UUID
    template: str
    title: str
    recipient: str
    text: str
    number: str
    author_id: UUID | None
    signed_at: datetime.datetime | None
    replaces_id: UUID | None
    sensitive: bool
    minor_secret: bool


def _ask(head: tuple[UUID, UUID, UUID | None, bool, bool]) -> Ask:
    id, patient, author, sensitive, minor = head
    return Ask(patient, Category.DOCUMENTS, id, author, sensitive, minor)


def letters(
    files: Collection[UUID], *, reader: Reader, limit: int = 60, before: datetime.datetime | None = None
) -> list[LetterRow]:
    """Signed letters of a person's files, newest first; those this reader may see. Two queries, one when there is none."""
    heads = _heads.rows(files=files, before=before or LATEST)[:limit]
    admitted = reader.admit_objects([_ask(head) for head in heads]) if heads else set()
    return _rows.into(LetterRow, ids=admitted) if admitted else []


def letter(id: UUID, *, reader: Reader) -> LetterRow:
    """One letter. Raises Refused alike for one that is unknown and one that is not for this reader."""
    _admit(id, reader)
    return _rows.into(LetterRow, ids=[id])[0]


def letter_bytes(id: UUID, *, reader: Reader) -> bytes:
    """Its PDF as it was signed. Raises Refused: unknown, absent, damaged."""
    _admit(id, reader)
    return blobs.read(*Letter.objects.filter(id=id).values_list("blob_hash", "blob_key").get())


def _admit(id: UUID, reader: Reader) -> None:
    heads = list(Letter.objects.filter(id=id).values_list(*_FLAGS))
    if not heads or id not in reader.admit_objects([_ask(heads[0])]):
        raise Refused(UNKNOWN, code="unknown")


def letter_heads(id: UUID, *, reader: Reader) -> tuple[UUID, datetime.datetime, str] | None:
    """Patient, instant and template of a letter that this reader may at least hand over; None for any other."""
    heads = list(Letter.objects.filter(id=id).values_list(*_FLAGS, "signed_at", "template"))
    if not heads or id not in reader.admit_objects([_ask(heads[0][:5])], level=Level.LISTED):
        return None
    return heads[0][1], heads[0][5], heads[0][6]


def to_hand_over(since: datetime.datetime, *, reader: Reader, limit: int = 200) -> list[tuple[UUID, UUID, datetime.datetime, UUID | None]]:
    """(id, patient, signed at, author) of what was signed since, oldest first: who prints without reading sees no more."""
    heads = list(Letter.objects.filter(signed_at__gte=since).order_by("signed_at").values_list(*_FLAGS, "signed_at")[:limit])
    admitted = reader.admit_objects([_ask(head[:5]) for head in heads], level=Level.LISTED) if heads else set()
    return [(head[0], head[1], head[5], head[2]) for head in heads if head[0] in admitted]
