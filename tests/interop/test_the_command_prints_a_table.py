"""`import-vsm` on the terminal: one row a file, what to look at, and an exit code."""

import hashlib
import io
from pathlib import Path

import pytest

from permanence.documents.models import SetAside
from permanence.interop.command import run_import_vsm
from permanence.interop.models import Import
from permanence.lib.sqlcipher import run
from tests.interop.building import summary

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "cda"


def printed(*paths: Path) -> tuple[int, str]:
    out = io.StringIO()
    return run_import_vsm(paths, out), out.getvalue().replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "lacoste.xml"
    path.write_bytes(summary(dose="2"))
    return path


def test_a_file_gives_a_row_its_warnings_and_what_was_not_read(cast: object, folder: Path, good: Path) -> None:
    code, text = printed(good)
    assert code == 0
    row = next(line for line in text.splitlines() if line.startswith("lacoste.xml  "))
    assert row.split() == ["lacoste.xml", "importé", "nouveau", "13", "0", "0", "1", "1", "1"]
    assert "! BISOPROLOL" in text
    assert "? Mode de vie" in text


def test_the_second_time_says_that_nothing_was_added(cast: object, folder: Path, good: Path) -> None:
    printed(good)
    code, text = printed(good)
    assert code == 0
    assert "Ce document a déjà été importé : rien n’a été ajouté." in text
    assert Import.objects.count() == 1


def test_exit_codes_tell_all_some_or_none(cast: object, folder: Path, good: Path, tmp_path: Path) -> None:
    bad = tmp_path / "facture.xml"
    bad.write_bytes(b"<facture/>")
    assert printed(good, bad)[0] == 1
    assert printed(bad)[0] == 2
    assert printed(tmp_path / "absent.xml")[0] == 2
    assert printed(good, tmp_path / "absent.xml")[0] == 1
    assert printed()[0] == 2
    assert "illisible" in printed(tmp_path / "absent.xml")[1]
    assert "facture" in printed(bad)[1]


def test_a_document_cannot_drive_the_terminal(cast: object, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile\x1b[2J.xml"
    path.write_bytes(summary(dose="2").replace(b"sevr", "\u009b31m\u202esevr".encode()))
    _, text = printed(path)
    assert not {"\x1b", "\u009b", "\u202e"} & set(text)


def test_what_the_terminal_shows_is_journalled(cast: object, folder: Path, good: Path) -> None:
    printed(good)
    patient = Import.objects.get().patient_id
    found = run("access", "SELECT count(*) FROM journal_accessindex WHERE patient = ?", patient.bytes).fetchone()
    assert found[0] >= 1


def test_a_file_that_is_too_large_is_hashed_without_being_held(cast: object, folder: Path, tmp_path: Path) -> None:
    big = tmp_path / "gros.xml"
    with big.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    code, text = printed(big)
    assert code == 2
    assert "200 Mo" in text
    aside = SetAside.objects.get()
    assert (aside.size, aside.blob_hash) == (200 * 1024 * 1024, None)
    with big.open("rb") as file:
        assert aside.sha256 == hashlib.file_digest(file, "sha256").hexdigest()


@pytest.mark.skipif(not DATA.exists(), reason="reference data is absent (../shared/data/cda)")
def test_the_public_examples_are_imported_or_set_aside(cast: object, folder: Path) -> None:
    code, text = printed(*sorted(DATA.glob("*.xml")))
    assert code == 1
    row = next(line for line in text.splitlines() if line.startswith("VSM_1.4_2022.01.xml  "))
    assert row.split()[1:5] == ["importé", "nouveau", "15", "0"]
    again = printed(DATA / "VSM_1.4_2022.01.xml")[1]
    assert "déjà importé" in again
