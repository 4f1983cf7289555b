"""Whose file an entry that was put aside is about, and what the gates are asked before that person is named beside it."""

from collections.abc import Iterable
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.journal import chain, wire
from permanence.journal.categories import Category, Scope
from permanence.journal.doors import Ask
from permanence.journal.tables import Table, table
from permanence.lib.sqlcipher import run
from permanence.patients.models import Patient
from permanence.sync import rules

RESERVED = ("sensitive", "minor_secret")


def patient_of_order(inner: wire.Inner) -> UUID | None:
    """Whose file an erasure or a withdrawal is about."""
    if inner.kind == rules.ERASE and inner.object:
        return UUID(bytes=inner.object)
    if inner.kind != rules.PRUNE:
        return None
    ref = run("default", "SELECT ref FROM journal_entry WHERE object = ? AND ref IS NOT NULL LIMIT 1", inner.object).fetchone()
    return UUID(bytes=ref[0]) if ref else None


def ask_of(inner: wire.Inner, body: bytes | None) -> Ask | None:
    """That this was written in this file, which says something of the patient; None for what is in nobody's."""
    if inner.scope != Scope.PATIENT or inner.ref is None or inner.object is None:
        return None
    known, author = table(inner.kind), UUID(bytes=inner.member) if inner.member else None
    if known is None or not known.columns:
        return None
    sensitive, secret = _reserved(known, inner, body)
    category = known.columns[0].category if known.kind != "patients.patient" else _of(known, "birth_name")
    return Ask(UUID(bytes=inner.ref), category, UUID(bytes=inner.object), author, sensitive, secret)


def _of(known: Table, name: str) -> Category:
    return next(column.category for column in known.columns if column.name == name)


def _reserved(known: Table, inner: wire.Inner, body: bytes | None) -> tuple[bool, bool]:
    """Whether what is written, or what it changes, is kept from most readers; when nobody can tell, it is."""
    if not known.names.issuperset(RESERVED):
        return False, False
    try:
        values = chain.open_values(body, inner)
    except (wire.Broken, CryptoError):
        values = None
    row = run("default", f'SELECT sensitive, minor_secret FROM "{known.name}" WHERE id = ?', (inner.object or b"").hex()).fetchone()  # noqa: S608
    if values is None and row is None:
        return True, True
    said = values or {}
    return tuple(bool(said.get(name)) or bool(row and row[at]) for at, name in enumerate(RESERVED))  # type: ignore[return-value]


def here(patients: Iterable[UUID]) -> frozenset[UUID]:
    """Those who have a file on this machine."""
    return frozenset(Patient.objects.filter(id__in=set(patients)).values_list("id", flat=True))
