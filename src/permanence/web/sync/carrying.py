"""« Clé USB »: what another machine lacks leaves as one sealed file, and one that comes is read. What it holds is nobody's to see here."""

import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from permanence.journal.doors import Refused
from permanence.journal.folder import Folder
from permanence.lib import host
from permanence.lib.text import NBSP, number_fr, plural
from permanence.sync import carrying, queries
from permanence.web import jinja
from permanence.web.account import sealport
from permanence.web.http import actor_of, deliver_sealed, go, reader_of, render, screen
from permanence.web.links import reverse
from permanence.web.proof.csrf import CsrfMiddleware

log = logging.getLogger(__name__)
SPARED = 1 << 30  # bytes of the disk that a file given to read leaves free
NO_FILE = f"Aucun fichier n’a été choisi{NBSP}: prendre celui de la clé USB, il se termine par «{NBSP}.permanence{NBSP}»."
LIES = f"Cette machine raconte deux histoires de ses écritures{NBSP}: ne rien effacer, et prévenir qui entretient les machines."
NO_ROOM = f"Le disque n’a plus la place de lire ce fichier{NBSP}: en libérer, puis recommencer."

@dataclass(frozen=True, slots=True)
class TargetLine:
    name: str
    lacks: str
    url: str
    whole: str


@dataclass(frozen=True, slots=True)
class FileLine:
    at: str
    what: str
    who: str
    said: str
    tone: str
    url: str


@dataclass(frozen=True, slots=True)
class CarryPage:
    targets: list[TargetLine]
    any: str
    files: list[FileLine]
    read: str
    filename: str


@dataclass(frozen=True, slots=True)
class FilePage:
    title: str
    lead: str
    sentence: str
    tone: str
    facts: list[tuple[str, str]]
    warnings: list[str]
    settle: str
    settle_url: str
    back: str


@screen
def carry(request: HttpRequest) -> HttpResponse:
    """Both directions on one page, and the last files."""
    return _page(request)


def _page(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    reader = reader_of(request)
    lines = [TargetLine(one.name, _lacks(one), reverse("sync:carry_out", args=(one.id,)),
                        reverse("sync:carry_whole", args=(one.id,)) if one.sure else "")
             for one in queries.targets(reader=reader)]  # fmt: skip
    files = [_line(one) for one in queries.carried(reader=reader)]
    page = CarryPage(lines, reverse("sync:carry_any") if len(lines) > 1 else "", files, reverse("sync:carry_in"), carrying.filename())
    return render(request, reader, "sync/carry.html", {"page": page, "problem": problem}, status=status)


def _lacks(one: queries.Target) -> str:
    if not one.sure:
        return f"On ne sait pas ce qu’elle a{NBSP}: le fichier contiendra tout le dossier."
    lacks = plural(one.lacks, "écriture lui manque", "écritures lui manquent")
    return f"{lacks} au plus" if one.lacks else "Rien ne lui manque, à notre connaissance."


def _line(one: queries.File) -> FileLine:
    what = f"Emporté pour {one.machine}" if one.out else f"Lu, écrit par {one.machine}"
    return FileLine(jinja.moment(one.at), what, one.who, _said(one), _tone(one), reverse("sync:carried", args=(one.id,)))


@screen
def carry_out(request: HttpRequest, machine: UUID | None = None, *, whole: bool = False) -> HttpResponseBase:
    """The file. It begins to leave at once, however long it is."""
    reader, by, here = reader_of(request), actor_of(request), _folder()
    going = carrying.prepare(to=machine, whole=whole, by=by)
    said = {"to": machine, "since": going.since, "sealed_to": len(going.boxes)}
    return deliver_sealed(request, reader, carrying.pieces(here.path, going, by=by), filename=carrying.filename(), said=said)


class Spool(FileUploadHandler):
    """A file as it comes, on the disk of the practice, without a name: it is sealed, and gone when it was read or the process dies."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.full, self._folder, self._room = False, folder, host.free_bytes(folder) - SPARED
        self._file: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._file = tempfile.TemporaryFile(dir=self._folder)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._file is None or start + len(raw_data) > self._room:
            self.full = True
            raise StopUpload(connection_reset=False)
        self._file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        if self._file is None:
            return None
        self._file.seek(0)
        return UploadedFile(self._file, self.file_name, self.content_type, file_size)

    def upload_interrupted(self) -> None:
        if self._file is not None:
            self._file.close()


@csrf_exempt  # asked below, once the body may be as large as a week: the token is inside it
@require_POST
@screen
def carry_in(request: HttpRequest) -> HttpResponseBase:
    """Read a file: as far as it is whole, and once more changes nothing."""
    spool = Spool(_folder().path / "run")
    request.upload_handlers = [spool]
    return _checked(request, spool)


@decorator_from_middleware(CsrfMiddleware)
def _checked(request: HttpRequest, spool: Spool) -> HttpResponse:
    found = request.FILES.get("file")
    if spool.full:
        return _page(request, NO_ROOM, 422)
    if found is None or not found.size:
        return _page(request, NO_FILE, 422)
    with found:
        id = carrying.Taking(_folder(), by=actor_of(request)).all_of(_chunks(found))
    return go(request, "sync:carried", id)


def _chunks(file: "UploadedFile[Any]") -> Iterator[bytes]:
    while data := file.read(carrying.READ):
        yield data


@screen
def carried(request: HttpRequest, carried: UUID) -> HttpResponse:
    """What one file brought, or what left in it."""
    reader = reader_of(request)
    one = queries.carried_file(carried, reader=reader)
    return render(request, reader, "sync/carried.html", {"page": _of(one)})


def _of(one: queries.File) -> FilePage:
    facts = [("Lu" if not one.out else "Écrit", f"{jinja.moment(one.at)} par {one.who}"),
             ("De" if not one.out else "Pour", one.machine),
             ("Écritures" if one.out else "Nouvelles écritures", number_fr(one.entries)),
             ("Déjà ici", number_fr(one.known) if one.known else ""),
             ("Documents et photos", number_fr(one.files) if one.files else "")]  # fmt: skip
    settle = f"{number_fr(one.to_settle)} à rapprocher" if one.to_settle else ""
    title = "Fichier écrit" if one.out else carrying.WHY[one.why][0] if one.why in carrying.WHY else "Fichier lu"
    return FilePage(title, "", f"{_arrived(one)}.", _tone(one), [fact for fact in facts if fact[1]], _warnings(one), settle,
                    reverse("sync:settling"), reverse("sync:carry"))  # fmt: skip


def _arrived(one: queries.File) -> str:
    """The same below a title that says already what stopped it."""
    stopped = bool(one.why) and not (one.entries or one.aside or one.stuck)
    return "Rien de nouveau n’est arrivé" if stopped else _said(replace(one, why=""))


def _said(one: queries.File) -> str:
    """« 214 écritures reçues, 3 à rapprocher »."""
    if one.out:
        return f"{plural(one.entries, 'écriture')} dans le fichier"
    if not one.entries and not one.why and not one.aside and not one.stuck:
        return "Rien de nouveau, tout était déjà ici"
    parts = [plural(one.entries, "écriture reçue", "écritures reçues")] if one.entries or not one.why else []
    if one.to_settle:
        parts.append(f"{number_fr(one.to_settle)} à rapprocher")
    if one.aside:
        parts.append(f"{plural(one.aside, 'mise', 'mises')} de côté")
    if one.stuck:
        parts.append(plural(one.stuck, "attend ce qui la précède", "attendent ce qui les précède"))
    return ", ".join([carrying.WHY[one.why][0], *parts] if one.why in carrying.WHY else parts)


def _tone(one: queries.File) -> str:
    return "dan" if one.lies else "sys" if one.why or one.aside or one.stuck else "ok"


def _warnings(one: queries.File) -> list[str]:
    """What did not go as one hopes, each with what to do."""
    if one.out:
        return []
    found = [carrying.WHY[one.why][1]] if one.why in carrying.WHY else []
    if one.lies:
        found.append(LIES)
    if one.aside:
        kept = plural(one.aside, "écriture gardée", "écritures gardées")
        found.append(f"{kept} de côté, à vérifier dans «{NBSP}Machines du cabinet{NBSP}»{NBSP}: rien n’en est perdu.")
    if one.stuck:
        found.append(carrying.OLDER)
    if one.absent:
        missing = plural(one.absent, "document ou photo manque", "documents ou photos manquent")
        found.append(f"{missing} encore ici{NBSP}: cela viendra au prochain échange.")
    return found


def _folder() -> Folder:
    port = sealport.current()
    if not isinstance(port, Folder):
        raise Refused(f"Cette machine ne tient pas le dossier du cabinet{NBSP}: aller sur une autre.", code="folder")
    return port
