"""One value in three shapes: Python's, the entry's (CBOR), the column's (SQLite). The entry's shape is the truth.

A value is normalised to its field's type before it is sealed, so that a rebuild finds what the table holds.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import models

UTC = datetime.UTC
_NAIVE_EPOCH = datetime.datetime(1970, 1, 1)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)


class BadValue(ValueError):
    """A value that no entry may carry: a float, a broken character, an expression."""


def wire_of(field: models.Field[Any, Any], value: Any) -> Any:
    """Python's value as the entry will carry it: text, int, bool, bytes, None, or CBOR structures for JSON.

    Dates are ISO text (they have no instant), instants integer milliseconds UTC, UUIDs 16 bytes. Raises BadValue.
    """
    if hasattr(value, "resolve_expression"):
        raise BadValue(f"{field.name}: an expression has no value to journal")
    value = field.to_python(value)
    if value is None:
        return None
    if isinstance(field, models.UUIDField):
        return value.bytes
    if isinstance(field, models.DateTimeField):
        return _instant(field, value)
    if isinstance(field, models.DateField):
        return value.isoformat()
    if isinstance(field, models.BinaryField):
        return bytes(value)
    if isinstance(field, models.JSONField):
        return _plain(field, value)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(field, value)
    raise BadValue(f"{field.name}: {type(value).__name__} has no place in an entry")


def wire_maker(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """`wire_of` for one field, its kind looked up once: an import calls it for every field of every row."""
    quick: tuple[type, Callable[[Any], Any]] | None = None
    if isinstance(field, models.UUIDField):
        quick = UUID, lambda value: value.bytes
    elif isinstance(field, models.DateTimeField):
        quick = datetime.datetime, lambda value: _instant(field, value)
    elif isinstance(field, models.CharField | models.TextField):
        quick = str, lambda value: _text(field, value)
    elif isinstance(field, models.BooleanField):
        quick = bool, lambda value: value
    elif isinstance(field, models.IntegerField):
        quick = int, lambda value: value
    if quick is None:
        return lambda value: wire_of(field, value)
    kind, make = quick
    return lambda value: None if value is None else make(value) if type(value) is kind else wire_of(field, value)


def _instant(field: models.Field[Any, Any], value: datetime.datetime) -> int:
    if value.tzinfo is None:
        raise BadValue(f"{field.name}: an instant needs its zone")
    delta = value - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def _text(field: models.Field[Any, Any], value: str) -> str:
    if "\0" in value:
        raise BadValue(f"{field.name}: a NUL character ends a text in SQLite")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadValue(f"{field.name}: half a character") from error
    return value


def _plain(field: models.Field[Any, Any], value: Any) -> Any:
    """JSON's value without floats, keys text: what CBOR and JSON both give back."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(field, value)
    if isinstance(value, list | tuple):
        return [_plain(field, item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_text(field, key): _plain(field, item) for key, item in value.items()}
    raise BadValue(f"{field.name}: {type(value).__name__} has no place in an entry")


def _datetime_column(wire: int) -> str:
    # Whole milliseconds from the parts, never through a float: SQLite's text must be the same on every replica.
    seconds, ms = divmod(wire, 1000)
    return str(_NAIVE_EPOCH + datetime.timedelta(seconds=seconds, milliseconds=ms))


def column_maker(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """The function that turns the entry's value into the column's, chosen once per field."""
    if isinstance(field, models.UUIDField):
        return lambda wire: None if wire is None else bytes(wire).hex()
    if isinstance(field, models.DateTimeField):
        return lambda wire: None if wire is None else _datetime_column(wire)
    if isinstance(field, models.JSONField):
        return lambda wire: None if wire is None else json.dumps(wire, ensure_ascii=False, sort_keys=True)
    if isinstance(field, models.BooleanField):
        return lambda wire: None if wire is None else int(wire)
    return lambda wire: wire


def python_of(field: models.Field[Any, Any], wire: Any) -> Any:
    """The entry's value as the instance holds it: what a reload would give."""
    if wire is None:
        return None
    if isinstance(field, models.UUIDField):
        return UUID(bytes=bytes(wire))
    if isinstance(field, models.DateTimeField):
        seconds, ms = divmod(wire, 1000)
        return datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(seconds=seconds, milliseconds=ms)
    return field.to_python(wire)
