"""Many new objects at once, for imports: sealed in the calling thread, chained and inserted by the writer in short slices.

Only creation: an object that exists already makes its slice fail. Urgent actions go in between.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from permanence.journal import acts, chain, fold, keyring, keys, registry, vault, writer
from permanence.journal.categories import Scope
from permanence.journal.doors import Actor
from permanence.journal.journaled import JournaledModel
from permanence.journal.tables import Table, of_model
from permanence.journal.values import wire_of
from permanence.lib import clock, ids, suite
from permanence.lib.sqlcipher import run, run_many

ENTRIES_PER_SLICE = 64  # about 10 ms of the writer


@dataclass(frozen=True, slots=True)
class _New:
    """One object sealed and waiting for its place."""

    table: Table
    object: bytes
    values: dict[str, Any]
    draft: chain.Draft


@dataclass(frozen=True, slots=True)
class _Key:
    commitment: bytes
    patient: bytes
    wrapped: bytes


def append_many(groups: Iterable[Sequence[JournaledModel]], *, by: Actor, action: str) -> int:
    """Journal each group of unsaved instances as one act. Returns the number of entries. Not atomic beyond a group.

    Raises IntegrityError when an id exists, BadValue, Erased; what was committed before stays.
    """
    sealer, total = _Sealer(by, action), 0
    slice_: list[_New] = []
    new_keys: list[_Key] = []
    for group in groups:
        news, made = sealer.seal(group)
        slice_ += news
        new_keys += made
        if len(slice_) >= ENTRIES_PER_SLICE:
            total += _commit(slice_, new_keys)
            slice_, new_keys = [], []
    return total + (_commit(slice_, new_keys) if slice_ else 0)


class _Sealer:
    """Keeps the patient keys of this import at hand, so that each is unwrapped once."""

    def __init__(self, by: Actor, action: str) -> None:
        self.by, self.action, self.hlc = by, action, chain.last_hlc()
        self.keys: dict[tuple[Scope, bytes | None], bytes] = {}

    def seal(self, group: Sequence[JournaledModel]) -> tuple[list[_New], list[_Key]]:
        act, made, news = acts.Act(ids.new_act_id(), self.by, self.action), list[_Key](), list[_New]()
        for place, instance in enumerate(group, 1):
            table = of_model(type(instance))
            owner = self._owner(instance, table, made)
            values = dict(_values(instance))
            self.hlc = clock.hlc_tick(self.hlc, clock.ms())
            draft = chain.draft_of(act, kind=table.kind, version=table.version, scope=table.scope, ref=owner[1],
                                   object=instance.id.bytes, values=values, base={name: () for name in values},
                                   hlc=self.hlc, place=(place, len(group)), key=self.keys[owner])
            news.append(_New(table, instance.id.bytes, values, draft))
        return news, made

    def _owner(self, instance: JournaledModel, table: Table, made: list[_Key]) -> tuple[Scope, bytes | None]:
        ref: UUID | None = getattr(instance, table.scope_field) if table.scope_field else None
        owner = table.scope, ref.bytes if ref else None
        if owner not in self.keys:
            if table.scope is Scope.PATIENT and table.scope_field == "id":
                v, key = vault.current(), suite.new_key()
                made.append(_Key(suite.commitment(key), instance.id.bytes,
                                 keyring.wrap(key, v.root, v.practice, "patient")))
                self.keys[owner] = key
            else:
                self.keys[owner] = keys.of_scope(*owner)
        return owner


def _values(instance: JournaledModel) -> Iterator[tuple[str, Any]]:
    for field in instance._meta.concrete_fields:
        if not field.primary_key:
            yield field.attname, wire_of(field, field.pre_save(instance, True))


def _commit(news: list[_New], new_keys: list[_Key]) -> int:
    def insert() -> None:
        v = vault.current()
        run_many("default", "INSERT INTO journal_key (commitment, label, ref, epoch, wrapped) VALUES (?,'patient',?,?,?)",
                 [(key.commitment, key.patient, v.epoch, key.wrapped) for key in new_keys])
        for stream in sorted({new.table.stream for new in news}):
            mine = [new for new in news if new.table.stream == stream]
            entries = chain.extend("default", stream, [new.draft for new in mine])
            _project(mine, [entry.hash for entry in entries])

    writer.current().run_job(insert, urgent=False, name="bulk")
    return len(news)


def _project(news: list[_New], hashes: list[bytes]) -> None:
    """Rows and states of new objects, a statement per table; then the derived tables."""
    by_table: dict[str, list[tuple[_New, bytes, tuple[Any, ...] | None]]] = {}
    for new, hash in zip(news, hashes, strict=True):
        by_table.setdefault(new.table.kind, []).append((new, hash, new.table.row_of(new.values)))
    for rows in by_table.values():
        table = rows[0][0].table
        run_many("default", table.upsert.split(" ON CONFLICT")[0],
                 [(new.object.hex(), *row) for new, _, row in rows if row is not None])
        if not table.append_only:
            states = [(new.object, table.kind, chain.pack({name: fold.Register({hash: (new.draft.hlc, value)})
                                                            for name, value in new.values.items()})) for new, hash, _ in rows]
            run_many("default", "INSERT INTO journal_objectstate (object, kind, registers, parked) VALUES (?,?,?,'')", states)
        for listener in registry.projections(table.kind):
            for new, _, row in rows:
                listener(UUID(bytes=new.object),
                         None if row is None else dict(zip((c.name for c in table.columns), row, strict=True)))


def exists(object: UUID) -> bool:
    """Whether an object has any history here: what an import asks before it adds."""
    return run("default", "SELECT 1 FROM journal_entry WHERE object = ?", object.bytes).fetchone() is not None
