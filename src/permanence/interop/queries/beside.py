"""The only ways to read what was written here while another software is the main one: what is still to be copied over there.

Each room says what of it was written by hand, and judges who sees it; what imports brought is taken out here.
"""

import datetime
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from permanence.accounts.permissions import check_read
from permanence.agenda import queries as agenda
from permanence.consultations import queries as clinical
from permanence.documents import queries as documents
from permanence.interop.models import Copied, Filet, Origin
from permanence.interop.permissions import main_software
from permanence.journal.categories import Category
from permanence.journal.doors import Reader, Refused
from permanence.journal.written import Head
from permanence.journal.written import Written as Words
from permanence.lib.sqlcipher import run
from permanence.lib.text import plural
from permanence.patients import queries as patients
from permanence.patients.permissions import family_of, files_of
from permanence.prescriptions import queries as prescriptions

KINDS = {
    "note": "Note", "move": "Note déplacée", "history": "Antécédent", "allergy": "Allergie", "statement": "Allergies",
    "treatment": "Traitement", "vaccination": "Vaccination", "measure": "Mesure", "prescription": "Ordonnance", "letter": "Courrier",
    "document": "Document", "appointment": "Rendez-vous", "identity": "Identité", "national": "Identité", "contact": "Coordonnées",
    "rights": "Droits", "wishes": "Dossier", "term": "Dossier", "desk": "Note administrative",
}  # fmt: skip
# What no room lists: the screens say it wherever they could be taken to say that all is copied.
NOT_LISTED = ("brouillons non signés", "notes personnelles", "entourage, fusions, oppositions et accès au dossier",
              "horaires et absences", "tâches, appels, messages et relèves", "actes et encaissements")  # fmt: skip
_SPACE = UUID("6d1b7c52-90d4-4a55-8a0a-3d2c7a5e0b91")
_ROOMS: tuple[Any, ...] = (patients, clinical, prescriptions, documents, agenda)


@dataclass(frozen=True, slots=True)
class FiletRow:
    """The setting in force."""

    mode: str
    source: str
    folder: str
    laboratory: str
    minutes: int
    since: datetime.datetime | None
    until: datetime.datetime | None

    @property
    def on(self) -> bool:
        """Whether another software is the main one."""
        return self.mode == "filet"


@dataclass(frozen=True, slots=True)
class Written:
    """One thing « écrit ici ». `text` is plain, as it is to be typed over there; `change`: "", « modifié », « à retirer »."""

    kind: str
    id: UUID
    patient: UUID
    at: datetime.datetime
    author_id: UUID | None
    title: str
    text: str
    copied: bool
    change: str = ""

    @property
    def kind_label(self) -> str:
        return KINDS.get(self.kind, "Écrit")

    @property
    def seen(self) -> str:
        """What a tick says that it is about: written again since, it is not what was copied."""
        return self.at.isoformat()


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
    row = Filet.objects.order_by("-at").values_list("mode", "source", "folder", "laboratory", "minutes", "since", "until").first()
    return FiletRow(*row) if row else None


def to_copy(*, reader: Reader) -> list[ToCopy]:
    """The people of whom something written here waits, oldest first; only what this reader may see counts."""
    setting = beside(reader=reader)
    if setting is None or not setting.on or setting.since is None:
        return []
    heads = [head for room in _ROOMS for head in room.written_heads(setting.since, reader=reader)]
    waiting = [head for head, copied in _by_hand(heads) if not copied]
    files = files_of({head.ask.patient for head in waiting}, reader=reader)
    by_person: dict[UUID, list[datetime.datetime]] = {}
    for head in waiting:
        by_person.setdefault(files[head.ask.patient].kept, []).append(head.at)
    rows = [ToCopy(patient, len(times), min(times)) for patient, times in by_person.items()]
    return sorted(rows, key=lambda row: (str(row.first), row.patient))


def callers(*, reader: Reader) -> list[agenda.Caller]:
    """The times kept here for people without a file, from now on; nothing for who opens no agenda."""
    setting = beside(reader=reader)
    if setting is None or not setting.on or setting.since is None:
        return []
    try:
        return agenda.callers_since(setting.since, reader=reader)
    except Refused:
        return []


def written(patient: UUID, *, reader: Reader) -> list[Written]:
    """What was written here of one person, oldest first, copied or not."""
    setting = beside(reader=reader)
    if setting is None or setting.since is None:
        return []
    files = family_of(patient, reader=reader)
    words: list[Words] = [one for room in _ROOMS for one in room.written_since(files, setting.since, reader=reader)]
    kept = {(head.kind, head.id): copied for head, copied in _by_hand([one.head for one in words])}
    found = [_written(one, kept[one.head.kind, one.head.id]) for one in words if (one.head.kind, one.head.id) in kept]
    return sorted(found, key=lambda one: (one.at, one.kind, one.id))


def _written(one: Words, copied: bool) -> Written:
    head = one.head
    change = "à retirer" if head.gone else "" if head.new else "modifié"
    return Written(head.kind, head.id, head.ask.patient, head.at, head.by, one.title, one.text, copied, change)


def copy_id(kind: str, object: UUID) -> UUID:
    """The id of what remembers that a thing was copied; parts of a sheet share their patient's id."""
    return uuid5(_SPACE, f"{kind}:{object}" if kind in patients.SHEETS else str(object))


def _by_hand(heads: Sequence[Head]) -> Iterable[tuple[Head, bool]]:
    """Those that no import left so, with whether they are copied as they now stand. What was both written and taken away here,
    and never copied, is nothing to anybody."""
    brought = _brought({head.id for head in heads})
    ticks = _ticks({copy_id(head.kind, head.id) for head in heads})
    for head in heads:
        tick = ticks.get(copy_id(head.kind, head.id))
        if head.gone:
            theirs = not (head.new and tick is None)
        else:  # an import takes nothing away
            theirs = head.revision not in brought.get(head.id, ())
        if not theirs:
            continue
        yield head, tick is not None and not tick[1] and tick[0] >= head.at


def _brought(ids: Collection[UUID]) -> Mapping[UUID, list[UUID | None]]:
    """The revisions in which imports left these: one that has another was changed by a person since, and is theirs."""
    found: dict[UUID, list[UUID | None]] = {}
    for part in _parts(ids):
        for object, revision in Origin.objects.filter(object_id__in=part).values_list("object_id", "revision"):
            if object is not None:
                found.setdefault(object, []).append(revision)
    return found


def _ticks(ids: Collection[UUID]) -> Mapping[UUID, tuple[datetime.datetime, bool]]:
    rows = [row for part in _parts(ids) for row in Copied.objects.filter(id__in=part).values_list("id", "at", "undone")]
    return {id: (at, undone) for id, at, undone in rows if at is not None}


def _parts(ids: Collection[UUID]) -> list[list[UUID]]:
    whole = list(ids)
    return [whole[start : start + 500] for start in range(0, len(whole), 500)]


# -- where the rows of a file come from


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import made: whose words they are, when they came, the revision in which a line was left; `main`: of the main software."""

    source: str
    at: datetime.datetime | None
    revision: UUID | None
    main: bool


_BROUGHT = (
    "SELECT o.object_id, coalesce(r.source, i.source), +i.at, o.revision, r.source FROM interop_origin o"
    " JOIN interop_import i ON i.id = o.import_id"
    " LEFT JOIN interop_moved m ON m.object_id = i.id AND m.kind = 'import' AND m.patient_id = o.patient_id"
    " LEFT JOIN interop_run r ON r.id = m.run_id WHERE o.object_id IS NOT NULL AND o.patient_id IN (SELECT value FROM json_each(?1))"
    " UNION ALL SELECT i.document_id, coalesce(r.source, i.source), +i.at, NULL, r.source FROM interop_import i"
    " LEFT JOIN interop_moved m ON m.object_id = i.id AND m.kind = 'import' AND m.patient_id = i.patient_id"
    " LEFT JOIN interop_run r ON r.id = m.run_id WHERE i.document_id IS NOT NULL AND i.patient_id IN (SELECT value FROM json_each(?1))"
    " UNION ALL SELECT m.object_id, r.source, +r.started_at, NULL, r.source FROM interop_moved m JOIN interop_run r ON r.id = m.run_id"
    " WHERE m.kind IN ('document', 'decided') AND m.patient_id IN (SELECT value FROM json_each(?1))"
)


def brought(files: Collection[UUID], *, reader: Reader) -> dict[UUID, Brought]:
    """Where the rows of a person's files come from, for who is shown those rows. One query, none when this is the main software."""
    main = main_software()
    if main is None or reader.closed:
        return {}
    found = run("default", _BROUGHT, json.dumps([file.hex for file in files])).fetchall()
    return {UUID(object): Brought(source, datetime.datetime.fromisoformat(at + "+00:00") if at else None,
                                  UUID(revision) if revision else None, whose == main.source)
            for object, source, at, revision, whose in found if object}  # fmt: skip
