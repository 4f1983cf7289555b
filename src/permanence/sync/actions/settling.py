"""Settling what two machines wrote without hearing each other: one value is kept, and the entry names every value it saw."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import transaction

from permanence.journal import chain, conflicts, fold
from permanence.journal.doors import Actor, Refused
from permanence.journal.writer import action
from permanence.lib import clock
from permanence.lib.text import NBSP, collapse, plain
from permanence.patients import rules as patients
from permanence.patients.actions.common import AMENDABLE, clean, phone
from permanence.sync import permissions
from permanence.sync.kinds import KINDS, LINE, Kind, Part
from permanence.sync.queries import questions as shown
from permanence.sync.queries.counting import REMOVAL, REREAD, forget, of

CHANGED = f"Ceci a changé depuis que la page est affichée{NBSP}: la relire, puis choisir."
Seen = dict[str, set[bytes]]


@action
def settle(object: UUID, *, part: str, choice: str, seen: Sequence[str], text: str = "", by: Actor) -> None:
    """Keep one version of a part. `choice`: an entry's hash, "typed" with `text`, or for REMOVAL "keep" or "remove", for REREAD "ok".

    `seen`: `field:hash` of every value that the form showed; what it did not show stays in question. Raises Refused.
    """
    name, kind, row, state = _found(object)
    one = of(object, name, tuple(conflicts.fields(state)))
    if one is None or part not in one.asked:
        raise Refused(CHANGED, code="conflict")
    asked = kind.part_of(part)
    permissions.check_part(by, row, name, asked or kind.parts[0])
    named = _named(seen, state, _fields(name, kind, asked))
    if part == REMOVAL:
        _settle_removal(row, choice, named)
    elif part == REREAD:
        _check(choice == shown.DONE and len(named.get("revision", ())) > 1)
    elif asked is not None:
        _settle_part(name, row, asked, state, choice, text, named, by)
    _touch(row, kind, named, by)
    row.save(seen={field: sorted(hashes) for field, hashes in named.items()})
    forget()
    transaction.on_commit(forget, robust=True)


def _found(object: UUID) -> tuple[str, Kind, Any, fold.State]:
    name = next((kind for id, kind, _ in conflicts.objects() if id == object), "")
    row = apps.get_model(name).objects.filter(id=object).first() if shown.known_kind(name) else None
    if row is None:
        raise Refused(CHANGED, code="conflict")
    return name, KINDS[name], row, chain.load_state(object.bytes, name)


def _fields(name: str, kind: Kind, part: Part | None) -> frozenset[str]:
    """What a form about this part may settle."""
    own = (*part.all, *shown.EXTRA.get((name, part.name), ()), *shown.bookkeeping(kind)) if part else ()
    return frozenset((*own, *(LINE if kind.line else ())))


def _named(seen: Sequence[str], state: fold.State, fields: frozenset[str]) -> Seen:
    """Per field, the entries that the form showed. Refuses one that is not of this object, of this part, or that stands no more."""
    named: Seen = {}
    for one in seen:
        field, _, written = one.partition(":")
        try:
            entry = bytes.fromhex(written)
        except ValueError:
            raise Refused(CHANGED, code="conflict") from None
        _check(field in fields and field in state and entry in state[field].live)
        named.setdefault(field, set()).add(entry)
    return named


def _check(holds: bool) -> None:
    if not holds:
        raise Refused(CHANGED, code="conflict")


def _settle_removal(row: Any, choice: str, named: Seen) -> None:
    """Drawing a new revision is the edit that beats the removal; removing it again names that very revision."""
    _check(choice in (shown.KEEP, shown.REMOVE) and bool(named.get("removed_revision")) and bool(named.get("revision")))
    row.revision = uuid4()
    row.removed_revision = row.revision if choice == shown.REMOVE else None


def _settle_part(name: str, row: Any, part: Part, state: fold.State, choice: str, text: str, named: Seen, by: Actor) -> None:
    _check(all(len(named.get(field, ())) > 1 for field in part.fields if field in conflicts.fields(state)))
    among = [shown.version_of(row, part, state, entry) for entry in shown.in_question(part, state)]
    values = _typed(name, row, part, text, by) if choice == shown.TYPED else _chosen(row, part, state, choice, named)
    permissions.check_value(by, row, part, values, among)
    for field, value in values.items():
        setattr(row, field, value)
    if name == "patients.patient" and patients.STRICT_TRAITS & set(part.fields):
        _identity_again(row, [field for field in part.fields if field in conflicts.fields(state)])
    if name == "patients.patient" and part.name == "identity_status" and row.identity_status == patients.PROVISIONAL:
        row.identity_proof, row.identity_checked_on = "", None


def _chosen(row: Any, part: Part, state: fold.State, choice: str, named: Seen) -> Mapping[str, Any]:
    try:
        entry = bytes.fromhex(choice)
    except ValueError:
        raise Refused(CHANGED, code="conflict") from None
    _check(any(entry in named.get(field, ()) for field in part.fields))
    return shown.version_of(row, part, state, entry)


def _typed(name: str, row: Any, part: Part, text: str, by: Actor) -> Mapping[str, Any]:
    """Another value, made clean as its own form would."""
    field = row._meta.get_field(part.name)
    kept = collapse(text) if field.max_length else plain(text).strip()
    if not part.typed or not kept:
        raise Refused(f"Rien n’est écrit{NBSP}: choisir une des valeurs, ou en écrire une autre.", code="invalid")
    if field.max_length and len(kept) > field.max_length:
        raise Refused(f"{field.max_length} caractères au plus{NBSP}: raccourcir.", code="invalid")
    if name == "patients.patient" and part.name in AMENDABLE:
        return {part.name: clean({part.name: kept}, by=by)[part.name]}
    return {part.name: phone(kept) if part.name == "phone" else kept}


def _identity_again(row: Any, changed: Sequence[str]) -> None:
    """A trait chosen between two is as good as typed: the INS goes, and a document is to be looked at again (RNIV)."""
    row.identity_status = patients.status_after_amendment(row.identity_status, changed, proof="")
    if patients.STRICT_TRAITS & set(changed):
        row.identity_proof, row.identity_checked_on, row.ins, row.ins_oid = "", None, "", ""


def _touch(row: Any, kind: Kind, named: Seen, by: Actor) -> None:
    """Settling is an edit: a removal that had not seen it removes nothing."""
    names = {field.attname for field in row._meta.concrete_fields}
    if kind.line and row.removed_revision != row.revision:
        row.revision = uuid4()
    if "changed_at" in names:
        row.changed_at, row.changed_by_id = clock.now(), by.member
