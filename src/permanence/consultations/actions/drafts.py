"""Drafts: what an author types, kept every two seconds; plain rows, both kept when two windows disagree."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_write
from permanence.consultations import rules
from permanence.consultations.models import Draft
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.patients.permissions import check_patient, load_files

KEPT_AFTER_DISCARD = timedelta(days=7)


@action
def save_draft(
    patient: UUID, *, by: Actor, payload: Mapping[str, Any], draft: UUID | None = None, version: int = 0, kind: str = "note"
) -> dict[str, Any]:
    """Keep what is being typed. Returns {"draft": id, "version": n, "conflict": bool}: send both back at the next save.

    A `version` that is not the stored one means that another window saved meanwhile: this text becomes a second draft. But where
    `payload` names the `window` of the last save, that one's answer was lost on the way: the window goes on in its own draft.
    """
    check_write(by, Category.NOTES, new=True)
    patient = check_patient(by, patient, Category.NOTES, own=True)
    if by.member is None:
        raise Refused("Un brouillon a un auteur\u00a0: ouvrez une session.", code="actor")
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    if len(text) > rules.LONGEST_NOTE:
        raise Refused("Cette note est trop longue pour être enregistrée\u00a0: coupez-la en deux.", code="too_long")
    found = _own(draft, by) if draft else None
    if found is not None and found.patient_id == patient and (found.version == version or _same_window(found, payload)):
        found.payload, found.version, found.updated_at = text, found.version + 1, clock.now()
        found.discarded_at = None
        found.save()
        return {"draft": found.id, "version": found.version, "conflict": False}
    if found is not None and found.payload == text:
        return {"draft": found.id, "version": found.version, "conflict": False}
    made = Draft.objects.create(author_id=by.member, patient_id=patient, kind=kind, payload=text, updated_at=clock.now())
    return {"draft": made.id, "version": 1, "conflict": found is not None}


@action
def append_to_draft(patient: UUID, *, by: Actor, line: str) -> UUID:
    """Add a line to one's newest draft about a patient, or begin one with it. Returns the draft; Refused as `save_draft`."""
    check_write(by, Category.NOTES, new=True)
    patient = check_patient(by, patient, Category.NOTES, own=True)
    if by.member is None:
        raise Refused("Un brouillon a un auteur\u00a0: ouvrez une session.", code="actor")
    family = load_files([patient])[patient].family
    mine = Draft.objects.filter(author_id=by.member, patient_id__in=family, discarded_at=None)
    found: Draft | None = mine.order_by("-updated_at").first()
    payload = json.loads(found.payload) if found else {"kind": "consultation"}
    place = "objective" if payload.get("mode") == "soap" else "text"
    payload.pop("window", None)  # written from elsewhere: the window that has it open must not save over this line
    payload[place] = f"{payload.get(place, '').rstrip()}\n{line}".lstrip("\n")
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    if found is None:
        return Draft.objects.create(author_id=by.member, patient_id=patient, payload=text, updated_at=clock.now()).id
    found.payload, found.version, found.updated_at = text, found.version + 1, clock.now()
    found.save()
    return found.id


@action
def merge_drafts(draft: UUID, *, by: Actor, gone: UUID, payload: Mapping[str, Any], versions: tuple[int, int]) -> None:
    """Keep in `draft` what its author made of two of them, and put the other away (seven days, as a discarded one).

    `versions`: those that were shown, of `draft` and of `gone`. Raises Refused when one has changed since.
    """
    check_write(by, Category.NOTES, new=True)
    kept, other = _own(draft, by), _own(gone, by)
    if kept is None or other is None or kept.id == other.id:
        raise Refused("Ce brouillon n’existe plus\u00a0: revenez à la note.", code="unknown")
    if other.patient_id not in load_files([kept.patient_id])[kept.patient_id].family:
        raise Refused("Ces brouillons ne sont pas du même dossier\u00a0: revenez à la note.", code="invalid")
    if (kept.version, other.version) != tuple(versions):
        raise Refused("Un des textes a changé entre-temps\u00a0: comparez-les de nouveau.", code="draft")
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    if len(text) > rules.LONGEST_NOTE:
        raise Refused("Réunis, ces textes sont trop longs\u00a0: n’en gardez qu’un.", code="too_long")
    kept.payload, kept.version, kept.updated_at, kept.discarded_at = text, kept.version + 1, clock.now(), None
    kept.save()
    other.discarded_at = clock.now()
    other.save()


@action
def discard_draft(draft: UUID, *, by: Actor) -> None:
    """Put one's own draft away; `restore_draft` brings it back for seven days, then it goes with the next discarded one."""
    check_write(by, Category.NOTES, new=True)
    if by.member is not None:
        Draft.objects.filter(author_id=by.member, discarded_at__lt=clock.now() - KEPT_AFTER_DISCARD).delete()
    if found := _own(draft, by):
        found.discarded_at = clock.now()
        found.save()


@action
def restore_draft(draft: UUID, *, by: Actor) -> None:
    """Bring back one's own discarded draft. Raises Refused when it is gone."""
    check_write(by, Category.NOTES, new=True)
    found = _own(draft, by)
    if found is None:
        raise Refused("Ce brouillon n’existe plus.", code="unknown")
    found.discarded_at = None
    found.save()


def _same_window(found: Draft, payload: Mapping[str, Any]) -> bool:
    window = payload.get("window")
    return bool(window) and json.loads(found.payload).get("window") == window


def _own(draft: UUID, by: Actor) -> Draft | None:
    return Draft.objects.filter(id=draft, author_id=by.member).first() if by.member else None


def take_draft(draft: UUID | None, version: int | None, *, by: Actor) -> None:
    """The draft that is being signed goes, unless another window has written in it since. Raises Refused."""
    found = _own(draft, by) if draft else None
    if found is None:
        return
    if version is not None and found.version != version:
        raise Refused("Ce brouillon a changé dans une autre fenêtre\u00a0: relisez-le avant de signer.", code="draft")
    found.delete()
