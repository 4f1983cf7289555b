"""How a write can fail without being the action's own fault: what each says of what is on disk."""

import errno

from permanence.journal.doors import Refused
from permanence.lib.sqlcipher import Sealed

FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")


class NotStarted(Refused):
    """The writer was busy for too long: the action did not run and never will. Safe to try again."""

    def __init__(self) -> None:
        super().__init__("Le cabinet est occupé et rien n’a été enregistré\u00a0: recommencez dans un instant.",
                         code="busy")


class OutcomeUnknown(Refused):
    """The action was running when the wait ended: it may yet commit. A repeat with the same one-use id settles it."""

    def __init__(self) -> None:
        super().__init__("L’enregistrement est peut-être fait\u00a0: renvoyez le même formulaire, "
                         "il ne sera pas doublé.",
                         code="outcome_unknown")


class GroupLost(Exception):
    """The group could not be committed: nothing of it exists. Its cause is chained."""


class DiskFull(Refused, GroupLost):
    """The disk is full: nothing was written."""

    def __init__(self) -> None:
        super().__init__("Le disque est plein\u00a0: rien n’a été enregistré. Libérez de la place sur le disque "
                         "du cabinet, puis recommencez\u202f; en attendant, notez sur papier.", code="disk_full")


class WriterStopped(Exception):
    """No writer: nothing can be written."""


def is_full(error: BaseException | None) -> bool:
    """Whether a full disk (or quota) is at the root of this error."""
    while error is not None:
        if isinstance(error, DiskFull) or getattr(error, "sqlite_errorname", "") in FULL:
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def lost(cause: BaseException) -> BaseException:
    if isinstance(cause, Sealed):
        return Sealed(*cause.args)
    error: BaseException = DiskFull() if is_full(cause) else GroupLost("nothing was written")
    error.__cause__ = cause
    return error
