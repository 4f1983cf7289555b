"""Deterministic CBOR (RFC 8949, section 4.2): one value, one encoding. What the values mean is said by `journal.wire`.

Values are None, booleans, integers of 64 bits, text, byte strings, arrays, maps and finite decimals (tag 4). UUIDs
become 16-byte strings; instants are integer milliseconds UTC beside a zone name; there are no floats. The keys of one
map are all text, all byte strings or all integers from 0: there, the older order "shorter first" (RFC 7049) and the
order by bytes of RFC 8949 are the same, so no reader can meet a difference between libraries.
"""

import struct
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from typing import Any
from uuid import UUID

import cbor2


class Malformed(ValueError):
    """Bytes that are not the one deterministic encoding of a value we accept."""


def dumps(value: Any) -> bytes:
    """The one encoding of `value`. Raises TypeError for floats, sets, dates, mixed keys; ValueError beyond 64 bits."""
    out: list[bytes] = []
    _write(value, out.append)
    return b"".join(out)


def loads(data: bytes) -> Any:
    """The value of exactly these bytes. Raises Malformed for any other encoding of it, trailing bytes included."""
    try:
        value = cbor2.loads(data, allow_indefinite=False, allow_duplicate_keys=False)
        again = dumps(value)
    except Exception as error:  # decoding hostile bytes fails in many ways: tags build dates, patterns, cycles
        raise Malformed(f"not deterministic CBOR: {type(error).__name__}") from error
    if again != data:
        raise Malformed("not the deterministic encoding")
    return value


def check_few(data: bytes, most: int) -> None:
    """Raises Malformed when the first item of `data` holds more than `most` others: each takes a hundred times its bytes once it is built,
    and a stranger's message would take the memory of the machine. Headers only are read."""
    at, count, left = 0, 0, 1
    while left:
        if at >= len(data) or count > most:
            raise Malformed("too many items, or cut")
        major, info = data[at] >> 5, data[at] & 31
        at += 1
        argument = info
        if info > 23:
            if info > 27:
                raise Malformed("no length")
            argument = int.from_bytes(data[at:at + (1 << info - 24)], "big")
            at += 1 << info - 24
        left += -1 + (argument if major == 4 else 2 * argument if major == 5 else major == 6)
        at += argument if major in (2, 3) else 0
        count += 1


def loads_trusted(data: bytes) -> Any:
    """The value of bytes that this process wrote itself (its own tables). No check at all beyond CBOR."""
    return cbor2.loads(data)


def loads_padded(data: bytes, *, trusted: bool = False) -> Any:
    """The item at the start of `data`, whose rest must be zero bytes (`suite.pad`). Raises Malformed."""
    stream = BytesIO(data)
    try:
        value = cbor2.load(stream)
        size = stream.tell()
        again = data[:size] if trusted else dumps(value)
    except Exception as error:
        raise Malformed(f"not deterministic CBOR: {type(error).__name__}") from error
    if data[size:].count(0) != len(data) - size:
        raise Malformed("padding is not zeros")
    if data[:size] != again:
        raise Malformed("not the deterministic encoding")
    return value


# Written here because it refuses, orders and encodes in one walk, twice as fast as a check and then cbor2's canonical
# mode (every append pays it); tests hold it to cbor2's output.


def _write(value: Any, put: Callable[[bytes], None]) -> None:
    kind = type(value)
    if kind is str:
        data = value.encode()
        put(head(0x60, len(data)))
        put(data)
    elif kind is bytes:
        put(head(0x40, len(value)))
        put(value)
    elif kind is int:
        put(head(0x00, value) if value >= 0 else head(0x20, -1 - value))
    elif value is None:
        put(b"\xf6")
    elif kind is bool:
        put(b"\xf5" if value else b"\xf4")
    elif kind is list or kind is tuple:
        put(head(0x80, len(value)))
        for one in value:
            _write(one, put)
    elif kind is dict:
        put(head(0xA0, len(value)))
        if set(map(type, value)) == _TEXT_KEYS:
            _writeordered_names(value, put)
        else:
            for key in _keys(value):
                _write(key, put)
                _write(value[key], put)
    elif kind is Decimal:
        put(b"\xc4")
        _write(_exponent_and_mantissa(value), put)
    else:
        _write(_plain(value), put)


def _writeordered_names(value: dict[str, Any], put: Callable[[bytes], None]) -> None:
    """The pairs of a map with text keys: the commonest values here, so the commonest kinds are not a call each."""
    for name, encoded in ordered_names(tuple(value)):
        put(encoded)
        item = value[name]
        if type(item) is str:
            data = item.encode()
            put(head(0x60, len(data)))
            put(data)
        elif item is None:
            put(b"\xf6")
        else:
            _write(item, put)


@lru_cache(maxsize=512)  # the same few field names come with every entry
def ordered_names(keys: tuple[str, ...]) -> tuple[tuple[str, bytes], ...]:
    """The text keys of a map in their order, each with its encoding."""
    ordered = sorted(_text_order(key) for key in keys)
    return tuple((data.decode(), head(0x60, length) + data) for length, data in ordered)


def head(major: int, count: int) -> bytes:
    """The first bytes of an item: its major type (shifted by 5) and its count. Raises ValueError beyond 64 bits."""
    if count < 256:
        return _SHORT[major][count]
    if count < 65536:
        return struct.pack(">BH", major | 25, count)
    if count < 2**32:
        return struct.pack(">BI", major | 26, count)
    if count < 2**64:
        return struct.pack(">BQ", major | 27, count)
    raise ValueError("integers have at most 64 bits")


_SHORT = {major: [bytes((major | n,)) if n < 24 else bytes((major | 24, n)) for n in range(256)]
          for major in range(0x00, 0xC0, 0x20)}


_TEXT_KEYS = {str}


def _plain(value: Any) -> Any:
    """The plain value of a UUID or of a subclass; refuses what has no place in an entry."""
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, int):  # IntEnum
        return int(value)
    if isinstance(value, str):  # StrEnum, Django's SafeString
        return str.__str__(value)
    raise TypeError(f"{type(value).__name__} has no place in an entry")


def _exponent_and_mantissa(value: Decimal) -> list[int]:
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or len(digits) > 18:
        raise TypeError("decimals are finite, of at most 18 digits")
    mantissa = int("".join(map(str, digits)))
    return [exponent, -mantissa if sign else mantissa]


def _keys(mapping: dict[Any, Any]) -> list[Any]:
    kinds = {type(key) for key in mapping}
    if kinds <= {str} or all(issubclass(kind, str) for kind in kinds):
        return sorted(mapping, key=_text_order)
    if kinds == {bytes}:
        return sorted(mapping, key=_bytes_order)
    if bool not in kinds and all(issubclass(kind, int) for kind in kinds):
        keys = sorted(mapping)
        if 0 <= keys[0]:
            return keys
    raise TypeError("the keys of a map are all text, all bytes or all integers from 0")


def _text_order(key: str) -> tuple[int, bytes]:
    data = key.encode()
    return len(data), data


def _bytes_order(key: bytes) -> tuple[int, bytes]:
    return len(key), key
