"""Who has lost every key gets a code at the practice's own console, with the sheet, and nowhere else."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from permanence.accounts import queries, sessions, unlocking
from permanence.cli import operations
from permanence.journal import folder, keyring
from permanence.journal.doors import Actor, Refused
from permanence.lib import host
from tests.cast import recruit

SHEET, MACHINE = bytes(range(20)), bytes(range(32))
SOURCE = Path(__file__).parents[2] / "src" / "permanence"


@pytest.fixture
def here(tmp_path: Path, own_files: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[folder.Folder]:
    monkeypatch.setattr(host.Reserve.__init__, "__defaults__", (8192,))
    sessions.forget()
    with folder.create(tmp_path / "cabinet", hosts=["bureau.cabinet.example"], rp_id="cabinet.example") as made:
        recruit()
        unlocking.replace_sheet(made, SHEET, by=Actor.machine("console"))
        unlocking.let_open(made, keyring.machine_slot(MACHINE)[0], "machine", by=Actor.machine("console"))
        yield made
    sessions.forget()


def recovered(here: folder.Folder, private: bytes, name: str) -> str:
    return str(list(operations.recover_member(here, {"private": b64encode(private).decode(), "member": name}))[-1]["code"])


@pytest.mark.parametrize("name", ["Karim Benali", "benali karim", "Dr Karim BENALI"])
def test_the_sheet_gives_a_code_for_a_new_key(here: folder.Folder, name: str) -> None:
    code = recovered(here, keyring.sheet_slot(SHEET, here.record().practice)[1], name)
    found = queries.invitation_by_code(code)
    assert found is not None
    assert found.purpose == "recovery"


@pytest.mark.parametrize("key", ["machine", "another sheet"])
def test_nothing_but_the_sheet_in_service_does(here: folder.Folder, key: str) -> None:
    private = keyring.machine_slot(MACHINE)[1] if key == "machine" else keyring.sheet_slot(bytes(20), here.record().practice)[1]
    with pytest.raises(Refused) as refused:
        recovered(here, private, "Karim Benali")
    assert refused.value.code == "sheet"


def test_an_unknown_name_is_refused(here: folder.Folder) -> None:
    with pytest.raises(Refused) as refused:
        recovered(here, keyring.sheet_slot(SHEET, here.record().practice)[1], "Karim")
    assert refused.value.code == "unknown"


def test_no_page_recovers_anybody() -> None:
    callers = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")
               if re.search(r"recover_member_by_sheet\(", path.read_text(encoding="utf-8"))}
    assert callers == {"accounts/actions/members.py", "cli/operations.py"}
