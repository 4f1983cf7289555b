"""A full disk: writes are refused in plain words, the reserve keeps reads journalled for a while, then reads stop too."""

from functools import partial
from pathlib import Path

from permanence.journal import writer
from permanence.lib.host import Reserve


def keep_reserve(folder: Path, *, reserve: Reserve | None = None) -> Reserve:
    """Make the folder's reserve and bind both writers to it; call it once the practice is unlocked.

    When access.db cannot grow, the reserve is given back to the disk and its group tried once more. From then on
    practice.db refuses every write (DiskFull), so that what is left serves the access journal alone, until the reserve
    can be made again.
    """
    held = reserve or Reserve(folder)
    held.ensure()
    writer.current("default").guard = partial(_refuse_when_spent, held)
    writer.current("access").when_full = held.spend
    return held


def _refuse_when_spent(reserve: Reserve) -> None:
    if not reserve.intact and not reserve.ensure():
        raise writer.DiskFull
