"""Whose the slots are, and which may open no more. The seal record follows what is decided here: see `accounts.unlocking`."""

from collections.abc import Iterable
from uuid import UUID

from permanence.accounts.models import Passkey, UnlockSlot, UnlockSlotUse
from permanence.accounts.permissions import check_member, check_slots
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.keyring import SheetKeys
from permanence.journal.seal import KINDS, Seal
from permanence.journal.writer import action
from permanence.lib import clock


@action
def record_slot(slot: UUID, *, kind: str, passkey: UUID | None = None, sheet: SheetKeys | None = None, by: Actor) -> None:
    """Before the seal record gets a slot: whose it is. A titulaire's own passkey; a sheet, with its keys, or a machine at the console.

    Refused `titulaire`, `slot`.
    """
    check_slots(by)
    if kind not in KINDS or (kind == "passkey") != (passkey is not None):
        raise Refused("Cette façon d’ouvrir n’est pas connue\u00a0: choisissez une clé, une feuille ou la machine.", code="slot")
    if passkey is not None and (by.member is None or not Passkey.objects.filter(
            id=passkey, member_id=by.member, revoked_at=None).exists()):
        raise Refused("Cette clé n’est pas à vous ou n’est plus en service\u00a0: touchez l’une de vos clés.", code="slot")
    keys = {"box_key": sheet.box, "speaks_key": sheet.speaks, "vouches_key": sheet.vouches} if sheet else {}
    UnlockSlot(id=slot, kind=kind, passkey_id=passkey, added_at=clock.now(), added_by_id=by.member, **keys).save()


@action
def remove_slots(slots: list[UUID], *, by: Actor) -> None:
    """These open nothing any more; a new epoch follows. Refused `titulaire`, `last_slot`."""
    check_slots(by)
    known = set(UnlockSlot.objects.filter(id__in=slots).values_list("id", flat=True))
    for slot in set(slots) - known:  # of before the accounts knew whose slots are
        UnlockSlot(id=slot).save()
    withdraw(UnlockSlot.objects.filter(id__in=slots, removed_at=None), by)


@action
def slot_opened(*, slot: UUID | None = None, passkey: UUID | None = None, by: Actor) -> None:
    """The practice was opened by this slot, or by the slot of this passkey. Counted on this replica."""
    check_member(by)
    if slot is None and passkey is not None:
        slot = UnlockSlot.objects.filter(passkey_id=passkey, removed_at=None).values_list("id", flat=True).first()
    if slot is None:
        return
    use = UnlockSlotUse.objects.filter(slot_id=slot).first() or UnlockSlotUse(slot_id=slot)
    use.opened, use.last_opened_at = use.opened + 1, clock.now()
    use.save()


# -- inside actions


def withdraw_of(passkeys: Iterable[UUID], by: Actor) -> None:
    """Inside an action: what these passkeys opened, they open no more."""
    withdraw(UnlockSlot.objects.filter(passkey_id__in=list(passkeys), removed_at=None), by)


def withdraw(found: Iterable[UnlockSlot], by: Actor) -> None:
    """Inside an action: mark slots removed. Refused `last_slot`: nothing else could open the practice."""
    ending = list(found)
    if ending and not _others({slot.id for slot in ending}):
        raise Refused("C’est la dernière façon d’ouvrir le cabinet\u00a0: donnez d’abord cette permission à une autre clé, ou "
                      "imprimez une feuille de secours.", code="last_slot")
    for slot in ending:
        slot.removed_at, slot.removed_by_id = clock.now(), by.member
        slot.save()


def _others(ending: set[UUID]) -> set[UUID]:
    """The slots that would remain: of the seal record; of the table where there is no folder (tests)."""
    folder = vault.current().folder
    removed = set(UnlockSlot.objects.filter(removed_at__isnull=False).values_list("id", flat=True))
    there = (set(UnlockSlot.objects.values_list("id", flat=True)) if folder is None
             else {UUID(bytes=slot.id) for slot in Seal.load(folder / "seal").slots})
    return there - removed - ending
