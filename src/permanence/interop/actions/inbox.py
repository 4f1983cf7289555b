"""Where an import comes from: a folder of the practice's machine, or one uploaded table. Files are read, never written or moved."""

import datetime
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from permanence.journal import vault
from permanence.journal.doors import Refused
from permanence.lib import host

MOST_FILES = 200_000
MOST_TABLE = 64 * 1024 * 1024  # bytes of one table
TABLES = frozenset({".csv", ".tsv", ".txt"})
MIMES = {
    ".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".tif": "image/tiff",
    ".tiff": "image/tiff", ".rtf": "application/rtf", ".doc": "application/msword", ".odt": "application/vnd.oasis.opendocument.text",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
LABORATORY = "11502-2"  # LOINC: laboratory report
_SKIPPED = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `name` is its path under the folder, with `/`; `read` gives at most the bytes asked for."""

    name: str
    size: int
    modified: datetime.date | None
    read: Callable[[int], bytes]
    stamp: int = 0  # of its last change, in nanoseconds

    @property
    def ending(self) -> str:
        return os.path.splitext(self.name)[1].casefold()


@dataclass(frozen=True, slots=True)
class Inbox:
    """What there is to import. `place` is what the report calls it."""

    place: str
    entries: tuple[Entry, ...]
    type: str = ""  # LOINC code of all its documents, when they are of one type


def of_upload(name: str, data: bytes) -> Inbox:
    """One table held in memory."""
    kept = os.path.basename(name.replace("\\", "/"))[:200] or "fichier.csv"
    return Inbox(kept, (Entry(kept, len(data), None, lambda most: data[:most]),))


def of_laboratory(path: Path) -> Inbox:
    """The reports of a laboratory's folder: its documents, no table. Raises Refused as `of_folder`."""
    whole = of_folder(path)
    return Inbox(whole.place, tuple(one for one in whole.entries if one.ending in MIMES), LABORATORY)


def of_folder(path: Path) -> Inbox:
    """A folder and all below it, in a fixed order; links are not followed, hidden files are left. Raises Refused."""
    if not path.is_absolute() or not path.is_dir():
        raise Refused("Ce dossier n’existe pas sur la machine du cabinet\u00a0: indiquez son chemin complet, par exemple "
                      "/home/cabinet/export.", code="folder")  # fmt: skip
    whole, own = path.resolve(), vault.current().folder
    if own is not None and (whole == own.resolve() or own.resolve() in whole.parents or whole in own.resolve().parents):
        raise Refused("Ce dossier contient celui du cabinet, ou en fait partie\u00a0: mettez l’export dans un dossier à part.",
                      code="folder")  # fmt: skip
    found: list[Entry] = []
    try:
        for top, folders, names in os.walk(whole, onerror=_raise):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(names):
                if (entry := _entry(whole, Path(top) / name)) is not None:
                    found.append(entry)
            if len(found) > MOST_FILES:
                raise Refused(f"Plus de {MOST_FILES} fichiers\u00a0: importez l’export en plusieurs dossiers.", code="too_many")
    except OSError as wrong:
        raise Refused(f"Ce dossier ne se lit pas ({wrong.strerror})\u00a0: vérifiez les droits du compte qui fait tourner "
                      "Permanence.", code="folder") from None  # fmt: skip
    return Inbox(str(path), tuple(found))


def _raise(error: OSError) -> None:
    raise error


def _entry(root: Path, path: Path) -> Entry | None:
    if path.name.startswith((".", "~$")) or path.name.casefold() in _SKIPPED or path.is_symlink() or not path.is_file():
        return None
    about = path.stat()

    def read(most: int) -> bytes:
        return host.read_plain(path, most)

    name = os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", errors="replace")
    return Entry(name, about.st_size, datetime.date.fromtimestamp(about.st_mtime), read, about.st_mtime_ns)
