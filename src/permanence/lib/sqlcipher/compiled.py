"""Hot queries, compiled once: a queryset becomes SQL at first use and is executed with new parameters afterwards."""

import datetime
import json
import threading
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Field, QuerySet

from permanence.lib import sqlcipher

T = TypeVar("T")
Plan = tuple[str, list[Any], list[tuple[int, Callable[[Any], Any]]]]  # SQL, its marks in order, column converters


class Param(Expression):
    """A value given at each execution: `filter(patient_id=Param("p"))`, then `.rows(p=...)`. None: use isnull."""

    conditional = False
    constant = True

    def __init__(self, name: str, output_field: "Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Many(Param):
    """A collection given at each execution: `filter(id__in=Many("ids"))`, then `.rows(ids=[...])`. Any size."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "(SELECT value FROM json_each(%s))", [self]


def stored(value: Any) -> Any:
    """A Python value as its column holds it (UUID: 32 hex digits; instants: naive UTC text)."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise ValueError("a naive instant has no place in time")
        return str(value.astimezone(datetime.UTC).replace(tzinfo=None))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Enum):
        return stored(value.value)
    return int(value) if isinstance(value, bool) else value


class Compiled:
    """One queryset with `values()` or `values_list()`, compiled at first use, executed on the caller's connection.

    `build` is called once, when models are loaded. Values come back as the ORM gives them (UUID, dates, booleans).
    Slices, ordering, joins and annotations are the queryset's own; only `Param` and `Many` change between executions.
    """

    def __init__(self, build: Callable[[], "QuerySet[Any, Any]"], *, alias: str = "default") -> None:
        self._build, self._alias = build, alias
        self._lock = threading.Lock()
        self._plan: Plan | None = None

    def rows(self, **params: Any) -> list[tuple[Any, ...]]:
        """All rows, as tuples in the order of the queryset's columns. KeyError names a parameter that is missing."""
        sql, marks, converters = self._plan or self._compile()
        if not sql:
            return []
        values = [self._value(mark, params) for mark in marks]
        found: list[tuple[Any, ...]] = sqlcipher.run(self._alias, sql, *values).fetchall()
        return [_convert(row, converters) for row in found] if converters else found

    def one(self, **params: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        return next(iter(self.rows(**params)), None)

    def into(self, kind: Callable[..., T], **params: Any) -> list[T]:
        """`kind(*row)` for each row: a frozen dataclass whose fields are in the order of the columns."""
        return [kind(*row) for row in self.rows(**params)]

    def _compile(self) -> Plan:
        with self._lock:
            if self._plan is None:
                self._plan = _plan(self._build(), self._alias)
            return self._plan

    @staticmethod
    def _value(mark: Any, params: dict[str, Any]) -> Any:
        if not isinstance(mark, Param):
            return mark
        value = params[mark.name]
        return json.dumps([stored(item) for item in value]) if isinstance(mark, Many) else stored(value)


def _plan(queryset: "QuerySet[Any, Any]", alias: str) -> Plan:
    """The queryset's SQL with `?` marks, and one converter for each column that needs one."""
    if getattr(queryset, "_fields", None) is None:
        raise TypeError("a compiled query names its columns: values() or values_list()")
    connection = connections[alias]
    compiler = queryset.query.get_compiler(using=alias)
    try:
        sql, marks = compiler.as_sql()
    except EmptyResultSet:
        return "", [], []
    chosen = [expression for expression, _, _ in compiler.select[: compiler.col_count]]
    converters: list[tuple[int, Callable[[Any], Any]]] = [
        (column, partial(_through, tuple(functions), expression, connection))
        for column, (functions, expression) in compiler.get_converters(chosen).items()]
    fixed = [mark if isinstance(mark, Param) else stored(mark) for mark in marks]
    return sql % (("?",) * len(marks)), fixed, converters


def _through(functions: tuple[Callable[..., Any], ...], expression: Any, connection: Any, value: Any) -> Any:
    for function in functions:
        value = function(value, expression, connection)
    return value


def _convert(row: tuple[Any, ...], converters: list[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    values = list(row)
    for column, convert in converters:
        values[column] = convert(values[column])
    return tuple(values)
