"""Models whose every change is an entry. save() computes the difference and adds it to the act; the act's end appends."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NoReturn, Self

from django.core import checks
from django.db import IntegrityError, models, transaction

from permanence.journal import acts, writer
from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.tables import Table, of_model
from permanence.journal.values import python_of, wire_of
from permanence.lib.sqlcipher import run


class OutsideAction(Exception):
    """A journaled model was changed outside an action, or by a way that leaves no entry."""


@dataclass(frozen=True, slots=True)
class Pending:
    """One save of one object, waiting for the end of its act."""

    table: Table
    object: bytes
    ref: bytes | None
    values: Mapping[str, Any]
    seen: Mapping[str, Collection[bytes]] | None
    adding: bool


class JournaledQuerySet(models.QuerySet[Any]):
    """Reads as usual; the ways to write that would leave no entry are refused."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise OutsideAction("a journaled model is changed by save(), one object at a time; imports use journal.bulk")

    update = _update = bulk_create = bulk_update = delete = _raw_delete = _insert = _refuse


class JournaledModel(models.Model):
    """A replicated record. See `docs/adr/` for why one entry per object and act, and `Journal` for what to declare."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    objects = JournaledQuerySet.as_manager()

    _loaded: dict[str, Any]
    _loaded_in: object
    _seen: Mapping[str, Collection[bytes]] | None
    _again: Collection[str] = ()

    class Journal:
        """What each model declares: its stream, whose key seals it, and a category for every field but the id."""

        stream: ClassVar[Stream] = Stream.RECORD
        scope: ClassVar[Scope] = Scope.PATIENT
        scope_field: ClassVar[str] = "patient_id"
        append_only: ClassVar[bool] = False
        any_shape: ClassVar[Collection[str]] = ()  # JSON fields that a later version may write otherwise, and whose readers know it
        categories: ClassVar[Mapping[Category, Collection[str]]] = {}

    class Meta:
        abstract = True
        base_manager_name = "objects"

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        instance = super().from_db(db, field_names, values, **kwargs)
        instance._remember()
        return instance

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._remember()

    def _remember(self) -> None:
        self._loaded = {f.attname: self.__dict__[f.attname] for f in self._meta.concrete_fields
                        if f.attname in self.__dict__}
        self._loaded_in = acts.current_act()

    def save(self, *args: Any, seen: Mapping[str, Collection[bytes]] | None = None, again: Collection[str] = (), **kwargs: Any) -> None:
        """Journal what changed since this instance was loaded in this action.

        `seen`: per field, the hashes of the entries its author was shown (a form carries them): what was not shown is not
        settled. Without it the author saw the value shown. `again`: fields written though they keep their value, for it follows
        from what else is written: what says otherwise elsewhere then stands against it. Raises OutsideAction, BadValue,
        IntegrityError (id exists).
        """
        self._seen, self._again = seen, again
        super().save(*args, **kwargs)

    def save_base(self, raw: bool = False, force_insert: Any = False, force_update: bool = False,
                  using: str | None = None, update_fields: Iterable[str] | None = None) -> None:
        """Django's last step of save() and loaddata's only one: every way to save an instance comes here."""
        act = acts.current_act()
        if act is None or not writer.current().is_here():
            raise OutsideAction(f"{self._meta.label} is saved inside an action only")
        with transaction.mark_for_rollback_on_error(using="default"):
            self._pend(act, set(update_fields) if update_fields is not None else None)
        self._state.adding, self._state.db = False, "default"

    def _pend(self, act: acts.Act, only: set[str] | None) -> None:
        adding, table = self._state.adding, of_model(type(self))
        if not adding and getattr(self, "_loaded_in", None) is not act and not self._seen:
            raise OutsideAction("loaded before this action: load it here, or say what its author had seen")
        if not adding and table.append_only:
            raise OutsideAction(f"{self._meta.label} is append-only: a correction is a new object that amends")
        if adding and run("default", f'SELECT 1 FROM "{table.name}" WHERE id = ?', self.id.hex).fetchone():
            raise IntegrityError(f"{self._meta.label} {self.id} exists")
        values = self._difference(adding, only)
        if not values:
            return
        self._write_row(table, values, adding)
        act.pend(Pending(table, self.id.bytes, self._ref(act, table, adding), values, self._seen, adding))
        self._loaded = {**getattr(self, "_loaded", {}), **{name: getattr(self, name) for name in values}}
        self._loaded_in, self._seen, self._again = act, None, ()

    def _difference(self, adding: bool, only: set[str] | None) -> dict[str, Any]:
        """The changed fields in the entry's shape; the instance takes the normalised values.

        A field of which several values were seen counts as changed though the one shown is kept: that is what settles it.
        """
        values: dict[str, Any] = {}
        for field in self._meta.concrete_fields:
            name = field.attname
            if field.primary_key or name not in self.__dict__ or not (only is None or field.name in only):
                continue
            value = wire_of(field, field.pre_save(self, adding))
            if adding or name in self._again or value != wire_of(field, self._loaded[name]) or len((self._seen or {}).get(name, ())) > 1:
                if value is None and not field.null:
                    raise IntegrityError(f"{self._meta.label}.{field.name} may not be empty")
                values[name] = value
                setattr(self, name, python_of(field, value))
        return values

    def _ref(self, act: acts.Act, table: Table, adding: bool) -> bytes | None:
        if not table.scope_field:
            return None
        from permanence.journal import keys

        ref: uuid.UUID = self.id if table.scope_field == "id" else getattr(self, table.scope_field)
        if table.scope is Scope.PATIENT and table.scope_field == "id" and adding:
            keys.make(ref.bytes)
        elif table.scope is Scope.PATIENT:
            keys.renew(ref.bytes)
        return ref.bytes

    def _write_row(self, table: Table, values: Mapping[str, Any], adding: bool) -> None:
        """The row at once, so that the rest of the action reads it; the act's end writes what the state then shows."""
        if adding:
            run("default", table.upsert, self.id.hex, *(table.row_of(values) or ()))
            return
        changed = [column for column in table.columns if column.name in values]
        sets = ", ".join(f'"{column.column}" = ?' for column in changed)
        run("default", f'UPDATE "{table.name}" SET {sets} WHERE id = ?',
            *(column.make(values[column.name]) for column in changed), self.id.hex)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise OutsideAction("nothing is deleted: withdraw, prune or erase")

    @classmethod
    def check(cls, **kwargs: Any) -> list[checks.CheckMessage]:
        """What merging cannot keep, no table may promise; and every field says what kind of data it is."""
        errors = [checks.Error(f"{cls._meta.label}.{what}", obj=cls, id="journal.E001") for what in _wrong(cls)]
        return [*super().check(**kwargs), *errors]


def _wrong(model: type[models.Model]) -> list[str]:
    meta = model._meta
    fields = [f for f in meta.local_fields if not f.primary_key]
    named = [name for names in model.Journal.categories.values() for name in names]  # type: ignore[attr-defined]
    wrong = [f"{f.name}: unique" for f in fields if f.unique]
    wrong += [f"{f.name}: a relation cannot arrive before its target: name it by a UUIDField" for f in fields if f.is_relation]
    wrong += [f"{f.name}: numbers are integers with a scale" for f in fields
              if isinstance(f, models.DecimalField | models.FloatField | models.DurationField | models.TimeField)]
    wrong += [f"{f.name}: now() differs on each replica" for f in fields
              if getattr(f, "auto_now", False) or getattr(f, "auto_now_add", False)]
    wrong += [f"{c.name}: constraint" for c in meta.constraints] + [f"{f.name}: many to many" for f in meta.local_many_to_many]
    wrong += ["multi-table inheritance"] * bool(meta.parents)
    wrong += [f"{f.attname}: {named.count(f.attname)} categories" for f in fields if named.count(f.attname) != 1]
    return wrong + [f"{name}: no such field" for name in named if name not in {f.attname for f in fields}]
