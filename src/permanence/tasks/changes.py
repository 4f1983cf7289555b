"""What tasks declare to the journal: why a member opens a file, and what open screens hear."""

from datetime import timedelta
from uuid import UUID

from permanence.accounts.permissions import standing_of
from permanence.accounts.rules import owners
from permanence.journal.categories import Category
from permanence.journal.registry import explains, live, withhold
from permanence.lib import clock
from permanence.lib.sqlcipher import run
from permanence.tasks.rules import Code, Status

STILL = timedelta(days=1)  # what was just done still explains that the file is opened again

withhold("tasks.practicetask")  # callers without a file, and words between colleagues
withhold("tasks.practicemessage")
live("tasks.task", "tasks")
live("tasks.practicetask", "tasks")
live("tasks.delivery", "messages")

# One's own and still to be done, or done a moment ago.
_WHY = (
    "SELECT 1 FROM tasks_task WHERE patient_id = ? AND code IN (?, ?) AND (status = ? OR (status = ? AND done_at >= ?))"
    " AND (owner_id IN (?, ?) OR (owner_id IS NULL AND performer_type = ?)) LIMIT 1"
)


def _explained(member: UUID, patient: UUID, codes: tuple[str, str]) -> bool:
    standing = standing_of(member)
    mine = [one.hex for one in owners(standing, Category.TASKS)]
    if not mine:
        return False
    since = str((clock.now() - STILL).replace(tzinfo=None))
    return run("default", _WHY, patient.hex, *codes, str(Status.REQUESTED), str(Status.COMPLETED), since, mine[0], mine[-1],
               str(standing.profession)).fetchone() is not None


@explains("task")
def by_a_task(member: UUID, patient: UUID) -> bool:
    """Something is asked of this member about this patient."""
    return _explained(member, patient, (Code.TASK, Code.TASK))


@explains("call")
def by_a_call(member: UUID, patient: UUID) -> bool:
    """This patient called, and this member is to call back or renew."""
    return _explained(member, patient, (Code.CALL, Code.RENEWAL))
