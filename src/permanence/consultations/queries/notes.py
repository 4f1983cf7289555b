"""One note and what belongs to it: its amendments, its moves, who read it where it should not have been; private notes."""

from uuid import UUID

from django.db.models import OuterRef, Subquery

from permanence.consultations.models import Countersignature, Note, NoteMove
from permanence.consultations.queries.sources import fetch
from permanence.consultations.queries.views import MoveRow, NoteRow, PrivateRow
from permanence.journal import queries as journal
from permanence.journal.categories import Category
from permanence.journal.doors import Ask, Reader, Refused
from permanence.lib.sqlcipher.compiled import Compiled, Many
from permanence.patients.permissions import family_of

UNKNOWN = "Cette note est introuvable, ou vous n’y avez pas accès\u00a0: revenez au dossier."
_FLAGS = ("id", "patient_id", "author_id", "sensitive", "minor_secret")
_ROW = (
    "id",
    "patient_id",
    "kind",
    "motif",
    "text",
    "subjective",
    "objective",
    "assessment",
    "plan",
    "codes",
    "at",
    "signed_at",
    "author_id",
    "signatory_id",
    "amends_id",
    "moved_by_id",
    "moved_at",
    "sensitive",
    "minor_secret",
)
_signed = Countersignature.objects.filter(note_id=OuterRef("id")).order_by("at")
_rows = Compiled(
    lambda: (
        Note.objects.filter(id__in=Many("ids"))
        .order_by("signed_at")
        .annotate(countersigned_at=Subquery(_signed.values("at")[:1]), countersigned_by=Subquery(_signed.values("member_id")[:1]))
        .values_list(*_ROW, "countersigned_at", "countersigned_by")
    )
)


def _admit(heads: list[tuple[UUID, UUID, UUID | None, bool, bool]], reader: Reader) -> list[NoteRow]:
    asks = [Ask(patient, Category.NOTES, id, author, sensitive, minor) for id, patient, author, sensitive, minor in heads]
    admitted = reader.admit_objects(asks) if asks else set()
    found = _rows.rows(ids=admitted) if admitted else []
    codes = _ROW.index("codes")
    rows = [[*row[:codes], tuple(row[codes]), *row[codes + 1 :]] for row in found]
    return [NoteRow(*row) for row in rows]


def note(id: UUID, *, reader: Reader) -> NoteRow:
    """One note. Raises Refused alike for one that is unknown and one that is not for this reader."""
    found = _admit(list(Note.objects.filter(id=id).values_list(*_FLAGS)), reader)
    if not found:
        raise Refused(UNKNOWN, code="unknown")
    return found[0]


def amendments(id: UUID, *, reader: Reader) -> list[NoteRow]:
    """The notes that correct this one, in the order they were signed."""
    return _admit(list(Note.objects.filter(amends_id=id).values_list(*_FLAGS)), reader)


def moves(patient: UUID, *, reader: Reader) -> list[MoveRow]:
    """The notes that stood in this file and were moved away, newest first."""
    files = family_of(patient, reader=reader)
    if not reader.admit(files, [Category.NOTES]).patients(Category.NOTES):
        return []
    return [
        MoveRow(*values)
        for values in NoteMove.objects.filter(patient_id__in=files)
        .order_by("-at")
        .values_list("note_id", "author_id", "by_id", "at", "note_at")
    ]


def read_before_move(patient: UUID, note_id: UUID, *, reader: Reader) -> list[journal.Access]:
    """Who was served a note while it stood in this wrong file. A read of the journal: for its author, who moved it, and
    those who may read the journal of the file.
    """
    files = family_of(patient, reader=reader)
    concerned = NoteMove.objects.filter(note_id=note_id, patient_id__in=files).values_list("author_id", "by_id").first()
    me = reader.actor.member
    return journal.readers_of_object(patient, note_id, reader=reader, answerable=me if me in (concerned or ()) else None)


def private_notes(patient: UUID, *, reader: Reader) -> list[PrivateRow]:
    """This reader's own personal notes about a patient, newest first."""
    found = fetch(("private",), family_of(patient, reader=reader), reader=reader)
    return sorted(found.rows["private"], key=lambda row: str(row.changed_at), reverse=True)
