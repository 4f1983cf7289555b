"""Beside another software: whether it is still the main one, where its exports are watched, and what was copied into it."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

from permanence.accounts.permissions import check_administer, check_write
from permanence.agenda import actions as agenda
from permanence.consultations import actions as clinical
from permanence.documents import actions as documents
from permanence.interop.actions.inbox import of_folder
from permanence.interop.models import Copied, Filet
from permanence.interop.queries.beside import copy_id
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.journal.written import Head
from permanence.lib import clock
from permanence.lib.text import collapse
from permanence.patients import actions as patients
from permanence.prescriptions import actions as prescriptions

SHORTEST, LONGEST = 15, 1440  # minutes between two looks at the folder
_CHECKS = (patients.check_copying, clinical.check_copying, prescriptions.check_copying, documents.check_copying, agenda.check_copying)


def watch_beside(*, by: Actor, source: str, folder: str, minutes: int, laboratory: str = "") -> None:
    """Put another software first: what it exports in `folder`, and the reports in `laboratory`, come by themselves; either may be empty.

    Raises Refused: one of them is no folder of this machine, or one lies in the other (its files would come twice).
    """
    check_administer(by)
    folders = [Path(one) for one in (folder.strip(), laboratory.strip()) if one]
    for one in folders:
        of_folder(one)
    resolved = [one.resolve() for one in folders]
    if len(resolved) == 2 and (resolved[0] == resolved[1] or resolved[0] in resolved[1].parents or resolved[1] in resolved[0].parents):
        raise Refused("Le dossier du laboratoire et celui des exports se contiennent\u00a0: choisissez-en deux à part.", code="folder")
    set_beside(by=by, source=source, folder=folder, minutes=minutes, laboratory=laboratory)


@action
def set_beside(*, by: Actor, source: str, folder: str, minutes: int, laboratory: str) -> None:
    """Journal the setting. Its beginning stays when it is only changed."""
    check_administer(by)
    check_write(by, Category.PROFESSIONAL)
    if not collapse(source):
        raise Refused("Nommez l’autre logiciel\u00a0: c’est sous ce nom que ses exports sont reconnus.", code="invalid")
    if not SHORTEST <= minutes <= LONGEST:
        raise Refused(f"Le dossier se regarde toutes les {SHORTEST} à {LONGEST} minutes.", code="invalid")
    found = newest()
    if found is None or found.mode != "filet":
        Filet.objects.create(source=collapse(source), folder=folder.strip(), laboratory=laboratory.strip(), minutes=minutes,
                             since=clock.now(), by_id=by.member, at=clock.now())  # fmt: skip
        return
    found.source, found.folder, found.minutes, found.by_id = collapse(source), folder.strip(), minutes, by.member
    found.laboratory = laboratory.strip()
    found.save()


@action
def become_main(*, by: Actor) -> None:
    """From now on this is the main software: nothing is watched any more, nothing more is to be copied. Raises Refused."""
    check_administer(by)
    check_write(by, Category.PROFESSIONAL)
    found = newest()
    if found is None or found.mode != "filet":
        raise Refused("Permanence est déjà le logiciel principal.", code="main")
    found.mode, found.until, found.by_id = "main", clock.now(), by.member
    found.save()


def newest() -> Filet | None:
    """The setting in force; None when no other software was ever named."""
    found: Filet | None = Filet.objects.order_by("-at").first()
    return found


@action
def tick_copied(kind: str, object: UUID, *, by: Actor, done: bool = True, seen: str = "") -> None:
    """Say that one thing written here was copied into the main software, or that it was not. `seen`: when it was last written as
    the person saw it; what was written again since is not what they copied. Raises Refused."""
    setting = newest()
    head = _head(kind, object, setting.since, by) if setting is not None and setting.since is not None else None
    if head is None:
        raise Refused("Cet élément est introuvable\u00a0: actualisez la page.", code="unknown")
    if done and seen and seen != head.at.isoformat():
        raise Refused("Cet élément a été modifié entre-temps\u00a0: actualisez la page, et recopiez ce qui a changé.", code="changed")
    id, now = copy_id(kind, object), clock.now()
    found = Copied.objects.filter(id=id).first()
    if found is None:
        if done:
            Copied.objects.create(id=id, patient_id=head.ask.patient, kind=kind, object_id=object, by_id=by.member, at=now)
        return
    found.undone, found.by_id, found.at = not done, by.member, now
    found.save()


def _head(kind: str, object: UUID, since: datetime, by: Actor) -> Head | None:
    """What one of the rooms knows by this name, if `by` may say of it that it was copied."""
    for check in _CHECKS:
        if (found := check(kind, object, since, by=by)) is not None:
            return found
    return None


def due(last: datetime | None, minutes: int) -> bool:
    """Whether the watched folder is to be looked at again."""
    return last is None or (clock.now() - last).total_seconds() >= minutes * 60
