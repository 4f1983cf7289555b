"""The committed vectors: made again they are the same, and replayed from the files alone they hold, for ever."""

import json
from pathlib import Path
from typing import Any

import pytest

from permanence.journal import bundle, keyring, merkle, seal, wire
from permanence.lib import cbor, suite
from tests.format.test_suite_1 import tool

FOLDER = Path(__file__).parents[2] / "docs" / "format" / "vectors"


def vectors(name: str) -> Any:
    """A file, its hexadecimal strings as bytes; {"text": ...} stays text."""

    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return value["text"] if set(value) == {"text"} else {key: read(one) for key, one in value.items()}
        if isinstance(value, list):
            return [read(one) for one in value]
        try:
            return bytes.fromhex(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return read(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def test_making_the_vectors_again_changes_nothing() -> None:
    made = tool("make_vectors").all_vectors()
    assert {path.name for path in FOLDER.glob("*.json")} == set(made)
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, name


def test_entry_v1_vectors() -> None:
    found, previous = vectors("entry"), wire.FIRST
    practice = found["practice"]
    for seq, item in enumerate(found["entries"], start=1):
        entry = wire.Sealed(item["outer"], item["signature"], item["inner"], item["body"])
        outer = wire.check(entry, seq=seq, previous=previous, verify_key=found["verify_key"], practice=practice, stream=2)
        inner = wire.open_inner(entry.inner, found["metadata_key"], practice)
        assert inner.encode() == item["inner_plain"]
        assert cbor.dumps(cbor.loads(item["inner_plain"])) == item["inner_plain"]
        assert inner.body_key == suite.commitment(found["patient_key"])
        wire.check_opened(outer, inner)
        if entry.body is not None:
            assert cbor.dumps(wire.open_body(entry.body, found["patient_key"], practice)) == item["body_plain"]
        assert item["touch_challenge"] == wire.touch_challenge(
            practice, inner.scope, inner.ref, inner.object, outer.body_hash)
        assert entry.hash == item["hash"]
        previous = entry.hash
    assert found["replica"] == suite.replica_id(found["verify_key"])


def test_suite_vectors() -> None:
    found = vectors("suite")
    for size, padded in found["padding"]:
        assert suite.padded_length(size) == padded
    for _, data in found["cbor"]:
        assert cbor.dumps(cbor.loads(data)) == data
    sealed, hpke = found["seal"], found["hpke"]
    assert suite.unseal(sealed["sealed"], sealed["key"], practice=sealed["practice"], part="body") == sealed["plain"]
    assert suite.hpke_open(hpke["private"], hpke["sealed"], hpke["info"]) == hpke["plain"]
    assert suite.commitment(found["commitment"]["key"]) == found["commitment"]["commitment"]


def test_keyring_vectors() -> None:
    found = vectors("keyring")
    practice, replica, wrapped = found["practice"], found["replica"], found["wrapped"]
    assert keyring.unwrap(wrapped["wrapped"], found["root"], practice, wrapped["label"]) == wrapped["key"]
    assert keyring.root_check(found["root"], practice, 1) == found["root_check_epoch_1"]
    assert {name: keyring.file_key(found["database_key"], name) for name in found["files"]} == found["files"]
    assert keyring.read_sheet(found["sheet"]["shown"]) == found["sheet"]["secret"]
    for pair, kind in ((keyring.passkey_slot(found["passkey"]["prf_output"], practice, replica), "passkey"),
                       (keyring.sheet_slot(found["sheet"]["secret"], practice), "sheet"),
                       (keyring.machine_slot(found["machine"]["private"]), "machine")):
        assert pair == (found[kind]["public"], found[kind]["private"])


def test_blob_vectors() -> None:
    found = vectors("blob")
    assert wire.open_blob(found["sealed"], found["key"], found["hash"], found["practice"]) == found["plain"]
    assert wire.blob_name(found["hash"]) == found["path"]


@pytest.mark.parametrize("kind", ["sheet", "passkey", "machine"])
def test_seal_vectors(kind: str) -> None:
    found = vectors("seal")
    record = seal.Seal.decode(found["seal.cbor"])
    assert record.info == found["info"]
    root, database_key, slot = record.open(found["private"][kind])
    assert (root, database_key) == (found["root"], found["database_key"])
    assert [one.kind for one in record.slots if one.id == slot] == [kind]


def test_bundle_vectors() -> None:
    found = vectors("bundle")
    made, leaves = bundle.Bundle.decode(found["bundle"]), found["leaves"]
    assert made.findings() == []
    assert [merkle.root_of(leaves[:size]) for size in range(4)] == found["roots"]
    assert merkle.check_inclusion(leaves[1], 1, 3, found["inclusion_of_1_in_3"], found["roots"][3])
    assert merkle.check_consistency(2, found["roots"][2], 3, found["roots"][3], found["consistency_of_2_with_3"])
    assert merkle.Head.decode(found["head"]) == made.heads[0]
