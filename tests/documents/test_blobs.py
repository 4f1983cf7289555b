"""Sealed files: whole or absent, unreadable without the key of the body that cites them, and any change is seen."""

import pytest

from permanence.documents import blobs
from permanence.journal.doors import Refused


def test_what_is_stored_is_found_again_and_nothing_of_it_is_readable(documents_folder):
    data = b"canari " * 1000
    ref = blobs.store(data)
    assert blobs.load(ref.hash, ref.key) == data
    (path,) = [path for path in documents_folder.rglob("*") if path.is_file()]
    assert path == documents_folder / "blobs" / ref.hash.hex()[:2] / ref.hash.hex()
    assert b"canari" not in path.read_bytes()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert repr(ref.key) not in repr(ref)
    assert "key=" not in repr(ref)


def test_the_same_bytes_twice_give_two_files_and_two_keys(documents_folder):
    a, b = blobs.store(b"x"), blobs.store(b"x")
    assert a.hash != b.hash
    assert a.key != b.key
    assert a.sha256 == b.sha256


@pytest.mark.parametrize(
    "change", [lambda b: b[:-1], lambda b: b + b"\0", lambda b: bytes([b[0] ^ 1]) + b[1:], lambda b: b""]
)
def test_any_change_on_disk_is_seen(documents_folder, change):
    ref = blobs.store(b"lettre")
    path = blobs.path_of(ref.hash)
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(blobs.Broken):
        blobs.load(ref.hash, ref.key)


def test_above_twenty_megabytes_is_refused_in_plain_words(documents_folder):
    with pytest.raises(Refused, match="20\u00a0Mo"):
        blobs.store(bytes(20 * 1024 * 1024 + 1))
    assert not list(documents_folder.rglob("*"))
