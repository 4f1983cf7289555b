"""A made practice for each test of this folder, closed; and a small reserve, which is not what is tried."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from permanence.journal import backup
from permanence.lib import host
from tests import folders
from tests.faults import cabinet
from tests.testapp import actions


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", cabinet.environment()["PYTHONPATH"])  # for the process that checks a copy
    monkeypatch.setattr(host.Reserve.__init__, "__defaults__", (8192,))


@pytest.fixture
def path(tmp_path: Path, own_files: None, small: None) -> Path:
    """An empty practice, closed; cabinet.SECRET opens it."""
    return folders.closed(tmp_path / "cabinet")


@pytest.fixture
def lived(path: Path, tmp_path: Path) -> SimpleNamespace:
    """A practice with some entries, a verified copy of it, and some more entries; closed. `lacks` is what the copy lacks."""
    copies = tmp_path / "copies"
    copies.mkdir()
    with cabinet.opened(path) as here:
        for i in range(12):
            person = actions.register(by=cabinet.BY, family=f"n{i}")
            actions.write_note(person, "x" * 3000, by=cabinet.BY)
            cabinet.read_one(person)
    with cabinet.opened(path) as here:  # closed once, so that the saved heads are those of the chains
        copy = backup.make(here, here.keys, copies)
        for i in range(5):
            actions.register(by=cabinet.BY, family=f"m{i}")
            cabinet.read_one()
        practice = here.record().practice
    return SimpleNamespace(path=path, copies=copies, copy=copy, place=backup.home(copies, practice))
