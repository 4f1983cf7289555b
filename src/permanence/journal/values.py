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
        return bool(value) if isinstance(field, models.BooleanField) else int(value)
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
    return str.__str__(value)  # of a choice, or of marked text, the plain text


def _plain(field: models.Field[Any, Any], value: Any) -> Any:
    """JSON's value without floats, keys text: what CBOR and JSON both give back."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return _text(field, value)
    if isinstance(value, list | tuple):
        return [_plain(field, item) for item in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_text(field, key): _plain(field, item) for key, item in value.items()}
    raise BadValue(f"{field.name}: {type(value).__name__} has no place in an entry")


_FIRST, _LAST = -62_135_596_800_000, 253_402_297_200_000  # ms UTC: years 1 to 9999, as the practice's clock shows them


def _datetime_column(wire: int) -> str:
    if not _FIRST <= wire < _LAST:
        raise BadValue("an instant of no calendar")
    # Whole milliseconds from the parts, never through a float: SQLite's text must be the same on every replica.
    seconds, ms = divmod(wire, 1000)
    return str(_NAIVE_EPOCH + datetime.timedelta(seconds=seconds, milliseconds=ms))


def _shape(field: models.Field[Any, Any]) -> tuple[type, ...]:
    """What an entry may carry for it. A JSON field whose default is a list, or a map, is one, unless its model says `any_shape`."""
    if isinstance(field, models.JSONField):
        any_shape = field.name in getattr(getattr(field.model, "Journal", None), "any_shape", ())
        return (field.default,) if field.default in (list, dict) and not any_shape else (list, dict, str, int, bool)
    kinds: tuple[tuple[type[models.Field[Any, Any]], type], ...] = (
        (models.UUIDField, bytes), (models.BinaryField, bytes), (models.DateTimeField, int), (models.BooleanField, bool),
        (models.IntegerField, int))  # fmt: skip
    return (next((shape for kind, shape in kinds if isinstance(field, kind)), str),)


def column_maker(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """The function that turns the entry's value into the column's, chosen once per field.

    Raises BadValue for one of another type: another machine's entry says what it likes, and such a row would stop every page that
    shows it.
    """
    name, shapes, made = field.name, _shape(field), _made(field)

    def make(wire: Any) -> Any:
        if wire is None:
            return None
        if type(wire) not in shapes:
            raise BadValue(f"{name}: {type(wire).__name__} has no place there")
        return wire if made is None else made(wire)
    return make


def _made(field: models.Field[Any, Any]) -> Callable[[Any], Any] | None:
    """None: as it is."""
    if isinstance(field, models.UUIDField):
        return _id_column
    if isinstance(field, models.DateTimeField):
        return _datetime_column
    if isinstance(field, models.DateField):
        return _date_column
    if isinstance(field, models.JSONField):
        return lambda wire: json.dumps(wire, ensure_ascii=False, sort_keys=True)
    if isinstance(field, models.CharField | models.TextField):
        return _text_column
    return int if isinstance(field, models.BooleanField) else None


def _text_column(wire: str) -> str:
    if "\0" in wire:
        raise BadValue("a NUL character ends a text in SQLite")
    return wire


def _id_column(wire: bytes) -> str:
    if len(wire) != 16:
        raise BadValue("an id has 16 bytes")
    return wire.hex()


def _date_column(wire: str) -> str:
    try:
        datetime.date.fromisoformat(wire)
    except ValueError as error:
        raise BadValue("a date is a year, a month and a day") from error
    if len(wire) != 10:
        raise BadValue("a date is a year, a month and a day")
    return wire


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
