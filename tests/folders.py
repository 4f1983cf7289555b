"""A practice's folder, made once in a process and copied for each test: its tables take seconds to make, a copy none."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from permanence.journal import folder, keyring

SECRET = bytes(range(20))  # of the recovery sheet


def place() -> Path:
    """A folder for what is made once in this process; it goes with it."""
    made = Path(tempfile.mkdtemp(prefix="cabinet-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def _template() -> Path:
    kept = place() / "cabinet"
    with folder.create(kept, hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        here.replace_sheet(SECRET)
    return kept


def closed(path: Path) -> Path:
    """A new practice that opens with SECRET; nobody has worked in it."""
    shutil.copytree(_template(), path)
    return path


def fresh(path: Path) -> folder.Folder:
    """The same, open."""
    here = folder.open_folder(closed(path))
    here.unlock_with(keyring.sheet_slot(SECRET, here.record().practice)[1])
    return here
