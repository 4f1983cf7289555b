"""Who catches up what was written on paper: the desk and who cares, as for any document that is filed."""

from permanence.accounts.permissions import check_write
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused

NOT_YOURS = "Les fiches papier se ressaisissent au secrétariat ou par un soignant\u00a0: les leur remettre."


def check_catch_up(by: Actor) -> None:
    """Who files documents and writes everybody's appointments: a form names nobody until it is filed. Raises Refused."""
    try:
        check_write(by, Category.DOCUMENTS, new=True)
        check_write(by, Category.APPOINTMENTS)
    except Refused as refused:
        if refused.code != "right":
            raise
        raise Refused(NOT_YOURS, code="right") from None


def can_catch_up(by: Actor) -> bool:
    """Whether `check_catch_up` would pass, for links and buttons."""
    try:
        check_catch_up(by)
    except Refused:
        return False
    return True
