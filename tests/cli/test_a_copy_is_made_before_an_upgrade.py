"""Before tables change, a copy of the version before is made; without another disk it lies beside the folder."""
from pathlib import Path

import pytest

from permanence.cli.worker import Chores
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
    monkeypatch.setattr(folder, "before_upgrade", [Chores(copies).copy_before_upgrade])
    with folder.open_folder(tmp_path / "cabinet") as here:
        practice = here.record().practice
        here.unlock_with(keyring.sheet_slot(secret, practice)[1])
    place = copies if disk else tmp_path / "cabinet-avant-mise-a-jour"
    assert len(backup.copies_of(backup.home(place, practice))) == 1
