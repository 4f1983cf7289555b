"""Files of a folder into the files of their patients: by name and birth date, of their own name first, then of their text."""

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from permanence.documents import blobs
from permanence.documents import rules as documents
from permanence.documents.models import Document
from permanence.interop.actions.archives import directory_of
from permanence.interop.actions.inbox import MIMES, Entry
from permanence.interop.actions.knowing import mark_of
from permanence.interop.models import Issue, Moved
from permanence.interop.moving import files
from permanence.interop.moving.known import Known, about, by_name_only
from permanence.journal import bulk
from permanence.journal.doors import Actor
from permanence.journal.journaled import JournaledModel
from permanence.lib import clock
from permanence.lib.pdftext import Extractor, Read
from permanence.lib.text import NBSP

FILED, ALREADY, DECIDE, REFUSED = "filed", "file_same", "file_decide", "file_refused"
OUTCOMES = {FILED: "documents classés", ALREADY: "documents déjà là", DECIDE: "documents à décider", REFUSED: "documents refusés"}


@dataclass(frozen=True, slots=True)
class Placed:
    """One file and what becomes of it. `data` is held for the time of one slice only."""

    outcome: str
    name: str
    sha256: str
    size: int
    mime: str
    data: bytes = field(default=b"", repr=False)
    patient: UUID | None = None
    candidates: tuple[UUID, ...] = ()
    title: str = ""
    dated_on: datetime.date | None = None
    code: str = ""
    reason: str = ""
    waits: bool = False
    mark: str = ""  # of the file, of its bytes and of what it is called: the same in another export


def place(entries: Iterable[Entry], known: Known, extractor: Extractor, *, source: str, today: datetime.date) -> Iterator[Placed]:
    """Look at each file. The same bytes twice are one document of one person, and another one of each other person: a leaflet
    given to twenty patients is in twenty files, and what was put in a wrong file hides nothing of the right one."""
    for entry in entries:
        try:
            placed = _place(entry, known, extractor, today, source)
        except OSError as wrong:
            placed = Placed(REFUSED, entry.name, hashlib.sha256(entry.name.encode()).hexdigest(), entry.size, MIMES[entry.ending],
                            code="unreadable", reason=f"fichier illisible ({wrong.strerror or 'erreur du disque'})")  # fmt: skip
        placed = replace(placed, mark=_mark(source, entry, placed.sha256))
        if placed.outcome == FILED and placed.patient is not None:
            known.documents.add((placed.patient, placed.sha256))
        elif placed.outcome in (DECIDE, REFUSED):
            placed = replace(placed, waits=bool(known.issues & {placed.mark, placed.sha256}))
            known.issues.add(placed.mark)
        yield placed


def _mark(source: str, entry: Entry, sha256: str) -> str:
    return mark_of(source, f"{files.lasting(entry.name, entry.modified)}\0{sha256}")


def _place(entry: Entry, known: Known, extractor: Extractor, today: datetime.date, source: str) -> Placed:
    mime, data = MIMES[entry.ending], entry.read(documents.LARGEST + 1)
    if len(data) > documents.LARGEST:
        sha = hashlib.sha256(f"{entry.name}\0{entry.size}".encode()).hexdigest()
        return Placed(REFUSED, entry.name, sha, entry.size, mime, code="large",
                      reason=f"fichier de plus de 20{NBSP}Mo{NBSP}: laissé dans le dossier d’origine")  # fmt: skip
    sha, read = hashlib.sha256(data).hexdigest(), Read()
    if not data:
        return Placed(REFUSED, entry.name, sha, 0, mime, code="unreadable", reason="fichier vide")
    where = directory_of(entry.name, known.directories) if known.directories else None
    if where is None and _mark(source, entry, sha) in known.placed:  # its text need not be read every night
        return Placed(ALREADY, entry.name, sha, len(data), mime)
    if mime == "application/pdf":
        read = extractor.read(data)
    path, text = files.of_path(entry.name), files.clues(read.text)
    found, why = ([known.directories[where]], "") if where is not None else owners(known, path, text)
    if not why and (found[0], sha) in known.documents:
        return Placed(ALREADY, entry.name, sha, len(data), mime)
    born = known.people[found[0]].get("birth_date") if len(found) == 1 and found[0] in known.people else None
    names = [str(known.people.get(one, {}).get(name) or "") for one in found for name in ("birth_name", "used_name", "given_names",
                                                                                  "first_given_name")]  # fmt: skip
    day = files.dated(path, text, born.isoformat() if born else "0000", today=today) or _past(entry.modified, today)
    title = known.titles.get(entry.name) or files.title(entry.name, names)
    placed = Placed(FILED, entry.name, sha, len(data), mime, data, title=title, dated_on=day)
    if read.wrong:
        return replace(placed, outcome=REFUSED, candidates=tuple(found), code="unreadable", reason=read.wrong)
    if why:
        return replace(placed, outcome=DECIDE, candidates=tuple(found), code="several" if found else "nobody", reason=why)
    return replace(placed, patient=found[0])


def _past(day: datetime.date | None, today: datetime.date) -> datetime.date | None:
    return day if day and day <= today else None


def owners(known: Known, path: files.Clues, text: files.Clues) -> tuple[list[UUID], str]:
    """(the one patient, "") when the name of the file, or its text, says a name and a birth date that are one person's; else
    candidates, and why a person must choose. A file whose name and text name two people is nobody's for sure."""
    by_path = about(known, path.words, path.days)
    by_text = about(known, text.words, text.births or text.days)
    both = by_path | by_text
    if len(both) == 1:
        return list(both), ""
    if len(by_path) == 1 and by_text and not by_text - by_path:
        return list(by_path), ""
    if both:
        where = "son nom et son texte désignent des personnes différentes" if by_path and by_text else "plusieurs patients y sont nommés"
        return sorted(both, key=lambda one: one.bytes)[:6], where
    near = by_name_only(known, path.words) or by_name_only(known, text.words)
    return near, "le nom y est, la date de naissance non" if near else "aucun patient connu n’y est nommé avec sa date de naissance"


# -- writing


def keep(placed: Sequence[Placed], *, run_id: UUID, source: str, by: Actor, person: UUID | None, type: str = "") -> None:
    """File or keep aside some files, of one `type` or none: the bytes are sealed on disk first, then each is one act."""
    now = clock.now()
    filed = (_filed(one, run_id, source, now, type) for one in placed if one.outcome == FILED)
    aside = ([_aside(one, run_id, source, person, now, type)] for one in placed if one.outcome in (DECIDE, REFUSED) and not one.waits)
    bulk.append_many(filed, by=by, action="interop:move_in")
    bulk.append_many(aside, by=by, action="interop:move_in")


def _filed(one: Placed, run_id: UUID, source: str, now: datetime.datetime, type: str) -> list[JournaledModel]:
    if one.patient is None:
        raise ValueError("nobody's document is not filed")
    ref = blobs.store(one.data)
    document = Document(patient_id=one.patient, title=one.title, type_code=type, type_label=documents.type_label(type),
                        author_text=source[:200], dated_on=one.dated_on, received_at=now, mime=one.mime,
                        file_name=documents.safe_name(one.name.rsplit("/", 1)[-1]),
                        origin="import", size=ref.size, sha256=ref.sha256, blob_hash=ref.hash, blob_key=ref.key)  # fmt: skip
    return [document, Moved(run_id=run_id, patient_id=one.patient, kind="document", object_id=document.id, outcome="filed",
                            mark=one.mark)]  # fmt: skip


def _aside(one: Placed, run_id: UUID, source: str, person: UUID | None, now: datetime.datetime, type: str) -> Issue:
    ref = blobs.store(one.data) if one.data else None
    fields = {"title": one.title, "dated_on": one.dated_on.isoformat() if one.dated_on else "", **({"type": type} if type else {})}
    return Issue(run_id=run_id, kind="file", source=source, place=one.name[:400], reason=one.reason, code=one.code, content=one.sha256,
                 mark=one.mark, fields=fields, candidates=[str(patient) for patient in one.candidates], by_id=person, at=now,
                 size=one.size, mime=one.mime, blob_hash=ref.hash if ref else None, blob_key=ref.key if ref else None)  # fmt: skip
