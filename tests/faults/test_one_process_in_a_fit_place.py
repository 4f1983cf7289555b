"""One process holds a folder, by whatever path; network shares and synchronised folders are refused at once."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from permanence.journal import folder
from permanence.lib import host
from tests.faults import cabinet


@contextmanager
def another_process(path: Path) -> Iterator[int]:
    """Hold the folder elsewhere; its process id."""
    with subprocess.Popen(cabinet.command("tests.faults.busy", path), env=cabinet.environment(), cwd=cabinet.ROOT,
                          stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            yield process.pid
        finally:
            process.kill()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("template") / "cabinet"
    cabinet.finished("tests.faults.make", place)
    return place


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "cabinet"))


def test_a_second_process_is_refused_by_any_path_and_told_who_holds_it(made: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(made)
    with another_process(made) as holder:
        for path in (made, tmp_path / "link", Path(os.path.relpath(made))):
            with pytest.raises(host.Unsuitable, match=f"processus {holder}") as found:
                folder.open_folder(path)
            assert found.value.code == "locked"
        with pytest.raises(folder.NotAPractice):
            folder.create(made, hosts=["x.example"], rp_id="x.example")


def test_a_holder_killed_leaves_the_folder_free(made: Path) -> None:
    with another_process(made):
        pass
    folder.open_folder(made).close()


@pytest.mark.parametrize("mark", ["Dropbox", "OneDrive - Cabinet", "Nextcloud", "kDrive", "Google Drive", "CloudStorage"])
def test_a_synchronised_folder_is_refused_by_its_name(made: Path, tmp_path: Path, mark: str) -> None:
    refused(made, tmp_path / mark / "cabinet", "synchronised")


@pytest.mark.parametrize("mark", [".stfolder/", ".dropbox", "._sync_1a2b.db", ".SynologyWorkingDirectory/"])
def test_a_synchronised_folder_is_refused_by_what_its_program_leaves(made: Path, tmp_path: Path, mark: str) -> None:
    place = tmp_path / "synced" / "deep"
    place.mkdir(parents=True)
    (place.parent / mark).mkdir() if mark.endswith("/") else (place.parent / mark).touch()
    refused(made, place / "cabinet", "synchronised")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p"])
def test_a_network_share_is_refused(made: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    share = tmp_path / "share"
    mounts = f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:40 / {share} rw,relatime shared:1 - {kind} server:/x rw\n"
    monkeypatch.setattr(host, "filesystem_kind", lambda path: host.kind_in(mounts, Path(path).resolve()))
    refused(made, share / "cabinet", "network")
    folder.open_folder(made).close()  # beside the share, all is well


def refused(made: Path, place: Path, code: str) -> None:
    """Neither made nor opened there, in plain words, and nothing is left behind."""
    with pytest.raises(host.Unsuitable) as found:
        folder.create(place, hosts=["x.example"], rp_id="x.example")
    assert found.value.code == code
    assert "Choisissez un dossier" in found.value.sentence
    assert not place.exists()
    place.parent.mkdir(parents=True, exist_ok=True)
    made.rename(place)
    before = cabinet.hashes(place)
    with pytest.raises(host.Unsuitable) as found:
        folder.open_folder(place)
    assert found.value.code == code
    assert cabinet.hashes(place) == before
    place.rename(made)
