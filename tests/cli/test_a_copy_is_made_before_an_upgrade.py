"""Before tables change, a copy of the version before is made; without another disk it lies beside the folder."""
import argparse
from pathlib import Path

import pytest

from permanence.cli import asking, prepare
from permanence.journal import backup, folder, keyring


@pytest.mark.parametrize("disk", [True, False])
def test_a_copy_is_made_before_an_upgrade(own_files: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                          disk: bool) -> None:
    copies = tmp_path / "copies"
    if disk:
        copies.mkdir()
    secret = bytes(range(20))
    with folder.create(tmp_path / "cabinet", hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        here.replace_sheet(secret)
    monkeypatch.setattr(folder, "missing_migrations", lambda: True)
    monkeypatch.setattr(folder, "before_upgrade", [])
    prepare.copy_before_upgrade(copies)
    with folder.open_folder(tmp_path / "cabinet") as here:
        practice = here.record().practice
        here.unlock_with(keyring.sheet_slot(secret, practice)[1])
    place = copies if disk else tmp_path / "cabinet-avant-mise-a-jour"
    assert len(backup.copies_of(backup.home(place, practice))) == 1


def test_a_command_without_a_server_makes_it_too(own_files: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = bytes(range(20))
    with folder.create(tmp_path / "cabinet", hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as here:
        here.replace_sheet(secret)
        practice = here.record().practice
    asked: list[bool] = []
    monkeypatch.setattr(folder, "missing_migrations", lambda: not asked.append(True))
    monkeypatch.setattr(folder, "before_upgrade", [])
    monkeypatch.setattr(prepare, "django_for", lambda place: None)
    monkeypatch.setattr(asking, "ask", lambda question: keyring.show_sheet(secret))
    list(asking.run(argparse.Namespace(folder=tmp_path / "cabinet"), "status"))
    assert asked
    assert len(backup.copies_of(backup.home(tmp_path / "cabinet-avant-mise-a-jour", practice))) == 1
