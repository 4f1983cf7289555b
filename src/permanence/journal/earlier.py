"""What an object said before, for an action that puts it back. Its door has asked whether `by` may."""

from typing import Any

from permanence.journal import chain, vault, wire
from permanence.journal.journaled import JournaledModel
from permanence.journal.values import python_of
from permanence.lib.sqlcipher import run

_ENTRIES = (
    "SELECT e.inner, b.sealed FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.hash"
    " WHERE e.object = ? AND e.kind = ? ORDER BY e.id"
)


def earlier(row: JournaledModel) -> list[dict[str, Any]]:
    """Its fields after each of its entries, the last one first, in the order in which they came here."""
    v, fields = vault.current(), {field.attname: field for field in row._meta.concrete_fields}
    found, said = list[dict[str, Any]](), dict[str, Any]()
    for sealed, body in run("default", _ENTRIES, row.id.bytes, row._meta.label_lower).fetchall():
        values = chain.open_values(body, wire.open_inner(sealed, v.metadata, v.practice, trusted=True)) or {}
        said = {**said, **{name: python_of(fields[name], value) for name, value in values.items() if name in fields}}
        found.append(said)
    return found[::-1]
