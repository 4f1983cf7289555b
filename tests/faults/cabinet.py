"""A practice's folder for faults: made, opened by its sheet, worked in, looked at from outside, lent to other processes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from permanence.journal import access, folder, gates, keyring
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Reader
from permanence.lib import host
from permanence.lib.sqlcipher import run
from tests import folders

ROOT = Path(__file__).resolve().parents[2]
SECRET = folders.SECRET
BY = Actor(UUID(int=1), session=UUID(int=2), post=UUID(int=3))
FILES = {"default": "practice.db", "access": "access.db"}


def small_reserve(size: int = 8192) -> None:
    """In a process of its own: the reserve is not what is tried here, and 64 MB for each state would be."""
    host.Reserve.__init__.__defaults__ = (size,)


def make(path: Path) -> Path:
    """A new practice, closed, that opens with SECRET."""
    with folder.create(path, hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        here.replace_sheet(SECRET)
    return path


@contextmanager
def opened(path: Path, secret: bytes = SECRET) -> Iterator[folder.Folder]:
    """The practice open, as it is after somebody's morning gesture."""
    with folder.open_folder(path) as here:
        here.unlock_with(keyring.sheet_slot(secret, here.record().practice)[1])
        yield here


def read_one(patient: UUID | None = None, *, reason: str = "") -> UUID:
    """One reading of one file, journalled before it returns. Raises NotJournalled."""
    reader, patient = Reader(BY, [gates.Open()], reason=reason), patient or uuid4()
    reader.admit([patient], [Category.IDENTITY])
    access.submit(reader.close()).wait()
    return patient


def entries(alias: str, after: int = 0) -> list[tuple[int, bytes]]:
    """Row number and hash of the entries of a file, in the order of their writing."""
    found = run(alias, "SELECT id, hash FROM journal_entry WHERE id > ? ORDER BY id", after).fetchall()
    return list(found)


def hashes(path: Path, *, but: Sequence[str] = ("run/", "logs/", "reserve")) -> dict[str, str]:
    """Every file of the folder by the hash of its bytes, but what a process keeps for itself."""
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(path.rglob("*")) if file.is_file()
            and not (name := file.relative_to(path).as_posix()).startswith(tuple(but))}


# -- other processes


def environment(**more: str) -> dict[str, str]:
    """What a process needs to find the program and these tests, and no door out."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV")}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings", **more}


def command(module: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]


def finished(module: str, *arguments: object, timeout: float = 120, code: int = 0, **more: str) -> str:
    """Run a module to its end in its own process; its standard output. AssertionError shows what it wrote on failure."""
    done: Any = subprocess.run(command(module, *arguments), env=environment(**more), cwd=ROOT, capture_output=True,
                               text=True, timeout=timeout, check=False)
    assert done.returncode == code, f"{module}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
    return str(done.stdout)
