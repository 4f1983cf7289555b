"""The only ways to read what was written here while another software is the main one: what is still to be copied over there."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from permanence.accounts.permissions import check_read
from permanence.consultations import queries as clinical
from permanence.consultations.models import Measure, Note
from permanence.interop.models import Copied, Filet
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Ask, Reader
from permanence.lib.text import plural
from permanence.patients.permissions import family_of

_FLAGS = ("id", "patient_id", "author_id", "sensitive", "minor_secret")
KINDS = {"note": "Note", "measure": "Mesure"}
_CATEGORIES = {"note": Category.NOTES, "measure": Category.MEASURES}


@dataclass(frozen=True, slots=True)
class FiletRow:
    """The setting in force."""

    mode: str
    source: str
    folder: str
    minutes: int
    since: datetime.datetime | None
    until: datetime.datetime | None

    @property
    def on(self) -> bool:
        """Whether another software is the main one."""
        return self.mode == "filet"


@dataclass(frozen=True, slots=True)
class Written:
    """One thing « écrit ici ». `text` is plain, as it is to be typed over there."""

    kind: str
    id: UUID
    patient: UUID
    at: datetime.datetime | None
    author_id: UUID | None
    title: str
    text: str
    copied: bool

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class ToCopy:
    """One patient of the list: how many things wait, since when."""

    patient: UUID
    count: int
    first: datetime.datetime | None

    @property
    def said(self) -> str:
        return plural(self.count, "élément")


def beside(*, reader: Reader) -> FiletRow | None:
    """The setting; None when no other software was ever named."""
    check_read(reader, Category.PROFESSIONAL)
    row = Filet.objects.order_by("-at").values_list("mode", "source", "folder", "minutes", "since", "until").first()
    return FiletRow(*row) if row else None


def to_copy(*, reader: Reader) -> list[ToCopy]:
    """The patients of whom something written here waits, oldest first; only what this reader may see counts."""
    setting = beside(reader=reader)
    if setting is None or not setting.on:
        return []
    heads = [(kind, *head) for kind in KINDS for head in _heads(kind, setting.since)]
    done = _done([head[1] for head in heads])
    heads = [head for head in heads if head[1] not in done]
    asks = [Ask(patient, _CATEGORIES[kind], id, author, sensitive, minor) for kind, id, patient, author, sensitive, minor, _ in heads]
    admitted = reader.admit_objects(asks, level=Level.LISTED) if asks else set()
    by_patient: dict[UUID, list[Any]] = {}
    for _, id, patient, *_, at in heads:
        if id in admitted:
            by_patient.setdefault(patient, []).append(at)
    rows = [ToCopy(patient, len(times), min(time for time in times if time)) for patient, times in by_patient.items()]
    return sorted(rows, key=lambda row: str(row.first))


def _heads(kind: str, since: datetime.datetime | None, files: Collection[UUID] | None = None) -> list[tuple[Any, ...]]:
    found = (Note.objects.filter(signed_at__gte=since) if kind == "note"
             else Measure.objects.filter(Q(removed_revision=None) | ~Q(removed_revision=F("revision")), recorded_at__gte=since,
                                         external_key=""))  # fmt: skip
    if files is not None:
        found = found.filter(patient_id__in=files)
    return list(found.values_list(*_FLAGS, "signed_at" if kind == "note" else "recorded_at"))


def _done(ids: Sequence[UUID]) -> set[UUID]:
    return set(Copied.objects.filter(object_id__in=ids, undone=False).values_list("object_id", flat=True)) if ids else set()


def written(patient: UUID, *, reader: Reader) -> list[Written]:
    """What was written here of one patient, oldest first, copied or not."""
    setting = beside(reader=reader)
    if setting is None:
        return []
    files = family_of(patient, reader=reader)
    notes = [clinical.note(head[0], reader=reader) for head in _admitted("note", setting.since, files, reader)]
    ids = [head[0] for head in _admitted("measure", setting.since, files, reader)]
    columns = ("id", "patient_id", "author_id", "recorded_at", "code", "values", "unit")
    measures = Measure.objects.filter(id__in=ids).order_by("recorded_at").values_list(*columns)
    done = _done([*(one.id for one in notes), *ids])
    found = [Written("note", one.id, one.patient, one.signed_at, one.author_id, _title(one), _text(one), one.id in done) for one in notes]
    for id, owner, author, at, code, values, unit in measures:
        values = tuple(tuple(value) for value in values)
        row = clinical.MeasureRow(id, owner, author, at, at, author, False, False, False, code, values, unit, at, None)
        found.append(Written("measure", id, owner, at, author, row.label, f"{row.label} {row.shown} {unit}".strip(), id in done))
    return sorted(found, key=lambda one: (str(one.at), one.kind))


def _admitted(kind: str, since: datetime.datetime | None, files: Collection[UUID], reader: Reader) -> list[tuple[Any, ...]]:
    heads = _heads(kind, since, files)
    asks = [Ask(patient, _CATEGORIES[kind], id, author, sensitive, minor) for id, patient, author, sensitive, minor, _ in heads]
    admitted = reader.admit_objects(asks) if asks else set()
    return [head for head in heads if head[0] in admitted]


def _title(one: clinical.NoteRow) -> str:
    kind = str(clinical.NOTE_KINDS.get(one.kind, "Note"))
    return f"{kind}\u00a0: {one.motif}" if one.motif else kind


def _text(one: clinical.NoteRow) -> str:
    parts = (("", one.text), ("S", one.subjective), ("O", one.objective), ("A", one.assessment), ("P", one.plan))
    said = [f"{letter}\u00a0: {text.strip()}" if letter else text.strip() for letter, text in parts if text.strip()]
    return "\n".join([*said, *([f"CIM-10\u00a0: {', '.join(one.codes)}"] if one.codes else [])])
