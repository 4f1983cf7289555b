"""`seal/`: what lies in clear, who opens it, and what a stranger who can write there gains: nothing."""

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest

from permanence.journal import keyring, merkle, seal
from permanence.lib import cbor, suite

PRACTICE = bytes(range(16))
VERIFY_KEY, SIGNING = suite.signing_pair()
REPLICA = suite.replica_id(VERIFY_KEY)
ROOT, DATABASE = suite.new_key(), suite.new_key()
PRF, SHEET = suite.new_key(), keyring.new_sheet()


def made() -> seal.Seal:
    record = seal.Seal.create(practice=PRACTICE, replica=REPLICA, hosts=["bureau.k7f2.example"], rp_id="k7f2.example",
                              root=ROOT)
    record.add_slot(keyring.sheet_slot(SHEET, PRACTICE)[0], "sheet", ROOT, DATABASE)
    record.add_slot(keyring.passkey_slot(PRF, PRACTICE, REPLICA)[0], "passkey", ROOT, DATABASE)
    return record


def test_each_recipient_opens_root_and_database_key() -> None:
    record = seal.Seal.decode(made().encode())
    for private, slot in ((keyring.sheet_slot(SHEET, PRACTICE)[1], record.slots[0]),
                          (keyring.passkey_slot(PRF, PRACTICE, REPLICA)[1], record.slots[1])):
        assert record.open(private) == (ROOT, DATABASE, slot.id)


def test_no_other_key_opens() -> None:
    for private in (suite.new_key(), keyring.passkey_slot(PRF, PRACTICE, bytes(16))[1],
                    keyring.sheet_slot(keyring.new_sheet(), PRACTICE)[1]):
        with pytest.raises(seal.Unopened):
            made().open(private)


def test_what_a_browser_opened_is_checked() -> None:
    record = made()
    assert record.accept(ROOT + DATABASE) == (ROOT, DATABASE)
    for bad in (suite.new_key() + DATABASE, ROOT, b"", ROOT + DATABASE + b"\0"):
        with pytest.raises(seal.Unopened):
            record.accept(bad)


def test_a_new_epoch_needs_nobodys_paper_and_shuts_the_old_root_out() -> None:
    record, new = made(), suite.new_key()
    before = {slot.box for slot in record.slots}
    assert record.new_epoch(new, root=ROOT, database_key=DATABASE) == 2
    record = seal.Seal.decode(record.encode())
    assert record.open(keyring.sheet_slot(SHEET, PRACTICE)[1])[:2] == (new, DATABASE)
    assert record.open(keyring.passkey_slot(PRF, PRACTICE, REPLICA)[1])[:2] == (new, DATABASE)
    assert before.isdisjoint(slot.box for slot in record.slots)
    with pytest.raises(seal.Unopened):
        record.check(ROOT)


def test_a_removed_recipient_opens_nothing_and_the_last_one_stays() -> None:
    record = made()
    record.remove_slot(record.slots[1].id, ROOT)
    with pytest.raises(seal.Unopened):
        record.open(keyring.passkey_slot(PRF, PRACTICE, REPLICA)[1])
    with pytest.raises(KeyError):
        record.remove_slot(bytes(16), ROOT)
    with pytest.raises(ValueError, match="last slot"):
        record.remove_slot(record.slots[0].id, ROOT)


def add_stranger(record: seal.Seal) -> None:
    public, _ = suite.x25519_pair()
    record.slots.append(seal.Slot(bytes(16), "passkey", public, bytes(112)))


@pytest.mark.parametrize("change", [
    add_stranger, lambda r: setattr(r, "hosts", ("elsewhere.example",)), lambda r: setattr(r, "rp_id", "x.example"),
    lambda r: setattr(r, "prf_salt", bytes(32)), lambda r: r.slots.reverse(), lambda r: setattr(r, "mac", bytes(32))])
def test_a_stranger_who_writes_in_the_folder_is_never_sealed_to(change: Any) -> None:
    """Without this, a recipient added to a stolen disk would receive the next epoch's root."""
    record = made()
    change(record)
    record = seal.Seal.decode(record.encode())
    with pytest.raises(seal.Tampered):
        record.new_epoch(suite.new_key(), root=ROOT, database_key=DATABASE)
    with pytest.raises(seal.Tampered):
        record.open(keyring.sheet_slot(SHEET, PRACTICE)[1])


def test_boxes_are_bound_to_practice_replica_and_epoch() -> None:
    for name, value in (("practice", bytes(16)), ("replica", bytes(16)), ("epoch", 2)):
        record = made()
        setattr(record, name, value)
        with pytest.raises((seal.Unopened, seal.CryptoError)):
            record.open(keyring.sheet_slot(SHEET, PRACTICE)[1])


def test_changes_take_the_root_and_a_known_kind() -> None:
    record, public = made(), suite.x25519_pair()[0]
    with pytest.raises(seal.Unopened):
        record.add_slot(public, "machine", suite.new_key(), DATABASE)
    with pytest.raises(seal.Unopened):
        record.rename(["a"], "b", suite.new_key())
    with pytest.raises(ValueError, match="a sheet, a passkey"):
        record.add_slot(public, "password", ROOT, DATABASE)
    with pytest.raises(ValueError, match="already"):
        record.add_slot(record.slots[0].public, "sheet", ROOT, DATABASE)
    record.rename(["portable.k7f2.example"], "k7f2.example", ROOT)
    record.check(ROOT)


def test_the_unlock_page_gets_the_passkey_boxes_only() -> None:
    record = made()
    page = json.loads(json.dumps(record.to_public_json()))
    assert set(page) == {"practice", "replica", "epoch", "rpId", "prfSalt", "info", "slots"}
    assert [slot["id"] for slot in page["slots"]] == [seal._text(record.slots[1].id)]
    box = urlsafe_b64decode(page["slots"][0]["box"] + "==")
    info = urlsafe_b64decode(page["info"] + "==")
    private = keyring.passkey_slot(PRF, PRACTICE, REPLICA)[1]
    assert suite.hpke_open(private, box, info) == ROOT + DATABASE


def fill(folder: Path) -> None:
    made().save(folder)
    head = merkle.Head.signed(practice=PRACTICE, replica=REPLICA, stream=2, size=1, root=bytes(32), last=bytes(32),
                              wall_ms=1, signing=SIGNING)
    seal.save_heads(folder, [head])
    seal.add_erased(folder, [bytes(32)])
    seal.save_tls(folder, b"key", b"certificate")
    seal.Transport.new().save(folder)


def test_a_created_folder_holds_exactly_what_the_format_lists(tmp_path: Path) -> None:
    folder = tmp_path / "seal"
    fill(folder)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {"seal.cbor", "heads.cbor", "erased.cbor", "transport.key", "tls/key.pem", "tls/cert.pem"}
    assert seal.strays(folder) == []
    record = cbor.loads((folder / "seal.cbor").read_bytes())
    assert set(record) == set(range(1, 12))
    assert all(set(slot) == {1, 2, 3, 4} for slot in record[9])
    assert set(cbor.loads((folder / "transport.key").read_bytes())) == {1, 2}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.rglob("*") if path.is_file())
    (folder / "notes.txt").write_text("x")
    assert seal.strays(folder) == ["notes.txt"]


def test_no_secret_of_the_practice_lies_in_clear(tmp_path: Path) -> None:
    fill(tmp_path)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in (ROOT, DATABASE, PRF, SHEET, SIGNING[:32]):
        assert secret not in everything
        assert secret.hex().encode() not in everything


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    assert (seal.load_heads(tmp_path), seal.load_erased(tmp_path)) == ([], [])
    fill(tmp_path)
    seal.add_erased(tmp_path, [bytes([1] * 32), bytes(32)])
    assert seal.load_erased(tmp_path) == [bytes(32), bytes([1] * 32)]
    assert seal.load_heads(tmp_path)[0].check(VERIFY_KEY)
    record = seal.Seal.load(tmp_path)
    assert record.encode() == (tmp_path / "seal.cbor").read_bytes()
    again = seal.Transport.load(tmp_path)
    assert suite.check_signature(suite.sign(b"order", again.signing), b"order", again.verify_key)
    assert suite.hpke_open(again.private, suite.hpke_seal(again.public, b"a", b""), b"") == b"a"


def test_the_transport_key_signs_no_entry_and_does_not_show_itself() -> None:
    transport = seal.Transport.new()
    assert suite.replica_id(transport.verify_key) != REPLICA
    assert transport.signing.hex() not in repr(transport)
    assert repr(transport.private) not in repr(transport)


def test_the_writer_of_files_is_given(tmp_path: Path) -> None:
    written: list[str] = []
    made().save(tmp_path, write=lambda path, data: written.append(path.name))
    assert written == ["seal.cbor"]


@pytest.mark.parametrize("data", [b"", b"\xa0", b"\x80", cbor.dumps({1: 2, 2: 1}), cbor.dumps({1: 1, 2: 1})])
def test_what_is_no_seal_record_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"seal record|CBOR"):
        seal.Seal.decode(data)
