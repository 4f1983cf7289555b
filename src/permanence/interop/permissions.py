"""Who may move a practice in: a titulaire, who answers for all its files, or the machine that carries out their import.

And what nobody changes here: a line that the main software brought, while it is the main one.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from permanence.accounts.permissions import Facts, can_administer, check_administer, check_write
from permanence.interop.models import Filet
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.lib.sqlcipher import run
from permanence.lib.text import NBSP

WRITTEN = (Category.IDENTITY, Category.NATIONAL_ID, Category.CONTACT, Category.SOCIAL_RIGHTS, Category.ADMINISTRATIVE_TEXT,
           Category.DOCUMENTS)  # fmt: skip


def check_move_in(by: Actor) -> None:
    """Refuse who may not import a folder, decide of its rows, or undo it. Raises Refused."""
    if by.purpose != "import":
        check_administer(by)
    for category in WRITTEN:
        check_write(by, category, new=True)


def can_move_in(by: Actor) -> bool:
    """Whether the screens of moving in are for this person; cheap, for menus."""
    return can_administer(by)


# -- beside another software


@dataclass(frozen=True, slots=True)
class Main:
    """The software that is still the main one, and since when what is written here is to be copied into it."""

    source: str
    since: datetime


def _load_main(_: None) -> Main | None:
    row = Filet.objects.order_by("-at").values_list("mode", "source", "since").first()
    return Main(row[1], row[2]) if row and row[0] == "filet" and row[2] else None


_main: Facts[None, Main | None] = Facts(_load_main)


def main_software() -> Main | None:
    """None when this one is. From memory: pages ask it for each of their rows."""
    return _main.of(None)


def forget_main() -> None:
    """The setting was written."""
    _main.forget()


def check_line(line: UUID, revision: UUID | None) -> None:
    """Refuse to change what the main software brought, as it brought it: the next export would not follow. Raises Refused."""
    main = main_software()
    if main is None or revision is None:
        return
    found = run("default", "SELECT 1 FROM interop_origin o JOIN interop_moved m ON m.object_id = o.import_id AND m.kind = 'import'"
                " JOIN interop_run r ON r.id = m.run_id WHERE o.object_id = ? AND o.revision = ? AND m.patient_id = o.patient_id"
                " AND r.source = ?", line.hex, revision.hex, main.source).fetchone()  # fmt: skip
    if found:
        raise Refused(f"Cette ligne vient de {main.source}, encore le logiciel principal{NBSP}: changez-la là-bas, son prochain export"
                      f" l’apporte. S’il est arrêté, écrivez-le dans une note ou ajoutez une ligne{NBSP}: elles seront à recopier.",
                      code="main")  # fmt: skip
