"""Somebody with the database key, without root or signing key, changes history: 1,000 changes, 1,000 found and named."""

import random
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from permanence.journal import access, chain, gates, heads, vault, verify
from permanence.journal import actions as journal_actions
from permanence.journal.categories import Category
from permanence.journal.doors import Actor, Ask, Reader
from permanence.journal.merkle import Head
from permanence.lib.sqlcipher import run
from tests.testapp import actions

HOW_MANY = 1000
# (alias, table, key column, columns that may be edited)
TABLES: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("default", "journal_entry", "id", ("hash", "outer", "signature", "inner", "kind", "object", "ref", "hlc", "seq", "stream")),
    ("default", "journal_body", "rowid", ("entry", "sealed")),
    ("default", "journal_chain", "id", ("size", "head", "frontier", "verify_key", "stream")),
    ("default", "journal_key", "rowid", ("commitment", "label", "ref", "wrapped")),
    ("default", "journal_objectstate", "rowid", ("registers", "kind", "object")),
    ("default", "journal_pruned", "rowid", ("entry", "reason")),
    ("default", "testapp_person", "rowid", ("family", "phone", "weight", "flagged", "birth")),
    ("default", "testapp_item", "rowid", ("label", "data", "person_id")),
    ("default", "testapp_note", "rowid", ("text", "person_id", "author_id")),
    ("access", "journal_entry", "id", ("hash", "outer", "signature", "inner", "kind", "seq")),
    ("access", "journal_body", "rowid", ("entry", "sealed")),
    ("access", "journal_chain", "id", ("size", "head", "frontier", "verify_key")),
    ("access", "journal_accessindex", "id", ("patient", "member", "session", "categories", "level", "entry")),
]


@pytest.fixture
def history(practice: vault.Vault, anyone: Actor) -> list[Head]:
    """Some of everything; returns the heads as `seal/` would have saved them."""
    people = [actions.register(by=anyone, family=f, weight=70, birth="1970-01-02") for f in ("Martin", "Ly", "Le Gall")]
    for p in people:
        actions.add_item(p, "hypertension", by=anyone, data={"cim10": "I10"})
        actions.amend(p, by=anyone, phone="01")
        note = actions.write_note(p, "suivi", by=anyone)
        reader = Reader(anyone, [gates.Open()])
        reader.admit([p], [Category.IDENTITY])
        reader.admit_objects([Ask(p, Category.NOTES, note)])
        access.submit(reader.close()).wait()
    journal_actions.prune(actions.write_note(people[0], "wrong patient", by=anyone), by=anyone)
    gone = actions.register(by=anyone, family="Parti")
    journal_actions.erase(gone, by=anyone)
    heads.committed("default")
    heads.committed("access")
    saved = heads.signed([heads.Latest(stream, size, last, chain.merkle.Frontier.from_bytes(frontier).root())
                          for alias in ("default", "access") for stream, size, last, frontier in
                          run(alias, "SELECT stream, size, head, frontier FROM journal_chain").fetchall()])
    assert verify.verify(full=True, saved_heads=saved).findings == ()
    return saved


def mutations(rng: random.Random) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Edits, deletions, insertions of copies, exchanges of two rows' contents. Each says whether it changed anything."""
    while True:
        alias, table, key, columns = rng.choice(TABLES)
        ids = [row[0] for row in run(alias, f"SELECT {key} FROM {table}").fetchall()]
        if not ids:
            continue
        row, column, other = rng.choice(ids), rng.choice(columns), rng.choice(ids)
        what = rng.choice(("edit", "edit", "delete", "copy", "swap"))
        yield f"{what} {alias}.{table}.{column}", {
            "edit": lambda a=alias, t=table, k=key, c=column, r=row: edit(a, t, k, c, r, rng),
            "delete": lambda a=alias, t=table, k=key, r=row: run(a, f"DELETE FROM {t} WHERE {k} = ?", r).rowcount == 1,
            "copy": lambda a=alias, t=table, k=key, r=row: copy(a, t, k, r, rng),
            "swap": lambda a=alias, t=table, k=key, c=column, r=row, o=other: swap(a, t, k, c, r, o),
        }[what]


def edit(alias: str, table: str, key: str, column: str, row: Any, rng: random.Random) -> bool:
    value = run(alias, f"SELECT {column} FROM {table} WHERE {key} = ?", row).fetchone()[0]
    new: Any
    if isinstance(value, bytes) and value:
        at = rng.randrange(len(value))
        new = value[:at] + bytes([value[at] ^ 1 << rng.randrange(8)]) + value[at + 1:]
    elif isinstance(value, int):
        new = value + 1
    else:
        new = "x" if value is None or isinstance(value, str) else b"x"
        new = new if new != value else "y"
    try:
        run(alias, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", new, row)
    except Exception:
        return False  # a constraint refused it: nothing changed
    return True


def copy(alias: str, table: str, key: str, row: Any, rng: random.Random) -> bool:
    """Insert a row that looks like another, under another name where the name is unique."""
    cursor = run(alias, f"SELECT * FROM {table} WHERE {key} = ?", row)
    names = [d[0] for d in cursor.description]
    values = dict(zip(names, cursor.fetchone(), strict=True))
    for name in ("hash", "commitment", "entry") if table != "journal_accessindex" else ():
        if name in values:
            values[name] = rng.randbytes(32)
    if "object" in values and table == "journal_objectstate":
        values["object"] = rng.randbytes(16)
    if table == "journal_entry":
        values["seq"] = 10_000 + rng.randrange(1000)
    if table == "journal_chain":
        values["replica"] = rng.randbytes(16)
    if "id" in values:
        values["id"] = UUID(bytes=rng.randbytes(16)).hex if isinstance(values["id"], str) else rng.randrange(10**6, 10**7)
    marks = ",".join("?" * len(values))
    run(alias, f"INSERT INTO {table} ({','.join(values)}) VALUES ({marks})", *values.values())
    return True


def swap(alias: str, table: str, key: str, column: str, row: Any, other: Any) -> bool:
    """Exchange one column of two rows: re-ordering, or one patient's content in another's place."""
    a, b = (run(alias, f"SELECT {column} FROM {table} WHERE {key} = ?", r).fetchone()[0] for r in (row, other))
    if a == b:
        return False
    try:
        run(alias, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", None if isinstance(a, int) and False else _other(a), row)
        run(alias, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", a, other)
        run(alias, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", b, row)
    except Exception:
        return False
    return True


def _other(value: Any) -> Any:
    return -1 if isinstance(value, int) else b"\0" * 32 if isinstance(value, bytes) else "~"


def undone(alias: str, do: Callable[[], bool], then: Callable[[], Any]) -> Any:
    """Do, look, undo."""
    point = transaction.savepoint(using=alias)
    try:
        return then() if do() else None
    finally:
        transaction.savepoint_rollback(point, using=alias)


def test_every_mutation_is_detected(history: list[Head]) -> None:
    rng, done, missed = random.Random(20261122), 0, []
    for what, do in mutations(rng):
        alias = "access" if " access." in what else "default"
        try:
            report = undone(alias, do, lambda: verify.verify(full=True, saved_heads=history, most=1))
        except Exception as error:
            missed.append(f"{what}: verify itself failed: {error!r}")
            report = None
            done += 1
        if report is None:
            continue
        done += 1
        if report.sound or not report.findings[0].where:
            missed.append(what)
        if done == HOW_MANY:
            break
    assert missed == []


@pytest.mark.parametrize(("alias", "stream"), [("default", 1), ("default", 2), ("access", 3)])
def test_truncations_are_found_against_the_saved_head(history: list[Head], alias: str, stream: int) -> None:
    """The end of a chain cut off, and its head put back with it: only `seal/` can tell."""
    size = run(alias, "SELECT size FROM journal_chain WHERE stream = ?", stream).fetchone()[0]
    for keep in range(size):
        def cut(keep: int = keep) -> bool:
            tree = chain.merkle.Frontier()
            last, hlc = bytes(32), 0
            for hash, clock in run(alias, "SELECT hash, hlc FROM journal_entry WHERE stream = ? AND seq <= ? ORDER BY seq",
                                   stream, keep).fetchall():
                tree.append(hash)
                last, hlc = hash, clock
            run(alias, "DELETE FROM journal_body WHERE entry IN (SELECT hash FROM journal_entry WHERE stream = ? AND seq > ?)",
                stream, keep)
            run(alias, "DELETE FROM journal_entry WHERE stream = ? AND seq > ?", stream, keep)
            run(alias, "UPDATE journal_chain SET size = ?, head = ?, frontier = ?, hlc = ? WHERE stream = ?", keep, last,
                tree.to_bytes(), hlc, stream)
            return True
        report = undone(alias, cut, lambda: verify.verify(saved_heads=history))
        assert any("truncated" in finding.what for finding in report.findings), keep
