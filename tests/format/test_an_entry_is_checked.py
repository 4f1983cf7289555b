"""One entry: what it says comes back, and each way of breaking it has its own reason."""

from dataclasses import replace
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError

from permanence.journal import wire
from permanence.journal.wire import Reason
from permanence.lib import cbor, suite
from tests.format.entries import PRACTICE, Replica, inner, three


def reason_of(entry: wire.Sealed, replica: Replica, seq: int = 2, **changed: Any) -> Reason:
    values: dict[str, Any] = {"seq": seq, "previous": replica.entries[seq - 2].hash if seq > 1 else wire.FIRST,
                              "verify_key": replica.pair[0], "practice": PRACTICE, "stream": 2}
    with pytest.raises(wire.Broken) as caught:
        wire.check(entry, **(values | changed))
    return caught.value.reason


def test_a_chain_written_here_is_accepted() -> None:
    replica, previous, key = three(), wire.FIRST, None
    for seq, entry in enumerate(replica.entries, start=1):
        outer = wire.check(entry, seq=seq, previous=previous, verify_key=key, practice=PRACTICE, stream=2)
        key = key or outer.verify_key
        previous = entry.hash
        assert outer.length + suite.OVERHEAD == len(entry.body or b"")
    assert key == replica.pair[0]


def test_the_outer_header_is_the_deterministic_encoding_of_its_map() -> None:
    for entry in three().entries:
        assert cbor.dumps(cbor.loads(entry.outer)) == entry.outer == wire.Outer.decode(entry.outer).encode()


def test_a_pruned_entry_is_still_accepted() -> None:
    replica = three()
    pruned = replace(replica.entries[1], body=None)
    wire.check(pruned, seq=2, previous=replica.entries[0].hash, verify_key=replica.pair[0])
    assert pruned.hash == replica.entries[1].hash


def test_each_way_of_breaking_an_entry_has_its_reason() -> None:
    replica = three()
    first, second, third = replica.entries
    flipped = second.signature[:-1] + bytes([second.signature[-1] ^ 1])
    assert reason_of(replace(second, signature=flipped), replica) == Reason.SIGNATURE
    assert reason_of(replace(second, signature=b""), replica) == Reason.SIGNATURE
    assert reason_of(replace(second, outer=third.outer), replica) == Reason.SIGNATURE
    assert reason_of(third, replica) == Reason.PLACE
    assert reason_of(second, replica, previous=bytes(32)) == Reason.PLACE
    assert reason_of(second, replica, practice=bytes(16)) == Reason.PLACE
    assert reason_of(first, replica, 1, stream=1) == Reason.PLACE
    assert reason_of(replace(second, inner=third.inner), replica) == Reason.INNER
    assert reason_of(replace(second, body=third.body), replica) == Reason.BODY
    assert reason_of(replica.resign(second, length=256), replica) == Reason.BODY
    assert reason_of(second, replica, verify_key=suite.signing_pair()[0]) == Reason.KEY
    assert reason_of(second, replica, verify_key=None) == Reason.KEY
    assert reason_of(replica.resign(second, verify_key=replica.pair[0]), replica) == Reason.KEY
    assert reason_of(replica.resign(first, verify_key=None), replica, 1) == Reason.KEY
    assert reason_of(replica.resign(first, verify_key=suite.signing_pair()[0]), replica, 1) == Reason.KEY
    assert reason_of(replica.resign(first, verify_key=suite.signing_pair()[0]), replica, 1, verify_key=None) == Reason.KEY
    assert reason_of(replica.resign(first, previous=bytes([1] * 32)), replica, 1, previous=bytes([1] * 32)) == Reason.PLACE


@pytest.mark.parametrize("change", [
    {1: 2}, {2: 2}, {1: True}, {3: bytes(15)}, {3: "a" * 16}, {4: bytes(17)}, {5: 0}, {5: True}, {6: 0}, {6: -1}, {6: "2"},
    {7: bytes(31)}, {8: None}, {9: []}, {10: 0}, {10: True}, {11: 0}, {11: True}, {13: 0}, {12: b""}, {"1": 0}])
def test_an_outer_header_of_another_shape_is_refused_though_signed(change: dict[Any, Any]) -> None:
    replica = three()
    outer = cbor2.dumps(cbor2.loads(replica.entries[1].outer) | change, canonical=True)
    assert reason_of(replica.sign(outer, replica.entries[1]), replica) == Reason.FORMAT


@pytest.mark.parametrize("outer", [b"", b"\x80", b"\xa0", b"\xff" * 10, b"\x01"])
def test_what_is_no_header_is_refused(outer: bytes) -> None:
    replica = three()
    assert reason_of(replica.sign(outer, replica.entries[1]), replica) == Reason.FORMAT
    trailing = replica.sign(replica.entries[1].outer + b"\0", replica.entries[1])
    assert reason_of(trailing, replica) == Reason.FORMAT


HASHES = st.binary(min_size=32, max_size=32)
IDS = st.none() | st.binary(min_size=16, max_size=16)
INNERS = st.builds(
    inner, kind=st.text(min_size=1), hlc=st.integers(0, 2**64 - 1), clock_good=st.booleans(), member=IDS, ref=IDS,
    object=IDS, base=st.dictionaries(st.text(), st.frozensets(HASHES, max_size=3).map(sorted)),
    purpose=st.text(), action=st.text(), usig=st.none() | st.builds(wire.Touch, *[st.binary()] * 5),
    more=st.dictionaries(st.integers(20, 2**40), st.text() | st.integers(0, 9)))


@given(INNERS)
def test_what_an_inner_header_says_comes_back_with_keys_of_a_newer_version(header: wire.Inner) -> None:
    key = suite.new_key()
    sealed = wire.seal_inner(header, key, PRACTICE)
    assert wire.open_inner(sealed, key, PRACTICE) == header
    assert wire.open_inner(sealed, key, PRACTICE, trusted=True) == header
    assert header.encode() == wire.open_inner(sealed, key, PRACTICE).encode()


@pytest.mark.parametrize("change", [
    {"kind": ""}, {"kind": 1}, {"kind_version": 0}, {"hlc": -1}, {"hlc": True}, {"clock_good": 1}, {"member": b"short"},
    {"member": "a" * 16}, {"scope": 0}, {"act": (b"", 1, 1)}, {"act": (bytes(16), 0, 1)}, {"act": (bytes(16), 2, 1)},
    {"act": (None, 1, 1)}, {"base": {"name": [b"short"]}}, {"base": {1: []}}, {"body_key": b""}, {"more": {19: 0}},
    {"more": {"a": 0}}, {"zone": None}, {"usig": wire.Touch(b"", b"", b"", b"", "text")}])  # type: ignore[arg-type]
def test_an_inner_header_that_could_never_be_mended_is_not_written(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="inner header"):
        inner(**change).encode()


@pytest.mark.parametrize("change", [
    {1: 0}, {7: 1}, {12: [1]}, {12: [1, None, 0]}, {14: [bytes(16), 1]}, {14: [bytes(16), 1, 1, 1]},
    {15: {"a": [b"\2" * 32, b"\1" * 32]}}, {15: {"a": [b"\1" * 32, b"\1" * 32]}}, {15: []}, {16: None},
    {17: None}, {17: {1: b""}}, {17: {n: b"" for n in range(1, 7)}}, {18: ""}, {19: ""}, {18: 1}, {0: 0}, {"a": 0}])
def test_a_malformed_inner_header_is_refused_though_sealed_with_the_right_key(change: dict[Any, Any]) -> None:
    key = suite.new_key()
    values = cbor.loads(inner().encode()) | change
    sealed = suite.seal(suite.pad(cbor2.dumps(values, canonical=True)), key, practice=PRACTICE, part="inner")
    with pytest.raises(wire.Broken) as caught:
        wire.open_inner(sealed, key, PRACTICE)
    assert caught.value.reason == Reason.INNER


def test_each_part_opens_as_itself_with_its_own_key_only() -> None:
    replica = three()
    entry = replica.entries[0]
    assert entry.body is not None
    assert wire.open_inner(entry.inner, replica.metadata, PRACTICE).kind == "patients.patient"
    assert wire.open_body(entry.body, replica.key, PRACTICE) == {"name": "MOREAU 0"}
    for call in (lambda: wire.open_inner(entry.inner, replica.key, PRACTICE),
                 lambda: wire.open_inner(entry.inner, replica.metadata, bytes(16)),
                 lambda: wire.open_body(entry.body or b"", replica.metadata, PRACTICE),
                 lambda: wire.open_body(entry.inner, replica.metadata, PRACTICE)):
        with pytest.raises(CryptoError):
            call()


@pytest.mark.parametrize("content", [b"\x80", b"\xa1\x01\x02", b"\x61a", b"\xa1\x61a\xf9\x3c\x00", b"\xff"])
def test_a_body_maps_field_names_to_values_without_floats(content: bytes) -> None:
    key = suite.new_key()
    with pytest.raises(wire.Broken) as caught:
        wire.open_body(suite.seal(suite.pad(content), key, practice=PRACTICE, part="body"), key, PRACTICE)
    assert caught.value.reason == Reason.BODY


@pytest.mark.parametrize("values", [{"weight": 70.5}, {1: "a"}, {"a": {"b": [0.5]}}])
def test_a_body_with_a_float_or_without_names_is_not_written(values: Any) -> None:
    with pytest.raises(TypeError):
        wire.seal_body(values, suite.new_key(), PRACTICE)


def test_a_blob_is_cited_by_key_and_hash() -> None:
    key, hash, sealed = wire.seal_blob(b"scan" * 1000, PRACTICE)
    assert wire.open_blob(sealed, key, hash, PRACTICE) == b"scan" * 1000
    assert wire.blob_name(hash) == f"blobs/{hash.hex()[:2]}/{hash.hex()}"
    with pytest.raises(wire.Broken):
        wire.open_blob(sealed + b"\0", key, hash, PRACTICE)
    with pytest.raises(CryptoError):
        wire.open_blob(sealed, suite.new_key(), hash, PRACTICE)


def test_a_touch_binds_practice_scope_object_and_body() -> None:
    base = (PRACTICE, 1, bytes(16), bytes(16), bytes(32))
    others = [(bytes(16), *base[1:]), (PRACTICE, 2, *base[2:]), (PRACTICE, 1, None, *base[3:]),
              (PRACTICE, 1, bytes(16), None, bytes(32)), (*base[:4], bytes([1] * 32))]
    assert len({wire.touch_challenge(*given) for given in (base, *others)}) == 6


def test_a_touch_for_another_body_is_refused() -> None:
    replica = three()
    outer = wire.Outer.decode(replica.entries[0].outer)
    wire.check_opened(outer, inner(usig=wire.Touch(b"", b"", b"", b"", outer.body_hash)))
    with pytest.raises(wire.Broken):
        wire.check_opened(outer, inner(usig=wire.Touch(b"", b"", b"", b"", bytes(32))))


def test_ids_of_the_wrong_size_are_never_signed() -> None:
    replica = three()
    for bad in ({"practice": bytes(15)}, {"replica": bytes(32)}, {"previous": b""}, {"signing_key": bytes(32)}, {"seq": 0}):
        values: dict[str, Any] = {"practice": PRACTICE, "replica": replica.id, "stream": 2, "seq": 1, "previous": wire.FIRST,
                                  "inner": b"", "body": b"", "epoch": 1, "signing_key": replica.pair[1]}
        with pytest.raises(ValueError, match="wrong size"):
            wire.write(**(values | bad))


def test_the_relay_cannot_tell_a_touched_entry_of_the_same_length_class() -> None:
    key = suite.new_key()
    sizes = {len(wire.seal_inner(inner(kind="a.b" + "c" * extra), key, PRACTICE)) for extra in range(12)}
    assert len(sizes) <= 2
