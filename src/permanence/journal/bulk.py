"""Many new objects at once, for imports: sealed in the calling thread, chained and inserted by the writer in short slices.

Only creation: an object that exists already makes its slice fail. Urgent actions go in between.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.db import models

from permanence.journal import acts, chain, fold, keys, registry, vault, writer
from permanence.journal.categories import Scope
from permanence.journal.doors import Actor, Refused
from permanence.journal.journaled import JournaledModel
from permanence.journal.tables import Table, of_model
from permanence.journal.values import wire_maker
from permanence.lib import clock, ids, suite
from permanence.lib.sqlcipher import run, run_many
from permanence.lib.text import NBSP

SLICE_S = 0.015  # of the writer's time: urgent actions wait behind one slice at most
FEWEST, MOST = 16, 256  # entries in a slice, whatever the machine; a group is never cut
_ROOM = (("cache_size", -32_000),)  # ids and hashes are random: an import touches every page


@dataclass(frozen=True, slots=True)
class _New:
    """One object sealed and waiting for its place."""

    table: Table
    object: bytes
    values: dict[str, Any]
    draft: chain.Draft


@dataclass(frozen=True, slots=True)
class _Key:
    patient: bytes
    key: bytes = field(repr=False)


def append_many(groups: Iterable[Sequence[JournaledModel]], *, by: Actor, action: str) -> int:
    """Journal each group of unsaved instances as one act. Returns the number of entries. Not atomic beyond a group.

    Raises IntegrityError when an id exists, BadValue, Erased; what was committed before stays.
    """
    if vault.current().limited is not None:
        raise Refused(f"Des dossiers se reprennent sur une machine entière du cabinet{NBSP}: pas sur ce portable limité.", code="limited")
    total, under_way, usual = 0, _Slice([], []), _set_aside_room(_ROOM)
    try:
        for slice_ in _slices(_Sealer(by, action), groups):
            total += under_way.wait()  # one at a time, the next sealed meanwhile: after a failure nothing more is sent
            under_way = slice_
            under_way.send()
    finally:
        try:
            total += under_way.wait()  # also when sealing failed: nothing of this import goes on once it has returned
        finally:
            _set_aside_room(usual, shrink=True)
    return total


def _set_aside_room(settings: Iterable[tuple[str, int]], *, shrink: bool = False) -> list[tuple[str, int]]:
    """Change settings of the writing connection; returns what they were. The usual ones keep a served process small."""
    def change() -> list[tuple[str, int]]:
        before = [(name, run("default", f"PRAGMA {name}").fetchone()[0]) for name, _ in settings]
        for name, value in settings:
            run("default", f"PRAGMA {name} = {value}").fetchone()
        if shrink:
            run("default", "PRAGMA shrink_memory").fetchone()
        return before

    with suppress(writer.WriterStopped):  # the import itself says that better
        return writer.current().run_job(change, urgent=False, name="bulk")
    return []


def _slices(sealer: "_Sealer", groups: Iterable[Sequence[JournaledModel]]) -> Iterator["_Slice"]:
    """Groups gathered into slices that keep the writer about `SLICE_S`, by what the slice before took."""
    news: list[_New] = []
    keys: list[_Key] = []
    entries, sent = 4 * FEWEST, _Slice([], [])
    for group in groups:
        sealed, made = sealer.seal(group)
        news += sealed
        keys += made
        if len(news) >= entries:
            entries = max(FEWEST, min(MOST, sent.fitting(entries)))
            sent = _Slice(news, keys)
            yield sent
            news, keys = [], []
    if news:
        yield _Slice(news, keys)


class _Sealer:
    """Keeps the patient keys of this import at hand, so that each is unwrapped once."""

    def __init__(self, by: Actor, action: str) -> None:
        self.by, self.action, self.hlc = by, action, chain.last_hlc()
        self.keys: dict[tuple[Scope, bytes | None], bytes] = {}
        self.epoch, self.former = vault.current().epoch, set[tuple[Scope, bytes | None]]()

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
        if self.epoch != vault.current().epoch:
            self.epoch, self.former, self.keys = vault.current().epoch, self.former | set(self.keys), {}
        if owner not in self.keys:
            if table.scope is Scope.PATIENT and ref is not None and self._is_new(ref, table, owner):
                made.append(_Key(ref.bytes, suite.new_key()))
                self.keys[owner] = made[-1].key
            else:
                self.keys[owner] = keys.of_scope(*owner)
        return owner

    def _is_new(self, ref: UUID, table: Table, owner: tuple[Scope, bytes | None]) -> bool:
        """Whether a key is drawn: for a new patient, for one whose last key is of a former root, and for those of this import, of which
        the writer may not have the last one yet, when the root changes under way."""
        return table.scope_field == "id" or owner in self.former or keys.is_behind(ref.bytes)


def _values(instance: JournaledModel) -> Iterator[tuple[str, Any]]:
    for name, before, make in _fields(type(instance)):
        yield name, make(before(instance, True) if before else getattr(instance, name))


@cache
def _fields(model: type[JournaledModel]) -> tuple[tuple[str, Callable[..., Any] | None, Callable[[Any], Any]], ...]:
    """Each field's name, its `pre_save` where that does more than read the attribute, and how its value is written."""
    def reads(field: Any) -> bool:
        return type(field).pre_save is models.Field.pre_save or (
            isinstance(field, models.DateField) and not (field.auto_now or field.auto_now_add))

    return tuple((field.attname, None if reads(field) else field.pre_save, wire_maker(field))
                 for field in model._meta.concrete_fields if not field.primary_key)


class _Slice:
    """Some acts that go to the writer together."""

    def __init__(self, news: list[_New], keys: list[_Key]) -> None:
        self.news, self.keys = news, keys
        self._future: Future[Any] | None = None
        self._began = self._ended = 0.0

    def send(self) -> None:
        self._future = writer.current().submit(self._insert, urgent=False, name="bulk")
        self._future.add_done_callback(self._done)

    def _done(self, _: object) -> None:
        self._ended = time.perf_counter()

    def fitting(self, otherwise: int) -> int:
        """How many entries would have taken `SLICE_S`, COMMIT included; `otherwise` while this one is not known yet."""
        if not self._began or self._ended <= self._began:
            return otherwise
        return int(len(self.news) * SLICE_S / (self._ended - self._began))

    def wait(self) -> int:
        """The number of entries, once they are on disk. Raises what the insertion raised."""
        if self._future is not None:
            writer.current().wait(self._future)
        return len(self.news)

    def _insert(self) -> None:
        self._began = time.perf_counter()
        for made in self.keys:  # wrapped here, on the writer: an epoch may have begun since they were drawn
            if keys.is_erased(made.patient):
                raise keys.Erased("the key of this patient was destroyed")
            keys.keep(made.key, "patient", made.patient, made=keys.here_and_now())
        for stream in sorted({new.table.stream for new in self.news}):
            mine = [new for new in self.news if new.table.stream == stream]
            entries = chain.extend("default", stream, [new.draft for new in mine])
            _project(mine, [entry.hash for entry in entries])


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
