"""Strings planted by every way in stand nowhere in clear: databases, WAL, seal, blobs, logs, temporary files, copies."""

import base64
import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from permanence.journal import backup
from tests.faults import cabinet, canaries

PLANTED = 1000
ROOMS = ("journal", "accounts", "patients", "agenda", "documents", "tasks", "consultations", "prescriptions", "billing", "interop")


def bytes_of(place: Path) -> list[tuple[str, bytes]]:
    """Every file by its name, and all names as one more file."""
    files = [path for path in sorted(place.rglob("*")) if path.is_file()]
    names = "\n".join(str(path.relative_to(place)) for path in place.rglob("*")).encode()
    return [("names", names), *((str(path.relative_to(place)), path.read_bytes()) for path in files)]


def planted(path: Path, copies: Path, out: Path) -> tuple[canaries.Planted, dict[str, Any], bytes]:
    """Let a process plant, copy, and be killed; what it planted, what it says, and what it printed."""
    temporary = path / "temporary"
    rooms = ",".join([*(f"permanence.{room}" for room in ROOMS), "tests.testapp"])
    cabinet.finished("tests.faults.make", path, PERMANENCE_ROOMS=rooms)
    temporary.mkdir()
    env = cabinet.environment(PERMANENCE_ROOMS=rooms, TMPDIR=str(temporary), SQLITE_TMPDIR=str(temporary))
    done = subprocess.run(cabinet.command("tests.faults.planting", path, copies, PLANTED, out), cwd=cabinet.ROOT, env=env,
                          capture_output=True, timeout=300, check=False)
    assert done.returncode == -9, done.stderr.decode()[-4000:]
    said = json.loads(out.read_text())
    found = canaries.Planted()
    found.mark, found.words, found.numbers = said["mark"], said["words"], said["numbers"]
    return found, said, done.stdout + done.stderr


@pytest.mark.slow
def test_no_canary_in_the_folder(tmp_path: Path) -> None:
    path, copies, restored = tmp_path / "cabinet", tmp_path / "copies", tmp_path / "restored"
    copies.mkdir()
    words, said, printed = planted(path, copies, tmp_path / "said.json")
    assert len(words) >= PLANTED
    assert min(said["ways"].values()) > 0
    assert said["stored"] > PLANTED // 2  # they are there, for who holds the key
    assert said["copy"] == ""
    assert said["unnamed"] == 0, "SQLite opened a temporary file"
    assert (path / "practice.db-wal").stat().st_size > 1 << 20  # left by the kill, pages of an open transaction in it
    assert list((path / "logs").iterdir())
    assert list(path.glob("blobs/??/*"))
    (place,) = (each for each in copies.iterdir())
    (copy,) = backup.copies_of(place).values()
    backup.restore_files(copy, restored)
    amiss = {(name, form) for folder in (path, copies, restored) for name, data in bytes_of(folder)
             for form in canaries.found(data, words)}
    assert amiss == set()
    assert canaries.found(printed, words) == []


@pytest.mark.parametrize("encode", [
    bytes, bytes.hex, lambda data: data.hex().upper(), base64.b64encode, base64.urlsafe_b64encode,
    lambda data: base64.b64encode(b"x" + data), lambda data: base64.b64encode(b"xy" + data + b"z")])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("case", [str, str.lower, str.upper])
def test_the_search_finds_every_form(case: Any, charset: str, encode: Any) -> None:
    words, noise = canaries.Planted(random.Random(1)), random.Random(2).randbytes(5000)
    assert canaries.found(noise, words) == []
    for planted_one in (words.word(), words.phone()):
        hidden = encode(case(planted_one).encode(charset))
        hidden = hidden.encode() if isinstance(hidden, str) else hidden
        assert canaries.found(noise + hidden + noise, words)
