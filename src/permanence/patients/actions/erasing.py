"""Erasing a person's files for ever (GDPR article 17; CSP R.1112-7 says when care data may be): all of them, and a receipt."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from permanence.accounts.permissions import PARIS, check_administer, standing_of
from permanence.journal import actions as journal
from permanence.journal import rotation
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import collapse
from permanence.patients.models import Patient
from permanence.patients.permissions import SENTENCES, load_files

SHORTEST_REASON = 10  # characters


@dataclass(frozen=True, slots=True)
class Erased:
    """The receipt. `copies_until`: the day from which no copy of this practice holds the key any more, if a copy is made
    each night; other replicas, and copies that somebody put elsewhere, are not known here.
    """

    files: tuple[UUID, ...]
    at_ms: int
    copies_until: date


def erase(patient: UUID, *, reason: str, by: Actor) -> Erased:
    """Destroy the keys of all the files of one person. A titulaire decides; the route has asked a fresh touch.

    Refused `titulaire`, `unknown`, `reason`, `controller` (another member is answerable for the file).
    """
    found = record_erasure(patient, reason=reason, by=by)
    at = clock.now().astimezone(PARIS)
    return Erased(tuple(found["files"]), found["at"], rotation.last_gone(at))


@action
def record_erasure(patient: UUID, *, reason: str, by: Actor) -> Mapping[str, Any]:
    """The action of `erase`, which adds the receipt's date. Not for a machine: a person answers for it."""
    check_administer(by)
    if by.member is None:
        raise Refused("Un dossier est effacé par un titulaire, depuis sa session.", code="titulaire")
    if len(reason := collapse(reason)) < SHORTEST_REASON:
        raise Refused("Écrivez pourquoi ce dossier est effacé, sans nommer le patient\u00a0: demande écrite et sa date, "
                      "doublon d’essai…", code="reason")
    file = load_files([patient])[patient]
    if not file.exists:
        raise Refused(SENTENCES["unknown"], code="unknown")
    _check_controllers(file.family, by)
    for one in file.family:
        journal.erase(one, reason=reason, by=by)
    return {"files": list(file.family), "at": clock.ms()}


def _check_controllers(family: tuple[UUID, ...], by: Actor) -> None:
    """Who is answerable for a file decides of its erasure (GDPR article 4(7)); a titulaire for the practice's own files."""
    controllers = Patient.objects.filter(id__in=family, controller_is_practice=False, controller_id__isnull=False)
    for controller in controllers.values_list("controller_id", flat=True):
        if controller != by.member and standing_of(controller).active:
            raise Refused("Un autre praticien répond de ce dossier\u00a0: c’est à lui de décider de l’effacer.",
                          code="controller")
