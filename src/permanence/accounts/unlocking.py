"""Between the accounts, which know whose each slot is, and the seal record, which names nobody: the record follows.

What the database says comes first, in one transaction with a departure or a revocation; the record follows at once after COMMIT,
and at the latest at the next unlocking (ADR 21). A new root then follows by who tells the practice's machines of it (ADR 44).
"""

import logging
from functools import partial
from typing import Protocol
from uuid import UUID, uuid4

from permanence.accounts.actions import slots
from permanence.accounts.models import UnlockSlot
from permanence.journal import folder as folders
from permanence.journal import keyring
from permanence.journal.doors import Actor
from permanence.journal.folder import Folder
from permanence.journal.seal import Seal

log = logging.getLogger(__name__)
_open: Folder | None = None


class Sealed(Protocol):
    """What adding a slot needs of a folder."""

    def record(self) -> Seal: ...

    def add_slot(self, public: bytes, kind: str, *, id: bytes | None = None) -> bytes: ...


def let_open(folder: Sealed, public: bytes, kind: str, *, passkey: UUID | None = None, sheet: keyring.SheetKeys | None = None,
             by: Actor) -> UUID:
    """One more recipient who can open this replica; its slot. Recorded first: a slot of nobody could not be taken away.

    Raises ValueError for a key that is none, or has a slot already; Refused as `record_slot`.
    """
    if len(public) != 32 or any(slot.public == public for slot in folder.record().slots):
        raise ValueError("not a new recipient")
    slot = uuid4()
    slots.record_slot(slot, kind=kind, passkey=passkey, sheet=sheet, by=by)
    try:
        folder.add_slot(public, kind, id=slot.bytes)
    except ValueError:
        if all(one.id != slot.bytes for one in folder.record().slots):  # else the record followed already what the accounts say
            raise
    return slot


def replace_sheet(folder: Folder, secret: bytes, *, by: Actor) -> None:
    """Make this the practice's one recovery sheet, once it was re-typed: earlier sheets go, with a new epoch."""
    former = [UUID(bytes=slot.id) for slot in folder.record().slots if slot.kind == "sheet"]
    keys = keyring.sheet_keys(secret, folder.record().practice)
    let_open(folder, keys.box, "sheet", sheet=keys, by=by)
    if former:
        slots.remove_slots(former, by=by)


def opened(folder: Folder) -> None:
    """At each unlocking: count the slot, and let the record follow what a power cut kept it from."""
    global _open
    _open = folder
    try:
        if folder.opened_by is not None:
            slots.slot_opened(slot=UUID(bytes=folder.opened_by), by=Actor.machine("sign_in"))
    except Exception:
        log.exception("the opening could not be counted")
    follow()


def closed() -> None:
    """At seal."""
    global _open
    _open = None


def _without(seal: Seal, keys: folders.Keys, *, gone: set[UUID]) -> None:
    for slot in gone:
        seal.remove_slot(slot.bytes, keys.root)


def _add_sheets(folder: Folder) -> None:
    """A sheet made on another machine opens this one too, before the one that it replaces goes."""
    known = {UUID(bytes=slot.id) for slot in folder.record().slots}
    public = {slot.public for slot in folder.record().slots}
    for id, key in UnlockSlot.objects.filter(kind="sheet", removed_at=None, box_key__isnull=False).values_list("id", "box_key"):
        if id not in known and bytes(key) not in public and len(key) == 32:
            folder.add_slot(bytes(key), "sheet", id=id.bytes)


def follow() -> None:
    """Take out of the seal record what the accounts no longer let open the practice. Never raises: it will be tried again."""
    folder = _open
    if folder is None or folder.sealed:
        return
    try:
        _add_sheets(folder)
        there = {UUID(bytes=slot.id) for slot in folder.record().slots}
        gone = set(UnlockSlot.objects.filter(id__in=there, removed_at__isnull=False).values_list("id", flat=True))
        if gone and gone != there:
            folder.change_seal(partial(_without, gone=gone))
        elif gone:
            log.error("the last slot stays: nothing else could open the practice", extra={"kind": "slots.last"})
            return
        for draw in folders.after_slots:
            draw(folder)
    except Exception:
        log.exception("the seal record does not follow yet")
