"""Papers being typed: kept every two seconds; plain rows, both kept when two windows disagree."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import check_write
from permanence.documents import catalogue, rules
from permanence.documents.models import PaperDraft
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.patients.permissions import check_patient

KEPT_AFTER_DISCARD = timedelta(days=7)


@action
def save_draft(
    patient: UUID, *, by: Actor, family: str, payload: Mapping[str, Any], draft: UUID | None = None, version: int = 0
) -> dict[str, Any]:
    """Keep a paper being typed. Returns {"draft": id, "version": n, "conflict": bool}: send both back at the next save.

    A `version` that is not the stored one means that another window saved meanwhile: this text becomes a second draft. But where
    `payload` names the `window` of the last save, that one's answer was lost on the way: the window goes on in its own draft.
    """
    category = catalogue.category_of(family)
    check_write(by, category, new=True)
    patient = check_patient(by, patient, category, own=True)
    if by.member is None:
        raise Refused("Un brouillon a un auteur\u00a0: ouvrez une session.", code="actor")
    text = json.dumps(payload, ensure_ascii=False, sort_keys=True)
    if len(text) > rules.LONGEST_PAPER:
        raise Refused("Ce texte est trop long pour être enregistré\u00a0: coupez-le en deux.", code="too_long")
    found = _own(draft, by)
    if found is not None and found.patient_id == patient and (found.version == version or _same_window(found, payload)):
        found.payload, found.version, found.updated_at = text, found.version + 1, clock.now()
        found.discarded_at = None
        found.save()
        return {"draft": found.id, "version": found.version, "conflict": False}
    if found is not None and found.payload == text:
        return {"draft": found.id, "version": found.version, "conflict": False}
    made = PaperDraft.objects.create(
        author_id=by.member, patient_id=patient, kind=family, payload=text, updated_at=clock.now()
    )
    return {"draft": made.id, "version": 1, "conflict": found is not None}


@action
def discard_draft(draft: UUID, *, by: Actor) -> None:
    """Put one's own draft away; it goes for good after seven days, with the next one that is put away."""
    if by.member is not None:
        PaperDraft.objects.filter(author_id=by.member, discarded_at__lt=clock.now() - KEPT_AFTER_DISCARD).delete()
    if found := _own(draft, by):
        found.discarded_at = clock.now()
        found.save()


def take_draft(draft: UUID | None, version: int | None, *, by: Actor) -> None:
    """The draft that is being signed goes, unless another window has written in it since. Called inside an action."""
    found = _own(draft, by)
    if found is None:
        return
    if version is not None and found.version != version:
        raise Refused("Ce brouillon a changé dans une autre fenêtre\u00a0: relisez-le avant de signer.", code="draft")
    found.delete()


def _same_window(found: PaperDraft, payload: Mapping[str, Any]) -> bool:
    window = payload.get("window")
    return bool(window) and json.loads(found.payload).get("window") == window


def _own(draft: UUID | None, by: Actor) -> PaperDraft | None:
    if draft is None or by.member is None:
        return None
    return PaperDraft.objects.filter(id=draft, author_id=by.member).first()
