"""Signed papers of both rooms seen alike: one by one, in lists, in the timeline, as bytes."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from permanence.accounts.queries import member_names
from permanence.consultations import queries as consultations
from permanence.documents import catalogue
from permanence.documents import queries as letters
from permanence.documents.queries import LetterRow
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.prescriptions import queries as prescriptions
from permanence.prescriptions.queries import PaperLine, PrescriptionRow
from permanence.web.dossier.beside import Marker, marker, unmarked
from permanence.web.dossier.timeline import WHOLE, EventLine, reserved
from permanence.web.dossier.timeline import events as lines_of
from permanence.web.links import reverse
from permanence.web.presenters import Chip

SYMBOLS = {"ordonnance": "pill", "demande": "clipboard-pen", "arret": "calendar-x", "certificat": "file-badge", "courrier": "mail"}


@dataclass(frozen=True, slots=True)
class Paper:
    """One signed paper of either room; `row` is what its door gave."""

    id: UUID
    patient: UUID
    family: str
    template: str
    title: str
    number: str
    at: datetime.datetime | None
    author_id: UUID | None
    replaces_id: UUID | None
    row: PrescriptionRow | LetterRow


def _paper(row: PrescriptionRow | LetterRow) -> Paper:
    family = _family(row.template, isinstance(row, PrescriptionRow))
    return Paper(row.id, row.patient, family, row.template, row.title, row.number, row.signed_at, row.author_id, row.replaces_id, row)


def _family(template: str, prescribed: bool) -> str:
    """The family of a template; one of a newer version falls back on its room's commonest."""
    known = catalogue.templates().get(template)
    return known.family if known else "ordonnance" if prescribed else "courrier"


def paper_of(id: UUID, reader: Reader) -> Paper:
    """One paper. Raises Refused alike for one that is unknown and one that is not for this reader."""
    try:
        return _paper(prescriptions.prescription(id, reader=reader))
    except Refused:
        return _paper(letters.letter(id, reader=reader))


def bytes_of(id: UUID, reader: Reader) -> bytes:
    try:
        return prescriptions.prescription_bytes(id, reader=reader)
    except Refused as refused:
        if refused.code != "unknown":
            raise
        return letters.letter_bytes(id, reader=reader)


def of_patient(
    files: Collection[UUID], reader: Reader, families: Collection[str] = (), *, before: datetime.datetime | None = None, limit: int = 60
) -> list[Paper]:
    """A person's signed papers, newest first; with `families`, only the rooms that keep them are asked."""
    wanted = {catalogue.category_of(family) for family in families or catalogue.FAMILIES}
    found: list[PrescriptionRow | LetterRow] = []
    if Category.PRESCRIPTIONS in wanted:
        found += prescriptions.prescriptions(files, reader=reader, before=before, limit=limit)
    if Category.DOCUMENTS in wanted:
        found += letters.letters(files, reader=reader, before=before, limit=limit)
    return sorted((_paper(row) for row in found), key=lambda one: (str(one.at), one.id.int), reverse=True)


def timeline(
    found: Sequence[consultations.Event],
    more: bool,
    files: Collection[UUID],
    patient: UUID,
    reader: Reader,
    *,
    before: datetime.datetime | None = None,
    marks: Marker | None = None,
) -> list[EventLine]:
    """One page of the timeline: what the doors of the consultations gave, with the signed papers of the same time."""
    marks = marks or marker(files, reader)
    papers = events(prescriptions.paper_lines(files, reader=reader, before=before, limit=WHOLE), patient, marks)
    oldest = found[-1].at if more and found else None
    lines = [*lines_of(found, patient, marks), *(one for one in papers if oldest is None or one.at >= oldest)]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def events(found: Collection[PaperLine], patient: UUID, marks: Marker = unmarked) -> list[EventLine]:
    """Papers as lines of the timeline; one that was corrected says so."""
    names = member_names({one.author_id for one in found if one.author_id})
    replaced = {one.replaces_id for one in found if one.replaces_id}
    return [_line(one, patient, names, replaced, marks) for one in found]


def _line(one: PaperLine, patient: UUID, names: dict[UUID, str], replaced: Collection[UUID], marks: Marker) -> EventLine:
    family = _family(one.template, one.room == "prescription")
    text = " ".join(one.text.split())
    if one.stoppage_from and one.stoppage_until:
        text = f"Du {one.stoppage_from:%d/%m/%Y} au {one.stoppage_until:%d/%m/%Y}"
    tags = (Chip("Remplacé", "warn"),) if one.id in replaced else ()
    return EventLine(
        "paper",
        one.signed_at,
        SYMBOLS.get(family, "file-text"),
        catalogue.FAMILIES[family][0],
        one.title,
        text[:280],
        names.get(one.author_id, "") if one.author_id else "",
        reverse("papers:paper", args=(patient, one.id)),
        (*tags, *reserved(one), *marks(one).chips),
    )
