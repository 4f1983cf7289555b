"""Deterministic CBOR: the same bytes as cbor2's canonical mode, and no other bytes are read."""

import enum
from decimal import Decimal
from typing import Any
from uuid import UUID

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.lib import cbor

ATOMS = (st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text() | st.binary()
         | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9))
VALUES = st.recursive(ATOMS, lambda inside: st.lists(inside) | st.dictionaries(st.text(), inside) | st.dictionaries(
    st.integers(0, 2**64 - 1), inside) | st.dictionaries(st.binary(), inside), max_leaves=20)


@given(VALUES)
def test_the_bytes_are_those_of_the_canonical_mode_of_cbor2(value: Any) -> None:
    data = cbor.dumps(value)
    assert data == cbor2.dumps(value, canonical=True)
    assert cbor.loads(data) == value
    assert cbor.loads_trusted(data) == value
    assert cbor.loads_padded(data + bytes(300)) == value


@given(st.dictionaries(st.text(), st.integers(0, 9)))
def test_the_order_of_insertion_does_not_count(value: dict[str, int]) -> None:
    assert cbor.dumps(value) == cbor.dumps(dict(reversed(value.items())))


class Text(str):
    def __str__(self) -> str:
        return "something else"


def test_subclasses_are_written_as_what_they_are() -> None:
    number = enum.IntEnum("number", {"three": 3})
    assert cbor.dumps([number(3), Text("é")]) == cbor.dumps([3, "é"])
    assert cbor.dumps({number(3): 1, 2: 0}) == cbor.dumps({2: 0, 3: 1})
    assert cbor.dumps(UUID(int=7)) == cbor.dumps(UUID(int=7).bytes)


@pytest.mark.parametrize("value", [
    1.0, [{"a": 0.5}], float("nan"), Decimal("NaN"), Decimal("Infinity"), Decimal("1" * 19), {1, 2}, {-1: 0}, {True: 0},
    {1: 0, "a": 0}, {None: 0}, {1.0: 0}, bytearray(b"a"), memoryview(b"a"), object(), 1j,
])
def test_what_has_no_place_in_an_entry_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        cbor.dumps(value)


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, [2**80], {2**64: 0}])
def test_integers_have_at_most_64_bits(value: Any) -> None:
    with pytest.raises(ValueError, match="64 bits"):
        cbor.dumps(value)


@pytest.mark.parametrize("data", [
    "", "01ff", "0100", "1801", "190001", "5f4101ff", "9f01ff", "bf0102ff", "a201020103", "a202000100", "a2626161006162 00",
    "f93c00", "fb3ff0000000000000", "f97e00", "c11a514b67b0", "d82550" + "00" * 16, "c2410a", "c249" + "01" * 9, "f7", "f0",
    "61ff", "a1f501", "a12001", "d81c80", "d81c81d81d00", "d9010280", "d8236161", "a10161" + "6100",
])
def test_any_other_bytes_are_refused(data: str) -> None:
    with pytest.raises(cbor.Malformed):
        cbor.loads(bytes.fromhex(data))


@given(st.binary(max_size=40))
def test_what_is_read_is_written_back_the_same(data: bytes) -> None:
    try:
        value = cbor.loads(data)
    except cbor.Malformed:
        return
    assert cbor.dumps(value) == data


def test_padding_that_is_not_zeros_is_refused() -> None:
    with pytest.raises(cbor.Malformed, match="padding"):
        cbor.loads_padded(cbor.dumps("a") + bytes(20) + b"\1")
