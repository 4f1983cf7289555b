"""Journaled models as SQL, generated once from their fields: what `apply` writes rows with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models

from permanence.journal import fold
from permanence.journal.categories import Category, Scope, Stream
from permanence.journal.values import BadValue, column_maker, wire_of


@dataclass(frozen=True, slots=True)
class Column:
    """One journaled field. `default` is in the entry's shape; a column neither null nor with a default is required."""

    name: str
    column: str
    category: Category
    null: bool
    has_default: bool
    default: Any
    make: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Table:
    """A journaled model: where its rows are, whose key seals it, and the statements that write it."""

    kind: str
    version: int
    name: str
    columns: tuple[Column, ...]
    stream: Stream
    scope: Scope
    scope_field: str
    append_only: bool
    upsert: str
    select: str  # stored values, without converters

    @property
    def names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns)

    def row_of(self, values: Mapping[str, Any], *, strict: bool = True) -> tuple[Any, ...] | None:
        """The row of an object whose readable values are these; None while a required one is missing.

        Raises BadValue for one that its field cannot hold; unless `strict` the default stands for it: when what came before its key, or
        before this version knew the field, is read at last, it stops nobody.
        """
        if not any(column.name in values for column in self.columns):
            return None
        row = []
        for column in self.columns:
            value = values[column.name] if column.name in values else column.default
            if value is None and not column.null:
                return None
            try:
                row.append(column.make(value))
            except BadValue:
                if strict:
                    raise
                row.append(column.make(column.default))
        return tuple(row)

    def row(self, state: fold.State, *, strict: bool = True) -> tuple[Any, ...] | None:
        """The row that a state gives: of each register the value shown."""
        shown = {name: register.shown for name, register in state.items()}
        return self.row_of({name: value[1] for name, value in shown.items() if value is not None}, strict=strict)


@cache
def table(kind: str) -> Table | None:
    """The table of a kind; None for a kind that this version does not know."""
    try:
        model: type[models.Model] = apps.get_model(kind)
    except LookupError:
        return None
    return of_model(model) if is_journaled(model) else None


def is_journaled(model: type[models.Model]) -> bool:
    """Whether a model declares how it is journaled (`journal.journaled.JournaledModel`)."""
    return hasattr(model, "Journal")


@cache
def of_model(model: type[models.Model]) -> Table:
    journal: Any = model.Journal  # type: ignore[attr-defined]
    of_field = {name: category for category, names in journal.categories.items() for name in names}
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    columns = tuple(Column(f.attname, str(f.column), of_field[f.attname], f.null, f.has_default(),
                           wire_of(f, f.get_default()) if f.has_default() else None, column_maker(f)) for f in fields)
    name, marks = model._meta.db_table, ", ".join("?" * (len(columns) + 1))
    names = ", ".join(f'"{c.column}"' for c in columns)
    sets = ", ".join(f'"{c.column}" = excluded."{c.column}"' for c in columns)
    raw = ", ".join(f'+"{c.column}"' for c in columns)  # "+": no declared type, so the stored value itself
    return Table(model._meta.label_lower, getattr(journal, "version", 1), name, columns, journal.stream, journal.scope,
                 getattr(journal, "scope_field", ""), getattr(journal, "append_only", False),
                 f'INSERT INTO "{name}" ("id", {names}) VALUES ({marks}) ON CONFLICT("id") DO UPDATE SET {sets}',
                 f'SELECT {raw} FROM "{name}" WHERE "id" = ?')


def journaled_models() -> list[type[models.Model]]:
    """All journaled models of this version."""
    return [model for model in apps.get_models() if is_journaled(model)]
